/* SPDX-License-Identifier: MIT
 *
 * ONNX Runtime's percentile of a histogram of 2048 bins.
 *
 * A symmetric scheme takes magnitudes, in equal bins from the first batch's least to its greatest;
 * where a later batch goes beyond, bins of the same width are added.  Habits kept: later magnitudes
 * below the first batch's least are not counted; the bound is the left edge of the bin that holds
 * the percentile, cut to the observed values.  An asymmetric scheme takes values on [-T, T] as the
 * entropy calibrator does, and cuts half of what is left out on each side.
 */
#include "as_in_numpy.h"

#include <float.h>
#include <math.h>

enum { BINS = 2048 };

/* Edges behind number `from`: start + i step, in double while their first batch is counted. */
struct added {
	int64_t from;
	double start, step;
};

static double edge_at(const struct numpy_histogram *histogram, struct added added, int64_t i)
{
	return i <= added.from ? (double)histogram->edge[i] :
	       added.start + (double)(i - added.from - 1) * added.step;
}

/* np.arange(edge + width, greatest + width, width) behind the last edge. */
static int add_bins(struct numpy_histogram *histogram, const struct env *env, float greatest,
		    struct added *added, struct error *error)
{
	const int64_t old = histogram->bins;
	const float width = histogram->edge[1] - histogram->edge[0];
	const float start = histogram->edge[old] + width, next = start + width;
	const float more = (greatest + width - start) / width;

	if (!((double)old + ceil((double)more) <= GROWTH_MOST * BINS)) {
		histogram->beyond = true;
		return 0;
	}
	*added = (struct added){ .from = old, .start = (double)start,
				 .step = (double)next - (double)start };
	return numpy_histogram_grow(histogram, env, old + (int64_t)ceil((double)more), error);
}

/* The bin of x: that of the last edge which is not above it; the last bin holds its own end. */
static int64_t bin_of(const struct numpy_histogram *histogram, struct added added, double x)
{
	const double low = (double)histogram->edge[0];
	const double width = edge_at(histogram, added, histogram->bins) - low;
	int64_t first = (int64_t)((x - low) / width * (double)histogram->bins);
	int64_t last = histogram->bins - 1;

	/* mostly where equal widths put it */
	if (first < last && edge_at(histogram, added, first) <= x &&
	    x < edge_at(histogram, added, first + 1))
		return first;
	for (first = 0; first < last;) {
		const int64_t middle = first + (last - first + 1) / 2;

		if (edge_at(histogram, added, middle) <= x)
			first = middle;
		else
			last = middle - 1;
	}
	return first;
}

static void count_between(struct numpy_histogram *histogram, struct added added,
			  const float *values, int64_t count)
{
	const double low = (double)histogram->edge[0];
	const double high = edge_at(histogram, added, histogram->bins);

	for (int64_t i = 0; i < count; i++) {
		const double x = fabs((double)values[i]);

		if (x >= low && x <= high)
			histogram->count[bin_of(histogram, added, x)]++;
	}
	for (int64_t i = added.from + 1; i <= histogram->bins; i++)
		histogram->edge[i] = (float)edge_at(histogram, added, i);
}

static int observe_magnitudes(struct numpy_histogram *histogram, const struct env *env,
			      const float *values, int64_t count, struct error *error)
{
	float least = fabsf(values[0]), greatest = least;

	seen_join(&histogram->seen, seen_of(values, count));
	if (histogram->beyond)
		return 0;
	for (int64_t i = 1; i < count; i++) {
		least = fminf(least, fabsf(values[i]));
		greatest = fmaxf(greatest, fabsf(values[i]));
	}
	if (histogram->bins) {
		struct added added = { .from = histogram->bins };

		if (greatest > histogram->edge[histogram->bins] &&
		    add_bins(histogram, env, greatest, &added, error))
			return -1;
		if (!histogram->beyond)
			count_between(histogram, added, values, count);
		return 0;
	}
	if (numpy_histogram_grow(histogram, env, BINS, error))
		return -1;
	if (least == greatest) {
		least -= 0.5F;
		greatest += 0.5F;
	}
	histogram->beyond = !numpy_linspace(histogram->edge, BINS, least, greatest);
	if (!histogram->beyond)
		numpy_count(histogram->count, histogram->edge, BINS, values, count, true);
	return 0;
}

static int percentile_observe(void *state, const struct calibration_task *task,
			      const struct env *env, const float *values, int64_t count,
			      struct error *error)
{
	if (task->scheme->symmetric)
		return observe_magnitudes(state, env, values, count, error);
	return numpy_histogram_centred(state, env, BINS, values, count, error);
}

/* The edge where the running share of values first is at least `share`. */
static float edge_of_share(const struct numpy_histogram *histogram, double share)
{
	double total = 0, sum = 0;
	int64_t i = 0;

	for (int64_t j = 0; j < histogram->bins; j++)
		total += (double)histogram->count[j];
	for (; i < histogram->bins; i++) {
		sum += (double)histogram->count[i] / total;
		if (sum >= share)
			break;
	}
	return histogram->edge[i];
}

static struct range percentile_choose(void *state, const struct calibration_task *task)
{
	const struct numpy_histogram *histogram = state;
	const struct seen seen = histogram->seen;
	float low, high;

	if (histogram->beyond)
		return seen_range(task, seen);
	if (task->scheme->symmetric) {
		high = edge_of_share(histogram, task->parameter / 100);
		low = -high;
	} else {
		const double cut = (100 - task->parameter) / 200;

		low = edge_of_share(histogram, cut);
		high = edge_of_share(histogram, 1 - cut);
	}
	return onnxruntime_range(task, fmaxf(low, seen.least), fminf(high, seen.greatest));
}

static const char *percentile_warn(const void *state, const struct calibration_task *task)
{
	const struct numpy_histogram *histogram = state;

	(void)task;
	return warn_beyond(histogram->beyond);
}

static void percentile_release(void *state, const struct env *env)
{
	numpy_histogram_free(state, env);
}

static const struct observer percentile = {
	.of_scheme = true,
	.bytes = sizeof(struct numpy_histogram), .observe = percentile_observe,
	.choose = percentile_choose, .warn = percentile_warn, .release = percentile_release,
};

const struct calibration calibration_percentile_as_in_onnxruntime = {
	.value = { .name = "percentile_as_in_onnxruntime",
		   .summary = "ONNX Runtime's PercentileCalibrater: 2048 bins at first; "
			      "equal bits; min-max where a batch is 128 times the first",
		   .source = "ONNX Runtime 1.31.1, onnxruntime/python/tools/quantization/"
			     "calibrate.py",
		   .parameter = "P", .standard = 99.999, .least = 50, .most = 100 },
	.symmetric_cost = { 3 },
	.asymmetric_cost = { 2 },
	.finest = { PER_TENSOR, "HistogramCalibrater takes no per_channel, its "
				 "collector flattens a tensor" },
	.observer = &percentile,
};
