/* SPDX-License-Identifier: MIT
 *
 * max(0, x), the last thing that the layer before does; a layer of its own where others read what
 * that made.
 */
#include "../lowering.h"

extern const struct layer_operation layer_activation;

static int lower(struct lowering *lowering)
{
	const struct lowered *input = lowering_edge(lowering, 0);
	struct layer *layer = input ? lowering_before(lowering, 0) : NULL;

	if (!input)
		return -1;
	if (!layer)
		return layer_activation.lower(lowering);
	layer->relu = true;
	return lowering_set(lowering, input);
}

const struct layer_operation layer_relu = {
	.value = { .name = "relu",
		   .summary = "Relu, fused into the layer before where it alone reads that",
		   .source = "Operators.md of the ONNX project" },
	.types = (const char *const[]){ "Relu", NULL },
	.lower = lower,
};
