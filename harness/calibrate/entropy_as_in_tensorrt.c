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

enum { BINS = 2048, FIRST = 128 };

struct collector {
	float *count, *edge;    /* [bins], [edges]                                       */
	double *before;         /* [bins + 1]: sums of c log c, scratch                  */
	size_t count_room, edge_room, before_room;
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

	if (!(bins <= BINS_MOST) || !(edges <= BINS_MOST + 2)) {
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

static double entropy_of(double count)
{
	return count > 0 ? count * fixed_log(count) : 0;
}

/* The divergence of the first `bins` bins with `beyond` values behind them, `total` in all. */
static double divergence(const struct collector *collector, int64_t bins, int64_t levels,
			 double beyond, double total)
{
	const double last = (double)collector->count[bins - 1];
	double entropy = collector->before[bins] - entropy_of(last) + entropy_of(last + beyond);
	int64_t i = 0;

	if (total - beyond == 0)
		return (double)NAN;
	if (last == 0 && beyond > 0)
		return (double)INFINITY;
	for (int64_t level = 0; level < levels && i < bins; level++) {
		const int64_t end = ((level + 1) * bins + levels - 1) / levels;
		double sum = 0, filled = 0;

		for (; i < end; i++) {
			sum += (double)collector->count[i];
			filled += collector->count[i] > 0;
		}
		if (filled > 0)
			entropy -= (sum + (i == bins ? beyond : 0)) *
				   fixed_log(sum / filled);
	}
	return entropy / total + fixed_log((total - beyond) / total);
}

/* The number of the bin's left edge that bounds the range. */
static int64_t bound(struct collector *collector, int64_t levels)
{
	double least = (double)INFINITY, total = 0, beyond = 0;
	int64_t best = collector->bins;

	collector->count[0] = collector->count[1];
	collector->before[0] = 0;
	for (int64_t i = 0; i < collector->bins; i++) {
		total += (double)collector->count[i];
		collector->before[i + 1] =
			collector->before[i] + entropy_of((double)collector->count[i]);
	}
	for (int64_t bins = collector->bins; bins >= FIRST; bins--) {
		const double cost = divergence(collector, bins, levels, beyond, total);

		if (isnan(cost))
			return bins;
		if (cost < least) {
			least = cost;
			best = bins;
		}
		beyond += (double)collector->count[bins - 1];
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

static void entropy_release(void *state, const struct env *env)
{
	struct collector *collector = state;

	env_free(env, collector->count);
	env_free(env, collector->edge);
	env_free(env, collector->before);
}

static const struct observer entropy = {
	.bytes = sizeof(struct collector), .observe = entropy_observe, .choose = entropy_choose,
	.release = entropy_release,
};

const struct calibration calibration_entropy_as_in_tensorrt = {
	.value = { .name = "entropy_as_in_tensorrt",
		   .summary = "NVIDIA's HistogramCalibrator: 2048 bins, from 128 on; "
			      "symmetric in equal bits but for ties, else [-T, T]; min-max beyond "
			      "16384",
		   .source = "NVIDIA TensorRT, tools/pytorch-quantization/pytorch_quantization/"
			     "calib/histogram.py at 1637a26e" },
	.observer = &entropy,
};
