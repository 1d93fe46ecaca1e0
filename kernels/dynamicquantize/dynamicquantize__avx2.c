/* SPDX-License-Identifier: MIT
 *
 * Codes by each row's own range with AVX2.
 */
#include "../requantize_avx2.h"
#include "dynamicquantize.h"

enum { LANES = 8, CHAINS = 4, BLOCK = CHAINS * LANES };

/* Of a NaN and the other, min and max give the second operand. */
INLINE void widen(__m256 *low, __m256 *high, __m256 x)
{
	*low = _mm256_min_ps(x, *low);
	*high = _mm256_max_ps(x, *high);
}

/* A whole block, and the first `count` floats of one, the others 0. */
INLINE void load(__m256 x[CHAINS], const float *from)
{
	REQUANTIZE_UNROLL
	for (int i = 0; i < CHAINS; i++)
		x[i] = _mm256_loadu_ps(from + LANES * i);
}

INLINE void load_last(__m256 x[CHAINS], const float *from, int64_t count)
{
	float last[BLOCK] = { 0 };

	memcpy(last, from, (size_t)count * sizeof *last);
	load(x, last);
}

static struct dynamic_range range_of(const float *x, int64_t count)
{
	__m256 low[CHAINS], high[CHAINS], block[CHAINS];
	struct dynamic_range range = { 0, 0 };
	float lows[LANES], highs[LANES];
	int64_t i = 0;

	REQUANTIZE_UNROLL
	for (int chain = 0; chain < CHAINS; chain++)
		low[chain] = high[chain] = _mm256_setzero_ps();
	for (; i + BLOCK <= count; i += BLOCK) {
		load(block, x + i);
		REQUANTIZE_UNROLL
		for (int chain = 0; chain < CHAINS; chain++)
			widen(&low[chain], &high[chain], block[chain]);
	}
	load_last(block, x + i, count - i);
	REQUANTIZE_UNROLL
	for (int chain = 0; chain < CHAINS; chain++) {
		widen(&low[chain], &high[chain], block[chain]);
		widen(&low[0], &high[0], low[chain]);
		widen(&low[0], &high[0], high[chain]);
	}
	_mm256_storeu_ps(lows, low[0]);
	_mm256_storeu_ps(highs, high[0]);
	for (int lane = 0; lane < LANES; lane++) {
		range.low = lows[lane] < range.low ? lows[lane] : range.low;
		range.high = highs[lane] > range.high ? highs[lane] : range.high;
	}
	return range;
}

struct divisor { /* constants: the loop is made for each value of the flags */
	__m256 scale, inverse, rest, most;
	bool divides, away;
};

/* round(x / scale); a NaN, the second operand of the minimum, gives INT32_MIN. */
INLINE __m256i whole(__m256 x, const struct divisor *by)
{
	const __m256 q = by->divides ? _mm256_min_ps(by->most, _mm256_div_ps(x, by->scale))
				     : _mm256_fmadd_ps(x, by->inverse, _mm256_mul_ps(x, by->rest));

	return by->away ? requantize_half_away_avx2(q) : _mm256_cvtps_epi32(q);
}

INLINE void write_block(uint8_t *y, const __m256 x[CHAINS], int64_t count,
			const struct requantize_columns *c, const struct divisor *by,
			bool is_signed)
{
	__m256i value[CHAINS];

	REQUANTIZE_UNROLL
	for (int i = 0; i < CHAINS; i++)
		value[i] = whole(x[i], by);
	requantize_store_32_avx2(y, value, c, count, is_signed);
}

INLINE void write_codes(uint8_t *y, const float *x, int64_t count,
			const struct requantize_columns *c, const struct divisor *by,
			bool is_signed)
{
	__m256 block[CHAINS];
	int64_t i = 0;

	for (; i + BLOCK <= count; i += BLOCK) {
		load(block, x + i);
		write_block(y + i, block, BLOCK, c, by, is_signed);
	}
	if (i < count) {
		load_last(block, x + i, count - i);
		write_block(y + i, block, count - i, c, by, is_signed);
	}
}

INLINE void codes_of(uint8_t *y, const float *x, int64_t count, const struct qs_task *task,
		     const struct dynamic_map *map, bool is_signed)
{
	const struct requantize_columns c = { .zero = map->zero,
					      .low = task->low,
					      .high = task->high };
	struct divisor by = { .scale = _mm256_set1_ps(map->scale),
			      .most = _mm256_set1_ps((float)(task->high - map->zero)) };
	float inverse, rest;

	quantize_invert(map->scale, 8, &inverse, &rest);
	by.inverse = _mm256_set1_ps(inverse);
	by.rest = _mm256_set1_ps(rest);
	by.divides = isnan(inverse);
	by.away = task->round == QS_HALF_AWAY;
	if (by.divides) {
		by.divides = true;
		write_codes(y, x, count, &c, &by, is_signed);
	} else if (by.away) {
		by.divides = false;
		by.away = true;
		write_codes(y, x, count, &c, &by, is_signed);
	} else {
		by.divides = by.away = false;
		write_codes(y, x, count, &c, &by, is_signed);
	}
}

DYNAMIC_KERNELS(avx2, .needs = QS_CPU_AVX2, .tile_m = 1, .tile_n = 1, .tile_k = BLOCK)
