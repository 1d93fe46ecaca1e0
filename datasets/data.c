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

static int draw_samples(struct data *data, const struct network *network,
			const struct data_spec *spec, struct error *error)
{
	const uint64_t most = (uint64_t)data->samples * DRAWS_A_SAMPLE + DRAWS_MORE;
	uint64_t index = 0;

	for (int64_t i = 0; i < data->samples; index++) {
		float *x = data->x + i * data->inputs;
		float *target = data->targets ? data->targets + i * data->outputs : NULL;

		if (index == most)
			return fail(error, STATUS_INPUT,
				    "builtin:%s: %lld of %lld samples after %llu draws: the "
				    "classes that are not dropped are too rare",
				    network->value.name, (long long)i, (long long)data->samples,
				    (unsigned long long)most);
		const int class = network->sample(spec->seed, index, x, target);

		if (network->classes && spec->dropped >> class & 1)
			continue;
		change(x, data->inputs, spec);
		if (data->classes)
			data->classes[i] = class;
		i++;
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

struct print {                  /* of one sample                                         */
	char key[KEY_SIZE];
};

static int by_key(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct print));
}

static struct print *print_samples(const struct data *data, struct error *error)
{
	const size_t size = (size_t)data->inputs * sizeof *data->x;
	struct print *prints = env_new(data->env, (size_t)data->samples, sizeof *prints,
				       "the hashes of samples", error);

	for (int64_t i = 0; prints && i < data->samples; i++)
		hash_bytes(prints[i].key, data->x + i * data->inputs, size);
	return prints;
}

int data_common(const struct data *calibration, const struct data *evaluation, int64_t *common,
		struct error *error)
{
	struct print *known = print_samples(calibration, error);
	struct print *asked = known ? print_samples(evaluation, error) : NULL;
	const size_t count = (size_t)calibration->samples;

	*common = 0;
	if (asked) {
		qsort(known, count, sizeof *known, by_key);
		for (int64_t i = 0; i < evaluation->samples; i++)
			*common += bsearch(&asked[i], known, count, sizeof *known, by_key) != NULL;
	}
	env_free(calibration->env, known);
	env_free(calibration->env, asked);
	return asked ? 0 : -1;
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
