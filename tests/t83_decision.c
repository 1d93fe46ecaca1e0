/* SPDX-License-Identifier: MIT
 *
 * The sequential rule: every look's limits against the binomial distribution, the way a decision
 * goes launch by launch, and how often it errs on drawn launches.
 */
#include "support.h"

#include "../harness/gate/decision.h"
#include "../harness/random.h"

#include <math.h>

/* `slow` launches of 2 % first, then launches of `rest`; how many were needed. */
static struct decision play(int slow, double rest)
{
	struct decision decision = { 0 };

	while (decision.verdict == SPEED_OPEN)
		decision_add(&decision, &decision_standard,
			     decision.count < slow ? log(1.02) : rest);
	return decision;
}

static double tail(int count, int most)
{
	double term = pow(0.5, count), sum = 0;

	for (int i = 0; i <= most; i++) {
		sum += term;
		term *= (double)(count - i) / (i + 1);
	}
	return sum;
}

/* At each look the verdict falls for the last count whose binomial tail is small enough, and not
 * for the next; what came before the look must leave the decision open. */
static void limits_of_looks(void **state)
{
	static const int at[] = { 7, 11, 15, 21, 31, 47, 63 };
	const double between = 0.0125; /* above tau_fail, not above tau_pass */

	(void)state;
	for (int i = 0; i < 7; i++) {
		for (int faster = 0; faster <= at[i] / 2; faster++) {
			struct decision decision = { 0 };

			/* only the last look sees launches that are not open */
			decision.count = at[i] - 1;
			for (int j = 0; j < decision.count; j++)
				decision.r[j] = j < faster ? 0 : 0.02;
			decision_add(&decision, &decision_standard, 0.02);
			assert_int_equal(decision.verdict == SPEED_REGRESSED,
					 tail(at[i], faster) <= 0.0005);
		}
		for (int slower = 0; slower <= at[i] / 2; slower++) {
			struct decision decision = { 0 };

			decision.count = at[i] - 1;
			for (int j = 0; j < decision.count; j++)
				decision.r[j] = j < slower ? 0.02 : 0;
			decision_add(&decision, &decision_standard, 0);
			assert_int_equal(decision.verdict == SPEED_UNCHANGED,
					 tail(at[i], slower) <= 0.02);
		}
	}
	/* neither slow enough to fail nor fast enough to trouble */
	assert_int_equal(play(0, between).verdict, SPEED_UNCHANGED);
	assert_int_equal(play(0, between).count, 7);
}

static void ways(void **state)
{
	static const struct {
		int slow;
		double rest;
		enum speed_verdict verdict;
		int launches;
	} cases[] = {
		{ 0, 0, SPEED_UNCHANGED, 7 },
		/* a fail needs eleven launches */
		{ 63, 0, SPEED_REGRESSED, 11 },
		{ 1, 0, SPEED_UNCHANGED, 11 },
		/* hi = 3 of 15 */
		{ 3, 0, SPEED_UNCHANGED, 15 },
		{ 4, 0, SPEED_UNCHANGED, 21 },
		/* 8 % faster: passes at 7, improved at 11 */
		{ 0, -0.08, SPEED_IMPROVED, 11 },
		/* 0.5 % faster is unchanged at once: the median is not below -tau_fail */
		{ 0, -0.005, SPEED_UNCHANGED, 7 },
		/* 1.2 % faster: asks, and passes at 7, because no -r is above tau_pass */
		{ 0, -0.012, SPEED_UNCHANGED, 7 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct decision decision = play(cases[i].slow, cases[i].rest);

		if (decision.verdict != cases[i].verdict || decision.count != cases[i].launches)
			fail_msg("case %zu: verdict %d after %d", i, (int)decision.verdict,
				 decision.count);
	}
}

/* Half of the launches slow, half not: nobody can tell. */
static void undecided(void **state)
{
	struct decision decision = { 0 };

	(void)state;
	for (int i = 0; decision.verdict == SPEED_OPEN; i++)
		decision_add(&decision, &decision_standard, i % 2 ? 0.02 : 0);
	assert_int_equal(decision.verdict, SPEED_INCONCLUSIVE);
	assert_int_equal(decision.count, 63);
}

static void two_decisions(void **state)
{
	(void)state;
	for (int second = SPEED_UNCHANGED; second < SPEED_VERDICTS; second++) {
		assert_int_equal(decision_confirm(SPEED_REGRESSED, (enum speed_verdict)second),
				 second);
		assert_int_equal(decision_confirm(SPEED_UNCHANGED, (enum speed_verdict)second),
				 SPEED_UNCHANGED);
		assert_int_equal(decision_confirm(SPEED_INCONCLUSIVE, (enum speed_verdict)second),
				 SPEED_INCONCLUSIVE);
	}
}

/* The header's promises: at a slowdown of exactly tau_fail at most 0.3 % of decisions fail; with
 * none, none of these does; 3 % under launches of 0.5 % noise is always caught. */
static void drawn(void **state)
{
	enum { TRIALS = 20000 };
	static const struct {
		double effect, noise;
		int least, most; /* of TRIALS, that regress */
	} cases[] = {
		{ 0.0099503308531680828, 0.01, 1, TRIALS * 3 / 1000 },
		{ 0, 0.01, 0, 0 },
		{ 0.03, 0.005, TRIALS, TRIALS },
	};

	(void)state;
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		int failed = 0;

		for (uint64_t trial = 0; trial < TRIALS; trial++) {
			struct decision decision = { 0 };

			while (decision.verdict == SPEED_OPEN)
				decision_add(&decision, &decision_standard,
					     cases[c].effect +
						     cases[c].noise *
							     random_normal(c + 1, trial,
									   (uint64_t)decision.count));
			failed += decision.verdict == SPEED_REGRESSED;
		}
		if (failed < cases[c].least || failed > cases[c].most)
			fail_msg("effect %g: %d of %d regressed", cases[c].effect, failed, TRIALS);
	}
}

/* Ranks by hand: of 7 the least and the greatest (98.4 %), of 11 the second (98.8 %), of 63 the
 * 24th (95.7 %). */
static void centers(void **state)
{
	static const struct {
		int count, rank;
	} cases[] = { { 1, 0 }, { 5, 0 }, { 7, 0 }, { 8, 0 }, { 9, 1 }, { 11, 1 }, { 15, 3 },
		      { 21, 5 }, { 31, 9 }, { 63, 23 } };
	double values[LAUNCHES_MOST];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const int count = cases[i].count;

		for (int j = 0; j < count; j++)
			values[j] = (double)(count - 1 - j);
		const struct center center = center_of(values, count);

		assert_true(center.median == (double)(count - 1) / 2);
		assert_true(center.low == cases[i].rank);
		assert_true(center.high == count - 1 - cases[i].rank);
	}
}

static void next_looks(void **state)
{
	static const struct {
		int count, next;
	} cases[] = { { 0, 7 }, { 6, 7 }, { 7, 11 }, { 11, 15 }, { 30, 31 }, { 47, 63 }, { 62, 63 } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct decision decision = { .count = cases[i].count };

		assert_int_equal(decision_next_look(&decision), cases[i].next);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_of_looks), cmocka_unit_test(ways),
		cmocka_unit_test(undecided),	   cmocka_unit_test(two_decisions),
		cmocka_unit_test(drawn),	   cmocka_unit_test(centers),
		cmocka_unit_test(next_looks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
