/* SPDX-License-Identifier: MIT */
#include "squared_error.h"

#include "../loops/loops.h"

#include <math.h>

/* A code costs a search and the reads of a prefix sum: about as long as so many values in wide
 * instructions. */
enum { VALUES_A_CODE = 512 };
/* So few points are read sooner than their prefix sums. */
enum { FEW = 32 };
/* So many are tried from an end on before it is bisected. */
enum { NEAR_END = 8 };

bool squared_error_is_by_codes(const struct slice *slice, int32_t codes)
{
	return slice->through || slice->count / VALUES_A_CODE >= codes;
}

struct squared_error squared_error_of(const struct calibration_task *task, double weight)
{
	const struct slice *slice = task->slice;
	const struct grid grid = grid_of_range(task, symmetric_range(task->scheme, 1));
	const struct prefix none = { 0 };
	struct squared_error self = { .slice = slice, .low = grid.low, .high = grid.high,
				      .moves = !task->scheme->symmetric, .weight = weight,
				      .end = slice_before(slice, slice->points) };

	self.norm = sqrt(slice_between(slice, 0, &none, slice->points, &self.end).squares);
	return self;
}

/* The first point that is not below the edge, looked for from the low end: few are clipped. */
static int64_t clipped_below(const struct slice *slice, double edge)
{
	const int64_t most = slice->points < NEAR_END ? slice->points : NEAR_END;
	int64_t at = 0;

	while (at < most && (double)slice->point[at] < edge)
		at++;
	*slice->visits += (uint64_t)at;
	return at < NEAR_END ? at : slice_next_from(slice, at, edge);
}

/* The first point above the edge, looked for from the high end. */
static int64_t clipped_above(const struct slice *slice, double edge)
{
	const int64_t least = slice->points > NEAR_END ? slice->points - NEAR_END : 0;
	int64_t at = slice->points;

	while (at > least && (double)slice->point[at - 1] > edge)
		at--;
	*slice->visits += (uint64_t)(slice->points - at);
	return at > least || !least ? at : slice_first_above(slice, edge);
}

/* Of the points from .. to. */
static struct sums span(const struct squared_error *self, int64_t from, int64_t to)
{
	const struct slice *slice = self->slice;
	struct sums sums = { .count = to - from };

	if (slice->through || to - from > FEW) {
		const struct prefix first = slice_before(slice, from);
		const struct prefix last = to < slice->points ? slice_before(slice, to) : self->end;

		return slice_between(slice, from, &first, to, &last);
	}
	for (int64_t i = from; i < to; i++) {
		const double x = (double)slice->point[i];

		sums.sum += x;
		sums.squares += x * x;
	}
	*slice->visits += (uint64_t)(to - from);
	return sums;
}

/* Sum of (x - back)^2. */
static double around(const struct sums *sums, double back)
{
	const double squares = sums->squares - 2 * back * sums->sum +
			       (double)sums->count * back * back;

	return squares > 0 ? squares : 0;
}

static void add_code(struct fit *fit, const struct sums *sums, double code, double back,
		     double weight)
{
	fit->cost += weight * around(sums, back);
	fit->cross += weight * code * (sums->sum - (double)sums->count * back);
	fit->codes += weight * code * code * (double)sums->count;
}

static float code_of(float x, float scale, float low, float high)
{
	const float q = rintf(x / scale);

	return q < low ? low : q > high ? high : q;
}

/* The first point from `start` on that has another code than `code`, which is that of `start`. */
static int64_t code_end(const struct slice *slice, int64_t start, int64_t end, float code,
			float scale, float low, float high)
{
	int64_t next = end;

	if (code < high)
		next = slice_next_above(slice, start, ((double)code + 0.5) * (double)scale);
	next = next < end ? next : end;
	/* the quotient is rounded to a float before it is rounded to a code */
	while (next < end && code_of(slice->point[next], scale, low, high) <= code)
		next = slice_next_above(slice, next, (double)slice->point[next]);
	while (next - 1 > start && code_of(slice->point[next - 1], scale, low, high) > code)
		next = slice_first_from(slice, (double)slice->point[next - 1]);
	return next < end ? next : end;
}

/* Of the points first .. end), code by code. */
static struct fit fit_by_codes(const struct slice *slice, int64_t first, int64_t end, float scale,
			       float low, float high)
{
	struct prefix before = slice_before(slice, first);
	struct fit fit = { 0 };

	while (first < end) {
		const float code = code_of(slice->point[first], scale, low, high);
		const int64_t next = code_end(slice, first, end, code, scale, low, high);
		const struct prefix after = slice_before(slice, next);
		const struct sums sums = slice_between(slice, first, &before, next, &after);
		const double back = (double)(code * scale);

		/* near FLT_MAX a code may mean infinity: nothing where no value has it */
		if (isinf(back))
			return (struct fit){ .cost = (double)INFINITY };
		add_code(&fit, &sums, (double)code, back, 1);
		first = next;
		before = after;
	}
	return fit;
}

/* Where the reciprocal and squares of a step are far from the ends of float32. */
static bool is_plain(float scale)
{
	return scale >= 0x1p-100F && scale <= 0x1p100F;
}

/* Of the values that have a code of their own, points first .. end. */
static struct fit fit_inside(const struct squared_error *self, float scale, int64_t first,
			     int64_t end, double low, double high)
{
	const struct slice *slice = self->slice;
	const double step = (double)scale;
	struct loop_fit sums = { 0 };

	if (!is_plain(scale) || squared_error_is_by_codes(slice, self->high - self->low))
		return fit_by_codes(slice, first, end, scale, (float)low, (float)high);
	loops_best()->fit(slice->point + first, end - first, 1 / scale, &sums);
	*slice->visits += (uint64_t)(end - first);
	return (struct fit){ sums.squares * step * step, sums.cross * step, sums.codes };
}

struct fit fit_at(const struct squared_error *self, float scale, int32_t zero, double enough)
{
	const struct slice *slice = self->slice;
	const double low = self->low - zero, high = self->high - zero;
	const int64_t first = clipped_below(slice, (low - 0.5) * (double)scale);
	const int64_t end = clipped_above(slice, (high + 0.5) * (double)scale);
	const struct sums below = span(self, 0, first);
	const struct sums above = span(self, end, slice->points);
	struct fit fit = { 0 };

	if (below.count)
		add_code(&fit, &below, low, (double)((float)low * scale), self->weight);
	if (above.count)
		add_code(&fit, &above, high, (double)((float)high * scale), self->weight);
	if (fit.cost < enough) {
		const struct fit inside = fit_inside(self, scale, first, end, low, high);

		fit.cost += inside.cost;
		fit.cross += inside.cross;
		fit.codes += inside.codes;
	}
	/* near FLT_MAX the last code may mean infinity, which no value wants */
	if (!isfinite(fit.cost))
		fit.cost = (double)INFINITY;
	return fit;
}

/* Sum of (x - code s)^2 over points. */
static double cell_cost(const struct squared_error *self, int64_t first, int64_t end, double back)
{
	const struct sums sums = span(self, first, end);

	return around(&sums, back);
}

/* The sign of what the cost grows by from `zero` to the next zero point. */
static double growth(const struct squared_error *self, double step, int32_t zero)
{
	const struct slice *slice = self->slice;
	const double high = self->high - zero, low = self->low - zero;
	const double high_edge = (high - 0.5) * step, low_edge = (low - 0.5) * step;
	const int64_t end = clipped_above(slice, high_edge), first = clipped_below(slice, low_edge);
	const struct sums above = span(self, end, slice->points), below = span(self, 0, first);
	const double growth = (above.sum - (double)above.count * high_edge) -
			      ((double)below.count * low_edge - below.sum);

	if (!(self->weight > 1))
		return growth;
	/* what was rounded and is saturated now costs more, and the other way round */
	const int64_t last = clipped_above(slice, (high + 0.5) * step);
	const int64_t least = clipped_below(slice, (low - 1.5) * step);
	return self->weight * growth +
	       (self->weight - 1) / (2 * step) *
		       (cell_cost(self, end, last, high * step) -
			cell_cost(self, least, first, (low - 1) * step));
}

int32_t least_zero(const struct squared_error *self, float scale, int32_t guess)
{
	int32_t low = self->low, high = self->high, step = 1;
	int32_t at = guess < high ? guess : high - 1;

	if (!self->moves)
		return 0;
	while (low < high) {
		int32_t next;

		if (at < low || at >= high)
			at = low + (high - low) / 2;
		if (growth(self, (double)scale, at) < 0) {
			low = at + 1;
			next = at + step;
		} else {
			high = at;
			next = at - step;
		}
		at = next;
		step = step < self->high ? 2 * step : step;
	}
	return low;
}

double squared_error_of_values(const struct slice *slice, const struct grid *grid, float scale)
{
	const struct loop_grid loop = { scale, grid->zero, grid->low, grid->high, QS_HALF_EVEN };

	if (slice->through)
		return squared_error_of_codes(slice, grid, scale);
	*slice->visits += (uint64_t)slice->count;
	return loops_best()->squared_error(slice->point, slice->points, &loop);
}

double squared_error_of_codes(const struct slice *slice, const struct grid *grid, float scale)
{
	return fit_by_codes(slice, 0, slice->points, scale, (float)(grid->low - grid->zero),
			    (float)(grid->high - grid->zero)).cost;
}

double squared_error_of_grid(const struct slice *slice, const struct grid *grid, float scale)
{
	return squared_error_is_by_codes(slice, grid->high - grid->low) ?
		       squared_error_of_codes(slice, grid, scale) :
		       squared_error_of_values(slice, grid, scale);
}
