/* SPDX-License-Identifier: MIT */
#include "moments.h"

#include <math.h>

static struct moments take_moments(const struct slice *slice)
{
	const double count = (double)slice->count;
	const struct sums all = slice_sums(slice, 0, slice->points);
	const double mean = all.sum / count;
	const double variance = all.squares / count - mean * mean;
	const int64_t middle = slice_first_from(slice, mean);
	const struct sums below = slice_sums(slice, 0, middle);
	const struct sums above = slice_sums(slice, middle, slice->points);
	const double absolute = (above.sum - mean * (double)above.count) +
				(mean * (double)below.count - below.sum);

	/* of equal values a sum of roundings is left, which may lie below 0 */
	return (struct moments){ mean, variance > 0 ? sqrt(variance) : 0,
				 absolute > 0 ? absolute / count : 0 };
}

struct moments slice_moments(const struct slice *slice)
{
	struct memo *memo = slice->memo;

	if (memo && memo->has_moments)
		return (struct moments){ memo->mean, memo->deviation, memo->absolute };
	const struct moments moments = take_moments(slice);
	if (memo) {
		memo->has_moments = true;
		memo->mean = moments.mean;
		memo->deviation = moments.deviation;
		memo->absolute = moments.absolute;
	}
	return moments;
}

struct range range_around_mean(const struct calibration_task *task, double mean, double bound,
			       double width)
{
	const struct range widest = slice_range(task->slice, task->scheme);
	struct range range;

	if (task->scheme->symmetric) {
		range = symmetric_range(task->scheme, fmin(fabs(mean) + bound, widest.high));
	} else {
		const double least = (double)task->slice->least;
		const double low = mean - bound > least ? mean - bound : least;
		const double high = low + width;

		range.low = low < 0 ? low : 0;
		range.high = high > widest.high ? widest.high : high > 0 ? high : 0;
	}
	return range.high > 0 || range.low < 0 ? range : widest;
}
