/* SPDX-License-Identifier: MIT
 *
 * Gemms of 8-bit codes: every kernel against gemm_int8.py's table (by hand, numpy in int64, exact
 * fractions), the last sums that are proved to stay in s32, shares for threads, and what is
 * refused.
 */
#include "support.h"

#include "golden.h"
#include "kernel_calls.h"

static const char *const requantized[] = {
	"u8s8s8", "u8s8u8", "s8s8s8", "s8s8u8",
	"u8s8s8_channel", "u8s8u8_channel", "s8s8s8_channel", "s8s8u8_channel",
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static double numbers[GOLDEN_VALUES];

/* The field's numbers, and how many. */
static int64_t golden_s32(const char *field, int32_t *out)
{
	const int64_t count = golden_numbers(field, numbers);

	for (int64_t i = 0; i < count; i++)
		out[i] = (int32_t)numbers[i];
	return count;
}

/* s8 and u8 alike. */
static int64_t golden_bytes(const char *field, uint8_t *out)
{
	const int64_t count = golden_numbers(field, numbers);

	for (int64_t i = 0; i < count; i++)
		out[i] = (uint8_t)(int)numbers[i];
	return count;
}

static void set_zeros(struct qs_operand *operand, const int32_t *zeros, int64_t count)
{
	operand->zero = zeros;
	operand->scales = count;
	operand->per = count > 1 ? QS_PER_ROW : QS_PER_TENSOR;
}

struct mapping {                /* of a requantized y                                    */
	float scale_a, scale_y, scale_w[64];
	int32_t zero_y;
};

static void set_map(struct qs_task *task, struct mapping *map, char *const *fields)
{
	const int64_t scales = golden_numbers(fields[6], numbers);

	for (int64_t i = 0; i < scales; i++)
		map->scale_w[i] = (float)numbers[i];
	assert_int_equal(golden_numbers(fields[7], numbers), 7);
	map->scale_a = (float)numbers[0];
	map->scale_y = (float)numbers[1];
	map->zero_y = (int32_t)numbers[2];
	task->a.scale = &map->scale_a;
	task->w.scale = map->scale_w;
	task->w.scales = scales;
	task->w.per = scales > 1 ? QS_PER_ROW : QS_PER_TENSOR;
	task->y.scale = &map->scale_y;
	task->y.zero = &map->zero_y;
	task->low = (int32_t)numbers[3];
	task->high = (int32_t)numbers[4];
	task->requantize = (enum qs_requantize)numbers[5];
	task->round = (enum qs_round)numbers[6];
}

static int32_t found_at(enum qs_type type, const int32_t *y, int64_t at)
{
	if (type == QS_S32)
		return y[at];
	return type == QS_S8 ? ((const int8_t *)y)[at] : ((const uint8_t *)y)[at];
}

/* source, types, sizes, zero_a, zero_w, bias, scales_w, map, a, w, y */
static void each_golden(char *const *fields)
{
	static uint8_t a[GOLDEN_VALUES], w[GOLDEN_VALUES];
	static int32_t y[GOLDEN_VALUES], truth[GOLDEN_VALUES];
	static int64_t bias[64 + 16];
	int32_t zero_a[64], zero_w[128], sizes[3];
	const int64_t zeros_a = golden_s32(fields[3], zero_a);
	const int64_t zeros_w = golden_s32(fields[4], zero_w);
	const int64_t biases = golden_numbers(fields[5], numbers);
	const struct qs_kernel *kernel;
	int kernels = 0;

	for (int64_t i = 0; i < biases; i++)
		bias[i] = (int64_t)numbers[i];
	assert_int_equal(golden_s32(fields[2], sizes), 3);
	assert_int_equal(golden_bytes(fields[8], a), sizes[0] * sizes[2]);
	assert_int_equal(golden_bytes(fields[9], w), sizes[1] * sizes[2]);
	assert_int_equal(golden_s32(fields[10], truth), sizes[0] * sizes[1]);
	for (size_t at = 0; (kernel = calls_next(&at, QS_GEMM, fields[1])); kernels++) {
		struct mapping map;
		struct qs_task task;

		task_plain(&task, kernel, sizes[0], sizes[1], sizes[2]);
		set_zeros(&task.a, zero_a, zeros_a);
		set_zeros(&task.w, zero_w, zeros_w);
		if (kernel->y != QS_S32)
			set_map(&task, &map, fields);
		task.bias = biases ? bias : NULL;
		memset(y, 0xa5, sizeof y);
		calls_run(kernel, &task, a, w, y);
		for (int64_t i = 0; i < sizes[0] * sizes[1]; i++)
			if (found_at(kernel->y, y, i) != truth[i])
				fail_msg("%s, %s: y[%d] is %d, expected %d", kernel->name,
					 fields[0], (int)i, (int)found_at(kernel->y, y, i),
					 (int)truth[i]);
	}
	assert_true(kernels > 0);
}

static void gemm_int8_is_true(void **state)
{
	(void)state;
	assert_int_equal(golden_lines("gemm_int8.csv", each_golden), 51);
}

/* sum of max|a - za| |w - zw| + |bias| <= 2^31 - 1, to the last unit; t50 has the cases of u8. */
static void the_proof_ends_where_s32_does(void **state)
{
	static const struct {
		int64_t k;
		int32_t zero_a, zero_w;
		int64_t bias;
		bool taken;
	} cases[] = {
		{ 131071, 0, 0, 16383, true },           /* 131071 * 128 * 128 + 2^14 - 1    */
		{ 131071, 0, 0, 16384, false },
		{ 131072, 0, 0, 0, false },
		{ 131072, -1, 0, 0, false },             /* max|a + 1| is 128                */
		{ 131071, 1, 0, 0, false },              /* max|a - 1| is 129                */
		{ 33025, -128, 127, 33022, true },       /* 33025 * 255 * 255 + 33022        */
		{ 33025, -128, 127, 33023, false },
		{ 33025, 127, 127, -33022, true },
		{ 33025, 127, 127, -33023, false },
	};
	static int8_t w[131072];
	const struct qs_kernel *kernel;

	(void)state;
	memset(w, -128, sizeof w);
	for (size_t at = 0; (kernel = calls_next(&at, QS_GEMM, "s8s8s32"));)
		for (size_t c = 0; c < COUNT(cases); c++) {
			const char *reason = NULL;
			struct qs_task task;
			size_t bytes;
			void *prepared;

			task_plain(&task, kernel, 1, 1, cases[c].k);
			task.a.zero = &cases[c].zero_a;
			task.w.zero = &cases[c].zero_w;
			task.bias = &cases[c].bias;
			assert_null(kernel->refuse(&task));
			prepared = kernel->prepare(&task, w, &bytes, &reason);
			if (!prepared != !cases[c].taken)
				fail_msg("%s, case %zu: %s", kernel->name, c,
					 prepared ? "taken" : reason);
			if (prepared)
				kernel->release(prepared);
			else
				assert_string_equal(reason, "a sum of products might leave s32");
		}
}

/* One row must be split between threads, and the split must not show. */
static void threads_have_units(void **state)
{
	enum { N = 1030, K = 9, THREADS = 4 };
	static int8_t a[K], w[N * K];
	static int32_t y[N];
	const struct qs_kernel *kernel;

	(void)state;
	for (int i = 0; i < N * K; i++)
		w[i] = (int8_t)(i * 7 % 256 - 128);
	for (int i = 0; i < K; i++)
		a[i] = (int8_t)(i - 4);
	for (size_t at = 0; (kernel = calls_next(&at, QS_GEMM, "s8s8s32"));) {
		const char *reason;
		struct qs_task task;
		size_t bytes;
		void *prepared;

		task_plain(&task, kernel, 1, N, K);
		task.threads = THREADS;
		prepared = kernel->prepare(&task, w, &bytes, &reason);
		assert_non_null(prepared);
		if (kernel->needs && kernel->units(prepared) < THREADS)
			fail_msg("%s: %d units for %d threads", kernel->name,
				 (int)kernel->units(prepared), THREADS);
		kernel->release(prepared);
		calls_run(kernel, &task, a, w, y);
		for (int n = 0; n < N; n++) {
			int sum = 0;

			for (int k = 0; k < K; k++)
				sum += a[k] * w[n * K + k];
			assert_int_equal(y[n], sum);
		}
	}
}

/* Each fault alone makes a good task of requantized results a refused one. */
static void spoil(struct qs_task *task, int fault)
{
	static const int32_t too_low = -129, too_high = 256;

	switch (fault) {
	case 0: task->a.scale = NULL; break;
	case 1: task->w.scale = NULL; break;
	case 2: task->y.scale = NULL; break;
	case 3: task->a.per = QS_PER_ROW; break;
	case 4: task->w.per = task->w.per ? QS_PER_TENSOR : QS_PER_ROW; break;
	case 5: task->w.scales++; break;
	case 6: task->y.per = QS_PER_ROW; break;
	case 7: task->y.zero = &too_low; break;
	case 8: task->y.zero = &too_high; break;
	case 9: task->low--; break;
	case 10: task->high++; break;
	case 11: task->high = task->low - 1; break;
	case 12: task->requantize = QS_REQUANTIZE_RULES; break;
	case 13: task->round = QS_ROUNDS; break;
	case 14: task->a.zero = &too_low; break;
	case 15: task->a.zero = &too_high; break;
	case 16: task->w.zero = &too_low; break;
	case 17: task->w.per = QS_PER_GROUP; break;
	default: task->bias_f32 = &(const float){ 1 }; break;
	}
}

static void what_is_refused(void **state)
{
	enum { FAULTS = 19 };
	const float scales[] = { 1, 1, 1, 1.5F };
	static const int8_t w[4 * 5];
	const struct qs_kernel *kernel;

	(void)state;
	for (size_t t = 0; t < COUNT(requantized); t++)
		for (size_t at = 0; (kernel = calls_next(&at, QS_GEMM, requantized[t]));) {
			const char *reason;
			struct qs_task plain;
			size_t bytes;

			task_plain(&plain, kernel, 3, 4, 5);
			assert_null(kernel->refuse(&plain));
			for (int fault = 0; fault < FAULTS; fault++) {
				struct qs_task task = plain;

				spoil(&task, fault);
				if (!kernel->refuse(&task))
					fail_msg("%s takes a task with fault %d", kernel->name,
						 fault);
			}
			/* a shift cannot express 1.5: the last channel's, or the tensor's */
			plain.requantize = QS_REQUANTIZE_SHIFT;
			plain.w.scale = plain.w.per == QS_PER_ROW ? scales : scales + 3;
			assert_null(kernel->refuse(&plain));
			assert_null(kernel->prepare(&plain, w, &bytes, &reason));
			assert_string_equal(reason,
					    "a scale that the requantization cannot express");
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gemm_int8_is_true),
		cmocka_unit_test(the_proof_ends_where_s32_does),
		cmocka_unit_test(threads_have_units),
		cmocka_unit_test(what_is_refused),
	};

	return cmocka_run_group_tests(tests, calls_open, calls_close);
}
