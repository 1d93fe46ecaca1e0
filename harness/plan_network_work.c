/* SPDX-License-Identifier: MIT
 *
 * What a network's run must hold and move, counted from its layers.
 *
 * An edge is floats (4 bytes an element) where it is the network's input, or a float layer writes
 * it, else codes (1 byte).  It lives from its writer to its last reader, the network's output to
 * the end.  A layer that takes another form than an edge has also holds its inputs in that form;
 * one whose output goes through floats (a range for each sample, groups of weights) that output as
 * floats.  The peak is the most that lives at once, of all samples of a call.
 */
#include "plan_parts.h"

enum { FLOAT = sizeof(float), CODE = 1 };

struct counting {
	const struct layers *layers;
	const bool *islands;    /* NULL: the run in floats                               */
	bool through_float;     /* outputs of quantized layers stand as floats first     */
	int64_t batch;
};

static bool is_float_layer(const struct counting *count, size_t layer)
{
	return !count->islands || count->islands[layer];
}

static int64_t edge_bytes(const struct counting *count, size_t edge)
{
	const bool floats = !edge || is_float_layer(count, edge - 1);

	return count->batch * count->layers->edges[edge].elements * (floats ? FLOAT : CODE);
}

/* Of an input in the form that the layer takes, where the edge has another. */
static int64_t copy_bytes(const struct counting *count, size_t layer, size_t edge)
{
	const bool floats = !edge || is_float_layer(count, edge - 1);
	const int64_t elements = count->batch * count->layers->edges[edge].elements;

	if (is_float_layer(count, layer) == floats)
		return 0;
	return elements * (floats ? CODE : FLOAT);
}

static bool is_read_from(const struct counting *count, size_t edge, size_t layer)
{
	const struct layers *layers = count->layers;

	for (size_t l = layer; l < layers->count; l++)
		for (size_t i = 0; i < layers->layers[l].input_count; i++)
			if (layers->layers[l].inputs[i] == edge)
				return true;
	return edge == layers->count;
}

/* While the layer runs. */
static int64_t living_bytes(const struct counting *count, size_t layer)
{
	const struct layer *one = &count->layers->layers[layer];
	int64_t bytes = edge_bytes(count, layer + 1);

	for (size_t e = 0; e <= layer; e++)
		if (is_read_from(count, e, layer))
			bytes += edge_bytes(count, e);
	for (size_t i = 0; i < one->input_count; i++)
		bytes += copy_bytes(count, layer, one->inputs[i]);
	if (!is_float_layer(count, layer) && count->through_float)
		bytes += count->batch * count->layers->edges[layer + 1].elements * FLOAT;
	return bytes;
}

/* Packed, with a scale an output channel or group, and biases. */
static int64_t layer_weight_bytes(const struct counting *count, size_t layer, int64_t group)
{
	const struct tensor *weights = &count->layers->layers[layer].weights;
	const int64_t elements = weights->rows * weights->columns;
	const int64_t groups = group ? (weights->columns + group - 1) / group : 1;
	const int64_t biases = count->layers->layers[layer].bias ? weights->rows * FLOAT : 0;

	if (!weights->values)
		return 0;
	if (is_float_layer(count, layer))
		return elements * FLOAT + biases;
	return elements * CODE + weights->rows * groups * FLOAT + biases;
}

static struct network_work count_work(const struct counting *count, int64_t group)
{
	struct network_work work = { 0 };

	for (size_t l = 0; l < count->layers->count; l++) {
		const struct layer *layer = &count->layers->layers[l];
		const int64_t living = living_bytes(count, l);

		work.weight_bytes += layer_weight_bytes(count, l, group);
		work.bytes += edge_bytes(count, l + 1);
		for (size_t i = 0; i < layer->input_count; i++)
			work.bytes += edge_bytes(count, layer->inputs[i]);
		work.peak_bytes = living > work.peak_bytes ? living : work.peak_bytes;
	}
	work.bytes += work.weight_bytes;
	return work;
}

int network_work_count(struct maker *maker, struct race *race)
{
	const struct recipe *plain = &race->plain;
	struct counting count = { .layers = race->layers, .batch = race->batch };
	char reason[REFUSAL_SIZE];
	bool *islands;

	race->in_floats = count_work(&count, 0);
	race->in_integers = race->in_floats;
	if (rule_is_float(&plain->weights))
		return 0;
	islands = env_new(maker->plan->env, race->layers->count, sizeof *islands,
			  "the layers left in float", maker->error);
	if (!islands)
		return -1;
	layers_islands(race->layers, plain, islands, reason, sizeof reason);
	const int64_t group = plain->weights.granularity.group;

	count.islands = islands;
	count.through_float =
		group || ((const struct range_rule *)plain->activations.range)->per_sample;
	race->in_integers = count_work(&count, group);
	env_free(maker->plan->env, islands);
	return 0;
}

const struct network_work *network_work_of(const struct race *race, const struct qs_kernel *kernel)
{
	return kernel->a == QS_F32 ? &race->in_floats : &race->in_integers;
}
