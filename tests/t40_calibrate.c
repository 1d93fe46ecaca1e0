/* SPDX-License-Identifier: MIT
 *
 * Calibrations: cases worked by hand, quantize.py's table, the sort, the search.
 */
#include "support.h"

#include "../harness/calibrate/squared_error.h"
#include "slices.h"

#include <float.h>

static struct range choose_named(const char *calibration, const char *scheme, int bits,
				 double parameter, const float *x, int64_t count)
{
	return choose(calibration_named(calibration), scheme_named(scheme), scale_named("real"),
		      bits, parameter, x, count);
}

static void minmax_by_hand(void **state)
{
	static const float mixed[] = { 3, -1, 2, -0.5F };
	static const float positive[] = { 4, 2, 3 };
	static const float constant[] = { -2, -2, -2 };
	static const float zeros[] = { 0, -0.0F, 0 };
	static const float one[] = { 7 };

	(void)state;
	assert_range(choose_named("minmax", "asymmetric", 8, 0, mixed, 4), -1, 3);
	assert_range(choose_named("minmax", "symmetric", 8, 0, mixed, 4), -3, 3);
	assert_range(choose_named("minmax", "asymmetric", 8, 0, positive, 3), 0, 4);
	assert_range(choose_named("minmax", "symmetric_unsigned", 8, 0, positive, 3), 0, 4);
	assert_range(choose_named("minmax", "asymmetric", 8, 0, constant, 3), -2, 0);
	assert_range(choose_named("minmax", "asymmetric", 8, 0, zeros, 3), 0, 0);
	assert_range(choose_named("minmax", "symmetric", 8, 0, zeros, 3), 0, 0);
	assert_range(choose_named("minmax", "asymmetric", 8, 0, one, 1), 0, 7);
}

/* 1 .. 1000 with every second one negative: |x| of rank r is r. */
static void percentile_by_hand(void **state)
{
	static float x[1000];
	static const float sparse[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 5 };

	(void)state;
	for (int i = 0; i < 1000; i++)
		x[i] = (float)(i % 2 ? -(i + 1) : i + 1);
	assert_range(choose_named("percentile", "symmetric", 8, 99.9, x, 1000), -999, 999);
	assert_range(choose_named("percentile", "symmetric", 8, 90, x, 1000), -900, 900);
	assert_range(choose_named("percentile", "symmetric", 8, 99.95, x, 1000), -1000, 1000);
	assert_range(choose_named("percentile", "symmetric", 8, 50, x, 999), -500, 500);
	/* 0.5 % on each side: ranks 995 and 6; values are -1000, -998 .. -2, 1, 3 .. 999 */
	assert_range(choose_named("percentile", "asymmetric", 8, 99, x, 1000), -990, 989);
	assert_range(choose_named("percentile", "asymmetric", 8, 100, x, 1000), -1000, 999);
	/* 90 % of these are 0: min-max */
	assert_range(choose_named("percentile", "symmetric", 8, 90, sparse, 10), -5, 5);
	assert_range(choose_named("percentile", "symmetric", 8, 95, sparse, 10), -5, 5);
}

static const char *warning(const char *scheme, double parameter, const float *x, int64_t count)
{
	const struct slice slice = slice_of(&room, x, count);
	const struct calibration_task task = { .slice = &slice, .scheme = scheme_named(scheme),
					       .scale = scale_named("real"), .bits = 8,
					       .parameter = parameter };

	return calibration_named("percentile")->warn(&task);
}

static void percentile_warns(void **state)
{
	(void)state;
	for (int i = 0; i < LONGEST; i++)
		values[i] = (float)(i + 1);
	/* 1 / (1 - 0.999) = 1000 values, twice as many for two sides */
	assert_non_null(warning("symmetric", 99.9, values, 999));
	assert_null(warning("symmetric", 99.9, values, 1000));
	assert_non_null(warning("asymmetric", 99.9, values, 1999));
	assert_null(warning("asymmetric", 99.9, values, 2000));
	assert_null(warning("symmetric", 100, values, 10));
	for (int i = 0; i < 9; i++)
		values[i] = 0;
	assert_non_null(warning("symmetric", 90, values, 10));
}

/* The sum of squared errors that mse's range gives. */
static double least_squares(const char *scheme, int bits, const float *x, int64_t count)
{
	const struct range range = choose_named("mse", scheme, bits, 0, x, count);
	const struct grid grid =
		scheme_named(scheme)->grid(range.low, range.high, bits, scale_named("real"));
	const struct slice slice = slice_of(&room, x, count);

	return squared_error_of_values(&slice, &grid, stored_scale(grid.scale));
}

/* 2 bits, restricted: codes -1, 0, 1.  Nine values of +-1 and one of 3, so s is the bound T.
 * T = 3: each 1 becomes 0, 9 squared errors of 1: 9.  T below 2: each 1 costs (1 - T)^2, the 3
 * costs (3 - T)^2: least at T = (9 + 3)/10 = 1.2: 9 * 0.04 + 3.24 = 3.6. */
static void mse_by_hand(void **state)
{
	static const float x[] = { 1, -1, 1, -1, 1, -1, 1, -1, 1, 3 };
	static const float constant[] = { 5, 5, 5, 5 };
	static const float two[] = { 0, 0, 4, 4 };
	static const float zeros[] = { 0, 0 };
	static const float whole[] = { -3, 1, 2, 100, 41, 17, 5 };
	float huge[64];

	(void)state;
	assert_near(least_squares("symmetric_restricted", 2, x, 10), 3.6, 1e-12);
	/* exact under min-max */
	assert_range(choose_named("mse", "asymmetric", 2, 0, constant, 4), 0, 5);
	assert_range(choose_named("mse", "symmetric", 2, 0, constant, 4), -5, 5);
	assert_range(choose_named("mse", "asymmetric", 4, 0, two, 4), 0, 4);
	assert_range(choose_named("mse", "symmetric", 4, 0, zeros, 2), 0, 0);
	/* exact with a step of 1, which is wider than min-max */
	assert_true(least_squares("symmetric", 8, whole, 7) == 0);
	assert_true(least_squares("asymmetric", 8, whole, 7) == 0);
	/* 63 (0.75 - f)^2 + (1 - f)^2 is least at f = 48.25/64, where it is 63/1024; there code -2,
	 * which no value has, means minus infinity */
	for (int i = 0; i < 64; i++)
		huge[i] = i % 2 ? 0.75F * FLT_MAX : i ? -0.75F * FLT_MAX : FLT_MAX;
	assert_near(least_squares("symmetric", 2, huge, 64) / FLT_MAX / FLT_MAX, 63 / 1024.0, 1e-6);
}

static void entropy_by_hand(void **state)
{
	static float x[64];
	int64_t count = 0;

	(void)state;
	/* one bin of one level: the divergence is 0 for every clip, the largest wins */
	for (int i = 0; i < 64; i++)
		x[i] = 5;
	assert_range(choose_named("entropy", "symmetric", 2, 0, x, 64), -5, 5);
	assert_range(choose_named("entropy", "asymmetric", 2, 0, x, 64), 0, 5);
	/* two values, each alone in its level at full range: divergence 0, nothing is clipped */
	for (int i = 0; i < 64; i++)
		x[i] = i % 2 ? 1 : 4;
	assert_range(choose_named("entropy", "symmetric", 2, 0, x, 64), -4, 4);
	for (int i = 0; i < 64; i++)
		x[i] = 0;
	assert_range(choose_named("entropy", "symmetric", 2, 0, x, 64), 0, 0);
	/* 1,024 bins of width 2; 20 values and 1 by turns in the first 100, one value at the end.
	 * The fewer neighbours share one of the 128 levels the better, so the clip is the least
	 * that still has 128 bins: of 32 fractions the twelfth, 144 of 1,024 bins. */
	for (int bin = 0; bin < 100; bin++)
		for (int i = bin % 2 ? 20 : 0; i < 21; i++)
			values[count++] = 2 * (float)bin + 1;
	values[count++] = 2048;
	assert_range(choose_named("entropy", "symmetric", 8, 0, values, count), -288, 288);
}

static void entropy_refuses(void **state)
{
	const struct calibration *entropy = calibration_named("entropy");
	struct slice slice;
	struct calibration_task task = { .slice = &slice, .scheme = scheme_named("symmetric"),
					 .scale = scale_named("real"), .bits = 4 };

	(void)state;
	slice = slice_of(&room, values, 31);
	assert_string_equal(calibration_refuses(entropy, &task), "too few values");
	slice = slice_of(&room, values, 32);
	assert_null(calibration_refuses(entropy, &task));
	/* zeros tell nothing of where to clip */
	values[40] = -0.0F;
	for (int i = 0; i < 40; i++)
		values[i] = i < 9 ? 0 : i % 2 ? 1 : -2;
	slice = slice_of(&room, values, 41);
	assert_string_equal(calibration_refuses(entropy, &task), "too few values");
	values[8] = 3;
	slice = slice_of(&room, values, 41);
	assert_null(calibration_refuses(entropy, &task));
	for (int i = 0; i < 40; i++)
		values[i] = 0;
	slice = slice_of(&room, values, 40);
	assert_null(calibration_refuses(entropy, &task));
	slice = slice_of(&room, values, 31);
	assert_string_equal(calibration_refuses(entropy, &task), "too few values");
}

/* Every scheme makes the grid whose range it was given, a power of two under both scale rules. */
static void ranges_of_grids(void **state)
{
	static const double scales[] = { 0x1p-149, 0x1p-126, 0.1F, 1, 0.0078125F, 3.14159F, 0x1p120 };

	(void)state;
	for (const struct value *const *v = scheme_values; *v; v++)
		for (int bits = 2; bits <= 16; bits++)
			for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
				const struct calibration_task task = {
					.scheme = (const struct scheme *)*v, .bits = bits,
				};
				const int32_t zero = task.scheme->symmetric ? 0 : 1 << (bits - 1);
				const struct range range = range_of_grid(&task, scales[i], zero);
				const struct grid grid = task.scheme->grid(range.low, range.high, bits,
									   scale_named("real"));
				int exponent;

				assert_true(stored_scale(grid.scale) == (float)scales[i]);
				assert_int_equal(grid.zero, zero);
				if (frexp(scales[i], &exponent) == 0.5)
					assert_true(task.scheme->grid(range.low, range.high, bits,
								      scale_named("power_of_two"))
							    .scale == scales[i]);
			}
}

/* calibration,parameter,scheme,scale,bits,low,high,data */
static void check_line(char *const *fields)
{
	const int64_t count = golden_data(fields[7], values);
	const struct range range =
		choose(calibration_named(fields[0]), scheme_named(fields[2]),
		       scale_named(fields[3]), atoi(fields[4]), strtod(fields[1], NULL), values,
		       count);
	const double low = strtod(fields[5], NULL), high = strtod(fields[6], NULL);

	if (fabs(range.low - low) > 1e-12 * fabs(low) || fabs(range.high - high) > 1e-12 * high)
		fail_msg("%s %s %s %s b%s on %.30s: [%.17g, %.17g] instead of [%.17g, %.17g]",
			 fields[0], fields[1], fields[2], fields[3], fields[4], fields[7],
			 range.low, range.high, low, high);
}

static void golden(void **state)
{
	(void)state;
	assert_true(golden_lines("calibrations.csv", check_line) >= 150);
}

/* The two costs of mse agree within rounding, for grids wider and narrower than the data. */
static void two_costs_agree(void **state)
{
	(void)state;
	golden_wave(values, LONGEST, 11, "cubic");
	const struct slice slice = slice_of(&room, values, LONGEST);
	for (const struct value *const *v = scheme_values; *v; v++)
		for (int bits = 2; bits <= 12; bits++)
			for (int k = 1; k <= 40; k++) {
				const struct scheme *scheme = (const struct scheme *)*v;
				const double bound = k / 20.0;
				const struct grid grid = scheme->grid(-bound, bound / 3, bits,
								      scale_named("real"));
				const float scale = stored_scale(grid.scale);

				assert_near(squared_error_of_codes(&slice, &grid, scale),
					    squared_error_of_values(&slice, &grid, scale), 1e-6);
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(minmax_by_hand), cmocka_unit_test(percentile_by_hand),
		cmocka_unit_test(percentile_warns), cmocka_unit_test(mse_by_hand),
		cmocka_unit_test(entropy_by_hand), cmocka_unit_test(entropy_refuses),
		cmocka_unit_test(golden), cmocka_unit_test(ranges_of_grids),
		cmocka_unit_test(two_costs_agree),
	};

	return cmocka_run_group_tests(tests, setup_room, free_room);
}
