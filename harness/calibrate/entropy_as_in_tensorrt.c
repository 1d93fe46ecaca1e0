/* SPDX-License-Identifier: MIT
 *
 * The entropy calibrator of NVIDIA's PyTorch Quantization Toolkit: a histogram of |x| with 2048
 * bins over the first batch's range and bins of the same width after it, 2^(b-1) levels (2^b where
 * no code is spent on negative values), and the bound from bin 128 on whose counts and quantized
 * counts diverge least.
 *
 * Habits kept: bin 0 takes the count of bin 1; a level's values are spread over its filled bins
 * alone; what lies beyond the bound is added to the last bin of the counts and missing in the
 * quantized ones; of equal divergences the last wins, and one that is not a number is below all
 * others.  The divergence is summed by levels, here in double with our logarithm: bounds whose
 * divergences agree to 1e-12 may be told apart otherwise than scipy does.
 * The project stops with an error where a batch of zeros comes first; here such batches do not
 * count.
 */
#include "as_in_torch.h"

#include "../fixed_math.h"

#include <math.h>

enum { BINS = 2048, FIRST = 128, LOGS = 1024 };

struct before {                 /* of the bins before one                                */
	double count, entropy;  /* sums of c and c log c                                 */
	int64_t filled;
};

struct collector {
	float *count, *edge;    /* [bins], [edges]                                       */
	struct before *before;  /* [bins + 1], filled by choose                          */
	size_t count_room, edge_room, before_room;
	double log[LOGS];       /* of whole numbers, likewise                            */
	int64_t bins, edges;
	struct seen seen;
	bool beyond;
};

static int grow(struct collector *collector, const struct env *env, int64_t bins, int64_t edges,
		struct error *error)
{
	const char *const what = "a histogram of a calibration";

	collector->bins = bins;
	collector->edges = edges;
	if (env_grow(env, &collector->count, &collector->count_room, (size_t)bins,
		     sizeof *collector->count, what, error) ||
	    env_grow(env, &collector->edge, &collector->edge_room, (size_t)edges,
		     sizeof *collector->edge, what, error))
		return -1;
	return env_grow(env, &collector->before, &collector->before_room, (size_t)bins,
			sizeof *collector->before, what, error);
}

/* Element i of torch.arange(0, end, width) with `edges` elements: vectors of 8, the last up to 15
 * one by one. */
static float edge_of(double width, int64_t edges, int64_t i)
{
	const int64_t vector = i / 8 * 8;

	if (i >= edges / 16 * 16)
		return (float)((double)i * width);
	return (float)((double)(float)((double)vector * width) + (double)(i - vector) * width);
}

static int widen(struct collector *collector, const struct env *env, float greatest,
		 struct error *error)
{
	const float width = collector->edge[1] - collector->edge[0];
	const float bins = ceilf(greatest / width);
	const double edges = ceil((double)(greatest + width) / (double)width);

	if (!(bins <= GROWTH_MOST * BINS) || !(edges <= GROWTH_MOST * BINS + 2)) {
		collector->beyond = true;
		return 0;
	}
	if (grow(collector, env, bins > (float)collector->bins ? (int64_t)bins : collector->bins,
		 (int64_t)edges, error))
		return -1;
	for (int64_t i = 0; i < collector->edges; i++)
		collector->edge[i] = edge_of((double)width, collector->edges, i);
	return 0;
}

static int entropy_observe(void *state, const struct calibration_task *task, const struct env *env,
			   const float *values, int64_t count, struct error *error)
{
	struct collector *collector = state;
	const struct seen batch = seen_of(values, count);
	const float greatest = fmaxf(-batch.least, batch.greatest);

	(void)task;
	seen_join(&collector->seen, batch);
	if (collector->beyond || (!collector->bins && greatest == 0))
		return 0;
	if (!collector->bins) {
		if (grow(collector, env, BINS, BINS + 1, error))
			return -1;
		for (int64_t i = 0; i <= BINS; i++)
			collector->edge[i] = torch_linspace(0, greatest, BINS, i);
	} else if (greatest > collector->edge[collector->edges - 1] &&
		   widen(collector, env, greatest, error)) {
		return -1;
	}
	if (!collector->beyond)
		torch_count(collector->count, collector->bins, 0,
			    collector->edge[collector->edges - 1], values, count, true);
	return 0;
}

static double log_of(const struct collector *collector, double count)
{
	return count < LOGS ? collector->log[(int)count] : fixed_log(count);
}

/* c log c, 0 of 0. */
static double entropy_of(const struct collector *collector, double count)
{
	return count * log_of(collector, count);
}

/* The divergence of the first `bins` bins from themselves in levels. */
static double divergence(const struct collector *collector, int64_t bins, int64_t levels)
{
	const struct before *before = collector->before;
	const double total = before[collector->bins].count, kept = before[bins].count;
	const double last = (double)collector->count[bins - 1], beyond = total - kept;
	double entropy = before[bins].entropy - entropy_of(collector, last) +
			 entropy_of(collector, last + beyond);

	if (kept == 0)
		return (double)NAN;
	if (last == 0 && beyond > 0)
		return (double)INFINITY;
	for (int64_t level = 0, i = 0; level < levels && i < bins; level++) {
		const int64_t next = ((level + 1) * bins + levels - 1) / levels;
		const double sum = before[next].count - before[i].count;
		const double filled = (double)(before[next].filled - before[i].filled);

		if (sum > 0)
			entropy -= (sum + (next == bins ? beyond : 0)) *
				   (log_of(collector, sum) - log_of(collector, filled));
		i = next;
	}
	return entropy / total + fixed_log(kept / total);
}

static void sum_up(struct collector *collector)
{
	struct before sum = { 0 };

	for (int i = 1; i < LOGS; i++)
		collector->log[i] = fixed_log(i);
	collector->count[0] = collector->count[1];
	for (int64_t i = 0; i < collector->bins; i++) {
		const double count = (double)collector->count[i];

		collector->before[i] = sum;
		sum.count += count;
		sum.entropy += entropy_of(collector, count);
		sum.filled += count > 0;
	}
	collector->before[collector->bins] = sum;
}

/* The number of the edge that bounds the range. */
static int64_t bound(struct collector *collector, int64_t levels)
{
	double least = (double)INFINITY;
	int64_t best = collector->bins;

	sum_up(collector);
	for (int64_t bins = collector->bins; bins >= FIRST; bins--) {
		const double cost = divergence(collector, bins, levels);

		if (isnan(cost))
			return bins;
		if (cost < least) {
			least = cost;
			best = bins;
		}
	}
	return best;
}

static struct range entropy_choose(void *state, const struct calibration_task *task)
{
	struct collector *collector = state;
	const struct seen seen = collector->seen;
	const bool one_sided = task->scheme->unsigned_codes && seen.least >= 0;

	if (collector->beyond || !collector->bins)
		return seen_range(task, seen);
	int64_t edge = bound(collector, (int64_t)1 << (task->bits - !one_sided));

	if (edge >= collector->edges)
		edge = collector->edges - 1;
	const float high = collector->edge[edge];

	return range_of_bounds(task, one_sided ? 0 : -high, high);
}

static const char *entropy_warn(const void *state, const struct calibration_task *task)
{
	const struct collector *collector = state;

	(void)task;
	return warn_beyond(collector->beyond);
}

static void entropy_release(void *state, const struct env *env)
{
	struct collector *collector = state;

	env_free(env, collector->count);
	env_free(env, collector->edge);
	env_free(env, collector->before);
}

static const struct observer entropy = {
	.bytes = sizeof(struct collector), .observe = entropy_observe, .choose = entropy_choose,
	.warn = entropy_warn, .release = entropy_release,
};

const struct calibration calibration_entropy_as_in_tensorrt = {
	.value = { .name = "entropy_as_in_tensorrt",
		   .summary = "NVIDIA's HistogramCalibrator: symmetric in equal bits but "
			      "for ties, else [-T, T]; min-max where a batch is 128 times the "
			      "first",
		   .source = "NVIDIA TensorRT, tools/pytorch-quantization/pytorch_quantization/"
			     "calib/histogram.py at 1637a26e" },
	.symmetric_cost = { 8 },
	.asymmetric_cost = { 8 },
	.finest = { PER_TENSOR, "HistogramCalibrator raises NotImplementedError, as it "
				 "'only supports per tensor scaling'" },
	.observer = &entropy,
};
