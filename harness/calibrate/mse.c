/* SPDX-License-Identifier: MIT
 *
 * Least squared error: the best of all scales that scale_search.h tries, those of every other rule
 * that is blind to order and to the user's numbers (with its standard parameter) among them.
 * Candidates that come near the least cost are compared once more as they are measured, with
 * float32's division and product; of equals the one that another rule gives, min-max first.
 *
 * Ties cost the same on both sides, so half_even and half_away are one choice.
 */
#include "scale_search.h"

#include <math.h>

_Static_assert(QS_ROUNDS == 2, "another rounding has other borders between codes");

enum { RANGES_MOST = 32 };

/* What the search calls a cost may be off by so much in its root: beside itself, beside the root
 * of the sum of squares. */
static const double near_cost = 1e-4, near_norm = 1e-6;

static struct grid grid_of(const struct calibration_task *task, struct range range)
{
	return task->scheme->grid(range.low, range.high, task->bits, task->scale);
}

static struct range mse_choose(const struct calibration_task *task);

/* What the other rules say, min-max first; how many. */
static int ranges_of_others(const struct calibration_task *task, struct range ranges[RANGES_MOST])
{
	int count = 0;

	for (const struct value *const *v = calibration_values; *v && count < RANGES_MOST; v++) {
		const struct calibration *other = calibration_of(*v);
		struct calibration_task ask = *task;

		ask.parameter = other->value.standard;
		ask.least_squares = NULL;
		if (other->choose != mse_choose && !other->observer &&
		    value_stands_alone(&other->value) && !calibration_refuses(other, &ask))
			ranges[count++] = calibration_choose(other, &ask);
	}
	return count;
}

static double measured(const struct calibration_task *task, const struct grid *grid)
{
	return squared_error_of_grid(task->slice, grid, stored_scale(grid->scale));
}

/* Short slices are cut nowhere by many rules: grid number i is one of those before it. */
static bool is_among(const struct grid *grids, int i)
{
	for (int j = 0; j < i; j++)
		if (stored_scale(grids[j].scale) == stored_scale(grids[i].scale) &&
		    grids[j].zero == grids[i].zero)
			return true;
	return false;
}

static struct range mse_choose(const struct calibration_task *task)
{
	struct range ranges[RANGES_MOST];
	struct grid grids[RANGES_MOST];
	double costs[RANGES_MOST];
	const int count = ranges_of_others(task, ranges);

	for (int i = 0; i < count; i++)
		grids[i] = grid_of(task, ranges[i]);
	struct range best = ranges[0];
	double least = measured(task, &grids[0]), bound = 0;
	if (least > 0) {
		const struct scale_found found = scale_search(task, 1, grids, count, costs);
		const struct range range = range_of_grid(task, (double)found.scale, found.zero);
		const struct grid grid = grid_of(task, range);
		const double near = sqrt(found.cost) * (1 + near_cost) + found.norm * near_norm;

		for (int i = 1; i < count; i++) {
			if (sqrt(costs[i]) > near || is_among(grids, i))
				continue;
			const double cost = measured(task, &grids[i]);

			if (cost < least) {
				least = cost;
				best = ranges[i];
			}
		}
		const double cost = measured(task, &grid);
		if (cost < least) {
			least = cost;
			best = range;
		}
		bound = fmin(found.bound, least);
	}
	if (task->least_squares)
		*task->least_squares = bound;
	return best;
}

const struct calibration calibration_mse = {
	.value = { .name = "mse",
		   .summary = "the range of least squared error: scales between too small and all, "
			      "those of the other rules too, followed to their fixed points",
		   .source = "Lloyd 1982; Piyavskii 1972" },
	.symmetric_cost = { 6, 50, 40 },
	.asymmetric_cost = { 14, 150, 120 },
	.choose = mse_choose,
};
