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
	.has_error = true,
};

static const struct operation conv2d = {
	.value = { .name = "conv2d",
		   .summary = "the gemm of an image's patches, channels last, by groups",
		   .source = "ONNX Conv of two axes, without a bias" },
	.op = QS_CONV2D,
	.has_n = true,
	.has_weights = true,
	.is_convolution = true,
	.has_error = true,
};

static const struct operation quantize = {
	.value = { .name = "quantize",
		   .summary = "the codes of a[m][k]",
		   .source = "ONNX QuantizeLinear" },
	.op = QS_QUANTIZE,
	.has_error = true,
};

static const struct operation dequantize = {
	.value = { .name = "dequantize",
		   .summary = "the values that the codes of a[m][k] mean",
		   .source = "ONNX DequantizeLinear" },
	.op = QS_DEQUANTIZE,
	.has_error = true,
};

static const struct operation dynamic_quantize = {
	.value = { .name = "dynamicquantize",
		   .summary = "the codes of a[m][k] by a range that the call takes from each row",
		   .source = "ONNX DynamicQuantizeLinear, row by row" },
	.op = QS_DYNAMIC_QUANTIZE,
	.has_error = true,
	.always_dynamic = true,
};

static const struct operation requantize = {
	.value = { .name = "requantize",
		   .summary = "the codes of sums a[m][k], which are drawn: it has a throughput and "
			      "no error",
		   .source = "ONNX QLinearMatMul, its last step" },
	.op = QS_REQUANTIZE,
	.requantizes = true,
};

const struct value *const operation_values[] = { &gemm.value,     &conv2d.value,
						 &quantize.value,   &dequantize.value,
						 &dynamic_quantize.value,
						 &requantize.value, NULL };
