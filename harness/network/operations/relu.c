/* SPDX-License-Identifier: MIT
 *
 * max(0, x).
 */
#include "../operation.h"

static const char *const types[] = { "Relu", NULL };

const struct layer_operation layer_relu = {
	.value = { .name = "relu",
		   .summary = "Relu, fused into the layer before",
		   .source = "Operators.md of the ONNX project" },
	.types = types,
	.lower = NULL,
	.run_float = NULL,
	.run_integer = NULL,
};
