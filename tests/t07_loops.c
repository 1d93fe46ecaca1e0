/* SPDX-License-Identifier: MIT
 *
 * The loops over elements: each row of the table that this processor runs, against the arithmetic
 * of kernels/affine.h one element at a time, and fmaf of the C library.
 */
#include "support.h"

#include "../harness/loops/loops.h"
#include "../harness/random.h"
#include "../kernels/affine.h"

#include <float.h>
#include <math.h>

enum { COUNT = 9001 };          /* a block of 4,096 twice, and an odd end                */

static float x[COUNT], back[COUNT];
static uint8_t a[65536], b[65536], codes[65536];

/* Values of many magnitudes, halves of a step, and what lies far outside. */
static void fill(float scale)
{
	static const float odd[] = { 0.0F, -0.0F, FLT_MAX, -FLT_MAX, FLT_MIN, -1e-42F };

	for (int i = 0; i < COUNT; i++) {
		const struct random4 r = random_at(3, 1, (uint64_t)i);

		if (i % 3)
			x[i] = (float)((int)(r.word[0] % 1200) - 600) * 0.5F * scale;
		else
			x[i] = ldexpf((float)r.word[0] - 0x1p31F, (int)(r.word[1] % 40) - 55);
	}
	memcpy(x, odd, sizeof odd);
}

static void check_grid(const struct loops *loops, const struct loop_grid *grid)
{
	struct loop_tally tally = { 1, 2, 3 }, expected = tally;

	fill(grid->scale);
	loops->simulate(x, COUNT, grid, back, &tally);
	loops->encode(x, COUNT, grid, -grid->low, codes);
	for (int i = 0; i < COUNT; i++) {
		const int32_t code = qs_affine_code(x[i], grid->scale, grid->zero, grid->low,
						    grid->high, grid->round);
		const float rounded = qs_affine_round(x[i], grid->scale, grid->round);
		const float value = qs_affine_value(code, grid->scale, grid->zero) + 0.0F;

		expected.saturated += rounded < (float)(grid->low - grid->zero) ||
				      rounded > (float)(grid->high - grid->zero);
		expected.nonzero += x[i] != 0;
		expected.lost_zero += x[i] != 0 && code == grid->zero;
		if (memcmp(&back[i], &value, sizeof value))
			fail_msg("simulate %a: %a, expected %a", (double)x[i], (double)back[i],
				 (double)value);
		if (codes[i] != code - grid->low)
			fail_msg("encode %a: %d, expected %d", (double)x[i], codes[i],
				 (int)(code - grid->low));
	}
	assert_true(tally.saturated == expected.saturated &&
		    tally.lost_zero == expected.lost_zero && tally.nonzero == expected.nonzero);
}

static void grids(const struct loops *loops)
{
	static const struct loop_grid cases[] = {
		{ 0.05F, 3, -128, 127, QS_HALF_EVEN }, { 0.05F, -7, -128, 127, QS_HALF_AWAY },
		{ 0.25F, 200, 0, 255, QS_HALF_EVEN },  { 1e-3F, 0, 0, 255, QS_HALF_AWAY },
		{ 3.0F, 0, -8, 7, QS_HALF_EVEN },      { 0x1p-140F, 0, -128, 127, QS_HALF_EVEN },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		check_grid(loops, &cases[i]);
}

/* Codes, what they mean, and codes again. */
static void there_and_back(const struct loops *loops)
{
	for (int i = 0; i < COUNT; i++)
		a[i] = (uint8_t)i;
	loops->decode(a, COUNT, 0.3F, 77, x);
	for (int i = 0; i < COUNT; i++)
		assert_true(x[i] == (float)(a[i] - 77) * 0.3F);
	loops->encode_exact(x, COUNT, 0.3F, 77, codes);
	assert_memory_equal(a, codes, COUNT);
}

static void all_pairs(const struct loops *loops, const struct loop_adder *adder)
{
	for (int i = 0; i < 65536; i++) {
		a[i] = (uint8_t)(i / 256);
		b[i] = (uint8_t)i;
	}
	loops->add(adder, a, b, 65536, codes);
	for (int i = 0; i < 65536; i++) {
		const float q = fmaf((float)(b[i] - adder->zero_b), adder->scale_b,
				     (float)(a[i] - adder->zero_a) * adder->scale_a);
		const float rounded = adder->round == QS_HALF_AWAY ? roundf(q) : rintf(q);
		const float code = rounded + (float)adder->zero;
		const int expected = code < (float)adder->low ? adder->low :
				     code > (float)adder->high ? adder->high : (int)code;

		if (codes[i] != expected)
			fail_msg("add %d %d: %d, expected %d", a[i], b[i], codes[i], expected);
	}
}

static void adders(const struct loops *loops)
{
	static const struct loop_adder cases[] = {
		{ 0.5F, 0.5F, 0, 0, 0, 0, 255, QS_HALF_EVEN },
		{ 0.5F, 0.25F, 128, 7, 128, 0, 255, QS_HALF_AWAY },
		{ 0.7182818F, 0.3141592F, 100, 130, 9, 9, 255, QS_HALF_EVEN },
		{ 1e5F, 1e-5F, 3, 200, 128, 64, 192, QS_HALF_EVEN },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		all_pairs(loops, &cases[i]);
}

static void gaps(const struct loops *loops)
{
	uint64_t different = 5;

	memset(a, 7, sizeof a);
	memset(b, 7, sizeof b);
	assert_int_equal(loops->gap(a, b, COUNT, &different), 0);
	assert_int_equal(different, 5);
	a[17] = 0;
	b[8999] = 255;
	b[9000] = 8;
	assert_int_equal(loops->gap(a, b, COUNT, &different), 248);
	assert_int_equal(different, 8);
	assert_int_equal(loops->gap(a, b, 17, &different), 0);
	a[100] = 255;
	b[100] = 1;
	assert_int_equal(loops->gap(a, b, COUNT, &different), 254);
}

static void ranges(const struct loops *loops)
{
	static const float bad[] = { NAN, INFINITY, -INFINITY };
	float low, high;

	for (int i = 0; i < COUNT; i++)
		x[i] = 1 + (float)(i % 100);
	assert_true(loops->range(x, COUNT, &low, &high) && low == 0 && high == 100);
	x[COUNT - 1] = -3;
	x[40] = 1000;
	assert_true(loops->range(x, COUNT, &low, &high) && low == -3 && high == 1000);
	assert_true(loops->range(x, 1, &low, &high) && low == 0 && high == 1);
	for (int i = 0; i < 3; i++)
		for (int place = 0; place < 3; place++) {
			const int at = (int[]){ 0, 40, COUNT - 1 }[place];
			const float kept = x[at];

			x[at] = bad[i];
			assert_false(loops->range(x, COUNT, &low, &high));
			x[at] = kept;
		}
}

static double folded(double *lane)
{
	for (int half = 8; half; half /= 2)
		for (int i = 0; i < half; i++)
			lane[i] += lane[i + half];
	return lane[0];
}

static void same_sums(double (*lanes)[SUM_LANES], double (*expected)[SUM_LANES], int count,
		      const char *what, int place)
{
	for (int i = 0; i < count; i++) {
		if (memcmp(lanes[i], expected[i], sizeof *lanes))
			fail_msg("%s: lanes of sum %d from %d", what, i, place);
		assert_true(sum_of_lanes(lanes[i]) == folded(expected[i]));
	}
}

/* Lane by lane, from every place of a turn, of counts around it; huge values and NaN too. */
static void error_lanes(const struct loops *loops)
{
	static const int counts[] = { 0, 1, 15, 16, 17, 33, 4096 };

	fill(0.01F);
	loops->simulate(x, COUNT, &(struct loop_grid){ 0.05F, 3, -128, 127, QS_HALF_EVEN }, back,
			&(struct loop_tally){ 0 });
	back[4000] = x[77] = NAN;
	for (int place = 0; place < 20; place++)
		for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
			struct loop_errors sums = { 0 }, expected = { 0 };

			loops->errors(x + place, back + place, place, counts[c], 3.7, &sums);
			for (int i = place; i < place + counts[c]; i++) {
				const double from = (double)x[i], to = (double)back[i];
				const double e = to - from, terms[ERROR_SUMS] = {
					e, e * e, e * 3.7, e * 3.7 * (e * 3.7), from * from,
					to * to, from * to
				};

				for (int k = 0; k < ERROR_SUMS; k++)
					expected.lane[k][i % 16] += terms[k];
				if (fabs(e) > expected.most[i % 16])
					expected.most[i % 16] = fabs(e);
			}
			assert_memory_equal(sums.most, expected.most, sizeof sums.most);
			/* all but what a NaN has come into: its bits are not one */
			if (place + counts[c] < 77)
				same_sums(sums.lane, expected.lane, ERROR_SUMS, "errors", place);
			else if (counts[c] == 4096)
				assert_true(isnan(sums.lane[ERROR_PLAIN][77 % 16]) &&
					    isnan(sums.lane[ERROR_PRODUCT][4000 % 16]));
		}
}

/* A layer's outputs: the same of four runs. */
static void layer_lanes(const struct loops *loops)
{
	static float isolated[COUNT], integer[COUNT];
	static const int counts[] = { 0, 3, 16, 100, 4096 };

	for (int i = 0; i < COUNT; i++) {
		const struct random4 r = random_at(4, 4, (uint64_t)i);

		x[i] = (float)(int32_t)r.word[0] * 1e-8F;
		back[i] = x[i] + (float)(int32_t)r.word[1] * 1e-10F;
		isolated[i] = x[i] + (float)(int32_t)r.word[2] * 1e-10F;
		integer[i] = x[i] + (float)(int32_t)r.word[3] * 1e-10F;
	}
	for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
		struct loop_layer sums = { 0 }, expected = { 0 };

		loops->layer(x, isolated, back, integer, counts[c], &sums);
		for (int i = 0; i < counts[c]; i++) {
			const double from = (double)x[i], to = (double)back[i], e = to - from;
			const double e1 = (double)isolated[i] - from;
			const double e2 = (double)integer[i] - from;
			const double terms[LAYER_SUMS] = { from * from, e1 * e1, e * e, e2 * e2,
							   to * to, from * to };

			for (int k = 0; k < LAYER_SUMS; k++)
				expected.lane[k][i % 16] += terms[k];
			expected.most[i % 16] = fmax(expected.most[i % 16], fabs(e));
		}
		assert_memory_equal(sums.most, expected.most, sizeof sums.most);
		same_sums(sums.lane, expected.lane, LAYER_SUMS, "layer", 0);
	}
}

/* Two groups, then scale and bias; sums that wrap, zero points of both signs. */
static void scaled_sums(const struct loops *loops)
{
	static int32_t sums[COUNT], weight_sums[COUNT];
	static float scales[COUNT], bias[COUNT], acc[COUNT];
	const float scale = 0.37F;

	for (int i = 0; i < COUNT; i++) {
		const struct random4 r = random_at(9, 2, (uint64_t)i);

		sums[i] = (int32_t)r.word[0] >> (i % 3 ? 8 : 0);
		weight_sums[i] = (int32_t)(r.word[1] % 60001) - 30000;
		scales[i] = (float)(r.word[2] % 1000 + 1) * 1e-4F;
		bias[i] = (float)(int32_t)r.word[3] * 1e-6F;
		acc[i] = NAN;   /* of what was there the first group takes nothing */
	}
	loops->accumulate(sums, 0, weight_sums, scales, true, COUNT, acc);
	loops->accumulate(sums, -131, weight_sums, scales, false, COUNT, acc);
	for (int biased = 0; biased < 2; biased++) {
		loops->finish(acc, scale, biased ? bias : NULL, COUNT, back);
		for (int i = 0; i < COUNT; i++) {
			const int32_t moved = (int32_t)((uint32_t)sums[i] +
							131U * (uint32_t)weight_sums[i]);
			const float first = (float)sums[i] * scales[i];
			const float both = fmaf((float)moved, scales[i], first);
			const float value = biased ? fmaf(both, scale, bias[i]) : both * scale;

			if (memcmp(&back[i], &value, sizeof value))
				fail_msg("sum %d: %a, expected %a", i, (double)back[i],
					 (double)value);
		}
	}
}

/* What a scale costs: near the sums taken singly, and the same bits under each row. */
static void costs(const struct loops *loops)
{
	static const int64_t counts[] = { 0, 1, 15, 16, 17, 511, 512, 513, COUNT };

	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		const struct loop_grid grid = { 0.37F, 3, -100, 120, QS_HALF_AWAY };
		struct loop_fit sums = { 1, 2, 3 }, first = sums, single = sums;
		double squares = 0;

		for (int64_t j = 0; j < counts[i]; j++)
			x[j] = (float)((int32_t)random_at(4, 1, (uint64_t)j).word[0] % 6000) * 0.01F;
		loops->fit(x, counts[i], 1 / 0.37F, &sums);
		loops_ref.fit(x, counts[i], 1 / 0.37F, &first);
		loops->simulate(x, counts[i], &grid, back, &(struct loop_tally){ 0 });
		for (int64_t j = 0; j < counts[i]; j++) {
			const double t = (double)(x[j] * (1 / 0.37F)), q = rint(t), d = t - q;
			const double e = (double)back[j] - (double)x[j];

			single.squares += d * d;
			single.cross += q * d;
			single.codes += q * q;
			squares += e * e;
		}
		assert_memory_equal(&sums, &first, sizeof sums);
		assert_true(fabs(sums.squares - single.squares) <= 2e-6 * single.squares);
		assert_true(fabs(sums.cross - single.cross) <= 1e-6 * single.codes);
		assert_true(fabs(sums.codes - single.codes) <= 2e-6 * single.codes);
		const double error = loops->squared_error(x, counts[i], &grid);
		assert_true(fabs(error - squares) <= 1e-13 * squares);
		assert_true(error == loops_ref.squared_error(x, counts[i], &grid));
	}
}

/* Halves between places, what lies outside, and what no float is near. */
static void places(const struct loops *loops)
{
	static uint16_t place[COUNT];
	static const float odd[] = { FLT_MAX, -FLT_MAX, 0x1.fffffep-2F, -0x1.fffffep-2F, 0x1p-149F };
	const float width = 0x1p-3F, first = -17.5F;

	for (int i = 0; i < COUNT; i++)
		x[i] = ((float)(i % 600) * 0.5F - 150) * width;
	memcpy(x, odd, sizeof odd);
	for (float shift = 0; shift < 2; shift += 0.25F) {
		loops->bucket_places(x, COUNT, width, first + shift, 99, place);
		for (int i = 0; i < COUNT; i++) {
			const float whole = roundf(x[i] / width - (first + shift));
			const int expected = whole < 0 ? 0 : whole > 99 ? 101 : (int)whole + 1;

			if (place[i] != expected)
				fail_msg("%a: place %d, expected %d", (double)x[i], place[i],
					 expected);
		}
	}
	x[0] = FLT_MAX;
	loops->bucket_places(x, 1, 0x1p-100F, INFINITY, 99, place);
	assert_int_equal(place[0], 0);
}

enum { BUCKETS = 301 };
static float middle[BUCKETS];
static double share[BUCKETS];
static const struct loop_buckets buckets = { middle, share };

static void fill_buckets(void)
{
	for (int i = 0; i < BUCKETS; i++) {
		const struct random4 r = random_at(8, 3, (uint64_t)i);

		middle[i] = (float)(i - 140) * 0.013F + (i < 100 ? -0.5F : 0.0F);
		share[i] = ldexp((double)r.word[0], -38 - (int)(r.word[1] % 30));
	}
}

static float with_error(float sum, int i, float error)
{
	return (float)((double)sum + share[i] * ((double)error * (double)error));
}

static void point_sums(const struct loops *loops)
{
	float point[POINT_LANES], sums[POINT_LANES];

	fill_buckets();
	for (int lane = 0; lane < POINT_LANES; lane++)
		point[lane] = middle[lane * 9];
	point[3] = -10;
	point[4] = 10;
	for (int from = 0; from < BUCKETS; from += 43)
		for (int side = -1; side < 2; side += 2) {
			const int to = BUCKETS - from / 2;

			loops->point_errors(&buckets, from, to, (float)side, point, sums);
			for (int lane = 0; lane < POINT_LANES; lane++) {
				float sum = 0;

				for (int i = from; i < to; i++)
					if (side < 0 ? middle[i] < point[lane] :
						       middle[i] > point[lane])
						sum = with_error(sum, i, middle[i] - point[lane]);
				assert_true(sums[lane] == sum);
			}
		}
	loops->point_errors(&buckets, 7, 7, 1, point, sums);
	for (int lane = 0; lane < POINT_LANES; lane++)
		assert_true(sums[lane] == 0);
	/* infinity less infinity is no number, and is not left out */
	middle[9] = point[0] = INFINITY;
	loops->point_errors(&buckets, 9, 10, 1, point, sums);
	assert_true(isnan(sums[0]) && isinf(sums[1]));
}

static float grid_cost(const struct loop_bucket_grids *grids, int lane)
{
	const float delta = grids->delta[lane], offset = grids->offset[lane];
	float sum = 0;

	for (int i = grids->from[lane]; i < grids->to[lane]; i++)
		sum = with_error(sum, i,
				 middle[i] - delta * (roundf(middle[i] / delta - offset) + offset));
	return grids->penalty[lane] + sum;
}

static void grid_sums(const struct loops *loops)
{
	struct loop_bucket_grids grids;
	float costs[GRID_LANES], expected[GRID_LANES];
	static const float deltas[] = { 0.026F, 0.013F, 0.31F, 0.007F, 1.7F, 3e-9F, 1e-42F };

	fill_buckets();
	for (int at = 0; at < 40; at++) {
		float least = INFINITY;

		for (int lane = 0; lane < GRID_LANES; lane++) {
			const struct random4 r = random_at(8, 4, (uint64_t)(at * 16 + lane));

			grids.delta[lane] = deltas[r.word[0] % 7] * (r.word[1] % 4 ? 1 : 1.5F);
			grids.offset[lane] = (float)(int)(r.word[1] % 511) - 255;
			grids.penalty[lane] = ldexpf((float)(r.word[2] % 3), -10);
			grids.from[lane] = (int32_t)(r.word[3] % 200);
			grids.to[lane] = (int32_t)(r.word[3] / 200 % (BUCKETS + 1));
			expected[lane] = grid_cost(&grids, lane);
			least = expected[lane] < least ? expected[lane] : least;
		}
		loops->grid_errors(&buckets, &grids, INFINITY, costs);
		assert_memory_equal(costs, expected, sizeof costs);
		/* one is not above the most, and so none is cut short */
		loops->grid_errors(&buckets, &grids, least, costs);
		assert_memory_equal(costs, expected, sizeof costs);
		const float most = nextafterf(least, -1);

		loops->grid_errors(&buckets, &grids, most, costs);
		for (int lane = 0; lane < GRID_LANES; lane++)
			assert_true(costs[lane] > most && costs[lane] <= expected[lane]);
	}
}

static void every_row(void **state)
{
	static void (*const checks[])(const struct loops *) = { grids, there_and_back, adders,
								gaps, ranges, scaled_sums,
								error_lanes, layer_lanes, costs,
								places, point_sums, grid_sums };
	const uint64_t cpu = cpu_features();
	const struct loops *last = NULL;

	(void)state;
	for (const struct loops *const *row = loops_table; *row; row++) {
		if ((*row)->needs & ~cpu)
			continue;
		for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
			checks[i](*row);
		last = *row;
	}
	assert_ptr_equal(loops_best(), last);
	assert_int_equal(loops_table[0]->needs, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_row) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
