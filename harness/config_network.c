/* SPDX-License-Identifier: MIT
 *
 * A network as a subject: its name, and which samples calibrate and judge it.
 *
 * A block of data is written out as a product: every key but "drop_classes" may be a list.
 */
#include "config_parts.h"

#include <string.h>

enum {
	SAMPLES_MOST = 1 << 20,
	CLASSES_MOST = 64,      /* the bits of data_spec.dropped                         */
	SPECS_MOST = 1024       /* of one network's calibration, and of its evaluation   */
};

static const double seed_most = 9007199254740992.0;
static const double factor_most = 1e6; /* of scale and shift: no sum of a layer overflows */

static const char builtin_prefix[] = "builtin:", file_suffix[] = ".onnx";

struct data_kind {
	const char *what;
	bool changes;           /* takes scale, shift and drop_classes                   */
	double samples, seed;   /* where nothing is said                                 */
};

static const struct data_kind calibration_kind = { "a block of calibration_data", true, 256,
						    CALIBRATION_SEED };
static const struct data_kind evaluation_kind = { "a block of evaluation_data", false, 1000,
						   EVALUATION_SEED };

/* The values of each key of one block, to be multiplied out. */
struct data_axes {
	struct setting_list samples, seed, scale, shift;
	uint64_t dropped;
	int line;
};

static void data_axes_free(const struct env *env, struct data_axes *data)
{
	settings_free(env, &data->samples);
	settings_free(env, &data->seed);
	settings_free(env, &data->scale);
	settings_free(env, &data->shift);
}

static bool same_data(const struct data_spec *a, const struct data_spec *b)
{
	return a->file == b->file && a->samples == b->samples && a->seed == b->seed &&
	       a->scale == b->scale && a->shift == b->shift && a->dropped == b->dropped;
}

int data_spec_add(const struct config_reader *reader, struct data_spec_list *list,
		  const struct data_spec *spec)
{
	for (size_t i = 0; i < list->count; i++)
		if (same_data(&list->specs[i], spec))
			return 0;
	if (env_grow(reader->env, &list->specs, &list->capacity, list->count, sizeof *list->specs,
		     "the data of a network", reader->error))
		return -1;
	list->specs[list->count++] = *spec;
	return 0;
}

static int cross_data(const struct config_reader *reader, const cJSON *item,
		      const struct data_axes *data, struct data_spec_list *list)
{
	const size_t sizes[] = { data->samples.count, data->seed.count, data->scale.count,
				 data->shift.count };
	size_t count = 1;

	/* each is at most AXIS_VALUES_MOST, so no product overflows before it is refused */
	for (size_t i = 0; i < 4 && count <= SPECS_MOST; i++)
		count *= sizes[i];
	if (count + list->count > SPECS_MOST)
		return document_fail(reader->document, item, reader->error,
				     "more than %d sets of samples", SPECS_MOST);
	for (size_t i = 0; i < count; i++) {
		size_t at[4], rest = i;

		for (size_t j = 4; j-- > 0; rest /= sizes[j])
			at[j] = rest % sizes[j];
		const struct data_spec spec = {
			.samples = (int64_t)data->samples.settings[at[0]].number,
			.seed = (uint64_t)data->seed.settings[at[1]].number,
			.scale = data->scale.settings[at[2]].number,
			.shift = data->shift.settings[at[3]].number,
			.dropped = data->dropped,
			.line = data->line,
		};

		if (data_spec_add(reader, list, &spec))
			return -1;
	}
	return 0;
}

static int read_dropped(const struct config_reader *reader, const cJSON *item,
			const struct network *network, uint64_t *dropped)
{
	const int most = network->classes < CLASSES_MOST ? network->classes : CLASSES_MOST;
	double class;
	int left = network->classes;

	if (!item)
		return 0;
	if (!network->classes)
		return document_fail(reader->document, item, reader->error,
				     "network '%s' is a regression, it has no classes; take "
				     "\"drop_classes\" out",
				     network->value.name);
	if (cJSON_IsArray(item) && !item->child)
		return 0;
	if (list_check(reader, item))
		return -1;
	for (const cJSON *e = list_first(item); e; e = list_next(item, e)) {
		if (document_whole(reader->document, e, 0, most - 1, &class, reader->error))
			return -1;
		left -= !(*dropped >> (int)class & 1);
		*dropped |= UINT64_C(1) << (int)class;
	}
	if (left)
		return 0;
	return document_fail(reader->document, item, reader->error,
			     "all %d classes of network '%s' are dropped; leave at least one",
			     network->classes, network->value.name);
}

/* scale is any factor but 0, which would leave nothing of the samples. */
static int read_factors(const struct config_reader *reader, const cJSON *item,
			struct data_axes *data)
{
	const cJSON *scale = document_get(item, "scale");

	if (reals_read(reader, scale, -factor_most, factor_most, 1, &data->scale) ||
	    reals_read(reader, document_get(item, "shift"), -factor_most, factor_most, 0,
		       &data->shift))
		return -1;
	for (size_t i = 0; i < data->scale.count; i++) {
		const double size = data->scale.settings[i].number;

		if (size > -1 / factor_most && size < 1 / factor_most)
			return document_fail(reader->document, scale, reader->error,
					     "found %g, expected a factor of at least 1e-06 "
					     "in magnitude",
					     size);
	}
	return 0;
}

static int check_data_keys(const struct config_reader *reader, const cJSON *item,
			   const struct data_kind *kind)
{
	static const struct json_key keys[] = {
		{ "samples", false },
		{ "seed", false },
		{ "scale", false },
		{ "shift", false },
		{ "drop_classes", false },
		{ NULL, false },
	};
	static const struct json_key plain_keys[] = {
		{ "samples", false },
		{ "seed", false },
		{ NULL, false },
	};

	for (size_t i = 2; !kind->changes && keys[i].name; i++)
		if (document_get(item, keys[i].name))
			return document_fail(
				reader->document, document_get(item, keys[i].name), reader->error,
				"a network is judged on its data as they are; \"%s\" is a key "
				"of calibration_data alone",
				keys[i].name);
	return document_keys(reader->document, item, kind->changes ? keys : plain_keys, kind->what,
			     reader->error);
}

/* item NULL: nothing is said.  network NULL: that of a file. */
static int read_data_block(const struct config_reader *reader, const cJSON *item,
			   const struct data_kind *kind, const struct network *network,
			   struct data_spec_list *list)
{
	struct data_axes data = { .line = item ? document_line(reader->document, item) : 0 };
	int failed;

	if (item && document_get(item, "file"))
		return data_file_read(reader, item, kind == &evaluation_kind, list);
	if (!network)
		return document_fail(reader->document, item, reader->error,
				     "a network of a file needs samples: the key \"file\" of %s",
				     kind->what);
	if (item && check_data_keys(reader, item, kind))
		return -1;
	failed = numbers_read(reader, document_get(item, "samples"), 1, SAMPLES_MOST, kind->samples,
			      &data.samples) ||
		 numbers_read(reader, document_get(item, "seed"), 0, seed_most, kind->seed,
			      &data.seed) ||
		 read_factors(reader, item, &data) ||
		 read_dropped(reader, document_get(item, "drop_classes"), network, &data.dropped) ||
		 cross_data(reader, item, &data, list);
	data_axes_free(reader->env, &data);
	return failed ? -1 : 0;
}

static int read_data(const struct config_reader *reader, const cJSON *item,
		     const struct data_kind *kind, const struct network *network,
		     struct data_spec_list *list)
{
	if (!item)
		return read_data_block(reader, NULL, kind, network, list);
	if (list_check(reader, item))
		return -1;
	for (const cJSON *e = list_first(item); e; e = list_next(item, e))
		if (read_data_block(reader, e, kind, network, list))
			return -1;
	return 0;
}

/* builtin:NAME, or a file. */
static int read_name(const struct config_reader *reader, const cJSON *item,
		     struct subject_spec *subject)
{
	const size_t prefix = strlen(builtin_prefix);
	const struct value *value;

	if (document_string(reader->document, item,
			    "the name of a network, like \"builtin:glyphs\" or \"model.onnx\"",
			    reader->error))
		return -1;
	if (!strncmp(item->valuestring, builtin_prefix, prefix)) {
		value = value_find(network_values, item->valuestring + prefix);
		if (!value)
			return unknown_name(reader, item, "network", network_values,
					    item->valuestring + prefix);
		subject->network = network_of(value);
		return 0;
	}
	const size_t length = strlen(item->valuestring), suffix = sizeof file_suffix - 1;

	if (length <= suffix || strcmp(item->valuestring + length - suffix, file_suffix))
		return document_fail(reader->document, item, reader->error,
				     "found '%.60s', expected builtin:NAME (`quantsweep list "
				     "network`) or a file whose name ends in %s",
				     item->valuestring, file_suffix);
	subject->network_file = env_copy_text(reader->env, item->valuestring, reader->error);
	return subject->network_file ? 0 : -1;
}

static int read_metric(const struct config_reader *reader, const cJSON *item,
		       const struct value **metric)
{
	if (!item)
		return 0;
	if (document_string(reader->document, item, "the name of a metric, like \"top1\"",
			    reader->error))
		return -1;
	*metric = value_find(metric_values, item->valuestring);
	return *metric ? 0
		       : unknown_name(reader, item, "metric", metric_values, item->valuestring);
}

/* Without data of its own a network of a file is judged on those it is calibrated with. */
static int evaluate_calibration(const struct config_reader *reader, struct subject_spec *subject)
{
	subject->evaluates_calibration = true;
	for (size_t i = 0; i < subject->calibration.count; i++)
		if (data_spec_add(reader, &subject->evaluation, &subject->calibration.specs[i]))
			return -1;
	return 0;
}

int network_read(const struct config_reader *reader, const cJSON *item,
		 struct subject_spec *subject)
{
	static const struct json_key keys[] = {
		{ "network", true },
		{ "calibration_data", false },
		{ "evaluation_data", false },
		{ "metric", false },
		{ NULL, false },
	};
	const cJSON *calibration = document_get(item, "calibration_data");
	const cJSON *evaluation = document_get(item, "evaluation_data");

	if (document_keys(reader->document, item, keys, "a network subject", reader->error) ||
	    read_name(reader, document_get(item, "network"), subject) ||
	    read_metric(reader, document_get(item, "metric"), &subject->metric))
		return -1;
	if (!subject->network && !calibration)
		return document_fail(reader->document, item, reader->error,
				     "a network of a file needs calibration_data: {\"file\": "
				     "\"samples.npy\"}, and evaluation_data to be judged on "
				     "others");
	if (read_data(reader, calibration, &calibration_kind, subject->network,
		      &subject->calibration))
		return -1;
	if (!subject->network && !evaluation)
		return evaluate_calibration(reader, subject);
	return read_data(reader, evaluation, &evaluation_kind, subject->network,
			 &subject->evaluation);
}
