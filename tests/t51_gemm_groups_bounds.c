/* SPDX-License-Identifier: MIT
 *
 * Scaled gemms where their sums are largest.  All codes of a and of w are at an end of their range,
 * or change between both ends by place, and so are zero points; every kernel must give what the
 * products, known by hand, come to.  Here 16-bit sums (kernels/gemm_groups/groups_madd.h) reach
 * 32768, one more than 16 bits hold, and 32640 = 128 * 255.
 */
#include "support.h"

#include "kernel_calls.h"

#include <math.h>

enum { N = 3, K_MOST = 1600, M_MOST = 14, GROUPS_MOST = K_MOST / 32 };

struct extreme {
	int32_t a[2], w[2];     /* codes of even and of odd places                        */
	int place;              /* what is a place: k / place                             */
	int32_t zero_a, zero_w;
};

static int bits_of(enum qs_type type)
{
	return type == QS_S8 ? 8 : type == QS_S4 ? 4 : type == QS_S3 ? 3 : 2;
}

static void put_code(uint8_t *row, int64_t i, int bits, int32_t code)
{
	for (int b = 0; b < bits; b++) {
		const int64_t at = i * bits + b;

		row[at / 8] = (uint8_t)(row[at / 8] & ~(1 << at % 8));
		row[at / 8] |= (uint8_t)((code >> b & 1) << at % 8);
	}
}

/* All outputs are the same number: scales are 1, 2 and 3 in turn along the groups, of a 1. */
static float wanted(const struct extreme *e, int64_t k, int64_t group)
{
	float acc = 0;

	for (int64_t from = 0, g = 0; from < k; from += group, g++) {
		int64_t sum = 0;

		for (int64_t i = from; i < k && i < from + group; i++) {
			const int place = (int)(i / e->place % 2);

			sum += (e->a[place] - e->zero_a) * (e->w[place] - e->zero_w);
		}
		acc = fmaf((float)sum, (float)(g % 3 + 1), acc);
	}
	return acc;
}

static void expect(const struct qs_kernel *kernel, const struct extreme *e, int64_t m, int64_t k)
{
	static uint8_t a[M_MOST * K_MOST], w[N * K_MOST];
	static float scale[N * GROUPS_MOST], y[M_MOST * N];
	static int32_t zero[N * GROUPS_MOST];
	const int bits = bits_of(kernel->w);
	const float one = 1;
	struct qs_task task;

	task_plain(&task, kernel, m, N, k);
	task.w.stride = (k + 7) / 8 * 8;
	const int64_t groups = task.w.scales / N, length = task.w.group ? task.w.group : k;
	for (int64_t i = 0; i < k; i++) {
		const int place = (int)(i / e->place % 2);

		for (int64_t row = 0; row < N; row++)
			put_code(w + row * task.w.stride * bits / 8, i, bits, e->w[place]);
		for (int64_t row = 0; row < m; row++)
			a[row * k + i] = (uint8_t)e->a[place];
	}
	for (int64_t i = 0; i < task.w.scales; i++) {
		scale[i] = (float)(i % groups % 3 + 1);
		zero[i] = e->zero_w;
	}
	task.a.scale = &one;
	task.a.zero = &e->zero_a;
	task.w.scale = scale;
	task.w.zero = zero;
	calls_run(kernel, &task, a, w, y);
	const float truth = wanted(e, k, length);
	for (int64_t i = 0; i < m * N; i++)
		if (y[i] != truth)
			fail_msg("%s, m %d k %d, a %d %d less %d, w %d %d less %d, places of %d: "
				 "y[%d] is %.9g, expected %.9g", kernel->name, (int)m, (int)k,
				 (int)e->a[0], (int)e->a[1], (int)e->zero_a, (int)e->w[0],
				 (int)e->w[1], (int)e->zero_w, e->place, (int)i, (double)y[i],
				 (double)truth);
}

/* Every pair of ends of a, of w and of both zero points; the places: no change, and by single
 * numbers, by pairs, and by what is summed in 16 bits. */
static void every_end(const struct qs_kernel *kernel, int64_t m, int64_t k)
{
	static const int places[] = { K_MOST, 1, 2, 64, 128, 256 };
	const bool is_signed = kernel->a == QS_S8;
	const int32_t a[2] = { is_signed ? -128 : 0, is_signed ? 127 : 255 };
	const int32_t most = (1 << (bits_of(kernel->w) - 1)) - 1, w[2] = { -most - 1, most };
	const int32_t zero_a[3] = { is_signed ? 0 : 128, a[0], a[1] }, zero_w[3] = { 0, w[0], w[1] };

	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		for (int ends = 0; ends < 16; ends++)
			for (int zeros = 0; zeros < 9; zeros++) {
				const struct extreme e = {
					.a = { a[ends & 1], a[ends >> 1 & 1] },
					.w = { w[ends >> 2 & 1], w[ends >> 3 & 1] },
					.place = places[i], .zero_a = zero_a[zeros % 3],
					.zero_w = zero_w[zeros / 3],
				};

				expect(kernel, &e, m, k);
			}
}

static void sums_at_their_bounds(void **state)
{
	static const char *const types[] = { "u8s8f32", "s8s8f32", "u8s4f32", "s8s4f32",
					     "u8s3f32", "s8s3f32", "u8s2f32", "s8s2f32" };
	static const char *const suffixes[] = { "g32", "g64", "g128", "channel" };
	int checked = 0;

	(void)state;
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		for (size_t j = 0; j < sizeof suffixes / sizeof *suffixes; j++) {
			const struct qs_kernel *kernel;
			char name[32];
			size_t at = 0;

			snprintf(name, sizeof name, "%s_%s", types[i], suffixes[j]);
			for (; (kernel = calls_next(&at, QS_GEMM, name)); checked++) {
				every_end(kernel, 1, 256);
				every_end(kernel, 2, 256);
			}
		}
	assert_true(checked >= 32);
}

/* Some of the worst through several steps of k and rows of all tiles. */
static void many_steps(void **state)
{
	static const struct extreme worst[] = {
		{ { -128, -128 }, { -8, -8 }, K_MOST, 0, 0 },
		{ { -128, 127 }, { -8, 7 }, 64, 127, 7 },
		{ { 127, -128 }, { -8, -8 }, 2, -128, 0 },
	};
	const struct qs_kernel *kernel;

	(void)state;
	for (size_t i = 0; i < sizeof worst / sizeof *worst; i++)
		for (size_t at = 0; (kernel = calls_next(&at, QS_GEMM, "s8s4f32_g64"));)
			for (int64_t m = 1; m <= M_MOST; m++)
				expect(kernel, &worst[i], m, K_MOST - m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_at_their_bounds),
		cmocka_unit_test(many_steps),
	};

	return cmocka_run_group_tests(tests, calls_open, calls_close);
}
