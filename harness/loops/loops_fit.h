/* SPDX-License-Identifier: MIT
 *
 * A part of loops_body.h: sums over what a scale makes of values, for calibrations that look for
 * one.  Lanes are fixed, so that the order of the sums is the same under each instruction set.
 */

enum { FIT_BLOCK = 512 };       /* values of one float32 sum                             */

struct fit_lanes {
	float squares[SUM_LANES], cross[SUM_LANES], codes[SUM_LANES];
};

static ALWAYS_INLINE void fit_one(struct fit_lanes *lanes, int j, float x, float inverse)
{
	const float t = x * inverse;
	const float q = qs_round_small(t, QS_HALF_EVEN), d = t - q;

	lanes->squares[j] += d * d;
	lanes->cross[j] += q * d;
	lanes->codes[j] += q * q;
}

static void fit(const float *x, int64_t count, float inverse, struct loop_fit *sums)
{
	double squares[SUM_LANES] = { 0 }, cross[SUM_LANES] = { 0 }, codes[SUM_LANES] = { 0 };

	for (int64_t at = 0; at < count; at += FIT_BLOCK) {
		const int64_t end = count - at < FIT_BLOCK ? count : at + FIT_BLOCK;
		struct fit_lanes lanes = { 0 };
		int64_t i = at;

		for (; i + SUM_LANES <= end; i += SUM_LANES)
			for (int j = 0; j < SUM_LANES; j++)
				fit_one(&lanes, j, x[i + j], inverse);
		for (int j = 0; i < end; i++, j++)
			fit_one(&lanes, j, x[i], inverse);
		for (int j = 0; j < SUM_LANES; j++) {
			squares[j] += (double)lanes.squares[j];
			cross[j] += (double)lanes.cross[j];
			codes[j] += (double)lanes.codes[j];
		}
	}
	sums->squares += sum_of_lanes(squares);
	sums->cross += sum_of_lanes(cross);
	sums->codes += sum_of_lanes(codes);
}

static ALWAYS_INLINE double error_of(float x, float scale, float low, float high,
				     enum qs_round round)
{
	const float q = x / scale;
	const float above = q > low ? q : low;
	const float back = qs_round_small(above < high ? above : high, round) * scale;
	const double error = (double)back - (double)x;

	return error * error;
}

static ALWAYS_INLINE double squared_error_by(const float *x, int64_t count,
					     const struct loop_grid *grid, enum qs_round round)
{
	const float low = (float)(grid->low - grid->zero), high = (float)(grid->high - grid->zero);
	const float scale = grid->scale;
	double lane[SUM_LANES] = { 0 };
	int64_t i = 0;

	for (; i + SUM_LANES <= count; i += SUM_LANES)
		for (int j = 0; j < SUM_LANES; j++)
			lane[j] += error_of(x[i + j], scale, low, high, round);
	for (int j = 0; i < count; i++, j++)
		lane[j] += error_of(x[i], scale, low, high, round);
	return sum_of_lanes(lane);
}

static double squared_error(const float *x, int64_t count, const struct loop_grid *grid)
{
	return grid->round == QS_HALF_AWAY ? squared_error_by(x, count, grid, QS_HALF_AWAY) :
					     squared_error_by(x, count, grid, QS_HALF_EVEN);
}
