/* SPDX-License-Identifier: MIT
 *
 * What a worker says: words are understood, strange ones remembered; the program itself, which answers
 * garbage.
 */
#include "support.h"

#include "../harness/measure/race_words.h"

#include <math.h>

#define HASH "0123456789abcdef0123456789abcdef"

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
		cmocka_unit_test(words_are_understood),
		cmocka_unit_test(a_duel_is_understood),
		cmocka_unit_test(the_last_stage_is_remembered),
		cmocka_unit_test(strange_words_are_remembered),
		cmocka_unit_test(the_worker_works),
		cmocka_unit_test(the_worker_answers_garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
