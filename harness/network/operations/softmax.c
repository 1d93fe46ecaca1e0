/* SPDX-License-Identifier: MIT
 *
 * Softmax and LogSoftmax: always computed in float.  Before operator set 13 over all axes from
 * `axis` on together, since then over one.
 */
#include "../lowering.h"
#include "../run.h"

#include <string.h>

extern const struct layer_operation layer_softmax;

enum { OPSET_OF_ONE_AXIS = 13 };

/* Those axes are neighbours in memory: `inner` elements lie between two of theirs, in `outer`
 * blocks. */
static void find_place(const struct lowered *input, int first, int last, struct layer *layer)
{
	const int *order = canonical_order(input->rank);
	bool inside = false;

	layer->outer = layer->inner = 1;
	for (int i = 0; i < input->rank; i++) {
		const bool reduced = order[i] >= first && order[i] <= last;

		inside |= reduced;
		if (!reduced && inside)
			layer->inner *= input->shape[order[i]];
		else if (!reduced)
			layer->outer *= input->shape[order[i]];
	}
}

static int lower(struct lowering *lowering)
{
	const bool one = lowering->graph->opset >= OPSET_OF_ONE_AXIS;
	const struct lowered *input = lowering_ordered(lowering, 0);
	int64_t wanted = one ? -1 : 1;
	struct layer *layer;
	int axis;

	if (!input || lowering_whole(lowering, "axis", &wanted) ||
	    lowering_axis(lowering, input->rank, wanted, &axis))
		return -1;
	layer = lowering_add(lowering, &layer_softmax, input->rank, input->shape);
	if (!layer)
		return -1;
	layer->input_count = 1;
	layer->inputs[0] = input->edge;
	layer->logarithm = !strcmp(lowering->node->type, "LogSoftmax");
	find_place(input, axis, one ? axis : input->rank - 1, layer);
	return 0;
}

const struct layer_operation layer_softmax = {
	.value = { .name = "softmax",
		   .summary = "Softmax and LogSoftmax, always in float",
		   .source = "Operators.md of the ONNX project" },
	.types = (const char *const[]){ "Softmax", "LogSoftmax", NULL },
	.lower = lower,
	.run_float = run_softmax_float,
};
