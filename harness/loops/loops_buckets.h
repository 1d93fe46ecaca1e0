/* SPDX-License-Identifier: MIT
 *
 * A part of loops_body.h: a histogram's buckets, and sums over them for grids or points side by
 * side.  Each lane adds bucket after bucket, so that it has the bits of a plain loop.
 */

enum { BUCKETS_A_LOOK = 16 };   /* after so many: is any lane still cheap enough?        */

static void bucket_places(const float *restrict x, int64_t count, float width, float first,
			  float last, uint16_t *restrict place)
{
	for (int64_t i = 0; i < count; i++) {
		const float q = x[i] / width - first;
		const float above = q > -1 ? q : -1;
		const float near = above < last + 1 ? above : last + 1;

		place[i] = (uint16_t)((int32_t)roundf(near) + 1);
	}
}

static ALWAYS_INLINE float added_error(float sum, double share, float error)
{
	return (float)((double)sum + share * ((double)error * (double)error));
}

static void point_errors(const struct loop_buckets *buckets, int32_t from, int32_t to, float side,
			 const float *point, float *sums)
{
	float sum[POINT_LANES] = { 0 };

	for (int32_t j = from; j < to; j++) {
		const float x = buckets->middle[j];
		const double share = buckets->share[j];

		for (int lane = 0; lane < POINT_LANES; lane++) {
			const float beyond = (x - point[lane]) * side;

			sum[lane] = added_error(sum[lane], share, beyond <= 0 ? 0 : beyond);
		}
	}
	memcpy(sums, sum, sizeof sum);
}

static void grid_errors(const struct loop_buckets *buckets, const struct loop_bucket_grids *grids,
			float most, float *costs)
{
	double sum[GRID_LANES] = { 0 };
	float cost[GRID_LANES];
	int32_t from = grids->from[0], to = grids->to[0];
	int cheap = 1;

	for (int lane = 0; lane < GRID_LANES; lane++) {
		from = grids->from[lane] < from ? grids->from[lane] : from;
		to = grids->to[lane] > to ? grids->to[lane] : to;
	}
	memcpy(cost, grids->penalty, sizeof cost);
	for (int32_t at = from; at < to && cheap; at += BUCKETS_A_LOOK) {
		const int32_t end = to - at < BUCKETS_A_LOOK ? to : at + BUCKETS_A_LOOK;

		for (int32_t j = at; j < end; j++) {
			const float x = buckets->middle[j];
			const double share = buckets->share[j];

			for (int lane = 0; lane < GRID_LANES; lane++) {
				const float delta = grids->delta[lane];
				const float offset = grids->offset[lane];
				const float code = roundf(x / delta - offset) + offset;
				const double error = (double)(x - delta * code);
				const double next =
					(double)(float)(sum[lane] + share * (error * error));

				sum[lane] = j >= grids->from[lane] && j < grids->to[lane] ? next :
									      sum[lane];
			}
		}
		cheap = 0;
		for (int lane = 0; lane < GRID_LANES; lane++)
			cost[lane] = grids->penalty[lane] + (float)sum[lane];
		for (int lane = 0; lane < GRID_LANES; lane++)
			cheap |= !(cost[lane] > most);
	}
	memcpy(costs, cost, sizeof cost);
}
