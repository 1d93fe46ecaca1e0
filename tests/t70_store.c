/* SPDX-License-Identifier: MIT
 *
 * What goes into the file and what comes back: whole cells, reuse, refusals, killed and crowded
 * writers.  The damaged files are made here, from a good one.
 */
#include "stored.h"

#include "../harness/store/store_internal.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct stored stored;

static struct store *open_store(const char *path)
{
	struct store *store;
	struct error error = { 0 };

	if (store_open(&store, &stored.env, path, &error))
		fail_msg("%s", error.text);
	return store;
}

static void expect_sql(struct store *store, const char *sql, const char *expected)
{
	const char *value = stored_value(store, sql);

	if (strcmp(value, expected))
		fail_msg("%s gives %s, expected %s", sql, value, expected);
}

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
	struct store *store = open_store(path);
	struct stat found;

	(void)state;
	expect_pragma(store, "PRAGMA application_id", "1903392613");
	expect_pragma(store, "PRAGMA user_version", "1");
	expect_pragma(store, "PRAGMA journal_mode", "wal");
	expect_pragma(store, "PRAGMA synchronous", "1");
	expect_pragma(store, "PRAGMA foreign_keys", "1");
	/* every table is STRICT */
	expect_sql(store,
		   "SELECT count(*) FROM pragma_table_list WHERE type = 'table' AND NOT strict "
		   "AND name NOT LIKE 'sqlite_%'",
		   "0");
	store_close(store);
	/* nothing is left beside it */
	assert_int_not_equal(stat(scratch("deep/er/new.db-wal"), &found), 0);
	store_close(open_store(path));
}

static void a_run(void **state)
{
	const char *path = scratch("run.db");
	struct store *store;

	(void)state;
	stored_file(&stored, path);
	store = open_store(path);
	expect_sql(store, "SELECT count(*) FROM accuracy", "9");
	expect_sql(store, "SELECT count(*) FROM launch", "4");
	expect_sql(store, "SELECT count(*) FROM choice_row", "6");
	expect_sql(store, "SELECT count(*) FROM planned_cell WHERE outcome = 'done'", "9");
	expect_sql(store, "SELECT count(*) FROM planned_cell WHERE outcome = 'skipped'", "1");
	expect_sql(store, "SELECT state FROM run", "done");
	expect_sql(store, "SELECT accuracy_rate FROM run", "2500");
	expect_sql(store, "SELECT length(run_id) FROM run", "32");
	expect_sql(store, "SELECT isa FROM run", "NULL");
	expect_sql(store, "SELECT content FROM cell WHERE subject_kind = 'tensor' LIMIT 1",
		   "00000000000000000000000000000001");
	expect_sql(store, "SELECT count(DISTINCT content) FROM cell WHERE kind = 'accuracy'", "2");
	expect_sql(store, "SELECT samples FROM launch WHERE \"order\" = 0 AND guest = 0 LIMIT 1",
		   "[996,997,998,999,1000,1001,1002,1003,1004]");
	expect_sql(store, "SELECT zero_point FROM accuracy WHERE stored_scale IS NOT NULL", "0");
	expect_sql(store, "SELECT work_ops FROM cell WHERE kernel = 'gemm_u8s8s32__ref'", "1024");
	/* 4*16 u8 + 8*16 s8 + 4*8 s32 */
	expect_sql(store, "SELECT work_bytes FROM cell WHERE kernel = 'gemm_u8s8s32__ref'", "320");
	store_close(store);
}

static void mark(struct store *store)
{
	struct error error = { 0 };

	for (int i = 0; i < ACCURACY_CELLS; i++)
		stored.accuracies[i].outcome = OUTCOME_PLANNED;
	for (int i = 0; i < TIMINGS; i++)
		stored.timings[i].outcome = OUTCOME_PLANNED;
	if (store_mark_reused(store, &stored.plan, &error))
		fail_msg("%s", error.text);
}

static void begin(struct store *store)
{
	struct error error = { 0 };

	if (store_begin_run(store, &stored.run, &stored.plan, &error))
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
	struct store *store = open_store(scratch("reuse.db"));
	struct accuracy_result done = stored_result(&stored, CHANNEL8);
	struct error error = { 0 };

	(void)state;
	mark(store);
	begin(store);
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
	begin(store);
	expect_sql(store,
		   "SELECT count(*) FROM planned WHERE run_number = 2 AND outcome = 'reused'", "4");
	expect_sql(store,
		   "SELECT group_concat(reason, ';') FROM (SELECT reason FROM planned "
		   "WHERE run_number = 1 AND outcome = 'failed' ORDER BY 1)",
		   "3 NaN;a reason");
	/* a race of which one runner was timed later than the others is timed again */
	begin(store);
	stored.races[0].count = 2;
	put_race(store, 0, VERDICT_EXACT);
	stored.races[0].count = 3;
	mark(store);
	assert_int_equal(stored.timings[TIMING_REF].outcome, OUTCOME_PLANNED);
	store_close(store);
	mark(store = open_store(scratch("empty.db")));
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
	struct store *store = open_store(scratch("again.db"));
	struct accuracy_result good = stored_result(&stored, SYMMETRIC4);
	struct error error = { 0 };

	(void)state;
	mark(store);
	begin(store);
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
	expect_sql(store, "SELECT mse || ' ' || elements || ' ' || sqnr_db FROM accuracy",
		   "0.1 64 20.5");
	expect_sql(store, "SELECT count(*) FROM accuracy", "1");
	expect_sql(store, "SELECT outcome FROM planned WHERE label LIKE '%int4%'", "done");
	store_close(store);
}

static void rates(void **state)
{
	const struct run_totals totals = { .accuracy_seconds = 3, .accuracy_cost = 25000 };
	struct store *store = open_store(scratch("rate.db"));
	struct error error = { 0 };
	double rate;

	(void)state;
	assert_int_equal(store_rate(store, stored.machine.id, &rate, &error), 0);
	assert_true(rate == 0);
	begin(store);
	stored_end(store);
	assert_int_equal(store_rate(store, stored.machine.id, &rate, &error), 0);
	assert_true(rate == 2500);
	begin(store);
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

/* ---- refusals ---- */

static void sql_on(const char *path, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL))
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	sqlite3_close(db);
}

static void copy_file(const char *from, const char *to)
{
	char command[2048];

	snprintf(command, sizeof command, "cp -f '%s' '%s'", from, to);
	assert_int_equal(system(command), 0);
}

static void change_byte(const char *path, long place, int value)
{
	FILE *file = fopen(path, "r+b");

	assert_non_null(file);
	assert_int_equal(fseek(file, place, place < 0 ? SEEK_END : SEEK_SET), 0);
	fputc(value, file);
	fclose(file);
}

/* Both doors refuse the file with STATUS_MACHINE and these words, and keep its bytes. */
static void expect_refused(const char *path, const char *words)
{
	char before[KEY_SIZE] = "", after[KEY_SIZE] = "";
	struct store *store = NULL;
	struct error error = { 0 }, other;
	struct stat found;
	const bool regular = !stat(path, &found) && S_ISREG(found.st_mode);

	if (regular)
		hash_file(before, path, &other);
	for (int write = 0; write < 2; write++) {
		if (!(write ? store_open : store_open_read)(&store, &stored.env, path, &error))
			fail_msg("%s was opened for %s, expected '%s'", path,
				 write ? "writing" : "reading", words);
		assert_null(store);
		assert_int_equal(error.status, STATUS_MACHINE);
		if (!strstr(error.text, words) || strncmp(error.text, path, strlen(path)))
			fail_msg("found '%s', expected '%s'", error.text, words);
	}
	if (regular)
		hash_file(after, path, &other);
	assert_string_equal(before, after);
}

/* Each case is made from a good file by SQL, or by what stands behind the table. */
static void refused_files(void **state)
{
	static const struct {
		const char *name, *sql, *words;
	} cases[] = {
		{ "other-application", "PRAGMA application_id = 7", "another program" },
		{ "no-application", "PRAGMA application_id = 0", "another program" },
		{ "newer", "PRAGMA user_version = 2", "newer quantsweep" },
		{ "older", "PRAGMA user_version = 0", "older quantsweep" },
		{ "no-table", "PRAGMA foreign_keys = OFF; DROP TABLE launch",
		  "table 'launch' is missing" },
		{ "no-index", "DROP INDEX cell_by_label", "index 'cell_by_label' is missing" },
		{ "no-view", "DROP VIEW choice", "view 'choice' is missing" },
		{ "other-view",
		  "DROP VIEW skip; CREATE VIEW skip AS WITH RECURSIVE r(n) AS (SELECT 1 UNION "
		  "ALL SELECT n + 1 FROM r) SELECT '' AS run_id, n AS label, '' AS reason FROM r",
		  "view 'skip' is not that" },
		{ "view-for-table",
		  "ALTER TABLE machine RENAME TO m; CREATE VIEW machine AS SELECT * FROM m",
		  "is missing" },
		{ "other-column", "ALTER TABLE task_value ADD COLUMN more TEXT",
		  "table 'task_value' is not that" },
		{ "trigger", "CREATE TRIGGER t AFTER INSERT ON run BEGIN DELETE FROM machine; END",
		  "has 1 triggers" },
		{ "empty-database", "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema",
		  "is missing" },
	};
	const char *good = scratch("good.db");

	(void)state;
	stored_file(&stored, good);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char path[600];

		snprintf(path, sizeof path, "%s/%s.db", scratch_dir(), cases[i].name);
		copy_file(good, path);
		sql_on(path, cases[i].sql);
		expect_refused(path, cases[i].words);
	}
	/* what does nothing by itself may stand beside ours */
	const char *more = scratch("more.db");

	copy_file(good, more);
	sql_on(more, "CREATE TABLE notes (text); CREATE VIEW mine AS SELECT * FROM choice");
	store_close(open_store(more));
}

static void damaged_files(void **state)
{
	const char *good = scratch("whole.db"), *bad = scratch("bad.db");
	char text[] = "this is a text and not a database\n", random[8192];
	struct stat found;

	(void)state;
	stored_file(&stored, good);
	write_file(bad, text, sizeof text - 1);
	expect_refused(bad, "not a database");
	write_file(bad, "", 0);
	expect_refused(bad, "is empty, not a database");
	for (size_t i = 0; i < sizeof random; i++)
		random[i] = (char)(i * 2654435761u >> 13);
	write_file(bad, random, sizeof random);
	expect_refused(bad, "not a database");
	assert_int_equal(stat(good, &found), 0);
	copy_file(good, bad);
	assert_int_equal(truncate(bad, found.st_size / 2), 0);
	expect_refused(bad, "damaged");
	assert_int_equal(truncate(bad, 100), 0);
	expect_refused(bad, "damaged");
	copy_file(good, bad);
	change_byte(bad, 3, 'X');
	expect_refused(bad, "not a database");
	/* the type of each page but the first: interior and leaf, index and table */
	for (long page = 4096; page < found.st_size; page += 4096) {
		copy_file(good, bad);
		change_byte(bad, page, 0x77);
		expect_refused(bad, "damaged");
	}
	expect_refused(scratch_dir(), "is a folder, not a database");
	assert_int_equal(symlink("/dev/null", scratch("device.db")), 0);
	expect_refused(scratch("device.db"), "is no regular file");
}

/* A log that a foreign database left beside ours must not be carried over. */
static void foreign_log(void **state)
{
	const char *good = scratch("mine.db"), *other = scratch("other.db");
	char command[2048];
	sqlite3 *db;

	(void)state;
	stored_file(&stored, good);
	assert_int_equal(sqlite3_open(other, &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(db,
			     "PRAGMA journal_mode = WAL; CREATE TABLE x (y); INSERT INTO x "
			     "VALUES (zeroblob(20000))",
			     NULL, NULL, NULL),
		SQLITE_OK);
	snprintf(command, sizeof command, "cp '%s-wal' '%s-wal'", other, good);
	assert_int_equal(system(command), 0);
	sqlite3_close(db);
	expect_refused(good, "another program");
}

static void a_missing_file(void **state)
{
	struct store *store;
	struct error error = { 0 };
	struct stat found;

	(void)state;
	assert_int_equal(store_open_read(&store, &stored.env, scratch("none.db"), &error), -1);
	assert_int_equal(error.status, STATUS_INPUT);
	assert_non_null(strstr(error.text, "no such file"));
	assert_int_not_equal(stat(scratch("none.db"), &found), 0);
	assert_int_equal(store_open_read(&store, &stored.env, "", &error), -1);
	assert_int_equal(error.status, STATUS_INPUT);
}

/* A name that SQLite would take for something else is a file's name. */
static void odd_names(void **state)
{
	static const char *const names[] = { ":memory:", "file:x.db?mode=memory", "a%20b?c#d.db",
					     "with space.db" };
	char here[4096], path[600];
	struct stat found;

	(void)state;
	assert_non_null(getcwd(here, sizeof here));
	assert_int_equal(chdir(scratch_dir()), 0);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		stored_file(&stored, names[i]);
		snprintf(path, sizeof path, "%s/%s", scratch_dir(), names[i]);
		assert_int_equal(stat(path, &found), 0);
	}
	assert_int_equal(chdir(here), 0);
}

/* Runs `work` in a child; gives its exit status. */
static int in_child(int (*work)(void))
{
	int status;
	const pid_t child = fork();

	assert_true(child >= 0);
	if (!child)
		_exit(work());
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* 0 where the door refuses with these words. */
static int refuses(int (*door)(struct store **, const struct env *, const char *, struct error *),
		   const char *path, const char *words)
{
	struct store *store;
	struct error error = { 0 };

	if (!door(&store, &stored.env, path, &error)) {
		fprintf(stderr, "%s was opened\n", path);
		return 1;
	}
	if (error.status == STATUS_MACHINE && strstr(error.text, words))
		return 0;
	fprintf(stderr, "found '%s', expected '%s'\n", error.text, words);
	return 1;
}

static int without_rights(void)
{
	struct store *store;
	struct error error = { 0 };

	if (!geteuid() && seteuid(65534))
		return 77;
	if (refuses(store_open, scratch("locked/new.db"), "cannot be") ||
	    refuses(store_open, scratch("locked/deeper/new.db"), "cannot be made") ||
	    refuses(store_open, scratch("locked/old.db"), "cannot be") ||
	    refuses(store_open, scratch("secret.db"), "cannot be read") ||
	    refuses(store_open_read, scratch("secret.db"), "cannot be read"))
		return 1;
	/* but it can be read */
	if (store_open_read(&store, &stored.env, scratch("locked/old.db"), &error)) {
		fprintf(stderr, "%s\n", error.text);
		return 2;
	}
	if (strcmp(stored_value(store, "SELECT count(*) FROM choice"), "6"))
		return 3;
	store_close(store);
	return 0;
}

static void no_rights(void **state)
{
	int status;

	(void)state;
	stored_file(&stored, scratch("locked/old.db"));
	stored_file(&stored, scratch("secret.db"));
	assert_int_equal(chmod(scratch_dir(), 0755), 0);
	assert_int_equal(chmod(scratch("secret.db"), 0), 0);
	assert_int_equal(chmod(scratch("locked/old.db"), 0444), 0);
	assert_int_equal(chmod(scratch("locked"), 0555), 0);
	status = in_child(without_rights);
	assert_int_equal(chmod(scratch("locked"), 0755), 0);
	if (status == 77)
		print_message("# SKIP this user cannot give up its rights\n");
	else
		assert_int_equal(status, 0);
}

/* A limit on file sizes stands for a full disk: a write fails in the middle. */
static int on_a_full_disk(void)
{
	struct rlimit limit = { 200000, 200000 };
	struct store *store;
	struct error error = { 0 };
	int number = 0;

	signal(SIGXFSZ, SIG_IGN);
	if (store_open(&store, &stored.env, scratch("full.db"), &error))
		return 1;
	setrlimit(RLIMIT_FSIZE, &limit);
	while (number < 1000 && !store_begin_run(store, &stored.run, &stored.plan, &error))
		number++;
	if (number == 1000 || error.status != STATUS_MACHINE ||
	    !strstr(error.text, "what is stored stays")) {
		fprintf(stderr, "after %d runs: '%s'\n", number, error.text);
		return 2;
	}
	store_close(store);
	return number < 1 ? 3 : 0;
}

static void a_full_disk(void **state)
{
	struct store *store;

	(void)state;
	assert_int_equal(in_child(on_a_full_disk), 0);
	store = open_store(scratch("full.db"));
	/* each run that was begun is whole */
	expect_sql(store,
		   "SELECT count(*) FROM run r WHERE (SELECT count(*) FROM planned_cell p "
		   "WHERE p.run_number = r.run_number) <> 10",
		   "0");
	store_close(store);
}

/* ---- several processes ---- */

static int write_runs(void)
{
	struct store *store;
	struct error error = { 0 };

	for (int i = 0; i < 5; i++) {
		if (store_open(&store, &stored.env, scratch("crowd.db"), &error))
			goto out;
		for (int j = 0; j < 3; j++) {
			if (store_begin_run(store, &stored.run, &stored.plan, &error))
				goto out;
			stored_put(&stored, store);
			stored_end(store);
		}
		store_close(store);
	}
	return 0;
out:
	fprintf(stderr, "%s\n", error.text);
	return 1;
}

static void crowded_writers(void **state)
{
	enum { WRITERS = 3 };
	struct store *store;
	pid_t children[WRITERS];
	int status, bad = 0;

	(void)state;
	mark(store = open_store(scratch("empty.db")));
	store_close(store);
	for (int i = 0; i < WRITERS; i++)
		if (!(children[i] = fork()))
			_exit(write_runs());
	for (int i = 0; i < WRITERS; i++) {
		waitpid(children[i], &status, 0);
		bad += status != 0;
	}
	assert_int_equal(bad, 0);
	store = open_store(scratch("crowd.db"));
	expect_sql(store, "SELECT count(*) FROM run", "45");
	expect_sql(store, "SELECT count(*) FROM accuracy", "9");
	expect_sql(store, "SELECT count(*) FROM launch", "180");
	expect_pragma(store, "PRAGMA integrity_check", "ok");
	store_close(store);
}

static void killed_writers(void **state)
{
	const char *path = scratch("killed.db");
	struct store *store;
	unsigned random = 12345;

	(void)state;
	mark(store = open_store(scratch("empty.db")));
	store_close(store);
	for (int round = 0; round < 12; round++) {
		const pid_t child = fork();

		assert_true(child >= 0);
		if (!child) {
			struct error error = { 0 };

			if (store_open(&store, &stored.env, path, &error))
				_exit(1);
			for (;;) {
				if (store_begin_run(store, &stored.run, &stored.plan, &error))
					_exit(1);
				stored_put(&stored, store);
			}
		}
		random = random * 1664525 + 1013904223;
		usleep(500 + (random >> 8) % 30000);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		store = open_store(path);
		/* a cell is there with all its rows or not at all, and so is a race and a plan */
		expect_sql(store,
			   "SELECT count(*) FROM (SELECT count(*) AS n FROM accuracy GROUP BY "
			   "cell_key) WHERE n NOT IN (1, 3)",
			   "0");
		expect_sql(store,
			   "SELECT count(*) FROM (SELECT count(*) AS n FROM launch WHERE guest OR "
			   "race LIKE '%u8%' GROUP BY race, run_number) WHERE n <> 3",
			   "0");
		expect_sql(store,
			   "SELECT count(*) FROM run r WHERE (SELECT count(*) FROM planned_cell p "
			   "WHERE p.run_number = r.run_number) <> 10",
			   "0");
		expect_sql(store,
			   "SELECT count(*) FROM planned p WHERE kind = 'accuracy' AND outcome = "
			   "'done' AND NOT EXISTS (SELECT 1 FROM accuracy a WHERE a.cell_key = "
			   "p.cell_key)",
			   "0");
		store_close(store);
	}
	print_message("# %s runs were begun\n",
		      stored_value(store = open_store(path), "SELECT count(*) FROM run"));
	store_close(store);
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
	mark(store = open_store(scratch("empty.db")));
	store_close(store);
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
	store = open_store(path);
	expect_sql(store,
		   "SELECT count(*) FROM run r WHERE (SELECT count(*) FROM planned_cell p "
		   "WHERE p.run_number = r.run_number) <> 10",
		   "0");
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_file),     cmocka_unit_test(a_run),
		cmocka_unit_test(done_is_reused), cmocka_unit_test(another_number_is_refused),
		cmocka_unit_test(rates),          cmocka_unit_test(the_machine),
		cmocka_unit_test(refused_files),  cmocka_unit_test(damaged_files),
		cmocka_unit_test(foreign_log),    cmocka_unit_test(a_missing_file),
		cmocka_unit_test(odd_names),      cmocka_unit_test(no_rights),
		cmocka_unit_test(a_full_disk),    cmocka_unit_test(crowded_writers),
		cmocka_unit_test(killed_writers), cmocka_unit_test(no_memory),
	};
	int failed;

	scratch_dir();
	stored_make(&stored);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	stored_free(&stored);
	return failed;
}
