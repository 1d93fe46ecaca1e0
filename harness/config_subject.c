/* SPDX-License-Identifier: MIT
 *
 * One entry of "subjects".
 */
#include "config_parts.h"

#include <string.h>

enum { W_BITS_LEAST = 2, W_BITS_ALL = 8 };
#define ELEMENTS_MOST 2147483648.0 /* of any one tensor: 2^31 */
static const char synthetic_prefix[] = "synthetic:";

static bool is_synthetic(const char *name)
{
	return !strncmp(name, synthetic_prefix, strlen(synthetic_prefix));
}

/* synthetic:NAME or PATH[#NAME]; files are not opened here. */
static int read_source(const struct config_reader *reader, const cJSON *item, char **source)
{
	if (document_string(reader->document, item, "synthetic:NAME or FILE#NAME", reader->error))
		return -1;
	const char *name = item->valuestring + strlen(synthetic_prefix);

	if (is_synthetic(item->valuestring) && !value_find(synthetic_values, name))
		return unknown_name(reader, item, "synthetic", synthetic_values, name);
	if (*item->valuestring == '#')
		return document_fail(reader->document, item, reader->error,
				     "found '%.60s', expected a file before the '#': FILE#NAME",
				     item->valuestring);
	*source = env_copy_text(reader->env, item->valuestring, reader->error);
	return *source ? 0 : -1;
}

int shape_read(const struct config_reader *reader, const cJSON *item, int *rank, int64_t *shape)
{
	double elements = 1, size;
	char found[64];

	if (!cJSON_IsArray(item) || !item->child)
		return document_fail(reader->document, item, reader->error,
				     "found %s, expected a list of sizes, like [256, 1024]",
				     document_found(found, item));
	for (const cJSON *e = item->child; e; e = e->next) {
		if (*rank == RANK_MAX)
			return document_fail(reader->document, item, reader->error,
					     "more than %d axes", RANK_MAX);
		if (document_whole(reader->document, e, 1, ELEMENTS_MOST, &size, reader->error))
			return -1;
		elements *= size;
		if (elements > ELEMENTS_MOST)
			return document_fail(reader->document, item, reader->error,
					     "a tensor of more than 2^31 elements");
		shape[(*rank)++] = (int64_t)size;
	}
	return 0;
}

static int read_tensor(const struct config_reader *reader, const cJSON *item,
		       struct subject_spec *subject)
{
	static const struct json_key keys[] = {
		{ "tensor", true },
		{ "shape", false },
		{ "as", false },
		{ NULL, false },
	};
	const cJSON *shape = document_get(item, "shape"), *as = document_get(item, "as");
	char found[64];

	if (document_keys(reader->document, item, keys, "a tensor subject", reader->error) ||
	    read_source(reader, document_get(item, "tensor"), &subject->tensor))
		return -1;
	if (is_synthetic(subject->tensor) != !!shape)
		return document_fail(
			reader->document, shape ? shape : item, reader->error,
			shape ? "the shape of '%.60s' stands in its file; take \"shape\" out"
			      : "'%.60s' needs its \"shape\", like [256, 1024]",
			subject->tensor);
	if (shape && shape_read(reader, shape, &subject->rank, subject->shape))
		return -1;
	if (!as)
		return 0;
	subject->as_activations = cJSON_IsString(as) && !strcmp(as->valuestring, "activations");
	if (!subject->as_activations &&
	    !(cJSON_IsString(as) && !strcmp(as->valuestring, "weights")))
		return document_fail(reader->document, as, reader->error,
				     "found %s, expected \"weights\" or \"activations\"",
				     document_found(found, as));
	return 0;
}

static int read_size(const struct config_reader *reader, const cJSON *item, const char *key,
		     int64_t *size)
{
	double number;

	if (document_whole(reader->document, document_get(item, key), 1, ELEMENTS_MOST, &number,
			   reader->error))
		return -1;
	*size = (int64_t)number;
	return 0;
}

static int read_sizes(const struct config_reader *reader, const cJSON *item,
		      struct subject_spec *subject)
{
	subject->n = 1;
	if (read_size(reader, item, "m", &subject->m) ||
	    read_size(reader, item, "k", &subject->k) ||
	    (subject->operation->has_n && read_size(reader, item, "n", &subject->n)))
		return -1;
	return 0;
}

static int read_operand(const struct config_reader *reader, const cJSON *item, const char *standard,
			char **source)
{
	if (item)
		return read_source(reader, item, source);
	*source = env_copy_text(reader->env, standard, reader->error);
	return *source ? 0 : -1;
}

/* The keys of an operation are those of the sizes and operands that it has. */
static int check_op_keys(const struct config_reader *reader, const cJSON *item,
			 const struct operation *operation)
{
	static const struct json_key plain[] = { { "m", true }, { "k", true }, { "n", true } };
	static const struct json_key convolution[] = {
		{ "height", true },   { "channels", true },      { "kernel", true },
		{ "batch", false },   { "width", false },        { "out_channels", false },
		{ "stride", false },  { "pad", false },          { "dilation", false },
		{ "groups", false },
	};
	const struct json_key *sizes = operation->is_convolution ? convolution : plain;
	const size_t size_count = operation->is_convolution
					  ? sizeof convolution / sizeof *convolution
				  : operation->has_n ? 3
						     : 2;
	struct json_key keys[17] = { { "op", true } };
	size_t count = 1;
	char what[64];

	for (size_t i = 0; i < size_count; i++)
		keys[count++] = sizes[i];
	keys[count++] = (struct json_key){ "a", false };
	if (operation->has_weights) {
		keys[count++] = (struct json_key){ "w", false };
		keys[count++] = (struct json_key){ "y", false };
		keys[count++] = (struct json_key){ "w_bits", false };
		keys[count++] = (struct json_key){ "w_values", false };
	}
	snprintf(what, sizeof what, "an op '%s'", operation->value.name);
	return document_keys(reader->document, item, keys, what, reader->error);
}

/* What is timed of a product beyond its sizes. */
static int read_result(const struct config_reader *reader, const cJSON *item,
		       struct subject_spec *subject)
{
	const cJSON *y = document_get(item, "y"), *w_bits = document_get(item, "w_bits");
	const cJSON *w_values = document_get(item, "w_values");
	double bits;

	if (y) {
		if (document_string(reader->document, y, "what the sums become, like \"s8\"",
				    reader->error))
			return -1;
		subject->y = value_find(result_values, y->valuestring);
		if (!subject->y)
			return unknown_name(reader, y, "y", result_values, y->valuestring);
	}
	if (w_values) {
		if (document_string(reader->document, w_values,
				    "how codes of weights are distributed, like \"normal\"",
				    reader->error))
			return -1;
		subject->w_values = value_find(weight_values, w_values->valuestring);
		if (!subject->w_values)
			return unknown_name(reader, w_values, "w_values", weight_values,
					    w_values->valuestring);
		if (subject->w_values == *weight_values)
			subject->w_values = NULL;
	}
	if (!w_bits)
		return 0;
	if (document_whole(reader->document, w_bits, W_BITS_LEAST, W_BITS_ALL, &bits,
			   reader->error))
		return -1;
	subject->w_bits = bits < W_BITS_ALL ? (int)bits : 0;
	return 0;
}

static int read_op(const struct config_reader *reader, const cJSON *item,
		   struct subject_spec *subject)
{
	const cJSON *op = document_get(item, "op");
	const struct value *value;

	if (document_string(reader->document, op, "the name of an operation, like \"gemm\"",
			    reader->error))
		return -1;
	value = value_find(operation_values, op->valuestring);
	if (!value)
		return unknown_name(reader, op, "op", operation_values, op->valuestring);
	subject->operation = (const struct operation *)value;
	if (check_op_keys(reader, item, subject->operation))
		return -1;
	if (subject->operation->is_convolution ? conv_read(reader, item, subject)
					       : read_sizes(reader, item, subject))
		return -1;
	const double m = (double)subject->m, n = (double)subject->n, k = (double)subject->k;

	if ((double)shape_a_rows(subject->m, &subject->conv) *
			    (double)shape_a_columns(subject->k, &subject->conv) >
		    ELEMENTS_MOST ||
	    n * k > ELEMENTS_MOST || m * n > ELEMENTS_MOST)
		return document_fail(reader->document, item, reader->error,
				     "an operand of more than 2^31 elements");
	if (read_operand(reader, document_get(item, "a"), "synthetic:relu", &subject->a))
		return -1;
	if (!subject->operation->has_weights)
		return 0;
	return read_operand(reader, document_get(item, "w"), "synthetic:channel_spread",
			    &subject->w) ||
			       read_result(reader, item, subject)
		       ? -1
		       : 0;
}

static unsigned measures_of(const struct subject_spec *subject)
{
	static const unsigned measures[] = {
		[SUBJECT_TENSOR] = MEASURE_ERROR,
		[SUBJECT_OP] = MEASURE_ERROR | MEASURE_THROUGHPUT,
		[SUBJECT_NETWORK] = MEASURE_ERROR | MEASURE_DRIFT | MEASURE_TASK |
				    MEASURE_SENSITIVITY | MEASURE_THROUGHPUT,
	};

	if (subject->kind == SUBJECT_OP &&
	    (!subject->operation->has_error || (subject->y && result_of(subject->y)->is_code)))
		return MEASURE_THROUGHPUT;
	return measures[subject->kind];
}

int subject_read(const struct config_reader *reader, const cJSON *item, unsigned measure,
		 struct subject_spec *subject)
{
	static const struct json_key keys[] = {
		{ "tensor", false },
		{ "shape", false },
		{ "as", false },
		{ "op", false },
		{ "m", false },
		{ "n", false },
		{ "k", false },
		{ "batch", false },
		{ "height", false },
		{ "width", false },
		{ "channels", false },
		{ "out_channels", false },
		{ "kernel", false },
		{ "stride", false },
		{ "pad", false },
		{ "dilation", false },
		{ "groups", false },
		{ "a", false },
		{ "w", false },
		{ "y", false },
		{ "w_bits", false },
		{ "w_values", false },
		{ "network", false },
		{ "calibration_data", false },
		{ "evaluation_data", false },
		{ "metric", false },
		{ NULL, false },
	};
	const bool tensor = document_get(item, "tensor"), op = document_get(item, "op");
	const bool network = document_get(item, "network");

	if (document_keys(reader->document, item, keys, "a subject", reader->error))
		return -1;
	if (tensor + op + network != 1)
		return document_fail(
			reader->document, item, reader->error,
			"a subject has one of the keys \"tensor\", \"op\" and \"network\", "
			"found %d",
			tensor + op + network);
	subject->line = document_line(reader->document, item);
	subject->kind = tensor ? SUBJECT_TENSOR : op ? SUBJECT_OP : SUBJECT_NETWORK;
	const int failed = network ? network_read(reader, item, subject)
			   : tensor ? read_tensor(reader, item, subject)
				    : read_op(reader, item, subject);

	if (!failed)
		subject->measure = measure & measures_of(subject);
	return failed;
}

static void data_specs_free(const struct env *env, struct data_spec_list *list)
{
	for (size_t i = 0; i < list->file_count; i++)
		data_file_free(env, list->files[i]);
	env_free(env, list->files);
	env_free(env, list->specs);
}

void subject_spec_free(const struct env *env, struct subject_spec *subject)
{
	env_free(env, subject->tensor);
	env_free(env, subject->a);
	env_free(env, subject->w);
	env_free(env, subject->network_file);
	data_specs_free(env, &subject->calibration);
	data_specs_free(env, &subject->evaluation);
}
