/* SPDX-License-Identifier: MIT
 *
 * Scale rules: which scales may be stored.
 */
#include "tables.h"

#include <math.h>

static double real_choose(double scale)
{
	return scale;
}

/* The least 2^k >= scale with k in -149 .. 127, the powers that float32 holds. */
static double power_of_two_choose(double scale)
{
	int exponent;
	const double fraction = frexp(scale, &exponent);

	if (fraction == 0.5)
		exponent--;
	if (exponent < -149)
		exponent = -149;
	if (exponent > 127)
		exponent = 127;
	return ldexp(1, exponent);
}

static const struct scale_rule real = {
	.value = { .name = "real",
		   .summary = "any float32; 4 bytes a scale",
		   .source = "ONNX QuantizeLinear: y_scale is a float" },
	.choose = real_choose,
	.bytes = 4,
};

static const struct scale_rule power_of_two = {
	.value = { .name = "power_of_two",
		   .summary = "the least 2^k that is not below the scale; 1 byte, its exponent",
		   .source = "OCP Microscaling's E8M0 scales; shift-only integer hardware" },
	.power_of_two = true,
	.choose = power_of_two_choose,
	.bytes = 1,
};

const struct value *const scale_values[] = { &real.value, &power_of_two.value, NULL };
