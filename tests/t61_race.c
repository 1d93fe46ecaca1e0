/* SPDX-License-Identifier: MIT
 *
 * Whole launches: our kernels and a user's, each in real workers.  What is asserted is who has numbers
 * and which details reach a kernel; never how fast anything is.
 */
#include "race_bench.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_users_kernel_runs_like_ours, before, after),
		cmocka_unit_test_setup_teardown(threads_share_the_units, before, after),
		cmocka_unit_test_setup_teardown(details_reach_the_task, before, after),
		cmocka_unit_test_setup_teardown(slow_calls_are_timed_once, before, after),
		cmocka_unit_test_setup_teardown(a_masked_cpu_refuses, before, after),
		cmocka_unit_test_setup_teardown(a_changed_library_is_noticed, before, after),
	};

	races_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
