/* SPDX-License-Identifier: MIT
 *
 * Edges one after the other along an axis.
 */
#include "../lowering.h"
#include "../run.h"

#include <string.h>

extern const struct layer_operation layer_concat;

/* The shape of all inputs together, each brought into the order of memory. */
static int read_inputs(struct lowering *lowering, int *axis, struct lowered *first)
{
	int64_t wanted = 1;

	if (lowering_whole(lowering, "axis", &wanted))
		return -1;
	for (size_t i = 0; i < lowering->node->input_count; i++) {
		const struct lowered *input = lowering_ordered(lowering, i);

		if (!input)
			return -1;
		if (!i) {
			*first = *input;
			if (lowering_axis(lowering, input->rank, wanted, axis))
				return -1;
			continue;
		}
		if (input->rank != first->rank)
			return lowering_refuse(lowering, "its inputs have %d and %d axes",
					       first->rank, input->rank);
		for (int a = 0; a < input->rank; a++)
			if (a != *axis && input->shape[a] != first->shape[a])
				return lowering_refuse(lowering, "its inputs have %lld and %lld "
								 "numbers along axis %d",
						       (long long)first->shape[a],
						       (long long)input->shape[a], a);
		first->shape[*axis] += input->shape[*axis];
	}
	return 0;
}

static int lower(struct lowering *lowering)
{
	const struct graph_node *node = lowering->node;
	struct lowered whole = { .rank = 0 };
	struct layer *layer;
	int axis = 0;

	if (node->input_count < 1 || node->input_count > LAYER_INPUTS_MAX)
		return lowering_refuse(lowering, "it has %zu inputs; 1 to %d are computed",
				       node->input_count, LAYER_INPUTS_MAX);
	if (read_inputs(lowering, &axis, &whole))
		return -1;
	if (node->input_count == 1)
		return lowering_pass(lowering, lowering_edge(lowering, 0));
	layer = lowering_add(lowering, &layer_concat, whole.rank, whole.shape);
	if (!layer)
		return -1;
	layer->outer = 1;
	for (const int *order = canonical_order(whole.rank); *order != axis; order++)
		layer->outer *= whole.shape[*order];
	layer->input_count = node->input_count;
	for (size_t i = 0; i < node->input_count; i++)
		layer->inputs[i] = lowering->values[node->inputs[i]].edge;
	return 0;
}

const struct layer_operation layer_concat = {
	.value = { .name = "concat",
		   .summary = "Concat of up to 16 layers, each input requantized to one grid",
		   .source = "Operators.md of the ONNX project" },
	.types = (const char *const[]){ "Concat", NULL },
	.lower = lower,
	.run_float = run_concat_float,
	.run_integer = run_concat_integer,
	.prepare_integer = prepare_concat_integer,
};
