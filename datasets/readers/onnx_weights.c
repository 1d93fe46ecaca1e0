/* SPDX-License-Identifier: MIT
 *
 * Which tensors of an ONNX graph are weights, and how they lie.
 *
 * A weight is the floating tensor at the weight input of Conv, ConvTranspose, Gemm or MatMul, also
 * behind Reshape (of a constant shape), Transpose, Identity and Quant; and a tensor that a Quant
 * reads and that nothing else places.  Biases are never weights.  From each such node the way is
 * followed backwards, at most CHAIN_MOST nodes; the first node in the file's order decides.  Only
 * the main graph is looked at, not the bodies of If and Loop.
 *
 * The shape is the one that the consumer sees.  Its output channel is axis 0 of Conv; axis 1 of
 * ConvTranspose (of each group: with g groups a row holds the g channels that share its index); of
 * Gemm and MatMul the axis that is not summed over.  Columns: for convolutions the spatial axes,
 * then the input channel; else the other axes in their order.
 */
#include "onnx_file.h"

#include "../layout.h"

#include <string.h>

struct search {
	struct tensor_file *file;
	const Onnx__GraphProto *proto;
	struct onnx_name *tensors, *outputs;     /* sorted by name; index: tensor, node  */
	size_t tensor_count, output_count;
	size_t disagreeing;
};

static bool is_op(const Onnx__NodeProto *node, const char *type)
{
	return node->op_type && !strcmp(node->op_type, type);
}

static const Onnx__AttributeProto *attribute(const Onnx__NodeProto *node, const char *name)
{
	for (size_t i = 0; i < node->n_attribute; i++)
		if (node->attribute[i]->name && !strcmp(node->attribute[i]->name, name))
			return node->attribute[i];
	return NULL;
}

static bool attribute_set(const Onnx__NodeProto *node, const char *name)
{
	const Onnx__AttributeProto *found = attribute(node, name);

	return found && found->has_i && found->i;
}

/* The constant tensor of that name: an initializer or a Constant's value. */
static const struct onnx_name *constant(const struct search *search, const char *name)
{
	return onnx_find_name(search->tensors, search->tensor_count, name);
}

/* Where a value was on its way to a consumer: the nodes, last first. */
struct way {
	size_t tensor;          /* index in file->tensors                                */
	int count;
	const Onnx__NodeProto *node[CHAIN_MOST];
};

/* From a node's input back to the constant tensor; false: there is none. */
static bool walk_back(const struct search *search, const char *value, struct way *way)
{
	way->count = 0;
	for (;;) {
		const struct onnx_name *found = constant(search, value);
		const Onnx__NodeProto *node;

		if (found) {
			way->tensor = found->index;
			return true;
		}
		found = onnx_find_name(search->outputs, search->output_count, value);
		if (!found || way->count == CHAIN_MOST)
			return false;
		node = search->proto->node[found->index];
		if (!node->n_input || !(is_op(node, "Quant") ||
					(onnx_is_standard(node->domain) &&
					 (is_op(node, "Reshape") || is_op(node, "Transpose") ||
					  is_op(node, "Identity")))))
			return false;
		way->node[way->count++] = node;
		value = node->input[0];
	}
}

/* The step's shape by Reshape's rule: 0 keeps an axis (unless allowzero), -1 is what is left. */
static bool reshape(const struct search *search, const Onnx__NodeProto *node, int rank,
		    const int64_t *shape, struct onnx_step *step)
{
	const struct onnx_name *found = node->n_input > 1 ? constant(search, node->input[1]) : NULL;
	const struct onnx_file *onnx = search->file->self;
	int64_t before, known = 1, count;
	int open = -1;

	step->rank = found ? onnx_read_shape(step->shape, onnx->tensors[found->index].proto) : -1;
	if (step->rank < 0 || !layout_elements(rank, shape, &before))
		return false;
	for (int i = 0; i < step->rank; i++) {
		if (step->shape[i] == 0 && !attribute_set(node, "allowzero") && i < rank)
			step->shape[i] = shape[i];
		if (step->shape[i] == -1 && open < 0)
			open = i;
		else if (step->shape[i] < 1 ||
			 __builtin_mul_overflow(known, step->shape[i], &known))
			return false;
	}
	if (open >= 0)
		step->shape[open] = before / known;
	return layout_elements(step->rank, step->shape, &count) && count == before;
}

static bool transpose(const Onnx__NodeProto *node, int rank, const int64_t *shape,
		      struct onnx_step *step)
{
	const Onnx__AttributeProto *perm = attribute(node, "perm");
	unsigned seen = 0;

	step->rank = rank;
	step->transpose = true;
	if (perm && perm->n_ints != (size_t)rank)
		return false;
	for (int i = 0; i < rank; i++) {
		const int64_t axis = perm ? perm->ints[i] : rank - 1 - i;

		if (axis < 0 || axis >= rank || seen & 1u << axis)
			return false;
		seen |= 1u << axis;
		step->permutation[i] = (int)axis;
		step->shape[i] = shape[axis];
	}
	return true;
}

/* The steps of a way, first to last; false where one of them cannot be followed. */
static bool make_chain(const struct search *search, const struct way *way,
		       struct onnx_chain *chain)
{
	const struct onnx_file *onnx = search->file->self;
	const Onnx__TensorProto *proto = onnx->tensors[way->tensor].proto;
	int rank = (int)proto->n_dims;
	const int64_t *shape = proto->dims;

	chain->steps = 0;
	for (int i = way->count - 1; i >= 0; i--) {
		const Onnx__NodeProto *node = way->node[i];
		struct onnx_step *step = &chain->step[chain->steps];

		memset(step, 0, sizeof *step);
		if (is_op(node, "Reshape")) {
			if (!reshape(search, node, rank, shape, step))
				return false;
		} else if (is_op(node, "Transpose")) {
			if (!transpose(node, rank, shape, step))
				return false;
		} else {
			continue;
		}
		chain->steps++;
		rank = step->rank;
		shape = step->shape;
	}
	return true;
}

struct input {                  /* an input of an operator that may be a weight          */
	const char *op;
	size_t index;
	const char *role;
	bool weight;            /* false: a bias                                         */
	int axis;               /* of the output channel; below 0 from the end           */
	bool convolution;
	const char *transposed; /* an attribute that moves `axis` to the other of two    */
};

static const struct input inputs[] = {
	{ "Conv", 1, "Conv weight", true, 0, true, NULL },
	{ "Conv", 2, "Conv bias", false, 0, false, NULL },
	{ "ConvTranspose", 1, "ConvTranspose weight", true, 1, true, NULL },
	{ "ConvTranspose", 2, "ConvTranspose bias", false, 0, false, NULL },
	{ "Gemm", 0, "Gemm weight", true, 0, false, "transA" },
	{ "Gemm", 1, "Gemm weight", true, 1, false, "transB" },
	{ "Gemm", 2, "Gemm bias", false, 0, false, NULL },
	{ "MatMul", 0, "MatMul weight", true, -2, false, NULL },
	{ "MatMul", 1, "MatMul weight", true, -1, false, NULL },
};

struct placed {                 /* how a consumer sees a weight                          */
	int rank;
	const int64_t *shape;
	int order[RANK_MAX];
	struct onnx_chain chain;
};

/* false: the way cannot be followed, or there is no such axis. */
static bool see(const struct search *search, const struct way *way, const struct input *input,
		bool transposed, struct placed *out)
{
	const struct onnx_file *onnx = search->file->self;
	const Onnx__TensorProto *proto = onnx->tensors[way->tensor].proto;
	int axis = transposed ? 1 - input->axis : input->axis;

	out->rank = (int)proto->n_dims;
	out->shape = proto->dims;
	if (!make_chain(search, way, &out->chain))
		return false;
	if (out->chain.steps) {
		const struct onnx_step *last = &out->chain.step[out->chain.steps - 1];

		out->rank = last->rank;
		out->shape = last->shape;
	}
	axis += axis < 0 ? out->rank : 0;
	if (axis < 0 || out->rank < (input->convolution ? 3 : 2))
		return false;
	layout_order(out->order, out->rank, axis);
	if (input->convolution) {
		for (int i = 1; i < out->rank - 1; i++)
			out->order[i] = i + 1;
		out->order[out->rank - 1] = 1 - axis;
	}
	return true;
}

/* Writes a weight down, or compares it with what an earlier node wrote. */
static int place_weight(struct search *search, const struct way *way, const struct input *input,
			bool transposed, struct error *error)
{
	struct tensor_info *info = &search->file->tensors[way->tensor];
	struct placed placed;

	if (!info->floating || !info->elements || (*info->role && !info->weight) ||
	    !see(search, way, input, transposed, &placed))
		return 0;
	const size_t shape_bytes = sizeof *placed.shape * (size_t)placed.rank;
	const size_t order_bytes = sizeof *placed.order * (size_t)placed.rank;

	if (info->weight) {
		search->disagreeing += info->rank != placed.rank ||
				      memcmp(info->shape, placed.shape, shape_bytes) ||
				      memcmp(info->order, placed.order, order_bytes);
		return 0;
	}
	if (placed.chain.steps) {
		info->extra = env_new(search->file->env, 1, sizeof placed.chain, "a weight's way",
				      error);
		if (!info->extra)
			return -1;
		memcpy(info->extra, &placed.chain, sizeof placed.chain);
	}
	info->rank = placed.rank;
	memcpy(info->shape, placed.shape, shape_bytes);
	info->role = input->role;
	info->weight = true;
	tensor_info_layout(info, placed.order);
	return 0;
}

static int place_inputs(struct search *search, const Onnx__NodeProto *node, struct error *error)
{
	struct way way;

	for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
		const struct input *input = &inputs[i];

		if (!onnx_is_standard(node->domain) || !is_op(node, input->op) ||
		    node->n_input <= input->index ||
		    !walk_back(search, node->input[input->index], &way))
			continue;
		if (input->weight) {
			if (place_weight(search, &way, input,
					 input->transposed &&
						 attribute_set(node, input->transposed),
					 error))
				return -1;
		} else if (!*search->file->tensors[way.tensor].role) {
			search->file->tensors[way.tensor].role = input->role;
		}
	}
	return 0;
}

/* A tensor with two axes longer than 1 that a Quant reads and that no other node placed. */
static int place_quant(struct search *search, const Onnx__NodeProto *node, struct error *error)
{
	static const struct input quant = { "Quant", 0, "Quant weight", true, 0, false, NULL };
	const struct tensor_info *info;
	struct way way;
	int longer = 0;

	if (!is_op(node, quant.op) || !node->n_input || !walk_back(search, node->input[0], &way))
		return 0;
	info = &search->file->tensors[way.tensor];
	for (int i = 0; i < info->rank; i++)
		longer += info->shape[i] > 1;
	return longer < 2 || *info->role ? 0 : place_weight(search, &way, &quant, false, error);
}

/* Sorted names; a value that is made twice is an error: the graph could have no meaning. */
static int sort_names(struct search *search, struct error *error)
{
	const struct onnx_file *onnx = search->file->self;
	const char *twice;

	for (size_t i = 0; i < onnx->count; i++)
		search->tensors[search->tensor_count++] =
			(struct onnx_name){ onnx->tensors[i].name, i };
	for (size_t i = 0; i < search->proto->n_node; i++)
		for (size_t j = 0; j < search->proto->node[i]->n_output; j++)
			if (*search->proto->node[i]->output[j])
				search->outputs[search->output_count++] =
					(struct onnx_name){ search->proto->node[i]->output[j], i };
	twice = onnx_sort_names(search->tensors, search->tensor_count);
	if (!twice)
		twice = onnx_sort_names(search->outputs, search->output_count);
	if (twice)
		return fail(error, STATUS_INPUT, "%s: two values have the name '%s'",
			    search->file->path, twice);
	return 0;
}

int onnx_find_weights(struct tensor_file *file, size_t *disagreeing, struct error *error)
{
	const struct onnx_file *onnx = file->self;
	struct search search = { .file = file, .proto = onnx->model->graph };
	size_t outputs = 0;
	int status = -1;

	for (size_t i = 0; i < search.proto->n_node; i++)
		outputs += search.proto->node[i]->n_output;
	search.tensors = env_new(file->env, onnx->count, sizeof *search.tensors, "names", error);
	if (search.tensors)
		search.outputs =
			env_new(file->env, outputs, sizeof *search.outputs, "names", error);
	if (search.outputs)
		status = sort_names(&search, error);
	for (size_t i = 0; !status && i < search.proto->n_node; i++)
		status = place_inputs(&search, search.proto->node[i], error);
	for (size_t i = 0; !status && i < search.proto->n_node; i++)
		status = place_quant(&search, search.proto->node[i], error);
	*disagreeing = search.disagreeing;
	env_free(file->env, search.tensors);
	env_free(file->env, search.outputs);
	return status;
}
