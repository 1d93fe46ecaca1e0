/* SPDX-License-Identifier: MIT
 *
 * The views: promised columns in promised order, the numbers they hold (by hand), one row a label,
 * plans that use the indexes, and a word on each column.
 */
#include "stored.h"

static struct stored stored;

static struct store *one_run(const char *name)
{
	const char *path = scratch(name);

	stored_file(&stored, path);
	return stored_open(&stored, path);
}

/* The promise: the columns in this order; what follows these columns is free. */
static const struct {
	const char *view, *columns;
} promises[] = {
	{ "choice",
	  "run_id,accuracy_key,timing_key,label,subject,seed,weight_format,activation_format,"
	  "weight_bits,activation_bits,weight_scheme,activation_scheme,weight_scale,"
	  "activation_scale,weight_granularity,activation_granularity,weight_calibration,"
	  "activation_calibration,activation_range,rounding,requantization,policy,recovery,types,"
	  "kernel,library,threads,batch,machine_id,bytes,sqnr_db,metric,value_float,"
	  "value_simulated,value_integer,lost,gained,first_layer_below_20_db,worst_layer,"
	  "worst_isolated_db,median_ns,speedup_over_float,roofline_fraction,"
	  "integer_mac_fraction," },
	{ "error",
	  "run_id,cell_key,label,seed,subject,tensor,format,bits,scheme,scale,granularity,"
	  "calibration,rounding,elements,mse,rmse,rmse_over_step,sqnr_db,exact,max_abs,mean_error,"
	  "cosine,saturated_fraction,zero_fraction,bytes," },
	{ "drift",
	  "run_id,cell_key,label,seed,network,layer_index,layer,operation,weight_bits,"
	  "activation_bits,weight_granularity,weight_calibration,activation_calibration,rounding,"
	  "policy,requantization,isolated_sqnr_db,cumulative_sqnr_db,cumulative_relative_rmse,"
	  "integer_sqnr_db,cosine,max_abs,activation_saturated_fraction,"
	  "weight_saturated_fraction,rmse_over_step,step_gap_local,step_gap,differing_fraction," },
	{ "task",
	  "run_id,cell_key,label,seed,network,weight_bits,activation_bits,weight_granularity,"
	  "weight_calibration,activation_calibration,rounding,policy,requantization,metric,"
	  "execution,samples,value,lost,gained," },
	{ "throughput",
	  "run_id,cell_key,label,race,operation,shape,types,kernel,library,threads,batch,cache,"
	  "machine_id,verdict,launches,median_ns,spread,gops,gbytes_per_s,roofline_fraction,"
	  "ratio_to_reference,ratio_to_float,ratio_to_best_peer,ratio_low,ratio_high,"
	  "wrong_fraction," },
	{ "skip", "run_id,label,reason," },
	{ "warning", "run_id,label,warning," },
};

static void promised_columns(void **state)
{
	struct store *store = stored_open(&stored, scratch("columns.db"));
	char sql[256];

	(void)state;
	for (size_t i = 0; i < sizeof promises / sizeof *promises; i++) {
		char found[4096] = "";
		const size_t length = strlen(promises[i].columns);
		struct error error;
		const char *const view[] = { promises[i].view };

		struct text all = { .env = &stored.env };

		assert_int_equal(store_query(store, "SELECT name FROM pragma_table_xinfo(?1)", view,
					     1, stored_join, &all, &error),
				 0);
		snprintf(found, sizeof found, "%s", all.bytes);
		text_free(&all);
		found[length] = '\0';
		assert_string_equal(found, promises[i].columns);
	}
	/* all of them, and the rest of the promised views, answer */
	for (const char *const *view = store_views; *view; view++) {
		snprintf(sql, sizeof sql, "SELECT count(*) FROM \"%s\"", *view);
		stored_expect(store, sql, "0");
	}
	store_close(store);
}

static void rows_of_choice(void **state)
{
	struct store *store = one_run("choice.db");

	(void)state;
	stored_expect(store, "SELECT count(*) FROM choice", "6");
	/* a tensor: its own bytes and error, no times */
	stored_expect(
		store,
		"SELECT bytes || ' ' || sqnr_db || ' ' || weight_format || ' ' || weight_bits "
		"|| ' ' || weight_granularity || ' ' || weight_calibration FROM choice "
		"WHERE label LIKE '%int4%'",
		"100 20.5 int 4 tensor minmax");
	stored_expect(
		store,
		"SELECT count(*) FROM choice WHERE subject_kind = 'tensor' AND kernel IS NULL "
		"AND timing_key IS NULL AND machine_id IS NULL AND median_ns IS NULL "
		"AND activation_bits IS NULL AND types IS NULL AND skip IS NULL",
		"3");
	stored_expect(store,
		      "SELECT weight_granularity || ' ' || weight_calibration FROM choice "
		      "WHERE weight_scheme = 'asymmetric'",
		      "group32 percentile(99.99)");
	/* an op: its weights' bytes, its output's error, one row a kernel */
	stored_expect(
		store,
		"SELECT group_concat(kernel || ' ' || bytes || ' ' || sqnr_db || ' ' || median_ns "
		"|| ' ' || speedup_over_float, ';') FROM (SELECT * FROM choice WHERE "
		"subject_kind = 'op' AND weight_bits = 8 ORDER BY median_ns)",
		"gemm_u8s8s32__ref 401 25.5 1000.0 2.0;gemm_u8s8s32__avx2 401 25.5 2000.0 1.0");
	/* floats: exact, so no ratio of signal to noise; timed in its own race, not as a guest */
	stored_expect(store,
		      "SELECT weight_bits || ' ' || activation_format || ' ' || exact || ' ' || "
		      "coalesce(sqnr_db, 'NULL') || ' ' || median_ns FROM choice WHERE types = "
		      "'f32f32f32'",
		      "32 float 1 NULL 1000.0");
	stored_expect(store,
		      "SELECT count(*) FROM choice c JOIN run USING (run_id) WHERE "
		      "c.config = 'configs/hand.json' AND c.data IS NULL AND config_name = 'hand'",
		      "6");
	stored_expect(
		store,
		"SELECT coalesce(metric, value_float, roofline_fraction, integer_mac_fraction) "
		"FROM choice LIMIT 1",
		"NULL");
	store_close(store);
}

static void rows_of_error(void **state)
{
	struct store *store = one_run("error.db");

	(void)state;
	stored_expect(store, "SELECT count(*) FROM error", "9");
	stored_expect(
		store,
		"SELECT tensor || ' ' || bits || ' ' || scheme || ' ' || scale || ' ' || mse || ' '"
		" || stored_scale || ' ' || zero_point || ' ' || range_low FROM error "
		"WHERE label LIKE '%int4%'",
		"tensor 4 symmetric real 0.1 0.142857142857143 0 -1.0");
	/* the numbers of an error's shape; a bound where the calibration knows one */
	stored_expect(
		store,
		"SELECT group_concat(abs_error_p95 || ' ' || abs_error_p999 || ' ' || bias_over_step"
		" || ' ' || kl_divergence || ' ' || coalesce(calibration_bound_db, '-') || ' ' || "
		"coalesce(output_sqnr_db, output_relative_rmse, '-'), ';') FROM (SELECT * FROM error "
		"WHERE tensor = 'tensor' AND scheme = 'symmetric' ORDER BY bits)",
		"0.2 0.25 0.0625 0.075 - -;0.05 0.0625 0.0625 0.01875 0.03125 -");
	/* each operand has its own rule, the output none */
	stored_expect(
		store,
		"SELECT group_concat(tensor || ' ' || coalesce(scheme || ' ' || granularity, '-'), "
		"';') FROM (SELECT * FROM error WHERE label LIKE 'gemm%int8%' ORDER BY tensor)",
		"a asymmetric tensor;w symmetric channel;y -");
	stored_expect(store, "SELECT saturated_fraction FROM error WHERE tensor = 'y' LIMIT 1",
		      "NULL");
	stored_expect(store, "SELECT warning FROM warning", "a \"quoted\", warning\nof two lines");
	stored_expect(store, "SELECT label || ': ' || reason FROM skip",
		      "missing.npy: no file matches 'missing.npy'");
	stored_expect(store, "SELECT count(*) FROM failed", "0");
	stored_expect(
		store,
		"SELECT group_concat(low || ' ' || high || ' ' || bin_low || ' ' || bin_high || "
		"' ' "
		"|| count, ';') FROM histogram WHERE bin < 3",
		"-4.0 4.0 -4.0 -3.9375 1;-4.0 4.0 -3.9375 -3.875 2;-4.0 4.0 -3.875 -3.8125 3");
	stored_expect(store, "SELECT count(*) FROM histogram", "128");
	store_close(store);
}

/* A label stands for one row: the one that was planned last, whatever changed behind it. */
static void one_row_a_label(void **state)
{
	struct store *store = one_run("label.db");
	struct accuracy_result other = stored_result(&stored, SYMMETRIC4);
	char *cell = stored.accuracies[SYMMETRIC4].key, *timing = stored.timings[TIMING_AVX2].key;
	char old_cell[KEY_SIZE], old_timing[KEY_SIZE];
	struct error error = { 0 };

	(void)state;
	memcpy(old_cell, cell, KEY_SIZE);
	memcpy(old_timing, timing, KEY_SIZE);
	hash_text(cell, "another content");
	hash_text(timing, "another library");
	other.row[0].mse = 0.5;
	if (store_begin_run(store, &stored.run, &stored.plan, &error) ||
	    store_put_accuracy(store, &stored.plan, SYMMETRIC4, &other, &error))
		fail_msg("%s", error.text);
	memcpy(cell, old_cell, KEY_SIZE);
	memcpy(timing, old_timing, KEY_SIZE);
	stored_expect(store, "SELECT count(*) || ' ' || count(DISTINCT label) FROM choice", "6 6");
	stored_expect(store, "SELECT count(*) FROM error", "9");
	stored_expect(store, "SELECT mse FROM choice WHERE weight_bits = 4", "0.5");
	stored_expect(store, "SELECT mse FROM error WHERE bits = 4", "0.5");
	stored_expect(store, "SELECT count(*) FROM accuracy", "10");
	/* not measured yet with the new library: no time, not the old one's */
	stored_expect(store,
		      "SELECT count(*) FROM choice WHERE kernel LIKE '%avx2' AND median_ns IS NULL",
		      "1");
	store_close(store);
}

static void timed_rows_replace_others(void **state)
{
	struct store *store = stored_open(&stored, scratch("replace.db"));
	struct accuracy_result result = stored_result(&stored, GEMM_INT);
	struct error error = { 0 };

	(void)state;
	stored.choices[3] =
		(struct choice){ GEMM_INT, NO_TIMING, (char *)"no kernel has these types" };
	stored.plan.choice_count = 4;
	if (store_begin_run(store, &stored.run, &stored.plan, &error) ||
	    store_put_accuracy(store, &stored.plan, GEMM_INT, &result, &error))
		fail_msg("%s", error.text);
	stored_expect(
		store,
		"SELECT skip || ' ' || types || ' ' || coalesce(median_ns, 'NULL') FROM choice "
		"WHERE subject_kind = 'op'",
		"no kernel has these types u8s8s32 NULL");
	stored.choices[3] = (struct choice){ GEMM_INT, TIMING_REF, NULL };
	stored.plan.choice_count = 6;
	if (store_begin_run(store, &stored.run, &stored.plan, &error))
		fail_msg("%s", error.text);
	stored_expect(store,
		      "SELECT group_concat(kernel, ';') FROM (SELECT * FROM choice WHERE "
		      "subject_kind = 'op' ORDER BY kernel)",
		      "gemm_u8s8s32__avx2;gemm_u8s8s32__ref");
	store_close(store);
}

static void failed_cells(void **state)
{
	const struct accuracy_result failed = { .outcome = OUTCOME_FAILED,
						.reason = "3 NaN, first at 5" };
	struct store *store = stored_open(&stored, scratch("failed.db"));
	struct error error = { 0 };

	(void)state;
	if (store_begin_run(store, &stored.run, &stored.plan, &error) ||
	    store_put_accuracy(store, &stored.plan, CHANNEL8, &failed, &error))
		fail_msg("%s", error.text);
	stored_expect(store, "SELECT reason || (choice_label = label) FROM failed",
		      "3 NaN, first at 51");
	stored_expect(store, "SELECT count(*) FROM choice", "0");
	store_close(store);
}

/* Each figure that a person reads over thousands of cells must not take minutes. */
static void plans_use_indexes(void **state)
{
	static const char *const views[] = { "choice", "error" };
	struct store *store = one_run("index.db");

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct text plan = { .env = &stored.env };
		struct error error;
		char sql[100];

		snprintf(sql, sizeof sql, "EXPLAIN QUERY PLAN SELECT * FROM %s", views[i]);
		assert_int_equal(store_query(store, sql, NULL, 0, stored_join_last, &plan, &error),
				 0);
		/* a correlated scan would be quadratic */
		assert_null(strstr(plan.bytes, "SCAN n"));
		assert_non_null(strstr(plan.bytes, "SEARCH n"));
		text_free(&plan);
	}
	store_close(store);
}

/* Each column of the schema says its unit, or what it means. */
static void columns_have_comments(void **state)
{
	char path[1100], *schema, *line, *rest;
	bool inside = false;
	int columns = 0;

	(void)state;
	snprintf(path, sizeof path, "%s/results/schema.sql", source_dir());
	schema = read_text(path);
	assert_non_null(schema);
	for (line = strtok_r(schema, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		const char first = line[0] == '\t' ? line[1] : ' ';

		if (!strncmp(line, "CREATE TABLE", 12) || !strncmp(line, ") STRICT", 8))
			inside = line[0] == 'C';
		if (!inside || !strchr("abcdefghijklmnopqrstuvwxyz\"", first))
			continue;
		columns++;
		if (!strstr(line, "-- "))
			fail_msg("no comment: %s", line);
	}
	free(schema);
	assert_true(columns > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(promised_columns),
		cmocka_unit_test(rows_of_choice),
		cmocka_unit_test(rows_of_error),
		cmocka_unit_test(one_row_a_label),
		cmocka_unit_test(timed_rows_replace_others),
		cmocka_unit_test(failed_cells),
		cmocka_unit_test(plans_use_indexes),
		cmocka_unit_test(columns_have_comments),
	};
	int failed;

	scratch_dir();
	stored_make(&stored);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	stored_free(&stored);
	return failed;
}
