/* SPDX-License-Identifier: MIT
 *
 * Squared errors with those of saturated values weighed W times: a value more than half a step
 * beyond the last code is saturated.  The best of all scales that scale_search.h tries, min-max
 * first; with W = 1 it is least squared error.
 */
#include "scale_search.h"

static struct range sqnr_choose(const struct calibration_task *task)
{
	const struct range widest = slice_range(task->slice, task->scheme);
	const struct grid grid =
		task->scheme->grid(widest.low, widest.high, task->bits, task->scale);
	double cost;

	if (!(widest.high > widest.low))
		return widest;
	const struct scale_found found = scale_search(task, task->parameter, &grid, 1, &cost);
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
	.choose = sqnr_choose,
};
