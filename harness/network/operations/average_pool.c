/* SPDX-License-Identifier: MIT
 *
 * The mean over height and width.
 */
#include "../run.h"

static const char *const types[] = { "GlobalAveragePool", NULL };

const struct layer_operation layer_average_pool = {
	.value = { .name = "average_pool",
		   .summary = "GlobalAveragePool: the mean over height and width",
		   .source = "Operators.md of the ONNX project" },
	.types = types,
	.lower = NULL,
	.run_float = run_average_pool_float,
	.run_integer = run_average_pool_integer,
	.prepare_integer = prepare_average_pool_integer,
};
