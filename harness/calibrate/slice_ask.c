/* SPDX-License-Identifier: MIT
 *
 * What a slice is asked: places, sums and ranks, each in O(log points).
 */
#include "bins.h"
#include "float_key.h"

#include <math.h>
#include <string.h>

/* The least float that is not below the edge, or is above it: a place is looked for among floats by
 * comparing floats. */
static float first_float(double edge, bool above)
{
	const float x = (float)edge;

	/* beyond FLT_MAX as well: an infinity is above all points */
	if (above)
		return (double)x > edge ? x : float_after(x);
	return (double)x < edge ? float_after(x) : x;
}

/* The first place in list[from .. to) that is not below `first`.  Which half it lies in is nobody's
 * guess, so there is no branch on it. */
static int64_t search(const float *list, int64_t from, int64_t to, float first, uint64_t *visits)
{
	int64_t left = to - from;
	uint64_t steps = 0;

	for (; left > 0; steps++) {
		const int64_t half = (left + 1) / 2;

		from += list[from + half - 1] < first ? half : 0;
		left -= half;
	}
	*visits += steps;
	return from;
}

/* Inside the block before this one, whose head is the first that is not below `first`. */
static int64_t search_block(const struct slice *slice, int64_t block, int64_t start, float first)
{
	const int64_t end = block * SUM_EVERY < slice->points ? block * SUM_EVERY : slice->points;
	const int64_t begin = (block - 1) * SUM_EVERY;

	return search(slice->point, begin > start ? begin : start, end, first, slice->visits);
}

/* Steps over heads double until one is not below, then halve; then inside the block. */
static int64_t find_near(const struct slice *slice, int64_t start, float first)
{
	const int64_t blocks = (slice->points + SUM_EVERY - 1) / SUM_EVERY;
	int64_t low = start / SUM_EVERY + 1, high = low, step = 1;

	while (high < blocks && slice->head[high] < first) {
		++*slice->visits;
		low = high + 1;
		high += step;
		step *= 2;
	}
	if (high > blocks)
		high = blocks;
	return search_block(slice, search(slice->head, low, high, first, slice->visits), start,
			    first);
}

static int64_t find(const struct slice *slice, float first)
{
	const int64_t blocks = (slice->points + SUM_EVERY - 1) / SUM_EVERY;

	return search_block(slice, search(slice->head, 1, blocks, first, slice->visits), 0, first);
}

int64_t slice_first_from(const struct slice *slice, double edge)
{
	return find(slice, first_float(edge, false));
}

int64_t slice_first_above(const struct slice *slice, double edge)
{
	return find(slice, first_float(edge, true));
}

int64_t slice_next_from(const struct slice *slice, int64_t start, double edge)
{
	return find_near(slice, start, first_float(edge, false));
}

int64_t slice_next_above(const struct slice *slice, int64_t start, double edge)
{
	return find_near(slice, start, first_float(edge, true));
}

/* Of the values of a bin, taken for evenly spread around their mean as far as their deviation says;
 * where that is less than a thousandth of the bin they count as one. */
static double share_below(const struct slice *slice, int64_t bin, double width, double edge)
{
	const struct sums own = slice_between(slice, bin, &slice->prefix[bin], bin + 1,
					      &slice->prefix[bin + 1]);
	const double count = (double)own.count, mean = own.sum / count;
	const double variance = own.squares / count - mean * mean;

	if (!(variance > width * width * 0x1p-20))
		return (double)slice->point[bin] < edge;
	const double half = sqrt(3 * variance);

	return fmin(fmax((edge - mean) / half / 2 + 0.5, 0), 1);
}

int64_t slice_values_below(const struct slice *slice, int64_t point, double edge)
{
	const uint32_t rest = BIN_FLOATS - 1, first = float_key((float)edge) & ~rest;
	const double width = (double)float_of_key(first | rest) - (double)float_of_key(first);

	if (!slice->through)
		return point;
	/* the mean of the bin that is cut lies on either side of the edge */
	for (int64_t i = point > 0 ? point - 1 : 0; i <= point && i < slice->points; i++) {
		const int64_t before = slice->through[i], own = slice->through[i + 1] - before;

		if ((float_key(slice->point[i]) & ~rest) == first && slice->point[i] != 0)
			return before + llrint(share_below(slice, i, width, edge) * (double)own);
	}
	return slice->through[point];
}

struct prefix slice_before(const struct slice *slice, int64_t point)
{
	const int64_t block = point / slice->every;
	struct prefix prefix = slice->prefix[block];
	double sum = 0, squares = 0;

	for (int64_t i = block * slice->every; i < point; i++) {
		const double x = (double)slice->point[i];

		sum += x;
		squares += x * x;
	}
	*slice->visits += (uint64_t)(point - block * slice->every);
	/* the rests take what is added here: they are small beside a block's sum already */
	prefix.sum_rest += sum;
	prefix.squares_rest += squares;
	return prefix;
}

struct sums slice_between(const struct slice *slice, int64_t first,
			  const struct prefix *before_first, int64_t last,
			  const struct prefix *before_last)
{
	return (struct sums){
		.count = slice_values_before(slice, last) - slice_values_before(slice, first),
		.sum = (before_last->sum - before_first->sum) +
		       (before_last->sum_rest - before_first->sum_rest),
		.squares = (before_last->squares - before_first->squares) +
			   (before_last->squares_rest - before_first->squares_rest),
	};
}

struct sums slice_sums(const struct slice *slice, int64_t first, int64_t last)
{
	const struct prefix from = slice_before(slice, first), to = slice_before(slice, last);

	return slice_between(slice, first, &from, last, &to);
}

float slice_value_of_rank(const struct slice *slice, int64_t rank)
{
	int64_t low = 0, high = slice->points - 1;

	if (!slice->through)
		return slice->point[rank - 1];
	while (low < high) {
		const int64_t middle = low + (high - low) / 2;

		++*slice->visits;
		if (slice->through[middle + 1] >= rank)
			high = middle;
		else
			low = middle + 1;
	}
	return slice->point[low];
}

static int64_t values_within(const struct slice *slice, double magnitude)
{
	return slice_values_before(slice, slice_first_above(slice, magnitude)) -
	       slice_values_before(slice, slice_first_from(slice, -magnitude));
}

/* Magnitudes order as their bits do: the least that has enough values within it. */
static float magnitude_by_bits(const struct slice *slice, int64_t rank)
{
	uint32_t low = 0, high = 0x7f7fffffU;
	float magnitude = 0;

	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;

		memcpy(&magnitude, &middle, sizeof magnitude);
		if (values_within(slice, (double)magnitude) >= rank)
			high = middle;
		else
			low = middle + 1;
	}
	memcpy(&magnitude, &low, sizeof magnitude);
	return magnitude;
}

/* Magnitudes are two runs, from the middle outwards: of the `rank` least, how many are of values
 * below 0?  The least number whose next one is no less than the last of the others. */
float slice_magnitude_of_rank(const struct slice *slice, int64_t rank)
{
	if (slice->through)
		return magnitude_by_bits(slice, rank);
	const int64_t middle = slice_first_from(slice, 0), above = slice->points - middle;
	const float *const x = slice->point;
	int64_t low = rank > above ? rank - above : 0, high = rank < middle ? rank : middle;

	while (low < high) {
		const int64_t below = low + (high - low) / 2;

		*slice->visits += 2;
		if (-x[middle - 1 - below] < x[middle + rank - below - 1])
			low = below + 1;
		else
			high = below;
	}
	const float last_below = low > 0 ? -x[middle - low] : 0;
	const float last_above = rank > low ? fabsf(x[middle + rank - low - 1]) : 0;
	return last_below > last_above ? last_below : last_above;
}

int64_t slice_nonzero(const struct slice *slice)
{
	return slice->count - values_within(slice, 0);
}

float slice_greatest_magnitude(const struct slice *slice)
{
	return -slice->least > slice->greatest ? -slice->least : fabsf(slice->greatest);
}
