/* SPDX-License-Identifier: MIT
 *
 * Nodes that only change how their input is looked at.
 */
#include "../operation.h"

static const char *const types[] = { "Flatten", "Reshape", "Identity", "Dropout", NULL };

const struct layer_operation layer_view = {
	.value = { .name = "view",
		   .summary = "Flatten, Reshape, Identity, Dropout: nothing but another shape",
		   .source = "Operators.md of the ONNX project" },
	.types = types,
	.lower = NULL,
	.run_float = NULL,
	.run_integer = NULL,
};
