/* SPDX-License-Identifier: MIT
 *
 * Formats: the simulation, the codes and the affine map say the same; what saturates and what is
 * lost to zero is counted; bytes of packed rows.
 */
#include "support.h"

#include "../kernels/affine.h"
#include "golden.h"

#include <float.h>

static const struct format *format_named(const char *name)
{
	return format_of(value_find(format_values, name));
}

/* Ties, denormals, zeros of both signs, the neighbours of code borders, huge values. */
static const float odd[] = {
	0, -0.0F, 0.5F, -0.5F, 1.5F, 2.5F, -2.5F, 0.49999997F, 0.50000006F, 3.5F, -3.5F, 7.5F,
	-8.5F, 127.5F, -128.5F, 1e-45F, -1e-45F, 1e-38F, 1e30F, -1e30F, FLT_MAX, -FLT_MAX, 100,
	-100, 254.5F,
};
enum { ODD = sizeof odd / sizeof *odd };

static void simulated_is_decoded(void **state)
{
	static const double scales[] = { 1, 0.1, 0.0078125, 3.7, 1e-40, 1e30 };
	const struct format *format = format_named("int");

	(void)state;
	for (int bits = 2; bits <= 16; bits++)
		for (int round = QS_HALF_EVEN; round <= QS_HALF_AWAY; round++)
			for (size_t i = 0; i < 12; i++) {
				const int32_t half = 1 << (bits - 1);
				const float scale = stored_scale(scales[i / 2]);
				const struct grid grid = i % 2 ?
					(struct grid){ (double)scale, half / 3, 0, 2 * half - 1 } :
					(struct grid){ (double)scale, 0, -half, half - 1 };
				int32_t codes[ODD];
				float back[ODD];
				struct tally tally = { 0 };

				format->encode(odd, ODD, &grid, scale, (enum qs_round)round, codes);
				format->simulate(odd, ODD, &grid, scale, (enum qs_round)round, back,
						 &tally);
				for (int j = 0; j < ODD; j++) {
					const float value =
						qs_affine_value(codes[j], scale, grid.zero);

					assert_true(codes[j] >= grid.low && codes[j] <= grid.high);
					assert_memory_equal(&back[j], &value, sizeof value);
				}
			}
}

static void ties(void **state)
{
	static const float x[] = { 0.5F, 1.5F, 2.5F, -0.5F, -1.5F, -2.5F };
	static const int32_t even[] = { 0, 2, 2, 0, -2, -2 }, away[] = { 1, 2, 3, -1, -2, -3 };
	const struct grid grid = { 1, 0, -8, 7 };
	int32_t codes[6];

	(void)state;
	format_named("int")->encode(x, 6, &grid, 1, QS_HALF_EVEN, codes);
	assert_memory_equal(codes, even, sizeof even);
	format_named("int")->encode(x, 6, &grid, 1, QS_HALF_AWAY, codes);
	assert_memory_equal(codes, away, sizeof away);
}

/* 3 bits, scale 1, zero point 2: codes 0 .. 7 mean -2 .. 5.  -2.5 rounds to -2 (even) and does not
 * saturate, -2.6 and 5.6 do; 0.4 and -0.5 are lost to zero, the zeros are not. */
static void tallies(void **state)
{
	static const float x[] = { -2.5F, -2.6F, 5.6F, 5.4F, 0.4F, -0.5F, 0, -0.0F, 1e30F };
	static const float expected[] = { -2, -2, 5, 5, 0, 0, 0, 0, 5 };
	const struct grid grid = { 1, 2, 0, 7 };
	struct tally tally = { 10, 10, 10 };
	float back[9];

	(void)state;
	format_named("int")->simulate(x, 9, &grid, 1, QS_HALF_EVEN, back, &tally);
	for (int i = 0; i < 9; i++) {
		assert_true(back[i] == expected[i]);
		assert_false(back[i] == 0 && signbit(back[i]));
	}
	assert_int_equal(tally.saturated, 10 + 3);
	assert_int_equal(tally.lost_zero, 10 + 2);
	assert_int_equal(tally.nonzero, 10 + 7);
}

static void bytes(void **state)
{
	static const struct { int64_t columns; int bits; int64_t bytes; } rows[] = {
		{ 1, 2, 1 }, { 4, 2, 1 }, { 5, 2, 2 }, { 3, 3, 2 }, { 8, 3, 3 }, { 7, 4, 4 },
		{ 5, 5, 4 }, { 100, 8, 100 }, { 3, 9, 4 }, { 7, 16, 14 },
		{ INT64_C(1) << 40, 16, INT64_C(1) << 41 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(format_named("int")->row_bytes(rows[i].columns, rows[i].bits),
				 rows[i].bytes);
	assert_int_equal(format_named("float")->row_bytes(10, 32), 40);
}

static void floats_stay(void **state)
{
	const struct format *format = format_named("float");
	struct tally tally = { 0 };
	float back[ODD];

	(void)state;
	assert_true(format->is_float);
	format->simulate(odd, ODD, NULL, 0, QS_HALF_EVEN, back, &tally);
	assert_memory_equal(back, odd, sizeof odd);
	assert_int_equal(tally.saturated + tally.lost_zero, 0);
	assert_int_equal(tally.nonzero, ODD - 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(simulated_is_decoded), cmocka_unit_test(ties),
		cmocka_unit_test(tallies), cmocka_unit_test(bytes), cmocka_unit_test(floats_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
