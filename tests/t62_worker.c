/* SPDX-License-Identifier: MIT
 *
 * What a worker is told and what it says: the texts there and back, what is neither, and the worker
 * itself as a program.
 */
#include "support.h"

#include "../harness/measure/race_words.h"

#include <math.h>

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

static void hear(struct worker_words *words, struct runner_result *runner, const char *text)
{
	worker_words_start(words, runner, 3, 2);
	worker_words_hear(words, text, strlen(text));
}

static void words_are_understood(void **state)
{
	static const char said[] =
		"cpu 3\nlibrary 1\nreference 0\ncheck 0\nverdict 0 exact 0 \ncheck 1\n"
		"verdict 1 wrong 0.125 y[1][4] is 7, reference 8\ncheck 2\nverdict 2 within 0 \n"
		"time 2\ntime 0\nsample 2 0 12.5\nsample 0 1 10\nsample 2 2 11.5\ndone\n";
	struct runner_result runner[3];
	struct worker_words words;

	(void)state;
	/* whole, then byte by byte: where a read ends must not matter */
	for (int again = 0; again < 2; again++) {
		if (!again) {
			hear(&words, runner, said);
		} else {
			worker_words_start(&words, runner, 3, 2);
			for (size_t i = 0; i < sizeof said - 1; i++)
				worker_words_hear(&words, &said[i], 1);
		}
		assert_string_equal(words.strange, "");
		assert_int_equal(words.stage, STAGE_DONE);
		assert_int_equal(words.cpu, 3);
		assert_int_equal(runner[0].verdict, VERDICT_EXACT);
		assert_int_equal(runner[1].verdict, VERDICT_WRONG);
		assert_string_equal(runner[1].reason, "y[1][4] is 7, reference 8");
		assert_true(runner[1].wrong_fraction == 0.125);
		assert_int_equal(runner[2].verdict, VERDICT_WITHIN);
		assert_int_equal(runner[0].samples, 1);
		assert_int_equal(runner[2].samples, 2);
		assert_int_equal(runner[2].order, 0);
		assert_int_equal(runner[0].order, 1);
		assert_true(runner[2].sample_ns[1] == 11.5);
	}
}

static void a_duel_is_understood(void **state)
{
	struct runner_result runner[3];
	struct worker_words words;

	(void)state;
	hear(&words, runner,
	     "units 64\nduel -0.5 0.25 -0.5 -1e-3 100 101 102.5 103 104 105 7 80\ndone\n");
	assert_string_equal(words.strange, "");
	assert_true(words.dueled);
	assert_int_equal(words.units, 64);
	assert_true(words.duel.r == -0.5 && words.duel.e1 == 0.25 && words.duel.e2 == -0.5 &&
		    words.duel.e3 == -1e-3);
	assert_true(words.duel.a.least_ns == 100 && words.duel.a.tenth_ns == 101 &&
		    words.duel.a.median_ns == 102.5);
	assert_true(words.duel.b.least_ns == 103 && words.duel.b.median_ns == 105);
	assert_int_equal(words.duel.calls, 7);
	assert_int_equal(words.duel.preempted, 80);
}

static void the_last_stage_is_remembered(void **state)
{
	static const struct {
		const char *said;
		enum worker_stage stage;
		int current;
	} cases[] = {
		{ "", STAGE_START, -1 },
		{ "cpu -1\n", STAGE_START, -1 },
		{ "library 1\n", STAGE_LIBRARY, 1 },
		{ "reference 2\n", STAGE_REFERENCE, 2 },
		{ "check 0\nverdict 0 exact 0 \ncheck 1\n", STAGE_CHECK, 1 },
		{ "check 1\ntime 2\n", STAGE_TIME, 2 },
		{ "time 2\ntime 1", STAGE_TIME, 2 },    /* not yet said */
	};
	struct runner_result runner[3];
	struct worker_words words;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hear(&words, runner, cases[i].said);
		assert_string_equal(words.strange, "");
		assert_int_equal(words.stage, cases[i].stage);
		assert_int_equal(words.current, cases[i].current);
	}
}

#define FIVE_SAMPLES "sample 0 1 5\nsample 0 1 5\nsample 0 1 5\nsample 0 1 5\nsample 0 1 5\n"

static void strange_words_are_remembered(void **state)
{
	static const char *const cases[] = {
		"hello\n",
		"units 0\n",
		"units 1 2\n",
		"duel 0 0 0 0 1 1 1 1 1 1 1\n",
		"duel 0 0 0 0 1 1 1 1 1 1 1 81\n",
		"duel 0 0 0 0 1 1 1 1 1 1 0 0\n",
		"duel 0 0 0 0 -1 1 1 1 1 1 1 0\n",
		"duel nan 0 0 0 1 1 1 1 1 1 1 0\n",
		"duel 0 0 0 0 1 1 1 1 1 1 1 0\nduel 0 0 0 0 1 1 1 1 1 1 1 0\n",
		"\n",
		"\001\002\377\n",
		"done\ndone\n",
		"check 3\n",
		"check -1\n",
		"check 1 2\n",
		"library 2\n",
		"verdict 0 fine 0 \n",
		"verdict 0 exact\n",
		"verdict 0 exact 2 x\n",
		"verdict 0 exact nan \n",
		"verdict 9 exact 0 \n",
		"cpu x\n",
		"cpu 99999999\n",
		"sample 0 0 1\n",
		"verdict 0 exact 0 \nverdict 0 wrong 1 x\n",
		"verdict 0 not_run 0 x\nverdict 0 exact 0 \n",
		"verdict 0 refused 1 x\nsample 0 0 1\n",
		"verdict 0 exact 0 \nsample 0 0 0\n",
		"verdict 0 exact 0 \nsample 0 0 inf\n",
		"verdict 0 exact 0 \nsample 0 -1 5\n",
		"verdict 0 exact 0 \nsample 0 0 5 6\n",
		"verdict 0 exact 0 \nsample 3 0 5\n",
		"verdict 0 exact 0 \nsample 0 0 0x10\n",
		"verdict 0 exact 0 \nsample 0 0 1e30\n",
		("verdict 0 exact 0 \n" FIVE_SAMPLES FIVE_SAMPLES), /* nine at most */
	};
	struct runner_result runner[3];
	struct worker_words words;
	char endless[2000];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hear(&words, runner, cases[i]);
		if (!*words.strange)
			fail_msg("case %zu is taken for a result: %s", i, cases[i]);
		for (const char *c = words.strange; *c; c++)
			assert_in_range(*c, 32, 126);
	}
	memset(endless, 'x', sizeof endless);
	worker_words_start(&words, runner, 3, 2);
	worker_words_hear(&words, endless, sizeof endless);
	assert_int_equal(strlen(words.strange), sizeof words.strange - 1);
}

/* Medians and ratios by hand: medians 4, 2, 1 of 5, 4 and 4 samples.  A call of 200 ms is a sample
 * that is enough; what is wrong has times where it was timed, and measures nobody. */
static void medians_and_ratios(void **state)
{
	static const bool peer[5] = { false, true, true, true, true }, none[5] = { false };
	struct runner_result runner[5] = {
		{ .verdict = VERDICT_EXACT, .samples = 5, .sample_ns = { 9, 4, 3, 100, 4 } },
		{ .verdict = VERDICT_WITHIN, .samples = 4, .sample_ns = { 3, 1, 1, 3 } },
		{ .verdict = VERDICT_EXACT, .samples = 4, .sample_ns = { 1, 1, 1, 1 } },
		{ .verdict = VERDICT_WRONG },
		{ .verdict = VERDICT_EXACT, .samples = 3, .sample_ns = { 1, 1, 1 } },
	};

	(void)state;
	runners_finish(runner, 5, 4);
	assert_true(runner[0].median_ns == 4 && runner[0].least_ns == 3);
	assert_true(runner[1].median_ns == 2 && runner[1].least_ns == 1);
	assert_true(isnan(runner[3].median_ns) && isnan(runner[3].least_ns));
	assert_int_equal(runner[4].verdict, VERDICT_NOT_RUN);    /* one repetition is missing */
	assert_int_equal(runner[4].samples, 0);
	assert_true(*runner[4].reason != '\0');

	runners_compare(runner, 5, 0, 2, peer);
	assert_true(runner[0].ratio_to_reference == 1 && runner[0].ratio_to_float == 0.25);
	assert_true(runner[1].ratio_to_reference == 2 && runner[1].ratio_to_float == 0.5);
	assert_true(runner[2].ratio_to_reference == 4 && runner[2].ratio_to_float == 1);
	assert_true(isnan(runner[3].ratio_to_reference) && isnan(runner[3].ratio_to_float));
	assert_true(isnan(runner[4].ratio_to_reference));

	/* peers are 1, 2, 3 without samples and 4 that was not run */
	assert_true(runner[0].ratio_to_best_peer == 0.25 && runner[1].ratio_to_best_peer == 0.5 &&
		    runner[2].ratio_to_best_peer == 1 && isnan(runner[3].ratio_to_best_peer));

	struct runner_result slow[3] = {
		{ .verdict = VERDICT_EXACT, .samples = 1, .sample_ns = { 2e8 } },
		{ .verdict = VERDICT_WRONG, .samples = 4, .sample_ns = { 1, 1, 1, 1 } },
		{ .verdict = VERDICT_WRONG, .samples = 3, .sample_ns = { 1, 1, 1 } },
	};

	runners_finish(slow, 3, 4);
	runners_compare(slow, 3, 0, 1, peer);
	assert_true(slow[0].verdict == VERDICT_EXACT && slow[0].median_ns == 2e8);
	assert_true(slow[1].verdict == VERDICT_WRONG && slow[1].median_ns == 1);
	assert_true(slow[1].ratio_to_reference == 2e8 && isnan(slow[0].ratio_to_float));
	assert_true(isnan(slow[0].ratio_to_best_peer));
	assert_true(slow[2].samples == 0 && isnan(slow[2].median_ns));

	runners_compare(runner, 5, 3, -1, none);       /* a wrong reference, no float kernel */
	for (int i = 0; i < 5; i++)
		assert_true(isnan(runner[i].ratio_to_reference) && isnan(runner[i].ratio_to_float));
}

static char *worker_spec(const char *head)
{
	static char text[4096];
	char hash[KEY_SIZE], path[1024];
	struct error error;

	snprintf(path, sizeof path, "%s/libquantsweep_kernels.so", build_dir());
	assert_int_equal(hash_file(hash, path, &error), 0);
	snprintf(text, sizeof text,
		 "quantsweep-race 1\ncpu ff\nop gemm\nshape 5 6 7\n%sseed 1\nrepetitions 3\nms 1\nduel 0\nhandicap 0\n"
		 "requantize float\nzeros 0\nw_bits 8\nw_values uniform\nlibrary %s %s\nrunner 0 gemm_u8s8s32__ref\nrunner 0 gemm_f32f32f32__ref\n"
		 "runner 0 gemm_u8s8s32__none\nend\n", head, hash, path);
	return text;
}

/* The program itself: what it says can be read, and says what it should. */
static void the_worker_works(void **state)
{
	static const char *const heads[] = { "threads 1\nbatch 1\n", "threads 1\nbatch 4\n",
					     "threads 3\nbatch 2\n" };
	struct runner_result runner[3];
	struct worker_words words;

	(void)state;
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
		const char *spec = worker_spec(heads[i]);
		struct outcome_text outcome;

		write_file(scratch("spec"), spec, strlen(spec));
		outcome = run_shell("\"$QS\" worker <spec");
		assert_string_equal(outcome.err, "");
		assert_int_equal(outcome.status, 0);
		hear(&words, runner, outcome.out);
		assert_string_equal(words.strange, "");
		assert_int_equal(words.stage, STAGE_DONE);
		for (int r = 0; r < 2; r++) {
			assert_int_equal(runner[r].verdict, VERDICT_EXACT);
			assert_int_equal(runner[r].samples, 3);
		}
		assert_int_equal(runner[2].verdict, VERDICT_NOT_RUN);
		assert_string_equal(runner[2].reason, "its library has no kernel of this name");
		outcome_free(&outcome);
	}
}

static void the_worker_answers_garbage(void **state)
{
	static const struct {
		const char *command, *says;
		int status;
	} cases[] = {
		{ "\"$QS\" worker </dev/null", "input:1: ", STATUS_INPUT },
		{ "echo nonsense | \"$QS\" worker", "'nonsense' was found", STATUS_INPUT },
		{ "head -c 3000000 /dev/zero | \"$QS\" worker", "input:1: ", STATUS_INPUT },
		{ "\"$QS\" worker --fast", "'--fast' was given", STATUS_INPUT },
		{ "sed 's/^library [^ ]*/library " HASH "/' spec | \"$QS\" worker",
		  "has changed since the plan was made", STATUS_MACHINE },
		{ "sed 's/^\\(library [^ ]*\\).*/\\1 \\/none.so/' spec | \"$QS\" worker",
		  "/none.so: the kernel library cannot be read", STATUS_MACHINE },
	};
	const char *spec = worker_spec("threads 1\nbatch 1\n");

	(void)state;
	write_file(scratch("spec"), spec, strlen(spec));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct outcome_text outcome = run_shell("%s", cases[i].command);

		if (outcome.status != cases[i].status || !strstr(outcome.err, cases[i].says))
			fail_msg("%s: status %d, %s", cases[i].command, outcome.status,
				 outcome.err);
		outcome_free(&outcome);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_spec_comes_back),
		cmocka_unit_test(a_path_with_a_line_end_is_refused),
		cmocka_unit_test(malformed_specs_are_answered),
		cmocka_unit_test(too_many_runners_are_answered),
		cmocka_unit_test(words_are_understood),
		cmocka_unit_test(a_duel_is_understood),
		cmocka_unit_test(the_last_stage_is_remembered),
		cmocka_unit_test(strange_words_are_remembered),
		cmocka_unit_test(medians_and_ratios),
		cmocka_unit_test(the_worker_works),
		cmocka_unit_test(the_worker_answers_garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
