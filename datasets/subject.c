/* SPDX-License-Identifier: MIT */
#include "subject_parts.h"

#include <stdlib.h>
#include <string.h>

enum { SUBJECTS_MOST = 1 << 17 };

/* The draw of an op's first operand: seeds end at 2^53, so it meets no other seed. */
static const uint64_t draw_of_a = UINT64_C(1) << 63;

static void subject_free(struct subject *subject, const struct env *env)
{
	env_free(env, subject->name);
	source_free(&subject->a, env);
	source_free(&subject->w, env);
}

void subjects_free(struct subjects *subjects)
{
	if (!subjects->env)
		return;
	for (size_t i = 0; i < subjects->count; i++)
		subject_free(&subjects->subjects[i], subjects->env);
	for (size_t i = 0; i < subjects->missing_count; i++) {
		env_free(subjects->env, subjects->missing[i].name);
		env_free(subjects->env, subjects->missing[i].reason);
	}
	subjects_close_networks(subjects);
	env_free(subjects->env, subjects->subjects);
	env_free(subjects->env, subjects->missing);
	*subjects = (struct subjects){ 0 };
}

int subject_add(struct opening *opening, struct subject *subject)
{
	struct subjects *subjects = opening->subjects;

	int failed = !subject->name;

	if (!failed && subjects->count == SUBJECTS_MOST)
		failed = fail(opening->error, STATUS_INPUT, "more than %d subjects; split the "
			      "config", SUBJECTS_MOST);
	if (failed ||
	    env_grow(subjects->env, &subjects->subjects, &subjects->capacity, subjects->count,
		     sizeof *subjects->subjects, "the list of subjects", opening->error)) {
		subject_free(subject, subjects->env);
		return -1;
	}
	subjects->subjects[subjects->count++] = *subject;
	return 0;
}

static int add_missing(struct opening *opening, const char *name, const char *reason)
{
	struct subjects *subjects = opening->subjects;
	struct missing *missing;

	if (env_grow(subjects->env, &subjects->missing, &subjects->missing_capacity,
		     subjects->missing_count, sizeof *missing, "the list of skips", opening->error))
		return -1;
	missing = &subjects->missing[subjects->missing_count++];
	missing->name = env_copy_text(subjects->env, name, opening->error);
	missing->reason = env_copy_text(subjects->env, reason, opening->error);
	return missing->name && missing->reason ? 0 : -1;
}

static int open_tensors(struct opening *opening, const struct subject_spec *spec)
{
	const struct env *env = opening->subjects->env;
	struct sources found;
	int status = 0;

	if (sources_find(&found, env, opening->data, spec->tensor, spec->rank, spec->shape,
			 opening->error))
		return -1;
	if (!found.count)
		status = add_missing(opening, spec->tensor, found.reason);
	for (size_t i = 0; i < found.count && !status; i++) {
		struct subject subject = {
			.kind = SUBJECT_TENSOR, .measure = spec->measure,
			.as_activations = spec->as_activations,
			.name = env_copy_text(env, found.sources[i].name, opening->error),
			.elements = found.sources[i].rows * found.sources[i].columns,
			.m = 1, .n = 1, .k = 1,
		};

		*(spec->as_activations ? &subject.a : &subject.w) = found.sources[i];
		found.sources[i] = (struct source){ 0 };
		status = subject_add(opening, &subject);
	}
	sources_free(&found);
	return status;
}

/* One operand: exactly one tensor of rows x columns.  1: it is missing, and said so. */
static int open_operand(struct opening *opening, const char *op, const char *operand,
			const char *pattern, int64_t rows, int64_t columns, struct source *out)
{
	const int64_t shape[] = { rows, columns };
	struct sources found;
	int status;

	if (sources_find(&found, opening->subjects->env, opening->data, pattern, 2, shape,
			 opening->error))
		return -1;
	if (!found.count) {
		status = add_missing(opening, op, found.reason) ? -1 : 1;
	} else if (found.count > 1) {
		status = fail(opening->error, STATUS_INPUT,
			      "%s: operand %s, '%s', names %zu tensors; an operand is one",
			      op, operand, pattern, found.count);
	} else if (found.sources->rows != rows || found.sources->columns != columns) {
		status = fail(opening->error, STATUS_INPUT,
			      "%s: operand %s must be %lldx%lld, but %s is %lldx%lld (rows are "
			      "its output channels)",
			      op, operand, (long long)rows, (long long)columns, found.sources->name,
			      (long long)found.sources->rows, (long long)found.sources->columns);
	} else {
		*out = *found.sources;
		*found.sources = (struct source){ 0 };
		status = 0;
	}
	sources_free(&found);
	return status;
}

/* ":s8:w6:normal", nothing of what was not said. */
static void add_result(struct text *text, const struct value *y, int w_bits,
		       const struct value *w_values)
{
	if (y)
		text_add(text, ":%s", y->name);
	if (w_bits)
		text_add(text, ":w%d", w_bits);
	if (w_values)
		text_add(text, ":%s", w_values->name);
}

/* gemm:64x1024x1024:s8:w6:normal:SOURCE:SOURCE, with synthetic sources without their shape. */
static char *op_name(const struct env *env, const struct subject_spec *spec, struct error *error)
{
	struct text text = { .env = env };
	char shape[CONV_TEXT_SIZE];

	shape_print(shape, sizeof shape, spec->operation->has_n, spec->m, spec->n, spec->k,
		    &spec->conv);
	text_add(&text, "%s:%s", spec->operation->value.name, shape);
	add_result(&text, spec->y, spec->w_bits, spec->w_values);
	text_add(&text, ":%s", spec->a);
	if (spec->operation->has_weights)
		text_add(&text, ":%s", spec->w);
	return text_take(&text, error);
}

static int open_op(struct opening *opening, const struct subject_spec *spec)
{
	const struct env *env = opening->subjects->env;
	const int64_t rows = shape_a_rows(spec->m, &spec->conv);
	const int64_t columns = shape_a_columns(spec->k, &spec->conv);
	struct subject subject = { .kind = SUBJECT_OP, .measure = spec->measure,
				   .operation = spec->operation, .m = spec->m, .n = spec->n,
				   .k = spec->k, .conv = spec->conv, .y = spec->y,
				   .w_bits = spec->w_bits, .w_values = spec->w_values,
				   .elements = rows * columns };
	int status;

	subject.name = op_name(env, spec, opening->error);
	if (!subject.name)
		return -1;
	status = open_operand(opening, subject.name, "a", spec->a, rows, columns,
			      &subject.a);
	subject.a.draw = draw_of_a;
	if (!status && spec->operation->has_weights) {
		status = open_operand(opening, subject.name, "w", spec->w, spec->n, spec->k,
				      &subject.w);
		subject.elements += spec->n * spec->k;
	}
	if (!status)
		return subject_add(opening, &subject);
	subject_free(&subject, env);
	return status < 0 ? -1 : 0;
}

struct ordered {                /* a subject and its place, to find doubles              */
	const struct subject *subject;
	size_t place;
};

static int by_name(const struct subject *x, const struct subject *y)
{
	const int names = strcmp(x->name, y->name);

	return names ? names : x->as_activations - y->as_activations;
}

static int by_name_and_place(const void *a, const void *b)
{
	const struct ordered *x = a, *y = b;
	const int names = by_name(x->subject, y->subject);

	return names ? names : (x->place > y->place) - (x->place < y->place);
}

/* Keeps the first of equal subjects, in the order they have. */
static int drop_doubles(struct opening *opening)
{
	struct subjects *subjects = opening->subjects;
	const struct env *env = subjects->env;
	struct ordered *sorted = env_new(env, subjects->count, sizeof *sorted,
					 "the subjects' order", opening->error);
	bool *twice = env_new(env, subjects->count, sizeof *twice, "doubled subjects",
			      opening->error);
	size_t kept = 0;

	if (sorted && twice) {
		for (size_t i = 0; i < subjects->count; i++)
			sorted[i] = (struct ordered){ &subjects->subjects[i], i };
		if (subjects->count)
			qsort(sorted, subjects->count, sizeof *sorted, by_name_and_place);
		for (size_t i = 1; i < subjects->count; i++)
			twice[sorted[i].place] = !by_name(sorted[i - 1].subject, sorted[i].subject);
		for (size_t i = 0; i < subjects->count; i++) {
			if (twice[i])
				subject_free(&subjects->subjects[i], env);
			else
				subjects->subjects[kept++] = subjects->subjects[i];
		}
		subjects->count = kept;
	}
	env_free(env, sorted);
	env_free(env, twice);
	return sorted && twice ? 0 : -1;
}

int subjects_open(struct subjects *subjects, const struct config *config, const char *data,
		  struct error *error)
{
	struct opening opening = { subjects, data, error };
	int status = 0;

	*subjects = (struct subjects){ .env = config->env };
	for (size_t i = 0; i < config->subject_count && !status; i++) {
		const struct subject_spec *spec = &config->subjects[i];

		if (spec->kind == SUBJECT_TENSOR)
			status = open_tensors(&opening, spec);
		else if (spec->kind == SUBJECT_OP)
			status = open_op(&opening, spec);
		else
			status = subject_open_network(&opening, spec);
		if (status)
			fail_prefix(error, "%s:%d: ", config->path, spec->line);
	}
	if (!status)
		status = drop_doubles(&opening);
	if (status)
		subjects_free(subjects);
	return status;
}

int subject_hash(char key[KEY_SIZE], const struct subject *subject, const struct env *env,
		 struct error *error)
{
	const struct source *source = subject->as_activations ? &subject->a : &subject->w;
	char a[KEY_SIZE], w[KEY_SIZE] = "", shape[CONV_TEXT_SIZE];
	struct text text = { .env = env };
	char *words;

	if (subject->kind == SUBJECT_TENSOR)
		return source_hash(key, source, env, error);
	if (subject->kind == SUBJECT_NETWORK)
		return subject_network_hash(key, subject, env, error);
	if (source_hash(a, &subject->a, env, error) ||
	    (subject->operation->has_weights && source_hash(w, &subject->w, env, error)))
		return -1;
	shape_print(shape, sizeof shape, true, subject->m, subject->n, subject->k, &subject->conv);
	text_add(&text, "%s %s %s %s", subject->operation->value.name, shape, a, w);
	add_result(&text, subject->y, subject->w_bits, subject->w_values);
	words = text_take(&text, error);
	if (!words)
		return -1;
	hash_text(key, words);
	env_free(env, words);
	return 0;
}
