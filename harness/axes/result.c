/* SPDX-License-Identifier: MIT
 *
 * What the sums of a product become.  Codes have a rule of their own that a recipe does not tell,
 * so such a subject has a throughput and no error.
 */
#include "tables.h"

static const struct result sums = {
	.value = { .name = "s32",
		   .summary = "raw sums, of 64 bits where a or w has 16; the default, but for "
			      "weights in groups or, where a kernel has them, of 2 to 4 bits",
		   .source = "ONNX MatMulInteger" },
	.type = QS_S32,
};

static const struct result s8 = {
	.value = { .name = "s8",
		   .summary = "signed codes, one scale; the subject has no error",
		   .source = "ONNX QLinearMatMul" },
	.type = QS_S8,
	.is_code = true,
};

static const struct result u8 = {
	.value = { .name = "u8",
		   .summary = "unsigned codes, one scale; the subject has no error",
		   .source = "ONNX QLinearMatMul" },
	.type = QS_U8,
	.is_code = true,
};

static const struct result floats = {
	.value = { .name = "f32",
		   .summary = "the sum times the scales of weights and activations",
		   .source = "ONNX Runtime MatMulNBits" },
	.type = QS_F32,
};

const struct value *const result_values[] = { &sums.value, &s8.value, &u8.value, &floats.value,
					      NULL };
