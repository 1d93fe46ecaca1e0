/* SPDX-License-Identifier: MIT */
#include "as_in_vitis.h"

#include <math.h>

#define ROOT_HALF 0.70710678118654752440

struct position vitis_nearest(const struct calibration_task *task, struct seen seen)
{
	const struct code_range codes = codes_of(task);
	const struct range range = seen_range(task, seen);
	const double exact = range.high - range.low, rounded = (double)(float)exact;
	/* infinite in the project beyond FLT_MAX, where it stops with an error */
	const double width = isinf(rounded) ? exact : rounded;
	int exponent;
	const double part = frexp(width / (codes.low < 0 ? 2 * codes.high : codes.high), &exponent);
	const int scale = part > ROOT_HALF ? -exponent : 1 - exponent;

	if (width == 0 || scale > 126)
		return (struct position){ 0, 0 };
	const double zero = codes.low < 0 ? 0 : rint(ldexp(-range.low, scale));

	return (struct position){ scale > POSITION_LEAST ? scale : POSITION_LEAST,
				  (int32_t)fmin(zero, codes.high) };
}
