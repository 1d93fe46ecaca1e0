/* SPDX-License-Identifier: MIT
 *
 * Nodes of an ONNX graph with their attributes, and constants: initializers and Constant nodes.
 */
#include "onnx_graph.h"

#include "../layout.h"

#include <string.h>

/* More than any operator of ONNX has; names are compared pair by pair. */
enum { ATTRIBUTES_MOST = 64 };

/* Rank, shape and the number of elements. */
static int set_shape(const struct onnx_parse *parse, struct graph_value *value, size_t rank,
		     const int64_t *shape)
{
	if (rank > RANK_MAX)
		return fail(parse->error, STATUS_INPUT,
			    "%s: tensor '%s' has %zu axes; at most %d are read", parse->path,
			    value->name, rank, RANK_MAX);
	if (!layout_elements((int)rank, shape, &value->elements))
		return fail(parse->error, STATUS_INPUT,
			    "%s: tensor '%s' has a negative axis or more elements than 64 bits can "
			    "count",
			    parse->path, value->name);
	value->rank = (int)rank;
	for (size_t i = 0; i < rank; i++)
		value->shape[i] = shape[i];
	return 0;
}

static int make_room(const struct onnx_parse *parse, struct graph_value *value, bool floating)
{
	const struct env *env = parse->graph->env;
	const size_t count = (size_t)value->elements;

	if (floating)
		value->floats = env_new(env, count, sizeof *value->floats, value->name,
					parse->error);
	else
		value->wholes = env_new(env, count, sizeof *value->wholes, value->name,
					parse->error);
	return value->floats || value->wholes ? 0 : -1;
}

int onnx_constant(const struct onnx_parse *parse, struct graph_value *value,
		  const Onnx__TensorProto *tensor)
{
	const struct element *element = onnx_element(tensor);
	bool floating;

	if (!element || element->kind == ELEMENT_OTHER)
		return fail(parse->error, STATUS_INPUT,
			    "%s: tensor '%s' has the data type %s; floats of 16 bits or more and "
			    "whole numbers of 8 or more are read",
			    parse->path, value->name, element ? element->name : "that is unknown");
	if (onnx_is_external(tensor))
		return fail(parse->error, STATUS_INPUT,
			    "%s: tensor '%s' keeps its data in the file '%s', and data outside of "
			    "the model's file are not read; save the model with its data inside",
			    parse->path, value->name, onnx_external_file(tensor));
	floating = element_is_floating(element);
	if (set_shape(parse, value, tensor->n_dims, tensor->dims) ||
	    onnx_check_data(tensor, parse->path, value->name, value->elements, parse->error) ||
	    make_room(parse, value, floating))
		return -1;
	if (floating)
		onnx_read_floats(value->floats, tensor, value->elements);
	else
		onnx_read_wholes(value->wholes, tensor, value->elements);
	return 0;
}

/* What a Constant node holds beside a tensor: a number, or a list of them. */
static int constant_of_numbers(const struct onnx_parse *parse, struct graph_value *value,
			       const Onnx__AttributeProto *attribute)
{
	const bool list = attribute->n_floats || attribute->n_ints;
	const bool floating = attribute->has_f || attribute->n_floats;
	const int64_t count =
		list ? (int64_t)(floating ? attribute->n_floats : attribute->n_ints) : 1;

	if (set_shape(parse, value, list, &count) || make_room(parse, value, floating))
		return -1;
	for (int64_t i = 0; i < count; i++)
		if (floating)
			value->floats[i] = list ? attribute->floats[i] : attribute->f;
		else
			value->wholes[i] = list ? attribute->ints[i] : attribute->i;
	return 0;
}

/* The value that a node makes. */
static struct graph_value *made_by(const struct onnx_parse *parse, const char *output)
{
	const struct onnx_name *found =
		onnx_find_name(parse->names, parse->graph->value_count, output);

	parse->made[found->index] = true;
	return &parse->graph->values[found->index];
}

static int add_constant(const struct onnx_parse *parse, const Onnx__NodeProto *node)
{
	const Onnx__AttributeProto *attribute;
	struct graph_value *value;

	if (node->n_output != 1 || !*node->output[0] || node->n_attribute != 1)
		return fail(parse->error, STATUS_INPUT,
			    "%s: the Constant '%s' has %zu outputs and %zu attributes; one of each "
			    "is expected",
			    parse->path, node->n_output ? node->output[0] : "", node->n_output,
			    node->n_attribute);
	value = made_by(parse, node->output[0]);
	attribute = node->attribute[0];
	if (attribute->t)
		return onnx_constant(parse, value, attribute->t);
	if (attribute->has_f + (attribute->n_floats > 0) + attribute->has_i +
		    (attribute->n_ints > 0) == 1)
		return constant_of_numbers(parse, value, attribute);
	return fail(parse->error, STATUS_INPUT,
		    "%s: the Constant '%s' holds neither a tensor nor numbers; strings and sparse "
		    "tensors are not read",
		    parse->path, value->name);
}

/* A node for a sentence. */
#define NODE "%s: node '%s' (%s)"
#define NODE_IS(parse, node) (parse)->path, (node)->name, (node)->type

static int copy_numbers(const struct onnx_parse *parse, struct graph_attribute *out,
			const Onnx__AttributeProto *attribute)
{
	const bool floats = attribute->n_floats > 0;

	out->count = floats ? attribute->n_floats : attribute->n_ints;
	if (!out->count)
		return 0;
	out->numbers = env_new(parse->graph->env, out->count, sizeof *out->numbers,
			       "an attribute", parse->error);
	if (!out->numbers)
		return -1;
	for (size_t i = 0; i < out->count; i++)
		out->numbers[i] = floats ? (double)attribute->floats[i]
					 : (double)attribute->ints[i];
	return 0;
}

static int add_attribute(const struct onnx_parse *parse, struct graph_node *node,
			 const Onnx__AttributeProto *attribute)
{
	struct graph_attribute *out = &node->attributes[node->attribute_count];
	const char *name = attribute->name ? attribute->name : "";
	const char *found = NULL;

	if (attribute->g || attribute->n_graphs)
		found = "a graph inside of the network's";
	else if (attribute->sparse_tensor || attribute->n_sparse_tensors)
		found = "a sparse tensor";
	else if (attribute->t || attribute->n_tensors)
		found = "a tensor";
	else if (attribute->n_strings || attribute->tp || attribute->n_type_protos)
		found = "a list of texts or a type";
	else if (attribute->ref_attr_name && *attribute->ref_attr_name)
		found = "another attribute's name";
	if (found)
		return fail(parse->error, STATUS_INPUT,
			    NODE ": its attribute '%s' is %s, which is not read; numbers and texts "
				 "are",
			    NODE_IS(parse, node), name, found);
	if (graph_attribute(node, name))
		return fail(parse->error, STATUS_INPUT, NODE " has the attribute '%s' twice",
			    NODE_IS(parse, node), name);
	node->attribute_count++;
	out->name = env_copy_text(parse->graph->env, name, parse->error);
	if (!out->name)
		return -1;
	out->number = attribute->has_i ? (double)attribute->i : (double)attribute->f;
	if (attribute->has_s) {
		out->text = env_print(parse->graph->env, parse->error, "%.*s",
				      (int)attribute->s.len,
				      attribute->s.len ? (const char *)attribute->s.data : "");
		if (!out->text)
			return -1;
	}
	return copy_numbers(parse, out, attribute);
}

static int add_attributes(const struct onnx_parse *parse, struct graph_node *node,
			  const Onnx__NodeProto *proto)
{
	if (proto->n_attribute > ATTRIBUTES_MOST)
		return fail(parse->error, STATUS_INPUT,
			    NODE " has %zu attributes; at most %d are read", NODE_IS(parse, node),
			    proto->n_attribute, ATTRIBUTES_MOST);
	node->attributes = env_new(parse->graph->env, proto->n_attribute,
				   sizeof *node->attributes, "a node's attributes", parse->error);
	if (!node->attributes)
		return -1;
	for (size_t i = 0; i < proto->n_attribute; i++)
		if (add_attribute(parse, node, proto->attribute[i]))
			return -1;
	return 0;
}

static int add_inputs(const struct onnx_parse *parse, struct graph_node *node,
		      const Onnx__NodeProto *proto)
{
	node->inputs = env_new(parse->graph->env, proto->n_input, sizeof *node->inputs,
			       "a node's inputs", parse->error);
	if (!node->inputs)
		return -1;
	for (size_t i = 0; i < proto->n_input; i++) {
		const struct onnx_name *found =
			onnx_find_name(parse->names, parse->graph->value_count, proto->input[i]);

		if (!found && *proto->input[i])
			return fail(parse->error, STATUS_INPUT,
				    NODE " reads '%s', which no node, initializer or input makes",
				    NODE_IS(parse, node), proto->input[i]);
		if (found && !parse->made[found->index])
			return fail(parse->error, STATUS_INPUT,
				    NODE " reads '%s', which is made by this node or a later one; "
					 "a node must stand behind what it reads",
				    NODE_IS(parse, node), proto->input[i]);
		node->inputs[node->input_count++] = found ? (int)found->index : GRAPH_NONE;
	}
	return 0;
}

static int add_outputs(const struct onnx_parse *parse, struct graph_node *node,
		       const Onnx__NodeProto *proto)
{
	node->outputs = env_new(parse->graph->env, proto->n_output, sizeof *node->outputs,
				"a node's outputs", parse->error);
	if (!node->outputs)
		return -1;
	for (size_t i = 0; i < proto->n_output; i++) {
		const char *name = proto->output[i];

		node->outputs[node->output_count++] =
			*name ? (int)(made_by(parse, name) - parse->graph->values) : GRAPH_NONE;
	}
	return 0;
}

static int set_names(const struct onnx_parse *parse, struct graph_node *node,
		     const Onnx__NodeProto *proto, size_t index)
{
	const struct env *env = parse->graph->env;
	const char *name = proto->name && *proto->name ? proto->name : NULL;

	if (!name)
		for (size_t i = proto->n_output; i-- > 0;)
			name = *proto->output[i] ? proto->output[i] : name;
	if (!name || !proto->op_type || !*proto->op_type)
		return fail(parse->error, STATUS_INPUT,
			    "%s: node number %zu has no name and no output, or no operator",
			    parse->path, index);
	node->name = env_copy_text(env, name, parse->error);
	if (!node->name)
		return -1;
	node->type = onnx_is_standard(proto->domain)
			     ? env_copy_text(env, proto->op_type, parse->error)
			     : env_print(env, parse->error, "%s:%s", proto->domain, proto->op_type);
	return node->type ? 0 : -1;
}

int onnx_add_node(struct onnx_parse *parse, size_t index)
{
	const Onnx__NodeProto *proto = parse->model->graph->node[index];
	struct graph_node *node = &parse->graph->nodes[parse->graph->node_count];

	if (onnx_is_standard(proto->domain) && proto->op_type &&
	    !strcmp(proto->op_type, "Constant"))
		return add_constant(parse, proto);
	parse->graph->node_count++;
	if (set_names(parse, node, proto, index) || add_inputs(parse, node, proto) ||
	    add_outputs(parse, node, proto))
		return -1;
	return add_attributes(parse, node, proto);
}
