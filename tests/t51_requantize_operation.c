/* SPDX-License-Identifier: MIT
 *
 * The operation requantize: every kernel against requantize.py's table (gemmlowp, numpy, exact
 * fractions) and examples by hand, every unit of long and of many rows, and what is refused.
 */
#include "support.h"

#include "golden.h"
#include "kernel_calls.h"

static const char *const types[] = { "s32s8", "s32u8", "s32s8_channel", "s32u8_channel" };
enum { TYPES = sizeof types / sizeof *types };

static const struct { /* as the table's columns                                */
	enum qs_requantize mode;
	enum qs_round round;
} modes[] = {
	{ QS_REQUANTIZE_FLOAT, QS_HALF_EVEN },       { QS_REQUANTIZE_FLOAT, QS_HALF_AWAY },
	{ QS_REQUANTIZE_Q31_DOUBLE, QS_HALF_EVEN },  { QS_REQUANTIZE_Q31_SINGLE, QS_HALF_EVEN },
	{ QS_REQUANTIZE_Q31_TIES_UP, QS_HALF_EVEN }, { QS_REQUANTIZE_RNDNU, QS_HALF_EVEN },
	{ QS_REQUANTIZE_SHIFT, QS_HALF_EVEN },       { QS_REQUANTIZE_SHIFT, QS_HALF_AWAY },
};
enum { MODES = sizeof modes / sizeof *modes };

static const float ones[4] = { 1, 1, 1, 1 };

/* A plain task of a kernel; `scale` has one value or, in _channel, k. */
static struct qs_task task_of(const struct qs_kernel *kernel, int64_t m, int64_t k,
			      const float *scale)
{
	struct qs_task task;

	task_plain(&task, kernel, m, 1, k);
	task.a.scale = scale;
	return task;
}

static int golden_codes;

/* scale, sum, and for each mode the value or nothing. */
static void each_golden(char *const *fields)
{
	const double scale = strtod(fields[0], NULL);
	const int32_t sum = (int32_t)strtol(fields[1], NULL, 10);
	const float single = (float)scale;

	if ((double)single < scale || (double)single > scale)
		return;
	for (size_t type = 0; type < TYPES; type++)
		for (size_t at = 0, mode = 0; mode < MODES; mode++, at = 0) {
			const struct qs_kernel *kernel;
			const int64_t value =
				fields[2 + mode] ? strtol(fields[2 + mode], NULL, 10) : 0;

			while ((kernel = calls_next(&at, QS_REQUANTIZE, types[type]))) {
				struct qs_task task = task_of(kernel, 1, 1, &single);
				const int64_t code = value + 3;
				const char *reason;
				size_t bytes;
				uint8_t y = 0;

				task.y.zero = (const int32_t[]){ 3 };
				task.requantize = modes[mode].mode;
				task.round = modes[mode].round;
				if (!fields[2 + mode] || !*fields[2 + mode]) {
					assert_null(kernel->prepare(&task, NULL, &bytes, &reason));
					assert_non_null(reason);
					continue;
				}
				calls_run(kernel, &task, &sum, NULL, &y);
				assert_int_equal(y, (uint8_t)(code < task.low    ? task.low
							      : code > task.high ? task.high
										 : code));
				golden_codes++;
			}
		}
}

static void requantize_is_true(void **state)
{
	(void)state;
	assert_true(golden_lines("requantize.csv", each_golden) > 500);
	assert_true(golden_codes > 10000);
}

/* One unit of a is a.scale / y.scale steps of y. */
static void examples_by_hand(void **state)
{
	static const int32_t sums[8] = { 0, 1, -3, 100, 7, 8, -9, -200 };
	static const float half = 0.5F, quarter = 0.25F, four[4] = { 0.25F, 0.5F, 1, 0.125F };
	/* 2 * sum + 10, and with scales a column 1, 2, 4 and 1/2 times the sum, 3.5 to the even 4
	 */
	static const int tensor[8] = { 10, 12, 4, 210, 24, 26, -8, -390 };
	static const int channel[8] = { 10, 12, -2, 60, 17, 26, -26, -90 };

	(void)state;
	for (size_t type = 0; type < TYPES; type++) {
		const struct qs_kernel *kernel;
		const bool columns = strstr(types[type], "channel") != NULL;
		const int *expected = columns ? channel : tensor;

		for (size_t at = 0; (kernel = calls_next(&at, QS_REQUANTIZE, types[type]));) {
			struct qs_task task = task_of(kernel, 2, 4, columns ? four : &half);
			uint8_t y[9];

			task.y.scale = &quarter;
			task.y.zero = (const int32_t[]){ 10 };
			task.low = 4;
			task.high = 100;
			memset(y, 0xa5, sizeof y);
			calls_run(kernel, &task, sums, NULL, y);
			for (int i = 0; i < 8; i++)
				assert_int_equal(y[i], expected[i] < 4     ? 4
						       : expected[i] > 100 ? 100
									   : expected[i]);
			assert_int_equal(y[8], 0xa5);
		}
	}
}

/* Long rows and many short ones are cut into units: each code is its sum, shifted. */
static void every_unit(void **state)
{
	static const int64_t shapes[][3] = {
		{ 3, 2 * 16384 + 65, 1 }, { 1000, 33, 1 }, { 5, 5000, 4 }, { 1, 16384, 1 }
	};
	const size_t count = 3 * (2 * 16384 + 65 + 7);
	int32_t *sums = malloc(count * sizeof *sums);
	uint8_t *y = malloc(count);
	float *scales = malloc(count * sizeof *scales);

	(void)state;
	assert_true(sums && y && scales);
	for (size_t i = 0; i < count; i++) {
		sums[i] = (int32_t)((uint32_t)i * 2654435761U >> 25) * 8; /* 0 .. 127, times 8 */
		scales[i] = 0.125F;
	}
	for (size_t shape = 0; shape < sizeof shapes / sizeof *shapes; shape++)
		for (size_t type = 0; type < TYPES; type++) {
			const struct qs_kernel *kernel;

			for (size_t at = 0;
			     (kernel = calls_next(&at, QS_REQUANTIZE, types[type]));) {
				const int64_t m = shapes[shape][0], k = shapes[shape][1];
				struct qs_task task = task_of(kernel, m, k, scales);

				task.threads = (int32_t)shapes[shape][2];
				task.a.stride = k + 7;
				task.requantize = QS_REQUANTIZE_Q31_DOUBLE;
				memset(y, 0xa5, count);
				calls_run(kernel, &task, sums, NULL, y);
				for (int64_t i = 0; i < m * k; i++)
					assert_int_equal(y[i], sums[i / k * (k + 7) + i % k] / 8);
				assert_int_equal(y[m * k], 0xa5);
			}
		}
	free(sums);
	free(y);
	free(scales);
}

/* At least as many units as threads where there is work for them. */
static void units_for_threads(void **state)
{
	const struct qs_kernel *kernel;

	(void)state;
	for (size_t at = 0; (kernel = calls_next(&at, QS_REQUANTIZE, "s32s8"));) {
		struct qs_task task = task_of(kernel, 1, 8192, ones);
		const char *reason;
		size_t bytes;
		void *prepared;

		task.threads = 4;
		prepared = kernel->prepare(&task, NULL, &bytes, &reason);
		assert_non_null(prepared);
		assert_true(kernel->units(prepared) >= (kernel->needs ? 4 : 1));
		kernel->release(prepared);
	}
}

static void what_is_refused(void **state)
{
	(void)state;
	for (size_t type = 0; type < TYPES; type++) {
		const struct qs_kernel *kernel;

		for (size_t at = 0; (kernel = calls_next(&at, QS_REQUANTIZE, types[type]));) {
			const struct qs_task plain = task_of(kernel, 2, 4, ones);
			struct qs_task task = plain;

			assert_null(kernel->refuse(&task));
			task.a.per = plain.a.per == QS_PER_TENSOR ? QS_PER_COLUMN : QS_PER_TENSOR;
			assert_non_null(kernel->refuse(&task));
			task = plain;
			task.a.zero = (const int32_t[]){ 1, 0, 0, 0 };
			assert_non_null(kernel->refuse(&task));
			task = plain;
			task.a.stride = 3;
			assert_non_null(kernel->refuse(&task));
			task = plain;
			task.a.scale = NULL;
			assert_non_null(kernel->refuse(&task));
			task = plain;
			task.requantize = QS_REQUANTIZE_RULES;
			assert_non_null(kernel->refuse(&task));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requantize_is_true), cmocka_unit_test(examples_by_hand),
		cmocka_unit_test(every_unit),         cmocka_unit_test(units_for_threads),
		cmocka_unit_test(what_is_refused),
	};

	return cmocka_run_group_tests(tests, calls_open, calls_close);
}
