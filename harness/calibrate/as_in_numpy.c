/* SPDX-License-Identifier: MIT */
#include "as_in_numpy.h"

#include <float.h>
#include <math.h>
#include <string.h>

bool numpy_linspace(float *edges, int64_t bins, float low, float high)
{
	const float width = high - low, step = width / (float)bins;
	bool apart = true;

	for (int64_t i = 0; i < bins; i++)
		edges[i] = (step == 0 ? (float)i / (float)bins * width : (float)i * step) + low;
	edges[bins] = high;
	for (int64_t i = 0; i < bins; i++)
		apart = apart && edges[i] < edges[i + 1];
	return apart;
}

void numpy_count(int64_t *counts, const float *edges, int64_t bins, const float *values,
		 int64_t count, bool magnitudes)
{
	const float low = edges[0], width = edges[bins] - low;

	for (int64_t i = 0; i < count; i++) {
		const float x = magnitudes ? fabsf(values[i]) : values[i];

		if (!(x >= low && x <= edges[bins]))
			continue;
		int64_t bin = (int64_t)((x - low) / width * (float)bins);

		if (bin >= bins)
			bin = bins - 1;
		if (x < edges[bin])
			bin--;
		if (bin < bins - 1 && x >= edges[bin + 1])
			bin++;
		counts[bin]++;
	}
}

/* Up to 128 numbers, in 8 sums of every 8th. */
static float sum_block(const float *x, int64_t count)
{
	float lane[8];
	int64_t i;

	if (count < 8) {
		float sum = -0.0F;

		for (i = 0; i < count; i++)
			sum += x[i];
		return sum;
	}
	memcpy(lane, x, sizeof lane);
	for (i = 8; i + 8 <= count; i += 8)
		for (int j = 0; j < 8; j++)
			lane[j] += x[i + j];
	float sum = ((lane[0] + lane[1]) + (lane[2] + lane[3])) +
		    ((lane[4] + lane[5]) + (lane[6] + lane[7]));

	for (; i < count; i++)
		sum += x[i];
	return sum;
}

float numpy_sum(const float *x, int64_t count)
{
	if (count <= 128)
		return sum_block(x, count);
	const int64_t half = count / 2 / 8 * 8;

	return numpy_sum(x, half) + numpy_sum(x + half, count - half);
}

struct range onnxruntime_range(const struct calibration_task *task, float low, float high)
{
	const struct range range = range_of_bounds(task, low, high);
	const struct grid grid = grid_of_range(task, range);

	return grid.scale < (double)FLT_MIN ? (struct range){ 0 } : range;
}

int numpy_histogram_grow(struct numpy_histogram *histogram, const struct env *env, int64_t bins,
			 struct error *error)
{
	const char *const what = "a histogram of a calibration";
	const int64_t old = histogram->bins;

	/* env_grow makes room for one more than is asked: the edge behind the last bin */
	if (env_grow(env, &histogram->count, &histogram->count_room, (size_t)bins,
		     sizeof *histogram->count, what, error) ||
	    env_grow(env, &histogram->edge, &histogram->edge_room, (size_t)bins,
		     sizeof *histogram->edge, what, error))
		return -1;
	memset(histogram->count + old, 0, (size_t)(bins - old) * sizeof *histogram->count);
	histogram->bins = bins;
	return 0;
}

/* T of the edges that hold `wanted` and, in *more, the bins to add on each side, at most `most`. */
static float widened(const struct numpy_histogram *histogram, float wanted, int64_t most,
		     int64_t *more)
{
	const float old = histogram->edge[histogram->bins];
	const float width = 2 * old / (float)histogram->bins;
	const float needed = floor_divide(wanted - old, width) + 1;

	if (!(needed <= (float)most)) {
		*more = most;
		return wanted;
	}
	*more = (int64_t)needed;
	return needed * width + old;
}

int numpy_histogram_centred(struct numpy_histogram *histogram, const struct env *env, int64_t bins,
			    const float *values, int64_t count, struct error *error)
{
	const struct seen batch = seen_of(values, count);
	float reach = fmaxf(-batch.least, batch.greatest);
	const int64_t most = GROWTH_MOST * bins;
	int64_t more = 0;

	seen_join(&histogram->seen, batch);
	if (histogram->beyond)
		return 0;
	if (histogram->bins && histogram->reach > 0 && reach > histogram->reach)
		reach = widened(histogram, reach, most, &more);
	else if (histogram->bins && reach <= histogram->reach)
		reach = histogram->reach;
	bins = histogram->bins ? histogram->bins + 2 * more : bins;
	if (bins > most) {
		histogram->beyond = true;
		return 0;
	}
	if (numpy_histogram_grow(histogram, env, bins, error))
		return -1;
	memmove(histogram->count + more, histogram->count,
		(size_t)(bins - 2 * more) * sizeof *histogram->count);
	memset(histogram->count, 0, (size_t)more * sizeof *histogram->count);
	histogram->reach = reach;
	histogram->beyond = !numpy_linspace(histogram->edge, bins, reach > 0 ? -reach : -0.5F,
					    reach > 0 ? reach : 0.5F);
	if (!histogram->beyond)
		numpy_count(histogram->count, histogram->edge, bins, values, count, false);
	return 0;
}

void numpy_histogram_free(struct numpy_histogram *histogram, const struct env *env)
{
	env_free(env, histogram->count);
	env_free(env, histogram->edge);
}
