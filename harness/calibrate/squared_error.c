/* SPDX-License-Identifier: MIT */
#include "search.h"

#include <math.h>

enum { LANES = 4 };

/* Added and taken away again, 1.5 * 2^23 rounds a float below 2^22 to the nearest whole number,
 * ties to even, without a call. */
#define ROUNDER 12582912.0F

static inline double squared_error(float x, float scale, float low, float high)
{
	const float quotient = x / scale;
	const float above = quotient > low ? quotient : low;
	const float clipped = above < high ? above : high;
	const float rounded = (clipped + ROUNDER) - ROUNDER;
	const double error = (double)(rounded * scale) - (double)x;

	return error * error;
}

double squared_error_of_values(const struct slice *slice, const struct grid *grid, float scale)
{
	const float low = (float)(grid->low - grid->zero), high = (float)(grid->high - grid->zero);
	const float *x = slice->sorted;
	double lane[LANES] = { 0 };
	int64_t i = 0;

	for (; i + LANES <= slice->count; i += LANES)
		for (int j = 0; j < LANES; j++)
			lane[j] += squared_error(x[i + j], scale, low, high);
	for (; i < slice->count; i++)
		lane[0] += squared_error(x[i], scale, low, high);
	*slice->visits += (uint64_t)slice->count;
	return (lane[0] + lane[1]) + (lane[2] + lane[3]);
}

/* The first place from `start` on whose value is above `edge`; steps double, then halve. */
static int64_t first_above(const struct slice *slice, int64_t start, double edge)
{
	int64_t low = start, high = start, step = 1;
	uint64_t looks = 0;

	while (high < slice->count && (double)slice->sorted[high] <= edge) {
		low = high + 1;
		high += step;
		step *= 2;
		looks++;
	}
	if (high > slice->count)
		high = slice->count;
	while (low < high) {
		const int64_t middle = low + (high - low) / 2;

		if ((double)slice->sorted[middle] <= edge)
			low = middle + 1;
		else
			high = middle;
		looks++;
	}
	*slice->visits += looks + 1;
	return low;
}

double squared_error_of_codes(const struct slice *slice, const struct grid *grid, float scale)
{
	double total = 0;
	int64_t first = 0;

	for (int32_t code = grid->low; code <= grid->high && first < slice->count; code++) {
		const double step = (double)(code - grid->zero);
		const double back = (double)((float)(code - grid->zero) * scale);
		const int64_t next = code == grid->high ? slice->count :
				     first_above(slice, first, (step + 0.5) * (double)scale);

		/* near FLT_MAX a code may mean infinity: nothing where no value has it */
		if (next == first)
			continue;
		if (isinf(back))
			return (double)INFINITY;
		total += slice->sum_squares[next] - slice->sum_squares[first];
		total -= 2 * back * (slice->sum[next] - slice->sum[first]);
		total += (double)(next - first) * back * back;
		first = next;
	}
	return total;
}
