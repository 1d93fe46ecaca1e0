/* SPDX-License-Identifier: MIT
 *
 * An ONNX model as a struct graph: values first (initializers, inputs, outputs of nodes), then
 * nodes, each of which may read only what stands before it.  A name means one value.  An operator
 * of another domain than ONNX's is DOMAIN:TYPE.  Source: onnx.proto and IR.md of the ONNX project.
 */
#include "onnx_graph.h"

enum { OPSET_LEAST = 7, OPSET_MOST = 17 };

/* A name of one letter takes 3 bytes of a file and 300 times as many here. */
enum { VALUES_MOST = 1 << 16 };

static int check_model(const struct onnx_parse *parse)
{
	const Onnx__ModelProto *model = parse->model;
	bool found = false;

	for (size_t i = 0; i < model->n_opset_import; i++) {
		const Onnx__OperatorSetIdProto *set = model->opset_import[i];

		if (!onnx_is_standard(set->domain))
			continue;
		found = true;
		parse->graph->opset = (int)set->version;
		if (set->version < OPSET_LEAST || set->version > OPSET_MOST)
			return fail(parse->error, STATUS_INPUT,
				    "%s: has opset %lld; %d to %d are read: convert it with "
				    "onnx.version_converter",
				    parse->path, (long long)set->version, OPSET_LEAST, OPSET_MOST);
	}
	if (!found)
		return fail(parse->error, STATUS_INPUT,
			    "%s: does not say which opset of ONNX it uses; %d to %d are read",
			    parse->path, OPSET_LEAST, OPSET_MOST);
	if (model->n_functions)
		return fail(parse->error, STATUS_INPUT,
			    "%s: has functions of its own, which are not read; export it with them "
			    "inlined",
			    parse->path);
	if (model->graph->n_sparse_initializer)
		return fail(parse->error, STATUS_INPUT,
			    "%s: has sparse initializers, which are not read; export it with dense "
			    "ones",
			    parse->path);
	return 0;
}

/* Appends a value under a name, which has no meaning yet. */
static struct graph_value *add_value(struct onnx_parse *parse, const char *name)
{
	struct graph *graph = parse->graph;
	struct graph_value *value = &graph->values[graph->value_count];

	value->rank = -1;
	value->name = env_copy_text(graph->env, name, parse->error);
	if (!value->name)
		return NULL;
	parse->names[graph->value_count] = (struct onnx_name){ name, graph->value_count };
	graph->value_count++;
	return value;
}

static int add_initializers(struct onnx_parse *parse)
{
	const Onnx__GraphProto *proto = parse->model->graph;

	for (size_t i = 0; i < proto->n_initializer; i++) {
		const Onnx__TensorProto *tensor = proto->initializer[i];
		struct graph_value *value;

		if (!tensor->name || !*tensor->name)
			return fail(parse->error, STATUS_INPUT, "%s: initializer %zu has no name",
				    parse->path, i);
		value = add_value(parse, tensor->name);
		if (!value || onnx_constant(parse, value, tensor))
			return -1;
		parse->made[value - parse->graph->values] = true;
	}
	return 0;
}

/* Rank and shape, as far as the file says them. */
static int read_type(const struct onnx_parse *parse, struct graph_value *value,
		     const Onnx__TypeProto *type)
{
	const Onnx__TensorShapeProto *shape;

	if (!type || type->value_case == ONNX__TYPE_PROTO__VALUE__NOT_SET)
		return 0;
	if (type->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE)
		return fail(parse->error, STATUS_INPUT,
			    "%s: value '%s' is a sequence, a map, optional or sparse; networks of "
			    "dense tensors are read",
			    parse->path, value->name);
	shape = type->tensor_type->shape;
	if (!shape)
		return 0;
	if (shape->n_dim > RANK_MAX)
		return fail(parse->error, STATUS_INPUT,
			    "%s: value '%s' has %zu axes; at most %d are read", parse->path,
			    value->name, shape->n_dim, RANK_MAX);
	value->rank = (int)shape->n_dim;
	for (int i = 0; i < value->rank; i++) {
		const Onnx__TensorShapeProto__Dimension *axis = shape->dim[i];
		const bool known =
			axis->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;

		value->shape[i] = known && axis->dim_value >= 0 ? axis->dim_value : -1;
	}
	return 0;
}

static bool is_floating_type(const Onnx__TypeProto *type)
{
	if (!type || type->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE)
		return true;
	switch (type->tensor_type->elem_type) {
	case ONNX__TENSOR_PROTO__DATA_TYPE__UNDEFINED:
	case ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT:
	case ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16:
	case ONNX__TENSOR_PROTO__DATA_TYPE__BFLOAT16:
	case ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE:
		return true;
	default:
		return false;
	}
}

/* Inputs; an initializer of the same name is a default, and taken for a constant. */
static int add_inputs(struct onnx_parse *parse)
{
	const Onnx__GraphProto *proto = parse->model->graph;
	struct graph *graph = parse->graph;
	const size_t initializers = graph->value_count;

	for (size_t i = 0; i < proto->n_input; i++) {
		const Onnx__ValueInfoProto *info = proto->input[i];
		struct graph_value *value;

		if (!info->name || !*info->name)
			return fail(parse->error, STATUS_INPUT, "%s: input %zu has no name",
				    parse->path, i);
		if (onnx_find_name(parse->names, initializers, info->name))
			continue;
		value = add_value(parse, info->name);
		if (!value || read_type(parse, value, info->type))
			return -1;
		if (!is_floating_type(info->type))
			return fail(parse->error, STATUS_INPUT,
				    "%s: input '%s' is not of floats; networks with floating "
				    "inputs are read",
				    parse->path, value->name);
		parse->made[value - graph->values] = true;
		graph->inputs[graph->input_count++] = (int)(value - graph->values);
	}
	return 0;
}

static int add_values(struct onnx_parse *parse)
{
	const Onnx__GraphProto *proto = parse->model->graph;
	const char *twice;

	if (add_initializers(parse))
		return -1;
	twice = onnx_sort_names(parse->names, parse->graph->value_count);
	if (!twice) {
		if (add_inputs(parse))
			return -1;
		for (size_t i = 0; i < proto->n_node; i++)
			for (size_t j = 0; j < proto->node[i]->n_output; j++)
				if (*proto->node[i]->output[j] &&
				    !add_value(parse, proto->node[i]->output[j]))
					return -1;
		twice = onnx_sort_names(parse->names, parse->graph->value_count);
	}
	if (twice)
		return fail(parse->error, STATUS_INPUT, "%s: two values have the name '%s'",
			    parse->path, twice);
	return 0;
}

static int find_outputs(struct onnx_parse *parse)
{
	const Onnx__GraphProto *proto = parse->model->graph;
	struct graph *graph = parse->graph;

	for (size_t i = 0; i < proto->n_output; i++) {
		const Onnx__ValueInfoProto *info = proto->output[i];
		const char *name = info->name ? info->name : "";
		const struct onnx_name *found =
			onnx_find_name(parse->names, graph->value_count, name);

		if (!found)
			return fail(parse->error, STATUS_INPUT,
				    "%s: output '%s' is made by no node", parse->path, name);
		if (graph->values[found->index].rank < 0 &&
		    read_type(parse, &graph->values[found->index], info->type))
			return -1;
		graph->outputs[graph->output_count++] = (int)found->index;
	}
	return 0;
}

static int make_rooms(struct onnx_parse *parse, size_t values)
{
	const Onnx__GraphProto *proto = parse->model->graph;
	struct graph *graph = parse->graph;
	const struct env *env = graph->env;

	graph->values = env_new(env, values, sizeof *graph->values, "values", parse->error);
	graph->nodes = env_new(env, proto->n_node, sizeof *graph->nodes, "nodes", parse->error);
	graph->inputs = env_new(env, proto->n_input, sizeof(int), "inputs", parse->error);
	graph->outputs = env_new(env, proto->n_output, sizeof(int), "outputs", parse->error);
	parse->names = env_new(env, values, sizeof *parse->names, "names", parse->error);
	parse->made = env_new(env, values, sizeof *parse->made, "their order", parse->error);
	graph->value_capacity = values;
	graph->node_capacity = proto->n_node;
	return graph->values && graph->nodes && graph->inputs && graph->outputs && parse->names &&
			       parse->made
		       ? 0
		       : -1;
}

static int parse_model(struct onnx_parse *parse)
{
	const Onnx__GraphProto *proto = parse->model->graph;
	size_t values = proto->n_initializer + proto->n_input;

	for (size_t i = 0; i < proto->n_node; i++)
		values += proto->node[i]->n_output;
	if (values > VALUES_MOST || proto->n_node > VALUES_MOST)
		return fail(parse->error, STATUS_INPUT,
			    "%s: has %zu nodes and %zu values; at most %d of each are read",
			    parse->path, proto->n_node, values, VALUES_MOST);
	if (check_model(parse) || make_rooms(parse, values) || add_values(parse))
		return -1;
	for (size_t i = 0; i < proto->n_node; i++)
		if (onnx_add_node(parse, i))
			return -1;
	return find_outputs(parse);
}

int graph_parse_onnx(struct graph *graph, const struct env *env, const char *name,
		     const char *bytes, size_t size, struct error *error)
{
	struct onnx_file onnx = { .env = env };
	struct onnx_parse parse = { .graph = graph, .path = name, .error = error };
	int status = -1;

	*graph = (struct graph){ .env = env };
	graph->name = env_copy_text(env, name, error);
	if (graph->name)
		status = onnx_decode(&onnx, name, (const unsigned char *)bytes, size, error);
	parse.model = onnx.model;
	if (!status)
		status = parse_model(&parse);
	env_free(env, parse.names);
	env_free(env, parse.made);
	onnx_release(&onnx);
	if (status)
		graph_free(graph);
	return status;
}
