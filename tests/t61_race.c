/* SPDX-License-Identifier: MIT
 *
 * Whole launches: our kernels and a user's, good and bad, each in real workers.  What is asserted
 * is who has numbers, who has none and in which words; never how fast anything is.
 */
#include "support.h"

#include "../harness/axes/tables.h"
#include "../harness/measure/race.h"
#include "../harness/measure/race_workload.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CELLS_MAX = 8, QUICK = 3 };

/* A plan of one race, made by hand. */
struct bench {
	struct env env;
	struct libraries libraries;
	struct plan plan;
	struct race race;
	struct timing_cell cells[CELLS_MAX];
	struct operation gemm;
	struct race_options options;
	struct launch_result result;
	char program[512];
	struct error error;
};

static struct bench *bench_open(void)
{
	static char name[] = "gemm:9x10x33 u8s8s32 t1 warm";
	struct bench *bench = calloc(1, sizeof *bench);

	assert_non_null(bench);
	bench->env = env_system();
	assert_int_equal(libraries_open(&bench->libraries, &bench->env, &bench->error), 0);
	bench->gemm = (struct operation){ .value = { .name = "gemm" }, .op = QS_GEMM };
	bench->race = (struct race){ .name = name,
				     .operation = &bench->gemm,
				     .m = 9,
				     .n = 10,
				     .k = 33,
				     .types = "u8s8s32",
				     .threads = 1,
				     .batch = 1 };
	bench->plan = (struct plan){ .env = &bench->env,
				     .libraries = &bench->libraries,
				     .timings = bench->cells,
				     .races = &bench->race,
				     .race_count = 1 };
	snprintf(bench->program, sizeof bench->program, "%s/quantsweep", build_dir());
	bench->options = (struct race_options){ .program = bench->program, .time_limit_s = 60,
						.seed = 5, .repetitions = QUICK,
						.repetition_ms = 1 };
	return bench;
}

static void bench_close(struct bench *bench)
{
	libraries_close(&bench->libraries);
	free(bench);
}

/* Adds a runner: a kernel of ours, or of tests/kernels/LIBRARY.so. */
static void enter(struct bench *bench, const char *library, const char *kernel)
{
	struct timing_cell *cell = &bench->cells[bench->race.count++];
	size_t at = 0;

	if (library) {
		char path[512];

		snprintf(path, sizeof path, "%s/tests/kernels/%s.so", build_dir(), library);
		for (at = 1; at < bench->libraries.count; at++)
			if (!strcmp(bench->libraries.libraries[at].path, path))
				break;
		if (at == bench->libraries.count &&
		    libraries_add(&bench->libraries, path, &bench->error))
			fail_msg("%s", bench->error.text);
	}
	/* the list may have moved: cells are pointed anew at the launch */
	cell->race = at;
	for (size_t i = 0; i < bench->libraries.libraries[at].table->count; i++)
		if (!strcmp(bench->libraries.libraries[at].table->kernels[i]->name, kernel))
			cell->kernel = bench->libraries.libraries[at].table->kernels[i];
	if (!cell->kernel)
		fail_msg("no kernel %s", kernel);
}

static int launch(struct bench *bench)
{
	for (size_t i = 0; i < bench->race.count && i < CELLS_MAX; i++)
		bench->cells[i].library = &bench->libraries.libraries[bench->cells[i].race];
	return race_launch(&bench->plan, &bench->race, &bench->options, &bench->result,
			   &bench->error);
}

static void launch_well(struct bench *bench)
{
	if (launch(bench))
		fail_msg("%s", bench->error.text);
	assert_int_equal(bench->result.runners, bench->race.count);
	assert_true(bench->result.seconds > 0);
}

static void expect_timed(const struct bench *bench, int i)
{
	const struct runner_result *r = &bench->result.runner[i];

	if (r->verdict != VERDICT_EXACT || r->samples != bench->options.repetitions || *r->reason)
		fail_msg("runner %d: verdict %d, %d samples, '%s'", i, (int)r->verdict, r->samples,
			 r->reason);
	assert_true(r->least_ns > 0 && r->least_ns <= r->median_ns && isfinite(r->median_ns));
	assert_true(r->order >= 0);
}

static void expect_not_run(const struct bench *bench, int i, const char *says)
{
	const struct runner_result *r = &bench->result.runner[i];

	if (r->verdict != VERDICT_NOT_RUN || r->samples || !strstr(r->reason, says))
		fail_msg("runner %d: verdict %d, %d samples, '%s', expected '%s'", i,
			 (int)r->verdict, r->samples, r->reason, says);
	assert_true(isnan(r->median_ns) && isnan(r->least_ns) && isnan(r->ratio_to_reference) &&
		    isnan(r->ratio_to_float));
}

static void a_users_kernel_runs_like_ours(void **state)
{
	struct bench *bench = bench_open();
	int first = 0;

	(void)state;
	enter(bench, NULL, "gemm_u8s8s32__ref");
	enter(bench, "good", "gemm_u8s8s32__good");
	enter(bench, NULL, "gemm_f32f32f32__ref");
	bench->options.repetitions = 0;          /* the usual nine */
	bench->options.repetition_ms = 1;
	launch_well(bench);
	bench->options.repetitions = REPETITIONS;
	for (int i = 0; i < 3; i++) {
		const struct runner_result *r = &bench->result.runner[i];

		expect_timed(bench, i);
		assert_true(r->ratio_to_reference ==
			    bench->result.runner[0].median_ns / r->median_ns);
		assert_true(r->ratio_to_float == bench->result.runner[2].median_ns / r->median_ns);
		first += r->order == 0;
	}
	assert_int_equal(first, 1);
	assert_true(bench->result.runner[0].ratio_to_reference == 1);
	assert_true(bench->result.runner[2].ratio_to_float == 1);
	assert_true(bench->result.pinned == (bench->result.cpu >= 0));
	bench_close(bench);
}

static void threads_share_the_units(void **state)
{
	struct bench *bench = bench_open();

	(void)state;
	enter(bench, NULL, "gemm_u8s8s32__ref");
	enter(bench, "good", "gemm_u8s8s32__good");
	bench->race.threads = 3;
	bench->race.batch = 2;
	launch_well(bench);
	expect_timed(bench, 0);
	expect_timed(bench, 1);
	assert_true(isnan(bench->result.runner[0].ratio_to_float));      /* no float kernel here */
	bench_close(bench);
}

/* What a race's name says is what its kernels are given. */
static void details_reach_the_task(void **state)
{
	const struct race_detail plain = { 0 };
	const struct race_detail detail = {
		.requantization = value_find(requantization_values, "rndnu"),
		.w_zeros = true,
		.w_bits = 6,
		.w_values = value_find(weight_values, "normal"),
	};
	static const struct {
		struct qs_kernel kernel;
		bool a, w, y;   /* zero points of a race with detail                      */
	} cases[] = {
		{ { .op = QS_GEMM, .a = QS_U8, .w = QS_S8, .y = QS_S32, .name = "gemm_u8s8s32__x" },
		  true, true, false },
		{ { .op = QS_GEMM, .a = QS_S8, .w = QS_S8, .y = QS_S8, .name = "gemm_s8s8s8__x" },
		  false, true, true },
		{ { .op = QS_GEMM, .a = QS_F32, .w = QS_F32, .y = QS_F32,
		    .name = "gemm_f32f32f32__x" }, false, true, false },
		{ { .op = QS_QUANTIZE, .a = QS_F32, .y = QS_S8, .name = "quantize_f32s8__x" },
		  false, false, false },
		{ { .op = QS_REQUANTIZE, .a = QS_S32, .y = QS_U8, .name = "requantize_s32u8__x" },
		  false, false, true },
	};
	struct bench *bench;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct qs_kernel *kernel = &cases[i].kernel;
		const struct workload_spec with = race_workload(kernel, 4, 8, 16, 1, 3, &detail);
		const struct workload_spec without = race_workload(kernel, 4, 8, 16, 1, 1, &plain);

		assert_int_equal(with.a.zero != WORKLOAD_NO_ZERO, cases[i].a);
		assert_int_equal(with.w.zero != WORKLOAD_NO_ZERO, cases[i].w);
		assert_int_equal(with.y.zero != WORKLOAD_NO_ZERO, cases[i].y);
		assert_int_equal(without.w.zero, WORKLOAD_NO_ZERO);
		assert_int_equal(with.threads, 3);
		assert_int_equal(with.w_bits, 6);
		assert_ptr_equal(with.w_values, detail.w_values);
		assert_null(without.w_values);
		assert_int_equal(without.w_bits, 0);
		assert_int_equal(with.requantize, QS_REQUANTIZE_RNDNU);
		assert_int_equal(without.requantize, QS_REQUANTIZE_FLOAT);
	}
	bench = bench_open();
	enter(bench, NULL, "gemm_u8s8s32__ref");
	enter(bench, NULL, "gemm_s8s8s8_channel__ref");
	enter(bench, NULL, "gemm_u8s4f32_g32__ref");
	bench->race.detail = detail;
	bench->race.threads = 2;
	launch_well(bench);
	for (int i = 0; i < 3; i++)
		expect_timed(bench, i);
	bench_close(bench);
}

/* A call of 200 ms is a launch's only repetition; one that is faster has all of them. */
static void slow_calls_are_timed_once(void **state)
{
	struct bench *bench = bench_open();

	(void)state;
	enter(bench, NULL, "gemm_u8s8s32__ref");
	bench->race.m = bench->race.n = bench->race.k = 1024;
	bench->options.time_limit_s = 600;
	launch_well(bench);
	const struct runner_result *r = &bench->result.runner[0];

	assert_int_equal(r->verdict, VERDICT_EXACT);
	assert_int_equal(r->samples,
			 r->sample_ns[0] >= SLOW_CALL_MS * 1e6 ? 1 : bench->options.repetitions);
	assert_true(r->median_ns >= r->least_ns && r->ratio_to_reference == 1);
	bench_close(bench);
}

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

static void a_masked_cpu_refuses(void **state)
{
	struct bench *bench = bench_open();
	struct qs_kernel wants_all = { 0 };

	(void)state;
	enter(bench, NULL, "gemm_u8s8s32__ref");
	enter(bench, NULL, "gemm_u8s8s32__ref");
	for (size_t i = 0; i < bench->libraries.libraries[0].table->count; i++) {
		const struct qs_kernel *kernel = bench->libraries.libraries[0].table->kernels[i];

		if (kernel->needs && !strncmp(kernel->name, "gemm_u8s8s32__", 14))
			wants_all = *kernel;
	}
	if (wants_all.name) {
		bench->cells[1].kernel = &wants_all;
		bench->env.cpu = 0;
		launch_well(bench);
		expect_timed(bench, 0);
		assert_int_equal(bench->result.runner[1].verdict, VERDICT_REFUSED);
		assert_non_null(strstr(bench->result.runner[1].reason, "the CPU lacks"));
	} else {
		printf("# no kernel needs a CPU feature in this build\n");
	}
	bench_close(bench);
}

/* A library that another one has taken the place of since the plan was made. */
static void a_changed_library_is_noticed(void **state)
{
	struct bench *bench = bench_open();
	struct library *good;

	(void)state;
	enter(bench, NULL, "gemm_u8s8s32__ref");
	enter(bench, "good", "gemm_u8s8s32__good");
	good = &bench->libraries.libraries[1];
	good->hash[0] = good->hash[0] == '0' ? '1' : '0';
	launch_well(bench);
	expect_timed(bench, 0);
	expect_not_run(bench, 1, "has changed since the plan was made");
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

static int open_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	int count = 0;

	assert_non_null(folder);
	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

/* Called around each test: no child is left, and no descriptor. */
static int descriptors;

static int before(void **state)
{
	(void)state;
	descriptors = open_descriptors();
	return 0;
}

static int after(void **state)
{
	(void)state;
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	assert_int_equal(open_descriptors(), descriptors);
	return 0;
}

/* A sanitizer in the worker would make a report and an exit status of a signal. */
static void leave_signals_alone(const char *name)
{
	const char *old = getenv(name);
	char options[1000];

	snprintf(options, sizeof options, "%s%shandle_segv=0", old ? old : "", old ? ":" : "");
	setenv(name, options, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_users_kernel_runs_like_ours, before, after),
		cmocka_unit_test_setup_teardown(threads_share_the_units, before, after),
		cmocka_unit_test_setup_teardown(details_reach_the_task, before, after),
		cmocka_unit_test_setup_teardown(slow_calls_are_timed_once, before, after),
		cmocka_unit_test_setup_teardown(a_wrong_kernel_has_no_speed, before, after),
		cmocka_unit_test_setup_teardown(harm_is_contained, before, after),
		cmocka_unit_test_setup_teardown(who_is_left_out_costs_nothing, before, after),
		cmocka_unit_test_setup_teardown(what_a_kernel_prints_is_no_result, before, after),
		cmocka_unit_test_setup_teardown(two_crashes_cost_two_kernels, before, after),
		cmocka_unit_test_setup_teardown(a_race_of_one_that_crashes_ends, before, after),
		cmocka_unit_test_setup_teardown(a_masked_cpu_refuses, before, after),
		cmocka_unit_test_setup_teardown(a_changed_library_is_noticed, before, after),
		cmocka_unit_test_setup_teardown(other_programs_are_contained, before, after),
		cmocka_unit_test_setup_teardown(a_missing_program_is_an_error, before, after),
		cmocka_unit_test_setup_teardown(a_stop_ends_the_launch, before, after),
	};

	leave_signals_alone("ASAN_OPTIONS");
	leave_signals_alone("TSAN_OPTIONS");
	leave_signals_alone("UBSAN_OPTIONS");
	scratch_dir();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
