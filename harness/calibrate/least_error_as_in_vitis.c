/* SPDX-License-Identifier: MIT
 *
 * The position of least squared error among the nearest one to min-max and the four finer ones.
 *
 * Habits kept: the first batch alone is looked at (the project keeps all of them in memory and
 * reads the first); signed codes are -(2^(b-1)-1) .. 2^(b-1)-1 while errors are compared; the zero
 * point is that of the first position; squares are summed in float32 in numpy's order.  The project
 * has 8 bits alone; other widths take its formulas with their own codes.
 */
#include "as_in_numpy.h"
#include "as_in_vitis.h"

#include "../loops/loops.h"

#include <math.h>

enum { POSITIONS = 5, BLOCK = 128 };

struct least_error {
	struct position best;
	bool any;
};

/* numpy's pairs of blocks of up to 128, of squares that are made on the way.  No sum is less than
 * a part of it: from `enough` on the rest is left out. */
static float squared_error(const struct loop_grid *grid, const float *x, int64_t count,
			   float enough)
{
	struct loop_tally unused = { 0 };
	float square[BLOCK];

	if (count > BLOCK) {
		const int64_t half = count / 2 / 8 * 8;
		const float first = squared_error(grid, x, half, enough);

		return first >= enough ? first :
		       first + squared_error(grid, x + half, count - half, enough);
	}
	loops_best()->simulate(x, count, grid, square, &unused);
	for (int64_t i = 0; i < count; i++) {
		const float error = square[i] - x[i];

		square[i] = error * error;
	}
	return numpy_sum(square, count);
}

static int least_error_observe(void *state, const struct calibration_task *task,
			       const struct env *env, const float *values, int64_t count,
			       struct error *error)
{
	const struct code_range codes = codes_of(task);
	struct least_error *found = state;
	float least = INFINITY;

	(void)env;
	(void)error;
	if (found->any)
		return 0;
	const struct position first = vitis_nearest(task, seen_of(values, count));

	*found = (struct least_error){ .best = first, .any = true };
	for (int i = 0; i < POSITIONS; i++) {
		const struct loop_grid tried = {
			.scale = (float)ldexp(1, -first.scale - i), .zero = first.zero,
			.low = codes.low < 0 ? -codes.high : 0, .high = codes.high,
			.round = QS_HALF_EVEN,
		};
		const float cost = squared_error(&tried, values, count, least);

		if (cost < least) {
			least = cost;
			found->best.scale = first.scale + i;
		}
	}
	return 0;
}

static struct range least_error_choose(void *state, const struct calibration_task *task)
{
	const struct least_error *found = state;

	return range_of_grid(task, ldexp(1, -found->best.scale), found->best.zero);
}

static const struct observer least_error = {
	.of_scheme = true, .of_bits = true,
	.bytes = sizeof(struct least_error), .observe = least_error_observe,
	.choose = least_error_choose,
};

const struct calibration calibration_least_error_as_in_vitis = {
	.value = { .name = "least_error_as_in_vitis",
		   .summary = "vai_q_onnx MinMSE: 2^-k of least squared error on the "
			      "first batch; equal bits; its signed codes are "
			      "symmetric_restricted's",
		   .source = "Vitis-AI, src/vai_quantizer/vai_q_onnx, quant_utils.py and "
			     "qdq_quantizer.py at 228e5ca8, calibrate.py at ac71c039" },
	.symmetric_cost = { 1 },
	.asymmetric_cost = { 1 },
	.finest = { PER_TENSOR, "vai_q_onnx: 'per_channel is not supported in PowerOfTwoMethod'" },
	.observer = &least_error,
};
