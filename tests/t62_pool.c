/* SPDX-License-Identifier: MIT
 *
 * The pool of threads: each unit is run once, by whatever number of threads, asleep or not.
 */
#include "support.h"

#include "../harness/measure/race_pool.h"

#include <sched.h>
#include <stdatomic.h>
#include <unistd.h>

enum { UNITS_MAX = 1000 };

struct tally {
	atomic_int runs[UNITS_MAX];
	int64_t fails_at;       /* the unit whose share fails; -1: none                  */
};

static int count_units(void *self, int64_t first, int64_t last)
{
	struct tally *tally = self;

	for (int64_t i = first; i < last; i++)
		atomic_fetch_add_explicit(&tally->runs[i], 1, memory_order_relaxed);
	return first <= tally->fails_at && tally->fails_at < last ? 7 : 0;
}

static void each_unit_runs_once(void **state)
{
	static const int64_t counts[] = { 1, 2, 3, 4, 5, 7, 17, 999, 1000 };
	const struct env env = env_system();
	struct error error;

	(void)state;
	for (int threads = 1; threads <= 5; threads++) {
		struct pool *pool;
		int cpu;

		assert_int_equal(pool_open(&pool, &env, threads, &cpu, &error), 0);
		for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
			static struct tally tally;

			memset(&tally, 0, sizeof tally);
			tally.fails_at = -1;
			for (int again = 1; again <= 50; again++) {
				assert_int_equal(pool_run(pool, count_units, &tally, counts[c]), 0);
				for (int64_t i = 0; i < UNITS_MAX; i++)
					if (tally.runs[i] != (i < counts[c] ? again : 0))
						fail_msg("unit %d of %d ran %d times of %d on %d threads",
							 (int)i, (int)counts[c], (int)tally.runs[i],
							 again, threads);
			}
		}
		pool_close(pool);
	}
	pool_close(NULL);
}

static void sleepers_are_woken(void **state)
{
	const struct env env = env_system();
	static struct tally tally = { .fails_at = -1 };
	struct error error;
	struct pool *pool;
	int cpu;

	(void)state;
	assert_int_equal(pool_open(&pool, &env, 3, &cpu, &error), 0);
	for (int again = 1; again <= 5; again++) {
		usleep(20000);          /* far more than the watching before sleep */
		assert_int_equal(pool_run(pool, count_units, &tally, 10), 0);
		for (int i = 0; i < 10; i++)
			assert_int_equal(tally.runs[i], again);
	}
	pool_close(pool);
}

static void a_failed_share_is_told(void **state)
{
	const struct env env = env_system();
	struct error error;

	(void)state;
	for (int threads = 1; threads <= 3; threads++) {
		struct pool *pool;
		int cpu;

		assert_int_equal(pool_open(&pool, &env, threads, &cpu, &error), 0);
		for (int64_t unit = -1; unit < 9; unit++) {
			static struct tally tally;

			tally.fails_at = unit;
			assert_int_equal(pool_run(pool, count_units, &tally, 9), unit < 0 ? 0 : 7);
		}
		pool_close(pool);
	}
}

/* The caller is on one CPU, the last of those it was allowed. */
static void the_caller_is_pinned(void **state)
{
	const struct env env = env_system();
	cpu_set_t before, now;
	struct error error;
	struct pool *pool;
	int cpu, last = CPU_SETSIZE;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
	assert_int_equal(pool_open(&pool, &env, 2, &cpu, &error), 0);
	if (cpu >= 0) {
		while (!CPU_ISSET((size_t)--last, &before))
			continue;
		assert_int_equal(cpu, last);
		assert_int_equal(sched_getaffinity(0, sizeof now, &now), 0);
		assert_int_equal(CPU_COUNT(&now), 1);
		assert_true(CPU_ISSET((size_t)cpu, &now));
	} else {
		printf("# SKIP: this system does not pin\n");
	}
	pool_close(pool);
	sched_setaffinity(0, sizeof before, &before);
}

static void without_memory_there_is_no_pool(void **state)
{
	(void)state;
	for (long fail_at = 0; fail_at < 2; fail_at++) {
		struct failing failing = { .fail_at = fail_at };
		const struct env env = env_failing(&failing);
		struct error error = { 0 };
		struct pool *pool;
		int cpu;

		assert_int_equal(pool_open(&pool, &env, 2, &cpu, &error), -1);
		assert_null(pool);
		assert_int_equal(error.status, STATUS_MACHINE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		/* first: it wants to see the CPUs that this process began with */
		cmocka_unit_test(the_caller_is_pinned),
		cmocka_unit_test(each_unit_runs_once),
		cmocka_unit_test(sleepers_are_woken),
		cmocka_unit_test(a_failed_share_is_told),
		cmocka_unit_test(without_memory_there_is_no_pool),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
