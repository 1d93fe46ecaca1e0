/* SPDX-License-Identifier: MIT
 *
 * Files that are not ours, not whole or not allowed: each is answered with a sentence and keeps its
 * bytes.  The damaged files are made here, from a good one; tests/garbage/database holds more.
 */
#include "stored.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct stored stored;

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
		{ "newer", "PRAGMA user_version = 7", "newer quantsweep" },
		{ "older", "PRAGMA user_version = 5", "older quantsweep" },
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
	store_close(stored_open(&stored, more));
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

/* Is killed in the middle of a transaction that has reached the file. */
static int killed_while_writing(void)
{
	sqlite3 *db;

	if (sqlite3_open(scratch("hot.db"), &db) ||
	    sqlite3_exec(db,
			 "PRAGMA journal_mode = DELETE; PRAGMA cache_size = 1; BEGIN IMMEDIATE; "
			 "UPDATE cell SET label = label || hex(zeroblob(4000)); "
			 "UPDATE run SET command = hex(zeroblob(40000)); DELETE FROM choice_row",
			 NULL, NULL, NULL))
		return 1;
	raise(SIGKILL);
	return 2;
}

/* What such a process left beside our file is taken back at the next opening, by a reader too. */
static void a_hot_journal(void **state)
{
	struct stat found;

	(void)state;
	for (int write = 0; write < 2; write++) {
		struct store *store;
		struct error error = { 0 };

		unlink(scratch("hot.db"));
		stored_file(&stored, scratch("hot.db"));
		assert_int_equal(in_child(killed_while_writing), 128 + SIGKILL);
		assert_int_equal(stat(scratch("hot.db-journal"), &found), 0);
		assert_true(found.st_size > 0);
		if ((write ? store_open : store_open_read)(&store, &stored.env, scratch("hot.db"),
							   &error))
			fail_msg("%s", error.text);
		stored_expect(store, "SELECT count(*) FROM choice", "6");
		stored_expect(store, "SELECT max(length(label)) < 1000 FROM cell", "1");
		stored_expect(store, "SELECT * FROM pragma_integrity_check", "ok");
		store_close(store);
	}
	/* a journal beside another program's file, or of one, is not ours to carry out */
	sql_on(scratch("hot.db"), "PRAGMA application_id = 7");
	assert_int_equal(in_child(killed_while_writing), 128 + SIGKILL);
	expect_refused(scratch("hot.db"), "another program");
	assert_int_equal(stat(scratch("hot.db-journal"), &found), 0);
	assert_true(found.st_size > 0);
	stored_file(&stored, scratch("beside.db"));
	assert_int_equal(rename(scratch("hot.db-journal"), scratch("beside.db-journal")), 0);
	expect_refused(scratch("beside.db"), "another program");
	struct outcome_text left = run_shell("ls | grep copy");

	assert_string_equal(left.out, "");
	outcome_free(&left);
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
	store = stored_open(&stored, scratch("full.db"));
	/* each run that was begun is whole */
	stored_expect_whole_runs(store);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refused_files), cmocka_unit_test(damaged_files),
		cmocka_unit_test(foreign_log),   cmocka_unit_test(a_hot_journal),
		cmocka_unit_test(a_missing_file),
		cmocka_unit_test(odd_names),     cmocka_unit_test(no_rights),
		cmocka_unit_test(a_full_disk),
	};
	int failed;

	scratch_dir();
	stored_make(&stored);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	stored_free(&stored);
	return failed;
}
