/* SPDX-License-Identifier: MIT
 *
 * A TensorProto of ONNX in a file of its own, as the test data of the model zoo has them: one
 * array. Source: onnx.proto, message TensorProto.
 */
#include "onnx_file.h"

struct proto_file {
	struct onnx_file onnx;
	Onnx__TensorProto *proto;
};

static int proto_open(struct tensor_file *file, struct error *error)
{
	struct proto_file *self = env_new(file->env, 1, sizeof *self, "an ONNX tensor", error);
	const Onnx__TensorProto *proto;
	const struct element *element;
	struct tensor_info *info;

	file->self = self;
	if (!self)
		return -1;
	self->onnx.env = file->env;
	self->proto = (Onnx__TensorProto *)onnx_unpack(&self->onnx, &onnx__tensor_proto__descriptor,
						       file->path, file->bytes, file->size, error);
	proto = self->proto;
	if (!proto)
		return -1;
	element = onnx_element(proto);
	if (!element)
		return fail(error, STATUS_INPUT,
			    "%s: is not an ONNX tensor: it has no element type "
			    "that is known",
			    file->path);
	if (proto->n_dims > RANK_MAX)
		return fail(error, STATUS_INPUT, "%s: has %zu axes; at most %d are read",
			    file->path, proto->n_dims, RANK_MAX);
	info = proto->name && *proto->name ? tensor_file_add(file, proto->name, element,
							     (int)proto->n_dims, proto->dims, error)
					   : tensor_file_add_only(file, element, (int)proto->n_dims,
								  proto->dims, error);
	if (!info)
		return -1;
	info->weight = info->floating;
	if (onnx_is_external(proto))
		return fail(error, STATUS_INPUT,
			    "%s: its data lie in another file, '%s', which is "
			    "not read",
			    file->path, onnx_external_file(proto));
	if (element->kind != ELEMENT_OTHER &&
	    onnx_check_data(proto, file->path, info->name, info->elements, error))
		return -1;
	file->summary = env_print(file->env, error, "ONNX TensorProto of %s", element->name);
	return file->summary ? 0 : -1;
}

/* Typed fields: floats are exact in float32 but for float64, whole numbers in 64 bits. */
static double typed_value(const Onnx__TensorProto *proto, const struct element *element, int64_t i)
{
	switch (proto->data_type) {
	case ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT:
		return (double)proto->float_data[i];
	case ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE:
		return proto->double_data[i];
	case ONNX__TENSOR_PROTO__DATA_TYPE__INT64:
		return (double)proto->int64_data[i];
	case ONNX__TENSOR_PROTO__DATA_TYPE__UINT32:
	case ONNX__TENSOR_PROTO__DATA_TYPE__UINT64:
		return (double)proto->uint64_data[i];
	default:
		break;
	}
	if (element->kind == ELEMENT_F16)
		return (double)float_of_half((uint16_t)proto->int32_data[i]);
	if (element->kind == ELEMENT_BF16)
		return (double)float_of_bfloat16((uint16_t)proto->int32_data[i]);
	return (double)proto->int32_data[i];
}

static int proto_values(const struct tensor_file *file, const struct tensor_info *info,
			int64_t first, int64_t count, double *out, struct error *error)
{
	const Onnx__TensorProto *proto = ((const struct proto_file *)file->self)->proto;
	const struct element *element = onnx_element(proto);

	(void)info;
	(void)error;
	if (proto->has_raw_data)
		element_read_doubles(out,
				     proto->raw_data.data + (size_t)first * (element->bits / 8),
				     count, element, false);
	else
		for (int64_t i = 0; i < count; i++)
			out[i] = typed_value(proto, element, first + i);
	return 0;
}

static void proto_close(struct tensor_file *file)
{
	struct proto_file *self = file->self;

	if (self)
		onnx_free(&self->onnx, (ProtobufCMessage *)self->proto);
	env_free(file->env, self);
}

const struct reader reader_tensorproto = {
	.value = { .name = "tensorproto",
		   .summary = "one ONNX tensor, like the test data beside a model of the zoo",
		   .source = "onnx.proto of the ONNX project, message TensorProto" },
	.suffix = ".pb",
	.single = true,
	.samples = true,
	.open = proto_open,
	.values = proto_values,
	.close = proto_close,
};
