/* SPDX-License-Identifier: MIT
 *
 * A result file made by hand, for the tests of what is drawn and said of it.  Four tensors of 32
 * values in 4 rows, one of them with a hostile name; a gemm with four integer kernels, one wrong;
 * a skip, a failure, a warning.  SQNR in dB, the rest of the expectations follow by hand:
 *
 *                  int4 symmetric  asymmetric      symmetric      int8 symmetric
 *                  tensor          tensor          channel        tensor  channel
 *                  minmax  mse     minmax  mse     minmax  mse    minmax  minmax
 *      bytes       20      20      21      21      32      32     36      48
 *      gaussian    10      12      11.5    12.5    13      14.5   36      38
 *      hostile      8       9      14      15       8.5     9.5   34      35
 *      outliers     4      11       4.5    11.5    10.25   10.25  20      37
 *      zero        exact
 *
 * The machine does 0.8 operations on int8 codes a nanosecond, 0.32 on floats, and reads 8 bytes.
 *
 * And two networks, each with one evaluation of 400 samples.  tiny is a classifier of layers conv1,
 * add1 and fc, right in float on 380 of them; curve a regression of fc1 and fc2, its squared error
 * 0.0002 in float.  A layer's isolated SQNR is the recipe's dB less its index, the cumulative one
 * less four times that, the integer one another 0.25 lower; `gap` steps and percent are those of the
 * last layer, 0 before it.  Low and high are made up.
 *
 *                                      bytes  dB  value            low      high
 *      tiny    int8 channel            120    40  379 (3 lost)     -0.0112   0.0088
 *              ... q31_double          120    40  379, gap 1 0.5%  -0.0112   0.0088
 *              ... 16 samples          120    38  376 (5 lost)     -0.018    0.001
 *              ... 256 samples x 0.25  120    26  360 (24 lost)    -0.07    -0.03
 *              int4 channel             70    22  372 (12 lost)    -0.038   -0.002
 *              int4 tensor              64    18  320 (62 lost)    -0.18    -0.12
 *              int4 group32             90    24  378 simulated    -0.015    0.006
 *      (of that the sensitivity of add1, which has no weights, and fc, on 40 samples)
 *      curve   int8 channel             40    40  0.00025          -0.00001  0.00011
 *              int4 channel             24    20  0.004             0.003    0.0046
 */
#ifndef QS_REPORTED_H
#define QS_REPORTED_H

#include "support.h"

#include "../harness/store/store.h"

#include <sqlite3.h>

extern const char embedded_schema[];

#define HOSTILE "x.onnx#</svg><script>alert('1')</script>\"q\" _{2}^% `b` \\n"

enum { REPORTED_TENSORS = 3, REPORTED_RECIPES = 8 };

static const struct reported_recipe {
	int bits;
	const char *scheme, *granularity, *calibration;
	int bytes;
	double sqnr_db[REPORTED_TENSORS];
} reported_recipes[REPORTED_RECIPES] = {
	{ 4, "symmetric", "tensor", "minmax", 20, { 10, 8, 4 } },
	{ 4, "symmetric", "tensor", "mse", 20, { 12, 9, 11 } },
	{ 4, "asymmetric", "tensor", "minmax", 21, { 11.5, 14, 4.5 } },
	{ 4, "asymmetric", "tensor", "mse", 21, { 12.5, 15, 11.5 } },
	{ 4, "symmetric", "channel", "minmax", 32, { 13, 8.5, 10.25 } },
	{ 4, "symmetric", "channel", "mse", 32, { 14.5, 9.5, 10.25 } },
	{ 8, "symmetric", "tensor", "minmax", 36, { 36, 34, 20 } },
	{ 8, "symmetric", "channel", "minmax", 48, { 38, 35, 37 } },
};
static const char *const reported_names[REPORTED_TENSORS + 1] = { "synthetic:gaussian:4x8", HOSTILE,
								  "synthetic:outliers:4x8",
								  "synthetic:zero:4x8" };

static inline void reported_execute(sqlite3 *db, const char *sql)
{
	char *words = NULL;

	if (sqlite3_exec(db, sql, NULL, NULL, &words) != SQLITE_OK)
		fail_msg("%s: %s", sql, words);
}

/* One cell with its error; sqnr_db below 0: exact. */
static inline void reported_tensor(sqlite3 *db, const char *name, const struct reported_recipe *r,
				   double sqnr_db)
{
	struct env env = env_system();
	struct text label = { .env = &env };
	char *sql, number[32] = "NULL";

	text_add_escaped(&label, name);
	text_add(&label, " w=int%d.%s.real.%s.%s half_even s1", r->bits, r->scheme, r->granularity,
		 r->calibration);
	if (sqnr_db >= 0)
		print_double(number, sqnr_db);
	sql = sqlite3_mprintf(
		"INSERT INTO cell (cell_key, kind, label, run_number, arithmetic, subject_kind, "
		"subject, content, seed, weight_format, weight_bits, weight_scheme, weight_scale, "
		"weight_granularity, weight_calibration, rounding) VALUES (hex(%Q), 'accuracy', "
		"%Q, 1, 1, 'tensor', %Q, '', 1, 'int', %d, %Q, 'real', %Q, %Q, 'half_even');INSERT "
		"INTO planned_cell VALUES (1, hex(%Q), '', 'done', NULL);INSERT INTO choice_row "
		"VALUES (hex(%Q), '', '', 1, %Q, NULL);INSERT INTO accuracy (cell_key, "
		"layer_index, tensor, execution, operand, elements, mse, exact, sqnr_db, bytes, "
		"saturated_fraction, zero_fraction, range_low, range_high, warning) VALUES "
		"(hex(%Q), -1, 'tensor', 'simulated', 'w', 32, %g, %d, %s, %d, %g, 0.05, %s, %s, "
		"%Q);",
		label.bytes, label.bytes, name, r->bits, r->scheme, r->granularity, r->calibration,
		label.bytes, label.bytes, label.bytes, label.bytes,
		sqnr_db < 0 ? 0.0 : 0.1 / sqnr_db,
		sqnr_db < 0, number, r->bytes, strcmp(r->calibration, "mse") ? 0.0 : 0.02,
		strcmp(r->granularity, "tensor") ? "NULL" : "-1",
		strcmp(r->granularity, "tensor") ? "NULL"
		: strcmp(r->calibration, "mse")  ? "2.0"
						 : "1.0",
		sqnr_db == 9.5 ? "a <b>warning</b>" : NULL);
	reported_execute(db, sql);
	sqlite3_free(sql);
	text_free(&label);
}

/* A gemm of 2x3x4: 21 dB with integers, exact with floats; the wrong kernel would be the fastest.
 */
static inline void reported_gemm(sqlite3 *db)
{
	static const struct {
		const char *kernel, *types, *verdict;
		int ns;
	} kernels[] = {
		{ "gemm_u8s8s32__ref", "u8s8s32", "exact", 2000 },
		{ "gemm_u8s8s32__avx2", "u8s8s32", "exact", 108 },
		{ "gemm_u8s8s32__avx512bw", "u8s8s32", "wrong", 80 },
		{ "gemm_u8s8s32__avx512vnni", "u8s8s32", "exact", 90 },
		{ "gemm_f32f32f32__ref", "f32f32f32", "exact", 450 },
	};

	reported_execute(
		db,
		"INSERT INTO cell (cell_key, kind, label, run_number, arithmetic, subject_kind, "
		"subject, content, seed, weight_format, activation_format, weight_bits, "
		"activation_bits, weight_scheme, activation_scheme, weight_scale, "
		"activation_scale, weight_granularity, activation_granularity, weight_calibration, "
		"activation_calibration, activation_range, rounding, operation, shape, types) "
		"VALUES ('G8', 'accuracy', 'gemm:2x3x4:A:W w=int8 s1', 1, 1, 'op', "
		"'gemm:2x3x4:A:W', '', 1, 'int', 'int', 8, 8, 'symmetric', 'asymmetric', 'real', "
		"'real', 'channel', 'tensor', 'minmax', 'minmax', 'static', 'half_even', 'gemm', "
		"'2x3x4', 'u8s8s32'), ('G32', 'accuracy', 'gemm:2x3x4:A:W w=float s1', 1, 1, 'op', "
		"'gemm:2x3x4:A:W', '', 1, 'float', 'float', 32, 32, NULL, NULL, NULL, NULL, NULL, "
		"NULL, NULL, NULL, NULL, NULL, 'gemm', '2x3x4', 'f32f32f32');INSERT INTO accuracy "
		"(cell_key, layer_index, tensor, execution, elements, mse, exact, sqnr_db, bytes) "
		"VALUES ('G8', -1, 'w', 'simulated', 12, 0.1, 0, 30, 24), ('G8', -1, 'y', "
		"'simulated', 6, 0.1, 0, 21, NULL), ('G32', -1, 'w', 'simulated', 12, 0, 1, NULL, "
		"48), ('G32', -1, 'y', 'simulated', 6, 0, 1, NULL, NULL);INSERT INTO planned_cell "
		"VALUES (1, 'G8', '', 'done', NULL), (1, 'G32', '', 'reused', NULL);");
	for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++) {
		const char *of = *kernels[i].types == 'u' ? "G8" : "G32";
		const bool wrong = !strcmp(kernels[i].verdict, "wrong");
		char *sql = sqlite3_mprintf(
			"INSERT INTO cell (cell_key, kind, label, run_number, arithmetic, "
			"operation, shape, types, kernel, library, library_hash, threads, batch, "
			"cache, machine_id, work_ops, work_bytes) VALUES ('%q', 'timing', "
			"'gemm:2x3x4 | %q t1 b1 warm', 1, 1, 'gemm', '2x3x4', %Q, %Q, "
			"'quantsweep', '', 1, 1, 'warm', 'm', 48, 44);INSERT INTO planned_cell "
			"VALUES (1, '%q', 'R%q', %Q, %Q);INSERT INTO choice_row SELECT '%q', '%q', "
			"'R%q', 1, label || ' | %q t1 b1 warm', NULL FROM cell WHERE cell_key = "
			"'%q';INSERT INTO launch (cell_key, race, set_number, run_number, launch, guest, "
			"best, verdict, reason, wrong_fraction, median_ns, least_ns, ratio_to_reference, "
			"ratio_to_float, cpu, ended) VALUES ('%q', 'R%q', 1, 1, 0, 0, %d, %Q, %Q, %g, %d, %d, "
			"2.0, 450.0 / %d, 0, 0);",
			kernels[i].kernel, kernels[i].kernel, kernels[i].types, kernels[i].kernel,
			kernels[i].kernel, kernels[i].types, wrong ? "failed" : "done",
			wrong ? "1 of 6 outputs is wrong" : NULL, of, kernels[i].kernel,
			kernels[i].types, kernels[i].kernel, of, kernels[i].kernel,
			kernels[i].types, strstr(kernels[i].kernel, "vnni") != NULL,
			kernels[i].verdict, wrong ? "1 of 6 outputs is wrong" : NULL,
			wrong ? 1.0 / 6 : 0.0,
			kernels[i].ns, kernels[i].ns, kernels[i].ns);

		reported_execute(db, sql);
		sqlite3_free(sql);
	}
}

/* What the table at the head says of a network; lost below 0: a regression. */
static const struct reported_network {
	const char *network, *data, *granularity, *requantization;
	double scale;
	int samples, bits, bytes, db, lost, gained;
	double value, low, high, gap, percent;
	bool integer;
} reported_networks[] = {
#define TINY "tiny", "cal256:eval400"
#define CURVE "curve", "cal256:eval400"
	{ TINY, "channel", "float", 1, 256, 8, 120, 40, 3, 2, 0.9475, -0.0112, 0.0088, 0, 0, true },
	{ TINY, "channel", "q31_double", 1, 256, 8, 120, 40, 3, 2, 0.9475, -0.0112, 0.0088, 1, 0.5,
	  true },
	{ "tiny", "cal16:eval400", "channel", "float", 1, 16, 8, 120, 38, 5, 1, 0.94, -0.018, 0.001,
	  0, 0, true },
	{ "tiny", "cal256-scale0.25:eval400", "channel", "float", 0.25, 256, 8, 120, 26, 24, 4, 0.9,
	  -0.07, -0.03, 0, 0, true },
	{ TINY, "channel", "float", 1, 256, 4, 70, 22, 12, 4, 0.93, -0.038, -0.002, 0, 0, true },
	{ TINY, "tensor", "float", 1, 256, 4, 64, 18, 62, 2, 0.8, -0.18, -0.12, 0, 0, true },
	{ TINY, "group32", "float", 1, 256, 4, 90, 24, 3, 1, 0.945, -0.015, 0.006, 0, 0, false },
	{ CURVE, "channel", "float", 1, 256, 8, 40, 40, -1, 0, 0.00025, -0.00001, 0.00011, 0, 0,
	  true },
	{ CURVE, "channel", "float", 1, 256, 4, 24, 20, -1, 0, 0.004, 0.003, 0.0046, 0, 0, true },
#undef TINY
#undef CURVE
};

static inline void reported_layers(sqlite3 *db, const char *key, const struct reported_network *n)
{
	static const char *const tiny[][2] = { { "conv1", "conv" },
					       { "add1", "add" },
					       { "fc", "gemm" } };
	static const char *const curve[][2] = { { "fc1", "gemm" }, { "fc2", "gemm" } };
	const int count = n->lost < 0 ? 2 : 3;

	for (int i = 0; i < count; i++) {
		const char *const *layer = n->lost < 0 ? curve[i] : tiny[i];
		const int cumulative = n->db - 4 * i;
		char *sql = sqlite3_mprintf(
			"INSERT INTO layer (cell_key, layer_index, layer, operation, island, "
			"isolated_sqnr_db, isolated_relative_rmse, cumulative_sqnr_db, "
			"cumulative_relative_rmse, max_abs, activation_saturated_fraction, "
			"integer_sqnr_db, integer_relative_rmse, step_gap_local, step_gap, "
			"differing_fraction_local, differing_fraction) VALUES (%Q, %d, %Q, %Q, 0, "
			"%d, 0.01, %d, 0.02, 0.5, 0.001%s",
			key, i, layer[0], layer[1], n->db - i, cumulative,
			n->integer ? "" : ", NULL, NULL, NULL, NULL, NULL, NULL)");

		if (n->integer) {
			const double gap = i == count - 1 ? n->gap : 0;
			const double share = i == count - 1 ? n->percent / 100 : 0;
			char *whole = sqlite3_mprintf("%s, %.2f, 0.02, %g, %g, %g, %g)", sql,
						      cumulative - 0.25, gap, 2 * gap, share,
						      4 * share);

			sqlite3_free(sql);
			sql = whole;
		}
		reported_execute(db, sql);
		sqlite3_free(sql);
	}
}

/* Of 400 answers the first 380 are right in float; a run loses the first of these and gains the
 * first of the others.  A bit a sample. */
static inline void reported_samples(sqlite3 *db, const char *sample_key,
				    const struct reported_network *n)
{
	char hex[101] = "", *sql;

	for (int byte = 0; byte < 50; byte++) {
		unsigned value = 0;

		for (int bit = 0; bit < 8; bit++) {
			const int i = 8 * byte + bit;

			if (i < 380 ? i >= n->lost : i < 380 + n->gained)
				value |= 1U << bit;
		}
		snprintf(hex + 2 * byte, 3, "%02X", value);
	}
	sql = sqlite3_mprintf("INSERT OR IGNORE INTO sample_values VALUES (%Q, x'%s')", sample_key,
			      hex);
	reported_execute(db, sql);
	sqlite3_free(sql);
}

static inline void reported_task(sqlite3 *db, const char *key, const struct reported_network *n,
				 const char *execution)
{
	const bool is_float = !strcmp(execution, "float"), counted = n->lost >= 0;
	const double value_float = counted ? 0.95 : 0.0002;
	char words[128] = "NULL, NULL, NULL, NULL, NULL", sample_key[64] = "", *sql;

	if (!is_float)
		snprintf(words, sizeof words, "%.17g, %.17g, %.17g, %s", n->value - value_float,
			 n->low, n->high, counted ? "" : "NULL, NULL");
	if (!is_float && counted) {
		snprintf(words + strlen(words), sizeof words - strlen(words), "%d, %d", n->lost,
			 n->gained);
		snprintf(sample_key, sizeof sample_key, "%d lost, %d gained", n->lost, n->gained);
		reported_samples(db, sample_key, n);
	}
	sql = sqlite3_mprintf("INSERT INTO task_value (cell_key, metric, execution, samples, "
			      "value, difference, low, high, lost, gained, sample_key) VALUES (%Q, "
			      "%Q, %Q, 400, %.17g, %s, %Q)",
			      key, counted ? "top1" : "mse", execution,
			      is_float ? value_float : n->value, words,
			      *sample_key ? sample_key : NULL);
	reported_execute(db, sql);
	sqlite3_free(sql);
}

static inline void reported_network(sqlite3 *db, const struct reported_network *n)
{
	char *label = sqlite3_mprintf(
		"builtin:%s:%s w=int%d.symmetric.real.%s.minmax a=int8.asymmetric.real.tensor."
		"minmax.static half_even %s all none s1",
		n->network, n->data, n->bits, n->granularity, n->requantization);
	char *sql = sqlite3_mprintf(
		"INSERT INTO cell (cell_key, kind, label, run_number, arithmetic, subject_kind, "
		"subject, content, seed, network, calibration_samples, calibration_seed, "
		"calibration_scale, calibration_shift, calibration_dropped, evaluation_samples, "
		"evaluation_seed, weight_format, weight_bits, weight_scheme, weight_scale, "
		"weight_granularity, weight_calibration, activation_format, activation_bits, "
		"activation_scheme, activation_scale, activation_granularity, "
		"activation_calibration, activation_range, rounding, requantization, policy, "
		"recovery) VALUES (%Q, 'accuracy', %Q, 1, 1, 'network', 'builtin:%s:%s', '', 1, "
		"'builtin:%s', %d, 1, %g, 0, '', 400, 2, 'int', %d, 'symmetric', 'real', %Q, "
		"'minmax', 'int', 8, 'asymmetric', 'real', 'tensor', 'minmax', 'static', "
		"'half_even', %Q, 'all', 'none');INSERT INTO planned_cell VALUES (1, %Q, '', "
		"'done', NULL);INSERT INTO choice_row VALUES (%Q, '', '', 1, %Q, NULL);INSERT INTO "
		"network_run VALUES (%Q, %Q, 400, %d, %d, 0, %Q, %Q, NULL, 1, 1, 1, 1, 1, 1, 1)",
		label, label, n->network, n->data, n->network, n->samples, n->scale, n->bits,
		n->granularity, n->requantization, label, label, label, label,
		n->lost < 0 ? "mse" : "top1", n->bytes, n->integer ? 1000 : 0,
		n->integer ? "hash" : NULL,
		n->integer ? NULL : "weights in groups of 32 have no integer kernel");

	reported_execute(db, sql);
	reported_layers(db, label, n);
	reported_task(db, label, n, "float");
	reported_task(db, label, n, "simulated");
	if (n->integer)
		reported_task(db, label, n, "integer");
	sqlite3_free(sql);
	sqlite3_free(label);
}

/* Of one recipe; fc is the one worth sparing. */
static inline void reported_sensitivity(sqlite3 *db)
{
	reported_execute(
		db, "CREATE TEMP TABLE one AS SELECT cell_key FROM cell WHERE network = "
		    "'builtin:tiny' AND weight_bits = 4 AND weight_granularity = 'channel';"
		    "INSERT INTO sensitivity_run SELECT cell_key, 40, 'top1', 0.95, 240, 300, 250, "
		    "5000 FROM one;"
		    "INSERT INTO sensitivity_part SELECT cell_key, 40, column1, column2, 0.9, 3, 1 "
		    "FROM one, (VALUES ('weights', 19), ('activations', 33), ('both', 18));"
		    "INSERT INTO sensitivity_layer SELECT cell_key, 40, column1, column2, column3, "
		    "0.925, 2, 1, column4, 0.95, 1, 1 FROM one, (VALUES ('weights', 2, 20, 24), "
		    "('activations', 1, 35, 33), ('activations', 2, 36, 33), "
		    "('both', 1, 35, 18), ('both', 2, 17, 23.5)); DROP TABLE one;");
}

static inline sqlite3 *reported_open(const char *path)
{
	sqlite3 *db;

	remove(path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	reported_execute(db, embedded_schema);
	reported_execute(
		db, "BEGIN; INSERT INTO machine VALUES ('m', 'a <CPU>', 'avx2', '0x1', 4, 'Linux');"
		    "INSERT INTO machine_limit (machine_id, threads, name, loop, kind, level, "
		    "capacity, value, unit, launches, quick, measured) VALUES "
		    "('m', 1, 'int8_dot', 'int8_dot__avx2', 'int8_dot', NULL, NULL, 0.8, 'GOPS', "
		    "3, 1, 0), ('m', 1, 'f32', 'f32__avx2', 'f32', NULL, NULL, 0.32, 'GOPS', 3, "
		    "1, 0), ('m', 1, 'l1_read', 'read__avx2', 'read', 'l1', 1024, 8, 'GB/s', 3, "
		    "1, 0);"
		    "INSERT INTO run (run_id, run_number, machine_id, started, state, name, "
		    "config, command, jobs, version, compiler, build, arithmetic, seconds, "
		    "config_text) VALUES ('r1', 1, 'm', 0, 'done', 'hand', 'configs/hand.json', "
		    "'quantsweep run configs/hand.json', 1, '0', 'c', 'b', 1, 2.5, '{ \"name\": "
		    "\"<hand>\",' || char(10) || '}');");
	return db;
}

static inline void reported_close(sqlite3 *db)
{
	reported_execute(db, "COMMIT");
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* The whole of it. */
static inline void reported_make(const char *path)
{
	sqlite3 *db = reported_open(path);

	for (int t = 0; t < REPORTED_TENSORS; t++)
		for (int r = 0; r < REPORTED_RECIPES; r++)
			reported_tensor(db, reported_names[t], &reported_recipes[r],
					reported_recipes[r].sqnr_db[t]);
	reported_tensor(db, reported_names[REPORTED_TENSORS], &reported_recipes[0], -1);
	reported_gemm(db);
	for (size_t i = 0; i < sizeof reported_networks / sizeof *reported_networks; i++)
		reported_network(db, &reported_networks[i]);
	reported_sensitivity(db);
	reported_execute(db,
			 "INSERT INTO cell (cell_key, kind, label, run_number, arithmetic) VALUES "
			 "('S', 'skip', 'no/*.onnx', 1, 1);INSERT INTO planned_cell VALUES (1, "
			 "'S', '', 'skipped', 'the pattern <i>matches</i> nothing');INSERT INTO "
			 "histogram_bins VALUES ('synthetic:gaussian:4x8', 'tensor', 1, -2, 2, 4, "
			 "'[3,12,14,3]');");
	reported_close(db);
}

static inline bool has_gnuplot(void)
{
	if (!system("command -v gnuplot >/dev/null"))
		return true;
	printf("# skipped: gnuplot is not installed\n");
	return false;
}

#endif
