/* SPDX-License-Identifier: MIT
 *
 * Products of 8-bit codes: every kernel against sums in 64 bits, on weights that lie on both sides
 * of each bound that a route's proof has (kernels/gemm_int8/int8_bytes.h), with activations that
 * reach the proof's extremes, and on words with zero points at both ends of their range.  Numbers
 * of rows and columns go through all routes: few rows, many, blocks of products.
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

/* Codes a as their type shows them, the extreme ones in most rows. */
static void draw_codes(int64_t rows)
{
	for (int64_t i = 0; i < rows; i++)
		for (int64_t k = 0; k < K; k++)
			a[i * K + k] = (uint8_t)(i % 4 == 0   ? 0xff
						 : i % 4 == 1 ? 0x7f
						 : i % 4 == 2 ? draw() % 2 * 0xff
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lanes_at_their_bounds_are_exact),
		cmocka_unit_test(one_lane_above_its_bound_is_seen),
		cmocka_unit_test(weights_at_their_ends_are_exact),
		cmocka_unit_test(zero_points_at_their_ends_are_exact),
	};

	return cmocka_run_group_tests(tests, calls_open, calls_close);
}
