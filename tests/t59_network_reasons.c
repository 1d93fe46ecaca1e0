/* SPDX-License-Identifier: MIT
 *
 * Warnings of a network's cells, and recipes that cannot be.
 */
#include "support.h"

#include "network_runs.h"

static void samples_of_both_sets_are_told(void **state)
{
	static const char subject[] =
		"{\"network\":\"builtin:arm\",\"calibration_data\":{\"samples\":16,\"seed\":5},"
		"\"evaluation_data\":{\"samples\":20,\"seed\":5}}";
	struct runs runs;

	(void)state;
	runs_make(&runs, subject, "{\"weights\":{\"bits\":8},\"activations\":{\"bits\":8,"
		  "\"range\":[\"static\",\"dynamic\"]}}", 1);
	assert_string_equal(runs_find(&runs, ".static", "")->warning,
			    "16 of 20 evaluation samples are calibration samples too");
	/* no sample was used to calibrate it */
	assert_string_equal(runs_find(&runs, ".dynamic", "")->warning, "");
	runs_free(&runs);
}

static void recipes_that_cannot_be(void **state)
{
	static const struct {
		const char *subject, *activations, *reason;
		enum outcome outcome;
	} cases[] = {
		{ "{\"network\":\"builtin:arm\"}", "\"scheme\":\"symmetric_unsigned\"",
		  "activations of 'input': the observed minimum is below 0", OUTCOME_SKIPPED },
		{ "{\"network\":\"builtin:arm\",\"calibration_data\":{\"samples\":2}}",
		  "\"calibration\":\"entropy\"", "activations of 'input': too few values",
		  OUTCOME_SKIPPED },
		{ "{\"network\":\"builtin:arm\"}",
		  "\"calibration\":\"entropy\",\"range\":\"dynamic\"",
		  "activations of 'input': no range for the 4 values of a sample: too few values; take a "
		  "static range or another calibration", OUTCOME_SKIPPED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct network_options options = { .jobs = 2, .memory = 1 << 30 };
		struct runs runs;
		struct error error;
		char sweep[300];

		snprintf(sweep, sizeof sweep, "{\"weights\":{\"bits\":8},\"activations\":"
			 "{\"bits\":8,%s}},{\"weights\":{\"bits\":8}}", cases[i].activations);
		runs_plan(&runs, UINT64_MAX, cases[i].subject, sweep);
		if (runs_measure(&runs, &options, &error))
			fail_msg("%s", error.text);
		for (size_t j = 0; j < runs.plan.accuracy_count; j++) {
			const bool good = strstr(runs.plan.accuracies[j].label, "a=float") != NULL;
			const struct network_result *result = &runs.cells[j].result;

			assert_true(runs.cells[j].done);
			assert_int_equal(result->outcome, good ? OUTCOME_DONE : cases[i].outcome);
			assert_string_equal(result->reason, good ? "" : cases[i].reason);
		}
		runs_free(&runs);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples_of_both_sets_are_told),
		cmocka_unit_test(recipes_that_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
