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
		cmocka_unit_test(rows_of_throughput),
		cmocka_unit_test(the_best_peer),
		cmocka_unit_test(intervals_of_throughput),
		cmocka_unit_test(rows_of_warning),
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
