/* SPDX-License-Identifier: MIT
 *
 * Columns of a network's row as a plan knows them, and filters on them.
 */
#include "planned.h"

#include "choice_rows.h"

static void columns_of_a_network(void **state)
{
	static const struct {
		const char *column, *value;
	} cases[] = {
		{ "subject", "builtin:arm:cal256-seed7-scale0.25:eval1000" },
		{ "network", "builtin:arm" },
		{ "calibration_samples", "256" },
		{ "calibration_seed", "7" },
		{ "calibration_scale", "0.25" },
		{ "calibration_shift", "0" },
		{ "evaluation_samples", "1000" },
		{ "evaluation_seed", "2" },
		{ "seed", "1" },
		{ "weight_format", "int" },
		{ "activation_bits", "7" },
		{ "activation_range", "static" },
		{ "rounding", "half_even" },
		{ "requantization", "q31_single" },
		{ "policy", "skip(fc1;fc%5B89%5D)" },
		{ "recovery", "none" },
		{ "types", "s8s8s32" },
		{ "kernel", NULL },
		{ "library", NULL },
		{ "threads", NULL },
		{ "batch", NULL },
		{ "timing_key", NULL },
	};
	struct fixture f;

	(void)state;
	plan(&f, "{\"network\":\"builtin:arm\",\"calibration_data\":{\"seed\":7,"
	     "\"scale\":0.25}}",
	     "{\"weights\":{\"bits\":4},\"activations\":{\"bits\":7,\"scheme\":\"symmetric\"},"
	     "\"requantization\":\"q31_single\",\"policy\":{\"skip\":[\"fc[89]\",\"fc1\"]}}",
	     NO_TIMES);
	assert_int_equal(f.plan.choice_count, 1);
	struct choice_row row = { .plan = &f.plan, .choice = f.plan.choices, .label = "x" };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *value;

		assert_int_equal(choice_lookup(&row, cases[i].column, &value), 0);
		if (!value != !cases[i].value)
			fail_msg("%s is %s", cases[i].column, value ? value : "NULL");
		if (value)
			assert_string_equal(value, cases[i].value);
	}
	fixture_free(&f);
}

static size_t count_only(const char *only)
{
	struct fixture f;
	struct filter filter = { 0 };
	struct error error;
	const struct env env = env_system();
	size_t count;

	if (filter_add(&filter, &env, only, &error) ||
	    make(&f, ARM "," GLYPHS,
		 "{\"weights\":{\"bits\":[4,8]},\"activations\":{\"bits\":[8,\"float\"]},"
		 "\"requantization\":[\"float\",\"q31_double\"],"
		 "\"policy\":[\"all\",\"skip_first_last\"]}",
		 "\"exclude\":\"weight_bits=4,policy=skip*\"," NO_TIMES,
		 &(struct plan_options){ .only = &filter }, &error))
		fail_msg("%s: %s", only, error.text);
	count = f.plan.choice_count;
	assert_int_equal(f.plan.accuracy_count, count);
	assert_int_equal(f.plan.excluded, 2 * 3);
	fixture_free(&f);
	filter_free(&filter);
	return count;
}

/* A network has 2 bits * 2 policies * (2 modes + float activations) less 3 that are excluded. */
static void filters(void **state)
{
	(void)state;
	assert_int_equal(count_only("subject=builtin:*"), 18);
	assert_int_equal(count_only("subject=builtin:arm*"), 9);
	assert_int_equal(count_only("policy=skip_first_last"), 6);
	assert_int_equal(count_only("policy!=all,weight_bits<8"), 0);
	assert_int_equal(count_only("requantization=q31_double"), 6);
	assert_int_equal(count_only("weight_bits<=4"), 6);
	assert_int_equal(count_only("activation_bits>8"), 6);
	assert_int_equal(count_only("label=builtin:glyphs:* w=int8* a=float *"), 2);
	assert_int_equal(count_only("kernel=*"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_of_a_network),
		cmocka_unit_test(filters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
