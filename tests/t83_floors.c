/* SPDX-License-Identifier: MIT
 *
 * Stored times alone: which evidence is refused and why, and two files by hand.
 */
#include "support.h"

#include "../harness/gate/floors.h"

#include <math.h>
#include <sqlite3.h>

static const struct floor_conditions here = { .machine = "m", .cache_bytes = 1000 };

static void evidence(void **state)
{
	static const struct {
		struct floor_evidence old, new;
		long long bytes;
		int threads;
		const char *cache, *why; /* NULL: good enough */
	} cases[] = {
#define GOOD { 7, 5, 10, 1, "m", "gcc" }
		{ GOOD, GOOD, 1000, 1, "warm", NULL },
		{ GOOD, { 7, 7, 10, 1, "n", "gcc" }, 1000, 1, "warm", "different machines" },
		{ { 7, 7, 10, 1, "n", "gcc" }, { 7, 7, 10, 1, "n", "gcc" }, 1000, 1, "warm",
		  "measured on another machine" },
		{ GOOD, { 7, 7, 10, 1, "m", "clang" }, 1000, 1, "warm", "built by gcc and by clang" },
		{ GOOD, GOOD, 1001, 1, "warm", "1001 bytes exceeds the second-level cache of 1000" },
		{ GOOD, GOOD, 1000, 2, "warm", "only one thread and a warm cache" },
		{ GOOD, GOOD, 1000, 1, "cold", "only one thread and a warm cache" },
		{ GOOD, { 4, 4, 10, 1, "m", "gcc" }, 1000, 1, "warm", "4 launches, at least 5" },
		{ { 4, 4, 10, 1, "m", "gcc" }, GOOD, 1000, 1, "warm", "4 launches, at least 5" },
		{ GOOD, { 7, 7, 9.9, 1, "m", "gcc" }, 1000, 1, "warm",
		  "launches within 9.9 s, at least 10 s" },
		{ { 7, 4, 10, 1, "m", "gcc" }, GOOD, 1000, 1, "warm",
		  "4 launches reach the least time within 2 %" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char why[400] = "";
		const bool refused = floors_refused(why, sizeof why, &cases[i].old, &cases[i].new,
						    &here, cases[i].bytes, cases[i].threads,
						    cases[i].cache);

		if (refused != (cases[i].why != NULL) ||
		    (refused && !strstr(why, cases[i].why)))
			fail_msg("case %zu: '%s', expected '%s'", i, why,
				 cases[i].why ? cases[i].why : "");
	}
}

static void execute(sqlite3 *db, const char *format, ...)
{
	va_list arguments;
	char *sql;

	va_start(arguments, format);
	sql = sqlite3_vmprintf(format, arguments);
	va_end(arguments);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL))
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	sqlite3_free(sql);
}

/* Launches of one kernel: the floor, six at it and one far off, 2 s from one to the next. */
static void add_kernel(sqlite3 *db, const char *key, const char *kernel, int run, double floor,
		       const char *verdict)
{
	execute(db,
		"INSERT INTO cell (cell_key, kind, label, run_number, arithmetic, operation, shape, "
		"types, kernel, library, library_hash, threads, batch, cache, machine_id, work_bytes) "
		"VALUES (%Q, 'timing', 'gemm:2x3x4 | %q t1 b1 warm', %d, 1, 'gemm', '2x3x4', "
		"'u8s8s32', %Q, 'quantsweep', '', 1, 1, 'warm', 'm', 900)",
		key, kernel, run, kernel);
	for (int i = 0; i < 7; i++)
		execute(db,
			"INSERT INTO launch (cell_key, race, set_number, run_number, launch, guest, "
			"verdict, least_ns, ended) VALUES (%Q, 'R', %d, %d, %d, 0, %Q, %f, %d)",
			key, run, run, i, verdict, i < 6 ? floor + i * 0.001 * floor : 3 * floor,
			1000 + 2 * i);
}

static sqlite3 *make_file(const struct env *env, const char *path)
{
	struct store *store;
	struct error error;
	sqlite3 *db;

	if (store_open(&store, env, path, &error))
		fail_msg("%s", error.text);
	store_close(store);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	execute(db, "INSERT INTO machine VALUES ('m', 'c', 'f', '', 4, 'k')");
	for (int run = 1; run <= 2; run++)
		execute(db,
			"INSERT INTO run (run_id, run_number, machine_id, started, state, name, "
			"config, command, jobs, version, compiler, build, arithmetic, config_text) "
			"VALUES ('r%d', %d, 'm', 0, 'done', 'n', 'c', 'c', 1, 'v', 'gcc', 'Release', 1, "
			"'')",
			run, run);
	return db;
}

static void two_files(void **state)
{
	static const struct {
		const char *kernel;
		enum speed_word word;
	} expected[] = {
		{ "k_slower", WORD_REGRESSED }, { "k_wrong", WORD_WRONG }, { "k_gone", WORD_GONE },
		{ "k_new", WORD_NEW },          { "k_faster", WORD_IMPROVED },
		{ "k_same", WORD_UNCHANGED },
	};
	const struct env env = env_system();
	struct speed_report report = { .max_regress = 0.02 };
	struct store *old, *new;
	struct error error;
	sqlite3 *db = make_file(&env, scratch("old.db"));

	(void)state;
	add_kernel(db, "1", "k_slower", 1, 100, "exact");
	add_kernel(db, "2", "k_same", 1, 100, "exact");
	add_kernel(db, "3", "k_faster", 1, 100, "exact");
	add_kernel(db, "4", "k_gone", 1, 100, "exact");
	add_kernel(db, "5", "k_wrong", 1, 100, "exact");
	sqlite3_close(db);
	db = make_file(&env, scratch("new.db"));
	/* an earlier library of the same kernel does not count */
	add_kernel(db, "1", "k_slower", 1, 50, "exact");
	add_kernel(db, "6", "k_slower", 2, 102.1, "exact");
	add_kernel(db, "2", "k_same", 2, 101.9, "exact");
	add_kernel(db, "3", "k_faster", 2, 97.9, "exact");
	add_kernel(db, "5", "k_wrong", 2, 100, "wrong");
	add_kernel(db, "7", "k_new", 2, 100, "exact");
	sqlite3_close(db);
	assert_int_equal(store_open_read(&old, &env, scratch("old.db"), &error), 0);
	assert_int_equal(store_open_read(&new, &env, scratch("new.db"), &error), 0);
	if (floors_compare(&report, &env, old, new, &here, &error))
		fail_msg("%s", error.text);
	assert_int_equal(report.count, sizeof expected / sizeof *expected);
	for (size_t i = 0; i < report.count; i++) {
		assert_string_equal(report.rows[i].kernel, expected[i].kernel);
		assert_int_equal(report.rows[i].word, expected[i].word);
	}
	assert_true(fabs(report.rows[0].effect.median - log(1.021)) < 1e-12);
	assert_true(isnan(report.rows[0].effect.low));
	assert_true(report.rows[0].old_ns == 100 && report.rows[0].new_ns == 102.1);
	assert_string_equal(report.rows[0].task, "gemm:2x3x4 u8s8s32");
	assert_string_equal(report.rows[0].note, "floors of 7 and 7 launches");
	floors_free(&report, &env);
	store_close(old);
	store_close(new);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(evidence),
					    cmocka_unit_test(two_files) };

	scratch_dir();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
