/* SPDX-License-Identifier: MIT
 *
 * A convolution of two axes.
 */
#include "../run.h"

static const char *const types[] = { "Conv", NULL };

const struct layer_operation layer_conv = {
	.value = { .name = "conv",
		   .summary = "Conv of two axes, one group; padding by pads or auto_pad",
		   .source = "Operators.md of the ONNX project" },
	.types = types,
	.lower = NULL,
	.run_float = run_product_float,
	.run_integer = run_product_integer,
	.prepare_integer = prepare_product_integer,
};
