/* SPDX-License-Identifier: MIT
 *
 * IDX, the format of MNIST's files: one array.
 *
 *         0 0 type rank  sizes  data
 *
 * type and rank are a byte each, a size is 4 bytes, sizes and data are big-endian; type is 8 uint8,
 * 9 int8, 11 int16, 12 int32, 13 float32, 14 float64.  Source: the format's description on MNIST's
 * page (LeCun, Cortes, Burges).
 */
#include "element.h"

enum { HEAD = 4, SIZE = 4 };

struct idx {
	const struct element *element;
	size_t data; /* where the elements begin                              */
};

static const char *type_name(unsigned char code)
{
	static const struct {
		unsigned char code;
		const char *name;
	} types[] = {
		{ 0x08, "uint8" }, { 0x09, "int8" },    { 0x0b, "int16" },
		{ 0x0c, "int32" }, { 0x0d, "float32" }, { 0x0e, "float64" },
	};

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (types[i].code == code)
			return types[i].name;
	return NULL;
}

static int idx_open(struct tensor_file *file, struct error *error)
{
	struct idx *idx = env_new(file->env, 1, sizeof *idx, "an IDX header", error);
	const unsigned char *b = file->bytes;
	int64_t shape[RANK_MAX];
	size_t wanted;

	file->self = idx;
	if (!idx)
		return -1;
	if (file->size < HEAD || b[0] || b[1] || !type_name(b[2]))
		return fail(error, STATUS_INPUT,
			    "%s: is not an IDX file: it does not start with "
			    "two zero bytes and one of the types 8, 9, 11, 12, 13, 14",
			    file->path);
	if (b[3] > RANK_MAX)
		return fail(error, STATUS_INPUT, "%s: has %d axes; at most %d are read", file->path,
			    b[3], RANK_MAX);
	idx->data = HEAD + (size_t)b[3] * SIZE;
	if (file->size < idx->data)
		return fail(error, STATUS_INPUT,
			    "%s: is cut off: %d sizes need %zu bytes, the file "
			    "has %zu",
			    file->path, b[3], idx->data, file->size);
	for (int i = 0; i < b[3]; i++) {
		const unsigned char *s = b + HEAD + i * SIZE;

		shape[i] = (int64_t)s[0] << 24 | s[1] << 16 | s[2] << 8 | s[3];
	}
	idx->element = element_find(type_name(b[2]));
	const struct tensor_info *info =
		tensor_file_add_only(file, idx->element, b[3], shape, error);

	if (!info)
		return -1;
	wanted = (size_t)info->elements * (idx->element->bits / 8);
	if (file->size - idx->data != wanted)
		return fail(error, STATUS_INPUT,
			    "%s: its shape and type need %zu bytes of data, the file has %zu",
			    file->path, wanted, file->size - idx->data);
	file->tensors->weight = file->tensors->floating;
	file->summary = env_print(file->env, error, "IDX of %s, big-endian", idx->element->name);
	return file->summary ? 0 : -1;
}

static int idx_values(const struct tensor_file *file, const struct tensor_info *info, int64_t first,
		      int64_t count, double *out, struct error *error)
{
	const struct idx *idx = file->self;

	(void)info;
	(void)error;
	element_read_doubles(out,
			     file->bytes + idx->data + (size_t)first * (idx->element->bits / 8),
			     count, idx->element, true);
	return 0;
}

static void idx_close(struct tensor_file *file)
{
	env_free(file->env, file->self);
}

const struct reader reader_idx = {
	.value = { .name = "idx",
		   .summary = "an array of samples or labels, as MNIST has them",
		   .source = "LeCun, Cortes and Burges, The MNIST database: the IDX file format" },
	.suffix = "-ubyte",
	.other_suffix = ".idx",
	.single = true,
	.samples = true,
	.open = idx_open,
	.values = idx_values,
	.close = idx_close,
};
