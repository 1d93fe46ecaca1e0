/* SPDX-License-Identifier: MIT */
#include "moments.h"

#include <math.h>

/* Values below `edge`. */
static int64_t count_below(const struct slice *slice, double edge)
{
	int64_t low = 0, high = slice->count;

	while (low < high) {
		const int64_t middle = low + (high - low) / 2;

		if ((double)slice->sorted[middle] < edge)
			low = middle + 1;
		else
			high = middle;
		++*slice->visits;
	}
	return low;
}

struct moments slice_moments(const struct slice *slice)
{
	const int64_t n = slice->count;
	const double count = (double)n, mean = slice->sum[n] / count;
	const double variance = slice->sum_squares[n] / count - mean * mean;
	const int64_t below = count_below(slice, mean);
	const double above_sum = slice->sum[n] - slice->sum[below];
	const double absolute = (above_sum - mean * (double)(n - below)) +
				(mean * (double)below - slice->sum[below]);

	/* of equal values a sum of roundings is left, which may lie below 0 */
	return (struct moments){ mean, variance > 0 ? sqrt(variance) : 0,
				 absolute > 0 ? absolute / count : 0 };
}

struct range range_around_mean(const struct calibration_task *task, double mean, double bound,
			       double width)
{
	const struct range widest = slice_range(task->slice, task->scheme);
	struct range range;

	if (task->scheme->symmetric) {
		range = symmetric_range(task->scheme, fmin(fabs(mean) + bound, widest.high));
	} else {
		const double least = (double)task->slice->sorted[0];
		const double low = mean - bound > least ? mean - bound : least;
		const double high = low + width;

		range.low = low < 0 ? low : 0;
		range.high = high > widest.high ? widest.high : high > 0 ? high : 0;
	}
	return range.high > 0 || range.low < 0 ? range : widest;
}
