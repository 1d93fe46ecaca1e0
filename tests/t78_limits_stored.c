/* SPDX-License-Identifier: MIT
 *
 * The machine's limits in the store, and the roof over each timing: limits made up, shares and the
 * roof that binds by hand.
 */
#include "stored.h"

#include "../harness/store/store_internal.h"

static struct stored stored;

/* A loop's value on a level of so many bytes. */
struct given {
	const char *loop, *name;
	int level;
	int64_t capacity;
	double value;
};

static void put_limits(struct store *store, const struct given *given, size_t count, int threads)
{
	struct limit_result results[32];
	struct machine_limits limits = { .env = &stored.env, .threads = threads,
					 .results = results, .count = count };
	struct error error = { 0 };

	for (size_t i = 0; i < count; i++) {
		results[i] = (struct limit_result){
			.limit = limit_of(value_find(limit_values, given[i].loop)),
			.level = given[i].level,
			.bytes = given[i].level < 0 ? 0 : 64,
			.capacity = given[i].capacity,
			.value = given[i].value,
			.spread = 0.25,
			.launches = 3,
		};
		assert_non_null(results[i].limit);
		snprintf(results[i].name, sizeof results[i].name, "%s", given[i].name);
		if (isnan(given[i].value)) {
			results[i].launches = 0;
			snprintf(results[i].reason, sizeof results[i].reason, "no");
		}
	}
	if (store_put_limits(store, &stored.machine, &limits, &error))
		fail_msg("%s", error.text);
}

/* The rate is in operations or bytes a nanosecond. */
static const struct given usual[] = {
	{ "int8_dot__ref", "int8_dot", -1, 0, 2 },
	{ "f32__ref", "f32", -1, 0, 4 },
	{ "int16__ref", "int16", -1, 0, 8 },
	{ "read__ref", "l1_read", 0, 256, 10 },
	{ "read__ref", "l2_read", 1, 512, 0.5 },
	{ "read__ref", "l3_read", 2, 896, 16 },
	{ "read__ref", "dram_read", 3, 0, 0.25 },
	{ "copy__ref", "l1_copy", 0, 256, 10 },
	{ "copy__ref", "l2_copy", 1, 512, 0.2 },
	{ "copy__ref", "l3_copy", 2, 896, 16 },
	{ "copy__ref", "dram_copy", 3, 0, 0.125 },
	{ "write__ref", "l1_write", 0, 256, NAN },
};

enum { USUAL = sizeof usual / sizeof *usual };

static void expect_has(struct store *store, const char *machine, int threads, bool expected)
{
	struct error error;
	bool has = !expected;

	assert_int_equal(store_has_limits(store, machine, threads, 0, &has, &error), 0);
	assert_int_equal(has, expected);
}

static void limits_take_places(void **state)
{
	struct store *store = stored_open(&stored, scratch("places.db"));
	const struct given wide[] = { { "int8_dot__ref", "int8_dot", -1, 0, 20 },
				      { "f32__ref", "f32", -1, 0, 3 } };

	(void)state;
	expect_has(store, stored.machine.id, 1, false);
	put_limits(store, usual, USUAL, 1);
	expect_has(store, stored.machine.id, 1, true);
	expect_has(store, stored.machine.id, 2, false);
	expect_has(store, "another", 1, false);
	/* a loop without a value has no row; the machine has one */
	stored_expect(store, "SELECT count(*) FROM machine_limit", "11");
	stored_expect(store, "SELECT cpu FROM machine", "a CPU");
	stored_expect(store,
		      "SELECT machine_id || ' ' || threads || ' ' || value || ' ' || unit || ' ' || "
		      "coalesce(run_id, 'NULL') || ' ' || loop || ' ' || kind || ' ' || level || "
		      "' ' || launches || ' ' || spread || ' ' || working_set || ' ' || capacity || "
		      "' ' || quick || ' ' || (abs(measured - unixepoch()) < 600) "
		      "FROM \"limit\" WHERE name = 'l2_read'",
		      "0123456789abcdef0123456789abcdef 1 0.5 GB/s NULL read__ref read l2 3 0.25 64 "
		      "512 0 1");
	stored_expect(store,
		      "SELECT unit || coalesce(level, working_set, capacity, ' NULL') FROM "
		      "\"limit\" WHERE name = 'f32'",
		      "GOPS NULL");
	stored_expect(store, "SELECT coalesce(capacity, 'NULL') FROM \"limit\" WHERE name = "
			     "'dram_copy'", "NULL");
	/* others of two threads stand beside them; a new one of one thread takes its own place */
	put_limits(store, wide, 2, 2);
	stored_expect(store, "SELECT count(*) FROM machine_limit", "13");
	put_limits(store, wide, 1, 1);
	stored_expect(store,
		      "SELECT group_concat(threads || name || value, ' ') FROM (SELECT * FROM "
		      "\"limit\" WHERE level IS NULL ORDER BY threads, name)",
		      "1f324.0 1int168.0 1int8_dot20.0 2f323.0 2int8_dot20.0");
	store_close(store);
}

/* Of two loops the faster one is the limit, whichever was stored first. */
static void the_fastest_loop(void **state)
{
	const struct given two[] = { { "read__ref", "l1_read", 0, 256, 3 },
				     { "copy__ref", "l1_read", 0, 256, 7 },
				     { "write__ref", "l1_read", 0, 256, 5 } };
	struct store *store = stored_open(&stored, scratch("fastest.db"));

	(void)state;
	put_limits(store, two, 3, 1);
	stored_expect(store, "SELECT name || value || loop FROM \"limit\"",
		      "l1_read7.0copy__ref");
	store_close(store);
}

/* The gemm of 4x8x16 has 1,024 operations; in integers 64 + 128 + 128 = 320 bytes, in floats 896. A
 * kernel's least time is 1000 ns times its place in the race from 1, less 4. */
static void change(struct store *store, const char *sql)
{
	struct error error;

	if (store_exec(store, sql, &error))
		fail_msg("%s", error.text);
}

static void expect_roof(struct store *store, const char *kernel, const char *race, double bound_ns,
			const char *name)
{
	char sql[600], expected[80];

	snprintf(sql, sizeof sql,
		 "SELECT (abs(roofline_fraction * least_ns - %.17g) < 1e-9) || ' ' || roofline_bound "
		 "FROM throughput WHERE kernel = '%s' AND race LIKE '%s'",
		 bound_ns, kernel, race);
	snprintf(expected, sizeof expected, "1 %s", name);
	stored_expect(store, sql, expected);
}

#define INTEGER "%u8s8s32%"
#define FLOAT "%f32f32f32%"

static void roofs_by_hand(void **state)
{
	const char *path = scratch("roofs.db");
	const struct given slow[] = { { "int8_dot__ref", "int8_dot", -1, 0, 1 },
				      { "read__ref", "dram_read", 3, 0, 1 } };
	struct store *store;

	(void)state;
	stored_file(&stored, path);
	store = stored_open(&stored, path);
	stored_expect(store,
		      "SELECT count(*) FROM throughput WHERE roofline_fraction IS NOT NULL OR "
		      "roofline_bound IS NOT NULL",
		      "0");
	put_limits(store, usual, USUAL, 1);
	/* 1,024 / 2 = 512 ns of arithmetic; 320 bytes lie in L2: 320 / 0.5 = 640 ns */
	stored_expect(store,
		      "SELECT roofline_fraction = 640 / 996.0 AND roofline_bound = 'l2_read' FROM "
		      "throughput WHERE kernel = 'gemm_u8s8s32__ref'",
		      "1");
	expect_roof(store, "gemm_u8s8s32__ref", INTEGER, 640, "l2_read");
	expect_roof(store, "gemm_u8s8s32__avx2", INTEGER, 640, "l2_read");
	/* floats: 1,024 / 4 = 256 ns; 896 bytes just fit L3: 896 / 16 = 56 ns */
	expect_roof(store, "gemm_f32f32f32__ref", FLOAT, 256, "f32");
	expect_roof(store, "gemm_f32f32f32__ref", INTEGER, 256, "f32");
	/* choice shows the same share */
	stored_expect(store,
		      "SELECT count(*) FROM choice c JOIN throughput t ON t.cell_key = "
		      "c.timing_key AND t.race = c.race WHERE c.roofline_fraction = "
		      "t.roofline_fraction AND c.roofline_bound = t.roofline_bound",
		      "3");
	/* one byte more than a level holds is the next level's */
	change(store, "UPDATE cell SET work_bytes = 897 WHERE types = 'f32f32f32'");
	expect_roof(store, "gemm_f32f32f32__ref", FLOAT, 897 / 0.25, "dram_read");
	change(store, "UPDATE cell SET work_bytes = 256, cache = 'cold' WHERE types = 'f32f32f32'");
	expect_roof(store, "gemm_f32f32f32__ref", FLOAT, 256 / 0.25, "dram_read");
	/* 16-bit codes, 4-bit codes */
	change(store, "UPDATE cell SET types = 's16s8s64', work_bytes = 10 WHERE kernel LIKE "
		      "'%u8s8s32__ref'");
	expect_roof(store, "gemm_u8s8s32__ref", INTEGER, 128, "int16");
	change(store, "UPDATE cell SET types = 's8s4f32_g32' WHERE kernel LIKE '%u8s8s32__ref'");
	expect_roof(store, "gemm_u8s8s32__ref", INTEGER, 512, "int8_dot");
	/* without operations: a copy of the bytes, 320 in L2 */
	change(store, "UPDATE cell SET work_ops = NULL, types = 'f32u8' WHERE kernel LIKE "
		      "'%u8s8s32__avx2'");
	expect_roof(store, "gemm_u8s8s32__avx2", INTEGER, 1600, "l2_copy");
	/* more threads than were measured have no roof */
	change(store, "UPDATE cell SET threads = 2 WHERE kernel LIKE '%u8s8s32__avx2'");
	stored_expect(store,
		      "SELECT coalesce(roofline_fraction, roofline_bound, 'NULL') FROM throughput "
		      "WHERE kernel LIKE '%avx2'",
		      "NULL");
	/* nor has what lacks one of two limits; a slower peak gives a share above 1 */
	change(store, "DELETE FROM machine_limit");
	put_limits(store, slow, 2, 1);
	stored_expect(store,
		      "SELECT coalesce(max(roofline_fraction), max(roofline_bound), 'NULL') FROM "
		      "throughput WHERE types = 'f32f32f32'",
		      "NULL");
	expect_roof(store, "gemm_u8s8s32__ref", INTEGER, 1024, "int8_dot");
	stored_expect(store,
		      "SELECT roofline_fraction > 1 FROM throughput WHERE kernel LIKE "
		      "'%u8s8s32__ref'",
		      "1");
	store_close(store);
}

/* A gemm of one row beside a loop that only reads its weights' 128 bytes (in floats 512), which
 * takes 128 / 0.5 = 256 ns; others have none. */
static void read_loops(void **state)
{
	const char *path = scratch("reads.db");
	const struct given reads[] = { { "read__ref", "read_128", READ_LOOP, 0, 0.5 },
				       { "read__ref", "read_512", READ_LOOP, 0, 2 } };
	struct limit_result results[2];
	struct machine_limits limits = { .env = &stored.env, .threads = 1, .results = results,
					 .count = 2 };
	struct store *store;
	struct error error;
	bool has = true;

	(void)state;
	stored_file(&stored, path);
	store = stored_open(&stored, path);
	stored_expect(store,
		      "SELECT group_concat(weight_bytes, ' ') FROM (SELECT DISTINCT weight_bytes "
		      "FROM cell WHERE kind = 'timing' ORDER BY 1)",
		      "128 512");
	assert_int_equal(store_has_limits(store, stored.machine.id, 1, 128, &has, &error), 0);
	assert_false(has);
	for (int i = 0; i < 2; i++) {
		results[i] = (struct limit_result){
			.limit = limit_of(value_find(limit_values, reads[i].loop)),
			.level = READ_LOOP, .bytes = i ? 512 : 128, .value = reads[i].value,
			.spread = NAN, .launches = 1,
		};
		snprintf(results[i].name, sizeof results[i].name, "%s", reads[i].name);
	}
	put_limits(store, usual, USUAL, 1);
	assert_int_equal(store_put_limits(store, &stored.machine, &limits, &error), 0);
	/* the others stay, and a second measurement of all leaves read loops alone */
	put_limits(store, usual, USUAL, 1);
	stored_expect(store, "SELECT count(*) FROM machine_limit", "13");
	stored_expect(store,
		      "SELECT kind || working_set || coalesce(level, capacity, spread, 'NULL') "
		      "FROM \"limit\" WHERE name = 'read_512'",
		      "read_loop512NULL");
	assert_int_equal(store_has_limits(store, stored.machine.id, 1, 512, &has, &error), 0);
	assert_true(has);
	stored_expect(store, "SELECT count(read_loop_fraction) FROM throughput", "0");
	change(store, "UPDATE cell SET shape = '1x8x16' WHERE kernel LIKE '%__ref'");
	stored_expect(store,
		      "SELECT group_concat(read_loop_fraction = 256 / least_ns, ' ') FROM "
		      "throughput WHERE read_loop_fraction IS NOT NULL",
		      "1 1 1");
	stored_expect(store,
		      "SELECT read_loop_fraction = 256 / 996.0 FROM throughput WHERE kernel = "
		      "'gemm_u8s8s32__ref'",
		      "1");
	/* and they are no roof */
	expect_roof(store, "gemm_u8s8s32__ref", INTEGER, 640, "l2_read");
	store_close(store);
}

/* Within a run they are the run's. */
static void limits_of_a_run(void **state)
{
	struct store *store = stored_open(&stored, scratch("of_run.db"));
	struct error error;

	(void)state;
	assert_int_equal(store_begin_run(store, &stored.run, &stored.plan, &error), 0);
	put_limits(store, usual, USUAL, 1);
	stored_expect(store, "SELECT count(*) FROM \"limit\" JOIN run USING (run_id)", "11");
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_take_places),
		cmocka_unit_test(the_fastest_loop),
		cmocka_unit_test(roofs_by_hand),
		cmocka_unit_test(read_loops),
		cmocka_unit_test(limits_of_a_run),
	};
	int failed;

	scratch_dir();
	stored_make(&stored);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	stored_free(&stored);
	return failed;
}
