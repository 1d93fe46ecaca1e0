/* SPDX-License-Identifier: MIT
 *
 * Medians of a race's runners and their ratios, by hand.
 */
#include "support.h"

#include "../harness/measure/race_words.h"

#include <math.h>

/* Medians and ratios by hand: medians 4, 2, 1 of 5, 4 and 4 samples.  A call of 200 ms is a sample
 * that is enough; what is wrong has times where it was timed, and measures nobody. */
static void medians_and_ratios(void **state)
{
	static const bool peer[5] = { false, true, true, true, true }, none[5] = { false };
	struct runner_result runner[5] = {
		{ .verdict = VERDICT_EXACT, .samples = 5, .sample_ns = { 9, 4, 3, 100, 4 } },
		{ .verdict = VERDICT_WITHIN, .samples = 4, .sample_ns = { 3, 1, 1, 3 } },
		{ .verdict = VERDICT_EXACT, .samples = 4, .sample_ns = { 1, 1, 1, 1 } },
		{ .verdict = VERDICT_WRONG },
		{ .verdict = VERDICT_EXACT, .samples = 3, .sample_ns = { 1, 1, 1 } },
	};

	(void)state;
	runners_finish(runner, 5, 4);
	assert_true(runner[0].median_ns == 4 && runner[0].least_ns == 3);
	assert_true(runner[1].median_ns == 2 && runner[1].least_ns == 1);
	assert_true(isnan(runner[3].median_ns) && isnan(runner[3].least_ns));
	assert_int_equal(runner[4].verdict, VERDICT_NOT_RUN);    /* one repetition is missing */
	assert_int_equal(runner[4].samples, 0);
	assert_true(*runner[4].reason != '\0');

	runners_compare(runner, 5, 0, 2, peer);
	assert_true(runner[0].ratio_to_reference == 1 && runner[0].ratio_to_float == 0.25);
	assert_true(runner[1].ratio_to_reference == 2 && runner[1].ratio_to_float == 0.5);
	assert_true(runner[2].ratio_to_reference == 4 && runner[2].ratio_to_float == 1);
	assert_true(isnan(runner[3].ratio_to_reference) && isnan(runner[3].ratio_to_float));
	assert_true(isnan(runner[4].ratio_to_reference));

	/* peers are 1, 2, 3 without samples and 4 that was not run */
	assert_true(runner[0].ratio_to_best_peer == 0.25 && runner[1].ratio_to_best_peer == 0.5 &&
		    runner[2].ratio_to_best_peer == 1 && isnan(runner[3].ratio_to_best_peer));

	struct runner_result slow[3] = {
		{ .verdict = VERDICT_EXACT, .samples = 1, .sample_ns = { 2e8 } },
		{ .verdict = VERDICT_WRONG, .samples = 4, .sample_ns = { 1, 1, 1, 1 } },
		{ .verdict = VERDICT_WRONG, .samples = 3, .sample_ns = { 1, 1, 1 } },
	};

	runners_finish(slow, 3, 4);
	runners_compare(slow, 3, 0, 1, peer);
	assert_true(slow[0].verdict == VERDICT_EXACT && slow[0].median_ns == 2e8);
	assert_true(slow[1].verdict == VERDICT_WRONG && slow[1].median_ns == 1);
	assert_true(slow[1].ratio_to_reference == 2e8 && isnan(slow[0].ratio_to_float));
	assert_true(isnan(slow[0].ratio_to_best_peer));
	assert_true(slow[2].samples == 0 && isnan(slow[2].median_ns));

	runners_compare(runner, 5, 3, -1, none);       /* a wrong reference, no float kernel */
	for (int i = 0; i < 5; i++)
		assert_true(isnan(runner[i].ratio_to_reference) && isnan(runner[i].ratio_to_float));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(medians_and_ratios),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
