/* SPDX-License-Identifier: MIT
 *
 * The rules of least squares: mse is never worse, as measured, than any other rule that is blind to
 * order, and near brute force over scales and zero points; its bound is one; powers of two.
 *
 * Truth: brute force here tries every scale of a dense row and every window of codes, value by
 * value; tests/golden/make/least_squares.py does the same in numpy.
 */
#include "support.h"

#include "../datasets/synthetic/generator.h"
#include "../harness/calibrate/lower_bound.h"
#include "../harness/calibrate/squared_error.h"
#include "rules.h"
#include "slices.h"

#include <float.h>

enum { ROWS = 4, COLUMNS = 256, MANY = 32 };

static const struct scheme *scheme_of_row(const struct value *const *row)
{
	return (const struct scheme *)*row;
}

/* Fewer columns where a slice is small: a group of 1 of 64 values says as much. */
static const struct {
	const char *granularity;
	int64_t rows, columns;
} slicings[] = { { "tensor", ROWS, COLUMNS }, { "channel", ROWS, COLUMNS },
		 { "group1", 1, 12 }, { "group2", 1, 24 }, { "group8", 2, 40 },
		 { "group32", 2, 96 }, { "group128", 2, 200 } };

/* All rules of one slicing, scheme, scale, bits and rounding: mse's measured error is the least.
 * half_away breaks ties of float32 quotients that are none of the values: 1e-6. */
static void check_least(const struct tensor *tensor, const char *granularity,
			const struct scheme *scheme, const struct value *scale, int bits,
			enum qs_round round)
{
	struct rule rules[MANY] = { 0 };
	struct operand_case cases[MANY];
	size_t count = 0, mse = MANY;
	struct error error;

	for (const struct value *const *v = calibration_values; *v; v++) {
		if (calibration_of(*v)->observer || !value_stands_alone(*v))
			continue;
		rules[count] = rule_of(bits, scheme->value.name, granularity, (*v)->name);
		rules[count].scale = scale;
		cases[count] = (struct operand_case){ .rule = &rules[count], .round = round };
		if (!strcmp((*v)->name, "mse"))
			mse = count;
		count++;
	}
	const struct slicing slicing = slicing_of(&rules[0]);
	assert_int_equal(operand_measure(tensor, &slicing, "tensor", cases, count, &error), 0);
	if (cases[mse].outcome != OUTCOME_DONE)
		return;
	for (size_t i = 0; i < count; i++)
		if (cases[i].outcome == OUTCOME_DONE &&
		    !(cases[mse].numbers.mse <=
		      cases[i].numbers.mse * (round == QS_HALF_EVEN ? 1 + 1e-10 : 1 + 1e-6)))
			fail_msg("%s %s %s b%d, %s: %.17g, mse %.17g", granularity,
				 scheme->value.name, scale->name, bits,
				 rules[i].calibration->name, cases[i].numbers.mse,
				 cases[mse].numbers.mse);
}

/* Every distribution, scheme, scale rule, width, rounding and size of a slice; of their product
 * each ninth, another one for each seed. */
static void never_worse(void **state)
{
	static const int widths[] = { 2, 3, 4, 5, 6, 7, 8, 12, 16 };
	static float x[ROWS * COLUMNS];
	size_t turn = 0;

	(void)state;
	for (const struct value *const *g = synthetic_values; *g; g++)
		for (size_t i = 0; i < sizeof slicings / sizeof *slicings; i++)
			for (const struct value *const *v = scheme_values; *v; v++)
				for (const struct value *const *s = scale_values; *s; s++)
					for (size_t seed = 0; seed < 2; seed++, turn++) {
						struct tensor tensor =
							tensor_of(&env, x, slicings[i].rows,
								  slicings[i].columns);
						const int bits = widths[(turn * 5 + seed) % 9];

						((const struct generator *)*g)
							->fill(x, tensor.rows, tensor.columns, seed);
						check_least(&tensor, slicings[i].granularity,
							    scheme_of_row(v), *s, bits,
							    seed ? QS_HALF_AWAY : QS_HALF_EVEN);
					}
}

/* The cost of a scale under its best window, or `enough` where it is no less. */
static double brute_cost(const float *x, int64_t count, float scale, const struct grid *grid,
			 bool moves, double enough)
{
	double least = enough;

	for (int32_t zero = 0; zero <= (moves ? grid->high : 0); zero++) {
		const float low = (float)(grid->low - zero), high = (float)(grid->high - zero);
		double cost = 0;

		for (int64_t i = 0; i < count && cost < least; i++) {
			const float q = rintf(x[i] / scale);
			const float code = q < low ? low : q > high ? high : q;
			const double e = (double)(code * scale) - (double)x[i];

			cost += e * e;
		}
		least = cost < least ? cost : least;
	}
	return least;
}

static double brute(const float *x, int64_t count, const struct grid *widest, bool moves)
{
	enum { SCALES = 600 };
	double least = (double)INFINITY;

	for (int i = SCALES; i > SCALES / 50; i--)
		least = brute_cost(x, count, (float)(widest->scale * i / SCALES), widest, moves,
				   least);
	return least;
}

/* In a scrambled order a cost that is too much is seen early. */
static void scramble(float *x, int64_t count)
{
	for (int64_t i = count - 1; i > 0; i--) {
		const int64_t j = (int64_t)((uint64_t)i * 2654435761U % (uint64_t)(i + 1));
		const float swap = x[i];

		x[i] = x[j];
		x[j] = swap;
	}
}

static void check_near(const struct generator *generator, const char *scheme, int bits,
		       int64_t count)
{
	const struct scale_rule *scale = scale_named("real");
	double bound = -1;

	generator->fill(values, 1, count, 7);
	scramble(values, count);
	const struct slice slice = slice_of(&room, values, count);
	const struct calibration_task task = { .slice = &slice, .scheme = scheme_named(scheme),
					       .scale = scale, .bits = bits,
					       .least_squares = &bound };
	const struct range widest = slice_range(&slice, task.scheme);
	const struct range range = calibration_named("mse")->choose(&task);
	const struct grid wide = task.scheme->grid(widest.low, widest.high, bits, scale);
	const struct grid grid = task.scheme->grid(range.low, range.high, bits, scale);
	const double found = squared_error_of_values(&slice, &grid, stored_scale(grid.scale));
	const double least = brute(values, count, &wide, !task.scheme->symmetric);

	/* 0.1 dB */
	if (!(found <= least * 1.0232929922807541))
		fail_msg("%s %s b%d n%lld: %.17g, brute force %.17g", generator->value.name, scheme,
			 bits, (long long)count, found, least);
	if (!(bound >= 0 && bound <= least && bound <= found))
		fail_msg("%s %s b%d n%lld: bound %.17g, brute force %.17g, found %.17g",
			 generator->value.name, scheme, bits, (long long)count, bound, least,
			 found);
}

static void near_brute_force(void **state)
{
	(void)state;
	for (const struct value *const *g = synthetic_values; *g; g++) {
		const struct generator *generator = (const struct generator *)*g;

		if (!strcmp((*g)->name, "constant") || !strcmp((*g)->name, "zero"))
			continue;
		for (int bits = 2; bits <= 8; bits++) {
			check_near(generator, "symmetric", bits, 1000);
			check_near(generator, "symmetric_full", bits, 800);
			check_near(generator, "asymmetric", bits, 600);
		}
	}
}

/* The other bound by hand.  The first scale that is looked at is 0.97 of the best, here 1; of codes
 * -2 .. 1 that clips more than anybody asks for.  Runs of less than 1: 0 1/4 1/2 7/8 above 10, the
 * first three of which are better 1 higher (sum 37/8, squares 357/64: 357/64 - 1369/256 = 59/256);
 * 0 1/8 1/4 above 20, as they are (3/8 and 5/64: 5/64 - 3/64 = 1/32); and 1000. */
static void bound_by_hand(void **state)
{
	static const float x[] = { 10, 10.25F, 10.5F, 10.875F, 20, 20.125F, 20.25F, 1000 };
	const struct slice slice = slice_of(&room, x, 8);
	const struct calibration_task task = { .slice = &slice, .bits = 2,
					       .scheme = scheme_named("symmetric"),
					       .scale = scale_named("real") };
	const struct squared_error error = squared_error_of(&task, 1);

	(void)state;
	assert_near(squared_error_lower_bound(&error, (float)(1 / 0.97), 0.1),
		    59 / 256.0 + 1 / 32.0, 1e-6);
}

/* It is one wherever it is asked for: beside the best scale and far from it. */
static void bound_holds(void **state)
{
	static const double far[] = { 1, 0.6, 1.5 };
	double nearest = 0;

	(void)state;
	for (const struct value *const *g = synthetic_values; *g; g++)
		for (int i = 0; i < 2 * 5 * 3; i++) {
			struct calibration_task task = {
				.scheme = scheme_named(i % 2 ? "asymmetric" : "symmetric"),
				.scale = scale_named("real"), .bits = 2 + i / 2 % 5,
			};

			((const struct generator *)*g)->fill(values, 1, 400, 3);
			scramble(values, 400);
			const struct slice slice = slice_of(&room, values, 400);
			task.slice = &slice;
			const struct range widest = slice_range(&slice, task.scheme);
			const struct grid wide = task.scheme->grid(widest.low, widest.high,
								   task.bits, task.scale);
			if (!(widest.high > widest.low))
				continue;
			const double least = brute(values, 400, &wide, i % 2);
			const struct squared_error error = squared_error_of(&task, 1);
			const double bound = squared_error_lower_bound(
				&error, (float)(wide.scale * far[i / 10]), least);

			if (!(bound >= 0 && bound <= least))
				fail_msg("%s %s b%d: bound %.17g, brute force %.17g", (*g)->name,
					 task.scheme->value.name, task.bits, bound, least);
			nearest = least > 0 && bound / least > nearest ? bound / least : nearest;
		}
	assert_true(nearest > 0.5);
}

/* mse looks at other rules with their standard parameters.  What users give them wins nothing to speak
 * of either, 0.001 dB, though the cost is rough: on its way to the least it has many dips. */
static void other_parameters(void **state)
{
	enum { LONG = 16384 };
	static const struct {
		const char *name;
		double first, step;
	} rules[] = { { "percentile", 99, 0.11 }, { "sigma", 2, 0.4 } };
	static const char *const names[] = { "gaussian", "laplace", "channel_spread" };
	static float x[LONG];
	struct slice_room long_room;
	double share = 0;
	int count = 0;
	struct error error;

	(void)state;
	assert_int_equal(slice_room_new(&long_room, &env, LONG, &error), 0);
	for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
		((const struct generator *)value_find(synthetic_values, names[n]))
			->fill(x, 4, LONG / 4, 1);
		const struct slice slice = slice_of(&long_room, x, LONG);

		for (int i = 0; i < 2 * 10 * 7; i++) {
			const int bits = 2 + i % 7, r = i / 7 % 2;
			double bound;
			struct calibration_task task = { .slice = &slice, .bits = bits,
							 .least_squares = &bound,
							 .scheme = scheme_named("symmetric"),
							 .scale = scale_named("real") };
			const struct range least = calibration_named("mse")->choose(&task);
			const struct grid best = task.scheme->grid(least.low, least.high, bits,
								   task.scale);
			task.parameter = rules[r].first + rules[r].step * (i / 14);
			const struct range other = calibration_named(rules[r].name)->choose(&task);
			const struct grid grid = task.scheme->grid(other.low, other.high, bits,
								   task.scale);
			const double found = squared_error_of_grid(&slice, &best,
								   stored_scale(best.scale));
			const double by_other = squared_error_of_grid(&slice, &grid,
								      stored_scale(grid.scale));

			share += bound / found;
			count++;
			if (!(found <= by_other * 1.0002302850208247))
				fail_msg("%s b%d %s(%g): %.17g, mse %.17g", names[n], bits,
					 rules[r].name, task.parameter, by_other, found);
		}
	}
	slice_room_free(&long_room);
	/* of long slices there are candidates enough for a bound that says something */
	print_message("# bounds are %.4f of what is found\n", share / count);
	assert_true(share / count > 0.7);
}

/* The squared errors on a grid, those of saturated values weighted; in float32 as measured. */
static double weighted(const float *x, int64_t count, const struct grid *grid, double weight)
{
	const double low = grid->low - grid->zero, high = grid->high - grid->zero;
	const float scale = stored_scale(grid->scale);
	double cost = 0;

	for (int64_t i = 0; i < count; i++) {
		const double quotient = (double)(x[i] / scale), code = rint(quotient);
		const double clipped = code < low ? low : code > high ? high : code;
		const double e = (double)((float)clipped * scale) - (double)x[i];

		cost += e * e * (quotient < low - 0.5 || quotient > high + 0.5 ? weight : 1);
	}
	return cost;
}

/* calibration,scheme,scale,bits,cost,low,high,data: no more than 0.1 dB above the cost, or the
 * range where there is none. */
static void check_line(char *const *fields)
{
	const struct calibration *calibration = calibration_named(fields[0]);
	const struct scheme *scheme = scheme_named(fields[1]);
	const int64_t count = golden_data(fields[7], values);
	const int bits = atoi(fields[3]);
	const double cost = strtod(fields[4], NULL);
	const struct range range = choose(calibration, scheme, scale_named(fields[2]), bits,
					  calibration->value.standard, values, count);
	const struct grid grid = scheme->grid(range.low, range.high, bits, scale_named(fields[2]));

	if (!(cost > 0))
		assert_range(range, strtod(fields[5], NULL), strtod(fields[6], NULL));
	else if (!(weighted(values, count, &grid, fields[0][0] == 's' ? 3 : 1) <=
		   cost * 1.0232929922807541))
		fail_msg("%s %s %s b%s on %s: %.17g, brute force %.17g", fields[0], fields[1],
			 fields[2], fields[3], fields[7],
			 weighted(values, count, &grid, fields[0][0] == 's' ? 3 : 1), cost);
}

static void golden(void **state)
{
	(void)state;
	assert_true(golden_lines("least_squares.csv", check_line) >= 500);
}

static struct range choose_power(const char *calibration, const char *scheme, int bits,
				 const float *x, int64_t count)
{
	return choose(calibration_named(calibration), scheme_named(scheme), scale_named("real"),
		      bits, 0, x, count);
}

/* Worked by hand from pos = floor(log2(1 / max(min / (-2^(b-1) - 0.5), max / (2^(b-1) - 0.5)))). */
static void powers_by_hand(void **state)
{
	static const float fits[] = { -1, 0.25F, 127.5F }, over[] = { -1, 127.6F };
	static const float low[] = { -128.5F, 3 }, both[] = { -3, 12.5F };

	(void)state;
	assert_range(choose_power("power_of_two_nonoverflow", "symmetric", 8, fits, 3), -127, 127);
	assert_range(choose_power("power_of_two_nonoverflow", "symmetric", 8, over, 2), -254, 254);
	assert_range(choose_power("power_of_two_nonoverflow", "symmetric", 8, low, 2), -127, 127);
	/* restricted has no code -128: 128.5 wants a step of 2 */
	assert_range(choose_power("power_of_two_nonoverflow", "symmetric_restricted", 8, low, 2),
		     -254, 254);
	/* -3 .. 12.5 in codes 0 .. 15: the zero point 3 leaves 12 codes above 0, half a step short */
	assert_range(choose_power("power_of_two_nonoverflow", "asymmetric", 4, both, 2), -3, 12);
}

/* 2 bits, codes -2 .. 1: of 63 ones and a 6 the power without overflow is 4 (6 / 1.5), where each 1
 * costs 1 and the 6 costs 4: 67.  s = 2: ones are ties (2 or 0, cost 1), the 6 costs 16: 79.
 * s = 1: 0 and 25.  s = 1/2 and 1/4 clip the ones. */
static void power_of_least_error(void **state)
{
	float x[64];

	(void)state;
	for (int i = 0; i < 64; i++)
		x[i] = i ? 1 : 6;
	assert_range(choose_power("power_of_two_nonoverflow", "symmetric", 2, x, 64), -4, 4);
	assert_range(choose_power("power_of_two_least_error", "symmetric", 2, x, 64), -1, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(never_worse), cmocka_unit_test(near_brute_force),
		cmocka_unit_test(bound_by_hand), cmocka_unit_test(bound_holds),
		cmocka_unit_test(other_parameters), cmocka_unit_test(golden),
		cmocka_unit_test(powers_by_hand),
		cmocka_unit_test(power_of_least_error),
	};

	return cmocka_run_group_tests(tests, setup_room, free_room);
}
