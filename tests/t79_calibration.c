/* SPDX-License-Identifier: MIT
 *
 * View calibration: who wins where and by how much, against places worked by hand.  The file holds
 *
 *              bits  minmax  mse    entropy  percentile(99.9)  ordered cb32  (dB; least mse wins)
 *      a       4     10      20     20                                       two win
 *      b       4     13      17              15                16
 *      zero    4     exact   exact                                           equal
 *      d       4     12      exact                                           no distance to exact
 *      a       8     30      31
 *      alone   8     30                                                      nothing to hold against
 *      gemm w  8     25      27                                              each in two cells
 *      gemm a  8     40      39
 *      net     8     20      22     of its output, by the activations' rule; one rule of weights
 *
 * and an older number of a's minmax, 50 dB, that must count nowhere.
 */
#include "stored.h"

#include "reported.h"

static struct stored stored;

static void execute(sqlite3 *db, char *sql)
{
	assert_non_null(sql);
	reported_execute(db, sql);
	sqlite3_free(sql);
}

static double mse_of(double sqnr_db)
{
	return sqnr_db < 0 ? 0 : 1 / (1 + sqnr_db);
}

/* An error of a cell; sqnr_db below 0: exact. */
static void put_error(sqlite3 *db, const char *key, int layer, const char *tensor,
		      const char *operand, double sqnr_db)
{
	execute(db, sqlite3_mprintf("INSERT INTO accuracy (cell_key, layer_index, tensor, execution, "
				    "operand, elements, mse, exact, sqnr_db, bytes) VALUES (%Q, %d, "
				    "%Q, 'simulated', %Q, 64, %.17g, %d, nullif(%g, -1), 32)",
				    key, layer, tensor, operand, mse_of(sqnr_db), sqnr_db < 0,
				    sqnr_db));
}

static void put_cell(sqlite3 *db, const char *key, const char *label, int run, const char *kind,
		     const char *subject, int bits, const char *weights, const char *activations)
{
	const bool ordered = !strncmp(weights, "ordered", 7);

	execute(db, sqlite3_mprintf(
			"INSERT INTO cell (cell_key, kind, label, run_number, arithmetic, "
			"subject_kind, subject, content, seed, network, weight_format, weight_bits, "
			"weight_scheme, weight_scale, weight_granularity, weight_calibration, "
			"weight_order_dependent, calibration_batch, activation_format, "
			"activation_bits, activation_scheme, activation_scale, "
			"activation_granularity, activation_calibration, "
			"activation_order_dependent, activation_range, rounding, requantization, "
			"policy, recovery) VALUES (%Q, 'accuracy', %Q, %d, 1, %Q, %Q, '', 1, %Q, "
			"'int', %d, 'symmetric', 'real', 'tensor', %Q, %d, nullif(%d, 0), "
			"'int', 8, 'asymmetric', 'real', 'tensor', nullif(%Q, ''), 0, 'static', "
			"'half_even', 'float', 'all', 'none')",
			key, label, run, kind, subject, strcmp(kind, "network") ? NULL : subject,
			bits, weights, ordered, ordered ? 32 : 0, activations));
}

static void put_tensor(sqlite3 *db, const char *subject, int bits, const char *calibration,
		       double sqnr_db, int run)
{
	char *label = sqlite3_mprintf("%s w=int%d %s", subject, bits, calibration);
	char *key = sqlite3_mprintf("%s/%d", label, run);

	put_cell(db, key, label, run, "tensor", subject, bits, calibration, "");
	put_error(db, key, -1, "tensor", "w", sqnr_db);
	sqlite3_free(key);
	sqlite3_free(label);
}

static void put_gemm(sqlite3 *db, const char *weights, double w_db, const char *activations,
		     double a_db)
{
	char *label = sqlite3_mprintf("gemm w=%s a=%s", weights, activations);

	put_cell(db, label, label, 2, "op", "gemm", 8, weights, activations);
	put_error(db, label, -1, "a", "a", a_db);
	put_error(db, label, -1, "w", "w", w_db);
	put_error(db, label, -1, "y", NULL, a_db + w_db);
	sqlite3_free(label);
}

static void put_network(sqlite3 *db, const char *activations, double output_db, double relative)
{
	char *label = sqlite3_mprintf("net w=minmax a=%s", activations);

	put_cell(db, label, label, 2, "network", "net", 8, "minmax", activations);
	put_error(db, label, 0, "conv.weight", "w", 33);
	execute(db, sqlite3_mprintf("INSERT INTO network_run VALUES (%Q, 'top1', 10, 77, 1, 0, NULL, "
				    "'no', NULL, 1, 1, 1, 1, 1, 1, 1);"
				    "INSERT INTO layer (cell_key, layer_index, layer, operation, "
				    "island, cumulative_sqnr_db, cumulative_relative_rmse) VALUES "
				    "(%Q, 0, 'conv', 'conv', 0, 40, 0.01), (%Q, 1, 'fc', 'gemm', 0, "
				    "%g, %g)",
				    label, label, label, output_db, relative));
	sqlite3_free(label);
}

static struct store *made(void)
{
	static const char *const rules[] = { "minmax", "mse", "entropy", "percentile(99.9)",
					     "ordered" };
	static const struct {
		const char *subject;
		int bits;
		double sqnr_db[5]; /* 0: not measured; -1: exact */
	} tensors[] = {
		{ "a", 4, { 10, 20, 20, 0, 0 } }, { "b", 4, { 13, 17, 0, 15, 16 } },
		{ "zero", 4, { -1, -1, 0, 0, 0 } }, { "d", 4, { 12, -1, 0, 0, 0 } },
		{ "a", 8, { 30, 31, 0, 0, 0 } }, { "alone", 8, { 30, 0, 0, 0, 0 } },
	};
	const char *path = scratch("calibration.db");
	sqlite3 *db;

	remove(path);
	store_close(stored_open(&stored, path));
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	reported_execute(db, "INSERT INTO machine VALUES ('m', 'cpu', '', '', 1, '');");
	for (int run = 1; run <= 2; run++)
		execute(db, sqlite3_mprintf(
				"INSERT INTO run (run_id, run_number, machine_id, started, state, "
				"name, config, command, jobs, version, compiler, build, arithmetic, "
				"config_text) VALUES ('r%d', %d, 'm', 0, 'done', 'hand', 'hand.json', "
				"'', 1, '', '', '', 1, '{}')", run, run));
	put_tensor(db, "a", 4, "minmax", 50, 1);
	for (size_t t = 0; t < sizeof tensors / sizeof *tensors; t++)
		for (int r = 0; r < 5; r++)
			if (tensors[t].sqnr_db[r] != 0)
				put_tensor(db, tensors[t].subject, tensors[t].bits, rules[r],
					   tensors[t].sqnr_db[r], 2);
	put_gemm(db, "minmax", 25, "minmax", 40);
	put_gemm(db, "minmax", 25, "mse", 39);
	put_gemm(db, "mse", 27, "minmax", 40);
	put_gemm(db, "mse", 27, "mse", 39);
	put_network(db, "minmax", 20, 0.1);
	put_network(db, "mse", 22, 0.079);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	return stored_open(&stored, path);
}

/* winners, how many of the rules, their dB, the next and its distance, what minmax loses, bytes */
#define PLACE                                                                                      \
	"SELECT calibration || ' | ' || wins || '/' || rules || ' | ' || coalesce(sqnr_db, '-') || " \
	"' | ' || coalesce(runner_up, '-') || ' ' || coalesce(margin_db, '-') || ' | ' || "          \
	"coalesce(minmax_behind_db, '-') || ' | ' || bytes || ' ' || order_dependent FROM "          \
	"calibration WHERE scope = 'place' AND "

static void places(void **state)
{
	static const struct {
		const char *where, *expected;
	} rows[] = {
		{ "subject = 'a' AND bits = 4", "entropy, mse | 2/3 | 20.0 | minmax 10.0 | 10.0 | 32 0" },
		{ "subject = 'b'", "mse | 1/4 | 17.0 | ordered cb32 1.0 | 4.0 | 32 0" },
		{ "subject = 'zero'", "minmax, mse | 2/2 | - | - - | 0.0 | 32 0" },
		{ "subject = 'd'", "mse | 1/2 | - | minmax - | - | 32 0" },
		{ "subject = 'a' AND bits = 8", "mse | 1/2 | 31.0 | minmax 1.0 | 1.0 | 32 0" },
		{ "tensor = 'w'", "mse | 1/2 | 27.0 | minmax 2.0 | 2.0 | 32 0" },
		{ "tensor = 'a'", "minmax | 1/2 | 40.0 | mse 1.0 | 0.0 | 32 0" },
		{ "judged_by = 'output'", "mse | 1/2 | 22.0 | minmax 2.0 | 2.0 | 77 0" },
	};
	struct store *store = made();
	char sql[600];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		snprintf(sql, sizeof sql, PLACE "%s", rows[i].where);
		stored_expect(store, sql, rows[i].expected);
	}
	stored_expect(store, "SELECT count(*) FROM calibration WHERE scope = 'place'", "8");
	stored_expect(store,
		      "SELECT subject || ' ' || tensor || ' ' || format || bits || ' ' || scheme || "
		      "' ' || scale || ' ' || granularity || ' ' || range || ' ' || rounding || ' ' "
		      "|| beside FROM calibration WHERE scope = 'place' AND judged_by = 'output'",
		      "net activations int8 asymmetric real tensor static half_even "
		      "w=int8.symmetric.real.tensor.minmax float all none");
	store_close(store);
}

/* places and wins, the middle and the largest distance, where it is the largest */
#define OVER                                                                                       \
	"SELECT wins || ' of ' || places || ' | ' || behind_db || ' ' || worst_behind_db || ' | ' "  \
	"|| choice_label FROM calibration WHERE calibration = '%s' AND %s"

static void over_all(void **state)
{
	static const struct {
		const char *calibration, *where, *expected;
	} rows[] = {
		/* 0 (a of the gemm), 1, 2, 4, 10, and one without a number */
		{ "minmax", "scope = 'all' AND judged_by = 'tensor'",
		  "1 of 6 | 2.0 10.0 | a w=int4 minmax" },
		{ "mse", "scope = 'all' AND judged_by = 'tensor'",
		  "5 of 6 | 0.0 1.0 | gemm w=minmax a=mse" },
		{ "entropy", "scope = 'all'", "1 of 1 | 0.0 0.0 | a w=int4 entropy" },
		{ "percentile(99.9)", "scope = 'all'",
		  "0 of 1 | 2.0 2.0 | b w=int4 percentile(99.9)" },
		{ "ordered cb32", "scope = 'all' AND order_dependent",
		  "0 of 1 | 1.0 1.0 | b w=int4 ordered" },
		/* 4, 10, and one without a number: the middle of two */
		{ "minmax", "scope = 'bits' AND bits = 4", "0 of 3 | 7.0 10.0 | a w=int4 minmax" },
		{ "minmax", "scope = 'bits' AND bits = 8 AND judged_by = 'tensor'",
		  "1 of 3 | 1.0 2.0 | gemm w=minmax a=minmax" },
		{ "minmax", "scope = 'all' AND judged_by = 'output'",
		  "0 of 1 | 2.0 2.0 | net w=minmax a=minmax" },
	};
	struct store *store = made();
	char sql[600];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		snprintf(sql, sizeof sql, OVER, rows[i].calibration, rows[i].where);
		stored_expect(store, sql, rows[i].expected);
	}
	stored_expect(store, "SELECT count(*) FROM calibration WHERE scope = 'all'", "7");
	store_close(store);
}

static void tried(void **state)
{
	struct store *store = made();

	(void)state;
	/* 3 + 4 + 2 + 2 + 2 of tensors, 4 of the gemm, 2 of the network; nothing of the older run */
	stored_expect(store, "SELECT count(*) FROM calibration_tried", "19");
	stored_expect(store, "SELECT count(*) FROM calibration_tried WHERE sqnr_db = 50", "0");
	stored_expect(store, "SELECT count(*) FROM calibration_tried WHERE behind_db IS NULL", "1");
	stored_expect(store, "SELECT sum(equal) FROM calibration_tried", "2");
	/* no exact rule has a distance that is not 0 */
	stored_expect(store, "SELECT max(behind_db) FROM calibration_tried WHERE exact", "0");
	store_close(store);
}

static void shown(void **state)
{
	struct outcome_text found;

	(void)state;
	store_close(made());
	found = run_shell("$QS show calibration.db --view calibration --where scope=all --csv | "
			  "cut -d, -f 1,2,14,16,17,19,20 | head -3");
	assert_string_equal(found.out,
			    "scope,judged_by,calibration,places,wins,behind_db,worst_behind_db\n"
			    "all,tensor,mse,6,5,0,1\nall,tensor,entropy,1,1,0,0\n");
	outcome_free(&found);
	/* each row of the table can be measured again; what hangs on an order is marked */
	found = run_shell("$QS show calibration.db --view calibration | grep -c 'run hand.json'");
	assert_string_equal(found.out, "24\n");
	outcome_free(&found);
	found = run_shell("$QS show calibration.db --view calibration | grep -c 'ordered cb32 \\*'");
	assert_string_equal(found.out, "2\n");
	outcome_free(&found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places),
		cmocka_unit_test(over_all),
		cmocka_unit_test(tried),
		cmocka_unit_test(shown),
	};
	int failed;

	scratch_dir();
	stored_make(&stored);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	stored_free(&stored);
	return failed;
}
