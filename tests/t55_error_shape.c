/* SPDX-License-Identifier: MIT
 *
 * Percentiles of errors, their bias and the divergence of the values: against
 * golden/make/error_shape.py and by hand; in pieces, in another order, without memory.
 */
#include "support.h"

#include "../harness/fixed_math.h"
#include "../harness/measure/error_shape.h"
#include "golden.h"
#include "rules.h"

enum { MANY = 1000 };

static struct env env;
static float values[GOLDEN_VALUES], back[GOLDEN_VALUES];

/* Percentiles and divergence of values[count] that came back as back[count]. */
static struct error_numbers shape_of(int64_t count)
{
	struct error_numbers numbers = { .elements = count };
	struct error_shape shape = { 0 };
	struct error error;
	struct value_bins *bins = value_bins_new(&env, values, count, &error);

	assert_non_null(bins);
	for (int64_t i = 0; i < count; i++)
		numbers.max_abs = fmax(numbers.max_abs, fabs((double)back[i] - (double)values[i]));
	assert_int_equal(error_shape_add(&shape, &env, bins, values, back, count, &error), 0);
	error_shape_numbers(&shape, bins, &numbers);
	error_shape_free(&shape, &env);
	env_free(&env, bins);
	return numbers;
}

static void check_line(char *const *fields)
{
	const int64_t count = golden_data(fields[9], values);
	const int rows = atoi(fields[1]);
	const struct tensor tensor = tensor_of(&env, values, rows, count / rows);
	const struct rule rule = rule_of(atoi(fields[0]), "symmetric",
					 rows > 1 ? "channel" : "tensor", "minmax");
	const struct rounding *rounding =
		(const struct rounding *)find(rounding_values, fields[2]);
	struct operand_case one = measure_rule(&tensor, &rule, rounding->round);
	const double found[] = { one.numbers.abs_error_p95, one.numbers.abs_error_p999 };

	assert_int_equal(one.outcome, OUTCOME_DONE);
	for (int i = 0; i < 2; i++) {
		assert_near(found[i], strtod(fields[3 + i], NULL), 0);
		assert_near(found[i], strtod(fields[5 + i], NULL), 1.0 / 128);
	}
	assert_true(fabs(one.numbers.bias_over_step - strtod(fields[7], NULL)) < 1e-12);
	assert_true(fabs(one.numbers.kl_divergence - strtod(fields[8], NULL)) < 1e-13);
	env_free(&env, one.grids);
}

static void golden(void **state)
{
	(void)state;
	assert_int_equal(golden_lines("error_shape.csv", check_line), 16);
}

/* Errors 1 to n, in an order of their own; the bins of 512 to 1,023 are 4 wide, of 64 to 127 1/2. */
static void percentiles_by_hand(void **state)
{
	static const struct {
		int count;
		double p95, p999;
	} rows[] = {
		/* rank 950 is the third of 948 to 951; 999 the last of 996 to 999 */
		{ 1000, 948 + 4 * 2.5 / 4, 996 + 4 * 3.5 / 4 },
		/* rank 95, alone in its bin; rank 100 is the largest */
		{ 100, 95.25, 100 },
		/* rank ceil(18.05), and ceil(19) of one fewer */
		{ 20, 19 + 0.125 / 2, 20 },
		{ 19, 19, 19 },
		{ 1, 1, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		for (int j = 0; j < rows[i].count; j++) {
			values[j] = 0;
			back[j] = (float)((j * 7 % rows[i].count + 1) * (j % 2 ? 1 : -1));
		}
		const struct error_numbers found = shape_of(rows[i].count);

		assert_near(found.abs_error_p95, rows[i].p95, 0);
		assert_near(found.abs_error_p999, rows[i].p999, 0);
	}
	/* never above the largest: 999 times 1.9 and once 1.5, all of one bin or below it */
	for (int j = 0; j < MANY; j++)
		back[j] = j ? 1.9F : 1.5F;
	assert_near(shape_of(MANY).abs_error_p999, (double)1.9F, 0);
	/* 95 % without an error */
	for (int j = 0; j < MANY; j++)
		back[j] = j < 950 ? 0 : 3;
	assert_near(shape_of(MANY).abs_error_p95, 0, 0);
	/* denormals: bins of 2^-133 */
	for (int j = 0; j < 100; j++) {
		values[j] = 0;
		back[j] = (float)ldexp(j + 1, -133);
	}
	assert_near(shape_of(100).abs_error_p95, ldexp(95.5, -133), 0);
	/* beyond float32: the difference of two of its ends */
	for (int j = 0; j < MANY; j++) {
		values[j] = -3e38F;
		back[j] = 3e38F;
	}
	assert_near(shape_of(MANY).abs_error_p95, 2 * (double)3e38F, 0);
}

static void divergence_by_hand(void **state)
{
	(void)state;
	/* 32 values, one a bin; they come back in pairs: half the bins hold two, half none */
	for (int j = 0; j < 32; j++) {
		values[j] = (float)(j - 16);
		back[j] = (float)((j & ~1) - 16);
	}
	assert_near(shape_of(32).kl_divergence,
		    0.5 * (fixed_log(1 / (0.99 * 2 + 0.01)) + fixed_log(100)), 1e-15);
	/* all come back as one: it alone keeps its bin */
	for (int j = 0; j < 32; j++)
		back[j] = 5;
	assert_near(shape_of(32).kl_divergence,
		    (31 * fixed_log(100) + fixed_log(1 / (0.99 * 32 + 0.01))) / 32, 1e-15);
	/* what moves inside its bin, or from 0 to -0, moves nothing; nor does a constant */
	for (int j = 0; j < 32; j++)
		back[j] = values[j] == 0 ? -0.0F : values[j] * 1.0001F;
	assert_true(shape_of(32).kl_divergence == 0);
	for (int j = 0; j < 32; j++)
		values[j] = 7;
	assert_true(shape_of(32).kl_divergence == 0);
	/* between two values lies the bin of the upper one; outside of all, that of the outermost */
	values[0] = -2;
	values[1] = 2;
	back[0] = -9;
	back[1] = 9;
	assert_true(shape_of(2).kl_divergence == 0);
	back[0] = -1;
	assert_near(shape_of(2).kl_divergence,
		    0.5 * (fixed_log(100) + fixed_log(1 / (0.99 * 2 + 0.01))), 1e-15);
}

/* Counts do not know where a piece ends or which value came first. */
static void in_any_order(void **state)
{
	struct error_shape shape = { 0 };
	struct error_numbers whole, pieces = { .elements = GOLDEN_VALUES };
	struct value_bins *bins;
	struct error error;

	(void)state;
	golden_wave(values, GOLDEN_VALUES, 80, "heavy");
	for (int i = 0; i < GOLDEN_VALUES; i++)
		back[i] = rintf(values[i] * 8) / 8;
	whole = shape_of(GOLDEN_VALUES);
	bins = value_bins_new(&env, values, GOLDEN_VALUES, &error);
	assert_non_null(bins);
	for (int64_t end = GOLDEN_VALUES, size = 1; end > 0; end -= size, size = size % 700 + 13) {
		size = size < end ? size : end;
		assert_int_equal(error_shape_add(&shape, &env, bins, values + end - size,
						 back + end - size, size, &error), 0);
	}
	pieces.max_abs = whole.max_abs;
	error_shape_numbers(&shape, bins, &pieces);
	assert_true(pieces.abs_error_p95 == whole.abs_error_p95);
	assert_true(pieces.abs_error_p999 == whole.abs_error_p999);
	assert_true(pieces.kl_divergence == whole.kl_divergence);
	assert_true(whole.kl_divergence > 0.01 && whole.abs_error_p999 <= 0.0625);
	error_shape_free(&shape, &env);
	env_free(&env, bins);
}

static void no_memory(void **state)
{
	(void)state;
	for (int fail_at = 0; fail_at < 4; fail_at++) {
		struct failing failing = { .fail_at = fail_at };
		const struct env poor = env_failing(&failing);
		struct error_shape shape = { 0 };
		struct error error = { 0 };
		struct value_bins *bins = value_bins_new(&poor, values, 64, &error);

		/* two for the bins, then one for each exponent of an error */
		assert_true((bins != NULL) == (fail_at >= 2));
		if (bins)
			assert_int_equal(error_shape_add(&shape, &poor, bins, values, back, 64,
							 &error), -1);
		assert_int_equal(error.status, STATUS_MACHINE);
		error_shape_free(&shape, &poor);
		env_free(&poor, bins);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden),
		cmocka_unit_test(percentiles_by_hand),
		cmocka_unit_test(divergence_by_hand),
		cmocka_unit_test(in_any_order),
		cmocka_unit_test(no_memory),
	};

	env = env_system();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
