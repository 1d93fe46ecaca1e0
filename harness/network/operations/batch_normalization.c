/* SPDX-License-Identifier: MIT
 *
 * A normalization with constant statistics.
 */
#include "../operation.h"

static const char *const types[] = { "BatchNormalization", NULL };

const struct layer_operation layer_batch_normalization = {
	.value = { .name = "batch_normalization",
		   .summary = "BatchNormalization, folded into the layer before",
		   .source = "Operators.md of the ONNX project" },
	.types = types,
	.lower = NULL,
	.run_float = NULL,
	.run_integer = NULL,
};
