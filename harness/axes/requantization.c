/* SPDX-License-Identifier: MIT
 *
 * Requantizations: how an integer sum becomes an output code.  The rules themselves stand in
 * kernels/requantize.h.
 */
#include "tables.h"

static const struct requantization product = {
	.value = { .name = "float",
		   .summary = "the sum times the scales in float32, then rounded",
		   .source = "ONNX QLinearMatMul: y = round(sum * a_scale * w_scale / y_scale) + "
			     "zero" },
	.mode = QS_REQUANTIZE_FLOAT,
};

static const struct requantization q31_double = {
	.value = { .name = "q31_double",
		   .summary = "a 31-bit multiplier and a shift, rounded twice; ties of the second "
			      "go away from 0",
		   .source = "TensorFlow Lite's reference kernels (gemmlowp, fixedpoint.h)" },
	.mode = QS_REQUANTIZE_Q31_DOUBLE,
};

static const struct requantization q31_single = {
	.value = { .name = "q31_single",
		   .summary = "the same multiplier and shift, rounded once, ties upward",
		   .source = "TensorFlow Lite with TFLITE_SINGLE_ROUNDING (tflite-micro, "
			     "common.cc)" },
	.mode = QS_REQUANTIZE_Q31_SINGLE,
};

static const struct requantization q31_ties_up = {
	.value = { .name = "q31_ties_up",
		   .summary = "q31_double, but ties of the second rounding go upward",
		   .source = "google/ruy, apply_multiplier.cc before it rounded once "
			     "(\"breaking ties upwards\")" },
	.mode = QS_REQUANTIZE_Q31_TIES_UP,
};

static const struct requantization rndnu = {
	.value = { .name = "rndnu",
		   .summary = "a 24-bit multiplier, rounded once, ties upward; scales from 2^-32 "
			      "to below 256",
		   .source = "XNNPACK requantization.h (xnn_qs8_requantize_rndnu)" },
	.mode = QS_REQUANTIZE_RNDNU,
};

static const struct requantization shift = {
	.value = { .name = "shift",
		   .summary = "one shift, rounded as `rounding` says; the scales of input, weights "
			      "and output are powers of two",
		   .source = "accelerators of power-of-two scales; AMD Vitis AI (pof2s)" },
	.mode = QS_REQUANTIZE_SHIFT,
	.needs_power_of_two = true,
};

const struct value *const requantization_values[] = {
	&product.value,	   &q31_double.value, &q31_single.value, &q31_ties_up.value,
	&rndnu.value,	   &shift.value,      NULL
};
