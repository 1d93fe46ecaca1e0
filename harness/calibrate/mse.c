/* SPDX-License-Identifier: MIT
 *
 * Least squared error: of the 200 fractions 1/200 .. 1 of the min-max range (each bound apart where
 * the scheme is asymmetric, see search.h) the one whose real grid, with its rounded zero point and
 * its stored scale, gives the least sum of squared errors.  Never worse than min-max.
 *
 * A slice with many more values than codes is costed by codes, else value by value.  Sums over
 * codes cancel, so there the winner is compared with min-max once more value by value.
 */
#include "search.h"

#include <float.h>
#include <math.h>

enum { FRACTIONS = 200, VALUES_A_CODE = 6 };

static struct grid grid_of(const struct calibration_task *task, struct range range)
{
	return task->scheme->grid(range.low, range.high, task->bits, task->scale);
}

static bool by_codes(const struct calibration_task *task)
{
	const struct slice *slice = task->slice;

	return slice->through || slice->count / VALUES_A_CODE >= (int64_t)1 << task->bits;
}

static double cost_of(const void *self, struct range range)
{
	const struct calibration_task *task = self;
	const struct grid grid = grid_of(task, range);
	const float scale = stored_scale(grid.scale);

	return by_codes(task) ? squared_error_of_codes(task->slice, &grid, scale) :
				squared_error_of_values(task->slice, &grid, scale);
}

/* sum of (x - edge)^2 over the points first .. last), from below: less what rounding may add. */
static double distance_squared(const struct slice *slice, int64_t first, int64_t last, double edge)
{
	const double count = (double)slice->count;
	const struct sums all = slice_sums(slice, 0, slice->points);
	const struct sums own = slice_sums(slice, first, last);
	const double most = sqrt(all.squares) + fabs(edge) * sqrt(count);

	return own.squares - 2 * edge * own.sum + (double)own.count * edge * edge -
	       1e-9 * most * most;
}

/* What clipping alone costs: the values outside the grid, less the step by which rounding the zero
 * point and the scale may widen it.  The grid of a narrower range lies inside these edges. */
static double bound_of(const void *self, struct range range)
{
	const struct calibration_task *task = self;
	const struct slice *slice = task->slice;
	const struct grid grid = grid_of(task, range);
	const double scale = grid.scale * (1 + 1e-6) + (double)FLT_TRUE_MIN;
	double low = scale * grid.low, high = scale * grid.high;

	if (!task->scheme->symmetric) {
		low = range.low - scale / 2;
		high += range.low + scale / 2;
	}
	return distance_squared(slice, 0, slice_first_from(slice, low), low) +
	       distance_squared(slice, slice_first_from(slice, high), slice->points, high);
}

static struct range mse_choose(const struct calibration_task *task)
{
	const struct clip_search search = { .fractions = FRACTIONS, .cost = cost_of,
					    .bound = bound_of, .self = task };
	const struct range widest = slice_range(task->slice, task->scheme);
	const struct range best = clip_search(&search, task);

	if (!by_codes(task))
		return best;
	const struct grid widest_grid = grid_of(task, widest), grid = grid_of(task, best);
	const double worst = squared_error_of_values(task->slice, &widest_grid,
						     stored_scale(widest_grid.scale));
	const double least = squared_error_of_values(task->slice, &grid, stored_scale(grid.scale));
	return least < worst ? best : widest;
}

const struct calibration calibration_mse = {
	.value = { .name = "mse",
		   .summary = "the clip of least squared error, of 200 fractions of the min-max "
			      "range, each bound apart where asymmetric",
		   .source = "exhaustive search; NVIDIA pytorch-quantization's mse calibration" },
	.symmetric_cost = { 6, 50, 40 },
	.asymmetric_cost = { 14, 150, 120 },
	.choose = mse_choose,
};
