/* SPDX-License-Identifier: MIT
 *
 * Hugging Face's .safetensors:
 *
 *         length (8 bytes, little-endian)  header (JSON, length bytes)  data
 *
 *         {"__metadata__": {...}, "NAME": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0,
 * 24]}}
 *
 * Offsets count from the first byte behind the header.  The header is looked over before cJSON
 * builds a tree of it, because the tree is about 40 times as large as the densest text: at most
 * VALUES_MOST values, nested at most 4 deep.  Weights are the floating tensors with at least two
 * axes longer than 1, channel axis 0; the file does not say what reads them, so the axes keep the
 * file's order.  Source: the format section of github.com/huggingface/safetensors.
 */
#include "element.h"

#include "../layout.h"

#include <cJSON.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_MOST = 100000000, VALUES_MOST = 1 << 20, DEPTH_MOST = 4 };

static const struct {
	const char *dtype, *name;
} types[] = {
	{ "F32", "float32" },    { "F16", "float16" },    { "BF16", "bfloat16" },
	{ "F64", "float64" },    { "I8", "int8" },        { "U8", "uint8" },
	{ "I16", "int16" },      { "U16", "uint16" },     { "I32", "int32" },
	{ "U32", "uint32" },     { "I64", "int64" },      { "U64", "uint64" },
	{ "BOOL", "bool" },      { "F8_E4M3", "float8" }, { "F8_E5M2", "float8" },
	{ "F8_E8M0", "float8" }, { "F4", "float4" },      { "C64", "complex64" },
};

/* Braces, commas and colons outside of texts, without recursion: enough to bound cJSON's tree. */
static int look_over(const struct tensor_file *file, const char *text, size_t length,
		     struct error *error)
{
	size_t values = 0, depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < length; i++) {
		const char c = text[i];

		if (quoted) {
			quoted = c != '"';
			i += c == '\\';
			continue;
		}
		quoted = c == '"';
		depth += c == '{' || c == '[';
		if (depth > DEPTH_MOST)
			return fail(error, STATUS_INPUT,
				    "%s: header byte %zu: nested deeper than %d", file->path, i,
				    DEPTH_MOST);
		if ((c == '}' || c == ']') && depth)
			depth--;
		values += c == ',' || c == '{' || c == '[';
		if (values > VALUES_MOST)
			return fail(error, STATUS_INPUT, "%s: the header has more than %d values",
				    file->path, VALUES_MOST);
	}
	return 0;
}

/* A whole number from 0 to 2^53 of an array. */
static bool whole(const cJSON *item, int64_t *out)
{
	if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0 && item->valuedouble <= 0x1p53) ||
	    item->valuedouble != floor(item->valuedouble))
		return false;
	*out = (int64_t)item->valuedouble;
	return true;
}

/* An array of whole numbers; their count, or -1. */
static int whole_array(const cJSON *array, int64_t *out, int most)
{
	int count = 0;

	if (!cJSON_IsArray(array))
		return -1;
	for (const cJSON *item = array->child; item; item = item->next, count++)
		if (count == most || !whole(item, &out[count]))
			return -1;
	return count;
}

struct entry {                  /* the three keys of a tensor                            */
	const cJSON *dtype, *shape, *offsets;
};

static int entry_keys(struct entry *entry, const struct tensor_file *file, const cJSON *item,
		      struct error *error)
{
	*entry = (struct entry){ 0 };
	for (const cJSON *key = item->child; cJSON_IsObject(item) && key; key = key->next) {
		const cJSON **place = !strcmp(key->string, "dtype")          ? &entry->dtype
				      : !strcmp(key->string, "shape")        ? &entry->shape
				      : !strcmp(key->string, "data_offsets") ? &entry->offsets
									     : NULL;
		if (!place || *place)
			return fail(error, STATUS_INPUT,
				    "%s: tensor '%s': key '%s' is %s; expected dtype, shape and "
				    "data_offsets, once each",
				    file->path, item->string, key->string,
				    place ? "doubled" : "unknown");
		*place = key;
	}
	if (!entry->dtype || !entry->shape || !entry->offsets)
		return fail(error, STATUS_INPUT,
			    "%s: tensor '%s': expected an object with dtype, shape and "
			    "data_offsets",
			    file->path, item->string);
	return 0;
}

static const struct element *element_of(const cJSON *dtype)
{
	for (size_t i = 0; cJSON_IsString(dtype) && i < sizeof types / sizeof *types; i++)
		if (!strcmp(types[i].dtype, dtype->valuestring))
			return element_find(types[i].name);
	return NULL;
}

static int add_tensor(struct tensor_file *file, const cJSON *item, size_t data, struct error *error)
{
	const struct element *element;
	struct tensor_info *info;
	struct entry entry;
	int64_t shape[RANK_MAX], offsets[2];
	int rank, longer = 0;

	if (entry_keys(&entry, file, item, error))
		return -1;
	element = element_of(entry.dtype);
	if (!element)
		return fail(error, STATUS_INPUT,
			    "%s: tensor '%s': unknown dtype '%s'; F64, F32, F16, BF16 are read, "
			    "integers listed",
			    file->path, item->string,
			    cJSON_IsString(entry.dtype) ? entry.dtype->valuestring : "(no text)");
	rank = whole_array(entry.shape, shape, RANK_MAX);
	if (rank < 0)
		return fail(error, STATUS_INPUT,
			    "%s: tensor '%s': shape is not a list of at most %d whole numbers",
			    file->path, item->string, RANK_MAX);
	if (whole_array(entry.offsets, offsets, 2) != 2 || offsets[0] > offsets[1] ||
	    (uint64_t)offsets[1] > file->size - data)
		return fail(error, STATUS_INPUT, "%s: tensor '%s': data_offsets are not two whole "
			    "numbers, the first at most the second, within the %zu bytes of data",
			    file->path, item->string, file->size - data);
	info = tensor_file_add(file, item->string, element, rank, shape, error);
	if (!info)
		return -1;
	if ((uint64_t)(offsets[1] - offsets[0]) * 8 != (uint64_t)info->elements * element->bits)
		return fail(error, STATUS_INPUT,
			    "%s: tensor '%s': %lld elements of %s need another number of bytes "
			    "than the %lld of its data_offsets",
			    file->path, info->name, (long long)info->elements, info->type,
			    (long long)(offsets[1] - offsets[0]));
	for (int i = 0; i < rank; i++)
		longer += shape[i] > 1;
	info->weight = info->floating && longer >= 2 && info->elements > 0;
	info->place = data + (uint64_t)offsets[0];
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct tensor_info *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static int by_place(const void *a, const void *b)
{
	const struct tensor_info *const *x = a, *const *y = b;

	return ((*x)->place > (*y)->place) - ((*x)->place < (*y)->place);
}

/* No name twice, no byte in two tensors. */
static int check_tensors(const struct tensor_file *file, struct error *error)
{
	const struct tensor_info **sorted = env_new(file->env, file->count, sizeof *sorted,
						    "the list of tensors", error);
	const struct tensor_info *last = NULL;
	int status = 0;

	if (!sorted)
		return -1;
	for (size_t i = 0; i < file->count; i++)
		sorted[i] = &file->tensors[i];
	qsort(sorted, file->count, sizeof *sorted, by_name);
	for (size_t i = 1; i < file->count && !status; i++)
		if (!strcmp(sorted[i - 1]->name, sorted[i]->name))
			status = fail(error, STATUS_INPUT, "%s: tensor '%s' stands there twice",
				      file->path, sorted[i]->name);
	qsort(sorted, file->count, sizeof *sorted, by_place);
	for (size_t i = 0; i < file->count && !status; i++) {
		const struct tensor_info *info = sorted[i];

		if (!info->elements)
			continue;
		if (last && last->place + (uint64_t)last->elements *
						  element_find(last->type)->bits / 8 > info->place)
			status = fail(error, STATUS_INPUT, "%s: the data of tensors '%s' and '%s' "
				      "overlap", file->path, last->name, info->name);
		last = info;
	}
	env_free(file->env, sorted);
	return status;
}

static int read_tree(struct tensor_file *file, const cJSON *tree, size_t data, struct error *error)
{
	const cJSON *metadata = NULL;

	if (!cJSON_IsObject(tree))
		return fail(error, STATUS_INPUT, "%s: the header is not a JSON object", file->path);
	for (const cJSON *item = tree->child; item; item = item->next) {
		if (!strcmp(item->string, "__metadata__")) {
			if (metadata)
				return fail(error, STATUS_INPUT,
					    "%s: __metadata__ stands there twice", file->path);
			metadata = item;
		} else if (!*item->string) {
			return fail(error, STATUS_INPUT, "%s: a tensor without a name", file->path);
		} else if (add_tensor(file, item, data, error)) {
			return -1;
		}
	}
	if (check_tensors(file, error))
		return -1;
	file->summary = env_print(file->env, error, "safetensors, %zu tensors", file->count);
	return file->summary ? 0 : -1;
}

/* cJSON notes the place of an error in a variable that all threads share. */
static cJSON *parse(const char *text, size_t length, const char **end)
{
	static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
	cJSON *tree;

	pthread_mutex_lock(&turn);
	tree = cJSON_ParseWithLengthOpts(text, length, end, false);
	pthread_mutex_unlock(&turn);
	return tree;
}

static int safetensors_open(struct tensor_file *file, struct error *error)
{
	const char *text = (const char *)file->bytes + 8, *end = NULL;
	uint64_t length = 0;
	cJSON *tree;
	int status;

	if (file->size < 8)
		return fail(error, STATUS_INPUT,
			    "%s: is not a .safetensors file: %zu bytes, less than the header's "
			    "length",
			    file->path, file->size);
	for (int i = 7; i >= 0; i--)
		length = length << 8 | file->bytes[i];
	if (length > file->size - 8)
		return fail(error, STATUS_INPUT,
			    "%s: is cut off or not a .safetensors file: a header of %llu bytes, "
			    "the file has %zu",
			    file->path, (unsigned long long)length, file->size);
	if (length > HEADER_MOST)
		return fail(error, STATUS_INPUT, "%s: a header of %llu bytes; at most %d are read",
			    file->path, (unsigned long long)length, HEADER_MOST);
	if (!length || *text != '{')
		return fail(error, STATUS_INPUT, "%s: the header does not start with '{'",
			    file->path);
	if (look_over(file, text, length, error))
		return -1;
	tree = parse(text, length, &end);
	while (tree && end < text + length && *end && strchr(" \t\r\n", *end))
		end++;
	if (!tree || end != text + length) {
		cJSON_Delete(tree);
		return fail(error, STATUS_INPUT, "%s: header byte %td: is not JSON", file->path,
			    end ? end - text : 0);
	}
	status = read_tree(file, tree, 8 + (size_t)length, error);
	cJSON_Delete(tree);
	return status;
}

static int safetensors_load(const struct tensor_file *file, const struct tensor_info *info,
			    struct tensor *out, struct error *error)
{
	int64_t stride[RANK_MAX];
	float *values =
		env_new(file->env, (size_t)info->elements, sizeof *values, info->name, error);

	if (!values)
		return -1;
	element_read(values, file->bytes + info->place, info->elements, element_find(info->type),
		     false);
	layout_strides(stride, info->rank, info->shape, false);
	return tensor_from_values(out, file, info, values, stride, error);
}

const struct reader reader_safetensors = {
	.value = { .name = "safetensors",
		   .summary = "floating tensors with two axes longer than 1 are weights; channel "
			      "axis 0",
		   .source = "Hugging Face, the format section of the safetensors repository" },
	.suffix = ".safetensors",
	.open = safetensors_open,
	.load = safetensors_load,
};
