/* SPDX-License-Identifier: MIT
 *
 * Schemes: how a range [low, high] that holds 0 becomes a scale and a zero point for b-bit codes.
 *
 * All arithmetic is double.  |low|, |high| <= FLT_MAX, so high - low stays below 2^129 and no scale
 * overflows float32: the widest is 2 FLT_MAX / 3.  The zero point is rint(-low / scale) with the
 * scale in double, as it was before float32 rounds it (0.6571764705882354 and 61 for the example of
 * the tests); where the scale rule is power_of_two, with that power of two.
 */
#include "tables.h"

#include <float.h>
#include <math.h>

static int32_t power(int exponent)
{
	return (int32_t)1 << exponent;
}

static struct grid symmetric_grid_of(double low, double high, double steps, int32_t code_low,
				     int32_t code_high, const struct scale_rule *scale)
{
	const double bound = -low > high ? -low : high;
	const double step = bound > 0 ? scale->choose(bound / steps) : 1;

	return (struct grid){ .scale = step, .zero = 0, .low = code_low, .high = code_high };
}

static struct grid symmetric_grid(double low, double high, int bits, const struct scale_rule *scale)
{
	const int32_t half = power(bits - 1);

	return symmetric_grid_of(low, high, half - 1, -half, half - 1, scale);
}

static struct grid restricted_grid(double low, double high, int bits,
				   const struct scale_rule *scale)
{
	const int32_t half = power(bits - 1);

	return symmetric_grid_of(low, high, half - 1, 1 - half, half - 1, scale);
}

static struct grid full_grid(double low, double high, int bits, const struct scale_rule *scale)
{
	const int32_t half = power(bits - 1);

	return symmetric_grid_of(low, high, (power(bits) - 1) / 2.0, -half, half - 1, scale);
}

static struct grid unsigned_grid(double low, double high, int bits, const struct scale_rule *scale)
{
	(void)low;
	return symmetric_grid_of(0, high, power(bits) - 1, 0, power(bits) - 1, scale);
}

static struct grid asymmetric_grid(double low, double high, int bits,
				   const struct scale_rule *scale)
{
	struct grid grid = { .scale = 1, .zero = 0, .low = 0, .high = power(bits) - 1 };

	if (high > low) {
		grid.scale = scale->choose((high - low) / grid.high);
		grid.zero = (int32_t)lrint(-low / grid.scale);
		if (grid.zero > grid.high)
			grid.zero = grid.high;
	}
	return grid;
}

float stored_scale(double scale)
{
	const float stored = (float)scale;

	return stored > 0 ? stored : FLT_TRUE_MIN;
}

static const struct scheme symmetric = {
	.value = { .name = "symmetric",
		   .summary = "s = max|x|/(2^(b-1)-1), zero point 0, codes -2^(b-1) .. 2^(b-1)-1",
		   .source = "ONNX QuantizeLinear's int8 and int4 ranges; ggml's scale" },
	.symmetric = true,
	.grid = symmetric_grid,
};

static const struct scheme symmetric_restricted = {
	.value = { .name = "symmetric_restricted",
		   .summary = "the scale of symmetric, codes -(2^(b-1)-1) .. 2^(b-1)-1: no code "
			      "without its negative",
		   .source = "TensorFlow Lite 8-bit quantization specification, weights" },
	.symmetric = true,
	.grid = restricted_grid,
};

static const struct scheme symmetric_full = {
	.value = { .name = "symmetric_full",
		   .summary = "s = max|x|/((2^b-1)/2), zero point 0, codes -2^(b-1) .. 2^(b-1)-1",
		   .source = "PyTorch torch/ao/quantization/observer.py, symmetric observers" },
	.symmetric = true,
	.grid = full_grid,
};

static const struct scheme symmetric_unsigned = {
	.value = { .name = "symmetric_unsigned",
		   .summary = "s = max/(2^b-1), zero point 0, codes 0 .. 2^b-1; only where no "
			      "value is below 0",
		   .source = "ONNX QuantizeLinear's uint8 range with zero point 0" },
	.symmetric = true,
	.unsigned_codes = true,
	.needs_nonnegative = true,
	.grid = unsigned_grid,
};

static const struct scheme asymmetric = {
	.value = { .name = "asymmetric",
		   .summary = "range widened to hold 0, s = (max-min)/(2^b-1), "
			      "z = rint(-min/s), codes 0 .. 2^b-1",
		   .source = "ONNX DynamicQuantizeLinear, which divides in float32: its scale may "
			     "be the next float" },
	.unsigned_codes = true,
	.stores_zero = true,
	.grid = asymmetric_grid,
};

const struct value *const scheme_values[] = {
	&symmetric.value, &symmetric_restricted.value, &symmetric_full.value,
	&symmetric_unsigned.value, &asymmetric.value, NULL
};
