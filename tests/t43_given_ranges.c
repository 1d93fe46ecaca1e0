/* SPDX-License-Identifier: MIT
 *
 * Ranges that are given: which codes they leave to each scheme, what saturates, what warns.
 */
#include "support.h"

#include "rules.h"

#include <math.h>

#define ROOM_FOR 6
#include "slice_room.h"

static struct range fixed(const char *scheme, double low, double high, const float *x,
			  int64_t count, const char **warning)
{
	struct rule rule = rule_of(8, scheme, "tensor", "fixed");
	const struct slice slice = slice_of(&room, x, count);

	rule.calibration_parameter = low;
	rule.calibration_parameter_high = high;
	const struct chosen chosen = rule_choose(&rule, QS_HALF_EVEN, &slice);

	assert_null(chosen.reason);
	*warning = chosen.warning;
	return chosen.range;
}

/* By hand: widened to hold 0, the larger bound where symmetric, the higher one without signs. */
static void ranges_that_are_given(void **state)
{
	static const float x[] = { 0, 0.5F, 1, 2, 7, 8 };
	static const struct {
		const char *scheme;
		double low, high, from, to;
		const char *warning;
	} cases[] = {
		{ "asymmetric", -1, 7, -1, 7, NULL },
		{ "asymmetric", 2, 7, 0, 7, NULL },
		/* 0, 0.5 and 1 of six: half of them */
		{ "asymmetric", -3, 1, -3, 1, NULL },
		{ "asymmetric", -3, 0.75, -3, 0.75, "more than half*" },
		{ "asymmetric", -7, -2, -7, 0, "more than half*" },
		{ "symmetric", -7, 2, -7, 7, NULL },
		{ "symmetric", -1, 9, -9, 9, NULL },
		{ "symmetric_restricted", 1, 2.5, -2.5, 2.5, NULL },
		{ "symmetric_full", -2, -1, -2, 2, NULL },
		{ "symmetric_unsigned", -9, 3, 0, 3, NULL },
		{ "symmetric_unsigned", -9, -3, 0, 0, "the fixed range leaves this scheme no*" },
	};
	const char *warning;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct range range = fixed(cases[i].scheme, cases[i].low, cases[i].high, x, 6,
						 &warning);

		if (range.low != cases[i].from || range.high != cases[i].to)
			fail_msg("case %zu: [%g, %g]", i, range.low, range.high);
		if (!warning != !cases[i].warning ||
		    (warning && !glob_match(cases[i].warning, warning, false)))
			fail_msg("case %zu warns: %s", i, warning ? warning : "nothing");
	}
	/* what lies outside saturates: codes to 127 of steps of 1/127 */
	const struct tensor tensor = tensor_of(&env, (float[]){ 0, 0.5F, 1, 2, -7, 8 }, 1, 6);
	struct rule rule = rule_of(8, "symmetric_restricted", "tensor", "fixed");

	rule.calibration_parameter_high = 1;
	const struct operand_case one = measure_rule(&tensor, &rule, QS_HALF_EVEN);

	assert_near(one.numbers.saturated_fraction, 0.5, 0);
	assert_near(one.numbers.max_abs, 7, 1e-6);
	assert_true(isnan(one.numbers.calibration_bound_db));
	env_free(&env, one.grids);
	/* the widest and the narrowest that a config can say */
	for (const struct value *const *v = scheme_values; *v; v++) {
		struct range range = fixed((*v)->name, -1e15, 1e15, x, 6, &warning);

		assert_true(isfinite(range.high - range.low));
		range = fixed((*v)->name, -1e-46, 1e-46, x, 6, &warning);
		assert_true(range.low == 0 && range.high == 0);
		assert_non_null(strstr(warning, "no value but 0"));
		range = fixed((*v)->name, -0x1p-149, 0x1p-149, x, 6, &warning);
		assert_true(range.high == 0x1p-149);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_that_are_given),
	};

	return cmocka_run_group_tests(tests, setup_room, free_room);
}
