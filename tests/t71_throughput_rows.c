/* SPDX-License-Identifier: MIT
 *
 * Times in the views, by hand: medians and intervals over launches, ratios to the reference and to the
 * best peer, warnings of a run and of a race.
 */
#include "stored.h"

static struct stored stored;

static void put_launches(struct store *store, const double *slower, int count, int wrong)
{
	struct error error = { 0 };

	if (store_begin_run(store, &stored.run, &stored.plan, &error))
		fail_msg("%s", error.text);
	for (int i = 0; i < count; i++) {
		struct launch_result result = stored_launch(&stored.races[0], slower[i]);

		if (i == wrong) {
			result.runner[1].verdict = VERDICT_WRONG;
			result.runner[1].samples = 0;
			result.runner[1].wrong_fraction = 0.5;
			strcpy(result.runner[1].reason, "y[0][0] is 3, expected 4");
		}
		if (store_put_launch(store, &stored.plan, &stored.races[0], i, &result, &error))
			fail_msg("%s", error.text);
	}
}

#define REF "FROM throughput WHERE kernel = 'gemm_u8s8s32__ref'"

/* Medians over launches, by hand; runner 0 takes 1000 ns times `slower`. */
static void rows_of_throughput(void **state)
{
	static const double one[] = { 1 }, four[] = { 1, 4, 2, 1.5 },
			    seven[] = { 3, 1, 7, 2, 6, 4, 5 };
	struct store *store = stored_open(&stored, scratch("throughput.db"));

	(void)state;
	put_launches(store, one, 1, -1);
	stored_expect(store, "SELECT count(*) FROM throughput", "3");
	stored_expect(
		store,
		"SELECT race || ' ' || operation || ' ' || shape || ' ' || types || ' ' || library "
		"|| ' ' || threads || batch || cache || ' ' || verdict || ' ' || guest " REF,
		"gemm:4x8x16 u8s8s32 t1 b1 warm gemm 4x8x16 u8s8s32 quantsweep 11warm exact 0");
	/* one launch has no spread and no interval; 1,024 operations and 320 bytes in 996 ns at
	 * best */
	stored_expect(
		store,
		"SELECT launches || ' ' || median_ns || ' ' || coalesce(spread, 'NULL') || ' ' || "
		"coalesce(ratio_low, 'NULL') || ' ' || ratio_to_reference || ' ' || "
		"ratio_to_float " REF,
		"1 1000.0 NULL NULL 1.0 2.0");
	stored_expect(store, "SELECT gops = 1024 / 996.0 AND gbytes_per_s = 320 / 996.0 " REF, "1");
	put_launches(store, four, 4, -1);
	/* medians of 1 1.5 2 4: 1.75; ratios 1 1.5 2 4, to float the double */
	stored_expect(
		store,
		"SELECT launches || ' ' || median_ns || ' ' || ratio_to_reference || ' ' || "
		"ratio_to_float || ' ' || ratio_low || ' ' || ratio_high || ' ' || least_ns " REF,
		"4 1750.0 1.75 3.5 2.0 8.0 996.0");
	stored_expect(store, "SELECT spread = 3000 / 1750.0 " REF, "1");
	put_launches(store, seven, 7, 3);
	stored_expect(
		store,
		"SELECT launches || ' ' || median_ns || ' ' || ratio_low || ' ' || ratio_high " REF,
		"7 4000.0 2.0 14.0");
	/* wrong in one launch is wrong; the median is of the six that have a time: 1 3 4 5 6 7 */
	stored_expect(
		store,
		"SELECT verdict || ' ' || launches || ' ' || median_ns || ' ' || wrong_fraction || "
		"' ' || reason FROM throughput WHERE kernel LIKE '%avx2'",
		"wrong 7 9000.0 0.5 y[0][0] is 3, expected 4");
	stored_expect(store,
		      "SELECT DISTINCT run_id = (SELECT run_id FROM run WHERE run_number = 3) "
		      "FROM throughput",
		      "1");
	store_close(store);
}

/* Who the best peer is, and the ratio to it with an interval of its own: runner 2 takes 3000 ns
 * times `slower` and is wrong in one set of launches. */
static void the_best_peer(void **state)
{
	static const double slower[] = { 2, 1, 5, 3 };
	struct store *store = stored_open(&stored, scratch("peer.db"));
	const struct qs_kernel *const own = stored.timings[TIMING_GUEST].kernel;
	struct qs_kernel kernel = *own;
	struct error error = { 0 };

	(void)state;
	kernel.peer = "theirs";
	/* one cell of both races */
	stored.timings[TIMING_GUEST].kernel = stored.timings[TIMING_FLOAT].kernel = &kernel;
	put_launches(store, slower, 1, -1);
	stored_expect(store, "SELECT group_concat(best_peer || ' ' || ratio_to_best_peer || ' ' || "
			     "coalesce(peer_ratio_low, 'NULL'), ';') FROM (SELECT * FROM throughput "
			     "ORDER BY median_ns)",
		      "gemm_f32f32f32__ref 6.0 NULL;gemm_f32f32f32__ref 3.0 NULL;"
		      "gemm_f32f32f32__ref 2.0 NULL");
	stored_expect(store, "SELECT group_concat(library || ' ' || peer) FROM throughput WHERE peer "
			     "IS NOT NULL", "theirs theirs");
	put_launches(store, slower, 4, -1);
	stored_expect(store, "SELECT ratio_to_best_peer || ' ' || peer_ratio_low || ' ' || "
			     "peer_ratio_high || ' ' || ratio_low " REF, "7.5 3.0 15.0 2.0");
	/* view peers takes the times themselves: 3000 over 1000 and 2000 ns in each launch */
	stored_expect(store, "SELECT group_concat(kernel || ' ' || peer || ' ' || ratio || ' ' || "
			     "ratio_low || ' ' || ratio_high || ' ' || best_peer, ';') FROM (SELECT * "
			     "FROM peers WHERE race LIKE '%u8s8s32%' ORDER BY kernel)",
		      "gemm_u8s8s32__avx2 theirs 1.5 1.5 1.5 1;gemm_u8s8s32__ref theirs 3.0 3.0 3.0 1");
	if (store_begin_run(store, &stored.run, &stored.plan, &error))
		fail_msg("%s", error.text);
	for (int i = 0; i < 2; i++) {
		struct launch_result result = stored_launch(&stored.races[0], slower[i]);

		/* asked for by its name it has times though it is wrong, and is no best peer */
		result.runner[2].verdict = VERDICT_WRONG;
		for (int j = 0; j < 3; j++)
			result.runner[j].ratio_to_best_peer = NAN;
		if (store_put_launch(store, &stored.plan, &stored.races[0], i, &result, &error))
			fail_msg("%s", error.text);
	}
	stored_expect(store, "SELECT count(best_peer) || ' ' || count(ratio_to_best_peer) || ' ' || "
			     "count(median_ns) FROM throughput", "0 0 3");
	stored_expect(store, "SELECT group_concat(DISTINCT peer_verdict || best_peer) FROM peers "
			     "WHERE race LIKE '%u8s8s32%'", "wrong0");
	stored_expect(store, "SELECT group_concat(DISTINCT outcome) FROM planned p JOIN throughput t "
			     "USING (cell_key, race) WHERE t.peer IS NOT NULL AND p.run_number = 3",
		      "done");
	store_close(store);
	stored.timings[TIMING_GUEST].kernel = stored.timings[TIMING_FLOAT].kernel = own;
}

/* The interval's ranks are those of center_of, for any number of launches. */
static void intervals_of_throughput(void **state)
{
	struct store *store = stored_open(&stored, scratch("intervals.db"));

	(void)state;
	for (int count = 2; count <= LAUNCHES_MOST; count++) {
		double slower[LAUNCHES_MOST], ratios[LAUNCHES_MOST];
		char sql[300];

		/* 1, 1.25, ... in an order that is not sorted */
		for (int i = 0; i < count; i++) {
			slower[i] = 1 + (double)(i * 37 % 64) / 4;
			ratios[i] = 2 * slower[i];
		}
		put_launches(store, slower, count, -1);
		const struct center center = center_of(ratios, count);

		snprintf(sql, sizeof sql,
			 "SELECT launches = %d AND ratio_to_float = %.17g AND ratio_low = %.17g "
			 "AND ratio_high = %.17g " REF, count, center.median, center.low,
			 center.high);
		stored_expect(store, sql, "1");
	}
	store_close(store);
}

static const struct warning *warning_named(const char *name)
{
	const struct value *value = value_find(warning_values, name);

	assert_non_null(value);
	return warning_of(value);
}

/* A run's warning stays; a race's gives way to what the next run that launches the race sees. */
static void rows_of_warning(void **state)
{
	static const double one[] = { 1 };
	struct store *store = stored_open(&stored, scratch("warnings.db"));
	struct error error = { 0 };

	(void)state;
	put_launches(store, one, 1, -1);
	if (store_put_warning(store, &stored.plan, NULL, warning_named("governor"), "A", &error) ||
	    store_put_warning(store, &stored.plan, NULL, warning_named("governor"), "B", &error) ||
	    store_put_warning(store, &stored.plan, &stored.races[0], warning_named("cache"), "C",
			      &error))
		fail_msg("%s", error.text);
	stored_expect(store,
		      "SELECT group_concat(coalesce(label, 'run') || ' ' || name || ' ' || seen || "
		      "' ' || (warning = seen || ': ' || effect || '; ' || advice), ';') FROM (SELECT "
		      "* FROM warning ORDER BY seen)",
		      "run governor B 1;gemm:4x8x16 u8s8s32 t1 b1 warm cache C 1");
	put_launches(store, one, 1, -1);
	stored_expect(store, "SELECT group_concat(name || ' ' || (choice_label IS NULL)) "
			     "FROM warning", "governor 1");
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_of_throughput),
		cmocka_unit_test(the_best_peer),
		cmocka_unit_test(intervals_of_throughput),
		cmocka_unit_test(rows_of_warning),
	};
	int failed;

	scratch_dir();
	stored_make(&stored);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	stored_free(&stored);
	return failed;
}
