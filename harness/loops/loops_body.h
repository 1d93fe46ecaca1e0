/* SPDX-License-Identifier: MIT
 *
 * The source of all rows of loops_table: LOOPS names the row, NEEDS its features.  A compiler
 * makes wide instructions of the inner loops; sums go by the lanes of sums.h, so the order is one.
 * Loops that must not ask for the rounding at each element are written for one and called for both.
 */
#include "loops.h"

#include "../../kernels/affine.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define ALWAYS_INLINE inline __attribute__((always_inline))

enum { BLOCK = 4096, LANES = 32 };      /* elements counted in 32 bits; kept apart        */

/* What lies further out than one code beyond the range is brought there first: it is rounded and
 * clipped to the same, and what is left is small. */
static ALWAYS_INLINE void simulate_block(const float *x, int64_t count,
					 const struct loop_grid *grid, enum qs_round round,
					 float *back, struct loop_tally *tally)
{
	const float low = (float)(grid->low - grid->zero), high = (float)(grid->high - grid->zero);
	const float below = low - 1, above = high + 1, scale = grid->scale;
	uint32_t saturated = 0, lost_zero = 0, nonzero = 0;

	for (int64_t i = 0; i < count; i++) {
		const float q = x[i] / scale;
		const float near = q < below ? below : q > above ? above : q;
		const float rounded = qs_round_small(near, round);
		const float clipped = rounded < low ? low : rounded > high ? high : rounded;

		saturated += clipped != rounded;
		nonzero += x[i] != 0;
		lost_zero += (x[i] != 0) & (clipped == 0);
		/* never -0: a negative value that rounds to 0 means +0, as its code does */
		back[i] = clipped * scale;
	}
	tally->saturated += saturated;
	tally->lost_zero += lost_zero;
	tally->nonzero += nonzero;
}

static void simulate(const float *x, int64_t count, const struct loop_grid *grid, float *back,
		     struct loop_tally *tally)
{
	for (int64_t i = 0; i < count; i += BLOCK) {
		const int64_t left = count - i < BLOCK ? count - i : BLOCK;

		if (grid->round == QS_HALF_AWAY)
			simulate_block(x + i, left, grid, QS_HALF_AWAY, back + i, tally);
		else
			simulate_block(x + i, left, grid, QS_HALF_EVEN, back + i, tally);
	}
}

static ALWAYS_INLINE void encode_by(const float *x, int64_t count, const struct loop_grid *grid,
				    enum qs_round round, int32_t move, uint8_t *codes)
{
	const float low = (float)(grid->low - grid->zero), high = (float)(grid->high - grid->zero);
	const int32_t zero = grid->zero + move;
	const float scale = grid->scale;

	for (int64_t i = 0; i < count; i++) {
		const float q = x[i] / scale;
		const float above = q > low ? q : low;

		codes[i] = (uint8_t)((int32_t)qs_round_small(above < high ? above : high, round) +
				     zero);
	}
}

static void encode(const float *x, int64_t count, const struct loop_grid *grid, int32_t move,
		   uint8_t *codes)
{
	if (grid->round == QS_HALF_AWAY)
		encode_by(x, count, grid, QS_HALF_AWAY, move, codes);
	else
		encode_by(x, count, grid, QS_HALF_EVEN, move, codes);
}

static void encode_exact(const float *x, int64_t count, float scale, int32_t zero, uint8_t *codes)
{
	for (int64_t i = 0; i < count; i++)
		codes[i] = (uint8_t)((int32_t)qs_round_small(x[i] / scale, QS_HALF_EVEN) + zero);
}

static void decode(const uint8_t *codes, int64_t count, float scale, int32_t zero, float *x)
{
	for (int64_t i = 0; i < count; i++)
		x[i] = (float)(codes[i] - zero) * scale;
}

/* Clipping before rounding is clipping after it, for the bounds are whole. */
static ALWAYS_INLINE void add_by(const struct loop_adder *adder, enum qs_round round,
				 const uint8_t *a, const uint8_t *b, int64_t count, uint8_t *codes)
{
	const float low = (float)(adder->low - adder->zero);
	const float high = (float)(adder->high - adder->zero);
	const float scale_a = adder->scale_a, scale_b = adder->scale_b;
	const int32_t zero_a = adder->zero_a, zero_b = adder->zero_b, zero = adder->zero;

	for (int64_t i = 0; i < count; i++) {
		const float q = fmaf((float)(b[i] - zero_b), scale_b,
				     (float)(a[i] - zero_a) * scale_a);
		const float above = q > low ? q : low;

		codes[i] = (uint8_t)((int32_t)qs_round_small(above < high ? above : high, round) +
				     zero);
	}
}

static void add(const struct loop_adder *adder, const uint8_t *a, const uint8_t *b, int64_t count,
		uint8_t *codes)
{
	if (adder->round == QS_HALF_AWAY)
		add_by(adder, QS_HALF_AWAY, a, b, count, codes);
	else
		add_by(adder, QS_HALF_EVEN, a, b, count, codes);
}

static int gap(const uint8_t *a, const uint8_t *b, int64_t count, uint64_t *different)
{
	uint8_t most = 0;

	for (int64_t at = 0; at < count; at += BLOCK) {
		const int64_t left = count - at < BLOCK ? count - at : BLOCK;
		uint32_t places = 0;

		for (int64_t i = at; i < at + left; i++) {
			const uint8_t off =
				(uint8_t)(a[i] > b[i] ? a[i] - b[i] : b[i] - a[i]);

			places += off != 0;
			most = off > most ? off : most;
		}
		*different += places;
	}
	return most;
}

/* LANES minima side by side: a single one would be a chain that no compiler may split. */
static bool range(const float *x, int64_t count, float *low, float *high)
{
	float least[LANES] = { 0 }, most[LANES] = { 0 };
	uint32_t bad[LANES] = { 0 };
	int64_t i = 0;

	for (; i + LANES <= count; i += LANES)
		for (int j = 0; j < LANES; j++) {
			const float y = x[i + j];

			least[j] = y < least[j] ? y : least[j];
			most[j] = y > most[j] ? y : most[j];
			bad[j] |= (uint32_t)!(fabsf(y) <= FLT_MAX);
		}
	for (; i < count; i++) {
		least[0] = x[i] < least[0] ? x[i] : least[0];
		most[0] = x[i] > most[0] ? x[i] : most[0];
		bad[0] |= (uint32_t)!(fabsf(x[i]) <= FLT_MAX);
	}
	*low = *high = 0;
	for (int j = 0; j < LANES; j++) {
		*low = least[j] < *low ? least[j] : *low;
		*high = most[j] > *high ? most[j] : *high;
		bad[0] |= bad[j];
	}
	return !bad[0];
}

static void accumulate(const int32_t *restrict sums, int32_t zero,
		       const int32_t *restrict weight_sums, const float *restrict scales,
		       bool first, int64_t count, float *restrict acc)
{
	for (int64_t i = 0; i < count; i++) {
		const uint32_t moved =
			(uint32_t)sums[i] - (uint32_t)zero * (uint32_t)weight_sums[i];

		acc[i] = fmaf((float)(int32_t)moved, scales[i], first ? 0.0F : acc[i]);
	}
}

static void finish(const float *restrict acc, float scale, const float *restrict bias,
		   int64_t count, float *restrict y)
{
	for (int64_t i = 0; i < count; i++)
		y[i] = bias ? fmaf(acc[i], scale, bias[i]) : acc[i] * scale;
}

static ALWAYS_INLINE void add_error(double from, double to, double inverse, int lane,
				    double sums[ERROR_SUMS][SUM_LANES], double most[SUM_LANES])
{
	const double e = to - from, steps = e * inverse, size = fabs(e);

	sums[ERROR_PLAIN][lane] += e;
	sums[ERROR_SQUARED][lane] += e * e;
	sums[ERROR_STEPS][lane] += steps;
	sums[ERROR_STEPS_SQUARED][lane] += steps * steps;
	sums[ERROR_SIGNAL][lane] += from * from;
	sums[ERROR_OUTPUT][lane] += to * to;
	sums[ERROR_PRODUCT][lane] += from * to;
	most[lane] = size > most[lane] ? size : most[lane];
}

/* Elements up to lane 0 and behind the last full turn go singly; the turns in registers. */
static void errors(const float *x, const float *back, int64_t first, int64_t count, double inverse,
		   struct loop_errors *sums)
{
	struct loop_errors turn;
	int64_t i = 0;

	for (; i < count && (first + i) % SUM_LANES; i++)
		add_error((double)x[i], (double)back[i], inverse, (int)((first + i) % SUM_LANES),
			  sums->lane, sums->most);
	if (i + SUM_LANES <= count) {
		turn = *sums;
		for (; i + SUM_LANES <= count; i += SUM_LANES)
			for (int j = 0; j < SUM_LANES; j++)
				add_error((double)x[i + j], (double)back[i + j], inverse, j,
					  turn.lane, turn.most);
		*sums = turn;
	}
	for (int j = 0; i < count; i++, j++)
		add_error((double)x[i], (double)back[i], inverse, j, sums->lane, sums->most);
}

static ALWAYS_INLINE void add_outputs(double x, double isolated, double cumulative, double integer,
				      int lane, double sums[LAYER_SUMS][SUM_LANES],
				      double most[SUM_LANES])
{
	const double a = isolated - x, b = cumulative - x, c = integer - x, size = fabs(b);

	sums[LAYER_SIGNAL][lane] += x * x;
	sums[LAYER_ISOLATED][lane] += a * a;
	sums[LAYER_CUMULATIVE][lane] += b * b;
	sums[LAYER_INTEGER][lane] += c * c;
	sums[LAYER_OUTPUT][lane] += cumulative * cumulative;
	sums[LAYER_PRODUCT][lane] += x * cumulative;
	most[lane] = size > most[lane] ? size : most[lane];
}

static void layer(const float *x, const float *isolated, const float *cumulative,
		  const float *integer, int64_t count, struct loop_layer *sums)
{
	struct loop_layer turn = *sums;
	int64_t i = 0;

	for (; i + SUM_LANES <= count; i += SUM_LANES)
		for (int j = 0; j < SUM_LANES; j++)
			add_outputs((double)x[i + j], (double)isolated[i + j],
				    (double)cumulative[i + j], (double)integer[i + j], j,
				    turn.lane, turn.most);
	*sums = turn;
	for (int j = 0; i < count; i++, j++)
		add_outputs((double)x[i], (double)isolated[i], (double)cumulative[i],
			    (double)integer[i], j, sums->lane, sums->most);
}

#include "loops_fit.h"
#include "loops_buckets.h"

const struct loops LOOPS = {
	.needs = NEEDS,
	.simulate = simulate,
	.encode = encode,
	.encode_exact = encode_exact,
	.decode = decode,
	.add = add,
	.accumulate = accumulate,
	.finish = finish,
	.errors = errors,
	.layer = layer,
	.gap = gap,
	.fit = fit,
	.squared_error = squared_error,
	.range = range,
	.bucket_places = bucket_places,
	.point_errors = point_errors,
	.grid_errors = grid_errors,
};
