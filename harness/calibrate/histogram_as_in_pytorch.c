/* SPDX-License-Identifier: MIT
 *
 * PyTorch's HistogramObserver: 2048 bins over [least, greatest] of what was seen so far.  A batch
 * that widens the range moves the old counts over: each old bin is cut in 16, and a sixteenth goes
 * whole to the new bin that holds its middle.  The range is then narrowed from both ends by
 * quantiles, in steps of 1e-5 of the counts on the side where more bins go, as long as the squared
 * error does not grow; a bin's values are taken as spread evenly.
 *
 * Habits kept: the error is that of 256 levels for all widths up to 8 bits (the observer's dtype is
 * quint8 or qint8, the width is its quant_min and quant_max) and of 65536 beyond; a value beyond
 * the range costs as if the last level went on.  float32 throughout, in the order of the project's
 * vectors, as its builds for AVX2 and AVX-512 do it.
 */
#include "as_in_torch.h"

#include <math.h>
#include <string.h>

enum { BINS = 2048, PIECES = 16 };

struct histogram {
	struct seen seen;
	float count[BINS];
};

/* Of a range of one value the project counts on both sides of it, all in one bin. */
static void count_batch(float *count, struct seen range, const float *values, int64_t length)
{
	if (range.least < range.greatest)
		torch_count(count, BINS, range.least, range.greatest, values, length, false);
	else
		count[BINS / 2] += (float)length;
}

/* The bin of [low, high] that holds x, by comparing with its edges. */
static int64_t bin_of(float low, float high, float x)
{
	int64_t first = 0, last = BINS - 1;

	while (first < last) {
		const int64_t middle = first + (last - first + 1) / 2;

		if (torch_linspace(low, high, BINS, middle) <= x)
			first = middle;
		else
			last = middle - 1;
	}
	return first;
}

/* The old counts in the bins of a wider range. */
static void move_counts(const struct histogram *old, struct seen wide, float *count)
{
	const float low = old->seen.least, high = old->seen.greatest;
	const float width = (high - low) / (BINS * PIECES);

	if (!(low < high)) {
		torch_count(count, BINS, wide.least, wide.greatest, &low, 1, false);
		for (int64_t i = 0; i < BINS; i++)
			count[i] *= torch_sum(old->count, BINS);
		return;
	}
	for (int64_t i = 0; i < (int64_t)BINS * PIECES; i++) {
		const float middle = torch_linspace(low, high, (int64_t)BINS * PIECES, i) +
				     0.5F * width;

		count[bin_of(wide.least, wide.greatest, middle)] += old->count[i / PIECES] / PIECES;
	}
}

static int histogram_observe(void *state, const struct calibration_task *task,
			     const struct env *env, const float *values, int64_t count,
			     struct error *error)
{
	struct histogram *histogram = state;
	struct histogram next = { .seen = histogram->seen };
	float moved[BINS] = { 0 };

	(void)task;
	(void)env;
	(void)error;
	seen_join(&next.seen, seen_of(values, count));
	count_batch(next.count, next.seen, values, count);
	if (histogram->seen.any) {
		if (next.seen.least == histogram->seen.least &&
		    next.seen.greatest == histogram->seen.greatest)
			memcpy(moved, histogram->count, sizeof moved);
		else
			move_counts(histogram, next.seen, moved);
		for (int64_t i = 0; i < BINS; i++)
			next.count[i] += moved[i];
	}
	*histogram = next;
	return 0;
}

/* The integral of x^2 over [begin, end]. */
static float integral(float begin, float end)
{
	return (end * end * end - begin * begin * begin) / 3;
}

static float level_of(float x, float width, float levels)
{
	return fminf(fmaxf(floor_divide(x, width), 0), levels - 1);
}

/* The squared error where bins start .. end are cut into levels. */
static float error_of(const struct histogram *histogram, int64_t start, int64_t end, int levels)
{
	const struct seen seen = histogram->seen;
	const double bin = ((double)seen.greatest - (double)seen.least) / BINS;
	const double step = bin * (double)(end - start + 1) / levels;
	const float width = (float)bin, level = (float)step, half = (float)(step / 2);
	const float whole = integral(-half, half);
	float error[BINS] = { 0 };

	if (step == 0)
		return 0;
	for (int64_t i = 0; i < BINS; i++) {
		if (histogram->count[i] == 0)
			continue;
		const float density = histogram->count[i] / width;
		const float begin = (float)(i - start) * width, stop = begin + width;
		const float first = level_of(begin, level, (float)levels);
		const float last = level_of(stop, level, (float)levels);

		error[i] = density * integral(begin - (first + 0.5F) * level, half);
		error[i] += (last - first - 1) * (density * whole);
		error[i] += density * integral(-half, stop - (last * level + half));
	}
	return torch_sum(error, BINS);
}

struct span {
	int64_t start, end;
};

/* Narrows the range until the error grows. */
static struct span search(const struct histogram *histogram, const float *through, int levels)
{
	const double step = 1e-5, total = (double)torch_sum(histogram->count, BINS);
	struct span best = { 0, BINS - 1 };
	double alpha = 0, beta = 1;
	float least = INFINITY;

	for (int64_t l = 0, r = BINS - 1; alpha < beta;) {
		const float low = (float)((alpha + step) * total);
		const float high = (float)((beta - step) * total);
		struct span next = best;

		/* where the last step ended: counts before that are fewer still */
		l = l < best.start ? best.start : l > best.end ? best.end : l;
		r = r > best.end ? best.end : r < best.start ? best.start : r;
		while (l < best.end && through[l] < low)
			l++;
		while (r > best.start && through[r] > high)
			r--;
		if (l - best.start > best.end - r) {
			next.start = l;
			alpha += step;
		} else {
			next.end = r;
			beta -= step;
		}
		if (next.start == best.start && next.end == best.end)
			continue;
		const float error = error_of(histogram, next.start, next.end, levels);

		if (error > least)
			break;
		least = error;
		best = next;
	}
	return best;
}

static struct range histogram_choose(void *state, const struct calibration_task *task)
{
	const struct histogram *histogram = state;
	const float low = histogram->seen.least;
	const float width = (histogram->seen.greatest - low) / BINS;
	float through[BINS];
	double sum = 0;

	if (!isfinite(width))
		return torch_range(task, low, histogram->seen.greatest);
	for (int64_t i = 0; i < BINS; i++) {
		sum += (double)histogram->count[i];
		through[i] = (float)sum;
	}
	const struct span best = search(histogram, through, task->bits > 8 ? 1 << 16 : 1 << 8);

	return torch_range(task, low + width * (float)best.start,
			   low + width * (float)(best.end + 1));
}

static const struct observer histogram = {
	.bytes = sizeof(struct histogram), .observe = histogram_observe,
	.choose = histogram_choose,
};

const struct calibration calibration_histogram_as_in_pytorch = {
	.value = { .name = "histogram_as_in_pytorch",
		   .summary = "PyTorch's HistogramObserver: 2048 bins, cut by quantiles "
			      "while squared error falls; equal bits but for ties of the last "
			      "float",
		   .source = "PyTorch 2.15, torch/ao/quantization/observer.py" },
	.symmetric_cost = { 4 },
	.asymmetric_cost = { 4 },
	.finest = { PER_TENSOR, "HistogramObserver raises NotImplementedError for a "
				 "qscheme that is not per tensor" },
	.observer = &histogram,
};
