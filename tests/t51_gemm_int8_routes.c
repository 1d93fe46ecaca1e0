/* SPDX-License-Identifier: MIT
 *
 * Products of 8-bit codes: every kernel against sums in 64 bits, on weights that lie on both sides
 * of each bound that a route's proof has (kernels/gemm_int8/int8_bytes.h, int8_clipped.h), with
 * activations that reach the proof's extremes, and on words with zero points at both ends of their
 * range.  Numbers of rows and columns go through all routes: few rows, many, blocks of products.
 */
#include "support.h"

#include "kernel_calls.h"

/* K: two steps of k, a last group that is not whole.  COLUMNS: a panel and a part of any kernel's. */
enum { ROWS = 67, COLUMNS = 135, K = 1101, QUAD = 4 };

static const int64_t rows_of[] = { 1, 2, 3, 7, 9, 33, ROWS };

static uint8_t a[ROWS * K];
static int8_t w[COLUMNS * K];
static int32_t y[ROWS * COLUMNS], zero_a, zero_w[COLUMNS];

static uint32_t state_of_draws;

static uint32_t draw(void)
{
	state_of_draws = state_of_draws * 1664525 + 1013904223;
	return state_of_draws >> 16;
}

enum lanes { BOTH, FIRST, LAST, LANES };

/* Weights of which the lanes of `steps` quads add up to `sum`; the others are 0. */
static void lanes_of(int steps, int sum, int sign, enum lanes lanes)
{
	for (int64_t n = 0; n < COLUMNS; n++)
		for (int64_t k = 0; k < K; k++) {
			const int64_t in = k % (steps * QUAD), lane = in % QUAD / 2;
			const int share = sum / (2 * steps);
			const int rest = in % 2 == 0 && in < QUAD ? sum % (2 * steps) : 0;
			const bool empty = lanes == (lane ? FIRST : LAST);

			w[n * K + k] = (int8_t)(empty ? 0 : sign * (share + rest));
		}
}

/* Codes a as their type shows them, the extreme ones in most rows: 0 and 0x80 are the least. */
static void draw_codes(int64_t rows)
{
	for (int64_t i = 0; i < rows; i++)
		for (int64_t k = 0; k < K; k++)
			a[i * K + k] = (uint8_t)(i % 6 == 0   ? 0xff
						 : i % 6 == 1 ? 0x7f
						 : i % 6 == 2 ? draw() % 2 * 0xff
						 : i % 6 == 3 ? 0
						 : i % 6 == 4 ? 0x80
							      : draw());
}

static void compare(const struct qs_kernel *kernel, int64_t rows, int64_t columns, const char *what)
{
	struct qs_task task;

	task_plain(&task, kernel, rows, columns, K);
	task.a.zero = &zero_a;
	task.a.scales = 1;
	task.a.per = QS_PER_TENSOR;
	task.w.zero = zero_w;
	task.w.scales = columns;
	task.w.per = QS_PER_ROW;
	calls_run(kernel, &task, a, w, y);
	for (int64_t i = 0; i < rows; i++)
		for (int64_t n = 0; n < columns; n++) {
			int64_t sum = 0;

			for (int64_t k = 0; k < K; k++) {
				const int code = kernel->a == QS_S8 ? (int8_t)a[i * K + k] : a[i * K + k];

				sum += (code - zero_a) * (w[n * K + k] - zero_w[n]);
			}
			if (y[i * columns + n] != sum)
				fail_msg("%s, %s, %ld rows: y[%ld][%ld] is %d, not %ld", kernel->name, what,
					 (long)rows, (long)i, (long)n, y[i * columns + n], (long)sum);
		}
}

static void compare_all(const char *what)
{
	const char *const types[] = { "u8s8s32", "s8s8s32" };
	const struct qs_kernel *kernel;

	for (size_t t = 0; t < 2; t++)
		for (size_t i = 0; i < sizeof rows_of / sizeof *rows_of; i++)
			for (size_t at = 0; (kernel = calls_next(&at, QS_GEMM, types[t]));) {
				draw_codes(rows_of[i]);
				if (kernel->needs)
					compare(kernel, rows_of[i], COLUMNS, what);
			}
}

static void lanes_at_their_bounds_are_exact(void **state)
{
	(void)state;
	for (int i = 0; i < 4 * 2 * LANES; i++) {
		const int steps = 1 << i % 4, sign = i / 4 % 2 ? -1 : 1;
		const enum lanes lanes = (enum lanes)(i / 8);

		for (int sum = 128; sum <= 129; sum++) {
			char what[64];

			snprintf(what, sizeof what, "%d steps, lanes %d of %d", steps, lanes, sign * sum);
			lanes_of(steps, sum, sign, lanes);
			compare_all(what);
		}
	}
}

/* One lane of one channel is above the bound, at the first and at the last weights. */
static void one_lane_above_its_bound_is_seen(void **state)
{
	(void)state;
	for (int last = 0; last < 2; last++) {
		lanes_of(8, 128, 1, BOTH);
		w[COLUMNS / 2 * K + (last ? K - 1 : 0)] = 127;
		compare_all("one weight of 127");
	}
}

static void weights_at_their_ends_are_exact(void **state)
{
	(void)state;
	for (int64_t i = 0; i < COLUMNS * K; i++)
		w[i] = i / K % 2 ? INT8_MIN : INT8_MAX;
	compare_all("weights at both ends");
	for (int64_t i = 0; i < COLUMNS * K; i++)
		w[i] = draw() % 2 ? INT8_MIN : INT8_MAX;
	compare_all("weights at either end");
	for (int64_t i = 0; i < COLUMNS * K; i++)
		w[i] = (int8_t)draw();
	compare_all("any weights");
}

static void zero_points_at_their_ends_are_exact(void **state)
{
	const char *const types[] = { "u8s8s32", "s8s8s32" };
	const struct qs_kernel *kernel;

	(void)state;
	for (int64_t i = 0; i < COLUMNS * K; i++)
		w[i] = draw() % 2 ? INT8_MIN : INT8_MAX;
	for (int high = 0; high < 2; high++)
		for (size_t t = 0; t < 2; t++)
			for (size_t at = 0; (kernel = calls_next(&at, QS_GEMM, types[t]));)
				for (size_t i = 0; i < sizeof rows_of / sizeof *rows_of; i++) {
					const int least = t ? INT8_MIN : 0;

					zero_a = high ? least + 255 : least;
					for (int64_t n = 0; n < COLUMNS; n++)
						zero_w[n] = (n + high) % 2 ? INT8_MIN : INT8_MAX;
					draw_codes(rows_of[i]);
					if (kernel->needs)
						compare(kernel, rows_of[i], COLUMNS - high, "zero points");
				}
	zero_a = 0;
	memset(zero_w, 0, sizeof zero_w);
}

/* Weights of which the lanes of `steps` quads add up to `total`, alike; mixed: of both signs. */
static void lanes_total(int steps, int total, bool mixed)
{
	for (int64_t n = 0; n < COLUMNS; n++)
		for (int64_t k = 0; k < K; k++) {
			const int64_t in = k % (steps * QUAD);
			const int at = (int)(in / QUAD * 2 + in % 2), count = 2 * steps;
			const int size = total * (at + 1) / count - total * at / count;
			const bool below = mixed ? (at + n) % 2 : n % 2;

			w[n * K + k] = (int8_t)(below ? -size : size);
		}
}

/* Few pairs of weights that break a bound, or are about to; the last weight, which has no partner. */
static void put_outliers(void)
{
	static const int8_t pairs[][2] = { { 127, 127 }, { -128, -128 }, { 65, 64 }, { -64, -65 },
					   { 127, -128 }, { -128, 127 }, { 64, 64 }, { -128, 0 } };

	for (int64_t n = 0; n < COLUMNS; n += 4)
		for (int64_t i = n % 149; i < K / 2; i += 149)
			memcpy(w + n * K + 2 * i, pairs[draw() % (sizeof pairs / sizeof *pairs)], 2);
	w[1 * K - 1] = 127;
	w[5 * K - 1] = -128;
	w[COLUMNS * K - 1] = -128;
}

static size_t packed_bytes(const struct qs_kernel *kernel, int64_t rows)
{
	const char *reason;
	struct qs_task task;
	size_t bytes = 0;
	void *prepared;

	task_plain(&task, kernel, rows, COLUMNS, K);
	prepared = kernel->prepare(&task, w, &bytes, &reason);
	assert_non_null(prepared);
	kernel->release(prepared);
	return bytes;
}

/* The weights of a kernel without VNNI as words are as many bytes for any weights, clipped ones are
 * more: which route is taken. */
static bool are_clipped(const struct qs_kernel *kernel)
{
	static int8_t before[COLUMNS * K];
	const size_t bytes = packed_bytes(kernel, ROWS);
	size_t words;

	memcpy(before, w, sizeof w);
	memset(w, INT8_MIN, sizeof w);
	words = packed_bytes(kernel, ROWS);
	memcpy(w, before, sizeof w);
	return bytes > words;
}

static void clipped_weights_are_exact(void **state)
{
	static const int steps_of[] = { 2, 3, 4, 5 }, totals[] = { 0, 254, 255 };

	(void)state;
	for (int i = 0; i < 4 * 3 * 2; i++) {
		const int steps = steps_of[i % 4], total = totals[i / 4 % 3];
		const struct qs_kernel *kernel;
		char what[64];

		snprintf(what, sizeof what, "lanes of %d steps with %d, %s", steps, total,
			 i / 12 ? "mixed" : "one sign");
		lanes_total(steps, total, i / 12);
		put_outliers();
		zero_a = i % 2 ? 77 : 0;         /* both types have it */
		for (int64_t n = 0; n < COLUMNS; n++)
			zero_w[n] = i % 2 ? (int)(draw() % 256) - 128 : 0;
		compare_all(what);
		for (size_t at = 0; (kernel = calls_next(&at, QS_GEMM, "u8s8s32"));)
			if (kernel->needs == QS_CPU_AVX2 && !are_clipped(kernel))
				fail_msg("%s: %s does not clip", what, kernel->name);
	}
	zero_a = 0;
	memset(zero_w, 0, sizeof zero_w);
}

/* One lane of one channel in a matrix of small weights: its rests would leave 16 bits. */
static void lanes_that_cannot_be_clipped_are_exact(void **state)
{
	(void)state;
	for (int sign = -1; sign <= 1; sign += 2)
		for (int last = 0; last < 2; last++) {
			lanes_total(8, 240, false);
			for (int i = 0; i < 16; i++) {
				const int64_t k = last ? K - 17 - K % 4 : 12;

				w[COLUMNS / 2 * K + k + i] = (int8_t)(sign < 0 ? -128 : 127);
			}
			compare_all("a lane of the greatest weights");
		}
}

static void each_lane_with_outliers_is_exact(void **state)
{
	(void)state;
	for (int every = 2; every <= 8; every *= 2) {
		for (int64_t i = 0; i < COLUMNS * K; i++)
			w[i] = (int8_t)(i % K % every < 2 ? (i / K % 2 ? -128 : 127)
							  : (int)(draw() % 9) - 4);
		compare_all("outliers in each lane");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lanes_at_their_bounds_are_exact),
		cmocka_unit_test(one_lane_above_its_bound_is_seen),
		cmocka_unit_test(weights_at_their_ends_are_exact),
		cmocka_unit_test(clipped_weights_are_exact),
		cmocka_unit_test(lanes_that_cannot_be_clipped_are_exact),
		cmocka_unit_test(each_lane_with_outliers_is_exact),
		cmocka_unit_test(zero_points_at_their_ends_are_exact),
	};

	return cmocka_run_group_tests(tests, calls_open, calls_close);
}
