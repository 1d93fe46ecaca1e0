/* SPDX-License-Identifier: MIT
 *
 * The sum of two edges, or a bias of the layer before.
 */
#include "../run.h"

static const char *const types[] = { "Add", NULL };

const struct layer_operation layer_add = {
	.value = { .name = "add",
		   .summary = "Add of two layers; of a layer and a constant: its bias",
		   .source = "Operators.md of the ONNX project" },
	.types = types,
	.lower = NULL,
	.run_float = run_add_float,
	.run_integer = run_add_integer,
	.prepare_integer = prepare_add_integer,
};
