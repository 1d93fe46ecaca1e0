/* SPDX-License-Identifier: MIT
 *
 * Intervals of paired differences against SciPy's and mpmath's, their symmetry and order, that they
 * hold the estimate, and the metrics that make the scores.
 */
#include "support.h"

#include "golden.h"

#include "../harness/measure/paired.h"
#include "../harness/random.h"

enum { LOSSES_MOST = 5000 };

/* What tests/golden/make/paired.py writes for "losses". */
static struct paired losses_of(int64_t count)
{
	static double first[LOSSES_MOST], second[LOSSES_MOST];

	for (int64_t i = 0; i < count; i++) {
		first[i] = 0;
		second[i] = (double)(i * 7919 % 1000) / 1000 - 0.375;
	}
	return paired_losses(first, second, count);
}

static void golden_row(char *const *fields)
{
	const int64_t lost = atoll(fields[1]), gained = atoll(fields[2]);
	const double low = strtod(fields[4], NULL), high = strtod(fields[5], NULL);
	const bool answers = !strcmp(fields[0], "answers");
	const struct paired paired =
		answers ? paired_counts(lost, gained, atoll(fields[3])) : losses_of(lost);

	if (!(fabs(paired.low - low) <= 1e-14) || !(fabs(paired.high - high) <= 1e-14))
		fail_msg("%s %s %s of %s: [%.17g, %.17g] instead of [%s, %s]", fields[0],
			 fields[1], fields[2], fields[3], paired.low, paired.high, fields[4],
			 fields[5]);
}

/* Truth: tests/golden/make/paired.py. */
static void limits_are_exact(void **state)
{
	(void)state;
	assert_int_equal(golden_lines("paired.csv", golden_row), 106);
}

/* By hand.  Nobody of 1000 changed sides: at most 1 - 0.005^(1/1000) = 0.0052843060 do.  Of n that
 * changed sides all were gained: the share is at least 0.02^(1/n), 0.521 of 6 and 0.457 of 5. */
static void few_samples(void **state)
{
	struct paired paired = paired_counts(0, 0, 1000);

	(void)state;
	assert_true(paired.difference == 0);
	assert_near(paired.high, 0.00528430604, 1e-9);
	assert_near(paired.low, -0.00528430604, 1e-9);
	assert_true(paired_is_open(&paired));
	paired = paired_counts(5, 0, 5);
	assert_true(paired.difference == -1 && paired.low == -1);
	assert_near(paired.high, 1 - 2 * 0.45730505193, 1e-9);
	assert_true(paired_is_open(&paired));
	/* all of 6: the rate is at least 0.005^(1/6) = 0.4135186 */
	paired = paired_counts(0, 6, 6);
	assert_near(paired.low, (2 * 0.52100073096 - 1) * 0.41351855420, 1e-9);
	assert_true(paired.high == 1);
	assert_false(paired_is_open(&paired));
	paired = losses_of(1);
	assert_true(paired.difference == -0.375 && isnan(paired.low) && paired_is_open(&paired));
}

/* Drawn networks of a known true difference: at least 95 % of the intervals hold it. */
static void intervals_hold_the_truth(void **state)
{
	enum { TRIALS = 4000, SAMPLES = 200 };
	static const double truths[][2] = { { 0.001, 0.001 }, { 0.02, 0 }, { 0.1, 0.05 },
					    { 0.3, 0.3 },     { 0.005, 0.09 } };

	(void)state;
	for (size_t t = 0; t < sizeof truths / sizeof *truths; t++) {
		int held = 0;

		for (uint64_t trial = 0; trial < TRIALS; trial++) {
			int64_t lost = 0, gained = 0;

			for (uint64_t i = 0; i < SAMPLES; i++) {
				const double u = random_uniform(t, trial, i);

				lost += u < truths[t][0];
				gained += u >= truths[t][0] && u < truths[t][0] + truths[t][1];
			}
			const struct paired paired = paired_counts(lost, gained, SAMPLES);
			const double truth = truths[t][1] - truths[t][0];

			held += paired.low <= truth && truth <= paired.high;
		}
		if (held < TRIALS * 95 / 100)
			fail_msg("truth %zu: %d of %d intervals hold it", t, held, TRIALS);
	}
}

static void limits_mirror_rise_and_hold_the_estimate(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 300; i++) {
		const struct random4 draw = random_at(1, 53, i);
		const int64_t most = (int64_t)1 << draw.word[2] % 14;
		const int64_t lost = draw.word[0] % most, gained = draw.word[1] % most;
		const int64_t samples = lost + gained + draw.word[3] % 100 + 1;
		const struct paired one = paired_counts(lost, gained, samples);
		const struct paired back = paired_counts(gained, lost, samples);
		const struct paired more =
			paired_counts(lost - (lost > 0), gained + (lost > 0), samples);

		assert_true(one.low == -back.high && one.high == -back.low);
		assert_true(one.low <= one.difference && one.difference <= one.high);
		assert_true(one.low >= -1 && one.high <= 1);
		/* one that was lost is gained instead: the estimate rises, and so do both limits */
		if (lost && (!(more.low > one.low) || !(more.high > one.high)))
			fail_msg("%lld lost, %lld gained: [%.17g, %.17g], then [%.17g, %.17g]",
				 (long long)lost, (long long)gained, one.low, one.high, more.low,
				 more.high);
	}
}

static void answers_are_counted(void **state)
{
	static const unsigned char first[] = { 1, 1, 1, 0, 0, 1, 0 };
	static const unsigned char second[] = { 1, 0, 0, 1, 0, 1, 0 };
	const struct paired paired = paired_answers(first, second, sizeof first);

	(void)state;
	assert_int_equal(paired.lost, 2);
	assert_int_equal(paired.gained, 1);
	assert_true(paired.difference == -1 / 7.0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_are_exact),
		cmocka_unit_test(few_samples),
		cmocka_unit_test(intervals_hold_the_truth),
		cmocka_unit_test(limits_mirror_rise_and_hold_the_estimate),
		cmocka_unit_test(answers_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
