/* SPDX-License-Identifier: MIT
 *
 * The sum of two edges; with a constant, the bias of the layer before.
 */
#include "../lowering.h"
#include "../run.h"

extern const struct layer_operation layer_add;

static int add_edges(struct lowering *lowering, const struct lowered *a, const struct lowered *b)
{
	const struct edge *x = &a->dims, *y = &b->dims;
	const bool same = x->height == y->height && x->width == y->width &&
			  x->channels == y->channels;
	struct layer *layer;

	if (a->rank != b->rank || x->elements != y->elements ||
	    !(same || (lowered_is_straight(a) && lowered_is_straight(b))))
		return lowering_refuse(lowering, "its inputs have %lld channels of %lld x %lld and "
						 "%lld of %lld x %lld; sums of the same shape are "
						 "computed",
				       (long long)x->channels, (long long)x->height,
				       (long long)x->width, (long long)y->channels,
				       (long long)y->height, (long long)y->width);
	layer = lowering_add(lowering, &layer_add, a->rank, x->height, x->width, x->channels);
	if (!layer)
		return -1;
	layer->input_count = 2;
	layer->inputs[0] = a->edge;
	layer->inputs[1] = b->edge;
	return 0;
}

static int add_constant(struct lowering *lowering, size_t edge)
{
	const struct lowered *input = lowering_edge(lowering, edge);
	const struct lowered *constant = input ? lowering_floats(lowering, 1 - edge) : NULL;
	struct layer *layer = constant ? lowering_before(lowering, edge) : NULL;
	double *numbers;
	bool fits;

	if (!constant)
		return -1;
	if (!layer || !layer->weights.values || layer->relu ||
	    layer->weights.rows != input->dims.channels)
		return lowering_refuse(lowering, "there is no convolution or product before it "
						 "that it alone reads, whose bias its constant "
						 "could be");
	if (lowering_bias(lowering, layer))
		return -1;
	numbers = env_new(lowering->env, (size_t)layer->weights.rows, sizeof *numbers, layer->name,
			  lowering->error);
	if (!numbers)
		return -1;
	fits = lowered_by_channel(constant, input, numbers);
	for (int64_t i = 0; fits && i < layer->weights.rows; i++)
		layer->bias[i] = (float)((double)layer->bias[i] + numbers[i]);
	env_free(lowering->env, numbers);
	if (!fits)
		return lowering_refuse(lowering, "its constant is not one number for each of the "
						 "%lld channels",
				       (long long)layer->weights.rows);
	return lowering_set(lowering, input);
}

static int lower(struct lowering *lowering)
{
	const struct lowered *a = lowering_input(lowering, 0);
	const struct lowered *b = a ? lowering_input(lowering, 1) : NULL;

	if (!b)
		return -1;
	if (a->kind == LOWERED_EDGE && b->kind == LOWERED_EDGE)
		return add_edges(lowering, a, b);
	return add_constant(lowering, a->kind == LOWERED_EDGE ? 0 : 1);
}

const struct layer_operation layer_add = {
	.value = { .name = "add",
		   .summary = "Add of two layers; of a layer and a constant: its bias",
		   .source = "Operators.md of the ONNX project" },
	.types = (const char *const[]){ "Add", NULL },
	.lower = lower,
	.run_float = run_add_float,
	.run_integer = run_add_integer,
	.prepare_integer = prepare_add_integer,
};
