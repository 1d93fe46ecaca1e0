/* SPDX-License-Identifier: MIT
 *
 * Percentile p by nearest rank: the value of rank ceil(n p / 100), from 1, among n sorted ones.
 *
 * Symmetric: of |x|.  Asymmetric: percentile cuts (100 - p)/2 % on each side, as many values below
 * as above; percentile_one_sided cuts 100 - p % on the side that lies farther from 0 (above, where
 * both are as far) and nothing on the other.  The range is widened to hold 0.  p is a decimal as a
 * person writes it, so a product that is less than 1e-6 above a whole number counts as that number
 * (99.9 % of 1000 is rank 999).
 *
 * Where the rank is n the range is min-max, and the cell is warned: with fewer than 1/(1 - p/100)
 * values, twice as many where both sides are cut.  Where all that p leaves is 0 but some value is
 * not (p % of the values are 0), there is no range to use: min-max again, and a warning.
 */
#include "calibrate.h"

#include <math.h>

static int64_t rank_of(int64_t count, double percent)
{
	const int64_t rank = (int64_t)ceil((double)count * percent / 100 - 1e-6);

	return rank < 1 ? 1 : rank > count ? count : rank;
}

struct cut {
	struct range range;
	bool nothing;           /* the rank is the last one                              */
};

static struct cut cut(const struct calibration_task *task, bool one_sided)
{
	const struct slice *slice = task->slice;
	const bool halved = !task->scheme->symmetric && !one_sided;
	const int64_t rank = rank_of(slice->count, halved ? (100 + task->parameter) / 2 :
							    task->parameter);
	struct cut cut = { .range = slice_range(slice, task->scheme),
			   .nothing = rank == slice->count };

	if (task->scheme->symmetric) {
		cut.range = symmetric_range(task->scheme,
					    (double)slice_magnitude_of_rank(slice, rank));
		return cut;
	}
	const bool below_is_farther = -cut.range.low > cut.range.high;
	const double low = (double)slice_value_of_rank(slice, slice->count - rank + 1);
	const double high = (double)slice_value_of_rank(slice, rank);

	if (!one_sided || below_is_farther)
		cut.range.low = low < 0 ? low : 0;
	if (!one_sided || !below_is_farther)
		cut.range.high = high > 0 ? high : 0;
	return cut;
}

static bool is_empty(struct range range)
{
	return !(range.low < 0) && !(range.high > 0);
}

static struct range choose(const struct calibration_task *task, bool one_sided)
{
	const struct range range = cut(task, one_sided).range;

	return is_empty(range) ? slice_range(task->slice, task->scheme) : range;
}

static const char *warn(const struct calibration_task *task, bool one_sided)
{
	const struct cut found = cut(task, one_sided);

	if (task->parameter < 100 && found.nothing)
		return "too few values for this percentile: nothing is cut, it is min-max";
	if (is_empty(found.range) && slice_greatest_magnitude(task->slice) > 0)
		return "this percentile of the values is 0: it is min-max";
	return NULL;
}

static struct range percentile_choose(const struct calibration_task *task)
{
	return choose(task, false);
}

static const char *percentile_warn(const struct calibration_task *task)
{
	return warn(task, false);
}

static struct range one_sided_choose(const struct calibration_task *task)
{
	return choose(task, true);
}

static const char *one_sided_warn(const struct calibration_task *task)
{
	return warn(task, true);
}

const struct calibration calibration_percentile = {
	.value = { .name = "percentile",
		   .summary = "clip the outermost values: symmetric keeps P % of |x|, asymmetric "
			      "cuts (100-P)/2 % on each side",
		   .source = "nearest-rank quantile",
		   .parameter = "P", .standard = 99.99, .least = 50, .most = 100 },
	.exact_ends = true,
	.of_values_alone = true,
	.warn = percentile_warn,
	.choose = percentile_choose,
};

const struct calibration calibration_percentile_one_sided = {
	.value = { .name = "percentile_one_sided",
		   .summary = "the same, but asymmetric cuts all of 100-P % on the side that is "
			      "farther from 0",
		   .source = "nearest-rank quantile",
		   .parameter = "P", .standard = 99.99, .least = 50, .most = 100 },
	.exact_ends = true,
	.of_values_alone = true,
	.warn = one_sided_warn,
	.choose = one_sided_choose,
};
