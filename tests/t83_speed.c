/* SPDX-License-Identifier: MIT
 *
 * Rounds of decisions over launches that are made up: order, second decisions, time, trouble.
 */
#include "support.h"

#include "../harness/gate/speed.h"

#include <math.h>

enum { BENCHES = 6, LOG = 4096 };

static struct script {
	double first[BENCHES], second[BENCHES]; /* r of every launch of that decision     */
	int troubled;           /* a bench whose third launch is trouble; -1: none       */
	uint64_t now, step;
	size_t order[LOG];
	int decisions[LOG];
	int launches, tells;
} script;

static uint64_t now(const struct env *env)
{
	(void)env;
	return script.now;
}

static int launch(void *self, size_t bench, int decision, int number, double *r, char trouble[256],
		  struct error *error)
{
	(void)self;
	(void)error;
	assert_true(script.launches < LOG);
	script.order[script.launches] = bench;
	script.decisions[script.launches++] = decision;
	script.now += script.step;
	if ((int)bench == script.troubled && number == 2)
		snprintf(trouble, 256, "it crashed");
	*r = decision ? script.second[bench] : script.first[bench];
	return 0;
}

static void tell(void *self, size_t open, int decision)
{
	(void)self;
	assert_true(open <= BENCHES && decision >= 0 && decision < 2);
	script.tells++;
}

static struct speed_bench benches[BENCHES];

static void decide(double budget_s)
{
	struct env env = env_system();
	const struct speed_options options = { .rule = decision_standard, .seed = 3,
					       .budget_s = budget_s, .launch = launch,
					       .tell = tell };
	struct error error;

	env.now_ns = now;
	for (int i = 0; i < BENCHES; i++)
		benches[i] = (struct speed_bench){ .label = "x", .allowed = benches[i].allowed };
	assert_int_equal(speed_decide(&env, benches, BENCHES, &options, &error), 0);
}

static void verdicts(void **state)
{
	const double slow = log(1.05);

	(void)state;
	script = (struct script){ .first = { 0, slow, slow, slow, -slow, slow },
				  .second = { 0, slow, 0, 0.0125, 0, slow }, .troubled = -1 };
	benches[5].allowed = log(1.05);
	decide(0);
	assert_int_equal(benches[0].verdict, SPEED_UNCHANGED);
	assert_null(benches[0].note);
	assert_int_equal(benches[1].verdict, SPEED_REGRESSED);
	assert_int_equal(benches[1].decisions[0].count, 11);
	assert_int_equal(benches[1].decisions[1].count, 11);
	assert_int_equal(benches[2].verdict, SPEED_UNCHANGED);
	assert_string_equal(benches[2].note, "slower once; the second decision did not agree");
	assert_int_equal(benches[3].verdict, SPEED_UNCHANGED);
	assert_int_equal(benches[4].verdict, SPEED_IMPROVED);
	/* 5 % slower, and 5 % accepted */
	assert_int_equal(benches[5].verdict, SPEED_UNCHANGED);
	assert_int_equal(script.tells, script.launches);
	benches[5].allowed = 0;
}

/* A round holds each open bench once, in changing orders; second decisions come at the end. */
static void rounds(void **state)
{
	int same = 0;

	(void)state;
	script = (struct script){ .troubled = -1 };
	for (int i = 0; i < BENCHES; i++)
		script.first[i] = script.second[i] = log(1.05);
	decide(0);
	assert_int_equal(script.launches, 2 * 11 * BENCHES);
	for (int round = 0; round < 2 * 11; round++) {
		unsigned seen = 0;

		for (int i = 0; i < BENCHES; i++) {
			const int at = round * BENCHES + i;

			seen |= 1U << script.order[at];
			same += script.order[at] == script.order[i];
			assert_int_equal(script.decisions[at], round >= 11);
		}
		assert_int_equal(seen, (1U << BENCHES) - 1);
	}
	assert_true(same < 2 * 11 * BENCHES / 2);
}

static void trouble(void **state)
{
	(void)state;
	script = (struct script){ .troubled = 2 };
	decide(0);
	assert_string_equal(benches[2].trouble, "it crashed");
	assert_int_equal(benches[2].decisions[0].count, 2);
	for (int i = 0; i < BENCHES; i++)
		if (i != 2)
			assert_int_equal(benches[i].verdict, SPEED_UNCHANGED);
}

/* A second a launch and 30 s: five rounds.  Then 80 s: the first decisions, 66 launches, and two
 * rounds of the second. */
static void time_is_over(void **state)
{
	(void)state;
	script = (struct script){ .troubled = -1, .step = 1000000000 };
	decide(30);
	assert_int_equal(script.launches, 30);
	for (int i = 0; i < BENCHES; i++) {
		assert_int_equal(benches[i].verdict, SPEED_INCONCLUSIVE);
		assert_string_equal(benches[i].note, "the time was over");
	}
	script = (struct script){ .troubled = -1, .step = 1000000000 };
	for (int i = 0; i < BENCHES; i++)
		script.first[i] = script.second[i] = log(1.05);
	decide(80);
	assert_int_equal(script.launches, 80);
	for (int i = 0; i < BENCHES; i++) {
		assert_int_equal(benches[i].verdict, SPEED_INCONCLUSIVE);
		assert_string_equal(benches[i].note, "slower once; no time was left to confirm it");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts), cmocka_unit_test(rounds), cmocka_unit_test(trouble),
		cmocka_unit_test(time_is_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
