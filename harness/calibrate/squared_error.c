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
	const float *x = slice->point;
	double lane[LANES] = { 0 };
	int64_t i = 0;

	if (slice->through)
		return squared_error_of_codes(slice, grid, scale);
	for (; i + LANES <= slice->count; i += LANES)
		for (int j = 0; j < LANES; j++)
			lane[j] += squared_error(x[i + j], scale, low, high);
	for (; i < slice->count; i++)
		lane[0] += squared_error(x[i], scale, low, high);
	*slice->visits += (uint64_t)slice->count;
	return (lane[0] + lane[1]) + (lane[2] + lane[3]);
}

double squared_error_of_codes(const struct slice *slice, const struct grid *grid, float scale)
{
	struct prefix before = slice->prefix[0];
	double total = 0;
	int64_t first = 0;

	for (int32_t code = grid->low; code <= grid->high && first < slice->points; code++) {
		const double step = (double)(code - grid->zero);
		const double back = (double)((float)(code - grid->zero) * scale);
		const int64_t next = code == grid->high ? slice->points :
				     slice_next_above(slice, first, (step + 0.5) * (double)scale);

		/* near FLT_MAX a code may mean infinity: nothing where no value has it */
		if (next == first)
			continue;
		if (isinf(back))
			return (double)INFINITY;
		const struct prefix after = slice_before(slice, next);
		const struct sums own = slice_between(slice, first, &before, next, &after);

		total += own.squares - 2 * back * own.sum + (double)own.count * back * back;
		first = next;
		before = after;
	}
	return total;
}
