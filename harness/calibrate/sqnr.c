/* SPDX-License-Identifier: MIT
 *
 * Squared errors with those of saturated values weighed W times: a value more than half a step
 * beyond the last code is saturated.  The best of all scales that scale_search.h tries from the
 * one of least squares on: under one zero point a larger scale saturates no more, so where that
 * weighs more a smaller scale than least squares' has nothing to win.
 */
#include "scale_search.h"

static struct range sqnr_choose(const struct calibration_task *task)
{
	const struct range widest = slice_range(task->slice, task->scheme);
	double cost;

	if (!(widest.high > widest.low))
		return widest;
	const struct range least = least_squares_choose(task);
	const struct grid low = grid_of_range(task, least), high = grid_of_range(task, widest);
	const struct scale_found found =
		scale_search_above(task, task->parameter, &low, &high, &cost);
	return found.cost < cost ? range_of_grid(task, (double)found.scale, found.zero) : widest;
}

const struct calibration calibration_sqnr = {
	.value = { .name = "sqnr",
		   .summary = "the range of least squared error where errors of saturated values "
			      "count W times",
		   .source = "AIMET's tf_enhanced: quantization cost and saturation cost",
		   .parameter = "W", .standard = 3, .least = 1, .most = 1000 },
	.symmetric_cost = { 6, 50, 40 },
	.asymmetric_cost = { 14, 150, 120 },
	.after_least_squares = true,
	.choose = sqnr_choose,
};
