/* SPDX-License-Identifier: MIT
 *
 * The operation dynamicquantize: every kernel against dynamic_quantize.py's table (ONNX's
 * documented examples, by hand, exact rationals), rows that are long, many and lie anywhere in
 * memory, and what is refused.
 */
#include "support.h"

#include "golden.h"
#include "kernel_calls.h"

enum { HEAD = 8, LONG = 200001 };

static const char *const types[] = { "f32u8", "f32s8" };

static struct qs_task task_of(const struct qs_kernel *kernel, int64_t m, int64_t k)
{
	struct qs_task task;

	task_plain(&task, kernel, m, 1, k);
	return task;
}

static int golden_runs;

/* source, types, rounding, scale, zero point, floats, codes */
static void each_golden(char *const *fields)
{
	static double x[GOLDEN_VALUES], codes[GOLDEN_VALUES];
	const int64_t count = golden_numbers(fields[5], x);
	const float scale = strtof(fields[3], NULL);
	const int32_t zero = (int32_t)strtol(fields[4], NULL, 10);
	const struct qs_kernel *kernel;
	uint8_t y[HEAD + 256];
	float a[256];

	assert_true(count > 0 && count < 256);
	assert_int_equal(golden_numbers(fields[6], codes), count);
	for (int64_t i = 0; i < count; i++)
		a[i] = (float)x[i];
	for (size_t at = 0; (kernel = calls_next(&at, QS_DYNAMIC_QUANTIZE, fields[1]));) {
		struct qs_task task = task_of(kernel, 1, count);

		task.round = strcmp(fields[2], "half_away") ? QS_HALF_EVEN : QS_HALF_AWAY;
		memset(y, 0xa5, sizeof y);
		calls_run(kernel, &task, a, NULL, y);
		if (memcmp(y, &scale, 4) || memcmp(y + 4, &zero, 4))
			fail_msg("%s, %s: another scale or zero point", kernel->name, fields[0]);
		for (int64_t i = 0; i < count; i++)
			if (y[HEAD + i] != (uint8_t)(int)codes[i])
				fail_msg("%s, %s: code %d is %d, expected %d", kernel->name,
					 fields[0], (int)i, y[HEAD + i], (int)codes[i]);
		assert_int_equal(y[HEAD + count], 0xa5);
		golden_runs++;
	}
}

static void dynamic_quantize_is_true(void **state)
{
	(void)state;
	assert_int_equal(golden_lines("dynamic_quantize.csv", each_golden), 71);
	assert_true(golden_runs >= 70);
}

/* Each row has its own range: row r holds 0 .. 255 times r + 1 (u8) or -127 .. 127 (s8), so that
 * its scale is r + 1 and its codes are known; rows begin on odd bytes. */
static void every_row(void **state)
{
	static const int64_t shapes[][2] = { { 1, LONG }, { 40, 600 }, { 3, 65537 } };
	float *a = malloc((LONG + 9) * sizeof *a);
	uint8_t *y = malloc(LONG + 40 * 32);

	(void)state;
	assert_true(a && y);
	for (size_t type = 0; type < 2; type++)
		for (size_t shape = 0; shape < 3; shape++) {
			const int64_t m = shapes[shape][0], k = shapes[shape][1];
			const int levels = type ? 255 : 256, least = type ? -127 : 0;
			const struct qs_kernel *kernel;

			for (int64_t i = 0; i < m * k; i++)
				a[i] = (float)((int)(i % k % levels) + least) * (float)(i / k + 1);
			for (size_t at = 0;
			     (kernel = calls_next(&at, QS_DYNAMIC_QUANTIZE, types[type]));) {
				struct qs_task task = task_of(kernel, m, k);

				task.y.stride = k + HEAD + 3;
				memset(y, 0xa5, (size_t)(m * task.y.stride));
				calls_run(kernel, &task, a, NULL, y);
				for (int64_t row = 0; row < m; row++) {
					const uint8_t *out = y + row * task.y.stride;
					const float scale = (float)(row + 1);

					assert_memory_equal(out, &scale, sizeof scale);
					assert_memory_equal(out + 4, "\0\0\0\0", 4);
					for (int64_t i = 0; i < k; i++)
						assert_int_equal(out[HEAD + i],
								 (uint8_t)(i % levels + least));
					assert_memory_equal(out + HEAD + k, "\xa5\xa5\xa5", 3);
				}
			}
		}
	free(a);
	free(y);
}

static void codes_are_clamped(void **state)
{
	static const float a[4] = { 0, 10, 200, 255 };
	static const uint8_t expected[4] = { 20, 20, 100, 100 };
	const struct qs_kernel *kernel;

	(void)state;
	for (size_t at = 0; (kernel = calls_next(&at, QS_DYNAMIC_QUANTIZE, "f32u8"));) {
		struct qs_task task = task_of(kernel, 1, 4);
		uint8_t y[HEAD + 4];

		task.low = 20;
		task.high = 100;
		calls_run(kernel, &task, a, NULL, y);
		assert_memory_equal(y + HEAD, expected, 4);
	}
}

static void what_is_refused(void **state)
{
	static const float one = 1;
	const struct qs_kernel *kernel;

	(void)state;
	for (size_t type = 0; type < 2; type++)
		for (size_t at = 0; (kernel = calls_next(&at, QS_DYNAMIC_QUANTIZE, types[type]));) {
			const struct qs_task plain = task_of(kernel, 2, 4);
			struct qs_task task = plain;

			assert_null(kernel->refuse(&task));
			task.y.stride = HEAD + 3;
			assert_non_null(kernel->refuse(&task));
			task = plain;
			task.a.stride = 3;
			assert_non_null(kernel->refuse(&task));
			task = plain;
			task.y.scale = &one;
			assert_non_null(kernel->refuse(&task));
			task = plain;
			task.high++;
			assert_non_null(kernel->refuse(&task));
			task = plain;
			task.round = QS_ROUNDS;
			assert_non_null(kernel->refuse(&task));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dynamic_quantize_is_true),
		cmocka_unit_test(every_row),
		cmocka_unit_test(codes_are_clamped),
		cmocka_unit_test(what_is_refused),
	};

	return cmocka_run_group_tests(tests, calls_open, calls_close);
}
