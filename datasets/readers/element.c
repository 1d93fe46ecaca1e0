/* SPDX-License-Identifier: MIT */
#include "element.h"

#include "../layout.h"

#include <string.h>

static const struct element elements[] = {
	{ "float32", 32, ELEMENT_F32 },   { "float64", 64, ELEMENT_F64 },
	{ "float16", 16, ELEMENT_F16 },   { "bfloat16", 16, ELEMENT_BF16 },
	{ "int8", 8, ELEMENT_SIGNED },     { "uint8", 8, ELEMENT_UNSIGNED },
	{ "int16", 16, ELEMENT_SIGNED },   { "uint16", 16, ELEMENT_UNSIGNED },
	{ "int32", 32, ELEMENT_SIGNED },   { "uint32", 32, ELEMENT_UNSIGNED },
	{ "int64", 64, ELEMENT_SIGNED },   { "uint64", 64, ELEMENT_UNSIGNED },
	{ "bool", 8, ELEMENT_UNSIGNED },     { "string", 0, ELEMENT_OTHER },
	{ "complex64", 64, ELEMENT_OTHER }, { "complex128", 128, ELEMENT_OTHER },
	{ "float8", 8, ELEMENT_OTHER },   { "float4", 4, ELEMENT_OTHER },
	{ "int4", 4, ELEMENT_OTHER },     { "uint4", 4, ELEMENT_OTHER },
};

const struct element *element_find(const char *name)
{
	for (size_t i = 0; i < sizeof elements / sizeof *elements; i++)
		if (!strcmp(elements[i].name, name))
			return &elements[i];
	return NULL;
}

static float float_of_bits(uint32_t bits)
{
	float value;

	memcpy(&value, &bits, sizeof value);
	return value;
}

float float_of_half(uint16_t bits)
{
	const uint32_t sign = (uint32_t)(bits & 0x8000u) << 16;
	const uint32_t exponent = bits >> 10 & 0x1f, fraction = bits & 0x3ff;

	if (exponent == 0x1f)
		return float_of_bits(sign | 0x7f800000u | fraction << 13);
	if (exponent)
		return float_of_bits(sign | (exponent + 112) << 23 | fraction << 13);
	/* a denormal: fraction * 2^-24, exact in float32 */
	return (sign ? -1.0f : 1.0f) * (float)fraction * 0x1p-24f;
}

float float_of_bfloat16(uint16_t bits)
{
	return float_of_bits((uint32_t)bits << 16);
}

static uint64_t bits_at(const unsigned char *bytes, unsigned count, bool big_endian)
{
	uint64_t bits = 0;

	for (unsigned i = 0; i < count; i++)
		bits = bits << 8 | bytes[big_endian ? i : count - 1 - i];
	return bits;
}

void element_read(float *out, const unsigned char *bytes, int64_t count,
		  const struct element *element, bool big_endian)
{
	const unsigned size = element->bits / 8;

	for (int64_t i = 0; i < count; i++, bytes += size) {
		const uint64_t bits = bits_at(bytes, size, big_endian);
		double wide;

		switch (element->kind) {
		case ELEMENT_F32:
			out[i] = float_of_bits((uint32_t)bits);
			break;
		case ELEMENT_F64:
			memcpy(&wide, &bits, sizeof wide);
			out[i] = (float)wide;
			break;
		case ELEMENT_F16:
			out[i] = float_of_half((uint16_t)bits);
			break;
		case ELEMENT_BF16:
			out[i] = float_of_bfloat16((uint16_t)bits);
			break;
		default:
			out[i] = 0;
			break;
		}
	}
}

static double double_of_bits(uint64_t bits)
{
	double value;

	memcpy(&value, &bits, sizeof value);
	return value;
}

/* The number that a signed element's bits stand for. */
static int64_t signed_of_bits(uint64_t bits, const struct element *element)
{
	const uint64_t sign = UINT64_C(1) << (element->bits - 1);
	int64_t value;

	bits = (bits ^ sign) - sign;
	memcpy(&value, &bits, sizeof value);
	return value;
}

void element_read_doubles(double *out, const unsigned char *bytes, int64_t count,
			  const struct element *element, bool big_endian)
{
	const unsigned size = element->bits / 8;

	for (int64_t i = 0; i < count; i++, bytes += size) {
		const uint64_t bits = bits_at(bytes, size, big_endian);

		switch (element->kind) {
		case ELEMENT_SIGNED:
			out[i] = (double)signed_of_bits(bits, element);
			break;
		case ELEMENT_UNSIGNED:
			out[i] = (double)bits;
			break;
		case ELEMENT_F32:
			out[i] = (double)float_of_bits((uint32_t)bits);
			break;
		case ELEMENT_F64:
			out[i] = double_of_bits(bits);
			break;
		case ELEMENT_F16:
			out[i] = (double)float_of_half((uint16_t)bits);
			break;
		case ELEMENT_BF16:
			out[i] = (double)float_of_bfloat16((uint16_t)bits);
			break;
		default:
			out[i] = 0;
			break;
		}
	}
}

void element_read_wholes(int64_t *out, const unsigned char *bytes, int64_t count,
			 const struct element *element)
{
	const unsigned size = element->bits / 8;

	for (int64_t i = 0; i < count; i++, bytes += size) {
		const uint64_t bits = bits_at(bytes, size, false);

		if (element->kind == ELEMENT_SIGNED)
			out[i] = signed_of_bits(bits, element);
		else
			out[i] = bits < INT64_MAX ? (int64_t)bits : INT64_MAX;
	}
}

void tensor_info_layout(struct tensor_info *info, const int *order)
{
	memcpy(info->order, order, sizeof *order * (size_t)info->rank);
	info->axis = info->rank ? order[0] : 0;
	layout_rows(info->rank, info->shape, info->axis, &info->rows, &info->columns);
}

struct tensor_info *tensor_file_add(struct tensor_file *file, const char *name,
				    const struct element *element, int rank, const int64_t *shape,
				    struct error *error)
{
	struct tensor_info *info;
	int order[RANK_MAX];
	int64_t count;

	if (rank > RANK_MAX) {
		fail(error, STATUS_INPUT, "%s: tensor '%s' has %d axes; at most %d are read",
		     file->path, name, rank, RANK_MAX);
		return NULL;
	}
	if (!layout_elements(rank, shape, &count)) {
		fail(error, STATUS_INPUT,
		     "%s: tensor '%s' has a negative axis or more elements than 64 bits can count",
		     file->path, name);
		return NULL;
	}
	if (env_grow(file->env, &file->tensors, &file->capacity, file->count,
		     sizeof *file->tensors, "the list of tensors", error))
		return NULL;
	info = &file->tensors[file->count];
	*info = (struct tensor_info){ .type = element->name, .rank = rank, .elements = count,
				      .floating = element_is_floating(element), .role = "" };
	info->name = env_copy_text(file->env, name, error);
	if (!info->name)
		return NULL;
	for (int i = 0; i < rank; i++)
		info->shape[i] = shape[i];
	layout_order(order, rank, 0);
	tensor_info_layout(info, order);
	file->count++;
	return info;
}

struct tensor_info *tensor_file_add_only(struct tensor_file *file, const struct element *element,
					 int rank, const int64_t *shape, struct error *error)
{
	const char *slash = strrchr(file->path, '/');
	struct tensor_info *info;
	char *name = env_copy_text(file->env, slash ? slash + 1 : file->path, error);
	char *suffix;

	if (!name)
		return NULL;
	suffix = strrchr(name, '.');
	if (suffix && suffix != name)
		*suffix = '\0';
	info = tensor_file_add(file, name, element, rank, shape, error);
	env_free(file->env, name);
	return info;
}

int tensor_from_values(struct tensor *out, const struct tensor_file *file,
		       const struct tensor_info *info, float *values, const int64_t *stride,
		       struct error *error)
{
	int64_t dense[RANK_MAX];
	struct tensor tensor = { .env = file->env, .rank = info->rank, .axis = info->axis,
				 .rows = info->rows, .columns = info->columns, .values = values };
	bool straight = true;

	memcpy(tensor.shape, info->shape, sizeof tensor.shape);
	memcpy(tensor.order, info->order, sizeof tensor.order);
	layout_strides(dense, info->rank, info->shape, false);
	for (int i = 0; i < info->rank; i++)
		straight &= info->order[i] == i && stride[i] == dense[i];
	if (!straight) {
		tensor.values = env_new(file->env, (size_t)info->elements, sizeof *values,
					"a tensor in the order of its rows", error);
		if (tensor.values)
			layout_copy(tensor.values, values, info->rank, info->shape, stride,
				    info->order);
		env_free(file->env, values);
		if (!tensor.values)
			return -1;
	}
	*out = tensor;
	return 0;
}
