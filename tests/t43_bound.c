/* SPDX-License-Identifier: MIT
 *
 * The bound on the distance to least squared errors, from what a calibration knows of each slice.
 */
#include "support.h"

#include "rules.h"

#include <math.h>

/* Knows of each slice that begins above 0 that the sum of squared errors is the parameter. */
static struct range knowing_range(const struct calibration_task *task)
{
	if (task->slice->values[0] > 0)
		*task->least_squares = task->parameter;
	return symmetric_range(task->scheme, 1);
}

/* 2 bits, codes -1, 0, 1 of steps of 1: errors 0.25, 0.25, 2 and 0.5, 1, 0; squares 4.125 and 1.25. */
static void the_bound(void **state)
{
	static const struct calibration knowing = { .value = { .name = "knowing" },
						    .choose = knowing_range };
	const struct env env = env_system();
	float x[] = { 0.75F, -1.25F, 3, 0.5F, -2, 1 };
	const struct tensor tensor = tensor_of(&env, x, 2, 3);
	struct rule rule = rule_of(2, "symmetric_restricted", "channel", "minmax");
	struct operand_case one;

	(void)state;
	rule.calibration = &knowing.value;
	const struct { double least, bound; } cases[] = {
		{ 0.26875, 10 }, { 2.6875, 0 }, { 0, NAN },
		/* more than is there, by rounding */
		{ 2.6876, 0 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		rule.calibration_parameter = cases[i].least;
		one = measure_rule(&tensor, &rule, QS_HALF_EVEN);
		assert_near(one.numbers.mse, 5.375 / 6, 1e-15);
		if (isnan(cases[i].bound))
			assert_true(isnan(one.numbers.calibration_bound_db));
		else
			assert_true(fabs(one.numbers.calibration_bound_db - cases[i].bound) < 1e-12);
		env_free(&env, one.grids);
	}
	/* nothing is known of the second channel */
	x[3] = -0.5F;
	one = measure_rule(&tensor, &rule, QS_HALF_EVEN);
	assert_true(isnan(one.numbers.calibration_bound_db));
	env_free(&env, one.grids);
	/* no error, and none is the least */
	for (int i = 0; i < 6; i++)
		x[i] = 1;
	rule.calibration_parameter = 0;
	one = measure_rule(&tensor, &rule, QS_HALF_EVEN);
	assert_true(one.numbers.calibration_bound_db == 0);
	env_free(&env, one.grids);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
