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
 */
#ifndef QS_REQUANTIZE_H
#define QS_REQUANTIZE_H

#include "kernel.h"

#include <stdbool.h>

struct qs_requantizer {         /* one scale, prepared                                   */
	enum qs_requantize mode;
	enum qs_round round;
	float scale;            /* float                                                 */
	int32_t multiplier;     /* q31_*, rndnu                                          */
	int shift;              /* right where > 0                                       */
};

/* false: the mode cannot express this scale (rndnu outside [2^-32, 256); shift: no power of two). */
static inline bool qs_requantizer_make(struct qs_requantizer *r, enum qs_requantize mode,
				       enum qs_round round, double scale);
/* round(sum * scale), neither zero point nor clip; saturated to s32. */
static inline int32_t qs_requantize_value(const struct qs_requantizer *r, int32_t sum);
static inline int32_t qs_requantize_code(const struct qs_requantizer *r, int32_t sum, int32_t zero,
					 int32_t low, int32_t high);

#endif
