/* SPDX-License-Identifier: MIT
 *
 * What the machine's limits are measured on: the caches of a system, sizes by hand for some threads,
 * read loops that were asked for, and the reasons of what is not measured.
 */
#include "limits.h"

#include <math.h>
#include <sys/stat.h>

static const struct cache caches[CACHE_LEVELS] = { { 32768, 1 }, { 1048576, 2 }, { 8388608, 4 } };

static void sizes_by_hand(void **state)
{
	/* threads; then capacity and bytes of L1 to L3, and bytes of DRAM */
	static const struct {
		int threads;
		int64_t l1, l2, l3;
	} expected[] = { { 1, 32768, 1048576, 8388608 },
			 { 2, 65536, 1048576, 8388608 },
			 { 3, 98304, 2097152, 8388608 },
			 { 5, 163840, 3145728, 16777216 } };
	const struct env env = env_system();
	struct machine_limits limits;
	struct error error;

	(void)state;
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
		const struct limits_options options = { .threads = expected[i].threads };

		assert_int_equal(limits_plan(&limits, &env, &options, caches, &error), 0);
		assert_int_equal(result_of(&limits, "l1_read", "read__ref")->capacity,
				 expected[i].l1);
		assert_int_equal(result_of(&limits, "l1_read", "read__ref")->bytes,
				 expected[i].l1 / 2);
		assert_int_equal(result_of(&limits, "l2_copy", "copy__ref")->capacity,
				 expected[i].l2);
		assert_int_equal(result_of(&limits, "l3_write", "write__ref")->bytes,
				 expected[i].l3 / 2);
		assert_int_equal(result_of(&limits, "dram_read", "read__ref")->bytes,
				 INT64_C(4) * 8388608 * expected[i].threads);
		assert_int_equal(result_of(&limits, "dram_read", "read__ref")->capacity, 0);
		assert_int_equal(result_of(&limits, "int16", "int16__ref")->bytes, 0);
		limits_free(&limits);
	}
}

/* Read loops of sizes that were asked for, beside the rest or alone. */
static void read_loops(void **state)
{
	static const int64_t sizes[] = { 1048576, 2000, INT64_C(1) << 50 };
	struct limits_options options = { .threads = 2, .read_count = 3, .reads = sizes };
	const struct env env = env_system();
	struct machine_limits limits;
	struct error error;
	size_t all;

	(void)state;
	assert_int_equal(limits_plan(&limits, &env, &options, caches, &error), 0);
	all = limits.count;
	assert_int_equal(result_of(&limits, "read_1048576", "read__ref")->bytes, 1048576);
	assert_int_equal(result_of(&limits, "read_1048576", "read__ref")->level, READ_LOOP);
	assert_int_equal(result_of(&limits, "read_1048576", "read__ref")->capacity, 0);
	assert_string_equal(result_of(&limits, "read_1048576", "read__ref")->reason, "");
	assert_non_null(strstr(result_of(&limits, "read_2000", "read__ref")->reason, "share"));
	assert_non_null(strstr(result_of(&limits, "read_1125899906842624", "read__ref")->reason,
			       "more than half of the memory"));
	limits_free(&limits);
	options.reads_alone = true;
	assert_int_equal(limits_plan(&limits, &env, &options, caches, &error), 0);
	assert_true(limits.count < all && limits.count % 3 == 0);
	for (size_t i = 0; i < limits.count; i++)
		assert_int_equal(limits.results[i].level, READ_LOOP);
	limits_free(&limits);
}

/* A cache that is not there and a loop that the CPU lacks have a reason, not a size. */
static void reasons(void **state)
{
	static const struct cache two[CACHE_LEVELS] = { { 32768, 1 }, { 1048576, 1 }, { 0, 1 } };
	const struct limits_options options = { .threads = 1 }, quick = { .threads = 1,
									  .quick = true };
	const struct env env = env_system();
	struct machine_limits limits;
	struct error error;

	(void)state;
	assert_int_equal(limits_plan(&limits, &env, &options, two, &error), 0);
	assert_string_equal(result_of(&limits, "l3_read", "read__ref")->reason,
			    "the system names no L3 cache");
	assert_int_equal(result_of(&limits, "dram_read", "read__ref")->bytes, 4 * 1048576);
	for (size_t i = 0; i < limits.count; i++) {
		const struct limit_result *result = &limits.results[i];
		char expected[80];

		assert_true(isnan(result->value));
		if (!(result->limit->needs & ~cpu_features()))
			continue;
		snprintf(expected, sizeof expected, "this CPU does not run %s",
			 limit_isa(result->limit));
		assert_string_equal(result->reason, expected);
	}
	limits_free(&limits);
	assert_int_equal(limits_plan(&limits, &env, &quick, two, &error), 0);
	if (cpu_features() & QS_CPU_AVX2)
		assert_string_equal(result_of(&limits, "f32", "f32__ref")->reason,
				    "plain C is left out when quick");
	limits_free(&limits);
}

static void caches_of_a_system(void **state)
{
	static const struct {
		const char *name, *text;
	} files[] = { { "index0/level", "1\n" },	 { "index0/type", "Data\n" },
		      { "index0/size", "48K\n" },	 { "index0/shared_cpu_list", "0,4\n" },
		      { "index1/level", "1\n" },	 { "index1/type", "Instruction\n" },
		      { "index1/size", "64K\n" },	 { "index2/level", "2\n" },
		      { "index2/type", "Unified\n" },	 { "index2/size", "2M\n" },
		      { "index2/shared_cpu_list", "0-1,4-5\n" }, { "index3/level", "3\n" },
		      { "index3/type", "Unified\n" },	 { "index3/size", "32768K\n" },
		      { "index3/shared_cpu_list", "0-15\n" } };
	struct cache found[CACHE_LEVELS];

	(void)state;
	mkdir(scratch("cache"), 0777);
	for (int i = 0; i < 4; i++) {
		char folder[24];

		snprintf(folder, sizeof folder, "cache/index%d", i);
		mkdir(scratch(folder), 0777);
	}
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		char name[64];

		snprintf(name, sizeof name, "cache/%s", files[i].name);
		write_file(scratch(name), files[i].text, strlen(files[i].text));
	}
	caches_read(found, scratch("cache"));
	assert_int_equal(found[0].bytes, 48 << 10);
	assert_int_equal(found[0].cpus, 2);
	assert_int_equal(found[1].bytes, 2 << 20);
	assert_int_equal(found[1].cpus, 4);
	assert_int_equal(found[2].bytes, 32 << 20);
	assert_int_equal(found[2].cpus, 16);
	caches_read(found, scratch("nothing here"));
	for (int i = 0; i < CACHE_LEVELS; i++)
		assert_true(found[i].bytes >= 0 && found[i].cpus == 1);
	assert_true(memory_available() > 1 << 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_by_hand),
		cmocka_unit_test(read_loops),
		cmocka_unit_test(reasons),
		cmocka_unit_test(caches_of_a_system),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
