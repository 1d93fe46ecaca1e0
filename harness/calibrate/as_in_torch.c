/* SPDX-License-Identifier: MIT */
#include "as_in_torch.h"

#include <float.h>
#include <math.h>

struct range torch_range(const struct calibration_task *task, float least, float greatest)
{
	const struct code_range codes = codes_of(task);
	const float below = least < 0 ? least : 0, above = greatest > 0 ? greatest : 0;
	const bool centred = task->scheme->symmetric && codes.low < 0;
	const float width = centred ? fmaxf(-below, above) : above - below;
	const float steps = (float)(codes.high - codes.low) / (centred ? 2 : 1);
	/* a width beyond FLT_MAX is infinite in the project */
	const float scale = fmaxf(fminf(width, FLT_MAX) / steps, FLT_EPSILON);
	const double zero = (double)codes.low - (double)rintf(below / scale);

	if (centred)
		return range_of_grid(task, (double)scale, 0);
	return range_of_grid(task, (double)scale, (int32_t)fmin(zero, (double)codes.high));
}

struct range torch_seen_choose(void *state, const struct calibration_task *task)
{
	const struct seen *seen = state;

	return torch_range(task, seen->least, seen->greatest);
}

float torch_linspace(float low, float high, int64_t bins, int64_t i)
{
	const float step = (high - low) / (float)bins;

	if (i < (bins + 1) / 2)
		return fmaf(step, (float)i, low);
	return fmaf(-step, (float)(bins - i), high);
}

void torch_count(float *counts, int64_t bins, float low, float high, const float *values,
		 int64_t count, bool magnitudes)
{
	for (int64_t i = 0; i < count; i++) {
		const float x = magnitudes ? fabsf(values[i]) : values[i];

		if (!(x >= low && x <= high))
			continue;
		/* infinite or NaN of ranges near FLT_MAX, where the project has no defined bin */
		const float place = (x - low) * (float)bins / (high - low);
		const int64_t bin = place < (float)bins ? (int64_t)place : bins - 1;

		counts[bin]++;
	}
}

enum { LANES = 8, ROWS = 4, LEVELS = 4 };

struct partial {                /* one sum of each row and lane                          */
	float lane[ROWS][LANES];
};

static void add(struct partial *to, const struct partial *from)
{
	for (int row = 0; row < ROWS; row++)
		for (int lane = 0; lane < LANES; lane++)
			to->lane[row][lane] += from->lane[row][lane];
}

/* Levels of 2^power groups each, so that rounding errors grow with their number's logarithm. */
static struct partial sum_groups(const float *x, int64_t groups)
{
	struct partial level[LEVELS] = { 0 };
	int log = 0;

	while (groups > (int64_t)1 << log)
		log++;
	const int power = log / LEVELS > 4 ? log / LEVELS : 4;
	const int64_t mask = ((int64_t)1 << power) - 1;

	for (int64_t i = 0; i < groups;) {
		add(&level[0], (const struct partial *)(const void *)(x + i * ROWS * LANES));
		i++;
		for (int j = 1; j < LEVELS && (i >> (j - 1) * power & mask) == 0; j++) {
			add(&level[j], &level[j - 1]);
			level[j - 1] = (struct partial){ 0 };
		}
	}
	for (int j = 1; j < LEVELS; j++)
		add(&level[0], &level[j]);
	return level[0];
}

float torch_sum(const float *x, int64_t count)
{
	const int64_t groups = count / (ROWS * LANES), vectors = count / LANES;
	struct partial total = sum_groups(x, groups);
	float sum = 0;

	for (int64_t i = groups * ROWS; i < vectors; i++)
		for (int lane = 0; lane < LANES; lane++)
			total.lane[0][lane] += x[i * LANES + lane];
	for (int row = 1; row < ROWS; row++)
		for (int lane = 0; lane < LANES; lane++)
			total.lane[0][lane] += total.lane[row][lane];
	for (int64_t i = vectors * LANES; i < count; i++)
		sum += x[i];
	for (int lane = 0; lane < LANES; lane++)
		sum += total.lane[0][lane];
	return sum;
}
