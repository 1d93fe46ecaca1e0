/* SPDX-License-Identifier: MIT
 *
 * Least divergence: the clip under which a histogram and its quantized version are most alike.
 *
 * The values other than 0 (0 has a code of its own under every clip) are counted in n equal bins
 * over the min-max range: of |x| over [0, max|x|] with L = 2^(b-1) levels where the scheme is
 * symmetric (2^b where its codes are unsigned), of x over the range with L = 2^b levels where it is
 * asymmetric; n = max(2048, 16 L).  A clip, one of the fractions 1/200 .. 1 of each bound (see
 * search.h), is moved to the nearest edges of bins; one of fewer than L bins is no candidate.  For
 * the bins inside,
 *
 *         P  their counts c, those of the values outside added to the bin at that end
 *         Q  their own counts, cut into L levels of equal width (bin i of w belongs to level
 *            i L / w), each level's sum spread evenly over those of its bins that have P > 0; where
 *            that sum is 0 (only the end bin has values, all from outside) one value is put there
 *
 * and the cost is KL(P || Q) = sum of P/N log(P / Q) in nats, N values in all: what was clipped is
 * missing from Q.  From it is taken what sampling alone is expected to give, (filled bins - filled
 * levels) / 2N: without that, few values in many bins look rough under every wide level and are
 * clipped far too much.  Costs are compared in steps of 2^-32, so that rounding never decides; of
 * equal ones the larger range wins.
 *
 * A clipped value costs the same however far off it lies.  On weights with a few large values this
 * may lose 20 dB of SQNR against min-max, as the rules that it comes from do: it is made for
 * activations, where such values matter less.
 */
#include "search.h"

#include "../fixed_math.h"

#include <math.h>

enum { FRACTIONS = 200, BINS = 2048, BINS_A_LEVEL = 16, LOGS = 1024 };

/* The bins that are not empty, ascending; everything before bin i of them is summed up, so that a
 * level costs two differences.  The elements are read once, to fill it: what a candidate looks at
 * are bins, which are not counted as element visits. */
struct histogram {
	uint32_t *bin;          /* [filled]                                              */
	uint32_t *through;      /* values in bins 0 .. i                                 */
	double *entropy;        /* sum of c log c of the counts before i; [filled + 1]   */
	int64_t filled, bins, levels;
	bool symmetric;         /* of |x|: a range's low bound says nothing              */
	double base, width;
	uint64_t total;
	double log[LOGS];       /* of whole numbers up to min(total, LOGS - 1)           */
};

static double log_of(const struct histogram *histogram, uint64_t count)
{
	return count < LOGS ? histogram->log[count] : fixed_log((double)count);
}

/* Values in the filled bins before number i. */
static uint64_t before(const struct histogram *histogram, int64_t i)
{
	return i ? histogram->through[i - 1] : 0;
}

/* The number of the first filled bin from `start` on that is not below `bin`: steps double, then
 * halve. */
static int64_t first_from(const struct histogram *histogram, int64_t start, int64_t bin)
{
	int64_t low = start, high = start, step = 1;

	while (high < histogram->filled && histogram->bin[high] < bin) {
		low = high + 1;
		high += step;
		step *= 2;
	}
	if (high > histogram->filled)
		high = histogram->filled;
	while (low < high) {
		const int64_t middle = low + (high - low) / 2;

		if (histogram->bin[middle] < bin)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct divergence {             /* the sums of one candidate, in counts                  */
	double entropy, cross;  /* sum of P log P, sum of P log Q                        */
	uint64_t spare;         /* filled bins - filled levels                           */
};

/* A level of `own` values in `bins` bins; `folded` with those from outside. */
static void add_level(struct divergence *sums, const struct histogram *histogram, uint64_t own,
		      uint64_t folded, uint64_t bins)
{
	if (own)
		sums->cross += (double)folded * (log_of(histogram, own) - log_of(histogram, bins));
	sums->spare += bins - 1;
}

/* `outside` more values in an end bin that has `own`: whether that fills an empty bin. */
static bool fold(struct divergence *sums, const struct histogram *histogram, uint64_t own,
		 uint64_t outside)
{
	const uint64_t folded = own + outside;

	if (outside)
		sums->entropy += (double)folded * log_of(histogram, folded) -
				 (own ? (double)own * log_of(histogram, own) : 0);
	return outside && !own;
}

static uint64_t count_of(const struct histogram *histogram, int64_t i, int64_t bin)
{
	if (i < 0 || i >= histogram->filled || histogram->bin[i] != bin)
		return 0;
	return before(histogram, i + 1) - before(histogram, i);
}

static double divergence_of(const void *self, struct range range)
{
	const struct histogram *histogram = self;
	const double low = histogram->symmetric ? 0 : range.low;
	const int64_t first = llrint((low - histogram->base) / histogram->width);
	const int64_t end = llrint((range.high - histogram->base) / histogram->width);
	const int64_t span = end - first, levels = histogram->levels;

	if (span < levels)
		return (double)INFINITY;
	const int64_t from = first_from(histogram, 0, first);
	const int64_t to = first_from(histogram, from, end);
	const uint64_t below = before(histogram, from);
	const uint64_t above = histogram->total - before(histogram, to);
	struct divergence sums = { .entropy = histogram->entropy[to] - histogram->entropy[from] };
	const bool new_first = fold(&sums, histogram, count_of(histogram, from, first), below);
	const bool new_last = fold(&sums, histogram, count_of(histogram, to - 1, end - 1), above);

	for (int64_t level = 0, i = from, left = 0, edge = first; level < levels; level++) {
		/* edge = first + ceil((level + 1) * span / levels), without a division */
		edge += span / levels;
		left += span % levels;
		if (left > 0) {
			left -= levels;
			edge++;
		}
		const int64_t next = first_from(histogram, i, edge);
		const uint64_t own = before(histogram, next) - before(histogram, i);
		const bool at_first = level == 0, at_last = level == levels - 1;
		const uint64_t outside = (at_first ? below : 0) + (at_last ? above : 0);

		if (own + outside)
			add_level(&sums, histogram, own, own + outside,
				  (uint64_t)(next - i) + (at_first && new_first) +
				  (at_last && new_last));
		i = next;
	}
	const double divergence = (sums.entropy - sums.cross - (double)sums.spare / 2) /
				  (double)histogram->total;
	return ldexp(rint(ldexp(divergence, 32)), -32);
}

static void put(struct histogram *histogram, double x, uint64_t values, int64_t *last)
{
	const int64_t place = (int64_t)((x - histogram->base) / histogram->width);

	if (place > *last && *last < histogram->bins - 1) {
		*last = place < histogram->bins ? place : histogram->bins - 1;
		histogram->bin[histogram->filled++] = (uint32_t)*last;
	}
	histogram->total += values;
	histogram->through[histogram->filled - 1] = (uint32_t)histogram->total;
}

static uint64_t values_at(const struct slice *slice, int64_t point)
{
	return (uint64_t)(slice_values_before(slice, point + 1) -
			  slice_values_before(slice, point));
}

/* Ascending by x, or by |x| from the middle out. */
static void fill(struct histogram *histogram, const struct slice *slice,
		 const struct scheme *scheme)
{
	int64_t last = -1, up = slice_first_above(slice, 0), down = slice_first_from(slice, 0) - 1;

	if (!scheme->symmetric) {
		for (int64_t i = 0; i <= down; i++)
			put(histogram, (double)slice->point[i], values_at(slice, i), &last);
		for (; up < slice->points; up++)
			put(histogram, (double)slice->point[up], values_at(slice, up), &last);
	}
	while (scheme->symmetric && (up < slice->points || down >= 0)) {
		const bool below = up == slice->points ||
				   (down >= 0 && -slice->point[down] < slice->point[up]);
		const int64_t i = below ? down-- : up++;

		put(histogram, fabs((double)slice->point[i]), values_at(slice, i), &last);
	}
	*slice->visits += (uint64_t)slice->count;
	for (uint64_t i = 1; i < LOGS && i <= histogram->total; i++)
		histogram->log[i] = fixed_log((double)i);
	histogram->entropy[0] = 0;
	for (int64_t i = 0; i < histogram->filled; i++) {
		const uint64_t count = before(histogram, i + 1) - before(histogram, i);

		histogram->entropy[i + 1] = histogram->entropy[i] +
					    (double)count * log_of(histogram, count);
	}
}

static struct range entropy_choose(const struct calibration_task *task)
{
	const struct slice *slice = task->slice;
	const struct scheme *scheme = task->scheme;
	const struct range widest = slice_range(slice, scheme);
	const int64_t codes = (int64_t)1 << task->bits;
	struct histogram histogram;

	if (!(widest.high > 0) && !(widest.low < 0))
		return widest;
	histogram.symmetric = scheme->symmetric;
	histogram.levels = scheme->unsigned_codes ? codes : codes / 2;
	histogram.bins = histogram.levels * BINS_A_LEVEL;
	if (histogram.bins < BINS)
		histogram.bins = BINS;
	histogram.entropy = slice->scratch;
	histogram.bin = (uint32_t *)(histogram.entropy + histogram.bins + 1);
	histogram.through = histogram.bin + histogram.bins;
	histogram.base = scheme->symmetric ? 0 : widest.low;
	histogram.width = (widest.high - histogram.base) / (double)histogram.bins;
	histogram.filled = 0;
	histogram.total = 0;
	fill(&histogram, slice, scheme);

	const struct clip_search search = { .fractions = FRACTIONS, .cost = divergence_of,
					    .self = &histogram };
	return clip_search(&search, task);
}

const struct calibration calibration_entropy = {
	.value = { .name = "entropy",
		   .summary = "the clip of least KL divergence between histogram and quantized "
			      "histogram, blind to distance; needs 2*2^b values other than 0",
		   .source = "Migacz, 8-bit inference with TensorRT, GTC 2017, with ends and the "
			     "bias of a sample (Miller 1955) by rules of our own" },
	.values_a_code = 2,
	.symmetric_cost = { 9, 120, 300 },
	.asymmetric_cost = { 33, 350, 650 },
	.choose = entropy_choose,
};
