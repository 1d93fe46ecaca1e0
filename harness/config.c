/* SPDX-License-Identifier: MIT
 *
 * The whole of a config: the file, its keys, its subjects, sweeps and filters.
 */
#include "config_parts.h"
#include "files.h"

#include <string.h>

enum { SENSITIVITY_SAMPLES_MOST = 1 << 20 };

/* The name becomes results/NAME.db. */
static int read_config_name(const struct config_reader *reader, const cJSON *item, char **name)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	char found[64];

	if (!cJSON_IsString(item) || !*item->valuestring || strlen(item->valuestring) > 100 ||
	    item->valuestring[strspn(item->valuestring, letters)] ||
	    strchr(".-", *item->valuestring))
		return document_fail(
			reader->document, item, reader->error,
			"found %s, expected 1 to 100 letters, digits, '-', '_' and '.', a "
			"letter, digit or '_' first",
			document_found(found, item));
	*name = env_copy_text(reader->env, item->valuestring, reader->error);
	return *name ? 0 : -1;
}

static int read_measure(const struct config_reader *reader, const cJSON *item, unsigned *measure)
{
	struct setting_list list = { 0 };
	int failed = 0;

	*measure = 0;
	if (!item) {
		for (const struct value *const *value = measure_values; *value; value++) {
			const struct measure_rule *rule = (const struct measure_rule *)*value;

			*measure |= rule->asked ? 0 : rule->bit;
		}
		return 0;
	}
	failed = names_read(reader, item, "measure", measure_values, NULL, &list);
	for (size_t i = 0; i < list.count; i++)
		*measure |= ((const struct measure_rule *)list.settings[i].value)->bit;
	settings_free(reader->env, &list);
	return failed;
}

static int read_subjects(const struct config_reader *reader, const cJSON *item,
			 struct config *config)
{
	char found[64];
	unsigned all = 0;

	if (!cJSON_IsArray(item) || !item->child)
		return document_fail(reader->document, item, reader->error,
				     "found %s, expected a list of at least one subject",
				     cJSON_IsArray(item) ? "an empty list"
							 : document_found(found, item));
	for (const cJSON *e = item->child; e; e = e->next) {
		if (env_grow(reader->env, &config->subjects, &config->subject_capacity,
			     config->subject_count, sizeof *config->subjects, "the subjects",
			     reader->error))
			return -1;
		/* counted first, so that config_free frees what a failure leaves */
		struct subject_spec *subject = &config->subjects[config->subject_count++];

		*subject = (struct subject_spec){ 0 };
		if (subject_read(reader, e, config->measure, subject))
			return -1;
		subject->sensitivity_samples = config->sensitivity_samples;
		all |= subject->measure;
	}
	if (!all)
		return document_fail(
			reader->document, item, reader->error,
			"no subject has what \"measure\" asks for (a tensor has error; an op "
			"error and throughput; a network error, drift, task and sensitivity)");
	return 0;
}

static int read_sweeps(const struct config_reader *reader, const cJSON *item, struct config *config)
{
	if (list_check(reader, item))
		return -1;
	for (const cJSON *e = list_first(item); e; e = list_next(item, e)) {
		if (env_grow(reader->env, &config->sweeps, &config->sweep_capacity,
			     config->sweep_count, sizeof *config->sweeps, "the sweeps",
			     reader->error))
			return -1;
		struct sweep *sweep = &config->sweeps[config->sweep_count++];

		*sweep = (struct sweep){ 0 };
		if (sweep_read(reader, e, sweep))
			return -1;
	}
	return 0;
}

int filters_read(const struct config_reader *reader, const cJSON *item, struct filter *filter)
{
	struct error inner;

	if (!item)
		return 0;
	if (list_check(reader, item))
		return -1;
	for (const cJSON *e = list_first(item); e; e = list_next(item, e)) {
		if (document_string(reader->document, e,
				    "a FILTER, like \"weight_bits<3,kernel=*avx2*\"",
				    reader->error))
			return -1;
		if (!filter_add(filter, reader->env, e->valuestring, &inner) &&
		    !filter_check(filter, &inner))
			continue;
		if (inner.status == STATUS_INPUT)
			return document_fail(reader->document, e, reader->error, "%s", inner.text);
		*reader->error = inner;
		return -1;
	}
	return 0;
}

static int read_sensitivity(const struct config_reader *reader, const cJSON *item, int64_t *samples)
{
	double number = 0;

	if (item && document_whole(reader->document, item, 1, SENSITIVITY_SAMPLES_MOST, &number,
				   reader->error))
		return -1;
	*samples = (int64_t)number;
	return 0;
}

static int read_document(const struct config_reader *reader, struct config *config)
{
	static const struct json_key keys[] = {
		{ "$schema", false }, { "name", true },     { "subjects", true }, { "sweep", true },
		{ "measure", false }, { "sensitivity_samples", false }, { "exclude", false },
		{ NULL, false },
	};
	const cJSON *root = reader->document->root;

	if (document_keys(reader->document, root, keys, "a config", reader->error) ||
	    read_config_name(reader, document_get(root, "name"), &config->name) ||
	    read_measure(reader, document_get(root, "measure"), &config->measure) ||
	    read_sensitivity(reader, document_get(root, "sensitivity_samples"),
			     &config->sensitivity_samples) ||
	    read_subjects(reader, document_get(root, "subjects"), config) ||
	    read_sweeps(reader, document_get(root, "sweep"), config))
		return -1;
	return filters_read(reader, document_get(root, "exclude"), &config->exclude);
}

static char *folder_of(const struct env *env, const char *path, struct error *error)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return env_copy_text(env, ".", error);
	return env_print(env, error, "%.*s", slash == path ? 1 : (int)(slash - path), path);
}

/* A NUL in the text is refused by the scan, so that a copy as a C string is whole. */
static int copy_words(struct config *config, const char *path, const char *json, size_t length,
		      struct error *error)
{
	config->path = env_copy_text(config->env, path, error);
	config->folder = config->path ? folder_of(config->env, path, error) : NULL;
	config->text =
		config->folder ? env_new(config->env, length + 1, 1, "a config", error) : NULL;
	if (!config->text)
		return -1;
	memcpy(config->text, json, length);
	return 0;
}

int config_parse(struct config *config, const struct env *env, const char *path, const char *json,
		 size_t length, struct error *error)
{
	struct document document;
	const struct config_reader reader = { .env = env, .document = &document, .error = error };
	int failed;

	*config = (struct config){ .env = env };
	if (document_open(&document, env, path, json, length, error))
		return -1;
	failed = copy_words(config, path, json, length, error) || read_document(&reader, config);
	document_close(&document);
	if (failed)
		config_free(config);
	return failed ? -1 : 0;
}

int config_read(struct config *config, const struct env *env, const char *path, struct error *error)
{
	size_t length;
	char *text = file_read(env, path, JSON_BYTES_MOST, &length, error);
	int failed;

	*config = (struct config){ .env = env };
	if (!text)
		return -1;
	failed = config_parse(config, env, path, text, length, error);
	env_free(env, text);
	return failed;
}

void config_free(struct config *config)
{
	if (!config->env)
		return;
	for (size_t i = 0; i < config->subject_count; i++)
		subject_spec_free(config->env, &config->subjects[i]);
	for (size_t i = 0; i < config->sweep_count; i++)
		sweep_free(config->env, &config->sweeps[i]);
	env_free(config->env, config->subjects);
	env_free(config->env, config->sweeps);
	filter_free(&config->exclude);
	env_free(config->env, config->path);
	env_free(config->env, config->name);
	env_free(config->env, config->text);
	env_free(config->env, config->folder);
	*config = (struct config){ 0 };
}
