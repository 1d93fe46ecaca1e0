/* SPDX-License-Identifier: MIT
 *
 * Several processes in one file, and processes that SIGKILL ends: what is there is whole.
 */
#include "stored.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static struct stored stored;

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
	stored_forget(&stored);
	for (int i = 0; i < WRITERS; i++)
		if (!(children[i] = fork()))
			_exit(write_runs());
	for (int i = 0; i < WRITERS; i++) {
		waitpid(children[i], &status, 0);
		bad += status != 0;
	}
	assert_int_equal(bad, 0);
	store = stored_open(&stored, scratch("crowd.db"));
	stored_expect(store, "SELECT count(*) FROM run", "45");
	stored_expect(store, "SELECT count(*) FROM accuracy", "9");
	stored_expect(store, "SELECT count(*) FROM launch", "180");
	stored_expect(store, "SELECT * FROM pragma_integrity_check", "ok");
	store_close(store);
}

static void killed_writers(void **state)
{
	const char *path = scratch("killed.db");
	struct store *store;
	unsigned random = 12345;

	(void)state;
	stored_forget(&stored);
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
		store = stored_open(&stored, path);
		/* a cell is there with all its rows or not at all, and so is a race and a plan */
		stored_expect(store,
			      "SELECT count(*) FROM (SELECT count(*) AS n FROM accuracy GROUP BY "
			      "cell_key) WHERE n NOT IN (1, 3)",
			      "0");
		stored_expect(
			store,
			"SELECT count(*) FROM (SELECT count(*) AS n FROM launch WHERE guest OR "
			"race LIKE '%u8%' GROUP BY race, run_number) WHERE n <> 3",
			"0");
		stored_expect(
			store,
			"SELECT count(*) FROM run r WHERE (SELECT count(*) FROM planned_cell p "
			"WHERE p.run_number = r.run_number) <> 10",
			"0");
		stored_expect(
			store,
			"SELECT count(*) FROM planned p WHERE kind = 'accuracy' AND outcome = "
			"'done' AND NOT EXISTS (SELECT 1 FROM accuracy a WHERE a.cell_key = "
			"p.cell_key)",
			"0");
		store_close(store);
	}
	print_message("# %s runs were begun\n",
		      stored_value(store = stored_open(&stored, path), "SELECT count(*) FROM run"));
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crowded_writers),
		cmocka_unit_test(killed_writers),
	};
	int failed;

	scratch_dir();
	stored_make(&stored);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	stored_free(&stored);
	return failed;
}
