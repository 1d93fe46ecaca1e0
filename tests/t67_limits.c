/* SPDX-License-Identifier: MIT
 *
 * The machine's limits: each loop does the arithmetic it is named for (against plain C of this
 * file), what a launch says is believed only where it makes sense, a loop that kills its worker
 * costs itself alone.  How fast anything is, is never asserted.
 */
#include "support.h"

#include "../harness/measure/limits_words.h"

#include <math.h>
#include <sys/stat.h>

static bool runs_here(const struct limit *limit)
{
	if (!(limit->needs & ~cpu_features()))
		return true;
	printf("# SKIP %s: this CPU does not run it\n", limit->value.name);
	return false;
}

/* ---- arithmetic ---- */

/* 16-bit floats are the upper halves of these small whole numbers' float32. */
static uint16_t bf16_of(int value)
{
	const float x = (float)value;
	uint32_t bits;

	memcpy(&bits, &x, sizeof bits);
	return (uint16_t)(bits >> 16);
}

/* Factor i of a and b in a loop's type, as numbers: within what vpmaddubsw adds without saturating
 * (2 * 255 * 63 < 32768), and what float32 and bf16 hold. */
static int factor_a(const char *thing, int i)
{
	if (!strcmp(thing, "int8_dot"))
		return (i * 37 + 11) % 256;
	if (!strcmp(thing, "int16"))
		return (i * 7919 + 5) % 65536 - 32768;
	return (i * 5 + 3) % 32 - 15;
}

static int factor_b(const char *thing, int i)
{
	if (!strcmp(thing, "int8_dot"))
		return (i * 29 + 7) % 127 - 63;
	if (!strcmp(thing, "int16"))
		return 32767 - (i * 4241 + 9) % 65536;
	return (i * 3 + 2) % 16 - 8;
}

static void put_factor(unsigned char *place, const char *thing, int i, int value)
{
	const int16_t whole = (int16_t)value;
	const uint16_t half = bf16_of(value);
	const float real = (float)value;

	if (!strcmp(thing, "int8_dot"))
		place[i] = (unsigned char)value;
	else if (!strcmp(thing, "int16"))
		memcpy(place + 2 * i, &whole, 2);
	else if (!strcmp(thing, "bf16_dot"))
		memcpy(place + 2 * i, &half, 2);
	else
		memcpy(place + 4 * i, &real, 4);
}

static bool is_float(const char *thing)
{
	return !strcmp(thing, "f32") || !strcmp(thing, "bf16_dot");
}

/* Sum number `lane` of chain `chain` before the loop. */
static uint32_t first_sum(const char *thing, int chain, int lane)
{
	const float x = (float)(chain * 100 - lane);
	uint32_t bits;

	memcpy(&bits, &x, sizeof bits);
	return is_float(thing) ? bits : 0xfffff000u + (uint32_t)(chain * 16 + lane) * 37u;
}

/* After it: whole sums go around at 2^32, floats here stay exact. */
static uint32_t last_sum(const struct limit *limit, const char *thing, int chain, int lane,
			 int rounds)
{
	const uint32_t first = first_sum(thing, chain, lane);
	int64_t dot = 0;
	float x;
	uint32_t bits;

	for (int i = lane * limit->macs; i < (lane + 1) * limit->macs; i++)
		dot += (int64_t)factor_a(thing, i) * factor_b(thing, i);
	if (!is_float(thing))
		return first + (uint32_t)(dot * rounds);
	memcpy(&x, &first, sizeof x);
	x += (float)(dot * rounds);
	memcpy(&bits, &x, sizeof bits);
	return bits;
}

static void check_arithmetic(const struct limit *limit, int rounds)
{
	static struct limit_operands operands;
	const int elements = limit->lanes * limit->macs;
	char thing[16];

	limit_thing(thing, sizeof thing, limit);
	memset(&operands, 0xee, sizeof operands);
	for (int i = 0; i < elements; i++) {
		put_factor(operands.a, thing, i, factor_a(thing, i));
		put_factor(operands.b, thing, i, factor_b(thing, i));
	}
	for (int chain = 0; chain < limit->chains; chain++)
		for (int lane = 0; lane < limit->lanes; lane++) {
			const uint32_t sum = first_sum(thing, chain, lane);

			memcpy(&operands.sums[chain][4 * lane], &sum, 4);
		}
	limit->multiply(&operands, rounds);
	for (int chain = 0; chain < limit->chains; chain++)
		for (int lane = 0; lane < limit->lanes; lane++) {
			const uint32_t expected = last_sum(limit, thing, chain, lane, rounds);
			uint32_t found;

			memcpy(&found, &operands.sums[chain][4 * lane], 4);
			if (found != expected)
				fail_msg("%s: %d rounds, chain %d lane %d: %08x, expected %08x",
					 limit->value.name, rounds, chain, lane, found, expected);
		}
}

static void arithmetic_is_right(void **state)
{
	static const int rounds[] = { 0, 1, 2, 7, 1000 };

	(void)state;
	for (const struct value *const *v = limit_values; *v; v++)
		for (size_t r = 0; r < sizeof rounds / sizeof *rounds; r++)
			if (limit_of(*v)->kind == LIMIT_ARITHMETIC &&
			    (r ? !(limit_of(*v)->needs & ~cpu_features()) : runs_here(limit_of(*v))))
				check_arithmetic(limit_of(*v), rounds[r]);
}

/* ---- memory ---- */

enum { ROOM = 64 * MOVE_STEP, EDGE = 256 };

static void check_move(const struct limit *limit, int64_t bytes, int64_t passes)
{
	static _Alignas(64) unsigned char from[ROOM + 2 * EDGE], to[ROOM + 2 * EDGE];
	uint32_t sum = 0, got;

	for (size_t i = 0; i < sizeof from; i++)
		from[i] = (unsigned char)(i * 31 + i / 256);
	memset(to, 0x11, sizeof to);
	for (int64_t i = 0; i < bytes; i += 4) {
		uint32_t word;

		memcpy(&word, from + EDGE + i, 4);
		sum += word * (uint32_t)passes;
	}
	got = limit->move(to + EDGE, from + EDGE, bytes, passes);
	if (got != (limit->kind == LIMIT_READ ? sum : 0))
		fail_msg("%s: %lld bytes %lld times: sum %08x, expected %08x", limit->value.name,
			 (long long)bytes, (long long)passes, got, sum);
	for (int64_t i = 0; i < (int64_t)sizeof to; i++) {
		const bool within = passes && i >= EDGE && i < EDGE + bytes;
		const int expected = !within || limit->kind == LIMIT_READ ? 0x11 :
				     limit->kind == LIMIT_WRITE		  ? LIMIT_BYTE :
									    from[i];

		if (to[i] != expected)
			fail_msg("%s: %lld bytes: byte %lld is %02x, expected %02x",
				 limit->value.name, (long long)bytes, (long long)i - EDGE, to[i],
				 expected);
	}
}

static void moves_are_right(void **state)
{
	static const int64_t steps[] = { 1, 2, 3, 47, 64 };

	(void)state;
	for (const struct value *const *v = limit_values; *v; v++) {
		if (limit_of(*v)->kind == LIMIT_ARITHMETIC || !runs_here(limit_of(*v)))
			continue;
		for (size_t s = 0; s < sizeof steps / sizeof *steps; s++)
			for (int64_t passes = 0; passes < 4; passes++)
				check_move(limit_of(*v), steps[s] * MOVE_STEP, passes);
	}
}

/* ---- the table ---- */

static void table_is_complete(void **state)
{
	static const char *const things[] = { "int8_dot", "int16", "f32",  "read",
					      "write",    "copy",  NULL };

	(void)state;
	for (const char *const *thing = things; *thing; thing++) {
		char name[40];

		snprintf(name, sizeof name, "%s__ref", *thing);
		if (!value_find(limit_values, name))
			fail_msg("%s has no loop in plain C", *thing);
	}
	for (const struct value *const *v = limit_values; *v; v++) {
		const struct limit *limit = limit_of(*v);
		char thing[24];
		size_t known = 0;

		limit_thing(thing, sizeof thing, limit);
		assert_true(strstr((*v)->name, "__") != NULL && strlen(thing) < 16);
		assert_int_equal(!limit->needs, !strcmp(limit_isa(limit), "ref"));
		if (limit->kind == LIMIT_ARITHMETIC) {
			assert_non_null(limit->multiply);
			assert_true(limit->chains <= CHAINS_WIDE && limit->lanes <= LANES_MOST);
			assert_int_equal(limit_operations(limit),
					 2 * limit->chains * limit->lanes * limit->macs);
			assert_string_equal(limit_unit(limit), "GOPS");
		} else {
			assert_non_null(limit->move);
			assert_string_equal(limit_unit(limit), "GB/s");
		}
		while (things[known] && strcmp(things[known], thing))
			known++;
		assert_true(things[known] || !strcmp(thing, "bf16_dot"));
	}
}

/* ---- sizes ---- */

static const struct cache caches[CACHE_LEVELS] = { { 32768, 1 }, { 1048576, 2 }, { 8388608, 4 } };

static const struct limit_result *result_of(const struct machine_limits *limits, const char *name,
					    const char *loop)
{
	for (size_t i = 0; i < limits->count; i++)
		if (!strcmp(limits->results[i].name, name) &&
		    !strcmp(limits->results[i].limit->value.name, loop))
			return &limits->results[i];
	fail_msg("no result %s of %s", name, loop);
	return &limits->results[0];
}

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

/* ---- what is told and said ---- */

#define TOLD "quantsweep-limits 1\nthreads 2\nsamples 3\nus 50\n"

static void specs(void **state)
{
	static const struct {
		const char *text, *words;        /* words NULL: good                     */
	} cases[] = {
		{ TOLD "loop int16__ref 0\nloop copy__ref 4096\nend\n", NULL },
		{ TOLD "loop int16__ref 0\nend", "ends without 'end'" },
		{ TOLD "loop int16__ref 0\nend\nend\n", ":6: 'end'" },
		{ TOLD "end\n", ":5: 'end'" },
		{ TOLD "loop int17__ref 0\nend\n", "int17__ref" },
		{ TOLD "loop int16__ref 64\nend\n", ":5:" },
		{ TOLD "loop copy__ref 0\nend\n", ":5:" },
		{ TOLD "loop copy__ref -1\nend\n", ":5:" },
		{ TOLD "loop copy__ref 99999999999999999999\nend\n", ":5:" },
		{ TOLD "loop copy__ref\nend\n", ":5:" },
		{ "quantsweep-limits 2\n", ":1:" },
		{ "quantsweep-limits 1\nthreads 0\n", ":2: 'threads 0'" },
		{ "quantsweep-limits 1\nthreads 1025\n", ":2:" },
		{ "quantsweep-limits 1\nthreads 1\nsamples x\n", ":3:" },
		{ "quantsweep-limits 1\nthreads 1\nsamples 1\nus 1 \n", ":4:" },
		{ "", ":1: ends" },
	};
	static struct limits_spec spec;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *text = strdup(cases[i].text);
		struct error error = { 0 };
		const int failed = limits_spec_read(&spec, text, &error);

		if (failed != (cases[i].words ? -1 : 0) ||
		    (failed && !strstr(error.text, cases[i].words)))
			fail_msg("'%s': %d '%s'", cases[i].text, failed, error.text);
		if (!failed) {
			assert_int_equal(spec.threads, 2);
			assert_int_equal(spec.samples, 3);
			assert_int_equal(spec.sample_us, 50);
			assert_int_equal(spec.count, 2);
			assert_string_equal(spec.loop[1].limit->value.name, "copy__ref");
			assert_int_equal(spec.loop[1].bytes, 4096);
		}
		free(text);
	}
}

static void said(void **state)
{
	static const struct {
		const char *text, *strange;
		bool done;
	} cases[] = {
		{ "cpu 3\nstart 0\nbest 0 1.5\nstart 1\nbest 1 1e3\ndone\n", "", true },
		{ "cpu -1\nstart 0\n", "", false },
		{ "start 2\n", "start 2", false },
		{ "start 0\nstart 1\n", "start 1", false },
		{ "best 0 1\n", "best 0 1", false },
		{ "start 0\nbest 1 1\n", "best 1 1", false },
		{ "start 0\nbest 0 nan\n", "best 0 nan", false },
		{ "start 0\nbest 0 inf\n", "best 0 inf", false },
		{ "start 0\nbest 0 -1\n", "best 0 -1", false },
		{ "start 0\nbest 0 0\n", "best 0 0", false },
		{ "start 0\nbest 0 \n", "best 0 ", false },
		{ "start 0\nbest 0 1 2\n", "best 0 1 2", false },
		{ "start 0\ndone\n", "done", false },
		{ "done\ndone\n", "done", true },
		{ "\n", "an empty line", false },
		{ "hello\x01\n", "hello?", false },
	};
	struct limits_words words;
	double best[2];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t step = 1; step < 40; step += 6) {
			const size_t length = strlen(cases[i].text);

			limits_words_start(&words, best, 2);
			for (size_t at = 0; at < length; at += step)
				limits_words_hear(&words, cases[i].text + at,
						  at + step > length ? length - at : step);
			if (strcmp(words.strange, cases[i].strange) ||
			    words.done != cases[i].done)
				fail_msg("'%s': strange '%s', done %d", cases[i].text,
					 words.strange, words.done);
			if (!i) {
				assert_true(best[0] == 1.5 && best[1] == 1000 && words.cpu == 3);
				assert_int_equal(words.current, -1);
			}
			if (i == 1)
				assert_true(isnan(best[0]) && words.cpu == -1 && !words.current);
		}
}

/* ---- launches ---- */

static const char *real_program(void)
{
	static char program[512];

	snprintf(program, sizeof program, "%s/quantsweep", build_dir());
	return program;
}

static void measured(void **state)
{
	const struct env env = env_system();
	struct machine_limits limits;
	struct error error;

	(void)state;
	for (int threads = 1; threads <= 2; threads++) {
		const struct limits_options options = { .threads = threads, .quick = true,
							.program = real_program() };
		size_t values = 0;

		if (limits_measure(&limits, &env, &options, &error))
			fail_msg("%s", error.text);
		assert_int_equal(limits.threads, threads);
		assert_true(limits.seconds > 0);
		for (size_t i = 0; i < limits.count; i++) {
			const struct limit_result *result = &limits.results[i];

			if (*result->reason) {
				printf("# SKIP %s %s: %s\n", result->name,
				       result->limit->value.name, result->reason);
				assert_true(isnan(result->value));
				continue;
			}
			assert_true(result->value > 0 && result->launches == 3);
			assert_true(result->spread >= 0 && result->spread < 1);
			values++;
		}
		assert_true(values > 0);
		limits_free(&limits);
	}
}

/* A worker that dies in its second loop: that one has a reason, the rest another worker. */
static void a_crash_is_contained(void **state)
{
	static const char script[] =
		"#!/bin/sh\n"
		"[ \"$1 $2\" = 'worker limits' ] || exit 9\n"
		"echo cpu 0\n"
		"i=0\n"
		"while read -r word name rest; do\n"
		"	[ \"$word\" = loop ] || continue\n"
		"	echo start $i\n"
		"	[ $name = DIES ] && { echo it is over >&2; kill -SEGV $$; }\n"
		"	echo best $i 2.5\n"
		"	i=$((i + 1))\n"
		"done\n"
		"echo done\n";
	const struct env env = env_system();
	const char *program = scratch("dies");
	const struct limits_options options = { .threads = 1, .quick = true, .program = program };
	struct machine_limits limits;
	struct error error;
	const char *victim = cpu_features() & QS_CPU_AVX2 ? "int16__avx2" : "int16__ref";
	const char *place = strstr(script, "DIES");
	char text[2048];

	(void)state;
	snprintf(text, sizeof text, "%.*s%s%s", (int)(place - script), script, victim, place + 4);
	write_file(program, text, strlen(text));
	chmod(program, 0755);
	if (limits_measure(&limits, &env, &options, &error))
		fail_msg("%s", error.text);
	for (size_t i = 0; i < limits.count; i++) {
		const struct limit_result *result = &limits.results[i];

		if (!strcmp(result->limit->value.name, victim)) {
			assert_true(isnan(result->value));
			if (!strstr(result->reason, "killed by signal 11") ||
			    !strstr(result->reason, "it is over"))
				fail_msg("%s", result->reason);
		} else if (!*result->reason) {
			assert_true(result->value == 2.5 && result->launches == 3);
		}
	}
	limits_free(&limits);
}

/* One that speaks no sense, one that says nothing: no value, and the reason; none: an error. */
static void other_deaths(void **state)
{
	static const struct {
		const char *script, *words;
	} cases[] = {
		{ "#!/bin/sh\necho hello\nsleep 60\n", "wrote 'hello', which is no result" },
		{ "#!/bin/sh\necho cpu 0\necho no memory >&2\nexit 4\n",
		  "ended with status 4 (no memory)" },
	};
	const struct env env = env_system();
	struct limits_options options = { .threads = 1, .quick = true,
					  .program = scratch("odd") };
	struct machine_limits limits;
	struct error error;

	(void)state;
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		write_file(options.program, cases[c].script, strlen(cases[c].script));
		chmod(options.program, 0755);
		if (limits_measure(&limits, &env, &options, &error))
			fail_msg("%s", error.text);
		for (size_t i = 0; i < limits.count; i++) {
			assert_true(isnan(limits.results[i].value));
			assert_true(*limits.results[i].reason);
		}
		if (!strstr(result_of(&limits, "f32", cpu_features() & QS_CPU_AVX2 ? "f32__avx2"
										   : "f32__ref")
				    ->reason,
			    cases[c].words))
			fail_msg("%s", result_of(&limits, "f32", "f32__avx2")->reason);
		limits_free(&limits);
	}
	options.program = "/nowhere/at/all";
	assert_int_equal(limits_measure(&limits, &env, &options, &error), -1);
	assert_int_equal(error.status, STATUS_MACHINE);
}

/* Each lack of memory ends in an error, and nothing is left (asan looks). */
static void lacks_of_memory(void **state)
{
	const struct limits_options options = { .threads = 1, .quick = true,
						.program = "/nowhere/at/all" };

	(void)state;
	for (long i = 0; i < 8; i++) {
		struct failing failing = { .fail_at = i };
		const struct env env = env_failing(&failing);
		struct machine_limits limits;
		struct error error = { 0 };

		assert_int_equal(limits_measure(&limits, &env, &options, &error), -1);
		assert_int_equal(error.status, STATUS_MACHINE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arithmetic_is_right), cmocka_unit_test(moves_are_right),
		cmocka_unit_test(table_is_complete),   cmocka_unit_test(sizes_by_hand),
		cmocka_unit_test(read_loops),	       cmocka_unit_test(reasons),
	       cmocka_unit_test(caches_of_a_system),
		cmocka_unit_test(specs),	       cmocka_unit_test(said),
		cmocka_unit_test(measured),	       cmocka_unit_test(a_crash_is_contained),
		cmocka_unit_test(other_deaths),	       cmocka_unit_test(lacks_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
