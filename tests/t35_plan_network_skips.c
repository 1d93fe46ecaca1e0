/* SPDX-License-Identifier: MIT
 *
 * Recipes of networks that are skipped, each for its reason, and those beside them that are not.
 */
#include "planned.h"

#include "../harness/text.h"

static void assert_all_skipped(const char *subject, const char *sweep, size_t count,
			       const char *reason)
{
	struct fixture f;

	plan(&f, subject, sweep, "");
	if (f.plan.accuracy_count || f.plan.skip_count != count)
		fail_msg("%s: %zu cells, %zu skips", sweep, f.plan.accuracy_count,
			 f.plan.skip_count);
	for (size_t i = 0; i < count; i++)
		if (!glob_match(reason, f.plan.skips[i].reason, false))
			fail_msg("%s: %s", sweep, f.plan.skips[i].reason);
	fixture_free(&f);
}

static void what_cannot_be_combined(void **state)
{
	static const struct {
		const char *sweep;
		size_t count;
		const char *reason;
	} cases[] = {
		{ "{\"weights\":{},\"activations\":{\"granularity\":[\"channel\",{\"group\":8}]}}",
		  2, "activations of a network are quantized per tensor" },
		{ "{\"activations\":{\"granularity\":\"channel\",\"range\":\"dynamic\"}}", 1,
		  "activations of a network are quantized per tensor" },
		{ "{\"weights\":{},\"activations\":{},\"policy\":{\"skip\":\"conv*\"}}", 1,
		  "*pattern*no layer*" },
		{ "{\"weights\":{},\"policy\":{\"skip\":\"*\"}}", 1, "*no layer*" },
		{ "{\"weights\":{},\"policy\":{\"skip_smaller_than\":1000000}}", 1, "*no layer*" },
		{ "{\"weights\":{\"granularity\":{\"channel\":2}},\"activations\":{}}", 1,
		  "channel axis 2: the weights of layer fc1 have 2 axes" },
		{ "{\"weights\":{},\"activations\":{},\"requantization\":\"shift\"}", 1,
		  "this requantization needs scale power_of_two of weights and activations" },
		{ "{\"weights\":{\"scale\":\"power_of_two\"},\"activations\":{},"
		  "\"requantization\":\"shift\"}",
		  1, "this requantization needs scale power_of_two of weights and activations" },
		{ "{\"weights\":{},\"activations\":{\"scale\":\"power_of_two\"},"
		  "\"requantization\":\"shift\"}",
		  1, "this requantization needs scale power_of_two of weights and activations" },
		{ "{\"weights\":{},\"activations\":{\"range\":\"dynamic\"},"
		  "\"requantization\":[\"q31_double\",\"rndnu\"]}",
		  2, "with a dynamic range only requantization float has a meaning" },
		{ "{\"weights\":{\"granularity\":{\"group\":16}},\"activations\":{},"
		  "\"requantization\":[\"q31_single\",\"q31_ties_up\"]}",
		  2, "with groups of weights only requantization float has a meaning" },
		{ "{\"weights\":{\"bits\":9},\"activations\":{},\"requantization\":\"rndnu\"}", 1,
		  "without an integer run * only requantization float has a meaning" },
		{ "{\"weights\":{},\"activations\":{\"bits\":16},\"requantization\":\"rndnu\"}", 1,
		  "without an integer run * only requantization float has a meaning" },
		{ "{\"weights\":{\"granularity\":{\"channel\":1}},\"activations\":{},"
		  "\"requantization\":\"rndnu\"}",
		  1, "without an integer run * only requantization float has a meaning" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_all_skipped(ARM, cases[i].sweep, cases[i].count, cases[i].reason);
}

static void what_can_be_combined(void **state)
{
	static const char *const sweeps[] = {
		"{\"weights\":{\"scale\":\"power_of_two\"},\"activations\":{\"scale\":"
		"\"power_of_two\"},\"requantization\":\"shift\"}",
		"{\"weights\":{\"granularity\":{\"group\":16}},\"activations\":{\"range\":"
		"\"dynamic\"}}",
		"{\"weights\":{\"bits\":16},\"activations\":{\"bits\":9}}",
		"{\"weights\":{\"granularity\":{\"channel\":1}},\"activations\":{}}",
		/* float activations have no requantization that could be wrong */
		"{\"weights\":{\"granularity\":{\"group\":16}},\"requantization\":\"shift\"}",
		"{\"activations\":{\"range\":\"dynamic\"},\"requantization\":\"rndnu\"}",
		"{\"weights\":{},\"activations\":{},\"policy\":{\"only\":\"fc[13]\"}}",
		/* layers left in float may have fewer axes */
		"{\"weights\":{\"granularity\":{\"channel\":1}},\"policy\":{\"skip\":\"fc1\"}}",
	};
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < sizeof sweeps / sizeof *sweeps; i++) {
		plan(&f, ARM, sweeps[i], "");
		if (f.plan.accuracy_count != 1 || f.plan.skip_count)
			fail_msg("%s: %zu cells, %zu skips", sweeps[i], f.plan.accuracy_count,
				 f.plan.skip_count);
		fixture_free(&f);
	}
	/* convolutions have axis 2, the last layer has not: unless it stays in float */
	plan(&f, GLYPHS,
	     "{\"weights\":{\"granularity\":{\"channel\":2}},"
	     "\"policy\":[\"all\",{\"skip\":\"fc\"}]}",
	     "");
	assert_int_equal(f.plan.accuracy_count, 1);
	assert_int_equal(f.plan.skip_count, 1);
	assert_string_equal(f.plan.skips->reason,
			    "channel axis 2: the weights of layer fc have 2 axes");
	fixture_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_cannot_be_combined),
		cmocka_unit_test(what_can_be_combined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
