/* SPDX-License-Identifier: MIT
 *
 * Least squared error: the best of all scales that scale_search.h tries, those of every other rule
 * that is blind to order and to the user's numbers (with its standard parameter) among them, and of
 * what the rules give that begin at this best.  Candidates that come near the least cost are
 * compared once more as they are measured, with float32's division and product; of equals the one
 * that another rule gives, min-max first.
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

static struct range mse_choose(const struct calibration_task *task);

/* What the other rules say that begin at least squares or not, min-max first; how many. */
static int ranges_of_others(const struct calibration_task *task, bool after,
			    struct range ranges[RANGES_MOST])
{
	int count = 0;

	for (const struct value *const *v = calibration_values; *v && count < RANGES_MOST; v++) {
		const struct calibration *other = calibration_of(*v);
		struct calibration_task ask = *task;

		ask.parameter = other->value.standard;
		ask.least_squares = NULL;
		if (other->choose != mse_choose && other->after_least_squares == after &&
		    !other->observer && value_stands_alone(&other->value) &&
		    !calibration_refuses(other, &ask))
			ranges[count++] = calibration_choose(other, &ask);
	}
	return count;
}

static double measured(const struct calibration_task *task, const struct grid *grid)
{
	return squared_error_of_grid(task->slice, grid, stored_scale(grid->scale));
}

static bool is_same(const struct grid *one, const struct grid *other)
{
	return stored_scale(one->scale) == stored_scale(other->scale) && one->zero == other->zero;
}

/* Short slices are cut nowhere by many rules: grid number i is one of those before it. */
static bool is_among(const struct grid *grids, int i)
{
	for (int j = 0; j < i; j++)
		if (is_same(&grids[j], &grids[i]))
			return true;
	return false;
}

static struct range search_choose(const struct calibration_task *task)
{
	struct range ranges[RANGES_MOST];
	struct grid grids[RANGES_MOST];
	double costs[RANGES_MOST];
	const int count = ranges_of_others(task, false, ranges);

	for (int i = 0; i < count; i++)
		grids[i] = grid_of_range(task, ranges[i]);
	struct range best = ranges[0];
	double least = measured(task, &grids[0]);
	*task->least_squares = 0;
	if (!(least > 0))
		return best;
	const struct scale_found found = scale_search(task, grids, count, costs);
	const struct range range = range_of_grid(task, (double)found.scale, found.zero);
	const struct grid grid = grid_of_range(task, range);
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
	*task->least_squares = fmin(found.bound, least);
	return best;
}

/* No rule of the table, but remembered like one. */
static const struct calibration search = { .choose = search_choose };

struct range least_squares_choose(const struct calibration_task *task)
{
	struct calibration_task ask = *task;
	double bound;

	ask.parameter = ask.parameter_high = 0;
	if (!ask.least_squares)
		ask.least_squares = &bound;
	return calibration_choose(&search, &ask);
}

static struct range mse_choose(const struct calibration_task *task)
{
	struct range ranges[RANGES_MOST], best = least_squares_choose(task);
	struct grid grid = grid_of_range(task, best);
	const int count = ranges_of_others(task, true, ranges);
	double least = -1;

	for (int i = 0; i < count; i++) {
		const struct grid other = grid_of_range(task, ranges[i]);

		if (is_same(&other, &grid))
			continue;
		least = least < 0 ? measured(task, &grid) : least;
		const double cost = measured(task, &other);
		if (cost < least) {
			least = cost;
			best = ranges[i];
			grid = other;
		}
	}
	if (task->least_squares && least >= 0)
		*task->least_squares = fmin(*task->least_squares, least);
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
