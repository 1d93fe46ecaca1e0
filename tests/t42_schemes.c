/* SPDX-License-Identifier: MIT
 *
 * Schemes and scale rules: worked examples, quantize.py's table, and what every row of the tables
 * must hold for any range.
 */
#include "support.h"

#include "golden.h"

#include <float.h>

static const struct format *int_format(void)
{
	return format_of(value_find(format_values, "int"));
}

static struct grid grid_of(const char *scheme, const char *scale, double low, double high, int bits)
{
	return scheme_named(scheme)->grid(low, high, bits, scale_named(scale));
}

/* 20 values whose codes, scales and errors were worked by hand (8 bits, half to even). */
static const float worked[20] = {
	127.48F, -40.1F, 0, 89.74F, 124.38F, -39.1F, 126.48F, 21.2F, -35.99F, 124.16F,
	5.92F, 41.68F, 23.6F, -26.4F, -21.51F, -20.6F, 94.49F, 85.07F, 70.11F, 76.91F
};

static void check_worked(struct grid grid, const int32_t *codes, double mse)
{
	const float scale = stored_scale(grid.scale);
	int32_t found[20];
	float back[20];
	struct tally tally = { 0 };
	double sum = 0;

	int_format()->encode(worked, 20, &grid, scale, QS_HALF_EVEN, found);
	int_format()->simulate(worked, 20, &grid, scale, QS_HALF_EVEN, back, &tally);
	for (int i = 0; i < 20; i++) {
		const double error = (double)back[i] - (double)worked[i];

		assert_int_equal(found[i], codes[i]);
		sum += error * error;
	}
	assert_true(fabs(sum / 20 - mse) < 0.00005);
	assert_int_equal(tally.saturated, 0);
	assert_int_equal(tally.nonzero, 19);
}

static void worked_example(void **state)
{
	static const int32_t asymmetric[20] = { 255, 0, 61, 198, 250, 2, 253, 93, 6, 250,
						70, 124, 97, 21, 28, 30, 205, 190, 168, 178 };
	static const int32_t symmetric[20] = { 127, -40, 0, 89, 124, -39, 126, 21, -36, 124,
					       6, 42, 24, -26, -21, -21, 94, 85, 70, 77 };
	/* the numbers as decimals, not as float32 gives them: the scales are those of the page */
	const struct grid a = grid_of("asymmetric", "real", -40.1, 127.48, 8);
	const struct grid s = grid_of("symmetric", "real", -127.48, 127.48, 8);

	(void)state;
	assert_true(a.scale == 0.6571764705882354);
	assert_int_equal(a.zero, 61);
	check_worked(a, asymmetric, 0.0348);
	assert_true(s.scale == 1.003779527559055);
	assert_int_equal(s.zero, 0);
	check_worked(s, symmetric, 0.0772);
}

static void saturation_example(void **state)
{
	static const float x[8] = { -1, -0.5F, 0, 0.5F, 1, 2, 3, 4 };
	static const int32_t codes[8] = { -2, -1, 0, 1, 2, 4, 6, 8 };
	static const int32_t clipped[8] = { -128, -100, 0, 100, 127, 127, 127, 127 };
	const struct grid grid = { .scale = 0.5, .zero = 0, .low = -128, .high = 127 };
	struct tally tally = { 0 };
	float hundred[8], back[8];
	int32_t found[8];

	(void)state;
	for (int i = 0; i < 8; i++)
		hundred[i] = 100 * x[i];
	int_format()->encode(x, 8, &grid, 0.5F, QS_HALF_EVEN, found);
	assert_memory_equal(found, codes, sizeof codes);
	int_format()->simulate(x, 8, &grid, 0.5F, QS_HALF_EVEN, back, &tally);
	assert_int_equal(tally.saturated, 0);
	int_format()->encode(hundred, 8, &grid, 0.5F, QS_HALF_EVEN, found);
	assert_memory_equal(found, clipped, sizeof clipped);
	int_format()->simulate(hundred, 8, &grid, 0.5F, QS_HALF_EVEN, back, &tally);
	assert_int_equal(tally.saturated, 5);
}

/* scheme,scale,bits,low,high,step,zero,code_low,code_high,codes_even,codes_away */
static void check_line(char *const *fields)
{
	static const float x[12] = { -4, -2.5F, -1, -0.6F, -0.25F, 0, 0.1F, 0.5F, 0.75F, 1.5F,
				     2.5F, 3 };
	const struct grid grid = grid_of(fields[0], fields[1], strtod(fields[3], NULL),
					 strtod(fields[4], NULL), atoi(fields[2]));

	assert_true(grid.scale == strtod(fields[5], NULL));
	assert_int_equal(grid.zero, atoi(fields[6]));
	assert_int_equal(grid.low, atoi(fields[7]));
	assert_int_equal(grid.high, atoi(fields[8]));
	for (int round = QS_HALF_EVEN; round <= QS_HALF_AWAY; round++) {
		double expected[12];
		int32_t codes[12];

		assert_int_equal(golden_numbers(fields[9 + round], expected), 12);
		int_format()->encode(x, 12, &grid, stored_scale(grid.scale), (enum qs_round)round,
				     codes);
		for (int i = 0; i < 12; i++)
			assert_int_equal(codes[i], (int32_t)expected[i]);
	}
}

static void golden(void **state)
{
	(void)state;
	assert_true(golden_lines("schemes.csv", check_line) >= 80);
}

static void scales(void **state)
{
	static const struct { double from, to; } powers[] = {
		{ 1, 1 }, { 1.0000001, 2 }, { 0.75, 1 }, { 0.5, 0.5 }, { 3, 4 }, { 1e-3, 0x1p-9 },
		{ 0x1p-149, 0x1p-149 }, { 1e-60, 0x1p-149 }, { 0x1p127, 0x1p127 },
		{ (double)FLT_MAX, 0x1p127 }, { 127.0 / 128, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof powers / sizeof *powers; i++) {
		assert_true(scale_named("power_of_two")->choose(powers[i].from) == powers[i].to);
		assert_true(scale_named("real")->choose(powers[i].from) == powers[i].from);
	}
	assert_true(stored_scale(0.1) == 0.1F);
	assert_true(stored_scale(1e-60) == FLT_TRUE_MIN);
	assert_true(stored_scale(0x1.8p-149) == 0x1p-148F);
	assert_true(stored_scale(2 * (double)FLT_MAX / 3) == (float)(2 * (double)FLT_MAX / 3));
}

/* Zero has a code of its own, the ends of the range are at most half a step (and the zero point's
 * half) outside the grid, the scale is finite, for ranges from denormal to huge. */
static void check_range(const struct scheme *scheme, const struct scale_rule *scale, double low,
			double high)
{
	for (int bits = 2; bits <= 16; bits++) {
		const struct grid grid = scheme->grid(low, high, bits, scale);
		const double stored = (double)stored_scale(grid.scale);
		const double least = (grid.low - grid.zero) * grid.scale;
		const double greatest = (grid.high - grid.zero) * grid.scale;

		assert_true(grid.scale > 0 && isfinite(grid.scale));
		assert_true(stored > 0 && isfinite(stored));
		assert_true(grid.low <= grid.zero && grid.zero <= grid.high);
		assert_int_equal(grid.low, scheme->unsigned_codes ? 0 : grid.low);
		assert_true(grid.high - grid.low < 1 << bits);
		if (scale->power_of_two && grid.scale == 0x1p127)
			continue;
		assert_true(high <= greatest + 0.500001 * grid.scale);
		if (!scheme->needs_nonnegative)
			assert_true(low >= least - 0.500001 * grid.scale);
	}
}

static void properties(void **state)
{
	static const double bounds[] = { 0, 1e-45, 1e-40, 1e-20, 0.3, 1, 77.7, 1e10, 3e38,
					 (double)FLT_MAX };
	const size_t count = sizeof bounds / sizeof *bounds;

	(void)state;
	for (const struct value *const *v = scheme_values; *v; v++)
		for (const struct value *const *s = scale_values; *s; s++)
			for (size_t i = 0; i < count * count; i++) {
				const struct scheme *scheme = (const struct scheme *)*v;
				const double high = bounds[i % count];

				check_range(scheme, (const struct scale_rule *)*s,
					    scheme->needs_nonnegative ? 0 :
					    scheme->symmetric ? -high : -bounds[i / count], high);
			}
}

static void degenerate(void **state)
{
	(void)state;
	for (const struct value *const *v = scheme_values; *v; v++)
		for (const struct value *const *s = scale_values; *s; s++) {
			const struct grid grid = ((const struct scheme *)*v)->grid(
				0, 0, 8, (const struct scale_rule *)*s);

			assert_true(grid.scale == 1);
			assert_int_equal(grid.zero, 0);
		}
	/* one-sided ranges put the zero point at an end */
	assert_int_equal(grid_of("asymmetric", "real", -3, 0, 8).zero, 255);
	assert_int_equal(grid_of("asymmetric", "real", 0, 3, 8).zero, 0);
	/* power of two: s = 2^0 (5/7 rounded up), z = rint(2/1), not rint(2/(5/7)) = 3 */
	assert_int_equal(grid_of("asymmetric", "power_of_two", -2, 3, 3).zero, 2);
	assert_true(grid_of("asymmetric", "power_of_two", -2, 3, 3).scale == 1);
	assert_int_equal(grid_of("asymmetric", "real", -2, 3, 3).zero, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(worked_example), cmocka_unit_test(saturation_example),
		cmocka_unit_test(golden), cmocka_unit_test(scales), cmocka_unit_test(properties),
		cmocka_unit_test(degenerate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
