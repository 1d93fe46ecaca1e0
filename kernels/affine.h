/* SPDX-License-Identifier: MIT
 *
 * The affine map between a float and its code, written once: the reference kernels, the formats
 * and the simulation all call these.
 *
 *         code  = clip(round(x / scale) + zero, low, high)
 *         value = (code - zero) * scale
 *
 * Source: ONNX QuantizeLinear and DequantizeLinear (operator set 13).  x / scale is one IEEE
 * single division, rounding to an integer happens before the zero point is added, ties by `round`.
 * Infinite quotients (huge x, denormal scale) clip.  A NaN gives `low`: defined, so that no kernel
 * differs, but without meaning; the caller refuses it.
 * The value is one IEEE single product of an exact integer below 2^24 and the scale.
 */
#ifndef QS_AFFINE_H
#define QS_AFFINE_H

#include "kernel.h"

#include <math.h>

/* round(x / scale) as a float, not yet clipped; may be infinite. */
static inline float qs_affine_round(float x, float scale, enum qs_round round)
{
	const float q = x / scale;

	return round == QS_HALF_AWAY ? roundf(q) : rintf(q);
}

/* The same rounding of |q| <= 2^22, a NaN stays one.  Adding 1.5 * 2^23 leaves no bit below 1, so
 * that the sum is rounded to a whole number, ties to even; taking it off again is exact.  Unlike
 * rintf it needs no instruction beyond SSE2 to be vectorized, and what rounds to 0 is +0. */
static inline float qs_round_small(float q, enum qs_round round)
{
	const float even = (q + 0x1.8p23F) - 0x1.8p23F, rest = q - even;

	if (round != QS_HALF_AWAY)
		return even;
	return rest == 0.5F && q > 0 ? even + 1 : rest == -0.5F && q < 0 ? even - 1 : even;
}

/* The code of x.  low <= zero <= high is not required; |low|, |high|, |zero| < 2^22. */
static inline int32_t qs_affine_code(float x, float scale, int32_t zero, int32_t low, int32_t high,
				     enum qs_round round)
{
	const float r = qs_affine_round(x, scale, round);

	if (!(r > (float)(low - zero)))
		return low;
	if (r >= (float)(high - zero))
		return high;
	return (int32_t)r + zero;
}

static inline float qs_affine_value(int32_t code, float scale, int32_t zero)
{
	return (float)(code - zero) * scale;
}

#endif
