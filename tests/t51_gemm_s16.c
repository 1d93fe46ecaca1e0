/* SPDX-License-Identifier: MIT
 *
 * gemm_s16s8s64: every kernel against gemm_s16.py's table (by hand, numpy in int64), the longest
 * sums that stay in s32 and one product more, single rows and many, and what is refused.
 */
#include "support.h"

#include "golden.h"
#include "kernel_calls.h"

static const char types[] = "s16s8s64";

static double numbers[6][GOLDEN_VALUES];

/* The field's numbers as int32_t or int64_t, and how many. */
static int64_t golden_s32(const char *field, int32_t *out)
{
	const int64_t count = golden_numbers(field, numbers[0]);

	for (int64_t i = 0; i < count; i++)
		out[i] = (int32_t)numbers[0][i];
	return count;
}

static void set_zeros(struct qs_operand *operand, const int32_t *zeros, int64_t count)
{
	operand->zero = zeros;
	operand->scales = count;
	operand->per = count > 1 ? QS_PER_ROW : QS_PER_TENSOR;
}

static int golden_runs;

/* source, m, n, k, zero_a, zero_w, bias, a, w, y */
static void each_golden(char *const *fields)
{
	static int16_t a[GOLDEN_VALUES];
	static int8_t w[GOLDEN_VALUES];
	static int64_t bias[GOLDEN_VALUES], y[GOLDEN_VALUES];
	const int64_t m = atol(fields[1]), n = atol(fields[2]), k = atol(fields[3]);
	int32_t zero_a[64], zero_w[64];
	const int64_t zeros_a = golden_s32(fields[4], zero_a);
	const int64_t zeros_w = golden_s32(fields[5], zero_w);
	const int64_t biases = golden_numbers(fields[6], numbers[1]);
	const struct qs_kernel *kernel;

	assert_int_equal(golden_numbers(fields[7], numbers[2]), m * k);
	assert_int_equal(golden_numbers(fields[8], numbers[3]), n * k);
	assert_int_equal(golden_numbers(fields[9], numbers[4]), m * n);
	for (int64_t i = 0; i < m * k; i++)
		a[i] = (int16_t)numbers[2][i];
	for (int64_t i = 0; i < n * k; i++)
		w[i] = (int8_t)numbers[3][i];
	for (int64_t i = 0; i < biases; i++)
		bias[i] = (int64_t)numbers[1][i];
	for (size_t at = 0; (kernel = calls_next(&at, QS_GEMM, types));) {
		struct qs_task task;

		task_plain(&task, kernel, m, n, k);
		set_zeros(&task.a, zero_a, zeros_a);
		set_zeros(&task.w, zero_w, zeros_w);
		task.bias = biases ? bias : NULL;
		memset(y, 0xa5, sizeof y);
		calls_run(kernel, &task, a, w, y);
		for (int64_t i = 0; i < m * n; i++)
			if (y[i] != (int64_t)numbers[4][i])
				fail_msg("%s, %s: sum %d is %lld, expected %.0f", kernel->name,
					 fields[0], (int)i, (long long)y[i], numbers[4][i]);
		golden_runs++;
	}
}

static void gemm_s16_is_true(void **state)
{
	(void)state;
	assert_int_equal(golden_lines("gemm_s16.csv", each_golden), 8);
	assert_true(golden_runs >= 8);
}

/* Every sum is k times the same product, k around the numbers of codes after which s32 is full: 510
 * with weights of -128, 516 with -127, 1022 with 64; m and n around tiles, and such that one row
 * takes several panels at once. */
static void sums_at_the_end_of_s32(void **state)
{
	static const int64_t depths[] = {
		509, 510, 511, 512, 515, 516, 517, 518, 1022, 1023, 1541
	};
	static const int8_t weights[] = { -128, -127, 64, 1 };
	enum { M = 7, N = 300, K = 1541 };
	static int16_t a[M * K];
	static int8_t w[N * K];
	static int64_t y[M * N];

	(void)state;
	for (size_t i = 0; i < M * K; i++)
		a[i] = INT16_MIN;
	for (size_t weight = 0; weight < sizeof weights; weight++) {
		memset(w, weights[weight], sizeof w);
		for (size_t depth = 0; depth < sizeof depths / sizeof *depths; depth++) {
			const int64_t k = depths[depth], m = depth % 2 ? M : 1;
			const struct qs_kernel *kernel;

			for (size_t at = 0; (kernel = calls_next(&at, QS_GEMM, types));) {
				struct qs_task task;

				task_plain(&task, kernel, m, N - (int64_t)depth, k);
				task.threads = (int32_t)(1 + depth % 4);
				calls_run(kernel, &task, a, w, y);
				for (int64_t i = 0; i < m * task.n; i++)
					if (y[i] != k * INT16_MIN * weights[weight])
						fail_msg("%s: k %d weight %d sum %d is %lld",
							 kernel->name, (int)k, weights[weight],
							 (int)i, (long long)y[i]);
			}
		}
	}
}

static void what_is_refused(void **state)
{
	static const float one = 1;
	static const int8_t w[12];
	const struct qs_kernel *kernel;

	(void)state;
	for (size_t at = 0; (kernel = calls_next(&at, QS_GEMM, types));) {
		int64_t bias[3] = { 0, INT64_C(1) << 62, -(INT64_C(1) << 62) };
		struct qs_task plain, task;
		const char *reason;
		void *prepared;
		size_t bytes;

		task_plain(&plain, kernel, 2, 3, 4);
		task = plain;
		assert_null(kernel->refuse(&task));
		task.a.zero = (const int32_t[]){ 32768 };
		assert_non_null(kernel->refuse(&task));
		task = plain;
		task.w.zero = (const int32_t[]){ -129 };
		assert_non_null(kernel->refuse(&task));
		task = plain;
		task.bias_f32 = &one;
		assert_non_null(kernel->refuse(&task));
		task = plain;
		task.y.scale = &one;
		assert_non_null(kernel->refuse(&task));
		task = plain;
		task.bias = bias;
		prepared = kernel->prepare(&task, w, &bytes, &reason);
		assert_non_null(prepared);
		kernel->release(prepared);
		bias[1]++;
		assert_null(kernel->prepare(&task, w, &bytes, &reason));
		assert_string_equal(reason, "a sum of products might leave s64");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gemm_s16_is_true),
		cmocka_unit_test(sums_at_the_end_of_s32),
		cmocka_unit_test(what_is_refused),
	};

	return cmocka_run_group_tests(tests, calls_open, calls_close);
}
