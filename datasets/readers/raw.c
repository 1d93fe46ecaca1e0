/* SPDX-License-Identifier: MIT
 *
 * Bare float32 numbers, little-endian, one after the other: a vector, whose shape as samples stands
 * in the config.
 */
#include "element.h"

static const char element_name[] = "float32";

static int raw_open(struct tensor_file *file, struct error *error)
{
	const int64_t count = (int64_t)(file->size / sizeof(float));
	struct tensor_info *info;

	if (file->size % sizeof(float))
		return fail(error, STATUS_INPUT,
			    "%s: its %zu bytes are no whole number of float32 "
			    "values",
			    file->path, file->size);
	info = tensor_file_add_only(file, element_find(element_name), 1, &count, error);
	if (!info)
		return -1;
	info->weight = true;
	file->summary = env_print(file->env, error, "raw float32, little-endian");
	return file->summary ? 0 : -1;
}

static int raw_values(const struct tensor_file *file, const struct tensor_info *info, int64_t first,
		      int64_t count, double *out, struct error *error)
{
	(void)info;
	(void)error;
	element_read_doubles(out, file->bytes + (size_t)first * sizeof(float), count,
			     element_find(element_name), false);
	return 0;
}

const struct reader reader_raw = {
	.value = { .name = "raw",
		   .summary = "bare float32 values, little-endian; \"shape\" and \"stride\" say "
			      "what a sample is",
		   .source = "IEEE 754 binary32, as numpy.ndarray.tofile writes it" },
	.suffix = ".f32",
	.other_suffix = ".bin",
	.single = true,
	.samples = true,
	.open = raw_open,
	.values = raw_values,
};
