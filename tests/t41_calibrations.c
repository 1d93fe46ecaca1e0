/* SPDX-License-Identifier: MIT
 *
 * What every calibration must hold under every scheme, scale and width, and on odd values; what it
 * costs.
 */
#include "support.h"

#include "slices.h"

#include <float.h>

/* The sum of squared errors; *worst: the worst error, in steps, of a value inside the grid. */
static double error_of(const struct scheme *scheme, const struct scale_rule *scale, int bits,
		       struct range range, enum qs_round round, const float *x, int64_t count,
		       double *worst)
{
	const struct grid grid = scheme->grid(range.low, range.high, bits, scale);
	const float stored = stored_scale(grid.scale);
	static float back[LONGEST], again[LONGEST];
	struct tally tally = { 0 };
	double sum = 0;

	format_of(value_find(format_values, "int"))->simulate(x, count, &grid, stored, round, back,
							      &tally);
	*worst = 0;
	for (int64_t i = 0; i < count; i++) {
		const double error = (double)back[i] - (double)x[i];

		sum += error * error;
		if ((double)x[i] >= (grid.low - grid.zero) * (double)stored &&
		    (double)x[i] <= (grid.high - grid.zero) * (double)stored)
			*worst = fmax(*worst, fabs(error) / (double)stored);
	}
	/* quantizing what came back changes nothing */
	format_of(value_find(format_values, "int"))->simulate(back, count, &grid, stored, round,
							      again, &tally);
	assert_memory_equal(back, again, (size_t)count * sizeof *back);
	return sum;
}

struct setup {
	const struct calibration *calibration;
	const struct scheme *scheme;
	const struct scale_rule *scale;
	int bits;
};

/* The others choose a scale, and may take one that is wider than min-max. */
static bool clips(const char *name)
{
	return strcmp(name, "mse") && strcmp(name, "sqnr") && strncmp(name, "power_of_two", 12);
}

static void check_setup(const struct setup *setup, const float *x, int64_t count)
{
	const struct slice slice = slice_of(&room, x, count);
	const struct calibration_task task = { .slice = &slice, .scheme = setup->scheme,
					       .scale = setup->scale, .bits = setup->bits,
					       .parameter = setup->calibration->value.standard };
	const bool in_order = setup->calibration->observer, given = setup->calibration->value.pair;
	const struct range widest = slice_range(&slice, setup->scheme);
	static float shuffled[LONGEST];
	double worst, worst_of_widest;

	if (calibration_refuses(setup->calibration, &task))
		return;
	const struct range range = choose(setup->calibration, setup->scheme, setup->scale,
					  setup->bits, task.parameter, x, count);
	assert_true(range.low <= 0 && range.high >= 0);
	if (!in_order && !given) {
		if (clips(setup->calibration->value.name))
			assert_true(widest.low <= range.low && range.high <= widest.high);
		assert_true((range.high > range.low) == (widest.high > widest.low));
	}
	if (setup->scheme->symmetric)
		assert_true(range.low == (setup->scheme->unsigned_codes ? 0 : -range.high));
	for (int round = QS_HALF_EVEN; round <= QS_HALF_AWAY; round++) {
		const double least = error_of(setup->scheme, setup->scale, setup->bits, widest,
					      (enum qs_round)round, x, count, &worst_of_widest);
		const double found = error_of(setup->scheme, setup->scale, setup->bits, range,
					      (enum qs_round)round, x, count, &worst);

		/* the quotient is a float: 16-bit codes lose 2^15 of its 2^24 steps */
		assert_true(worst <= 0.5 + 0.003 && worst_of_widest <= 0.5 + 0.003);
		if (!strcmp(setup->calibration->value.name, "mse"))
			assert_true(found <= least * (1 + 1e-12));
	}
	/* in another order, the same range */
	for (int64_t i = 0; i < count; i++)
		shuffled[i] = x[(i * 7 + 3) % count];
	if (count % 7 && !in_order) {
		const struct range same = choose(setup->calibration, setup->scheme, setup->scale,
						 setup->bits, task.parameter, shuffled, count);
		assert_range(same, range.low, range.high);
	}
}

/* Every width under one calibration, scheme and scale. */
static void check_widths(struct setup setup, const float *x, int64_t count)
{
	for (setup.bits = 2; setup.bits <= 16; setup.bits += 1 + setup.bits / 4)
		check_setup(&setup, x, count);
}

static void check_all(const float *x, int64_t count)
{
	float least = 0;

	for (int64_t i = 0; i < count; i++)
		least = x[i] < least ? x[i] : least;
	for (const struct value *const *c = calibration_values; *c; c++)
		for (const struct value *const *v = scheme_values; *v; v++)
			for (const struct value *const *s = scale_values; *s; s++) {
				const struct setup setup = {
					.calibration = calibration_of(*c),
					.scheme = (const struct scheme *)*v,
					.scale = (const struct scale_rule *)*s,
				};

				if (!setup.scheme->needs_nonnegative || !(least < 0))
					check_widths(setup, x, count);
			}
}

static void properties(void **state)
{
	static const char *const shapes[] = { "cubic", "spike", "positive", "negative", "shifted",
					      "heavy" };
	static const int64_t counts[] = { 1, 5, 32, 300, 2000 };

	(void)state;
	for (uint32_t i = 0; i < 30; i++) {
		golden_wave(values, counts[i / 6], i, shapes[i % 6]);
		check_all(values, counts[i / 6]);
	}
}

/* A range and a usable grid. */
static void check_usable(const struct calibration *calibration, const struct scheme *scheme,
			 const float *x, int64_t count)
{
	const struct scale_rule *scale = scale_named("real");

	for (int bits = 2; bits <= 16; bits++) {
		const struct slice slice = slice_of(&room, x, count);
		const struct calibration_task task = {
			.slice = &slice, .scheme = scheme, .scale = scale, .bits = bits,
			.parameter = calibration->value.standard,
		};

		if (calibration_refuses(calibration, &task))
			continue;
		const struct range range = choose(calibration, scheme, scale, bits, task.parameter,
						  x, count);
		const struct grid grid = scheme->grid(range.low, range.high, bits, scale);
		const float stored = stored_scale(grid.scale);

		assert_true(range.low <= 0 && range.high >= 0);
		assert_true(isfinite(range.high - range.low));
		assert_true(stored > 0 && isfinite(stored));
	}
}

static void odd_values(void **state)
{
	static const float rows[][6] = {
		{ 1e-45F, 3e-45F, 1e-44F, 0, 4e-44F, 2e-42F }, { FLT_MAX, 1, 0, 3e38F, 2, 1e30F },
		{ FLT_MAX, -FLT_MAX, 0, 1, -1, 3e38F }, { 5, 5, 5, 5, 5, 5 }, { 0, 0, 0, 0, 0, 0 },
		{ -1e-45F, -1e-45F, 0, 0, 0, 0 }, { FLT_MIN, FLT_MIN, 0, 1e-39F, 0, 0 },
		{ -0.0F, -0.0F, 0, -0.0F, 0, 0 }, { -7, -7, -7, -7, -7, -7 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		bool negative = false;

		for (int j = 0; j < 600; j++) {
			values[j] = rows[i][j % 6];
			negative = negative || values[j] < 0;
		}
		for (const struct value *const *c = calibration_values; *c; c++)
			for (const struct value *const *v = scheme_values; *v; v++) {
				const struct scheme *scheme = (const struct scheme *)*v;

				if (!negative || !scheme->needs_nonnegative)
					check_usable(calibration_of(*c), scheme, values, 600);
			}
	}
}

/* What a slice remembers for the next recipe is what was found. */
static void remembered(void **state)
{
	(void)state;
	golden_wave(values, 500, 4, "heavy");
	for (const struct value *const *c = calibration_values; *c; c++) {
		const struct calibration *calibration = calibration_of(*c);
		struct range first = { 0 };

		for (int turn = 0; turn < 4 && !calibration->observer; turn++) {
			/* a new slice, the same one, one that answered another rule */
			const struct slice slice = slice_of(&room, values, 500);
			const struct calibration_task task = {
				.slice = &slice, .scheme = scheme_named("asymmetric"),
				.scale = scale_named("real"), .bits = 2,
				.parameter = calibration->value.standard,
			};

			if (turn >= 2)
				calibration_choose(calibration_named("sigma"), &task);
			for (int again = 0; again <= turn % 2; again++) {
				const struct range range = calibration_choose(calibration, &task);

				if (turn)
					assert_range(range, first.low, first.high);
				first = range;
			}
		}
	}
}

/* Twice the recipes on one slice do not cost twice the sort. */
static void visits(void **state)
{
	(void)state;
	golden_wave(values, 1000, 1, "cubic");
	room.visits = 0;
	const struct slice slice = slice_of(&room, values, 1000);
	assert_int_equal(room.visits, 1000);
	const struct calibration_task task = { .slice = &slice,
					       .scheme = scheme_named("symmetric"),
					       .scale = scale_named("real"), .bits = 8,
					       .parameter = 99.9 };
	calibration_named("minmax")->choose(&task);
	assert_int_equal(room.visits, 1002);
	calibration_named("percentile")->choose(&task);
	/* 31 bits of a magnitude, two searches over 1000 values each */
	assert_true(room.visits < 1002 + 31 * 2 * 14);
	calibration_named("mse")->choose(&task);
	assert_true(room.visits < 1000 + 31 * 2 * 14 + 200 * 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(properties), cmocka_unit_test(odd_values),
		cmocka_unit_test(visits), cmocka_unit_test(remembered),
	};

	return cmocka_run_group_tests(tests, setup_room, free_room);
}
