/* SPDX-License-Identifier: MIT
 *
 * What a word of "kernel" names: `best`, an ISA (kernels of our library), a library or a peer (all
 * of its kernels), or a glob on the names of all kernels.  A peer's name is known though none is
 * open.
 */
#include "plan_parts.h"

#include "text.h"

#include <string.h>

enum { NAMES_MOST = 2048 };

static const struct isa *find_isa(const char *word)
{
	return (const struct isa *)value_find(isa_values, word);
}

/* gemm_u8s8s32__avx2_r4 is an avx2 kernel. */
static bool is_of_isa(const struct qs_kernel *kernel, const char *isa)
{
	const char *name = kernel_isa(kernel);
	const size_t length = strlen(isa);

	return !strncmp(name, isa, length) && (!name[length] || name[length] == '_');
}

/* A library's or a peer's name, of one that is open or of a peer that is not. */
static bool is_library(const struct libraries *libraries, const char *word)
{
	for (size_t i = 0; i < libraries->count; i++)
		if (!strcmp(libraries->libraries[i].name, word))
			return true;
	return peer_is_known(word);
}

/* Does the word name this kernel?  `best` is not asked here. */
static bool names_kernel(const struct libraries *libraries, const char *word,
			 const struct library *library, const struct qs_kernel *kernel)
{
	if (find_isa(word))
		return library == &libraries->libraries[0] && is_of_isa(kernel, word);
	if (is_library(libraries, word))
		return !strcmp(library_of_kernel(library, kernel), word) ||
		       !strcmp(library->name, word);
	return glob_match(word, kernel->name, false);
}

static bool names_any(const struct libraries *libraries, const char *word)
{
	for (size_t i = 0; i < libraries->count; i++) {
		const struct library *library = &libraries->libraries[i];

		for (size_t j = 0; j < library->table->count; j++)
			if (names_kernel(libraries, word, library, library->table->kernels[j]))
				return true;
	}
	return false;
}

static size_t known_words(const struct libraries *libraries, const char *names[NAMES_MOST])
{
	size_t count = 0;

	names[count++] = "best";
	for (const struct value *const *isa = isa_values; *isa && count < NAMES_MOST; isa++)
		names[count++] = (*isa)->name;
	for (size_t i = 0; i < libraries->count; i++) {
		const struct library *library = &libraries->libraries[i];

		for (size_t j = 0; j < library->table->count && count < NAMES_MOST; j++)
			names[count++] = library->table->kernels[j]->name;
		if (count < NAMES_MOST)
			names[count++] = library->name;
	}
	for (const char *const *peer = peer_names; *peer && count < NAMES_MOST; peer++)
		names[count++] = *peer;
	return count;
}

int kernel_word_check(const struct libraries *libraries, const char *word, struct error *error)
{
	const char *names[NAMES_MOST];
	size_t count;

	if (!strcmp(word, "best") || find_isa(word) || is_library(libraries, word) ||
	    names_any(libraries, word))
		return 0;
	count = known_words(libraries, names);
	return fail_unknown(error, nearest_name(word, names, count),
			    "`quantsweep list kernel` prints the known ones, `quantsweep list isa` "
			    "the instruction sets",
			    "unknown kernel '%.60s'", word);
}

const char *isa_lacking(const struct libraries *libraries, uint64_t needs)
{
	const char *name = "a feature it needs";

	for (const struct value *const *value = isa_values; *value; value++) {
		const uint64_t features = ((const struct isa *)*value)->features;

		if (!(features & ~needs) && features & ~libraries->env->cpu)
			name = (*value)->name;
	}
	return name;
}

int pick_add(struct picks *picks, const struct env *env, const struct pick *pick,
	     struct error *error)
{
	for (size_t i = 0; pick->kernel && i < picks->count; i++)
		if (picks->picks[i].kernel == pick->kernel) {
			picks->picks[i].named |= pick->named;
			return 0;
		}
	if (env_grow(env, &picks->picks, &picks->capacity, picks->count, sizeof *picks->picks,
		     "the kernels of a race", error))
		return -1;
	picks->picks[picks->count++] = *pick;
	return 0;
}

static int add_pick(struct picks *picks, const struct env *env, const struct qs_kernel *kernel,
		    const struct library *library, const char *reason, bool named,
		    struct error *error)
{
	struct pick pick = { .kernel = kernel, .library = library, .named = named };

	snprintf(pick.reason, sizeof pick.reason, "%s", reason);
	return pick_add(picks, env, &pick, error);
}

int best_of_race(const struct qs_kernel **best, const struct env *env,
		 const struct libraries *libraries, const struct race_terms *terms,
		 const char **reason, struct error *error)
{
	const enum qs_op op = terms->subject->operation->op;
	struct race_task asked;

	if (race_task_make(&asked, env, terms, kernel_reference(libraries, op, terms->types),
			   error))
		return -1;
	*best = kernel_best(libraries, op, terms->types, &asked.task, reason);
	env_free(env, asked.zeros);
	return 0;
}

static int pick_best(struct picks *picks, const struct env *env, const struct libraries *libraries,
		     const struct race_terms *terms, struct error *error)
{
	const struct qs_kernel *kernel;
	const char *reason = NULL;

	if (best_of_race(&kernel, env, libraries, terms, &reason, error))
		return -1;
	return add_pick(picks, env, kernel, kernel ? &libraries->libraries[0] : NULL,
			kernel ? "" : reason, false, error);
}

/* One kernel that has the types; named: by itself or its library. */
static int pick_kernel(struct picks *picks, const struct env *env,
		       const struct libraries *libraries, const struct library *library,
		       const struct qs_kernel *kernel, const struct race_terms *terms, bool named,
		       struct error *error)
{
	const uint64_t missing = kernel->needs & ~libraries->env->cpu;
	struct race_task asked;
	char reason[REFUSAL_TEXT];
	int failed;

	if (missing) {
		snprintf(reason, sizeof reason, "the CPU lacks %s",
			 isa_lacking(libraries, kernel->needs));
		return add_pick(picks, env, kernel, library, reason, named, error);
	}
	if (race_task_make(&asked, env, terms, kernel, error))
		return -1;
	failed = kernel_refusal(reason, library, kernel, &asked.task, error);
	env_free(env, asked.zeros);
	return failed ? -1 : add_pick(picks, env, kernel, library, reason, named, error);
}

int kernel_word_pick(struct picks *picks, const struct env *env, const struct libraries *libraries,
		     const char *word, const struct race_terms *terms, struct error *error)
{
	const struct operation *operation = terms->subject->operation;
	const struct isa *isa = find_isa(word);
	bool found = false;
	char reason[128];

	if (!strcmp(word, "best"))
		return pick_best(picks, env, libraries, terms, error);
	for (size_t i = 0; i < libraries->count; i++) {
		const struct library *library = &libraries->libraries[i];

		for (size_t j = 0; j < library->table->count; j++) {
			const struct qs_kernel *kernel = library->table->kernels[j];

			if (!kernel_has_types(kernel, operation->op, terms->types) ||
			    !names_kernel(libraries, word, library, kernel))
				continue;
			found = true;
			if (pick_kernel(picks, env, libraries, library, kernel, terms,
					is_library(libraries, word) || !strcmp(word, kernel->name),
					error))
				return -1;
		}
	}
	if (found)
		return 0;
	if (isa && isa->features & ~libraries->env->cpu)
		snprintf(reason, sizeof reason, "the CPU lacks %s",
			 isa_lacking(libraries, isa->features));
	else if (peer_is_known(word) && *libraries->no_peers)
		snprintf(reason, sizeof reason, "%s is not here, `quantsweep list kernel` says why",
			 word);
	else
		snprintf(reason, sizeof reason, "'%.60s' names no kernel of %s_%s", word,
			 operation->value.name, terms->types);
	return add_pick(picks, env, NULL, NULL, reason, false, error);
}

int guests_pick(struct picks *picks, const struct env *env, const struct libraries *libraries,
		const struct race_terms *terms, struct error *error)
{
	const enum qs_op op = terms->subject->operation->op;
	const struct qs_kernel *reference = kernel_reference(libraries, op, terms->types);
	/* floats have neither codes nor zero points */
	const struct race_terms floats = { .subject = terms->subject, .types = "f32f32f32",
					   .threads = terms->threads, .batch = terms->batch,
					   .cache = terms->cache };

	if (add_pick(picks, env, reference, &libraries->libraries[0], "", false, error) ||
	    (op_is_product(op) && types_have_kernel(libraries, op, floats.types) &&
	     pick_best(picks, env, libraries, &floats, error)))
		return -1;
	/* a peer has been told to use one thread: beside several it would look slow */
	for (size_t i = 0; terms->threads == 1 && i < libraries->count; i++) {
		const struct library *library = &libraries->libraries[i];

		for (size_t j = 0; j < library->table->count; j++) {
			const struct qs_kernel *kernel = library->table->kernels[j];

			if (kernel->peer && kernel_has_types(kernel, op, terms->types) &&
			    pick_kernel(picks, env, libraries, library, kernel, terms, false,
					error))
				return -1;
		}
	}
	return 0;
}
