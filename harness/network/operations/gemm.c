/* SPDX-License-Identifier: MIT
 *
 * A product with constant weights.
 */
#include "../run.h"

static const char *const types[] = { "Gemm", "MatMul", NULL };

const struct layer_operation layer_gemm = {
	.value = { .name = "gemm",
		   .summary = "Gemm and MatMul with constant weights",
		   .source = "Operators.md of the ONNX project" },
	.types = types,
	.lower = NULL,
	.run_float = run_product_float,
	.run_integer = run_product_integer,
	.prepare_integer = prepare_product_integer,
};
