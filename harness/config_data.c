/* SPDX-License-Identifier: MIT
 *
 * A block of data that come from a file: which values are a sample, what becomes of them, and what
 * is right for them.
 */
#include "config_parts.h"

#include <string.h>

enum { SAMPLES_MOST = 1 << 20 };

static const double place_most = 9007199254740992.0;
static const double factor_most = 1e9, factor_least = 1e-9; /* in magnitude */

enum { FILE_KEYS = 11, TRUTH_KEYS = 3 };
/* The rest is room for the keys of evaluation data, and the list's end. */
static const struct json_key file_keys[FILE_KEYS + TRUTH_KEYS + 1] = {
	{ "file", true },    { "samples", false }, { "skip", false }, { "shape", false },
	{ "stride", false }, { "layout", false },  { "offset", false }, { "scale", false },
	{ "mean", false },   { "std", false },     { "label_column", false },
};
static const char *const truth_keys[] = { "labels", "target", "peak" };

void data_file_free(const struct env *env, struct data_file *file)
{
	if (!file)
		return;
	env_free(env, file->path);
	env_free(env, file->labels);
	env_free(env, file->label_column);
	env_free(env, file->target);
	env_free(env, file);
}

static int read_path(const struct config_reader *reader, const cJSON *item, char **path)
{
	if (!item)
		return 0;
	if (document_string(reader->document, item, "a file: PATH or PATH#NAME", reader->error))
		return -1;
	if (*item->valuestring == '#')
		return document_fail(reader->document, item, reader->error,
				     "found '%.60s', expected a file before the '#': PATH#NAME",
				     item->valuestring);
	*path = env_copy_text(reader->env, item->valuestring, reader->error);
	return *path ? 0 : -1;
}

static int read_place(const struct config_reader *reader, const cJSON *item, double least,
		      int64_t *place)
{
	double number;

	if (!item)
		return 0;
	if (document_whole(reader->document, item, least, place_most, &number, reader->error))
		return -1;
	*place = (int64_t)number;
	return 0;
}

static int read_number(const struct config_reader *reader, const cJSON *item, double least,
		       double most, double *number)
{
	char found[64];

	if (!cJSON_IsNumber(item) || !(item->valuedouble >= least && item->valuedouble <= most))
		return document_fail(reader->document, item, reader->error,
				     "found %s, expected a number from %g to %g",
				     document_found(found, item), least, most);
	*number = item->valuedouble + 0.0;
	return 0;
}

/* A number, or a list of one a channel; a factor is not 0. */
static int read_channels(const struct config_reader *reader, const cJSON *item, bool factor,
			 double standard, struct data_channels *channels)
{
	*channels = (struct data_channels){ .count = 1, .numbers = { standard } };
	if (!item)
		return 0;
	if (cJSON_IsArray(item) && !item->child)
		return document_fail(reader->document, item, reader->error,
				     "found an empty list, expected a number, or one for each "
				     "channel");
	channels->count = 0;
	for (const cJSON *e = list_first(item); e; e = list_next(item, e)) {
		double number = 0;

		if (channels->count == CHANNELS_MOST)
			return document_fail(reader->document, item, reader->error,
					     "more than %d channels", CHANNELS_MOST);
		if (read_number(reader, e, -factor_most, factor_most, &number))
			return -1;
		if (factor && number > -factor_least && number < factor_least)
			return document_fail(reader->document, e, reader->error,
					     "found %g, expected a factor of at least %g in "
					     "magnitude",
					     number, factor_least);
		channels->numbers[channels->count++] = number;
	}
	return 0;
}

static int read_layout(const struct config_reader *reader, const cJSON *item,
		       enum data_layout *layout)
{
	char found[64];

	if (!item)
		return 0;
	if (cJSON_IsString(item) && !strcmp(item->valuestring, "NHWC"))
		*layout = LAYOUT_NHWC;
	else if (cJSON_IsString(item) && !strcmp(item->valuestring, "NCHW"))
		*layout = LAYOUT_NCHW;
	else
		return document_fail(reader->document, item, reader->error,
				     "found %s, expected \"NCHW\" or \"NHWC\"",
				     document_found(found, item));
	return 0;
}

/* A header's name, or a number. */
static int read_column(const struct config_reader *reader, const cJSON *item, char **column)
{
	double number;

	if (!item || !cJSON_IsNumber(item))
		return item && document_string(reader->document, item,
					       "a column: its number, or its header's name",
					       reader->error)
			       ? -1
		       : item && !(*column = env_copy_text(reader->env, item->valuestring,
							   reader->error))
			       ? -1
			       : 0;
	if (document_whole(reader->document, item, 0, SAMPLES_MOST, &number, reader->error))
		return -1;
	*column = env_print(reader->env, reader->error, "%.0f", number);
	return *column ? 0 : -1;
}

static int read_values(const struct config_reader *reader, const cJSON *item,
		       struct data_file *file)
{
	const cJSON *shape = document_get(item, "shape"), *offset = document_get(item, "offset");

	if (read_path(reader, document_get(item, "file"), &file->path) ||
	    read_place(reader, document_get(item, "skip"), 0, &file->skip) ||
	    read_place(reader, document_get(item, "stride"), 1, &file->stride) ||
	    (shape && shape_read(reader, shape, &file->rank, file->shape)) ||
	    read_layout(reader, document_get(item, "layout"), &file->layout) ||
	    (offset && read_number(reader, offset, -factor_most, factor_most, &file->offset)) ||
	    read_channels(reader, document_get(item, "scale"), true, 1, &file->scale) ||
	    read_channels(reader, document_get(item, "mean"), false, 0, &file->mean) ||
	    read_channels(reader, document_get(item, "std"), true, 1, &file->std))
		return -1;
	if (file->stride && !shape)
		return document_fail(reader->document, document_get(item, "stride"), reader->error,
				     "samples that overlap need their \"shape\"");
	return 0;
}

/* "labels", "target" and "peak" are keys of evaluation data alone. */
static int check_keys(const struct config_reader *reader, const cJSON *item, bool evaluation)
{
	struct json_key keys[FILE_KEYS + TRUTH_KEYS + 1];

	memcpy(keys, file_keys, sizeof keys);
	for (size_t i = 0; i < TRUTH_KEYS; i++) {
		const cJSON *value = document_get(item, truth_keys[i]);

		if (evaluation)
			keys[FILE_KEYS + i].name = truth_keys[i];
		else if (value)
			return document_fail(reader->document, value, reader->error,
					     "calibration looks at samples alone; \"%s\" is a key "
					     "of evaluation_data",
					     truth_keys[i]);
	}
	return document_keys(reader->document, item, keys, "a block of data from a file",
			     reader->error);
}

/* What is right: classes or values. */
static int read_truth(const struct config_reader *reader, const cJSON *item, bool evaluation,
		      struct data_file *file)
{
	const cJSON *target = document_get(item, "target"), *peak = document_get(item, "peak");

	if (read_path(reader, document_get(item, "labels"), &file->labels) ||
	    read_path(reader, target, &file->target) ||
	    read_column(reader, document_get(item, "label_column"), &file->label_column) ||
	    (peak && read_number(reader, peak, factor_least, factor_most, &file->peak)))
		return -1;
	file->evaluation = evaluation;
	file->target_is_input = file->target && !strcmp(file->target, "input");
	return 0;
}

int data_file_read(const struct config_reader *reader, const cJSON *item, bool evaluation,
		   struct data_spec_list *list)
{
	struct data_spec spec = { .scale = 1, .line = document_line(reader->document, item) };
	struct setting_list samples = { 0 };
	struct data_file *file;
	int failed;

	if (check_keys(reader, item, evaluation) ||
	    env_grow(reader->env, &list->files, &list->file_capacity, list->file_count,
		     sizeof *list->files, "the data of a network", reader->error))
		return -1;
	file = env_new(reader->env, 1, sizeof *file, "the data of a network", reader->error);
	if (!file)
		return -1;
	list->files[list->file_count++] = file;
	spec.file = file;
	failed = read_values(reader, item, file) || read_truth(reader, item, evaluation, file) ||
		 numbers_read(reader, document_get(item, "samples"), 1, SAMPLES_MOST, 0, &samples);
	for (size_t i = 0; !failed && i < samples.count; i++) {
		spec.samples = (int64_t)samples.settings[i].number;
		failed = data_spec_add(reader, list, &spec);
	}
	settings_free(reader->env, &samples);
	return failed ? -1 : 0;
}
