/* SPDX-License-Identifier: MIT */
#include "lower_bound.h"

#include <math.h>

enum { LONG = 1 << 16, HALVINGS = 8 };
/* With fewer values runs are too short to say much. */
enum { VALUES_A_CODE = 2 };

/* What clipping costs is wanted at about this share of the least cost. */
static const double share = 0.7;

/* Sum of squared distances to low .. high, and how it changes as that window moves up. */
static double outside(const struct squared_error *self, double low, double high, double *slope)
{
	const struct slice *slice = self->slice;
	const int64_t first = slice_first_from(slice, low), end = slice_first_above(slice, high);
	const struct sums below = slice_sums(slice, 0, first);
	const struct sums above = slice_sums(slice, end, slice->points);

	*slope = 2 * ((double)below.count * low - below.sum) -
		 2 * (above.sum - (double)above.count * high);
	return below.squares - 2 * low * below.sum + (double)below.count * low * low +
	       above.squares - 2 * high * above.sum + (double)above.count * high * high;
}

/* Of the best window of this scale that holds 0. */
static double least_clip(const struct squared_error *self, double scale)
{
	const double length = scale * (self->high - self->low);
	double slope, from = -length, to = 0;

	if (!self->moves)
		return outside(self, scale * self->low, scale * self->high, &slope);
	double cost = outside(self, from, from + length, &slope), falls = slope;
	if (slope >= 0)
		return cost;
	for (int i = 0; i < HALVINGS; i++) {
		const double middle = (from + to) / 2;
		const double here = outside(self, middle, middle + length, &slope);

		if (slope < 0) {
			from = middle;
			cost = here;
			falls = slope;
		} else {
			to = middle;
		}
	}
	/* the tangent lies below */
	return cost + falls * (to - from);
}

/* The least sum of squares about the mean of count values, `sum` and `squares` those of what they
 * lie above the first, of which some first ones are moved up by a turn: moving one more, of y above
 * the first, i being moved, adds turn (2 y + turn) - (2 turn (sum + i turn) + turn^2) / count. */
static double run_cost(const float *x, int64_t count, double turn, double sum, double squares)
{
	const double share_of_one = 1 / (double)count, slope = 2 * turn;
	const double fall = slope * turn * share_of_one;
	double here = squares - sum * sum * share_of_one, least = here;
	double rest = turn * turn - share_of_one * turn * (2 * sum + turn) - slope * (double)x[0];

	for (int64_t i = 0; i + 1 < count; i++) {
		here += slope * (double)x[i] + rest;
		rest -= fall;
		least = here < least ? here : least;
	}
	return least > 0 ? least : 0;
}

static double runs_cost(const struct slice *slice, double scale)
{
	const float *x = slice->point;
	double total = 0;

	for (int64_t first = 0, end; first < slice->points; first = end) {
		double sum = 0, squares = 0, y;

		for (end = first + 1; end < slice->points; end++) {
			y = (double)x[end] - (double)x[first];
			if (y >= scale)
				break;
			sum += y;
			squares += y * y;
		}
		total += run_cost(x + first, end - first, scale, sum, squares);
	}
	*slice->visits += (uint64_t)slice->points;
	return total;
}

double squared_error_lower_bound(const struct squared_error *self, float best, double cost)
{
	static const double factors[] = { 0.97, 0.93, 0.88, 0.82, 0.75, 0.65, 0.5 };
	double scale = (double)best, clip = 0;

	if (self->slice->through || self->slice->points > LONG ||
	    self->slice->points < (int64_t)VALUES_A_CODE * (self->high - self->low))
		return 0;
	for (size_t i = 0; i < sizeof factors / sizeof *factors && clip < share * cost; i++) {
		scale = (double)best * factors[i];
		clip = least_clip(self, scale);
	}
	return fmax(fmin(clip, runs_cost(self->slice, scale)), 0);
}
