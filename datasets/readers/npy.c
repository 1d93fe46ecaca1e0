/* SPDX-License-Identifier: MIT
 *
 * NumPy's .npy, versions 1.0, 2.0 and 3.0: one array a file.
 *
 *         \x93NUMPY major minor length header data
 *
 * length is 2 bytes in version 1 and 4 from 2 on, little-endian; header is a Python dictionary with
 * exactly the keys descr, fortran_order and shape; data are elements without padding.  Source:
 * numpy/lib/format.py's description of the format.
 */
#include "npy.h"

#include "../layout.h"

#include <string.h>

struct cursor {                 /* a place in the header's text                          */
	const char *path;
	const char *at, *end, *start;
};

struct header {
	struct npy_array *array;
	bool has_descr, has_order, has_shape;
};

static int wrong(const struct cursor *cursor, struct error *error, const char *expected)
{
	const int left = cursor->end - cursor->at < 16 ? (int)(cursor->end - cursor->at) : 16;

	return fail(error, STATUS_INPUT,
		    "%s: damaged header at its byte %td: found '%.*s', expected %s",
		    cursor->path, cursor->at - cursor->start, left, cursor->at, expected);
}

static void skip_space(struct cursor *cursor)
{
	while (cursor->at < cursor->end && *cursor->at && strchr(" \t\r\n", *cursor->at))
		cursor->at++;
}

/* The character, after white space. */
static bool take(struct cursor *cursor, char c)
{
	skip_space(cursor);
	if (cursor->at == cursor->end || *cursor->at != c)
		return false;
	cursor->at++;
	return true;
}

static bool take_word(struct cursor *cursor, const char *word)
{
	const size_t length = strlen(word);

	skip_space(cursor);
	if ((size_t)(cursor->end - cursor->at) < length || memcmp(cursor->at, word, length))
		return false;
	cursor->at += length;
	return true;
}

/* A quoted text without escapes, shorter than size. */
static int take_text(struct cursor *cursor, char *out, size_t size, struct error *error)
{
	char quote;
	size_t length = 0;

	skip_space(cursor);
	if (cursor->at == cursor->end || (*cursor->at != '\'' && *cursor->at != '"'))
		return wrong(cursor, error, "a text in quotes");
	quote = *cursor->at++;
	while (cursor->at < cursor->end && *cursor->at != quote) {
		if (length + 1 == size || *cursor->at == '\\')
			return wrong(cursor, error, "a short text without escapes");
		out[length++] = *cursor->at++;
	}
	if (cursor->at == cursor->end)
		return wrong(cursor, error, "the end of a text");
	cursor->at++;
	out[length] = '\0';
	return 0;
}

static int take_descr(struct cursor *cursor, struct header *header, struct error *error)
{
	static const struct {
		const char *code, *name;
	} types[] = {
		{ "f2", "float16" }, { "f4", "float32" }, { "f8", "float64" }, { "b1", "bool" },
		{ "i1", "int8" },    { "i2", "int16" },   { "i4", "int32" },   { "i8", "int64" },
		{ "u1", "uint8" },   { "u2", "uint16" },  { "u4", "uint32" },  { "u8", "uint64" },
	};
	char descr[16];

	skip_space(cursor);
	if (cursor->at < cursor->end && *cursor->at == '[')
		return fail(error, STATUS_INPUT, "%s: holds records with several fields; save each "
			    "field as an array of its own", cursor->path);
	if (take_text(cursor, descr, sizeof descr, error))
		return -1;
	if (strchr("<>|=", *descr) && *descr)
		for (size_t i = 0; i < sizeof types / sizeof *types; i++)
			if (!strcmp(descr + 1, types[i].code))
				header->array->element = element_find(types[i].name);
	if (!header->array->element)
		return fail(error, STATUS_INPUT,
			    "%s: unknown element type '%s'; floats f2, f4, f8 are read, integers "
			    "i1 to u8 and b1 listed",
			    cursor->path, descr);
	header->array->big_endian = *descr == '>';
	return 0;
}

/* One axis: digits, perhaps with Python 2's L behind them. */
static int take_axis(struct cursor *cursor, struct header *header, struct error *error)
{
	int64_t axis = 0;

	skip_space(cursor);
	if (cursor->at == cursor->end || *cursor->at < '0' || *cursor->at > '9')
		return wrong(cursor, error, "the length of an axis");
	for (; cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9'; cursor->at++)
		if (__builtin_mul_overflow(axis, 10, &axis) ||
		    __builtin_add_overflow(axis, *cursor->at - '0', &axis))
			return wrong(cursor, error, "an axis that fits 63 bits");
	if (cursor->at < cursor->end && *cursor->at == 'L')
		cursor->at++;
	if (header->array->rank == RANK_MAX)
		return fail(error, STATUS_INPUT, "%s: has more than %d axes", cursor->path,
			    RANK_MAX);
	header->array->shape[header->array->rank++] = axis;
	return 0;
}

static int take_shape(struct cursor *cursor, struct header *header, struct error *error)
{
	if (!take(cursor, '('))
		return wrong(cursor, error, "the shape's '('");
	while (!take(cursor, ')')) {
		if (take_axis(cursor, header, error))
			return -1;
		skip_space(cursor);
		if (!take(cursor, ',') && (cursor->at == cursor->end || *cursor->at != ')'))
			return wrong(cursor, error, "',' or ')'");
	}
	return 0;
}

static int take_entry(struct cursor *cursor, struct header *header, struct error *error)
{
	const struct cursor before = *cursor;
	char key[16];
	bool *has;

	if (take_text(cursor, key, sizeof key, error))
		return -1;
	has = !strcmp(key, "descr")           ? &header->has_descr
	      : !strcmp(key, "fortran_order") ? &header->has_order
	      : !strcmp(key, "shape")         ? &header->has_shape
					      : NULL;
	if (!has || *has)
		return wrong(&before, error, "each of 'descr', 'fortran_order', 'shape' once");
	*has = true;
	if (!take(cursor, ':'))
		return wrong(cursor, error, "':'");
	if (has == &header->has_descr)
		return take_descr(cursor, header, error);
	if (has == &header->has_shape)
		return take_shape(cursor, header, error);
	header->array->fortran = take_word(cursor, "True");
	if (!header->array->fortran && !take_word(cursor, "False"))
		return wrong(cursor, error, "True or False");
	return 0;
}

static int read_header(struct cursor *cursor, struct header *header, struct error *error)
{
	if (!take(cursor, '{'))
		return wrong(cursor, error, "'{'");
	while (!take(cursor, '}')) {
		if (take_entry(cursor, header, error))
			return -1;
		skip_space(cursor);
		if (!take(cursor, ',') && (cursor->at == cursor->end || *cursor->at != '}'))
			return wrong(cursor, error, "',' or '}'");
	}
	skip_space(cursor);
	if (cursor->at != cursor->end)
		return wrong(cursor, error, "nothing behind '}'");
	if (!header->has_descr || !header->has_order || !header->has_shape)
		return wrong(cursor, error, "the keys 'descr', 'fortran_order' and 'shape'");
	return 0;
}

/* The header's place and length from the fixed part in front of it. */
static int find_header(const struct npy_array *array, const char *path, const unsigned char *b,
		       size_t size, size_t *start, size_t *length, struct error *error)
{
	static const unsigned char magic[] = { 0x93, 'N', 'U', 'M', 'P', 'Y' };

	if (size < 10 || memcmp(b, magic, sizeof magic))
		return fail(error, STATUS_INPUT, "%s: is not a .npy file: it does not start with "
			    "\\x93NUMPY and a header's length", path);
	if (b[6] < 1 || b[6] > 3)
		return fail(error, STATUS_INPUT,
			    "%s: .npy version %d.%d; 1.0, 2.0 and 3.0 are known", path, b[6], b[7]);
	*start = b[6] == 1 ? 10 : 12;
	*length = (size_t)b[8] | (size_t)b[9] << 8;
	if (b[6] > 1 && size >= 12)
		*length |= (size_t)b[10] << 16 | (size_t)b[11] << 24;
	if (array->size < *start || *length > array->size - *start)
		return fail(error, STATUS_INPUT,
			    "%s: is cut off: the header should have %zu bytes, the file has %zu",
			    path, *length, array->size);
	if (*length > NPY_HEADER_MOST)
		return fail(error, STATUS_INPUT, "%s: a header of %zu bytes; at most %d are read",
			    path, *length, NPY_HEADER_MOST);
	return 0;
}

int npy_parse(struct npy_array *array, const char *path, const unsigned char *bytes, size_t size,
	      struct error *error)
{
	struct header header = { .array = array };
	size_t start = 0, length = 0, wanted;
	int64_t elements;

	if (find_header(array, path, bytes, size, &start, &length, error))
		return -1;
	const char *text = (const char *)bytes + start;
	struct cursor cursor = { path, text, text + length, text };

	if (read_header(&cursor, &header, error))
		return -1;
	array->data = start + length;
	/* a shape that does not fit is told, with the array's name, where it is added */
	if (!layout_elements(array->rank, array->shape, &elements))
		return 0;
	wanted = (size_t)elements * (array->element->bits / 8);
	if (array->size - array->data != wanted)
		return fail(error, STATUS_INPUT,
			    "%s: its shape and type need %zu bytes of data, the file has %zu",
			    path, wanted, array->size - array->data);
	return 0;
}

void npy_values(const struct npy_array *array, const unsigned char *data, int64_t first,
		int64_t count, double *out)
{
	const size_t size = array->element->bits / 8;
	int64_t stride[RANK_MAX];

	if (!array->fortran || array->rank < 2) {
		element_read_doubles(out, data + (size_t)first * size, count, array->element,
				     array->big_endian);
		return;
	}
	layout_strides(stride, array->rank, array->shape, true);
	for (int64_t i = 0; i < count; i++) {
		int64_t rest = first + i, place = 0;

		for (int axis = array->rank; axis-- > 0; rest /= array->shape[axis])
			place += rest % array->shape[axis] * stride[axis];
		element_read_doubles(&out[i], data + (size_t)place * size, 1, array->element,
				     array->big_endian);
	}
}

int npy_load(const struct npy_array *array, const unsigned char *data,
	     const struct tensor_file *file, const struct tensor_info *info, struct tensor *out,
	     struct error *error)
{
	int64_t stride[RANK_MAX];
	float *values =
		env_new(file->env, (size_t)info->elements, sizeof *values, info->name, error);

	if (!values)
		return -1;
	element_read(values, data, info->elements, array->element, array->big_endian);
	layout_strides(stride, info->rank, info->shape, array->fortran);
	return tensor_from_values(out, file, info, values, stride, error);
}

static int npy_open(struct tensor_file *file, struct error *error)
{
	struct npy_array *array = env_new(file->env, 1, sizeof *array, "a .npy header", error);
	struct tensor_info *info;

	file->self = array;
	if (!array)
		return -1;
	array->size = file->size;
	if (npy_parse(array, file->path, file->bytes, file->size, error))
		return -1;
	info = tensor_file_add_only(file, array->element, array->rank, array->shape, error);
	if (!info)
		return -1;
	info->weight = info->floating;
	file->summary = env_print(file->env, error, "NumPy .npy %d.%d, %s order, %s-endian",
				  file->bytes[6], file->bytes[7], array->fortran ? "Fortran" : "C",
				  array->big_endian ? "big" : "little");
	return file->summary ? 0 : -1;
}

static int load(const struct tensor_file *file, const struct tensor_info *info, struct tensor *out,
		struct error *error)
{
	const struct npy_array *array = file->self;

	return npy_load(array, file->bytes + array->data, file, info, out, error);
}

static int values(const struct tensor_file *file, const struct tensor_info *info, int64_t first,
		  int64_t count, double *out, struct error *error)
{
	const struct npy_array *array = file->self;

	(void)info;
	(void)error;
	npy_values(array, file->bytes + array->data, first, count, out);
	return 0;
}

static void npy_close(struct tensor_file *file)
{
	env_free(file->env, file->self);
}

const struct reader reader_npy = {
	.value = { .name = "npy",
		   .summary = "NumPy array; a weight where it is floating, channel axis 0",
		   .source = "NumPy, numpy.lib.format, versions 1.0 to 3.0" },
	.suffix = ".npy",
	.single = true,
	.open = npy_open,
	.load = load,
	.values = values,
	.close = npy_close,
};
