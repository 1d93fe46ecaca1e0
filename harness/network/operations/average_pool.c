/* SPDX-License-Identifier: MIT
 *
 * The mean over height and width.
 */
#include "../lowering.h"
#include "../run.h"

extern const struct layer_operation layer_average_pool;

static int lower(struct lowering *lowering)
{
	const struct lowered *input = lowering_edge(lowering, 0);
	struct layer *layer;

	if (!input || lowering_check_image(lowering, input))
		return -1;
	layer = lowering_add(lowering, &layer_average_pool, 3, 1, 1, input->dims.channels);
	if (!layer)
		return -1;
	layer->input_count = 1;
	layer->inputs[0] = input->edge;
	return 0;
}

const struct layer_operation layer_average_pool = {
	.value = { .name = "average_pool",
		   .summary = "GlobalAveragePool: the mean over height and width",
		   .source = "Operators.md of the ONNX project" },
	.types = (const char *const[]){ "GlobalAveragePool", NULL },
	.lower = lower,
	.run_float = run_average_pool_float,
	.run_integer = run_average_pool_integer,
	.prepare_integer = prepare_average_pool_integer,
};
