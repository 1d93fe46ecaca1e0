/* SPDX-License-Identifier: MIT
 *
 * A TensorProto's values: raw_data (little-endian), or the field of its type; float16 and bfloat16
 * outside of raw_data lie one in each int32.  Source: onnx.proto, message TensorProto.
 */
#include "onnx_file.h"

#include <string.h>

const struct element *onnx_element(const Onnx__TensorProto *proto)
{
	/* by the number of TensorProto.DataType; those behind 16 are newer than Debian's proto */
	static const char *const names[] = {
		NULL,      "float32",   "uint8",      "int8",     "uint16", "int16",  "int32",
		"int64",   "string",    "bool",       "float16",  "float64", "uint32", "uint64",
		"complex64", "complex128", "bfloat16", "float8",  "float8", "float8", "float8",
		"uint4",   "int4",      "float4",
	};
	const int type = proto->has_data_type ? proto->data_type : 0;

	if (type <= 0 || (size_t)type >= sizeof names / sizeof *names)
		return NULL;
	return element_find(names[type]);
}

static size_t typed_count(const Onnx__TensorProto *proto)
{
	switch (proto->data_type) {
	case ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT:
		return proto->n_float_data;
	case ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE:
		return proto->n_double_data;
	case ONNX__TENSOR_PROTO__DATA_TYPE__INT64:
		return proto->n_int64_data;
	default:
		return proto->n_int32_data;
	}
}

/* The entry's value, or "" */
static const char *external(const Onnx__TensorProto *proto, const char *key)
{
	for (size_t i = 0; i < proto->n_external_data; i++)
		if (!strcmp(proto->external_data[i]->key ? proto->external_data[i]->key : "", key))
			return proto->external_data[i]->value ? proto->external_data[i]->value : "";
	return "";
}

int onnx_check_data(const struct tensor_file *file, struct tensor_info *info,
		    const Onnx__TensorProto *proto, struct error *error)
{
	const struct element *element = onnx_element(proto);
	const bool shape_like = proto->data_type == ONNX__TENSOR_PROTO__DATA_TYPE__INT64;
	const size_t size = element->bits / 8;
	size_t found;

	if (proto->n_external_data ||
	    proto->data_location == ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL) {
		info->refusal =
			env_print(file->env, error,
				  "keeps its data in the file '%s', and data outside of the "
				  "model's file are not read; save the model with its data inside",
				  external(proto, "location"));
		return info->refusal ? 0 : -1;
	}
	if (!info->floating && !shape_like)
		return 0;
	if (proto->segment)
		return fail(error, STATUS_INPUT,
			    "%s: tensor '%s' is a segment of a larger one, which is not read",
			    file->path, info->name);
	found = typed_count(proto);
	if (proto->has_raw_data && found)
		return fail(error, STATUS_INPUT,
			    "%s: tensor '%s' has its data twice, raw and typed", file->path,
			    info->name);
	if (proto->has_raw_data) {
		if (proto->raw_data.len != (size_t)info->elements * size)
			return fail(error, STATUS_INPUT,
				    "%s: tensor '%s': %lld elements of %s need %zu bytes, "
				    "raw_data has %zu",
				    file->path, info->name, (long long)info->elements, info->type,
				    (size_t)info->elements * size, proto->raw_data.len);
		return 0;
	}
	if (found != (size_t)info->elements)
		return fail(error, STATUS_INPUT,
			    "%s: tensor '%s': its shape has %lld elements, its data %zu",
			    file->path, info->name, (long long)info->elements, found);
	return 0;
}

void onnx_read_floats(float *out, const Onnx__TensorProto *proto, int64_t count)
{
	const struct element *element = onnx_element(proto);

	if (proto->has_raw_data) {
		element_read(out, proto->raw_data.data, count, element, false);
		return;
	}
	for (int64_t i = 0; i < count; i++)
		switch (element->kind) {
		case ELEMENT_F32:
			out[i] = proto->float_data[i];
			break;
		case ELEMENT_F64:
			out[i] = (float)proto->double_data[i];
			break;
		case ELEMENT_F16:
			out[i] = float_of_half((uint16_t)proto->int32_data[i]);
			break;
		case ELEMENT_BF16:
			out[i] = float_of_bfloat16((uint16_t)proto->int32_data[i]);
			break;
		case ELEMENT_OTHER:
			out[i] = 0;
			break;
		}
}

int onnx_read_shape(int64_t out[RANK_MAX], const Onnx__TensorProto *proto)
{
	const size_t count = proto->has_raw_data ? proto->raw_data.len / 8 : proto->n_int64_data;

	if (proto->data_type != ONNX__TENSOR_PROTO__DATA_TYPE__INT64 || proto->n_dims != 1 ||
	    count > RANK_MAX || proto->n_external_data)
		return -1;
	for (size_t i = 0; i < count; i++) {
		uint64_t bits = 0;

		if (!proto->has_raw_data) {
			out[i] = proto->int64_data[i];
			continue;
		}
		for (int byte = 7; byte >= 0; byte--)
			bits = bits << 8 | proto->raw_data.data[8 * i + (size_t)byte];
		memcpy(&out[i], &bits, sizeof bits);
	}
	return (int)count;
}
