/* SPDX-License-Identifier: MIT
 *
 * Rows of networks in the views: numbers by hand, from stored_network.h, the latest plan's, indexes, and
 * what is shown.
 */
#include "stored_network.h"

static struct stored_networks stored;

#define AGAIN \
	"quantsweep run configs/hand.json --again --only 'label=builtin:hand:cal256:eval8 " \
	"w=int3.symmetric.real.channel.minmax a=int8.asymmetric.real.tensor.minmax.static " \
	"half_even float all none s1'"
#define INT8 " WHERE weight_bits = 8 AND label LIKE 'builtin:hand:cal256%'"

static void rows_of_choice(void **state)
{
	static const char *const cases[][2] = {
		{ "SELECT count(*) FROM choice", "5" },
		{ "SELECT bytes || ' ' || sqnr_db || ' ' || metric || ' ' || value_float || ' ' || "
		  "value_simulated || ' ' || value_integer || ' ' || lost || ' ' || gained "
		  "FROM choice" INT8,
		  "1000 27.0 top1 0.875 0.5 0.75 2 1" },
		{ "SELECT difference || ' ' || difference_low || ' ' || difference_high || ' ' || "
		  "integer_mac_fraction || ' ' || exact || ' ' || types FROM choice" INT8,
		  "-0.125 -0.5 0.25 1.0 0 u8s8s32" },
		{ "SELECT coalesce(first_layer_below_20_db, '-') || ' ' || worst_layer || ' ' || "
		  "worst_isolated_db FROM choice" INT8,
		  "- fc 48.0" },
		{ "SELECT first_layer_below_20_db || ' ' || worst_layer || ' ' || "
		  "worst_isolated_db || ' ' || sqnr_db FROM choice WHERE weight_bits = 4",
		  "add fc 28.25 7.25" },
		/* an island has no isolated number, so it is never the worst */
		{ "SELECT worst_layer || ' ' || integer_mac_fraction FROM choice WHERE "
		  "weight_bits = 3", "fc 0.75" },
		/* no integer run: its numbers are those of the simulated one, and a reason */
		{ "SELECT coalesce(value_integer, integer_mac_fraction, lost, gained, 'NULL') || ' ' || "
		  "difference || ' ' || difference_low || ' ' || difference_high || ' ' || skip "
		  "FROM choice WHERE network = 'builtin:curve'",
		  "NULL 0.25 0.125 0.375 conv1: no kernel for activations of 16 bits" },
		{ "SELECT count(*) FROM choice WHERE kernel IS NULL AND library IS NULL AND "
		  "threads IS NULL AND batch IS NULL AND machine_id IS NULL AND median_ns IS NULL "
		  "AND timing_key IS NULL AND mse IS NULL AND subject_kind = 'network'", "5" },
		{ "SELECT network || ' ' || calibration_samples || ' ' || calibration_seed || ' ' || "
		  "calibration_scale || ' ' || calibration_shift || ' ' || calibration_dropped || "
		  "' ' || evaluation_samples || ' ' || evaluation_seed || ' ' || warning FROM "
		  "choice WHERE calibration_samples = 16",
		  "builtin:hand 16 7 0.25 0.5 3+7 8 2 3 samples calibrate and judge" },
		{ "SELECT calibration_scale || ' ' || calibration_shift || ' ' || "
		  "quote(calibration_dropped) FROM choice" INT8,
		  "1.0 0.0 ''" },
		{ "SELECT count(*) FROM choice c JOIN run USING (run_id) WHERE c.choice_label = "
		  "c.label AND c.config = 'configs/hand.json' AND c.config_name = 'hand'", "5" },
	};
	struct store *store = stored_networks_run(&stored, "choice.db");

	(void)state;
	EXPECT(store, cases);
	store_close(store);
}

static void rows_of_drift(void **state)
{
	static const char *const cases[][2] = {
		{ "SELECT count(*) FROM drift", "13" },
		{ "SELECT group_concat(layer_index || layer || operation, ' ') FROM (SELECT * FROM "
		  "drift" INT8 " ORDER BY layer_index)",
		  "0conv1conv 1addadd 2fcconv" },
		{ "SELECT isolated_sqnr_db || ' ' || isolated_relative_rmse || ' ' || rmse_over_step "
		  "|| ' ' || cumulative_sqnr_db || ' ' || cumulative_relative_rmse || ' ' || cosine "
		  "|| ' ' || max_abs FROM drift" INT8 " AND layer = 'fc'",
		  "48.0 0.03 0.28 27.0 0.06 0.997 2.5" },
		{ "SELECT integer_sqnr_db || ' ' || integer_relative_rmse || ' ' || "
		  "activation_saturated_fraction || ' ' || weight_saturated_fraction || ' ' || "
		  "step_gap_local || ' ' || differing_fraction_local || ' ' || step_gap || ' ' || "
		  "differing_fraction FROM drift" INT8 " AND layer = 'fc'",
		  "26.0 0.09 0.125 0.0625 0.0 0.0 2.0 0.002" },
		{ "SELECT count(*) FROM drift WHERE weight_saturated_fraction IS NULL", "4" },
		/* a float island has its cumulative numbers alone */
		{ "SELECT cumulative_sqnr_db || ' ' || coalesce(isolated_sqnr_db, "
		  "isolated_relative_rmse, rmse_over_step, 'NULL') FROM drift WHERE island",
		  "49.5 NULL" },
		{ "SELECT coalesce(integer_sqnr_db, integer_relative_rmse, step_gap, step_gap_local, "
		  "differing_fraction, differing_fraction_local, 'NULL') FROM drift WHERE network = "
		  "'builtin:curve'",
		  "NULL" },
		{ "SELECT activation_bits || ' ' || weight_granularity || ' ' || "
		  "weight_calibration || ' ' || activation_calibration || ' ' || rounding || ' ' || "
		  "policy || ' ' || requantization || ' ' || seed || ' ' || activation_scheme "
		  "FROM drift WHERE weight_bits = 4 LIMIT 1",
		  "8 channel minmax minmax half_even all float 1 asymmetric" },
		{ "SELECT count(*) FROM drift d JOIN run USING (run_id) WHERE d.choice_label = "
		  "d.label AND d.config = 'configs/hand.json' AND subject LIKE network || ':%'", "13" },
	};
	struct store *store = stored_networks_run(&stored, "drift.db");

	(void)state;
	EXPECT(store, cases);
	store_close(store);
}

static void rows_of_task(void **state)
{
	static const char *const cases[][2] = {
		/* float once for each network and evaluation set */
		{ "SELECT count(*) FROM task", "11" },
		{ "SELECT group_concat(label || ' ' || metric || ' ' || value, ';') FROM (SELECT * "
		  "FROM task WHERE execution = 'float' ORDER BY label)",
		  "builtin:curve:eval8 float mse 0.6875;builtin:hand:eval8 float top1 0.875" },
		{ "SELECT DISTINCT coalesce(lost, gained, difference, low, high, told_apart, "
		  "weight_bits, policy, calibration_samples, seed, 'NULL') || samples || ' ' || "
		  "evaluation_samples FROM task WHERE execution = 'float'",
		  "NULL8 8" },
		{ "SELECT samples || ' ' || value || ' ' || lost || ' ' || gained || ' ' || difference "
		  "|| ' ' || low || ' ' || high || ' ' || told_apart || ' ' || seed FROM task" INT8
		  " AND execution = 'integer'",
		  "8 0.75 2 1 -0.125 -0.5 0.25 0 1" },
		{ "SELECT value || ' ' || lost || ' ' || gained || ' ' || told_apart FROM task" INT8
		  " AND execution = 'simulated'",
		  "0.5 3 0 1" },
		/* a loss has no right and wrong */
		{ "SELECT coalesce(lost, gained, 'NULL') || ' ' || difference || ' ' || told_apart "
		  "FROM task WHERE network = 'builtin:curve' AND execution = 'simulated'",
		  "NULL 0.25 1" },
		{ "SELECT count(*) FROM task t JOIN run r USING (run_id) WHERE t.config = "
		  "'configs/hand.json' AND t.choice_label IN (SELECT label FROM choice)",
		  "11" },
		{ "SELECT count(*) FROM task WHERE execution <> 'float' AND choice_label = label "
		  "AND subject LIKE network || ':%'", "9" },
		/* each sample's own value, once */
		{ "SELECT count(*) FROM sample_values", "5" },
		{ "SELECT group_concat(hex(bytes), ' ') FROM (SELECT bytes FROM task_value v JOIN "
		  "sample_values USING (sample_key) JOIN cell USING (cell_key)" INT8
		  " ORDER BY execution)",
		  "7F 9F 78" },
		{ "SELECT length(bytes) FROM task_value JOIN sample_values USING (sample_key) WHERE "
		  "metric = 'mse' AND execution = 'float'", "64" },
	};
	struct store *store = stored_networks_run(&stored, "task.db");

	(void)state;
	EXPECT(store, cases);
	store_close(store);
}

static void other_rows(void **state)
{
	static const char *const cases[][2] = {
		{ "SELECT count(*) FROM error", "8" },
		{ "SELECT group_concat(tensor || layer_index || ' ' || bits || ' ' || scheme || ' ' "
		  "|| granularity || ' ' || mse || ' ' || elements || ' ' || bytes || ' ' || exact, "
		  "';') FROM (SELECT * FROM error WHERE weight_bits = 4 ORDER BY layer_index)",
		  "conv1.weight0 4 symmetric channel 0.02 90 100 0;"
		  "fc.weight2 4 symmetric channel 0.02 92 102 0" },
		{ "SELECT warning || ' ' || (choice_label = label) FROM warning",
		  "3 samples calibrate and judge 1" },
		{ "SELECT count(*) FROM skip", "0" },
		{ "SELECT integer_macs || ' ' || float_macs || ' ' || length(integer_hash) || ' ' || "
		  "isolated_runs || ' ' || samples || ' ' || bytes || ' ' || (no_integer IS NULL) "
		  "FROM network WHERE label LIKE '%int3%'",
		  "300 100 32 24 8 1002 1" },
		{ "SELECT count(*) FROM network WHERE integer_hash IS NULL AND no_integer LIKE "
		  "'%16 bits'", "1" },
		{ "SELECT count(*) FROM planned WHERE outcome = 'done'", "5" },
	};
	struct store *store = stored_networks_run(&stored, "other.db");

	(void)state;
	EXPECT(store, cases);
	store_close(store);
}

/* A label stands for the latest plan's cell, and a float run for the latest one of its network. */
static void latest_rows(void **state)
{
	struct store *store = stored_networks_run(&stored, "latest.db");
	struct stored_network_result made;
	char *key = stored.accuracies[NET_INT8].key, old[KEY_SIZE];
	struct error error = { 0 };

	(void)state;
	memcpy(old, key, KEY_SIZE);
	hash_text(key, "trained once more");
	stored_network_result(&made, NET_INT8);
	made.result.task[RUN_FLOAT].value = 0.9375;
	made.layers[2].cumulative_sqnr_db = 26;
	stored_networks_begin(&stored, store);
	if (store_put_network(store, &stored.plan, NET_INT8, &made.result, &error))
		fail_msg("%s", error.text);
	memcpy(key, old, KEY_SIZE);
	stored_expect(store, "SELECT sqnr_db FROM choice" INT8, "26");
	stored_expect(store, "SELECT count(*) || ' ' || count(DISTINCT label) FROM choice", "5 5");
	stored_expect(store, "SELECT count(*) FROM drift", "13");
	stored_expect(store, "SELECT count(*) FROM error", "8");
	stored_expect(store, "SELECT count(*) FROM network", "5");
	stored_expect(store, "SELECT count(*) FROM layer", "16");
	/* cells of both contents are in the latest plan: the first label's */
	stored_expect(store, "SELECT count(*) FROM task WHERE execution = 'float'", "2");
	stored_expect(store,
		      "SELECT count(*) FROM task t JOIN run r USING (run_id) WHERE r.run_number = 2",
		      "11");
	store_close(store);
}

/* No view may take the square of the number of cells: what hangs on a row is looked up. */
static void plans_use_indexes(void **state)
{
	static const struct {
		const char *view, *search;
	} cases[] = {
		{ "choice", "INDEX choice_by_label (label=? AND run_number>?)" },
		{ "drift", "INDEX cell_by_label (label=? AND kind=? AND run_number>?)" },
		{ "task", "INDEX cell_by_label (label=? AND kind=? AND run_number>?)" },
		{ "network", "INDEX cell_by_label (label=? AND kind=? AND run_number>?)" },
		{ "error", "INDEX cell_by_label (label=? AND kind=? AND run_number>?)" },
	};
	struct store *store = stored_networks_run(&stored, "index.db");

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct text plan = { .env = &stored.base.env };
		struct error error;
		char sql[100];

		snprintf(sql, sizeof sql, "EXPLAIN QUERY PLAN SELECT * FROM %s", cases[i].view);
		assert_int_equal(store_query(store, sql, NULL, 0, stored_join_last, &plan, &error),
				 0);
		if (!strstr(plan.bytes, cases[i].search) || strstr(plan.bytes, "AUTOMATIC INDEX") ||
		    strstr(plan.bytes, "SCAN l ") || strstr(plan.bytes, "SCAN y"))
			fail_msg("%s: %s", cases[i].view, plan.bytes);
		text_free(&plan);
	}
	store_close(store);
}

static void expect_out(const char *command, const char *expected)
{
	struct outcome_text outcome = run_shell("%s", command);

	if (outcome.status || strcmp(outcome.out, expected))
		fail_msg("%s: status %d %s\nfound:\n%s\nexpected:\n%s", command, outcome.status,
			 outcome.err, outcome.out, expected);
	outcome_free(&outcome);
}

/* The columns that a person sees, and the command that measures the row again. */
static void shown(void **state)
{
	(void)state;
	stored_networks_forget(&stored);
	stored_networks_file(&stored, scratch("results/hand.db"));
	expect_out("$QS show results/hand.db --view drift --where 'weight_bits=3' | sed 's/  */ /g'",
		   "subject weights activations requantization policy layer operation isolated [dB] "
		   "cumulative [dB] integer [dB] relative rmse saturated local gap [steps] gap "
		   "[steps] differing again\n"
		   "builtin:hand:cal256:eval8 int3.symmetric.real.channel.minmax "
		   "int8.asymmetric.real.tensor.minmax.static float all conv1 conv - 49.5 48.5 0.02 0.125 0 "
		   "0 0 " AGAIN "\n"
		   "builtin:hand:cal256:eval8 int3.symmetric.real.channel.minmax "
		   "int8.asymmetric.real.tensor.minmax.static float all add add 49.5 38.5 37.5 0.04 0.125 0 "
		   "1 0.001 " AGAIN "\n"
		   "builtin:hand:cal256:eval8 int3.symmetric.real.channel.minmax "
		   "int8.asymmetric.real.tensor.minmax.static float all fc conv 48.5 27.5 26.5 0.06 0.125 0 "
		   "2 0.002 " AGAIN "\n");
	expect_out("$QS show results/hand.db --view task --where 'metric=mse' | sed 's/  */ /g' | "
		   "cut -d ' ' -f 1-14",
		   "subject weights activations requantization policy metric execution samples "
		   "value lost gained difference low high\n"
		   "builtin:curve:eval8 float - - - - mse float 8 0.6875 - - - -\n"
		   "builtin:curve:cal256:eval8 int8.symmetric.real.channel.minmax "
		   "int16.asymmetric.real.tensor.minmax.static float all mse simulated 8 0.9375 - - 0.25 "
		   "0.125 0.375\n");
	/* the float run is measured again with any recipe of its network */
	expect_out("$QS show results/hand.db --view task --where 'execution=float' | grep -o "
		   "'only .label=[^ ]*'",
		   "only 'label=builtin:curve:cal256:eval8\nonly 'label=builtin:hand:cal"
		   "16-seed7-scale0.25-shift0.5-drop3+7:eval8\n");
	expect_out("$QS show results/hand.db --where 'calibration_dropped=3+7' --json | grep -o "
		   "'\"calibration_scale\":[^,]*,\"calibration_shift\":[^,]*'",
		   "\"calibration_scale\":0.25,\"calibration_shift\":0.5\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_of_choice),
		cmocka_unit_test(rows_of_drift),
		cmocka_unit_test(rows_of_task),
		cmocka_unit_test(other_rows),
		cmocka_unit_test(latest_rows),
		cmocka_unit_test(plans_use_indexes),
		cmocka_unit_test(shown),
	};
	int failed;

	scratch_dir();
	stored_networks_make(&stored);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	stored_networks_free(&stored);
	return failed;
}
