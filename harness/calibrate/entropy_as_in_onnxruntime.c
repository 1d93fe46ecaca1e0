/* SPDX-License-Identifier: MIT
 *
 * ONNX Runtime's entropy calibrator: a histogram of 128 bins on [-T, T] at first, 128 levels, and
 * the window around 0 whose counts and quantized counts diverge least.
 *
 * Habits kept: windows begin at 128 bins, so that one batch alone gives min-max; quantized counts
 * are whole numbers, cut; they also fill empty bins of a level; the bins behind the last whole
 * level count in it and are 0 themselves; zeros of both become 1e-4, taken from the others; all of
 * it in float32.  Where more than 1e4 times as many bins are empty as filled the project stops with
 * an error and this rule passes the window over.
 *
 * The logarithm is ours, rounded to float32 once; numpy's differs in the last bit from CPU to CPU.
 */
#include "as_in_numpy.h"

#include "../fixed_math.h"

#include <math.h>

enum { BINS = 128, LEVELS = 128 };

struct collector {
	struct numpy_histogram histogram;
	float *counts, *levels; /* [bins] of a window, scratch                           */
	size_t counts_room, levels_room;
};

static int entropy_observe(void *state, const struct calibration_task *task, const struct env *env,
			   const float *values, int64_t count, struct error *error)
{
	const char *const what = "a histogram of a calibration";
	struct collector *collector = state;

	(void)task;
	if (numpy_histogram_centred(&collector->histogram, env, BINS, values, count, error))
		return -1;
	const size_t bins = (size_t)collector->histogram.bins;

	if (env_grow(env, &collector->counts, &collector->counts_room, bins,
		     sizeof *collector->counts, what, error))
		return -1;
	return env_grow(env, &collector->levels, &collector->levels_room, bins,
			sizeof *collector->levels, what, error);
}

/* Makes zeros 1e-4 and divides by the sum.  false: nothing but zeros, or too many. */
static bool smooth(float *x, int64_t count)
{
	const double epsilon = 1e-4;
	int64_t zeros = 0;

	for (int64_t i = 0; i < count; i++)
		zeros += x[i] == 0;
	const double taken = epsilon * (double)zeros / (double)(count - zeros);

	if (zeros == count || !(taken < 1))
		return false;
	for (int64_t i = 0; i < count; i++)
		x[i] += x[i] == 0 ? (float)epsilon : (float)-taken;
	const float sum = numpy_sum(x, count);

	for (int64_t i = 0; i < count; i++)
		x[i] /= sum;
	return true;
}

/* The counts of bins start .. start + count - 1, the others added at the ends, and their levels. */
static void fill(struct collector *collector, int64_t start, int64_t count)
{
	const struct numpy_histogram *histogram = &collector->histogram;
	const int64_t *own = histogram->count + start, merged = count / LEVELS;
	int64_t below = 0, above = 0;

	for (int64_t i = 0; i < start; i++)
		below += histogram->count[i];
	for (int64_t i = start + count; i < histogram->bins; i++)
		above += histogram->count[i];
	for (int64_t i = 0; i < count; i++) {
		const int64_t outside = (i == 0 ? below : 0) + (i == count - 1 ? above : 0);

		collector->counts[i] = (float)(own[i] + outside);
		collector->levels[i] = 0;
	}
	for (int64_t level = 0; level < LEVELS; level++) {
		const int64_t first = level * merged, end = first + merged;
		const int64_t all = level < LEVELS - 1 ? end : count;
		int64_t sum = 0, filled = 0;

		for (int64_t i = first; i < all; i++)
			sum += own[i];
		for (int64_t i = first; i < end; i++)
			filled += collector->counts[i] != 0;
		for (int64_t i = first; i < end && filled; i++)
			collector->levels[i] = (float)(sum / filled);
	}
}

static float divergence(struct collector *collector, int64_t start, int64_t count)
{
	float *p = collector->counts;
	const float *q = collector->levels;

	fill(collector, start, count);
	if (!smooth(p, count) || !smooth(collector->levels, count))
		return INFINITY;
	for (int64_t i = 0; i < count; i++)
		p[i] *= (float)fixed_log((double)(p[i] / q[i]));
	return numpy_sum(p, count);
}

static struct range entropy_choose(void *state, const struct calibration_task *task)
{
	struct collector *collector = state;
	const struct numpy_histogram *histogram = &collector->histogram;
	const int64_t middle = histogram->bins / 2;
	int64_t best_start = middle - LEVELS / 2, best_end = middle + LEVELS / 2 + 1;
	float least = INFINITY;

	if (histogram->beyond)
		return seen_range(task, histogram->seen);
	if (best_end > histogram->bins)
		best_end = histogram->bins;
	for (int64_t half = LEVELS / 2; half <= middle; half++) {
		const int64_t start = middle - half;
		const int64_t end = middle + half < histogram->bins ? middle + half + 1 :
				    histogram->bins;
		const float cost = divergence(collector, start, end - start);

		if (cost < least) {
			least = cost;
			best_start = start;
			best_end = end;
		}
	}
	return onnxruntime_range(task, fmaxf(histogram->edge[best_start], histogram->seen.least),
				 fminf(histogram->edge[best_end], histogram->seen.greatest));
}

static const char *entropy_warn(const void *state, const struct calibration_task *task)
{
	const struct collector *collector = state;

	(void)task;
	if (!collector->histogram.beyond && collector->histogram.bins == BINS)
		return "no batch reached beyond the first: one window, which is min-max in the "
		       "project too";
	return warn_beyond(collector->histogram.beyond);
}

static void entropy_release(void *state, const struct env *env)
{
	struct collector *collector = state;

	numpy_histogram_free(&collector->histogram, env);
	env_free(env, collector->counts);
	env_free(env, collector->levels);
}

static const struct observer entropy = {
	.bytes = sizeof(struct collector), .observe = entropy_observe, .choose = entropy_choose,
	.warn = entropy_warn, .release = entropy_release,
};

const struct calibration calibration_entropy_as_in_onnxruntime = {
	.value = { .name = "entropy_as_in_onnxruntime",
		   .summary = "ONNX Runtime's EntropyCalibrater: 128 bins and levels; "
			      "equal bits but for ties; min-max where a batch is 128 times the "
			      "first",
		   .source = "ONNX Runtime 1.31.1, onnxruntime/python/tools/quantization/"
			     "calibrate.py" },
	.symmetric_cost = { 2 },
	.asymmetric_cost = { 2 },
	.finest = { PER_TENSOR, "HistogramCalibrater takes no per_channel, its "
				 "collector flattens a tensor" },
	.observer = &entropy,
};
