/* SPDX-License-Identifier: MIT
 *
 * ONNX models: initializers and the values of Constant nodes, listed and loaded; nothing is run.
 * Source: onnx.proto of Debian's libonnx-dev.
 */
#include "onnx_file.h"

#include "../../harness/text.h"
#include "../layout.h"

#include <string.h>

static int add_tensor(struct tensor_file *file, const Onnx__TensorProto *proto, const char *name,
		      struct error *error)
{
	struct onnx_file *onnx = file->self;
	const struct element *element = onnx_element(proto);
	struct tensor_info *info;

	if (!name || !*name)
		return fail(error, STATUS_INPUT, "%s: tensor %zu has no name", file->path,
			    file->count);
	if (!element)
		return fail(error, STATUS_INPUT, "%s: tensor '%s' has the unknown data type %d",
			    file->path, name, proto->has_data_type ? proto->data_type : 0);
	if (proto->n_dims > RANK_MAX)
		return fail(error, STATUS_INPUT,
			    "%s: tensor '%s' has %zu axes; at most %d are read", file->path, name,
			    proto->n_dims, RANK_MAX);
	info = tensor_file_add(file, name, element, (int)proto->n_dims, proto->dims, error);
	if (!info)
		return -1;
	info->place = file->count - 1;
	onnx->tensors[info->place] = (struct onnx_tensor){ proto, name };
	onnx->count = file->count;
	if (onnx_is_external(proto)) {
		info->refusal =
			env_print(file->env, error,
				  "keeps its data in the file '%s', and data outside of the "
				  "model's file are not read; save the model with its data inside",
				  onnx_external_file(proto));
		return info->refusal ? 0 : -1;
	}
	/* int64: what Reshape reads */
	if (!info->floating && proto->data_type != ONNX__TENSOR_PROTO__DATA_TYPE__INT64)
		return 0;
	return onnx_check_data(proto, file->path, info->name, info->elements, error);
}

/* The tensor of a Constant node; NULL: it is no such node, or holds no tensor. */
static const Onnx__TensorProto *constant_value(const Onnx__NodeProto *node)
{
	if (!node->op_type || strcmp(node->op_type, "Constant") || !node->n_output)
		return NULL;
	for (size_t i = 0; i < node->n_attribute; i++)
		if (node->attribute[i]->name && !strcmp(node->attribute[i]->name, "value"))
			return node->attribute[i]->t;
	return NULL;
}

static int list_tensors(struct tensor_file *file, struct error *error)
{
	struct onnx_file *onnx = file->self;
	const Onnx__GraphProto *graph = onnx->model->graph;

	onnx->tensors = env_new(file->env, graph->n_initializer + graph->n_node,
				sizeof *onnx->tensors, "the list of tensors", error);
	if (!onnx->tensors)
		return -1;
	for (size_t i = 0; i < graph->n_initializer; i++)
		if (add_tensor(file, graph->initializer[i], graph->initializer[i]->name, error))
			return -1;
	for (size_t i = 0; i < graph->n_node; i++) {
		const Onnx__TensorProto *value = constant_value(graph->node[i]);

		if (value && add_tensor(file, value, graph->node[i]->output[0], error))
			return -1;
	}
	return 0;
}

/* One line for `inspect`, with what was not read. */
static int summarize(struct tensor_file *file, size_t disagreeing, struct error *error)
{
	const struct onnx_file *onnx = file->self;
	const Onnx__ModelProto *model = onnx->model;
	struct text text = { .env = file->env };
	const char *between = ", opset ";

	text_add(&text, "ONNX IR %lld", (long long)model->ir_version);
	for (size_t i = 0; i < model->n_opset_import && i < 4; i++, between = ", ")
		text_add(&text, "%s%s%s%lld", between,
			 model->opset_import[i]->domain ? model->opset_import[i]->domain : "",
			 model->opset_import[i]->domain && *model->opset_import[i]->domain ? " "
											   : "",
			 (long long)model->opset_import[i]->version);
	text_add(&text, ", %zu nodes, %zu tensors", model->graph->n_node, file->count);
	if (model->graph->n_sparse_initializer)
		text_add(&text, ", %zu sparse tensors not read",
			 model->graph->n_sparse_initializer);
	if (disagreeing)
		text_add(&text, ", layout by the first of several readers: %zu times", disagreeing);
	file->summary = text_take(&text, error);
	return file->summary ? 0 : -1;
}

static int onnx_open(struct tensor_file *file, struct error *error)
{
	struct onnx_file *onnx = env_new(file->env, 1, sizeof *onnx, "an ONNX file", error);
	size_t disagreeing = 0;

	if (!onnx)
		return -1;
	onnx->env = file->env;
	file->self = onnx;
	if (onnx_decode(onnx, file->path, file->bytes, file->size, error) ||
	    list_tensors(file, error) || onnx_find_weights(file, &disagreeing, error))
		return -1;
	return summarize(file, disagreeing, error);
}

/* Applies the chain's transposes; a reshape moves nothing.  Takes values over. */
static float *follow(const struct tensor_file *file, const struct onnx_chain *chain, float *values,
		     int rank, const int64_t *shape, int64_t count, struct error *error)
{
	for (int i = 0; i < chain->steps; i++) {
		const struct onnx_step *step = &chain->step[i];
		int64_t stride[RANK_MAX];
		float *moved;

		if (step->transpose) {
			moved = env_new(file->env, (size_t)count, sizeof *moved,
					"a transposed tensor", error);
			layout_strides(stride, rank, shape, false);
			if (moved)
				layout_copy(moved, values, rank, shape, stride, step->permutation);
			env_free(file->env, values);
			values = moved;
			if (!values)
				return NULL;
		}
		rank = step->rank;
		shape = step->shape;
	}
	return values;
}

static int onnx_load(const struct tensor_file *file, const struct tensor_info *info,
		     struct tensor *out, struct error *error)
{
	const struct onnx_file *onnx = file->self;
	const Onnx__TensorProto *proto = onnx->tensors[info->place].proto;
	int64_t stride[RANK_MAX];
	float *values =
		env_new(file->env, (size_t)info->elements, sizeof *values, info->name, error);

	if (!values)
		return -1;
	onnx_read_floats(values, proto, info->elements);
	if (info->extra)
		values = follow(file, info->extra, values, (int)proto->n_dims, proto->dims,
				info->elements, error);
	if (!values)
		return -1;
	layout_strides(stride, info->rank, info->shape, false);
	return tensor_from_values(out, file, info, values, stride, error);
}

static void onnx_close(struct tensor_file *file)
{
	struct onnx_file *onnx = file->self;

	if (!onnx)
		return;
	onnx_release(onnx);
	env_free(file->env, onnx->tensors);
	env_free(file->env, onnx);
}

const struct reader reader_onnx = {
	.value = { .name = "onnx",
		   .summary = "floating weight inputs of Conv, ConvTranspose, Gemm, MatMul and "
			      "Quant are weights; channel axis by the node that reads them",
		   .source = "onnx.proto and Operators.md of the ONNX project" },
	.suffix = ".onnx",
	.open = onnx_open,
	.load = onnx_load,
	.close = onnx_close,
};
