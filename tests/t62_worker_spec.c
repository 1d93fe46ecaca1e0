/* SPDX-License-Identifier: MIT
 *
 * What a worker is told: a spec comes back, malformed ones are answered.
 */
#include "support.h"

#include "../harness/measure/race_words.h"

#define HASH "0123456789abcdef0123456789abcdef"

static const struct race_spec sample_spec = {
	.cpu = 0x1d,
	.seed = UINT64_MAX,
	.op = QS_GEMM,
	.m = 64,
	.n = INT64_C(1) << 31,
	.k = 1,
	.threads = 1024,
	.batch = 3,
	.repetitions = REPETITIONS,
	.repetition_ms = 60000,
	.detail = { .w_zeros = true, .w_bits = 6 },
	.library_count = 2,
	.runner_count = 3,
	.library = { { HASH, "/a/libquantsweep_kernels.so" }, { HASH, "/b c/mine.so" } },
	.runner = { { 0, "gemm_u8s8s32__ref", false },
		    { 1, "gemm_u8s8s32__mine", true },
		    { 0, "gemm_f32f32f32__avx2", false } },
};

static char *spec_text(const struct race_spec *spec)
{
	const struct env env = env_system();
	struct text text = { .env = &env };
	struct error error;
	char *taken;

	assert_int_equal(race_spec_write(&text, spec, &error), 0);
	taken = text_take(&text, &error);
	assert_non_null(taken);
	return taken;
}

static void a_spec_comes_back(void **state)
{
	struct race_spec back;
	struct error error = { 0 };
	char *text = spec_text(&sample_spec);

	(void)state;
	assert_int_equal(race_spec_read(&back, text, &error), 0);
	assert_true(back.cpu == sample_spec.cpu && back.seed == sample_spec.seed);
	assert_int_equal(back.op, sample_spec.op);
	assert_true(back.m == sample_spec.m && back.n == sample_spec.n && back.k == sample_spec.k);
	assert_int_equal(back.threads, sample_spec.threads);
	assert_int_equal(back.batch, sample_spec.batch);
	assert_int_equal(back.repetitions, sample_spec.repetitions);
	assert_int_equal(back.repetition_ms, sample_spec.repetition_ms);
	assert_null(back.detail.requantization);
	assert_true(back.detail.w_zeros);
	assert_int_equal(back.detail.w_bits, 6);
	assert_int_equal(back.library_count, sample_spec.library_count);
	assert_int_equal(back.runner_count, sample_spec.runner_count);
	for (int i = 0; i < back.library_count; i++) {
		assert_string_equal(back.library[i].hash, sample_spec.library[i].hash);
		assert_string_equal(back.library[i].path, sample_spec.library[i].path);
	}
	for (int i = 0; i < back.runner_count; i++) {
		assert_int_equal(back.runner[i].library, sample_spec.runner[i].library);
		assert_string_equal(back.runner[i].kernel, sample_spec.runner[i].kernel);
		assert_int_equal(back.runner[i].named, sample_spec.runner[i].named);
	}
	free(text);
}

static void a_path_with_a_line_end_is_refused(void **state)
{
	const struct env env = env_system();
	struct text text = { .env = &env };
	struct race_spec spec = sample_spec;
	struct error error = { 0 };

	(void)state;
	spec.library[1].path = "/a\nrunner 0 x";
	assert_int_equal(race_spec_write(&text, &spec, &error), -1);
	assert_non_null(strstr(error.text, "line's end"));
	text_free(&text);
}

/* Each case replaces one line of a good spec (from 1; 0: the whole text) and names what the
 * sentence must hold. */
static const struct {
	int line;
	const char *with, *says;
} malformed[] = {
	{ 0, "", "input:1: " },
	{ 0, "\n", "input:1: " },
	{ 0, "quantsweep-race 1", "line's end" },
	{ 0, "quantsweep-race 1\n", "input:2: " },
	{ 1, "quantsweep-race 2", "'quantsweep-race 1'" },
	{ 2, "cpu 1G", "hexadecimal" },
	{ 2, "cpu 11111111111111111", "hexadecimal" },
	{ 2, "cpu", "hexadecimal" },
	{ 3, "op conv9d", "input:3: 'op conv9d'" },
	{ 3, "op ", "an operation" },
	{ 4, "shape 1 2", "shape M N K" },
	{ 4, "shape 1 2 3 4", "shape M N K" },
	{ 4, "shape 0 2 3", "shape M N K" },
	{ 4, "shape -1 2 3", "shape M N K" },
	{ 4, "shape 2147483649 2 3", "shape M N K" },
	{ 4, "shape 99999999999999999999999 2 3", "shape M N K" },
	{ 4, "shape 1  2 3", "shape M N K" },
	{ 4, "shape 1x 2 3", "shape M N K" },
	{ 5, "threads 0", "'threads' and a whole number from 1 to 1024" },
	{ 5, "threads 1025", "from 1 to 1024" },
	{ 5, "threads 1 1", "from 1 to 1024" },
	{ 6, "threads 1", "'batch'" },
	{ 6, "batch 1048577", "'batch'" },
	{ 7, "seed 18446744073709551616", "'seed'" },
	{ 8, "repetitions 10", "'repetitions'" },
	{ 8, "repetitions +9", "'repetitions'" },
	{ 9, "ms 60001", "'ms'" },
	{ 9, "ms \001\002", "'ms ?" "?'" },
	{ 10, "duel 3", "'duel' and a whole number from 0 to 2" },
	{ 11, "handicap 1001", "from 0 to 1000" },
	{ 12, "requantize", "input:12: 'requantize'" },
	{ 12, "requantize flaot", "a rule of" },
	{ 13, "zeros 2", "'zeros' and a whole number from 0 to 1" },
	{ 14, "w_bits 1", "'w_bits' and a whole number from 2 to 8" },
	{ 14, "w_bits 9", "from 2 to 8" },
	{ 15, "w_values mormal", "'w_values' and one of `quantsweep list w_values`" },
	{ 15, "requantize uniform", "input:15: 'requantize uniform'" },
	{ 16, "library 0123 /a", "input:16: " },
	{ 16, "library " HASH " ", "input:16: " },
	{ 16, "library " HASH, "input:16: " },
	{ 16, "library 0123456789ABCDEF0123456789ABCDEF /a", "input:16: " },
	{ 18, "runner 2 gemm_u8s8s32__ref", "input:18: " },
	{ 18, "runner 0 ", "input:18: " },
	{ 18, "runner 0 two words", "input:18: " },
	{ 18, "end", "input:18: 'end'" },
	{ 19, "library " HASH " /late", "input:19: " },
	{ 10, "duel 1", "input:21: 'end'" },
	{ 21, "stop", "input:21: 'stop'" },
	{ 21, "end\nmore", "input:22: " },
};

static char *with_line(const char *text, int line, const char *with)
{
	const char *from = text, *to;
	char *out = malloc(strlen(text) + strlen(with) + 1);

	if (!line)
		return strcpy(out, with);
	for (int i = 1; i < line; i++)
		from = strchr(from, '\n') + 1;
	to = strchr(from, '\n');
	memcpy(out, text, (size_t)(from - text));
	strcpy(out + (from - text), with);
	return strcat(out, to);
}

static void malformed_specs_are_answered(void **state)
{
	char *good = spec_text(&sample_spec);

	(void)state;
	for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++) {
		char *text = with_line(good, malformed[i].line, malformed[i].with);
		struct error error = { 0 };
		struct race_spec spec;

		if (race_spec_read(&spec, text, &error) != -1 || error.status != STATUS_INPUT ||
		    !strstr(error.text, malformed[i].says))
			fail_msg("case %zu: '%s' gives '%s', expected '%s'", i, malformed[i].with,
				 error.text, malformed[i].says);
		free(text);
	}
	free(good);
}

static void too_many_runners_are_answered(void **state)
{
	char text[8192] = "quantsweep-race 1\ncpu 0\nop gemm\nshape 1 1 1\nthreads 1\nbatch 1\n"
			  "seed 1\nrepetitions 1\nms 1\nduel 0\nhandicap 0\nrequantize float\n"
			  "zeros 0\nw_bits 8\nw_values uniform\nlibrary " HASH " /a\n";
	struct race_spec spec;
	struct error error = { 0 };

	(void)state;
	for (int i = 0; i <= RUNNERS_MAX; i++)
		strcat(text, "runner 0 k\n");
	strcat(text, "end\n");
	assert_int_equal(race_spec_read(&spec, text, &error), -1);
	assert_non_null(strstr(error.text, "input:81: "));       /* 15, then 64, then 1 */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_spec_comes_back),
		cmocka_unit_test(a_path_with_a_line_end_is_refused),
		cmocka_unit_test(malformed_specs_are_answered),
		cmocka_unit_test(too_many_runners_are_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
