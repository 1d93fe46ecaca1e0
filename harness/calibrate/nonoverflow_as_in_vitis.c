/* SPDX-License-Identifier: MIT
 *
 * The least power-of-two scale under which no value of any batch overflows, half a step beyond the
 * outermost codes allowed: position floor(log2(1 / s)), -127 .. 127, where s is the greater of
 * least / (-2^(b-1) - 1/2) and greatest / (2^(b-1) - 1/2); all zero is 127.  Codes without a
 * negative half take the same guard at 2^b - 1/2.  Such a position is a tensor's: of a channel the
 * project's quantize_weight_per_channel takes the nearest one, whatever the method.
 *
 * Asymmetric, the project has only the nearest position in octaves, which may overflow; its zero
 * point is held inside the codes here, where the project's wraps.
 */
#include "as_in_vitis.h"

#include <math.h>

enum { POSITION_MOST = 127 };

static int nonoverflow_position(struct seen seen, double low, double high)
{
	const double scale = fmax((double)seen.least / low, (double)seen.greatest / high);
	int exponent;

	if (!(scale > 0))
		return POSITION_MOST;
	/* floor(log2(1 / scale)): scale is part * 2^exponent, part 1/2 .. 1 */
	const int position = frexp(scale, &exponent) > 0.5 ? -exponent : 1 - exponent;

	if (position > POSITION_MOST)
		return POSITION_MOST;
	return position > POSITION_LEAST ? position : POSITION_LEAST;
}

static struct range nonoverflow_choose(void *state, const struct calibration_task *task)
{
	const struct seen *seen = state;
	const double half = ldexp(1, task->bits - 1);

	if (!task->scheme->symmetric) {
		const struct position nearest = vitis_nearest(task, *seen);

		return range_of_grid(task, ldexp(1, -nearest.scale), nearest.zero);
	}
	const double high = task->scheme->unsigned_codes ? 2 * half : half;

	return range_of_grid(task, ldexp(1, -nonoverflow_position(*seen, -half - 0.5, high - 0.5)),
			     0);
}

static const struct observer nonoverflow = {
	.bytes = sizeof(struct seen), .observe = seen_observe,
	.choose = nonoverflow_choose,
};

const struct calibration calibration_nonoverflow_as_in_vitis = {
	.value = { .name = "nonoverflow_as_in_vitis",
		   .summary = "vai_q_onnx NonOverflow: least 2^-k with no overflow; equal "
			      "bits; asymmetric: nearest 2^-k, zero point held in the codes",
		   .source = "Vitis-AI, src/vai_quantizer/vai_q_onnx, quant_utils.py and "
			     "qdq_quantizer.py at 228e5ca8, calibrate.py at ac71c039" },
	.symmetric_cost = { 1 },
	.asymmetric_cost = { 1 },
	.finest = { PER_TENSOR, "vai_q_onnx: 'per_channel is not supported in PowerOfTwoMethod'" },
	.observer = &nonoverflow,
};
