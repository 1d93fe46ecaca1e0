/* SPDX-License-Identifier: MIT
 *
 * Error numbers: quantize.py's, cases by hand, slicings, bytes, what cannot be measured, shared
 * work, and lack of memory at every allocation.
 */
#include "support.h"

#include "../harness/measure/error_sums.h"
#include "rules.h"

#include <float.h>

enum { LONGEST = GOLDEN_VALUES };

static struct env env;
static float values[LONGEST], back[LONGEST];

/* scheme,bits,rounding,mse,rmse_over_step,sqnr_db,max_abs,mean_error,cosine,saturated,lost,data */
static void check_line(char *const *fields)
{
	const int64_t count = golden_data(fields[11], values);
	const struct tensor tensor = tensor_of(&env, values, 1, count);
	const struct rule rule = rule_of(atoi(fields[1]), fields[0], "tensor", "minmax");
	const struct rounding *rounding =
		(const struct rounding *)find(rounding_values, fields[2]);
	struct operand_case one = measure_rule(&tensor, &rule, rounding->round);
	const struct error_numbers *numbers = &one.numbers;
	const double found[] = { numbers->mse, numbers->rmse_over_step, numbers->sqnr_db,
				 numbers->max_abs, numbers->mean_error, numbers->cosine,
				 numbers->saturated_fraction, numbers->zero_fraction };

	assert_int_equal(one.outcome, OUTCOME_DONE);
	assert_int_equal(numbers->elements, count);
	assert_false(numbers->exact);
	for (int i = 0; i < 8; i++)
		assert_near(found[i], strtod(fields[3 + i], NULL), i == 4 ? 1e-10 : 1e-13);
	assert_near(numbers->rmse, sqrt(numbers->mse), 0);
	env_free(&env, one.grids);
}

static void golden(void **state)
{
	(void)state;
	assert_int_equal(golden_lines("errors.csv", check_line), 12);
}

/* 2 bits, symmetric_restricted: codes -1, 0, 1 and the scale is max|x| of the slice. */
static void by_hand(void **state)
{
	float x[10] = { 1, 0, -4, 1, 3, 8, 2, -8, 0, 16 };
	const struct tensor tensor = tensor_of(&env, x, 2, 5);
	const struct { const char *granularity; double squares, bytes; } rows[] = {
		/* 16: 1 0 -4 1 3 -> 0; 8/16 -> 0 (even), 2 -> 0, -8 -> 0, 16 */
		{ "tensor", 1 + 16 + 1 + 9 + 64 + 4 + 64, 4 + 4 },
		/* 4: 1 -> 0, -4, 1 -> 0, 3 -> 4; 16: as above */
		{ "channel", 1 + 1 + 1 + 64 + 4 + 64, 4 + 8 },
		/* 1 0 | -4 1 | 3 and 8 2 | -8 0 | 16: 1 -> 0 and 2 -> 0 */
		{ "group2", 1 + 4, 4 + 24 },
		/* columns 1 8, 0 2, -4 -8, 1 0, 3 16: 1 -> 0, -4/8 -> 0, 3 -> 0 */
		{ "channel1", 1 + 16 + 9, 4 + 20 },
		{ "group5", 1 + 1 + 1 + 64 + 4 + 64, 4 + 8 },
		{ "group99", 1 + 1 + 1 + 64 + 4 + 64, 4 + 8 },
		{ "group1", 0, 4 + 40 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct rule rule =
			rule_of(2, "symmetric_restricted", rows[i].granularity, "minmax");
		struct operand_case one = measure_rule(&tensor, &rule, QS_HALF_EVEN);
		double squares = 0;

		assert_near(one.numbers.mse, rows[i].squares / 10, 1e-15);
		assert_near(one.numbers.bytes, rows[i].bytes, 0);
		assert_int_equal(one.numbers.exact, rows[i].squares == 0);
		assert_int_equal(isnan(one.numbers.sqnr_db), rows[i].squares == 0);
		assert_int_equal(isnan(one.numbers.scale), i != 0);
		operand_simulate(&tensor, &one, back);
		for (int j = 0; j < 10; j++)
			squares += (double)(back[j] - x[j]) * (double)(back[j] - x[j]);
		assert_near(squares, rows[i].squares, 0);
		env_free(&env, one.grids);
	}
}

/* Range, scale and zero point are told of a whole tensor alone. */
static void whole_tensor_fields(void **state)
{
	float x[5] = { -1, 0, 1, 2, 3 };
	const struct tensor tensor = tensor_of(&env, x, 1, 5);
	struct rule rule = rule_of(3, "asymmetric", "tensor", "minmax");
	struct operand_case one = measure_rule(&tensor, &rule, QS_HALF_EVEN);

	(void)state;
	assert_near(one.numbers.range_low, -1, 0);
	assert_near(one.numbers.range_high, 3, 0);
	assert_near(one.numbers.scale, (double)(float)(4.0 / 7), 0);
	assert_near(one.numbers.zero_point, 2, 0);
	/* ceil(5 * 3 / 8) + 4 + 1 */
	assert_near(one.numbers.bytes, 7, 0);
	env_free(&env, one.grids);
	rule.scale = find(scale_values, "power_of_two");
	one = measure_rule(&tensor, &rule, QS_HALF_EVEN);
	assert_near(one.numbers.scale, 1, 0);
	assert_near(one.numbers.zero_point, 1, 0);
	assert_near(one.numbers.bytes, 4, 0);
	assert_true(one.numbers.exact && one.numbers.mse == 0);
	env_free(&env, one.grids);
	rule = rule_of(12, "asymmetric", "tensor", "minmax");
	one = measure_rule(&tensor, &rule, QS_HALF_EVEN);
	assert_near(one.numbers.bytes, 8 + 4 + 2, 0);
	env_free(&env, one.grids);
	rule = rule_of(32, NULL, NULL, NULL);
	one = measure_rule(&tensor, &rule, QS_HALF_EVEN);
	assert_true(one.numbers.exact && isnan(one.numbers.sqnr_db) && isnan(one.numbers.scale));
	assert_near(one.numbers.bytes, 20, 0);
	assert_null(one.grids);
}

/* Channels of any axis of a tensor whose memory order is not its shape's. */
static void any_axis(void **state)
{
	/* shape [2][3][4], laid out as axis 1, 2, 0 */
	struct tensor tensor = { .env = &env, .rank = 3, .shape = { 2, 3, 4 }, .axis = 1,
				 .order = { 1, 2, 0 }, .rows = 3, .columns = 8, .values = values };

	(void)state;
	golden_wave(values, 24, 4, "cubic");
	for (int axis = 0; axis < 3; axis++) {
		char granularity[16];
		double squares = 0;

		snprintf(granularity, sizeof granularity, "channel%d", axis);
		const struct rule rule = rule_of(3, "symmetric_restricted", granularity, "minmax");
		struct operand_case one = measure_rule(&tensor, &rule, QS_HALF_EVEN);
		operand_simulate(&tensor, &one, back);
		for (int i = 0; i < 24; i++) {
			const int index[3] = { i % 2, i / 8, i / 2 % 4 };
			float most = 0;

			for (int j = 0; j < 24; j++) {
				const int other[3] = { j % 2, j / 8, j / 2 % 4 };

				if (other[axis] == index[axis])
					most = fmaxf(most, fabsf(values[j]));
			}
			const float scale = (float)((double)most / 3);
			assert_true(back[i] == rintf(values[i] / scale) * scale);
			squares += pow((double)back[i] - (double)values[i], 2);
		}
		assert_near(one.numbers.mse, squares / 24, 1e-13);
		env_free(&env, one.grids);
	}
	const struct rule rule = rule_of(3, "symmetric", "channel3", "minmax");
	const struct operand_case one = measure_rule(&tensor, &rule, QS_HALF_EVEN);
	assert_int_equal(one.outcome, OUTCOME_SKIPPED);
	assert_non_null(strstr(one.reason, "the tensor has 3 axes"));
}

/* A dynamic range is a row's own: a batch never changes a sample's result. */
static void dynamic(void **state)
{
	struct rule rule = rule_of(4, "asymmetric", "tensor", "percentile");
	const struct tensor all = tensor_of(&env, values, 5, 300);
	static float alone[300];

	(void)state;
	rule.range = find(range_values, "dynamic");
	golden_wave(values, 1500, 9, "spike");
	struct operand_case whole = measure_rule(&all, &rule, QS_HALF_EVEN);
	operand_simulate(&all, &whole, back);
	assert_true(isnan(whole.numbers.scale));
	for (int row = 0; row < 5; row++) {
		const struct tensor sample = tensor_of(&env, values + row * 300, 1, 300);
		struct operand_case one = measure_rule(&sample, &rule, QS_HALF_EVEN);

		operand_simulate(&sample, &one, alone);
		assert_memory_equal(alone, back + row * 300, sizeof alone);
		env_free(&env, one.grids);
	}
	env_free(&env, whole.grids);
	rule = rule_of(4, "asymmetric", "channel1", "minmax");
	rule.range = find(range_values, "dynamic");
	whole = measure_rule(&all, &rule, QS_HALF_EVEN);
	assert_int_equal(whole.outcome, OUTCOME_SKIPPED);
}

static void not_finite(void **state)
{
	struct tensor tensor = tensor_of(&env, values, 10, 4);
	struct error error;

	(void)state;
	for (int i = 0; i < 40; i++)
		values[i] = FLT_MAX;
	assert_int_equal(tensor_check_finite(&tensor, "x", &error), 0);
	values[17] = values[20] = values[39] = NAN;
	values[18] = -INFINITY;
	assert_int_equal(tensor_check_finite(&tensor, "x", &error), -1);
	assert_string_equal(error.text, "tensor 'x' holds 3 NaN and 1 infinite values, the first "
					"at index 17");
	/* shape [4][10], laid out by axis 1: memory place 17 = row 4, column 1 is [1][4] */
	tensor.shape[0] = 4;
	tensor.shape[1] = 10;
	tensor.axis = tensor.order[0] = 1;
	tensor.order[1] = 0;
	values[20] = values[39] = values[18] = 0;
	assert_int_equal(tensor_check_finite(&tensor, "x", &error), -1);
	assert_string_equal(error.text, "tensor 'x' holds 1 NaN and 0 infinite values, the first "
					"at index 14");
}

static void odd_tensors(void **state)
{
	float huge[3] = { 3e38F, -3e38F, 1 }, zeros[4] = { 0, -0.0F, 0, 0 };
	float denormal[4] = { 1e-45F, -3e-45F, 4e-45F, 0 }, negative[2] = { -1, 1 };
	const struct tensor tensors[] = {
		tensor_of(&env, huge, 1, 3), tensor_of(&env, zeros, 2, 2),
		tensor_of(&env, denormal, 1, 4), tensor_of(&env, negative, 1, 2),
	};
	struct rule rule = rule_of(8, "symmetric", "tensor", "minmax");
	struct operand_case one = measure_rule(&tensors[0], &rule, QS_HALF_EVEN);

	(void)state;
	assert_int_equal(one.outcome, OUTCOME_DONE);
	assert_true(one.numbers.max_abs <= 3e38 * 1e-6);
	env_free(&env, one.grids);
	/* code -128 means -128 * FLT_MAX / 127.5 */
	huge[1] = -FLT_MAX;
	rule = rule_of(8, "symmetric_full", "tensor", "minmax");
	one = measure_rule(&tensors[0], &rule, QS_HALF_EVEN);
	assert_int_equal(one.outcome, OUTCOME_FAILED);
	assert_non_null(strstr(one.reason, "infinite"));
	env_free(&env, one.grids);
	for (const struct value *const *scheme = scheme_values; *scheme; scheme++) {
		rule = rule_of(4, (*scheme)->name, "channel", "mse");
		one = measure_rule(&tensors[1], &rule, QS_HALF_EVEN);
		assert_int_equal(one.outcome, OUTCOME_DONE);
		assert_true(one.numbers.exact && one.numbers.mse == 0);
		assert_true(isnan(one.numbers.sqnr_db) && isnan(one.numbers.cosine));
		assert_true(one.numbers.zero_fraction == 0 && one.numbers.saturated_fraction == 0);
		env_free(&env, one.grids);
	}
	/* whole multiples of 2^-149, and so is the scale: exact */
	rule = rule_of(8, "symmetric", "tensor", "minmax");
	one = measure_rule(&tensors[2], &rule, QS_HALF_EVEN);
	assert_true(one.numbers.exact);
	assert_near(one.numbers.scale, 0x1p-149, 0);
	env_free(&env, one.grids);
	rule = rule_of(8, "symmetric_unsigned", "tensor", "minmax");
	one = measure_rule(&tensors[3], &rule, QS_HALF_EVEN);
	assert_int_equal(one.outcome, OUTCOME_SKIPPED);
	assert_string_equal(one.reason, "the observed minimum is below 0");
	env_free(&env, one.grids);
	rule = rule_of(8, "symmetric", "tensor", "entropy");
	one = measure_rule(&tensors[3], &rule, QS_HALF_EVEN);
	assert_int_equal(one.outcome, OUTCOME_SKIPPED);
	assert_string_equal(one.reason, "too few values");
	env_free(&env, one.grids);
	rule = rule_of(8, "symmetric", "tensor", "percentile");
	one = measure_rule(&tensors[3], &rule, QS_HALF_EVEN);
	assert_int_equal(one.outcome, OUTCOME_DONE);
	assert_non_null(strstr(one.warning, "min-max"));
	env_free(&env, one.grids);
}

/* More slices than a stretch holds, short ones at the end of each row: each keeps its own scale. */
static void scales_are_kept(void **state)
{
	enum { ROWS = 20, COLUMNS = 400, GROUP = 3 };
	const struct tensor tensor = tensor_of(&env, values, ROWS, COLUMNS);
	const struct rule rule = rule_of(8, "symmetric", "group3", "minmax");
	struct operand_case one;
	int64_t slice = 0;

	(void)state;
	golden_wave(values, ROWS * COLUMNS, 8, "cubic");
	one = measure_rule(&tensor, &rule, QS_HALF_EVEN);
	assert_int_equal(one.outcome, OUTCOME_DONE);
	for (int row = 0; row < ROWS; row++)
		for (int from = 0; from < COLUMNS; from += GROUP, slice++) {
			double bound = 0;

			for (int i = from; i < from + GROUP && i < COLUMNS; i++)
				bound = fmax(bound, fabs((double)values[row * COLUMNS + i]));
			assert_true(one.grids[slice].scale == (float)(bound / 127));
		}
	env_free(&env, one.grids);
}

static uint64_t visits_of(struct operand_case *cases, size_t count)
{
	const struct tensor tensor = tensor_of(&env, values, 20, 400);
	const struct slicing slicing = slicing_of(cases[0].rule);
	struct error error;
	uint64_t visits = 0;

	assert_int_equal(operand_measure(&tensor, &slicing, "tensor", cases, count, &error), 0);
	for (size_t i = 0; i < count; i++)
		visits += cases[i].visits;
	return visits;
}

/* Another rounding costs no look at an element; another calibration costs its own, not the sort. */
static void work_is_shared(void **state)
{
	const struct rule mse = rule_of(4, "symmetric", "channel", "mse");
	const struct rule minmax = rule_of(4, "symmetric", "channel", "minmax");
	struct operand_case cases[4] = { { .rule = &mse }, { .rule = &mse, .round = QS_HALF_AWAY },
					 { .rule = &minmax }, { .rule = &minmax } };

	(void)state;
	golden_wave(values, 8000, 3, "cubic");
	const uint64_t once = visits_of(cases, 1);
	assert_true(once > 8000 && once < 200 * 8000);
	assert_int_equal(visits_of(cases, 2), once);
	/* mse has asked min-max already */
	assert_int_equal(visits_of(cases, 4), once);
	assert_int_equal(visits_of(cases + 2, 2), 8000 + 2 * 20);
	assert_true(cases[0].numbers.mse <= cases[2].numbers.mse);
}

/* Squared errors in the order of sums.h, by hand: 16 lanes of a block of 4,096, folded. */
static double squared_by_hand(const float *x, const float *y, int count)
{
	double total = 0;

	for (int start = 0; start < count; start += 4096) {
		double lane[16] = { 0 };

		for (int i = start; i < count && i < start + 4096; i++) {
			const double error = (double)y[i] - (double)x[i];

			lane[i % 16] += error * error;
		}
		for (int i = 0; i < 8; i++)
			lane[i] += lane[i + 8];
		for (int i = 0; i < 4; i++)
			lane[i] += lane[i + 4];
		total += (lane[0] + lane[2]) + (lane[1] + lane[3]);
	}
	return total;
}

/* The same bits whether fed whole or in pieces, and the order of blocks and lanes by hand. */
static void sums(void **state)
{
	struct error_sums whole = { 0 }, pieces = { 0 };
	struct error_numbers a, b;

	(void)state;
	golden_wave(values, LONGEST, 21, "spike");
	golden_wave(back, LONGEST, 22, "spike");
	error_sums_add(&whole, values, back, LONGEST, 0.1);
	for (int64_t i = 0, size = 1; i < LONGEST; i += size, size = size % 700 + 13) {
		const int64_t left = LONGEST - i;

		error_sums_add(&pieces, values + i, back + i, size < left ? size : left, 0.1);
	}
	assert_true(error_sums_numbers(&whole, true, "tensor", &a));
	assert_true(error_sums_numbers(&pieces, true, "tensor", &b));
	assert_same_numbers(&a, &b);
	assert_true(a.mse == squared_by_hand(values, back, LONGEST) / LONGEST);
	/* 1e16 swallows the 255 ones of its own lane, not those of other lanes and blocks */
	memset(values, 0, sizeof values);
	for (int i = 0; i < LONGEST; i++)
		back[i] = i ? 1 : 1e8F;
	whole = (struct error_sums){ 0 };
	error_sums_add(&whole, values, back, LONGEST, 0);
	assert_true(error_sums_numbers(&whole, false, "tensor", &a));
	assert_true(a.mse == (1e16 + (LONGEST - 256)) / LONGEST);
	back[7] = INFINITY;
	error_sums_add(&whole, values, back, 10, 0.1);
	assert_false(error_sums_numbers(&whole, true, "tensor", &a));
}

/* Each allocation fails once: an error, nothing kept, nothing leaked. */
static void no_memory(void **state)
{
	const struct rule rules[] = { rule_of(4, "asymmetric", "group8", "mse"),
				      rule_of(4, "symmetric", "channel1", "minmax") };

	(void)state;
	golden_wave(values, 64, 3, "cubic");
	for (size_t i = 0; i < 2; i++) {
		int failed = -1;

		for (long fail_at = 0; failed; fail_at++) {
			struct failing failing = { .fail_at = fail_at };
			const struct env poor = env_failing(&failing);
			const struct tensor tensor = tensor_of(&poor, values, 8, 8);
			const struct slicing slicing = slicing_of(&rules[i]);
			struct operand_case one = { .rule = &rules[i], .keep = true };
			struct error error = { 0 };

			failed = operand_measure(&tensor, &slicing, "tensor", &one, 1, &error);
			assert_int_equal(error.status, failed ? STATUS_MACHINE : STATUS_DONE);
			assert_true(fail_at < 100);
			if (failed)
				assert_null(one.grids);
			else
				env_free(&poor, one.grids);
		}
	}
}

static int setup(void **state)
{
	(void)state;
	env = env_system();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden), cmocka_unit_test(by_hand),
		cmocka_unit_test(whole_tensor_fields), cmocka_unit_test(any_axis),
		cmocka_unit_test(dynamic), cmocka_unit_test(not_finite),
		cmocka_unit_test(odd_tensors), cmocka_unit_test(scales_are_kept),
		cmocka_unit_test(work_is_shared),
		cmocka_unit_test(sums), cmocka_unit_test(no_memory),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
