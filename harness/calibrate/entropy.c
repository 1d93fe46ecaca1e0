/* SPDX-License-Identifier: MIT
 *
 * Least divergence: the clip under which a histogram and its quantized version are most alike.
 *
 * The N values other than 0 (0 has a code of its own under every clip) are counted in n equal bins
 * over the min-max range: of |x| over [0, max|x|] with L = 2^(b-1) levels where the scheme is
 * symmetric (2^b where its codes are unsigned), of x over the range with L = 2^b levels where it is
 * asymmetric; n = 16 L, but at least 2048, or of fewer than 65,536 values 8 L, but at least 256.
 *
 * Candidates are the bounds of the min-max range times (k/K)^2, k = 1 .. K: one bound with
 * K = N / L within 32 .. 128, and of two that are both not 0 every pair with K = sqrt(N / L),
 * rounded down, within 6 .. 64.  So a search is about as long as the slice, and fine where there
 * are many values or few levels; few values cannot tell fine differences.  A candidate is moved to
 * the nearest edges of bins; one of fewer than L bins is none.  For the bins inside,
 *
 *         P  their counts c, those of the values outside added to the bin at that end
 *         Q  their own counts, cut into L levels of equal width (bin i of w belongs to level
 *            i L / w), each level's sum spread evenly over those of its bins that have P > 0; where
 *            that sum is 0 (only the end bin has values, all from outside) one value is put there
 *
 * and the cost is KL(P || Q) = sum of P/N log(P / Q) in nats: what was clipped is missing from Q.
 * From it is taken what sampling alone is expected to give, (filled bins - filled levels) / 2N:
 * without that, few values in many bins look rough under every wide level and are clipped far too
 * much.  Costs are compared in steps of 2^-32, so that rounding never decides; of equal ones the
 * widest low bound wins, then the widest high one.  The least of all candidates is found; only
 * those are left out that cannot cost less.
 *
 * A clipped value costs the same however far off it lies.  On weights with a few large values this
 * may lose 20 dB of SQNR against min-max, as the rules that it comes from do: it is made for
 * activations, where such values matter less.
 */
#include "calibrate.h"
#include "histogram.h"

#include <math.h>

enum { FEW = 65536, BINS = 2048, BINS_OF_FEW = 256, BINS_A_LEVEL = 16, BINS_A_LEVEL_OF_FEW = 8 };
enum { LINE_LEAST = 32, LINE_MOST = 128, PLANE_LEAST = 6, PLANE_MOST = 64 };

#define STEPS 0x1p32            /* of costs, a nat                                       */

struct clips {                  /* of one bound: fraction 1 first                        */
	int count;
	double bound[LINE_MOST];
	int64_t edge[LINE_MOST];         /* the bin that begins there                    */
};

struct search {
	struct histogram histogram;
	const struct logs *logs;
	int64_t levels, total;
	struct clips low, high;
};

/* Between edges `first` and `end` of bins, with what lies outside folded in: a sum over levels of
 * P log P - P log Q - (filled bins - 1) / 2. */
struct ends {
	int64_t first, end;
	int64_t below, above;   /* values outside                                        */
	bool fills_first, fills_last;    /* an empty bin                                 */
};

/* What P log P grows by where `outside` values more are in a bin that has `own`. */
static double folded(const struct logs *logs, int64_t own, int64_t outside)
{
	const double after = (double)(own + outside) * log_of(logs, own + outside);

	return own ? after - (double)own * log_of(logs, own) : after;
}

/* What one level of `own` values in `bins` bins takes away; outside: of its own + outside. */
static inline double level_of(const struct logs *logs, int64_t own, int64_t outside, int64_t bins)
{
	const double spare = (double)(bins - 1) / 2;

	return own ? (double)(own + outside) * (log_of(logs, own) - log_of(logs, bins)) + spare :
		     spare;
}

static double sum_of_levels(const struct search *search, const struct ends *ends)
{
	const struct histogram *histogram = &search->histogram;
	const int64_t span = ends->end - ends->first, levels = search->levels;
	const int64_t whole = span / levels, rest = span % levels;
	int64_t edge = ends->first, left = 0, before = histogram->before[edge];
	uint32_t filled = histogram->filled[edge];
	double sum = 0;

	for (int64_t level = 0; level < levels; level++) {
		/* edge = first + ceil((level + 1) * span / levels), without a division */
		edge += whole;
		left += rest;
		if (left > 0) {
			left -= levels;
			edge++;
		}
		const int64_t own = histogram->before[edge] - before;
		int64_t bins = histogram->filled[edge] - filled, outside = 0;

		if (level == 0) {
			outside += ends->below;
			bins += ends->fills_first;
		}
		if (level == levels - 1) {
			outside += ends->above;
			bins += ends->fills_last;
		}
		before = histogram->before[edge];
		filled = histogram->filled[edge];
		if (own + outside)
			sum += level_of(search->logs, own, outside, bins);
	}
	return sum;
}

static double divergence_of(const struct search *search, int64_t first, int64_t end)
{
	const struct histogram *histogram = &search->histogram;
	const int64_t *before = histogram->before;
	const int64_t own_first = before[first + 1] - before[first];
	const int64_t own_last = before[end] - before[end - 1];
	const struct ends ends = {
		.first = first, .end = end, .below = before[first],
		.above = search->total - before[end],
		.fills_first = before[first] && !own_first,
		.fills_last = search->total > before[end] && !own_last,
	};
	double sum = histogram->entropy[end] - histogram->entropy[first];

	if (ends.below)
		sum += folded(search->logs, own_first, ends.below);
	if (ends.above)
		sum += folded(search->logs, own_last, ends.above);
	sum -= sum_of_levels(search, &ends);
	return rint(sum / (double)search->total * STEPS) / STEPS;
}

/* No clip inside this one costs less: by the inequality of log sums its divergence is at least
 * log(P / Q) of the sums of P and Q, and no more bins can be filled. */
static double bound_of(const struct search *search, int64_t first, int64_t end)
{
	const struct histogram *histogram = &search->histogram;
	const int64_t inside = histogram->before[end] - histogram->before[first] + 2;
	const double spare = (double)(histogram->filled[end] - histogram->filled[first] + 1) / 2;
	const double clipped = log_of(search->logs, search->total) - log_of(search->logs, inside);

	return clipped - spare / (double)search->total - 2 / STEPS;
}

static struct range least_of(const struct search *search, const struct slice *slice)
{
	const struct clips *low = &search->low, *high = &search->high;
	double least = (double)INFINITY;
	uint64_t candidates = 0;
	struct range range = { low->bound[0], high->bound[0] };

	for (int i = 0; i < low->count; i++)
		for (int j = 0; j < high->count; j++) {
			const int64_t first = low->edge[i], end = high->edge[j];

			if (end - first < search->levels ||
			    bound_of(search, first, end) > least)
				break;
			const double cost = divergence_of(search, first, end);
			candidates++;
			if (cost < least) {
				least = cost;
				range = (struct range){ low->bound[i], high->bound[j] };
			}
		}
	*slice->candidates += candidates;
	return range;
}

/* Fractions of a bound; 0 has none but itself. */
static void set_clips(struct clips *clips, const struct histogram *histogram, double bound,
		      int count)
{
	const double whole = (double)count * count;

	clips->count = bound < 0 || bound > 0 ? count : 1;
	for (int i = 0; i < clips->count; i++) {
		const double part = (double)(count - i) * (count - i);

		clips->bound[i] = bound * part / whole;
		clips->edge[i] = llrint((clips->bound[i] - histogram->base) / histogram->width);
	}
}

static int within(double count, int least, int most)
{
	return count < least ? least : count > most ? most : (int)count;
}

static struct range entropy_choose(const struct calibration_task *task)
{
	const struct slice *slice = task->slice;
	const struct scheme *scheme = task->scheme;
	const struct range widest = slice_range(slice, scheme);
	const double base = scheme->symmetric ? 0 : widest.low;
	const int64_t codes = (int64_t)1 << task->bits;
	struct search search = { .total = slice_nonzero(slice) };

	if (!search.total)
		return widest;
	search.logs = logs_of_whole_numbers();
	search.levels = scheme->unsigned_codes ? codes : codes / 2;
	const bool few = search.total < FEW;
	const int64_t fewest = few ? BINS_OF_FEW : BINS;
	const int64_t wanted = search.levels * (few ? BINS_A_LEVEL_OF_FEW : BINS_A_LEVEL);
	const int64_t bins = wanted > fewest ? wanted : fewest;
	search.histogram = histogram_of(slice, scheme->symmetric, base,
					(widest.high - base) / (double)bins, bins, slice->scratch);

	const double values = (double)search.total / (double)search.levels;
	const int count = base < 0 && widest.high > 0 ?
				  within(sqrt(values), PLANE_LEAST, PLANE_MOST) :
				  within(values, LINE_LEAST, LINE_MOST);
	set_clips(&search.low, &search.histogram, base, count);
	set_clips(&search.high, &search.histogram, widest.high, count);
	const struct range range = least_of(&search, slice);
	return scheme->symmetric ? symmetric_range(scheme, range.high) : range;
}

const struct calibration calibration_entropy = {
	.value = { .name = "entropy",
		   .summary = "the clip of least KL divergence between histogram and quantized "
			      "histogram, blind to distance; needs 2*2^b values other than 0",
		   .source = "Migacz, 8-bit inference with TensorRT, GTC 2017, with ends and the "
			     "bias of a sample (Miller 1955) by rules of our own" },
	.values_a_code = 2,
	.symmetric_cost = { 1, 6, 30 },
	.asymmetric_cost = { 1, 8, 40 },
	.choose = entropy_choose,
};
