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
	case ONNX__TENSOR_PROTO__DATA_TYPE__UINT32:
	case ONNX__TENSOR_PROTO__DATA_TYPE__UINT64:
		return proto->n_uint64_data;
	default:
		return proto->n_int32_data;
	}
}

bool onnx_is_external(const Onnx__TensorProto *proto)
{
	return proto->n_external_data ||
	       proto->data_location == ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL;
}

const char *onnx_external_file(const Onnx__TensorProto *proto)
{
	for (size_t i = 0; i < proto->n_external_data; i++) {
		const Onnx__StringStringEntryProto *entry = proto->external_data[i];

		if (entry->key && !strcmp(entry->key, "location"))
			return entry->value ? entry->value : "";
	}
	return "";
}

int onnx_check_data(const Onnx__TensorProto *proto, const char *path, const char *name,
		    int64_t elements, struct error *error)
{
	const struct element *element = onnx_element(proto);
	const size_t size = element->bits / 8, found = typed_count(proto);

	if (proto->segment)
		return fail(error, STATUS_INPUT,
			    "%s: tensor '%s' is a segment of a larger one, which is not read",
			    path, name);
	if (proto->has_raw_data && found)
		return fail(error, STATUS_INPUT,
			    "%s: tensor '%s' has its data twice, raw and typed", path, name);
	if (proto->has_raw_data) {
		if (proto->raw_data.len != (size_t)elements * size)
			return fail(error, STATUS_INPUT,
				    "%s: tensor '%s': %lld elements of %s need %zu bytes, "
				    "raw_data has %zu",
				    path, name, (long long)elements, element->name,
				    (size_t)elements * size, proto->raw_data.len);
		return 0;
	}
	if (found != (size_t)elements)
		return fail(error, STATUS_INPUT,
			    "%s: tensor '%s': its shape has %lld elements, its data %zu",
			    path, name, (long long)elements, found);
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
		default:
			out[i] = 0;
			break;
		}
}

void onnx_read_wholes(int64_t *out, const Onnx__TensorProto *proto, int64_t count)
{
	if (proto->has_raw_data) {
		element_read_wholes(out, proto->raw_data.data, count, onnx_element(proto));
		return;
	}
	for (int64_t i = 0; i < count; i++)
		switch (proto->data_type) {
		case ONNX__TENSOR_PROTO__DATA_TYPE__INT64:
			out[i] = proto->int64_data[i];
			break;
		case ONNX__TENSOR_PROTO__DATA_TYPE__UINT32:
		case ONNX__TENSOR_PROTO__DATA_TYPE__UINT64:
			out[i] = proto->uint64_data[i] < INT64_MAX ? (int64_t)proto->uint64_data[i]
								   : INT64_MAX;
			break;
		default:
			out[i] = proto->int32_data[i];
			break;
		}
}

int onnx_read_shape(int64_t out[RANK_MAX], const Onnx__TensorProto *proto)
{
	const size_t count = proto->has_raw_data ? proto->raw_data.len / 8 : proto->n_int64_data;

	if (proto->data_type != ONNX__TENSOR_PROTO__DATA_TYPE__INT64 || proto->n_dims != 1 ||
	    count > RANK_MAX || proto->n_external_data)
		return -1;
	onnx_read_wholes(out, proto, (int64_t)count);
	return (int)count;
}
