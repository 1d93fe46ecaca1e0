/* SPDX-License-Identifier: MIT
 *
 * The operations that can be a subject of their own.
 */
#include "tables.h"

static const struct operation gemm = {
	.value = { .name = "gemm",
		   .summary = "y[m][n] = sum over k of a[m][k] w[n][k]",
		   .source = "ONNX Gemm with transB = 1 and no bias" },
	.op = QS_GEMM,
	.has_n = true,
	.has_weights = true,
};

static const struct operation quantize = {
	.value = { .name = "quantize",
		   .summary = "the codes of a[m][k]",
		   .source = "ONNX QuantizeLinear" },
	.op = QS_QUANTIZE,
};

static const struct operation dequantize = {
	.value = { .name = "dequantize",
		   .summary = "the values that the codes of a[m][k] mean",
		   .source = "ONNX DequantizeLinear" },
	.op = QS_DEQUANTIZE,
};

const struct value *const operation_values[] = { &gemm.value, &quantize.value, &dequantize.value,
						 NULL };
