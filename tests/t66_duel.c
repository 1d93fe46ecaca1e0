/* SPDX-License-Identifier: MIT
 *
 * The duel's loop under a false clock, where every time is known, and its estimate by hand.
 */
#include "support.h"

#include "../harness/measure/duel.h"

#include <math.h>

/* A clock that stands unless a runner moves it. */
struct world {
	uint64_t now;
	int64_t calls[2];
	int order[4096], ordered; /* who was called, in order                            */
	uint64_t drift;           /* ns that each call takes longer than the one before  */
	int fails_at;             /* call of the second side that fails; -1: none        */
};

struct racer {
	struct world *world;
	int side;
	uint64_t ns;
};

static uint64_t now(const struct env *env)
{
	return ((const struct world *)env->self)->now;
}

static int call(void *self)
{
	struct racer *racer = self;
	struct world *world = racer->world;

	if (world->ordered < 4096)
		world->order[world->ordered++] = racer->side;
	world->now += racer->ns + world->drift * (uint64_t)(world->calls[0] + world->calls[1]);
	return world->calls[racer->side]++ == world->fails_at && racer->side;
}

static int play(struct world *world, uint64_t a_ns, uint64_t b_ns, size_t working_set,
		struct duel_result *result, struct error *error)
{
	struct env env = env_system();
	struct racer a = { world, 0, a_ns }, b = { world, 1, b_ns };
	const struct duel_runner runners[] = { { call, &a }, { call, &b } };

	env.now_ns = now;
	env.self = world;
	return duel_time(&env, &runners[0], &runners[1], 1, working_set, result, error);
}

static void times_are_exact(void **state)
{
	struct world world = { .fails_at = -1 };
	struct duel_result result;
	struct error error;

	(void)state;
	assert_int_equal(play(&world, 100000, 102000, 0, &result, &error), 0);
	assert_true(fabs(result.r - log(1.02)) < 1e-15);
	assert_true(fabs(result.e1 - log(1.02)) < 1e-15);
	assert_true(fabs(result.e2 - log(1.02)) < 1e-15);
	assert_true(fabs(result.e3 - log(1.02)) < 1e-15);
	assert_true(result.a.least_ns == 100000 && result.b.median_ns == 102000);
	assert_int_equal(result.calls, 1);
	/* 2 ms of 0.1 ms: 20 calls each to warm up, then 40 samples of one */
	assert_int_equal(world.calls[0], 20 + 40);
	assert_int_equal(world.calls[1], 20 + 40);
}

/* A call of 7 us: 8 of them make a sample of 50 us. */
static void short_calls_are_batched(void **state)
{
	struct world world = { .fails_at = -1 };
	struct duel_result result;
	struct error error;

	(void)state;
	assert_int_equal(play(&world, 7000, 7070, 0, &result, &error), 0);
	assert_int_equal(result.calls, 8);
	assert_int_equal(world.calls[0], 286 + 40 * 8);
	assert_true(result.a.least_ns == 7000);
	assert_true(fabs(result.r - log(1.01)) < 1e-12);
}

/* A call of 3 ms is warm after two; where the caches do not hold it, after ten. */
static void warm_up_by_working_set(void **state)
{
	static const struct {
		size_t bytes;
		int calls;
	} cases[] = { { 0, 2 }, { (size_t)1 << 30, 10 } };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct world world = { .fails_at = -1 };
		struct duel_result result;
		struct error error;

		assert_int_equal(play(&world, 3000000, 3000000, cases[i].bytes, &result, &error),
				 0);
		assert_int_equal(world.calls[0], cases[i].calls + 40);
		assert_true(result.r == 0);
	}
}

/* Both orders occur, and only they. */
static void quads(void **state)
{
	struct world world = { .fails_at = -1 };
	struct duel_result result;
	struct error error;
	int first[2] = { 0 };

	(void)state;
	assert_int_equal(play(&world, 3000000, 3000000, 0, &result, &error), 0);
	for (int quad = 0; quad < DUEL_QUADS; quad++) {
		const int *order = world.order + 4 + 4 * quad;

		assert_int_equal(order[0], order[3]);
		assert_int_equal(order[1], order[2]);
		assert_int_not_equal(order[0], order[1]);
		first[order[0]]++;
	}
	assert_true(first[0] >= 4 && first[1] >= 4);
}

/* Every call takes 100 ns longer than the one before: neither side is slower. */
static void drift_falls_on_both(void **state)
{
	struct world world = { .fails_at = -1, .drift = 100 };
	struct duel_result result;
	struct error error;

	(void)state;
	assert_int_equal(play(&world, 100000, 100000, 0, &result, &error), 0);
	assert_true(fabs(result.e1) < 1e-5);
}

static void hand(void **state)
{
	double a[DUEL_SAMPLES], b[DUEL_SAMPLES];
	struct duel_result result;

	(void)state;
	for (int i = 0; i < DUEL_SAMPLES; i++) {
		a[i] = 100;
		b[i] = 110;
	}
	/* interrupts and a lucky call: none of them decides */
	b[3] = b[17] = 1e9;
	a[5] = 1e9;
	b[8] = 50;
	duel_estimate(a, b, &result);
	assert_true(fabs(result.e1 - log(1.1)) < 1e-15);
	assert_true(fabs(result.e2 - log(0.5)) < 1e-15);
	assert_true(fabs(result.e3 - log(1.1)) < 1e-15);
	assert_true(fabs(result.r - log(1.1)) < 1e-15);
	assert_true(result.b.least_ns == 50 && result.b.tenth_ns == 110);
	/* the tenth percentile of 40 is the fifth least */
	for (int i = 0; i < DUEL_SAMPLES; i++)
		b[i] = 200 - i;
	duel_estimate(a, b, &result);
	assert_true(result.b.tenth_ns == 165 && result.b.median_ns == 180.5);
}

/* Who was a is b: logs of ratios change their sign. */
static void turned(void **state)
{
	const struct duel_result result = { .r = 1, .e1 = 2, .e2 = 3, .e3 = 4, .a = { 5, 6, 7 },
					    .b = { 8, 9, 10 }, .calls = 11, .preempted = 12 };
	const struct duel_result other = duel_turned(&result);

	(void)state;
	assert_true(other.r == -1 && other.e1 == -2 && other.e2 == -3 && other.e3 == -4);
	assert_memory_equal(&other.a, &result.b, sizeof other.a);
	assert_memory_equal(&other.b, &result.a, sizeof other.b);
	assert_true(other.calls == 11 && other.preempted == 12);
}

static void trouble(void **state)
{
	struct world world = { .fails_at = 25 };
	struct duel_result result;
	struct error error;

	(void)state;
	assert_int_equal(play(&world, 100000, 100000, 0, &result, &error), -1);
	assert_string_equal(error.text, "the new kernel failed while it was timed");
	world = (struct world){ .fails_at = -1 };
	assert_int_equal(play(&world, 0, 0, 0, &result, &error), -1);
	assert_int_equal(error.status, STATUS_MACHINE);
	assert_non_null(strstr(error.text, "the clock stands still"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_exact),     cmocka_unit_test(short_calls_are_batched),
		cmocka_unit_test(warm_up_by_working_set), cmocka_unit_test(quads),
		cmocka_unit_test(drift_falls_on_both), cmocka_unit_test(hand),
		cmocka_unit_test(turned), cmocka_unit_test(trouble),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
