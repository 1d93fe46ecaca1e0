/* SPDX-License-Identifier: MIT */
#include "lowering.h"

#include "../../datasets/layout.h"

#include <string.h>

/* Layers may hold this many times the elements of the graph's constants: see lowering_weights. */
enum { SHARED_MOST = 4, CAPACITY_LEAST = 16, FOLDED_FREE = 1 << 16 };

static int set_up(struct lowering *lowering)
{
	const struct graph *graph = lowering->graph;
	struct layers *layers = lowering->layers;
	const struct env *env = lowering->env;

	layers->name = env_copy_text(env, graph->name, lowering->error);
	layers->capacity = graph->node_count + CAPACITY_LEAST;
	layers->layers = env_new(env, layers->capacity, sizeof *layers->layers, "layers",
				 lowering->error);
	layers->edges = env_new(env, layers->capacity + 1, sizeof *layers->edges, "edges",
				lowering->error);
	layers->grid_of = env_new(env, layers->capacity + 1, sizeof *layers->grid_of, "edges",
				  lowering->error);
	lowering->folded = env_new(env, graph->node_count, sizeof *lowering->folded, "constants",
				   lowering->error);
	lowering->values = env_new(env, graph->value_count, sizeof *lowering->values, "values",
				   lowering->error);
	lowering->readers = env_new(env, graph->value_count, sizeof *lowering->readers,
				    "readers of values", lowering->error);
	if (!layers->name || !layers->layers || !layers->edges || !layers->grid_of ||
	    !lowering->folded || !lowering->values || !lowering->readers)
		return -1;
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
	lowering->folded_left = lowering->weights_left + FOLDED_FREE;
	lowering->moves_left = MOVES_MOST;
	return 0;
}

/* In memory channels are last.  An input that is read by a Transpose alone lies as that makes it an
 * image: then nothing is moved where a file has its own inputs channels last. */
static void input_order(const struct lowering *lowering, const bool *live, int input, int *order)
{
	const struct graph *graph = lowering->graph;
	const int rank = graph->values[input].rank;
	const struct graph_attribute *permutation = NULL;

	memcpy(order, canonical_order(rank), (size_t)rank * sizeof *order);
	for (size_t i = 0; rank == 4 && i < graph->node_count; i++) {
		const struct graph_node *node = &graph->nodes[i];

		if (!live[i] || !node->input_count || node->inputs[0] != input)
			continue;
		permutation = graph_attribute(node, "perm");
		if (lowering->readers[input] != 1 || strcmp(node->type, "Transpose") ||
		    !permutation || permutation->count != 4 || permutation->numbers[0] != 0)
			return;
	}
	for (int i = 1; permutation && i < 4; i++) {
		const double axis = permutation->numbers[canonical_order(4)[i]];

		/* whatever is no permutation is refused by the Transpose */
		order[i] = axis > 0 && axis < 4 ? (int)axis : i;
	}
	if (order[1] == order[2] || order[1] == order[3] || order[2] == order[3])
		memcpy(order, canonical_order(rank), (size_t)rank * sizeof *order);
}

static int check_input(const struct lowering *lowering, const struct graph_value *value)
{
	int64_t elements;

	if (value->rank < 1)
		return fail(lowering->error, STATUS_INPUT,
			    "%s: input '%s' has no axes, or the file does not say how many",
			    lowering->graph->name, value->name);
	if ((value->shape[0] < 1 && value->shape[0] != -1) ||
	    !layout_elements(value->rank - 1, value->shape + 1, &elements) || elements < 1 ||
	    elements > INT32_MAX)
		return fail(lowering->error, STATUS_INPUT,
			    "%s: input '%s': the size of a sample is not known, or is not 1 to "
			    "2^31 - 1 elements; only the first axis, the batch, may be open",
			    lowering->graph->name, value->name);
	return 0;
}

/* The network's input is edge 0. */
static int set_input(struct lowering *lowering, const bool *live)
{
	const struct graph *graph = lowering->graph;
	const struct graph_value *value = &graph->values[*graph->inputs];
	struct lowered *lowered = &lowering->values[*graph->inputs];
	struct edge *edge = &lowering->layers->edges[0];
	int64_t shape[RANK_MAX];
	int order[RANK_MAX];

	if (check_input(lowering, value))
		return -1;
	memcpy(shape, value->shape, sizeof shape);
	lowering->batch = shape[0];
	lowering->batched = shape[0] == -1 || (value->rank > 1 && shape[0] > 1);
	lowering->layers->batched = lowering->batched;
	if (lowering->batched)
		shape[0] = 1;
	input_order(lowering, live, *graph->inputs, order);
	lowered_dense(lowered, 0, value->rank, shape, order);
	lowered->name = value->name;
	*edge = lowering_edge_of(value->rank, shape, order);
	return 0;
}

static void set_axes(struct edge_axes *seen, const struct lowered *value)
{
	seen->rank = value->rank;
	for (int i = 0; i < value->digit_count; i++) {
		seen->shape[value->digits[i].axis] = value->digits[i].size;
		seen->stride[value->digits[i].axis] = value->digits[i].stride;
	}
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

/* Before anything is lowered, so that what a network needs most is said first. */
static int check_operations(struct lowering *lowering, const bool *live)
{
	const struct graph *graph = lowering->graph;

	for (size_t i = 0; i < graph->node_count; i++) {
		lowering->node = &graph->nodes[i];
		if (live[i] && !find_operation(lowering->node->type))
			return lowering_refuse(lowering, "this operation is not known; `quantsweep "
							 "list layer` names those that are");
	}
	return 0;
}

static int lower_nodes(struct lowering *lowering, const bool *live)
{
	const struct graph *graph = lowering->graph;

	for (size_t i = 0; i < graph->node_count; i++) {
		const struct layer_operation *operation = find_operation(graph->nodes[i].type);

		lowering->node = &graph->nodes[i];
		if (live[i] && (lowering_folds(lowering) ? lowering_fold(lowering)
							 : operation->lower(lowering)))
			return -1;
	}
	return 0;
}

/* The last layer makes the output, as it lies in memory, and every weight is a number. */
static int finish(struct lowering *lowering)
{
	const struct graph *graph = lowering->graph;
	struct layers *layers = lowering->layers;
	struct lowered *output = &lowering->values[graph->outputs[0]], moved;

	if (output->kind == LOWERED_EDGE &&
	    lowering_arrange(lowering, output, canonical_order(output->rank)))
		return -1;
	if (output->kind != LOWERED_EDGE || output->edge == 0)
		return fail(lowering->error, STATUS_INPUT,
			    "%s: output '%s' is made by no layer", graph->name,
			    graph->values[graph->outputs[0]].name);
	if (output->edge != layers->count) {
		if (lowering_move(lowering, output, output->shape, NULL, &moved))
			return -1;
		*output = moved;
	}
	/* an axis that is several digits lies in their order: it is one again */
	lowered_dense(&moved, output->edge, output->rank, output->shape,
		      canonical_order(output->rank));
	set_axes(&layers->output, &moved);
	set_axes(&layers->input, &lowering->input);
	for (size_t i = 0; i < layers->count; i++)
		if (layer_check_finite(&layers->layers[i], graph->name, lowering->error))
			return -1;
	return 0;
}

static void lowering_free(struct lowering *lowering)
{
	const struct env *env = lowering->env;

	for (size_t i = 0; i < lowering->folded_count; i++) {
		env_free(env, lowering->folded[i].floats);
		env_free(env, lowering->folded[i].wholes);
	}
	env_free(env, lowering->folded);
	env_free(env, lowering->values);
	env_free(env, lowering->readers);
}

static int check_graph(const struct graph *graph, struct error *error)
{
	if (graph->input_count == 1 && graph->output_count == 1)
		return 0;
	return fail(error, STATUS_INPUT,
		    "%s: has %zu inputs and %zu outputs; networks of one each are computed",
		    graph->name, graph->input_count, graph->output_count);
}

int layers_make(struct layers *layers, const struct graph *graph, const struct env *env,
		struct error *error)
{
	struct lowering lowering = { .env = env, .graph = graph, .layers = layers, .error = error };
	bool *live;
	int status = -1;

	*layers = (struct layers){ .env = env };
	if (check_graph(graph, error))
		return -1;
	live = env_new(env, graph->node_count, sizeof *live, "live nodes", error);
	if (live && !set_up(&lowering)) {
		find_readers(&lowering, live);
		status = set_input(&lowering, live);
	}
	lowering.input = lowering.values ? lowering.values[*graph->inputs] : lowering.input;
	if (!status)
		status = check_operations(&lowering, live);
	if (!status)
		status = lower_nodes(&lowering, live);
	if (!status)
		status = finish(&lowering);
	env_free(env, live);
	lowering_free(&lowering);
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
		struct layer *layer = &layers->layers[i];

		env_free(env, layer->name);
		env_free(env, layer->bias);
		env_free(env, layer->map);
		env_free(env, layer->factors);
		env_free(env, layer->shifts);
		tensor_free(&layer->weights);
	}
	env_free(env, layers->grid_of);
	env_free(env, layers->layers);
	env_free(env, layers->edges);
	env_free(env, layers->name);
	*layers = (struct layers){ 0 };
}

/* All elements, those of the graph one after the other. */
static void copy_axes(const struct edge_axes *seen, const float *from, float *to, bool put)
{
	int64_t index[RANK_MAX] = { 0 }, count = 1, place = 0;

	for (int a = 0; a < seen->rank; a++)
		count *= seen->shape[a];
	for (int64_t i = 0; i < count; i++) {
		to[put ? place : i] = from[put ? i : place];
		for (int a = seen->rank; a-- > 0;) {
			place += seen->stride[a];
			if (++index[a] < seen->shape[a])
				break;
			place -= seen->stride[a] * seen->shape[a];
			index[a] = 0;
		}
	}
}

void edge_axes_put(const struct edge_axes *seen, const float *graph, float *edge)
{
	copy_axes(seen, graph, edge, true);
}

void edge_axes_take(const struct edge_axes *seen, const float *edge, float *graph)
{
	copy_axes(seen, edge, graph, false);
}
