/* SPDX-License-Identifier: MIT */
#include "lowering.h"

#include "../../datasets/layout.h"

#include <string.h>

/* Layers may hold this many times the elements of the graph's constants: see lowering_weights. */
enum { SHARED_MOST = 4 };

static int set_up(struct lowering *lowering)
{
	const struct graph *graph = lowering->graph;
	struct layers *layers = lowering->layers;
	const struct env *env = lowering->env;

	layers->name = env_copy_text(env, graph->name, lowering->error);
	layers->layers = env_new(env, graph->node_count, sizeof *layers->layers, "layers",
				 lowering->error);
	layers->edges = env_new(env, graph->node_count + 1, sizeof *layers->edges, "edges",
				lowering->error);
	lowering->values = env_new(env, graph->value_count, sizeof *lowering->values, "values",
				   lowering->error);
	lowering->readers = env_new(env, graph->value_count, sizeof *lowering->readers,
				    "readers of values", lowering->error);
	if (!layers->name || !layers->layers || !layers->edges || !lowering->values ||
	    !lowering->readers)
		return -1;
	layers->capacity = graph->node_count;
	for (size_t i = 0; i < graph->value_count; i++) {
		const struct graph_value *value = &graph->values[i];
		struct lowered *lowered = &lowering->values[i];

		if (!value->floats && !value->wholes)
			continue;
		lowering->weights_left += value->elements;
		*lowered = (struct lowered){ .kind = LOWERED_CONSTANT, .constant = value,
					     .rank = value->rank };
		memcpy(lowered->shape, value->shape, sizeof lowered->shape);
	}
	lowering->weights_left *= SHARED_MOST;
	return 0;
}

/* The network's input is edge 0. */
static int set_input(struct lowering *lowering)
{
	const struct graph *graph = lowering->graph;
	const struct graph_value *value;
	struct lowered *lowered;
	struct edge *edge = &lowering->layers->edges[0];

	if (graph->input_count != 1 || graph->output_count != 1)
		return fail(lowering->error, STATUS_INPUT,
			    "%s: has %zu inputs and %zu outputs; networks of one each are computed",
			    graph->name, graph->input_count, graph->output_count);
	value = &graph->values[graph->inputs[0]];
	lowered = &lowering->values[graph->inputs[0]];
	if (value->rank != 2 && value->rank != 4)
		return fail(lowering->error, STATUS_INPUT,
			    "%s: input '%s' has %d axes; batch and numbers, or batch, channels, "
			    "height and width, are computed",
			    graph->name, value->name, value->rank);
	*lowered = (struct lowered){ .kind = LOWERED_EDGE, .rank = value->rank - 1 };
	memcpy(lowered->shape, value->shape + 1, sizeof *value->shape * (size_t)lowered->rank);
	lowering->batch = value->shape[0];
	*edge = (struct edge){ 1, 1, value->shape[1], 0 };
	if (value->rank == 4) {
		edge->height = value->shape[2];
		edge->width = value->shape[3];
	}
	if (!layout_elements(lowered->rank, lowered->shape, &edge->elements) ||
	    edge->elements < 1 || edge->elements > INT32_MAX)
		return fail(lowering->error, STATUS_INPUT,
			    "%s: input '%s': the size of a sample is not known, or is not 1 to "
			    "2^31 - 1 elements; only the first axis, the batch, may be open",
			    graph->name, value->name);
	lowered->dims = *edge;
	return 0;
}

/* Which nodes the output hangs on, and how often each value is read by those. */
static void find_readers(struct lowering *lowering, bool *live)
{
	const struct graph *graph = lowering->graph;

	lowering->readers[graph->outputs[0]]++;
	for (size_t i = graph->node_count; i-- > 0;) {
		const struct graph_node *node = &graph->nodes[i];

		for (size_t j = 0; j < node->output_count; j++)
			live[i] |= node->outputs[j] != GRAPH_NONE &&
				   lowering->readers[node->outputs[j]];
		for (size_t j = 0; live[i] && j < node->input_count; j++)
			if (node->inputs[j] != GRAPH_NONE)
				lowering->readers[node->inputs[j]]++;
	}
}

static const struct layer_operation *find_operation(const char *type)
{
	for (const struct value *const *v = layer_operation_values; *v; v++) {
		const struct layer_operation *operation = (const struct layer_operation *)*v;

		for (const char *const *known = operation->types; *known; known++)
			if (!strcmp(*known, type))
				return operation;
	}
	return NULL;
}

static int lower_nodes(struct lowering *lowering, const bool *live)
{
	const struct graph *graph = lowering->graph;

	for (size_t i = 0; i < graph->node_count; i++) {
		const struct layer_operation *operation;

		if (!live[i])
			continue;
		lowering->node = &graph->nodes[i];
		operation = find_operation(lowering->node->type);
		if (!operation)
			return lowering_refuse(lowering, "this operation is not known; `quantsweep "
							 "list layer` names those that are");
		if (operation->lower(lowering))
			return -1;
	}
	return 0;
}

/* All is there, the last layer makes the output, and every weight is a number. */
static int check_layers(const struct lowering *lowering)
{
	const struct graph *graph = lowering->graph;
	const struct layers *layers = lowering->layers;
	const struct lowered *output = &lowering->values[graph->outputs[0]];

	if (output->kind != LOWERED_EDGE || output->edge == 0 || output->edge != layers->count)
		return fail(lowering->error, STATUS_INPUT,
			    "%s: output '%s' is made by no layer", graph->name,
			    graph->values[graph->outputs[0]].name);
	for (size_t i = 0; i < layers->count; i++)
		if (layer_check_finite(&layers->layers[i], graph->name, lowering->error))
			return -1;
	return 0;
}

int layers_make(struct layers *layers, const struct graph *graph, const struct env *env,
		struct error *error)
{
	struct lowering lowering = { .env = env, .graph = graph, .layers = layers, .error = error };
	bool *live;
	int status = -1;

	*layers = (struct layers){ .env = env };
	live = env_new(env, graph->node_count, sizeof *live, "live nodes", error);
	if (live && !set_up(&lowering) && !set_input(&lowering)) {
		find_readers(&lowering, live);
		status = lower_nodes(&lowering, live);
	}
	if (!status)
		status = check_layers(&lowering);
	env_free(env, live);
	env_free(env, lowering.values);
	env_free(env, lowering.readers);
	if (status)
		layers_free(layers);
	return status;
}

void layers_free(struct layers *layers)
{
	const struct env *env = layers->env;

	if (!env)
		return;
	for (size_t i = 0; i < layers->count; i++) {
		env_free(env, layers->layers[i].name);
		env_free(env, layers->layers[i].bias);
		tensor_free(&layers->layers[i].weights);
	}
	env_free(env, layers->layers);
	env_free(env, layers->edges);
	env_free(env, layers->name);
	*layers = (struct layers){ 0 };
}
