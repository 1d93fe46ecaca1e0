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
		label.bytes, label.bytes, label.bytes, label.bytes, sqnr_db < 0 ? 0.0 : 0.1,
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
			"'%q';INSERT INTO launch (cell_key, race, run_number, launch, guest, "
			"verdict, reason, wrong_fraction, median_ns, least_ns, ratio_to_reference, "
			"ratio_to_float, cpu) VALUES ('%q', 'R%q', 1, 0, 0, %Q, %Q, %g, %d, %d, "
			"2.0, 450.0 / %d, 0);",
			kernels[i].kernel, kernels[i].kernel, kernels[i].types, kernels[i].kernel,
			kernels[i].kernel, kernels[i].types, wrong ? "failed" : "done",
			wrong ? "1 of 6 outputs is wrong" : NULL, of, kernels[i].kernel,
			kernels[i].types, kernels[i].kernel, of, kernels[i].kernel,
			kernels[i].types, kernels[i].verdict,
			wrong ? "1 of 6 outputs is wrong" : NULL, wrong ? 1.0 / 6 : 0.0,
			kernels[i].ns, kernels[i].ns, kernels[i].ns);

		reported_execute(db, sql);
		sqlite3_free(sql);
	}
}

static inline sqlite3 *reported_open(const char *path)
{
	sqlite3 *db;

	remove(path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	reported_execute(db, embedded_schema);
	reported_execute(
		db, "BEGIN; INSERT INTO machine VALUES ('m', 'a <CPU>', 'avx2', '0x1', 4, 'Linux');"
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
