/* SPDX-License-Identifier: MIT
 *
 * The view trend: made-up runs with steps that are known, with none, with a drift, with an outlier,
 * and which of them are marked.
 */
#include "stored.h"

static struct stored stored;

/* One run for each value: the least time of the race's first runner, in units of 996 ns; launches of
 * a run are 2 % apart. */
static struct store *runs_of(const char *name, const double *values, int count)
{
	struct store *store = stored_open(&stored, scratch(name));
	struct error error = { 0 };

	stored.races[0].launches = 3;
	for (int i = 0; i < count; i++) {
		if (store_begin_run(store, &stored.run, &stored.plan, &error))
			fail_msg("%s", error.text);
		for (int launch = 0; launch < 3; launch++) {
			struct launch_result result = stored_launch(&stored.races[0], 1);
			struct runner_result *runner = &result.runner[0];

			runner->least_ns = values[i] * 996 * (launch == 1 ? 1 : 1.02);
			runner->median_ns = runner->least_ns + 10 * launch;
			if (store_put_launch(store, &stored.plan, &stored.races[0], launch, &result,
					     &error))
				fail_msg("%s", error.text);
		}
		stored_end(store);
	}
	return store;
}

#define REF "kernel = 'gemm_u8s8s32__ref'"

/* Places that are marked, like "6 +10.0"; the other runners stay as they are and are never marked. */
static void expect_marks(const char *name, const double *values, int count, const char *marks)
{
	struct store *store = runs_of(name, values, count);
	char expected[20];

	stored_expect(store, "SELECT coalesce(group_concat(place || printf(' %+.1f', 100 * change - "
			     "100), ';'), '') FROM (SELECT * FROM trend WHERE " REF " AND "
			     "change_point ORDER BY place)", marks);
	snprintf(expected, sizeof expected, "%d", count);
	stored_expect(store, "SELECT count(*) FROM trend WHERE " REF, expected);
	stored_expect(store, "SELECT count(*) FROM trend WHERE change_point AND NOT (" REF ")", "0");
	store_close(store);
}

static void steps(void **state)
{
	/* noise of at most 1 %, a step of 10 % at the 6th run and back at the 13th: middles by hand
	 * (1.095 + 1.105) / (0.995 + 1.005) = 1.1 and (0.995 + 1.005) / (1.095 + 1.102) = 0.91 */
	static const double there_and_back[] = { 1, 1.005, 0.995, 1.001, 1,
						 1.1, 1.105, 1.095, 1.1, 1.1, 1.102, 1.1,
						 1, 1.005, 0.995, 1 };
	/* of 3 % nothing is marked, of 4 % it is: the ranges are one point each */
	static const double small[] = { 1, 1, 1, 1, 1, 1.03, 1.03, 1.03, 1.03, 1.03 };
	static const double enough[] = { 1, 1, 1, 1, 1, 1.04, 1.04, 1.04, 1.04, 1.04 };
	/* as soon as three runs are there on each side */
	static const double early[] = { 1, 1, 1, 0.5, 0.5, 0.5 };
	static const double too_early[] = { 1, 1, 0.5, 0.5, 0.5, 0.5 };
	static const double too_late[] = { 1, 1, 1, 1, 0.5, 0.5 };
	/* a run between: both it and the next could be the step, the wider gap is */
	static const double between[] = { 1, 1, 1, 1, 1.04, 1.1, 1.1, 1.1, 1.1, 1.1 };

	(void)state;
	expect_marks("back.db", there_and_back, 16, "6 +10.0;13 -9.0");
	expect_marks("small.db", small, 10, "");
	expect_marks("enough.db", enough, 10, "6 +4.0");
	expect_marks("early.db", early, 6, "4 -50.0");
	expect_marks("too_early.db", too_early, 6, "");
	expect_marks("too_late.db", too_late, 6, "");
	expect_marks("between.db", between, 10, "6 +7.8");
}

static void no_steps(void **state)
{
	double none[20], drift[20], outlier[20];

	(void)state;
	for (int i = 0; i < 20; i++) {
		none[i] = 1 + (i * 7 % 11) / 100.0;
		drift[i] = 1 + i / 50.0;         /* 2 % a run */
		outlier[i] = i == 9 ? 1.5 : 1;
	}
	expect_marks("none.db", none, 20, "");
	expect_marks("drift.db", drift, 20, "");
	expect_marks("outlier.db", outlier, 20, "");
}

/* Columns by hand: of three launches 1.02, 1 and 1.02 times 996 ns, plus 0, 10 and 20. */
static void columns(void **state)
{
	static const double values[] = { 1, 1 };
	struct store *store = runs_of("columns.db", values, 2);

	(void)state;
	stored_expect(store,
		      "SELECT group_concat(place || ' ' || launches || ' ' || least_ns || ' ' || "
		      "round(median_ns, 3) || ' ' || coalesce(change_point, 'NULL') || ' ' || "
		      "ratio_to_reference, ';') FROM (SELECT * FROM trend WHERE " REF
		      " ORDER BY place)",
		      "1 3 996.0 1015.92 NULL 1.0;2 3 996.0 1015.92 NULL 1.0");
	stored_expect(store,
		      "SELECT count(DISTINCT run_id) || ' ' || min(race) FROM trend "
		      "WHERE (run_id, version, started) IN (SELECT run_id, version, started FROM run)",
		      "2 gemm:4x8x16 u8s8s32 t1 b1 warm");
	store_close(store);
}

/* Another build of the library is another cell, and the same line. */
static void a_line_outlives_a_build(void **state)
{
	static const double before[] = { 1, 1, 1 }, after[] = { 2, 2, 2 };
	char key[KEY_SIZE];
	struct store *store;

	(void)state;
	store_close(runs_of("builds.db", before, 3));
	memcpy(key, stored.timings[TIMING_REF].key, KEY_SIZE);
	hash_text(stored.timings[TIMING_REF].key, "another build");
	store = runs_of("builds.db", after, 3);
	memcpy(stored.timings[TIMING_REF].key, key, KEY_SIZE);
	stored_expect(store,
		      "SELECT group_concat(place || ' ' || change) FROM trend WHERE change_point",
		      "4 2.0");
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps),   cmocka_unit_test(no_steps),
		cmocka_unit_test(columns), cmocka_unit_test(a_line_outlives_a_build),
	};
	int failed;

	scratch_dir();
	stored_make(&stored);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	stored_free(&stored);
	return failed;
}
