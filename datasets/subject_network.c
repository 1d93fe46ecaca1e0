/* SPDX-License-Identifier: MIT
 *
 * Networks as subjects: embedded ones and those of files, each with the samples that calibrate and
 * judge it.
 */
#include "subject_parts.h"

#include "../harness/files.h"
#include "data.h"
#include "data_file.h"
#include "paths.h"

#include <string.h>

enum {
	CALIBRATION_MOST = 256, /* where the config does not say how many        */
	EVALUATION_MOST = 1 << 20
};
static const size_t network_bytes_most = (size_t)1 << 30;

struct file_network { /* one whose bytes are a file's                          */
	struct network network;
	char *bytes;
	size_t size;
};

const struct network *subjects_network(const struct subjects *subjects, size_t index)
{
	return &subjects->networks[index]->network;
}

static struct file_network *find_file(const struct subjects *subjects, const char *path)
{
	for (size_t i = 0; i < subjects->network_count; i++)
		if (!strcmp(subjects->networks[i]->network.path, path))
			return subjects->networks[i];
	return NULL;
}

/* Reads a file once, however many subjects name it. */
static const struct network *open_file(struct opening *opening, const char *path)
{
	struct subjects *subjects = opening->subjects;
	const struct env *env = subjects->env;
	struct file_network *file = find_file(subjects, path);

	if (file)
		return &file->network;
	if (env_grow(env, &subjects->networks, &subjects->network_capacity, subjects->network_count,
		     sizeof *subjects->networks, "networks", opening->error))
		return NULL;
	file = env_new(env, 1, sizeof *file, "a network", opening->error);
	if (!file)
		return NULL;
	subjects->networks[subjects->network_count++] = file;
	file->network.onnx_size = &file->size;
	file->network.path = env_copy_text(env, path, opening->error);
	if (file->network.path)
		file->network.file = path_join(env, opening->data, path, opening->error);
	if (file->network.file)
		file->bytes = file_read(env, file->network.file, network_bytes_most, &file->size,
					opening->error);
	file->network.value.name = file->network.path;
	file->network.onnx = file->bytes;
	return file->bytes ? &file->network : NULL;
}

static void close_file(const struct env *env, struct file_network *file)
{
	env_free(env, (void *)(uintptr_t)file->network.path);
	env_free(env, (void *)(uintptr_t)file->network.file);
	env_free(env, file->bytes);
	env_free(env, file);
}

void subjects_close_networks(struct subjects *subjects)
{
	const struct env *env = subjects->env;

	for (size_t i = 0; i < subjects->network_count; i++)
		close_file(env, subjects->networks[i]);
	for (size_t i = 0; i < subjects->opened_count; i++)
		env_free(env, subjects->opened[i]);
	env_free(env, subjects->networks);
	env_free(env, subjects->opened);
}

/* Opens the files of all blocks: copies of the config's specs, for the caller to free. */
static struct data_spec *open_data(struct opening *opening, const struct data_spec_list *list,
				   int64_t most)
{
	struct subjects *subjects = opening->subjects;
	const struct env *env = subjects->env;
	struct data_spec *specs =
		env_new(env, list->count, sizeof *specs, "data of a network", opening->error);

	for (size_t i = 0; specs && i < list->count; i++) {
		specs[i] = list->specs[i];
		if (!specs[i].file)
			continue;
		if (env_grow(env, &subjects->opened, &subjects->opened_capacity,
			     subjects->opened_count, sizeof *subjects->opened, "data of a network",
			     opening->error) ||
		    data_file_open(&specs[i], env, opening->data, most, opening->error)) {
			env_free(env, specs);
			return NULL;
		}
		subjects->opened[subjects->opened_count++] = specs[i].opened;
	}
	return specs;
}

/* builtin:glyphs:cal256:eval2000, and behind it the metric where the config names one */
static char *network_name(const struct env *env, const struct subject *subject, struct error *error)
{
	const struct network *network = subject->network;
	struct text text = { .env = env };

	text_add(&text, "%s%s:", network_prefix(network), network->value.name);
	data_spec_write(&text, "cal", &subject->calibration, CALIBRATION_SEED);
	data_spec_write(&text, ":eval", &subject->evaluation, EVALUATION_SEED);
	if (subject->metric_named)
		text_add(&text, ":%s", subject->metric->name);
	return text_take(&text, error);
}

/* Values of one sample. */
static int64_t inputs_of(const struct network *network, const struct data_spec *spec)
{
	return spec->file ? spec->opened->elements : network->inputs;
}

static int add_pairs(struct opening *opening, const struct subject_spec *spec,
		     const struct network *network, const struct data_spec *calibration,
		     const struct data_spec *evaluation)
{
	const size_t evaluations = spec->evaluation.count;
	int status = 0;

	for (size_t i = 0; i < spec->calibration.count * evaluations && !status; i++) {
		const struct data_spec *first = &calibration[i / evaluations];
		const struct data_spec *second = &evaluation[i % evaluations];
		struct subject subject = {
			.kind = SUBJECT_NETWORK,
			.measure = spec->measure,
			.elements = first->samples * inputs_of(network, first) +
				    second->samples * inputs_of(network, second),
			.m = 1,
			.n = 1,
			.k = 1,
			.network = network,
			.calibration = *first,
			.evaluation = *second,
			.metric = spec->metric,
			.metric_named = spec->metric != NULL,
			.sensitivity_samples = spec->sensitivity_samples,
		};

		subject.name = network_name(opening->subjects->env, &subject, opening->error);
		status = subject_add(opening, &subject);
	}
	return status;
}

int subject_open_network(struct opening *opening, const struct subject_spec *spec)
{
	const struct env *env = opening->subjects->env;
	const struct network *network =
		spec->network ? spec->network : open_file(opening, spec->network_file);
	struct data_spec *calibration, *evaluation = NULL;
	int status = -1;

	if (!network)
		return -1;
	calibration = open_data(opening, &spec->calibration, CALIBRATION_MOST);
	if (calibration)
		evaluation =
			open_data(opening, &spec->evaluation,
				  spec->evaluates_calibration ? CALIBRATION_MOST : EVALUATION_MOST);
	if (evaluation)
		status = add_pairs(opening, spec, network, calibration, evaluation);
	env_free(env, calibration);
	env_free(env, evaluation);
	return status;
}

/* The data are named by all their specs, the standard ones too; those of files by their content. */
static void add_data(struct text *text, const char *what, const struct data_spec *spec)
{
	if (!spec->file) {
		data_spec_write(text, what, spec, UINT64_MAX);
		return;
	}
	text_add(text, "%s%lld file ", what, (long long)spec->samples);
	data_file_write(text, spec, false);
}

int subject_network_hash(char key[KEY_SIZE], const struct subject *subject, const struct env *env,
			 struct error *error)
{
	const struct network *network = subject->network;
	struct text text = { .env = env };
	char file[KEY_SIZE], *words;

	hash_bytes(file, network->onnx, *network->onnx_size);
	text_add(&text, "network %s data %s %u ", file,
		 network->path ? "file" : network->value.name, network->version);
	add_data(&text, "cal", &subject->calibration);
	add_data(&text, " eval", &subject->evaluation);
	if (subject->metric_named)
		text_add(&text, " metric %s", subject->metric->name);
	words = text_take(&text, error);
	if (!words)
		return -1;
	hash_text(key, words);
	env_free(env, words);
	return 0;
}
