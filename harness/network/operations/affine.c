/* SPDX-License-Identifier: MIT
 *
 * x * factor + shift with constants, in double: folded into the weights of the layer before where
 * there is one number a channel and it alone reads that layer, or into such a layer, else a layer.
 */
#include "../affine.h"
#include "../run.h"

#include <string.h>

static int lower(struct lowering *lowering)
{
	const char *type = lowering->node->type;
	const bool left = lowering_is_constant(lowering, 0);

	if (!strcmp(type, "Mul"))
		return lowering_affine(lowering, left ? 1 : 0, AFFINE_TIMES);
	if (!strcmp(type, "Sub"))
		return lowering_affine(lowering, left ? 1 : 0, left ? AFFINE_FROM : AFFINE_MINUS);
	if (left)
		return lowering_refuse(lowering, "it divides a constant by what the network makes, "
						 "which is not computed");
	return lowering_affine(lowering, 0, AFFINE_BY);
}

const struct layer_operation layer_affine = {
	.value = { .name = "affine",
		   .summary = "Mul, Sub and Div by constants, folded into the layer before where "
			      "there is one number a channel",
		   .source = "Operators.md of the ONNX project" },
	.types = (const char *const[]){ "Mul", "Sub", "Div", NULL },
	.lower = lower,
	.run_float = run_map_float,
	.run_integer = run_map_integer,
	.prepare_integer = prepare_map_integer,
};
