/* SPDX-License-Identifier: MIT */
#include "data.h"

#include "data_file.h"

#include "../harness/hash.h"

#include <stdlib.h>
#include <string.h>

/* Draws for one sample wanted before too few are said to be left: the rarest of 64 equal classes
 * comes once in 64. */
enum { DRAWS_A_SAMPLE = 1000, DRAWS_MORE = 1 << 20 };

static int make_room(struct data *data, const struct network *network, struct error *error)
{
	const size_t samples = (size_t)data->samples;

	data->x = env_new(data->env, samples * (size_t)data->inputs, sizeof *data->x,
			  "the samples of a network", error);
	if (network->classes)
		data->classes = env_new(data->env, samples, sizeof *data->classes,
					"the classes of samples", error);
	else
		data->targets = env_new(data->env, samples * (size_t)data->outputs,
					sizeof *data->targets, "the targets of samples", error);
	return data->x && (data->classes || data->targets) ? 0 : -1;
}

static void change(float *x, int count, const struct data_spec *spec)
{
	for (int i = 0; i < count; i++) {
		const float scaled = (float)((double)x[i] * spec->scale);

		x[i] = (float)((double)scaled + spec->shift);
	}
}

/* The next one that is not dropped.  A classifier's has a class. */
static int draw_sample(struct data_reader *reader, float *x, float *target, int *class,
		       struct error *error)
{
	const struct network *network = reader->network;
	const struct data_spec *spec = reader->spec;
	const uint64_t most = (uint64_t)spec->samples * DRAWS_A_SAMPLE + DRAWS_MORE;

	do {
		if (reader->index == most)
			return fail(error, STATUS_INPUT,
				    "builtin:%s: %lld of %lld samples after %llu draws: the "
				    "classes that are not dropped are too rare",
				    network->value.name, (long long)reader->sample,
				    (long long)spec->samples, (unsigned long long)most);
		*class = network->sample(spec->seed, reader->index++, x, target);
	} while (network->classes && spec->dropped >> *class & 1);
	change(x, network->inputs, spec);
	reader->sample++;
	return 0;
}

static int draw_samples(struct data *data, const struct network *network,
			const struct data_spec *spec, struct error *error)
{
	struct data_reader reader = { .network = network, .spec = spec };

	for (int64_t i = 0; i < data->samples; i++) {
		float *target = data->targets ? data->targets + i * data->outputs : NULL;
		int class;

		if (draw_sample(&reader, data->x + i * data->inputs, target, &class, error))
			return -1;
		if (data->classes)
			data->classes[i] = class;
	}
	return 0;
}

int data_make(struct data *data, const struct env *env, const struct network *network,
	      const struct data_spec *spec, struct error *error)
{
	if (spec->file)
		return data_file_make(data, env, spec, error);
	*data = (struct data){ .env = env, .samples = spec->samples, .inputs = network->inputs,
			       .outputs = network->outputs, .peak = 1 };
	if (!make_room(data, network, error) && !draw_samples(data, network, spec, error))
		return 0;
	data_free(data);
	return -1;
}

void data_free(struct data *data)
{
	if (data->env) {
		env_free(data->env, data->x);
		env_free(data->env, data->targets);
		env_free(data->env, data->classes);
	}
	*data = (struct data){ 0 };
}

int data_reader_open(struct data_reader *reader, const struct env *env,
		     const struct network *network, const struct data_spec *spec,
		     struct error *error)
{
	*reader = (struct data_reader){ .env = env, .network = network, .spec = spec };
	if (spec->file) {
		reader->inputs = spec->opened->elements;
		return data_inputs_open(&reader->file, env, spec, error);
	}
	reader->inputs = network->inputs;
	if (network->classes)
		return 0;
	reader->target = env_new(env, (size_t)network->outputs, sizeof *reader->target,
				 "the target of a sample", error);
	return reader->target ? 0 : -1;
}

int data_reader_next(struct data_reader *reader, int64_t count, float *x, struct error *error)
{
	for (int64_t i = 0; i < count; i++, x += reader->inputs) {
		int class;

		if (reader->file ? data_inputs_read(reader->file, reader->sample++, x, error)
				 : draw_sample(reader, x, reader->target, &class, error))
			return -1;
	}
	return 0;
}

void data_reader_rewind(struct data_reader *reader)
{
	reader->sample = 0;
	reader->index = 0;
}

void data_reader_close(struct data_reader *reader)
{
	if (reader->env) {
		data_inputs_close(reader->file);
		env_free(reader->env, reader->target);
	}
	*reader = (struct data_reader){ 0 };
}

struct print {                  /* of one sample                                         */
	char key[KEY_SIZE];
	bool came;
};

static int by_key(const void *a, const void *b)
{
	return memcmp(((const struct print *)a)->key, ((const struct print *)b)->key, KEY_SIZE);
}

int data_common_new(struct data_common *common, const struct data *evaluation,
		    struct error *error)
{
	*common = (struct data_common){ .env = evaluation->env,
					.samples = (size_t)evaluation->samples,
					.inputs = (size_t)evaluation->inputs };
	common->prints = env_new(common->env, common->samples, sizeof *common->prints,
				 "the hashes of samples", error);
	if (!common->prints)
		return -1;
	for (size_t i = 0; i < common->samples; i++)
		hash_bytes(common->prints[i].key, evaluation->x + i * common->inputs,
			   common->inputs * sizeof(float));
	qsort(common->prints, common->samples, sizeof *common->prints, by_key);
	return 0;
}

void data_common_add(struct data_common *common, const float *x, int64_t count)
{
	for (int64_t i = 0; i < count; i++) {
		struct print print, *found;

		hash_bytes(print.key, x + (size_t)i * common->inputs,
			   common->inputs * sizeof *x);
		found = bsearch(&print, common->prints, common->samples, sizeof print, by_key);
		if (found)
			found->came = true;
	}
}

int64_t data_common_count(const struct data_common *common)
{
	int64_t count = 0;

	/* of equal ones any may have been found */
	for (size_t first = 0, end; first < common->samples; first = end) {
		bool came = false;

		for (end = first; end < common->samples &&
				  !by_key(&common->prints[first], &common->prints[end]);
		     end++)
			came |= common->prints[end].came;
		count += came ? (int64_t)(end - first) : 0;
	}
	return count;
}

void data_common_free(struct data_common *common)
{
	if (common->env)
		env_free(common->env, common->prints);
	*common = (struct data_common){ 0 };
}

/* -x.npy-1f3c9a */
static void write_file(struct text *out, const struct data_spec *spec)
{
	enum { DIGITS = 6 };
	const char *path = spec->file->path, *slash = strrchr(path, '/');
	struct text words = { .env = out->env };
	char key[KEY_SIZE];

	data_file_write(&words, spec, true);
	out->failed |= words.failed;
	hash_text(key, words.bytes ? words.bytes : "");
	text_free(&words);
	text_add(out, "-%s-%.*s", slash ? slash + 1 : path, DIGITS, key);
}

void data_spec_write(struct text *out, const char *what, const struct data_spec *spec,
		     uint64_t standard_seed)
{
	const char *separator = "-drop";
	char number[32];

	text_add(out, "%s%lld", what, (long long)spec->samples);
	if (spec->file) {
		write_file(out, spec);
		return;
	}
	if (spec->seed != standard_seed)
		text_add(out, "-seed%llu", (unsigned long long)spec->seed);
	if (spec->scale != 1) {
		print_double(number, spec->scale);
		text_add(out, "-scale%s", number);
	}
	if (spec->shift != 0) {
		print_double(number, spec->shift);
		text_add(out, "-shift%s", number);
	}
	for (int class = 0; class < 64; class++)
		if (spec->dropped >> class & 1) {
			text_add(out, "%s%d", separator, class);
			separator = "+";
		}
}
