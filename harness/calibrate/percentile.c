/* SPDX-License-Identifier: MIT
 *
 * Percentile p by nearest rank: the value of rank ceil(n p / 100), from 1, among n sorted ones.
 *
 * Symmetric: of |x|.  Asymmetric: (100 - p)/2 % is cut on each side, as many values below as above,
 * and the range is widened to hold 0.  p is a decimal as a person writes it, so a product that is
 * less than 1e-6 above a whole number counts as that number (99.9 % of 1000 is rank 999).
 *
 * Where the rank is n the range is min-max, and the cell is warned: with fewer than 1/(1 - p/100)
 * values, twice as many for asymmetric.  Where all that p leaves is 0 but some value is not (p % of
 * the values are 0), there is no range to use: min-max again, and a warning.
 */
#include "calibrate.h"

#include <math.h>

static int64_t rank_of(int64_t count, double percent)
{
	const int64_t rank = (int64_t)ceil((double)count * percent / 100 - 1e-6);

	return rank < 1 ? 1 : rank > count ? count : rank;
}

static double share_kept(const struct calibration_task *task)
{
	return task->scheme->symmetric ? task->parameter : (100 + task->parameter) / 2;
}

static struct range cut(const struct calibration_task *task)
{
	const struct slice *slice = task->slice;
	const int64_t rank = rank_of(slice->count, share_kept(task));

	if (task->scheme->symmetric)
		return symmetric_range(task->scheme,
				       (double)slice_magnitude_of_rank(slice, rank));
	const double low = (double)slice_value_of_rank(slice, slice->count - rank + 1);
	const double high = (double)slice_value_of_rank(slice, rank);
	return (struct range){ .low = low < 0 ? low : 0, .high = high > 0 ? high : 0 };
}

static bool is_empty(struct range range)
{
	return !(range.low < 0) && !(range.high > 0);
}

static struct range percentile_choose(const struct calibration_task *task)
{
	const struct range range = cut(task);

	return is_empty(range) ? slice_range(task->slice, task->scheme) : range;
}

static const char *percentile_warn(const struct calibration_task *task)
{
	const struct slice *slice = task->slice;

	if (task->parameter < 100 && rank_of(slice->count, share_kept(task)) == slice->count)
		return "too few values for this percentile: nothing is cut, it is min-max";
	if (is_empty(cut(task)) && slice_greatest_magnitude(slice) > 0)
		return "this percentile of the values is 0: it is min-max";
	return NULL;
}

const struct calibration calibration_percentile = {
	.value = { .name = "percentile",
		   .summary = "clip the outermost values: symmetric keeps P % of |x|, asymmetric "
			      "cuts (100-P)/2 % on each side",
		   .source = "nearest-rank quantile",
		   .parameter = "P", .standard = 99.99, .least = 50, .most = 100 },
	.exact_ends = true,
	.warn = percentile_warn,
	.choose = percentile_choose,
};
