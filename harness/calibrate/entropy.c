/* SPDX-License-Identifier: MIT
 *
 * Least divergence: the clip under which a histogram and its quantized version are most alike.
 *
 * The values other than 0 (0 has a code of its own under every clip) are counted in n equal bins over
 * the min-max range: of |x| over [0, max|x|] with L = 2^(b-1) levels where the scheme is symmetric
 * (2^b where its codes are unsigned), of x over the range with L = 2^b levels where it is asymmetric;
 * n = max(2048, 16 L).  A clip, one of the fractions 1/200 .. 1 of each bound (see search.h), is moved
 * to the nearest edges of bins; one of fewer than L bins is no candidate.  For the bins inside,
 *
 *         P  their counts, those of the values outside added to the bin at that end
 *         Q  their own counts, cut into L levels of equal width (bin i of w belongs to level i L / w),
 *            each level's sum spread evenly over those of its bins that have P > 0; where that sum
 *            is 0 (only the end bin has values, all from outside) one value is put there
 *
 * and the cost is KL(P || Q) = sum of P log(P / Q), both scaled to 1, in nats.  Costs are compared in
 * steps of 2^-32, so that rounding never decides; of equal ones the larger range wins.
 */
#include "search.h"

#include "../fixed_math.h"

#include <math.h>

enum { FRACTIONS = 200, BINS = 2048, BINS_A_LEVEL = 16, LOGS = 1024 };

struct histogram {              /* the bins that are not empty                           */
	const uint32_t *bin, *count;
	int64_t filled, bins, levels;
	bool symmetric;         /* of |x|: a range's low bound says nothing              */
	double base, width;
	uint64_t total;
	uint64_t *visits;
	double log[LOGS];       /* of whole numbers up to min(total, LOGS - 1)           */
};

struct divergence {             /* the sums of one candidate, level by level             */
	const struct histogram *histogram;
	int64_t first, span;
	int64_t level_end;      /* first bin of the next level, counted from `first`     */
	uint64_t own, folded, bins;      /* of the level at hand: counts of Q, of P, bins  */
	double own_total;       /* of Q                                                  */
	double entropy, cross;  /* sum of P log P, sum of P log Q, in counts             */
};

static double log_of(const struct histogram *histogram, uint64_t count)
{
	return count < LOGS ? histogram->log[count] : fixed_log((double)count);
}

static void end_level(struct divergence *sums)
{
	if (sums->own) {
		sums->cross += (double)sums->folded * (log_of(sums->histogram, sums->own) -
						       log_of(sums->histogram, sums->bins));
		sums->own_total += (double)sums->own;
	} else {
		sums->own_total += (double)sums->bins;
	}
	sums->own = sums->folded = sums->bins = 0;
}

static void add_bin(struct divergence *sums, int64_t bin, uint64_t own, uint64_t outside)
{
	const int64_t levels = sums->histogram->levels, place = bin - sums->first;

	if (!(own + outside))
		return;
	if (place >= sums->level_end) {
		const int64_t level = place * levels / sums->span;

		if (sums->bins)
			end_level(sums);
		sums->level_end = ((level + 1) * sums->span + levels - 1) / levels;
	}
	sums->own += own;
	sums->folded += own + outside;
	sums->bins++;
	sums->entropy += (double)(own + outside) * log_of(sums->histogram, own + outside);
}

static double divergence_of(const void *self, struct range range)
{
	const struct histogram *histogram = self;
	const double low = histogram->symmetric ? 0 : range.low;
	const int64_t first = llrint((low - histogram->base) / histogram->width);
	const int64_t last = llrint((range.high - histogram->base) / histogram->width) - 1;
	struct divergence sums = { .histogram = histogram, .first = first, .span = last + 1 - first };
	uint64_t below = 0, at_first = 0, at_last = 0, above = 0;
	int64_t i = 0;

	if (sums.span < histogram->levels)
		return (double)INFINITY;
	*histogram->visits += (uint64_t)histogram->filled;
	for (; i < histogram->filled && histogram->bin[i] < first; i++)
		below += histogram->count[i];
	if (i < histogram->filled && histogram->bin[i] == first)
		at_first = histogram->count[i++];
	add_bin(&sums, first, at_first, below);
	for (; i < histogram->filled && histogram->bin[i] < last; i++)
		add_bin(&sums, histogram->bin[i], histogram->count[i], 0);
	if (i < histogram->filled && histogram->bin[i] == last)
		at_last = histogram->count[i++];
	for (; i < histogram->filled; i++)
		above += histogram->count[i];
	add_bin(&sums, last, at_last, above);
	end_level(&sums);

	const double total = (double)histogram->total;
	const double divergence = (sums.entropy - sums.cross) / total - fixed_log(total) +
				  fixed_log(sums.own_total);
	return ldexp(rint(ldexp(divergence, 32)), -32);
}

static void fill(struct histogram *histogram, const struct slice *slice, const struct scheme *scheme)
{
	const float *x = scheme->symmetric ? slice->magnitude : slice->sorted;

	for (int64_t i = 0; i < slice->count; i++) {
		if (x[i] == 0)
			continue;
		const int64_t place = (int64_t)(((double)x[i] - histogram->base) / histogram->width);
		const uint32_t bin = (uint32_t)(place < histogram->bins ? place : histogram->bins - 1);

		if (!histogram->filled || slice->scratch[0][histogram->filled - 1] != bin) {
			slice->scratch[0][histogram->filled] = bin;
			slice->scratch[1][histogram->filled] = 0;
			histogram->filled++;
		}
		slice->scratch[1][histogram->filled - 1]++;
		histogram->total++;
	}
	*slice->visits += (uint64_t)slice->count;
	for (uint64_t i = 1; i < LOGS && i <= histogram->total; i++)
		histogram->log[i] = fixed_log((double)i);
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
	histogram.bin = slice->scratch[0];
	histogram.count = slice->scratch[1];
	histogram.symmetric = scheme->symmetric;
	histogram.levels = scheme->unsigned_codes ? codes : codes / 2;
	histogram.bins = histogram.levels * BINS_A_LEVEL;
	if (histogram.bins < BINS)
		histogram.bins = BINS;
	histogram.base = scheme->symmetric ? 0 : widest.low;
	histogram.width = (widest.high - histogram.base) / (double)histogram.bins;
	histogram.filled = 0;
	histogram.total = 0;
	histogram.visits = slice->visits;
	fill(&histogram, slice, scheme);

	const struct clip_search search = { .fractions = FRACTIONS, .cost = divergence_of,
					    .self = &histogram };
	return clip_search(&search, task);
}

static const char *entropy_refuse(const struct calibration_task *task)
{
	return task->slice->count < (int64_t)2 << task->bits ? "too few values" : NULL;
}

const struct calibration calibration_entropy = {
	.value = { .name = "entropy",
		   .summary = "the clip under which the histogram and its quantized version are "
			      "most alike (KL divergence); needs 2*2^b values",
		   .source = "Migacz, 8-bit inference with TensorRT, GTC 2017, with rules of our "
			     "own" },
	.refuse = entropy_refuse,
	.choose = entropy_choose,
};
