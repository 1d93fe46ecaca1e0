/* SPDX-License-Identifier: MIT
 *
 * Effects that quantization is known for, on the generators that stand for them: which of two
 * choices has the smaller error, for several seeds.  The order, not the size.
 */
#include "support.h"

#include "../datasets/synthetic/generator.h"
#include "rules.h"

enum { ROWS = 128, COLUMNS = 512, SEEDS = 5 };

static struct env env;
static float values[ROWS * COLUMNS];

static double mse_of(const struct rule *rule, const char *generator, uint64_t seed)
{
	const struct tensor tensor = tensor_of(&env, values, ROWS, COLUMNS);

	((const struct generator *)find(synthetic_values, generator))
		->fill(values, ROWS, COLUMNS, seed);
	struct operand_case one = measure_rule(&tensor, rule, QS_HALF_EVEN);
	assert_int_equal(one.outcome, OUTCOME_DONE);
	env_free(&env, one.grids);
	return one.numbers.mse;
}

/* The first has the smaller error, for every seed. */
static void assert_beats(const struct rule *better, const struct rule *worse, const char *generator)
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		const double least = mse_of(better, generator, seed);
		const double most = mse_of(worse, generator, seed);

		if (!(least < most))
			fail_msg("%s seed %d: %s %s: %g, %s %s: %g", generator, (int)seed,
				 better->scheme->name, better->calibration->name, least,
				 worse->scheme->name, worse->calibration->name, most);
	}
}

/* A few loud values stretch the range, and all others share the few codes that are left. */
static void outliers_waste_min_max(void **state)
{
	static const char *const schemes[] = { "symmetric", "asymmetric" };

	(void)state;
	for (int i = 0; i < 2; i++) {
		const struct rule minmax = rule_of(4, schemes[i], "tensor", "minmax");
		const struct rule mse = rule_of(4, schemes[i], "tensor", "mse");
		const struct rule percentile = rule_of(4, schemes[i], "tensor", "percentile");

		assert_beats(&mse, &minmax, "outliers");
		assert_beats(&percentile, &minmax, "outliers");
		assert_beats(&mse, &minmax, "student_t");
		assert_beats(&percentile, &minmax, "student_t");
	}
}

static void channels_of_their_own_scale(void **state)
{
	(void)state;
	for (int bits = 3; bits <= 8; bits++) {
		const struct rule tensor = rule_of(bits, "symmetric", "tensor", "minmax");
		const struct rule channel = rule_of(bits, "symmetric", "channel", "minmax");
		const struct rule group = rule_of(bits, "symmetric", "group32", "minmax");

		assert_beats(&channel, &tensor, "channel_spread");
		assert_beats(&channel, &tensor, "outliers");
		assert_beats(&group, &channel, "channel_spread");
	}
}

/* Half of a symmetric range has no values in it. */
static void one_sided_data(void **state)
{
	(void)state;
	for (int bits = 2; bits <= 8; bits++) {
		const struct rule symmetric = rule_of(bits, "symmetric", "tensor", "minmax");
		const struct rule asymmetric = rule_of(bits, "asymmetric", "tensor", "minmax");
		const struct rule without_zero =
			rule_of(bits, "symmetric_unsigned", "tensor", "minmax");

		assert_beats(&asymmetric, &symmetric, "relu");
		assert_beats(&without_zero, &symmetric, "relu");
	}
}

/* Another bit halves the step: about a quarter of the error. */
static void bits_buy_accuracy(void **state)
{
	(void)state;
	for (int bits = 2; bits < 16; bits++) {
		const struct rule fewer = rule_of(bits, "symmetric", "channel", "mse");
		const struct rule more = rule_of(bits + 1, "symmetric", "channel", "mse");

		assert_beats(&more, &fewer, "gaussian");
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
		cmocka_unit_test(outliers_waste_min_max),
		cmocka_unit_test(channels_of_their_own_scale), cmocka_unit_test(one_sided_data),
		cmocka_unit_test(bits_buy_accuracy),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
