/* SPDX-License-Identifier: MIT
 *
 * Networks put into the file: what is reused, what is refused, what SIGKILL and a lack of memory leave.
 */
#include "stored_network.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static struct stored_networks stored;

static void change(struct stored_network_result *made, int which)
{
	struct network_result *result = &made->result;

	switch (which) {
	case 0:
		made->layers[1].cosine = nextafter(made->layers[1].cosine, 1);
		break;
	case 1:
		result->task[RUN_INTEGER].value = 0.5;
		break;
	case 2:
		hash_text(result->integer_hash, "another");
		break;
	case 3:
		result->bytes++;
		break;
	case 4:
		made->weights[1].mse = NAN;
		break;
	case 5:
		made->answers[RUN_FLOAT] = 0x3f;
		break;
	case 6:
		result->layer_count = 2;
		break;
	case 7:
		result->task[RUN_INTEGER].measured = false;
		break;
	case 8:
		made->weights[1].tensor = "other.weight";
		break;
	case 9:
		result->outcome = OUTCOME_FAILED;
		strcpy(result->reason, "no memory");
		break;
	case 10:
		result->task[RUN_SIMULATED].lost++;
		break;
	case 11:
		made->layers[0].island = true;
		break;
	default:
		result->float_macs++;
	}
}

static void another_number_is_refused(void **state)
{
	static const char *const words[] = {
		"cosine of layer 'add' was stored as 0.998 and is now 0.9980000000000001",
		"value of execution 'integer' was stored as 0.75 and is now 0.5",
		"integer_hash of metric 'top1' was stored as ",
		"bytes of metric 'top1' was stored as 1000 and is now 1001",
		"mse of tensor 'fc.weight' was stored as 0.01 and is now NULL",
		"sample_key of execution 'float' was stored as ",
		"was stored with 9 rows and now has 8",
		"was stored with 9 rows and now has 8",
		"was stored with 9 rows and now has 10",
		"has stored numbers and is now failed (no memory)",
		"lost of execution 'simulated' was stored as 3 and is now 4",
		"island of layer 'conv1' was stored as 0 and is now 1",
		"float_macs of metric 'top1' was stored as 0 and is now 1",
	};
	struct store *store = stored_networks_run(&stored, "refused.db");
	struct stored_network_result made;
	struct error error = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		stored_network_result(&made, NET_INT8);
		change(&made, (int)i);
		assert_int_equal(
			store_put_network(store, &stored.plan, NET_INT8, &made.result, &error), -1);
		assert_int_equal(error.status, STATUS_FAILED);
		if (!strstr(error.text, words[i]) ||
		    !strstr(error.text, "builtin:hand:cal256:eval8 w=int8"))
			fail_msg("found '%s', expected '%s'", error.text, words[i]);
	}
	/* words and counters may differ */
	stored_network_result(&made, NET_INT8);
	strcpy(made.result.warning, "another");
	made.result.layer_runs[LAYER_RUNS_FLOAT] = 99;
	made.result.element_visits = 1;
	made.result.seconds = 9;
	assert_int_equal(store_put_network(store, &stored.plan, NET_INT8, &made.result, &error), 0);
	stored_expect(store, "SELECT max(float_runs) FROM network WHERE warning IS NULL", "0");
	stored_expect(store, "SELECT count(*) FROM layer", "13");
	stored_expect(store, "SELECT count(*) FROM sample_values", "5");
	stored_expect(store, "SELECT count(*) FROM planned WHERE outcome = 'done'", "5");
	store_close(store);
}

static void done_is_reused(void **state)
{
	struct store *store = stored_open(&stored.base, scratch("reuse.db"));
	struct stored_network_result made;
	struct error error = { 0 };

	(void)state;
	stored_networks_begin(&stored, store);
	stored_network_result(&made, NET_INT8);
	assert_int_equal(store_put_network(store, &stored.plan, NET_INT8, &made.result, &error), 0);
	made.result.outcome = OUTCOME_SKIPPED;
	strcpy(made.result.reason, "too few values");
	assert_int_equal(store_put_network(store, &stored.plan, NET_INT4, &made.result, &error), 0);
	assert_int_equal(store_mark_reused(store, &stored.plan, &error), 0);
	for (int i = 0; i < NETWORK_CELLS; i++)
		assert_int_equal(stored.accuracies[i].outcome,
				 i == NET_INT8 ? OUTCOME_REUSED : OUTCOME_PLANNED);
	stored_networks_begin(&stored, store);
	stored_networks_forget(&stored);
	stored_expect(store, "SELECT reason FROM planned WHERE outcome = 'skipped'",
		      "too few values");
	stored_expect(store,
		      "SELECT group_concat(outcome, ' ') FROM (SELECT outcome FROM planned WHERE "
		      "run_number = 2 ORDER BY outcome)",
		      "planned planned planned planned reused");
	/* the run is the latest whose plan holds the cell */
	stored_expect(store,
		      "SELECT count(*) FROM drift JOIN run USING (run_id) WHERE run.run_number = 2",
		      "3");
	store_close(store);
}

/* Other cells in every run, so that rows are inserted. */
static void write_for_ever(const char *path, int round)
{
	struct store *store = stored_open(&stored.base, path);

	for (int i = 0;; i++) {
		for (int j = 0; j < NETWORK_CELLS; j++) {
			char text[32];

			snprintf(text, sizeof text, "%d %d %d", round, i, j);
			hash_text(stored.accuracies[j].key, text);
		}
		stored_networks_begin(&stored, store);
		stored_networks_put(&stored, store);
	}
}

/* A cell is there with all its rows or not at all. */
static void killed_writers(void **state)
{
	static const char *const cases[][2] = {
		{ "SELECT count(*) FROM network_run n JOIN cell USING (cell_key) WHERE (SELECT "
		  "count(*) FROM layer l WHERE l.cell_key = n.cell_key) <> CASE network WHEN "
		  "'builtin:curve' THEN 1 ELSE 3 END",
		  "0" },
		{ "SELECT count(*) FROM network_run n WHERE (SELECT count(*) FROM task_value t WHERE "
		  "t.cell_key = n.cell_key) <> CASE metric WHEN 'mse' THEN 2 ELSE 3 END",
		  "0" },
		{ "SELECT count(*) FROM task_value WHERE sample_key NOT IN (SELECT sample_key FROM "
		  "sample_values)",
		  "0" },
		{ "SELECT count(*) FROM planned p WHERE outcome = 'done' AND NOT EXISTS (SELECT 1 "
		  "FROM network_run n WHERE n.cell_key = p.cell_key)",
		  "0" },
		{ "SELECT * FROM pragma_integrity_check", "ok" },
	};
	const char *path = scratch("killed.db");
	struct store *store;
	unsigned random = 2024;

	(void)state;
	stored_networks_forget(&stored);
	for (int round = 0; round < 12; round++) {
		const pid_t child = fork();

		assert_true(child >= 0);
		if (!child)
			write_for_ever(path, round);
		random = random * 1664525 + 1013904223;
		usleep(500 + (random >> 8) % 40000);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		store = stored_open(&stored.base, path);
		EXPECT(store, cases);
		store_close(store);
	}
	store = stored_open(&stored.base, path);
	print_message("# %s networks were stored\n",
		      stored_value(store, "SELECT count(*) FROM network_run"));
	store_close(store);
}

/* Each allocation fails once: no leak, no crash, a sentence. */
static void no_memory(void **state)
{
	const char *path = scratch("memory.db");
	struct stored_network_result made;
	bool done = false;
	long at;

	(void)state;
	stored_network_result(&made, NET_INT4);
	for (at = 0; !done && at < 1000; at++) {
		struct failing failing = { .fail_at = at };
		struct env env = env_failing(&failing);
		struct store *store;
		struct error error = { 0 };

		stored.plan.env = &env;
		done = !store_open(&store, &env, path, &error) &&
		       !store_begin_run(store, &stored.base.run, &stored.plan, &error) &&
		       !store_put_network(store, &stored.plan, NET_INT4, &made.result, &error);
		store_close(store);
		if (!done && (error.status != STATUS_MACHINE || !strstr(error.text, "no memory")))
			fail_msg("allocation %ld: '%s'", at, error.text);
	}
	stored.plan.env = &stored.base.env;
	assert_true(done && at > 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_number_is_refused),
		cmocka_unit_test(done_is_reused),
		cmocka_unit_test(killed_writers),
		cmocka_unit_test(no_memory),
	};
	int failed;

	scratch_dir();
	stored_networks_make(&stored);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	stored_networks_free(&stored);
	return failed;
}
