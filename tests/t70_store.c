/* SPDX-License-Identifier: MIT
 *
 * What goes into the file and what comes back: whole cells, what is reused, what is refused because
 * another number is stored, rates, the machine, and each lack of memory.
 */
#include "stored.h"

#include "../harness/store/store_internal.h"

#include <sys/stat.h>

static struct stored stored;

static void expect_pragma(const struct store *store, const char *pragma, const char *expected)
{
	sqlite3_stmt *statement;

	assert_int_equal(sqlite3_prepare_v2(store->db, pragma, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(statement, 0), expected);
	sqlite3_finalize(statement);
}

static void a_new_file(void **state)
{
	const char *path = scratch("deep/er/new.db");
	struct store *store = stored_open(&stored, path);
	struct stat found;

	(void)state;
	expect_pragma(store, "PRAGMA application_id", "1903392613");
	expect_pragma(store, "PRAGMA user_version", "6");
	expect_pragma(store, "PRAGMA journal_mode", "wal");
	expect_pragma(store, "PRAGMA synchronous", "1");
	expect_pragma(store, "PRAGMA foreign_keys", "1");
	/* every table is STRICT */
	stored_expect(store,
		      "SELECT count(*) FROM pragma_table_list WHERE type = 'table' AND NOT strict "
		      "AND name NOT LIKE 'sqlite_%'",
		      "0");
	store_close(store);
	/* nothing is left beside it */
	assert_int_not_equal(stat(scratch("deep/er/new.db-wal"), &found), 0);
	store_close(stored_open(&stored, path));
}

static void a_run(void **state)
{
	const char *path = scratch("run.db");
	struct store *store;

	(void)state;
	stored_file(&stored, path);
	store = stored_open(&stored, path);
	stored_expect(store, "SELECT count(*) FROM accuracy", "9");
	stored_expect(store, "SELECT count(*) FROM launch", "4");
	stored_expect(store, "SELECT count(*) FROM choice_row", "6");
	stored_expect(store, "SELECT count(*) FROM planned_cell WHERE outcome = 'done'", "9");
	stored_expect(store, "SELECT count(*) FROM planned_cell WHERE outcome = 'skipped'", "1");
	stored_expect(store, "SELECT state FROM run", "done");
	stored_expect(store, "SELECT accuracy_rate FROM run", "2500");
	stored_expect(store, "SELECT length(run_id) FROM run", "32");
	stored_expect(store, "SELECT isa FROM run", "NULL");
	stored_expect(store, "SELECT content FROM cell WHERE subject_kind = 'tensor' LIMIT 1",
		      "00000000000000000000000000000001");
	stored_expect(store, "SELECT count(DISTINCT content) FROM cell WHERE kind = 'accuracy'",
		      "2");
	stored_expect(store, "SELECT samples FROM launch WHERE \"order\" = 0 AND guest = 0 LIMIT 1",
		      "[996,997,998,999,1000,1001,1002,1003,1004]");
	stored_expect(store, "SELECT zero_point FROM accuracy WHERE stored_scale IS NOT NULL", "0");
	stored_expect(store, "SELECT work_ops FROM cell WHERE kernel = 'gemm_u8s8s32__ref'",
		      "1024");
	/* 4*16 u8 + 8*16 s8 + 4*8 s32 */
	stored_expect(store, "SELECT work_bytes FROM cell WHERE kernel = 'gemm_u8s8s32__ref'",
		      "320");
	store_close(store);
}

static void mark(struct store *store)
{
	struct error error = { 0 };

	stored_forget(&stored);
	if (store_mark_reused(store, &stored.plan, &error))
		fail_msg("%s", error.text);
}

static void put_race(struct store *store, size_t index, enum verdict first)
{
	struct launch_result result = stored_launch(&stored.races[index], 1);
	struct error error = { 0 };

	result.runner[0].verdict = first;
	if (first != VERDICT_EXACT) {
		result.runner[0].samples = 0;
		snprintf(result.runner[0].reason, sizeof result.runner[0].reason, "a reason");
	}
	if (store_put_launch(store, &stored.plan, &stored.races[index], 0, &result, &error))
		fail_msg("%s", error.text);
}

static void done_is_reused(void **state)
{
	const struct accuracy_result skipped = { .outcome = OUTCOME_SKIPPED,
						 .reason = "too few values" };
	const struct accuracy_result failed = { .outcome = OUTCOME_FAILED, .reason = "3 NaN" };
	struct store *store = stored_open(&stored, scratch("reuse.db"));
	struct accuracy_result done = stored_result(&stored, CHANNEL8);
	struct error error = { 0 };

	(void)state;
	mark(store);
	stored_begin(&stored, store);
	assert_int_equal(store_put_accuracy(store, &stored.plan, SYMMETRIC4, &skipped, &error), 0);
	assert_int_equal(store_put_accuracy(store, &stored.plan, CHANNEL8, &done, &error), 0);
	assert_int_equal(store_put_accuracy(store, &stored.plan, GROUP8, &failed, &error), 0);
	put_race(store, 0, VERDICT_EXACT);
	put_race(store, 1, VERDICT_WRONG);
	mark(store);
	assert_int_equal(stored.accuracies[SYMMETRIC4].outcome, OUTCOME_PLANNED);
	assert_int_equal(stored.accuracies[CHANNEL8].outcome, OUTCOME_REUSED);
	assert_int_equal(stored.accuracies[GROUP8].outcome, OUTCOME_PLANNED);
	assert_int_equal(stored.accuracies[GEMM_INT].outcome, OUTCOME_PLANNED);
	for (int i = 0; i < TIMINGS; i++)
		assert_int_equal(stored.timings[i].outcome,
				 i == TIMING_FLOAT ? OUTCOME_PLANNED : OUTCOME_REUSED);
	stored_begin(&stored, store);
	stored_expect(store,
		      "SELECT count(*) FROM planned WHERE run_number = 2 AND outcome = 'reused'",
		      "4");
	stored_expect(store,
		      "SELECT group_concat(reason, ';') FROM (SELECT reason FROM planned "
		      "WHERE run_number = 1 AND outcome = 'failed' ORDER BY 1)",
		      "3 NaN;a reason");
	/* a race of which one runner was timed later than the others is timed again */
	stored_begin(&stored, store);
	stored.races[0].count = 2;
	put_race(store, 0, VERDICT_EXACT);
	stored.races[0].count = 3;
	mark(store);
	assert_int_equal(stored.timings[TIMING_REF].outcome, OUTCOME_PLANNED);
	store_close(store);
	stored_forget(&stored);
}

static void put_nth(struct store *store, int launch, enum verdict verdict, bool left_out)
{
	struct launch_result result = stored_launch(&stored.races[0], 1);
	struct error error = { 0 };

	result.runner[1].verdict = verdict;
	result.runner[1].left_out = left_out;
	if (verdict == VERDICT_NOT_RUN) {
		result.runner[1].samples = 0;
		snprintf(result.runner[1].reason, sizeof result.runner[1].reason, "died");
	}
	if (store_put_launch(store, &stored.plan, &stored.races[0], launch, &result, &error))
		fail_msg("%s", error.text);
}

static void expect_set(struct store *store, long long set_number, int launched, bool reused)
{
	mark(store);
	assert_int_equal(stored.races[0].set_number, set_number);
	assert_int_equal(stored.races[0].launched, launched);
	for (int i = TIMING_REF; i <= TIMING_GUEST; i++)
		assert_int_equal(stored.timings[i].outcome,
				 reused ? OUTCOME_REUSED : OUTCOME_PLANNED);
}

#define OUTCOMES(run)                                                                              \
	"SELECT group_concat(outcome, ',') FROM (SELECT outcome FROM planned WHERE race LIKE "     \
	"'%u8s8s32%' AND run_number = " #run " ORDER BY label LIKE '%f32%', label LIKE '%avx2%')"

/* Three launches are wanted; a first run makes two, a second the third.  Then five are wanted, and one
 * runner dies in the fourth and stays out of the fifth: a new set is needed. */
static void sets_of_launches(void **state)
{
	struct store *store = stored_open(&stored, scratch("sets.db"));

	(void)state;
	stored.races[0].launches = 3;
	expect_set(store, 0, 0, false);
	stored_begin(&stored, store);
	put_nth(store, 0, VERDICT_EXACT, false);
	put_nth(store, 1, VERDICT_EXACT, false);
	stored_expect(store, OUTCOMES(1), "planned,planned,planned");
	expect_set(store, 1, 2, false);
	stored_begin(&stored, store);
	put_nth(store, 2, VERDICT_EXACT, false);
	stored_expect(store, OUTCOMES(1), "planned,planned,planned");
	stored_expect(store, OUTCOMES(2), "done,done,done");
	stored_expect(store, "SELECT group_concat(DISTINCT launches || ' ' || (run_id = (SELECT run_id "
			     "FROM run WHERE run_number = 2))) FROM throughput", "3 1");
	expect_set(store, 1, 3, true);
	stored.races[0].launches = 2;
	expect_set(store, 1, 3, true);
	stored.races[0].launches = 5;
	expect_set(store, 1, 3, false);
	stored_begin(&stored, store);
	put_nth(store, 3, VERDICT_NOT_RUN, false);
	stored_expect(store, OUTCOMES(3), "planned,failed,planned");
	put_nth(store, 4, VERDICT_NOT_RUN, true);
	stored_expect(store, OUTCOMES(3), "done,failed,done");
	stored_expect(store, "SELECT reason FROM failed", "died");
	stored_expect(store, "SELECT launches || ' ' || verdict || ' ' || reason FROM throughput "
			     "WHERE kernel LIKE '%avx2'", "4 not_run died");
	expect_set(store, 0, 0, false);
	stored_begin(&stored, store);
	put_nth(store, 0, VERDICT_EXACT, false);
	expect_set(store, 4, 1, false);
	stored_expect(store, "SELECT group_concat(DISTINCT launches || ' ' || set_number) FROM "
			     "throughput", "1 4");
	stored.races[0].launches = 1;
	stored.races[0].set_number = 0;
	stored_forget(&stored);
	store_close(store);
}

static void another_number_is_refused(void **state)
{
	static const struct {
		int cell;
		const char *words;
	} cases[] = {
		{ 0, "mse of tensor 'tensor' was stored as 0.1 and is now 0.10000000000000002" },
		{ 1, "elements of tensor 'tensor' was stored as 64 and is now 65" },
		{ 2, "sqnr_db of tensor 'tensor' was stored as 20.5 and is now NULL" },
		{ 3, "was stored with 1 rows and now has 2" },
		{ 4, "has stored numbers and is now skipped (no reason)" },
	};
	struct store *store = stored_open(&stored, scratch("again.db"));
	struct accuracy_result good = stored_result(&stored, SYMMETRIC4);
	struct error error = { 0 };

	(void)state;
	mark(store);
	stored_begin(&stored, store);
	assert_int_equal(store_put_accuracy(store, &stored.plan, SYMMETRIC4, &good, &error), 0);
	assert_int_equal(store_put_accuracy(store, &stored.plan, SYMMETRIC4, &good, &error), 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct accuracy_result other = good;

		switch (cases[i].cell) {
		case 0:
			other.row[0].mse = nextafter(0.1, 1);
			break;
		case 1:
			other.row[0].elements++;
			break;
		case 2:
			other.row[0].sqnr_db = NAN;
			break;
		case 3:
			other.rows = 2;
			other.row[1] = other.row[0];
			other.row[1].tensor = "w";
			break;
		default:
			other.outcome = OUTCOME_SKIPPED;
			strcpy(other.reason, "no reason");
		}
		error = (struct error){ 0 };
		assert_int_equal(
			store_put_accuracy(store, &stored.plan, SYMMETRIC4, &other, &error), -1);
		assert_int_equal(error.status, STATUS_FAILED);
		if (!strstr(error.text, cases[i].words) ||
		    !strstr(error.text, "synthetic:outliers:64x64 w=int4"))
			fail_msg("found '%s', expected '%s'", error.text, cases[i].words);
	}
	stored_expect(store, "SELECT mse || ' ' || elements || ' ' || sqnr_db FROM accuracy",
		      "0.1 64 20.5");
	stored_expect(store, "SELECT count(*) FROM accuracy", "1");
	stored_expect(store, "SELECT outcome FROM planned WHERE label LIKE '%int4%'", "done");
	store_close(store);
}

static void rates(void **state)
{
	const struct run_totals totals = { .accuracy_seconds = 3, .accuracy_cost = 25000 };
	struct store *store = stored_open(&stored, scratch("rate.db"));
	struct error error = { 0 };
	double rate;

	(void)state;
	assert_int_equal(store_rate(store, stored.machine.id, &rate, &error), 0);
	assert_true(rate == 0);
	stored_begin(&stored, store);
	stored_end(store);
	assert_int_equal(store_rate(store, stored.machine.id, &rate, &error), 0);
	assert_true(rate == 2500);
	stored_begin(&stored, store);
	assert_int_equal(store_end_run(store, &totals, &error), 0);
	assert_int_equal(store_rate(store, stored.machine.id, &rate, &error), 0);
	/* (5000 + 25000) / ((1 + 3) * 2 jobs) */
	assert_true(rate == 3750);
	assert_int_equal(store_rate(store, "another", &rate, &error), 0);
	assert_true(rate == 0);
	store_close(store);
}

static void the_machine(void **state)
{
	struct machine a, b;
	struct env masked = env_system();
	struct error error;

	(void)state;
	assert_int_equal(machine_read(&a, &masked, &error), 0);
	masked.cpu = 0;
	assert_int_equal(machine_read(&b, &masked, &error), 0);
	assert_memory_equal(&a, &b, sizeof a);
	assert_int_equal(strlen(a.id), 32);
	assert_true(a.cores >= 1 && *a.cpu && *a.kernel);
}

/* Each allocation fails once: no leak, no crash, a sentence. */
static void no_memory(void **state)
{
	struct store *store;
	const char *path = scratch("memory.db");
	const struct histogram histogram = { .tensor = "tensor", .low = -1, .high = 1 };
	bool done = false;
	long at;

	(void)state;
	stored_forget(&stored);
	for (at = 0; !done && at < 1000; at++) {
		struct failing failing = { .fail_at = at };
		struct env env = env_failing(&failing);
		const struct accuracy_result result = stored_result(&stored, GEMM_INT);
		const struct launch_result launch = stored_launch(&stored.races[0], 1);
		struct error error = { 0 };
		char value[512];

		stored.plan.env = &env;
		done = !store_open(&store, &env, path, &error) &&
		       !store_mark_reused(store, &stored.plan, &error) &&
		       !store_begin_run(store, &stored.run, &stored.plan, &error) &&
		       !store_put_accuracy(store, &stored.plan, GEMM_INT, &result, &error) &&
		       !store_put_histogram(store, &stored.plan, 0, &histogram, &error) &&
		       !store_put_launch(store, &stored.plan, &stored.races[0], 0, &launch,
					 &error) &&
		       !store_query(store, "SELECT label, mse FROM choice", NULL, 0, stored_keep,
				    value, &error);
		store_close(store);
		if (!done && (error.status != STATUS_MACHINE || !strstr(error.text, "no memory")))
			fail_msg("allocation %ld: '%s'", at, error.text);
	}
	stored.plan.env = &stored.env;
	assert_true(done);
	assert_true(at > 20);
	store = stored_open(&stored, path);
	stored_expect_whole_runs(store);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_file),     cmocka_unit_test(a_run),
		cmocka_unit_test(done_is_reused), cmocka_unit_test(sets_of_launches),
		cmocka_unit_test(another_number_is_refused),
		cmocka_unit_test(rates),          cmocka_unit_test(the_machine),
		cmocka_unit_test(no_memory),
	};
	int failed;

	scratch_dir();
	stored_make(&stored);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	stored_free(&stored);
	return failed;
}
