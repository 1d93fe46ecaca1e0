/* SPDX-License-Identifier: MIT
 *
 * The SIMD way from sums to codes against requantize.h, which is the definition: each mode,
 * rounding and ISA, scales and sums at their edges (ties of the scale, saturation, extreme shifts)
 * and random ones, all counts of a store.
 */
#include "support.h"

#include "../kernels/requantize_columns.h"

#include <immintrin.h>

/* The headers are compiled for their ISA here, as a kernel's own file is by its name. */
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif
#include "../kernels/requantize_avx2.h"

static void avx2_block(const struct requantize_columns *c, const struct requantize_block *block,
		       bool is_signed)
{
	if (is_signed)
		requantize_block_avx2(c, block, true);
	else
		requantize_block_avx2(c, block, false);
}

INLINE void avx2_values(const struct requantize_columns *c, const int32_t *sums, __m256i value[4],
			enum qs_requantize mode, enum qs_round round)
{
	for (int i = 0; i < 4; i++) {
		const struct requantize_avx2 r = requantize_load_avx2(c, 8 * i, mode);

		value[i] = requantize_value_avx2(requantize_sums_avx2(sums + 8 * i, 8), &r, mode,
						 round);
	}
}

/* `count` codes of the first 32 columns by the stores of 8, 16 and 32, and as s32. */
static void avx2_stores(const struct requantize_columns *c, const int32_t sums[64], int64_t count,
			uint8_t y[4][64])
{
	__m256i value[4];
	int32_t codes[8];

#define VALUES(mode, round) avx2_values(c, sums, value, mode, round)
	REQUANTIZE_BY_MODE(c, VALUES);
#undef VALUES
	for (int64_t i = 0; i < count; i += 8) {
		const int64_t left = count - i;

		requantize_store_8_avx2(y[0] + i, value[i / 8], c, left, c->low < 0);
		if (i % 16 == 0)
			requantize_store_16_avx2(y[1] + i, value + i / 8, c, left, c->low < 0);
		if (i == 0)
			requantize_store_32_avx2(y[2], value, c, left, c->low < 0);
		_mm256_storeu_si256((__m256i *)codes, requantize_codes_avx2(value[i / 8], c));
		for (int64_t j = 0; j < 8 && j < left; j++)
			y[3][i + j] = (uint8_t)codes[j];
	}
}
#ifdef __clang__
#pragma clang attribute pop
#pragma clang attribute push(                                                                      \
	__attribute__((target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl"))),                    \
	apply_to = function)
#else
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl")
#endif
#include "../kernels/requantize_avx512.h"

static void avx512_block(const struct requantize_columns *c, const struct requantize_block *block,
			 bool is_signed)
{
	if (is_signed)
		requantize_block_avx512(c, block, true);
	else
		requantize_block_avx512(c, block, false);
}

INLINE void avx512_values(const struct requantize_columns *c, const int32_t *sums, __m512i value[4],
			  enum qs_requantize mode, enum qs_round round)
{
	for (int i = 0; i < 4; i++) {
		const struct requantize_avx512 r = requantize_load_avx512(c, 16 * i, mode);

		value[i] = requantize_value_avx512(_mm512_loadu_si512(sums + 16 * i), &r, mode,
						   round);
	}
}

/* `count` codes of 64 columns by the stores of 16 and of 64, and as s32. */
static void avx512_stores(const struct requantize_columns *c, const int32_t sums[64], int64_t count,
			  uint8_t y[4][64])
{
	const __mmask64 which = count < 64 ? (UINT64_C(1) << count) - 1 : UINT64_MAX;
	__m512i value[4];

#define VALUES(mode, round) avx512_values(c, sums, value, mode, round)
	REQUANTIZE_BY_MODE(c, VALUES);
#undef VALUES
	for (int i = 0; i < 4; i++) {
		const __mmask16 part = (__mmask16)(which >> 16 * i);

		requantize_store_16_avx512(y[0] + 16 * i, value[i], c, part);
		_mm512_mask_cvtepi32_storeu_epi8(y[3] + 16 * i, part,
						 requantize_codes_avx512(value[i], c));
	}
	if (c->low < 0) {
		requantize_store_64_avx512(y[1], value, c, which, true);
		requantize_store_64_avx512(y[2], value, c, which, true);
	} else {
		requantize_store_64_avx512(y[1], value, c, which, false);
		requantize_store_64_avx512(y[2], value, c, which, false);
	}
}
#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

enum { WIDTH = 64, SUMS = 4096 };

static uint64_t draw(uint64_t *seed) /* splitmix64                                    */
{
	uint64_t word = *seed += UINT64_C(0x9e3779b97f4a7c15);

	word = (word ^ (word >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	word = (word ^ (word >> 27)) * UINT64_C(0x94d049bb133111eb);
	return word ^ (word >> 31);
}

static const struct {
	const char *name;
	void (*block)(const struct requantize_columns *, const struct requantize_block *, bool);
	void (*stores)(const struct requantize_columns *, const int32_t *, int64_t,
		       uint8_t (*)[64]);
	int64_t columns; /* of stores                                             */
} isas[] = {
	{ "avx2", avx2_block, avx2_stores, 32 },
	{ "avx512", avx512_block, avx512_stores, 64 },
};
enum { ISAS = sizeof isas / sizeof *isas };

static bool has(size_t isa)
{
	return isa ? __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
			       __builtin_cpu_supports("avx512vl")
		   : __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static const struct { /* what clips: the type's range, a ReLU, one code         */
	enum qs_type type;
	int32_t zero, low, high;
} codes[] = {
	{ QS_S8, 0, -128, 127 }, { QS_S8, -128, -128, 127 }, { QS_S8, 127, -128, 127 },
	{ QS_S8, -7, -7, 127 },  { QS_S8, 5, 5, 5 },         { QS_U8, 0, 0, 255 },
	{ QS_U8, 255, 0, 255 },  { QS_U8, 128, 0, 255 },     { QS_U8, 3, 3, 200 },
};
enum { CODES = sizeof codes / sizeof *codes };

/* Fills the sums that matter for a scale: s32's ends, each neighbour of a power of two, of a tie
 * and of a clip, and random ones of every magnitude. */
static void fill_sums(int32_t *sums, double scale, uint64_t *seed)
{
	size_t n = 0;

	for (int bit = 0; bit < 32; bit++)
		for (int off = -1; off <= 1; off++) {
			sums[n++] = qs_saturate_s32((INT64_C(1) << bit) + off);
			sums[n++] = qs_saturate_s32(-(INT64_C(1) << bit) + off);
		}
	for (int half = -520; n + 3 <= SUMS - 512 && half <= 520; half++)
		for (int off = -1; off <= 1; off++) {
			const double near = rint(half / 2.0 / scale) + off;

			sums[n++] = near < INT32_MIN   ? INT32_MIN
				    : near > INT32_MAX ? INT32_MAX
						       : (int32_t)near;
		}
	while (n < SUMS) {
		const uint64_t word = draw(seed);

		sums[n++] = (int32_t)(uint32_t)(word >> 32) >> (word & 31);
	}
}

/* The operand of one scale; `a` takes it whole, so that it is what the modes see. */
static struct qs_task task_of(size_t code, enum qs_requantize mode, enum qs_round round,
			      const float *scale, int64_t scales)
{
	static const float one = 1;

	return (struct qs_task){
		.op = QS_REQUANTIZE,
		.m = 1,
		.n = 1,
		.k = WIDTH,
		.threads = 1,
		.a = { .type = QS_S32,
		       .scale = scale,
		       .scales = scales,
		       .per = scales > 1 ? QS_PER_COLUMN : QS_PER_TENSOR },
		.y = { .type = codes[code].type,
		       .scale = &one,
		       .scales = 1,
		       .zero = &codes[code].zero },
		.requantize = mode,
		.round = round,
		.low = codes[code].low,
		.high = codes[code].high,
	};
}

static uint8_t expected(const struct qs_task *task, float scale, int32_t sum)
{
	struct qs_requantizer r;

	assert_true(qs_requantizer_make(&r, task->requantize, task->round, (double)scale));
	return (uint8_t)qs_requantize_code(&r, sum, task->y.zero[0], task->low, task->high);
}

/* Rows of 64 sums under 64 scales, or one, on each ISA. */
static void check(const struct qs_task *task, const int32_t *sums)
{
	static _Alignas(64) uint8_t memory[WIDTH * 20], y[SUMS + WIDTH];
	struct requantize_columns c;

	assert_true(requantize_columns_bytes(WIDTH) <= sizeof memory);
	assert_null(requantize_columns_refuse(task));
	assert_null(requantize_columns_make(&c, memory, task, WIDTH));
	for (size_t isa = 0; isa < ISAS; isa++) {
		const struct requantize_block block = { .sums = sums,
							.y = y,
							.sum_stride = WIDTH,
							.y_stride = WIDTH,
							.rows = SUMS / WIDTH,
							.columns = WIDTH };

		if (!has(isa))
			continue;
		isas[isa].block(&c, &block, task->y.type == QS_S8);
		for (size_t i = 0; i < SUMS; i++) {
			const float scale = task->a.scale[task->a.scales > 1 ? i % WIDTH : 0];
			const uint8_t want = expected(task, scale, sums[i]);

			if (y[i] != want)
				fail_msg("%s, mode %d, round %d, scale %a, sum %d, zero %d: %d, "
					 "expected %d",
					 isas[isa].name, task->requantize, task->round,
					 (double)scale, sums[i], task->y.zero[0], y[i], want);
		}
	}
}

static bool legal(enum qs_requantize mode, float scale)
{
	struct qs_requantizer r;

	return qs_requantizer_make(&r, mode, QS_HALF_EVEN, (double)scale);
}

/* Every mode, rounding and range of codes under one scale. */
static void check_scale(float scale, uint64_t *seed)
{
	static int32_t sums[SUMS];

	fill_sums(sums, (double)scale, seed);
	for (int mode = 0; mode < QS_REQUANTIZE_RULES; mode++) {
		if (!legal((enum qs_requantize)mode, scale))
			continue;
		for (int round = 0; round < QS_ROUNDS; round++)
			for (size_t code = 0; code < CODES; code++) {
				const struct qs_task task =
					task_of(code, (enum qs_requantize)mode,
						(enum qs_round)round, &scale, 1);

				check(&task, sums);
			}
	}
}

static void scales_at_their_edges(void **state)
{
	uint64_t seed = 511;

	(void)state;
	/* each power of two that is a float32, and in the middle its neighbours */
	for (int exponent = -149; exponent <= 127; exponent++) {
		const float power = ldexpf(1, exponent);

		if (exponent % 7 && (exponent < -40 || exponent > 36))
			continue;
		check_scale(power, &seed);
		if (exponent % 3)
			continue;
		check_scale(nextafterf(power, 0) > 0 ? nextafterf(power, 0) : power, &seed);
		check_scale(nextafterf(power, FLT_MAX), &seed);
	}
	check_scale(FLT_MAX, &seed);
	check_scale(256.0F, &seed);
	check_scale(0x1.fffffep7F, &seed);
}

static void random_scales(void **state)
{
	uint64_t seed = 512;

	(void)state;
	for (int i = 0; i < 40; i++)
		check_scale(
			ldexpf((float)(1 + draw(&seed) % (1 << 24)), -24 - (int)(draw(&seed) % 24)),
			&seed);
}

/* 64 different scales side by side. */
static void a_scale_a_column(void **state)
{
	static int32_t sums[SUMS];
	uint64_t seed = 513;
	float scales[WIDTH];

	(void)state;
	for (int mode = 0; mode < QS_REQUANTIZE_RULES; mode++)
		for (int round = 0; round < QS_ROUNDS; round++)
			for (size_t code = 0; code < CODES; code++) {
				const struct qs_task task =
					task_of(code, (enum qs_requantize)mode,
						(enum qs_round)round, scales, WIDTH);

				for (int n = 0; n < WIDTH; n++) {
					const int down = (int)(draw(&seed) % 40) - 8;

					scales[n] = mode == QS_REQUANTIZE_SHIFT
							    ? ldexpf(1, -down)
							    : ldexpf((float)(draw(&seed) >> 40) + 1,
								     -24 - down);
					if (mode == QS_REQUANTIZE_RNDNU &&
					    !legal(QS_REQUANTIZE_RNDNU, scales[n]))
						scales[n] = 0x1p-32F;
				}
				fill_sums(sums, (double)scales[7], &seed);
				check(&task, sums);
			}
}

/* Stores of each count leave the bytes after it alone; blocks of each size too. */
static void counts(void **state)
{
	static _Alignas(64) uint8_t memory[WIDTH * 20];
	static int32_t sums[SUMS];
	uint64_t seed = 514;
	const float scale = 0.037F;

	(void)state;
	fill_sums(sums, (double)scale, &seed);
	for (size_t isa = 0; isa < ISAS; isa++)
		for (size_t code = 0; has(isa) && code < CODES; code++)
			for (int64_t count = 1; count <= isas[isa].columns; count++) {
				const struct qs_task task = task_of(code, QS_REQUANTIZE_Q31_DOUBLE,
								    QS_HALF_EVEN, &scale, 1);
				const struct requantize_block block = {
					.sums = sums,
					.sum_stride = count,
					.rows = 1,
					.columns = count,
					.y_stride = count,
				};
				struct requantize_columns c;
				uint8_t y[5][64];
				struct requantize_block to_y = block;

				assert_null(requantize_columns_make(&c, memory, &task, WIDTH));
				memset(y, 0xa5, sizeof y);
				isas[isa].stores(&c, sums, count, y);
				to_y.y = y[4];
				isas[isa].block(&c, &to_y, task.y.type == QS_S8);
				for (int way = 0; way < 5; way++)
					for (int64_t i = 0; i < 64; i++) {
						if (way == 2 && isa == 0 && i >= 32)
							continue;
						assert_int_equal(y[way][i],
								 i >= count ? 0xa5
									    : expected(&task, scale,
										       sums[i]));
					}
			}
}

static void refusals(void **state)
{
	static _Alignas(64) uint8_t memory[WIDTH * 20];
	const float one = 1, three = 3, tiny = 0x1p-33F;
	const int32_t far_zero = 128;
	struct requantize_columns c;
	struct qs_task task = task_of(0, QS_REQUANTIZE_RULES, QS_HALF_EVEN, &one, 1);

	(void)state;
	assert_string_equal(requantize_columns_refuse(&task), "an unknown requantization");
	task.requantize = QS_REQUANTIZE_SHIFT;
	assert_null(requantize_columns_refuse(&task));
	task.round = QS_ROUNDS;
	assert_string_equal(requantize_columns_refuse(&task), "an unknown rounding");
	task.round = QS_HALF_AWAY;
	task.y.zero = &far_zero;
	assert_string_equal(requantize_columns_refuse(&task),
			    "a zero point outside the code range");
	task.y.zero = NULL;
	task.high = 128;
	assert_string_equal(requantize_columns_refuse(&task), "a clamp outside the code range");
	task.high = 127;
	task.y.per = QS_PER_ROW;
	assert_string_equal(requantize_columns_refuse(&task), "only one scale of the result");
	task.y.per = QS_PER_TENSOR;
	task.w.type = QS_S8;
	assert_string_equal(requantize_columns_refuse(&task), "sums without a scale");
	task.w.type = QS_NONE;
	task.a.scale = &three;
	assert_string_equal(requantize_columns_make(&c, memory, &task, 1),
			    "a scale that the requantization cannot express");
	task.a.scale = &tiny;
	assert_null(requantize_columns_make(&c, memory, &task, 1));
	task.requantize = QS_REQUANTIZE_RNDNU;
	assert_non_null(requantize_columns_make(&c, memory, &task, 1));
}

/* One unit of a gemm's sum: a.scale * w.scale[n] / y.scale in double, then once to float32. */
static void scale_of_a_product(void **state)
{
	static _Alignas(64) uint8_t memory[WIDTH * 20 * 2];
	const float a = 0.1F, y = 0.3F, w[65] = { [0] = 0.7F, [63] = 0x1p-20F, [64] = 1e-3F };
	float scales[65];
	struct requantize_columns c;
	struct qs_task task = task_of(0, QS_REQUANTIZE_FLOAT, QS_HALF_EVEN, &a, 1);

	(void)state;
	for (int n = 0; n < 65; n++)
		scales[n] = w[n] > 0 ? w[n] : 1;
	task.w = (struct qs_operand){
		.type = QS_S8, .scale = scales, .scales = 65, .per = QS_PER_ROW
	};
	task.y.scale = &y;
	assert_int_equal(requantize_columns_padded(65), 128);
	assert_null(requantize_columns_make(&c, memory, &task, 65));
	/* numpy 2.4.6: float32(float64(float32(.1)) * float32(w) / float64(float32(.3))) */
	assert_true(c.scale[0] == 0x1.dddddcp-3F);
	assert_true(c.scale[64] == 0x1.5d867cp-12F);
	assert_true(c.scale[127] == c.scale[64]);
	assert_int_equal(c.zero, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scales_at_their_edges),
		cmocka_unit_test(random_scales),
		cmocka_unit_test(a_scale_a_column),
		cmocka_unit_test(counts),
		cmocka_unit_test(refusals),
		cmocka_unit_test(scale_of_a_product),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
