/* SPDX-License-Identifier: MIT */
#include "as_in.h"

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
