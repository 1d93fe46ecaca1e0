/* SPDX-License-Identifier: MIT */
#include "as_in.h"

#include <float.h>
#include <math.h>

enum { LANES = 16 };            /* of wide instructions, one after another           */

struct seen seen_of(const float *values, int64_t count)
{
	struct seen seen = { .least = values[0], .greatest = values[0], .any = true };
	float least[LANES], greatest[LANES];
	int64_t i = 0;

	for (int lane = 0; lane < LANES; lane++)
		least[lane] = greatest[lane] = values[0];
	for (; i + LANES <= count; i += LANES)
		for (int lane = 0; lane < LANES; lane++) {
			const float x = values[i + lane];

			least[lane] = x < least[lane] ? x : least[lane];
			greatest[lane] = x > greatest[lane] ? x : greatest[lane];
		}
	for (int lane = 0; lane < LANES; lane++) {
		seen.least = least[lane] < seen.least ? least[lane] : seen.least;
		seen.greatest = greatest[lane] > seen.greatest ? greatest[lane] : seen.greatest;
	}
	for (; i < count; i++) {
		seen.least = values[i] < seen.least ? values[i] : seen.least;
		seen.greatest = values[i] > seen.greatest ? values[i] : seen.greatest;
	}
	return seen;
}

void seen_join(struct seen *seen, struct seen other)
{
	if (!seen->any) {
		*seen = other;
		return;
	}
	seen->least = other.least < seen->least ? other.least : seen->least;
	seen->greatest = other.greatest > seen->greatest ? other.greatest : seen->greatest;
}

/* Infinite in the projects where the two are further apart than FLT_MAX. */
static float moved(float from, float to, float part)
{
	return fminf(fmaxf(from + part * (to - from), -FLT_MAX), FLT_MAX);
}

void seen_move(struct seen *seen, struct seen batch, float part)
{
	if (!seen->any) {
		*seen = batch;
		return;
	}
	seen->least = moved(seen->least, batch.least, part);
	seen->greatest = moved(seen->greatest, batch.greatest, part);
}

int seen_observe(void *state, const struct calibration_task *task, const struct env *env,
		 const float *values, int64_t count, struct error *error)
{
	(void)task;
	(void)env;
	(void)error;
	seen_join(state, seen_of(values, count));
	return 0;
}

const char *warn_beyond(bool beyond)
{
	return beyond ? "the histogram of the first batch cannot be grown to hold all batches: it "
			"is min-max"
		      : NULL;
}

static double as_it_is(double scale)
{
	return scale;
}

struct code_range codes_of(const struct calibration_task *task)
{
	const struct scale_rule real = { .choose = as_it_is };
	const struct grid grid = task->scheme->grid(0, 0, task->bits, &real);

	return (struct code_range){ grid.low, grid.high };
}

struct range range_of_bounds(const struct calibration_task *task, float low, float high)
{
	const double below = low < 0 ? (double)low : 0, above = high > 0 ? (double)high : 0;

	if (task->scheme->symmetric)
		return symmetric_range(task->scheme, -below > above ? -below : above);
	return (struct range){ .low = below, .high = above };
}

float floor_divide(float a, float b)
{
	const float rest = fmodf(a, b);
	float quotient = (a - rest) / b;

	if (rest < 0)
		quotient -= 1;
	if (quotient == 0)
		return copysignf(0, a / b);
	const float whole = floorf(quotient);
	return quotient - whole > 0.5F ? whole + 1 : whole;
}
