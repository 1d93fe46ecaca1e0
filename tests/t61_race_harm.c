/* SPDX-License-Identifier: MIT
 *
 * Launches of kernels that are wrong, crash, hang or print, and of programs that are no workers: each
 * harm costs its kernel alone; a stop ends the launch.
 */
#include "race_bench.h"

static void a_wrong_kernel_has_no_speed(void **state)
{
	struct bench *bench = bench_open();
	const struct runner_result *r = &bench->result.runner[1];

	(void)state;
	enter(bench, NULL, "gemm_u8s8s32__ref");
	enter(bench, "wrong", "gemm_u8s8s32__wrong");
	enter(bench, "wrong", "gemm_u8s8s32__fails_late");
	launch_well(bench);
	expect_timed(bench, 0);
	assert_int_equal(r->verdict, VERDICT_WRONG);
	assert_int_equal(r->samples, 0);
	assert_true(isnan(r->median_ns) && isnan(r->ratio_to_reference));
	assert_true(fabs(r->wrong_fraction - 0.1) < 1e-12);      /* one of n = 10 in each row */
	assert_non_null(strstr(r->reason, "y[0][0] is "));
	assert_non_null(strstr(r->reason, "10 %"));
	expect_not_run(bench, 2, "gave an error while it was timed");
	/* asked for by its name it has one, and nobody is measured by it */
	bench->cells[1].named = true;
	launch_well(bench);
	assert_int_equal(r->verdict, VERDICT_WRONG);
	assert_int_equal(r->samples, bench->options.repetitions);
	assert_true(r->median_ns > 0 && r->ratio_to_reference > 0 && isnan(r->ratio_to_best_peer));
	assert_true(fabs(r->wrong_fraction - 0.1) < 1e-12);
	assert_non_null(strstr(r->reason, "y[0][0] is "));
	bench_close(bench);
}

/* Each harm costs its kernel alone; the others are launched again without it. */
static void harm_is_contained(void **state)
{
	static const struct {
		const char *library, *kernel, *says, *also;
		double limit_s;
	} cases[] = {
		{ "crash", "gemm_u8s8s32__crash", "was killed by signal 11",
		  "while gemm_u8s8s32__crash was checked", 60 },
		{ "crash", "gemm_u8s8s32__crash_late", "was killed by signal 11",
		  "while gemm_u8s8s32__crash_late was timed", 60 },
		{ "hang", "gemm_u8s8s32__hang", "took longer than 2 s and was killed",
		  "while gemm_u8s8s32__hang was checked", 2 },
		{ "hang", "gemm_u8s8s32__leave", "ended with status 0",
		  "while gemm_u8s8s32__leave was checked", 60 },
		{ "noise", "gemm_u8s8s32__scribbles", "wrote '?garbage', which is no result",
		  "while gemm_u8s8s32__scribbles was ", 60 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct bench *bench = bench_open();

		enter(bench, NULL, "gemm_u8s8s32__ref");
		enter(bench, cases[i].library, cases[i].kernel);
		enter(bench, "good", "gemm_u8s8s32__good");
		bench->options.time_limit_s = cases[i].limit_s;
		launch_well(bench);
		expect_timed(bench, 0);
		expect_not_run(bench, 1, cases[i].says);
		expect_not_run(bench, 1, cases[i].also);
		expect_timed(bench, 2);
		bench_close(bench);
	}
}

/* A runner that is left out is not started: the hanging one would cost a minute. */
static void who_is_left_out_costs_nothing(void **state)
{
	struct bench *bench = bench_open();
	const bool left_out[] = { false, true, false }, all[] = { true, true, true };

	(void)state;
	enter(bench, NULL, "gemm_u8s8s32__ref");
	enter(bench, "hang", "gemm_u8s8s32__hang");
	enter(bench, "good", "gemm_u8s8s32__good");
	bench->options.left_out = left_out;
	launch_well(bench);
	expect_timed(bench, 0);
	assert_true(bench->result.runner[1].left_out && !bench->result.runner[0].left_out);
	expect_not_run(bench, 1, "");
	expect_timed(bench, 2);
	assert_true(bench->result.seconds < 30);
	bench->options.left_out = all;
	launch_well(bench);
	for (int i = 0; i < 3; i++)
		expect_not_run(bench, i, "");
	bench_close(bench);
}

static void what_a_kernel_prints_is_no_result(void **state)
{
	struct bench *bench = bench_open();

	(void)state;
	enter(bench, "noise", "gemm_u8s8s32__prints");
	launch_well(bench);
	expect_timed(bench, 0);
	assert_true(isnan(bench->result.runner[0].ratio_to_reference));  /* it is not in the race */
	bench_close(bench);
}

static void two_crashes_cost_two_kernels(void **state)
{
	struct bench *bench = bench_open();

	(void)state;
	enter(bench, NULL, "gemm_u8s8s32__ref");
	enter(bench, "crash", "gemm_u8s8s32__crash");
	enter(bench, "crash", "gemm_u8s8s32__crash_late");
	launch_well(bench);
	expect_timed(bench, 0);
	expect_not_run(bench, 1, "while gemm_u8s8s32__crash was checked");
	expect_not_run(bench, 2, "while gemm_u8s8s32__crash_late was timed");
	bench_close(bench);
}

static void a_race_of_one_that_crashes_ends(void **state)
{
	struct bench *bench = bench_open();

	(void)state;
	enter(bench, "crash", "gemm_u8s8s32__crash");
	launch_well(bench);
	expect_not_run(bench, 0, "was killed by signal 11");
	bench_close(bench);
}

/* Programs that are no workers at all, as shell scripts. */
static void other_programs_are_contained(void **state)
{
	static const struct {
		const char *script, *says;
		double limit_s;
	} cases[] = {
		{ "exit 0", "ended with status 0 before any kernel ran", 60 },
		{ "echo hello", "wrote 'hello', which is no result, before any kernel ran", 60 },
		{ "echo trouble >&2; exit 3", "ended with status 3 before any kernel ran (trouble)",
		  60 },
		{ "kill -9 $$", "killed by signal 9 (Killed) before any kernel ran", 60 },
		{ "exec >&- 2>&-; sleep 60", "took longer than 1 s", 1 },
		{ "sleep 60 & echo done", "said nothing of it", 60 },
		{ "yes", "wrote 'y'", 1 },
		{ "head -c 5000000 /dev/zero; head -c 5000000 /dev/zero >&2; exit 5", "wrote '",
		  60 },
		{ "echo done; exit 1", "ended with status 1 after its last result", 60 },
	};
	const char *path = scratch("script");

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct bench *bench = bench_open();
		char script[400];

		snprintf(script, sizeof script, "#!/bin/sh\n%s\n", cases[i].script);
		write_file(path, script, strlen(script));
		assert_int_equal(chmod(path, 0700), 0);
		enter(bench, NULL, "gemm_u8s8s32__ref");
		bench->options.program = path;
		bench->options.time_limit_s = cases[i].limit_s;
		launch_well(bench);
		expect_not_run(bench, 0, cases[i].says);
		bench_close(bench);
	}
}

static void a_missing_program_is_an_error(void **state)
{
	struct bench *bench = bench_open();

	(void)state;
	enter(bench, NULL, "gemm_u8s8s32__ref");
	bench->options.program = "/nonexistent/quantsweep";
	assert_int_equal(launch(bench), -1);
	assert_int_equal(bench->error.status, STATUS_MACHINE);
	assert_non_null(
		strstr(bench->error.text, "/nonexistent/quantsweep: a worker cannot be started"));
	bench->options.program = bench->program;
	bench->race.count = RUNNERS_MAX + 1;
	assert_int_equal(race_launch(&bench->plan, &bench->race, &bench->options, &bench->result,
				     &bench->error), -1);
	assert_int_equal(bench->error.status, STATUS_INPUT);
	bench_close(bench);
}

static volatile sig_atomic_t stop;

static void on_alarm(int number)
{
	(void)number;
	stop = 1;
}

static void a_stop_ends_the_launch(void **state)
{
	struct bench *bench = bench_open();
	struct sigaction action = { .sa_handler = on_alarm }, old;

	(void)state;
	enter(bench, "hang", "gemm_u8s8s32__hang");
	bench->options.stop = &stop;
	assert_int_equal(sigaction(SIGALRM, &action, &old), 0);
	alarm(1);
	assert_int_equal(launch(bench), -1);
	assert_int_equal(bench->error.status, STATUS_INTERRUPTED);
	sigaction(SIGALRM, &old, NULL);
	bench_close(bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_wrong_kernel_has_no_speed, before, after),
		cmocka_unit_test_setup_teardown(harm_is_contained, before, after),
		cmocka_unit_test_setup_teardown(who_is_left_out_costs_nothing, before, after),
		cmocka_unit_test_setup_teardown(what_a_kernel_prints_is_no_result, before, after),
		cmocka_unit_test_setup_teardown(two_crashes_cost_two_kernels, before, after),
		cmocka_unit_test_setup_teardown(a_race_of_one_that_crashes_ends, before, after),
		cmocka_unit_test_setup_teardown(other_programs_are_contained, before, after),
		cmocka_unit_test_setup_teardown(a_missing_program_is_an_error, before, after),
		cmocka_unit_test_setup_teardown(a_stop_ends_the_launch, before, after),
	};

	races_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
