/* SPDX-License-Identifier: MIT
 *
 * Of the power of two that power_of_two.h gives and the four below it the one of least squared
 * error, each with its best zero point; of equals the greatest.
 */
#include "power_of_two.h"
#include "squared_error.h"

#include <math.h>

enum { POSITIONS = 5 };
/* A fit is good to 1e-6. */
#define NEAR (1 + 1e-4)

static struct range least_error_choose(const struct calibration_task *task)
{
	const struct range widest = slice_range(task->slice, task->scheme);

	if (!(widest.high > widest.low))
		return widest;
	const struct squared_error error = squared_error_of(task, 1);
	struct grid grid = power_of_two_nonoverflow(task), best = grid;
	double least = squared_error_of_grid(task->slice, &grid, stored_scale(grid.scale));

	for (int i = 1; i < POSITIONS && grid.scale > 0x1p-149; i++) {
		grid.scale /= 2;
		const float scale = stored_scale(grid.scale);
		grid.zero = least_zero(&error, scale, grid.zero);
		const double about = fit_at(&error, scale, grid.zero, least).cost;
		const double clip = sqrt(about) - grid.scale * sqrt((double)task->slice->count);

		/* what clips so much is no better under a smaller scale, see scale_search.h */
		if (clip > 0 && clip * clip > least)
			break;
		if (about > least * NEAR)
			continue;
		const double cost = squared_error_of_grid(task->slice, &grid, scale);

		if (cost < least) {
			least = cost;
			best = grid;
		}
	}
	return range_of_grid(task, best.scale, best.zero);
}

const struct calibration calibration_power_of_two_least_error = {
	.value = { .name = "power_of_two_least_error",
		   .summary = "the power of two of least squared error: that of "
			      "power_of_two_nonoverflow or one of the four below it",
		   .source = "AMD Vitis AI quantizer, PowerOfTwoMethod.MinMSE, as pos .. pos+4" },
	.symmetric_cost = { 1, 3, 3 },
	.asymmetric_cost = { 1, 6, 6 },
	.choose = least_error_choose,
};
