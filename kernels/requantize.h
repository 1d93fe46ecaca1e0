/* SPDX-License-Identifier: MIT
 *
 * From sums to codes, written once: reference kernels and the integer execution call these.
 *
 * A sum counts units of s_a * s_w (or of what a layer adds up); `scale` = s_a * s_w / s_y is what
 * one unit is in steps of the output.  code = clip(round(sum * scale) + zero, low, high), with the
 * rounding that the mode says:
 *
 *   float        (float)sum * (float)scale, one rounding each, then round (half_even or half_away)
 *   q31_double   a 31-bit multiplier and a shift, rounded twice: gemmlowp's
 *                SaturatingRoundingDoublingHighMul, then RoundingDivideByPOT (ties away from 0);
 *                TensorFlow Lite's reference kernels
 *   q31_single   the same multiplier and shift, rounded once, ties upward: TensorFlow Lite with
 *                TFLITE_SINGLE_ROUNDING
 *   q31_ties_up  q31_double with the second rounding's ties upward: older ruy
 *   rndnu        a 24-bit multiplier, rounded once, ties upward: XNNPACK
 *   shift        scale is a power of two: one shift, rounded by `round`
 *
 * `round` is read by float and shift alone.  Any sum is allowed: what leaves s32 is saturated.
 * Where a source asserts that a sum is small or lets it wrap, the numbers are the source's wherever
 * that assertion holds.  A right shift of a negative number is arithmetic, as in gcc and clang
 * (C11 6.5.7p5 leaves it to them).
 *
 * Sources: tensorflow/tflite-micro, tensorflow/lite/kernels/internal/quantization_util.cc
 * (QuantizeMultiplier) and common.cc (MultiplyByQuantizedMultiplier); google/gemmlowp,
 * fixedpoint/fixedpoint.h; google/XNNPACK, src/xnnpack/requantization.h.
 */
#ifndef QS_REQUANTIZE_H
#define QS_REQUANTIZE_H

#include "kernel.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

struct qs_requantizer {         /* one scale, prepared                                   */
	enum qs_requantize mode;
	enum qs_round round;
	float scale;            /* float                                                 */
	int32_t multiplier;     /* q31_*: 2^30 .. 2^31-1, or 0; rndnu: 2^23 .. 2^24-1    */
	int shift;              /* right where > 0: q31_* -30..31, rndnu 16..55, shift -32..34 */
};

static inline int32_t qs_saturate_s32(int64_t x)
{
	return x < INT32_MIN ? INT32_MIN : x > INT32_MAX ? INT32_MAX : (int32_t)x;
}

/* x / 2^shift, shift 0..62, to the nearest integer; a tie goes upward, away from 0, to the even
 * one.  |x| <= 2^62. */
static inline int64_t qs_shift_half_up(int64_t x, int shift)
{
	return (x + ((INT64_C(1) << shift) >> 1)) >> shift;
}

static inline int64_t qs_shift_half_away(int64_t x, int shift)
{
	return x < 0 ? -qs_shift_half_up(-x, shift) : qs_shift_half_up(x, shift);
}

static inline int64_t qs_shift_half_even(int64_t x, int shift)
{
	const int64_t one = INT64_C(1) << shift, below = x >> shift, rest = x & (one - 1);

	return below + (rest > one - rest || (rest == one - rest && (below & 1)));
}

/* QuantizeMultiplier: scale = multiplier * 2^(-31 - shift), the 31 bits rounded half away from 0.
 * A scale below 2^-32 becomes 0.  One of 2^30 or more becomes the greatest that there is, as
 * TFLITE_SINGLE_ROUNDING has it; the other modes have no rule there. */
static inline void qs_requantizer_make_q31(struct qs_requantizer *r, double scale)
{
	int exponent;
	double multiplier = round(ldexp(frexp(scale, &exponent), 31));

	if (multiplier == 0x1p31) {
		multiplier = 0x1p30;
		exponent++;
	}
	if (exponent < -31) {
		multiplier = 0;
		exponent = 0;
	} else if (exponent > 30) {
		multiplier = INT32_MAX;
		exponent = 30;
	}
	r->multiplier = (int32_t)multiplier;
	r->shift = -exponent;
}

/* The float32 scale is multiplier * 2^-shift, exactly. */
static inline bool qs_requantizer_make_rndnu(struct qs_requantizer *r)
{
	int exponent;

	if (!(r->scale >= 0x1p-32F && r->scale < 256.0F))
		return false;
	r->multiplier = (int32_t)ldexpf(frexpf(r->scale, &exponent), 24);
	r->shift = 24 - exponent;
	return true;
}

/* Beyond 32 bits to the left every sum but 0 saturates, beyond 33 to the right each becomes 0. */
static inline bool qs_requantizer_make_shift(struct qs_requantizer *r, double scale)
{
	int exponent;

	if (frexp(scale, &exponent) != 0.5)
		return false;
	r->shift = 1 - exponent;
	r->shift = r->shift < -32 ? -32 : r->shift > 34 ? 34 : r->shift;
	return true;
}

/* false: the mode cannot express this scale (none can one that is not above 0 or above FLT_MAX;
 * rndnu none outside [2^-32, 256), as a float32; shift only a power of two). */
static inline bool qs_requantizer_make(struct qs_requantizer *r, enum qs_requantize mode,
				       enum qs_round round, double scale)
{
	*r = (struct qs_requantizer){ .mode = mode, .round = round };
	if (!(scale > 0 && scale <= (double)FLT_MAX))
		return false;
	r->scale = (float)scale;
	switch (mode) {
	case QS_REQUANTIZE_FLOAT:
		return true;
	case QS_REQUANTIZE_Q31_DOUBLE:
	case QS_REQUANTIZE_Q31_SINGLE:
	case QS_REQUANTIZE_Q31_TIES_UP:
		qs_requantizer_make_q31(r, scale);
		return true;
	case QS_REQUANTIZE_RNDNU:
		return qs_requantizer_make_rndnu(r);
	case QS_REQUANTIZE_SHIFT:
		return qs_requantizer_make_shift(r, scale);
	default:
		return false;
	}
}

static inline int32_t qs_requantize_float(const struct qs_requantizer *r, int32_t sum)
{
	const float q = (float)sum * r->scale;
	const float rounded = r->round == QS_HALF_AWAY ? roundf(q) : rintf(q);

	if (rounded < -0x1p31F)
		return INT32_MIN;
	return rounded >= 0x1p31F ? INT32_MAX : (int32_t)rounded;
}

/* The first rounding of q31_double and q31_ties_up, to whole steps where shift <= 0.  gemmlowp adds
 * 2^30, or 1 - 2^30 to a negative product, and divides toward 0: that is a tie upward on both
 * sides.  TensorFlow Lite shifts the sum left before the product; after it nothing overflows. */
static inline int64_t qs_requantize_high(const struct qs_requantizer *r, int32_t sum)
{
	return qs_shift_half_up((int64_t)sum * r->multiplier, r->shift < 0 ? 31 + r->shift : 31);
}

static inline int64_t qs_requantize_shift(const struct qs_requantizer *r, int32_t sum)
{
	if (r->shift <= 0)
		return sum * (INT64_C(1) << -r->shift);
	return r->round == QS_HALF_AWAY ? qs_shift_half_away(sum, r->shift)
					: qs_shift_half_even(sum, r->shift);
}

/* round(sum * scale), neither zero point nor clip; saturated to s32. */
static inline int32_t qs_requantize_value(const struct qs_requantizer *r, int32_t sum)
{
	const int right = r->shift > 0 ? r->shift : 0;

	switch (r->mode) {
	case QS_REQUANTIZE_Q31_DOUBLE:
		return qs_saturate_s32(qs_shift_half_away(qs_requantize_high(r, sum), right));
	case QS_REQUANTIZE_Q31_TIES_UP:
		return qs_saturate_s32(qs_shift_half_up(qs_requantize_high(r, sum), right));
	case QS_REQUANTIZE_Q31_SINGLE:
		return qs_saturate_s32(
			qs_shift_half_up((int64_t)sum * r->multiplier, 31 + r->shift));
	case QS_REQUANTIZE_RNDNU:
		return qs_saturate_s32(qs_shift_half_up((int64_t)sum * r->multiplier, r->shift));
	case QS_REQUANTIZE_SHIFT:
		return qs_saturate_s32(qs_requantize_shift(r, sum));
	default:
		return qs_requantize_float(r, sum);
	}
}

static inline int32_t qs_requantize_code(const struct qs_requantizer *r, int32_t sum, int32_t zero,
					 int32_t low, int32_t high)
{
	const int64_t code = (int64_t)qs_requantize_value(r, sum) + zero;

	return code < low ? low : code > high ? high : (int32_t)code;
}

#endif
