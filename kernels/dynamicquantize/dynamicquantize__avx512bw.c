/* SPDX-License-Identifier: MIT
 *
 * Codes by each row's own range with AVX-512.
 */
#include "../requantize_avx512.h"
#include "dynamicquantize.h"

enum { LANES = 16, CHAINS = 4, BLOCK = CHAINS * LANES };

/* Of a NaN and the other, min and max give the second operand. */
INLINE void widen(__m512 *low, __m512 *high, __m512 x)
{
	*low = _mm512_min_ps(x, *low);
	*high = _mm512_max_ps(x, *high);
}

/* A whole block, and the first `count` floats of one, the others 0. */
INLINE void load(__m512 x[CHAINS], const float *from)
{
	REQUANTIZE_UNROLL
	for (int i = 0; i < CHAINS; i++)
		x[i] = _mm512_loadu_ps(from + LANES * i);
}

INLINE void load_last(__m512 x[CHAINS], const float *from, int64_t count)
{
	const __mmask64 which = (UINT64_C(1) << count) - 1;

	REQUANTIZE_UNROLL
	for (int i = 0; i < CHAINS; i++)
		x[i] = _mm512_maskz_loadu_ps((__mmask16)(which >> LANES * i), from + LANES * i);
}

static struct dynamic_range range_of(const float *x, int64_t count)
{
	__m512 low[CHAINS], high[CHAINS], block[CHAINS];
	int64_t i = 0;

	REQUANTIZE_UNROLL
	for (int chain = 0; chain < CHAINS; chain++)
		low[chain] = high[chain] = _mm512_setzero_ps();
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
	return (struct dynamic_range){ _mm512_reduce_min_ps(low[0]),
				       _mm512_reduce_max_ps(high[0]) };
}

struct divisor { /* constants: the loop is made for each value of the flags */
	__m512 scale, inverse, rest, most;
	bool divides, away;
};

/* round(x / scale); a NaN, the second operand of the minimum, gives INT32_MIN. */
INLINE __m512i whole(__m512 x, const struct divisor *by)
{
	const __m512 q = by->divides ? _mm512_min_ps(by->most, _mm512_div_ps(x, by->scale))
				     : _mm512_fmadd_ps(x, by->inverse, _mm512_mul_ps(x, by->rest));

	return by->away ? requantize_half_away_avx512(q) : _mm512_cvtps_epi32(q);
}

INLINE void write_block(uint8_t *y, const __m512 x[CHAINS], __mmask64 which,
			const struct requantize_columns *c, const struct divisor *by,
			bool is_signed)
{
	__m512i value[CHAINS];

	REQUANTIZE_UNROLL
	for (int i = 0; i < CHAINS; i++)
		value[i] = whole(x[i], by);
	requantize_store_64_avx512(y, value, c, which, is_signed);
}

INLINE void write_codes(uint8_t *y, const float *x, int64_t count,
			const struct requantize_columns *c, const struct divisor *by,
			bool is_signed)
{
	__m512 block[CHAINS];
	int64_t i = 0;

	for (; i + BLOCK <= count; i += BLOCK) {
		load(block, x + i);
		write_block(y + i, block, UINT64_MAX, c, by, is_signed);
	}
	if (i < count) {
		load_last(block, x + i, count - i);
		write_block(y + i, block, (UINT64_C(1) << (count - i)) - 1, c, by, is_signed);
	}
}

INLINE void codes_of(uint8_t *y, const float *x, int64_t count, const struct qs_task *task,
		     const struct dynamic_map *map, bool is_signed)
{
	const struct requantize_columns c = { .zero = map->zero,
					      .low = task->low,
					      .high = task->high };
	struct divisor by = { .scale = _mm512_set1_ps(map->scale),
			      .most = _mm512_set1_ps((float)(task->high - map->zero)) };
	float inverse, rest;

	quantize_invert(map->scale, 8, &inverse, &rest);
	by.inverse = _mm512_set1_ps(inverse);
	by.rest = _mm512_set1_ps(rest);
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

DYNAMIC_KERNELS(avx512bw, .needs = QS_CPU_AVX2 | QS_CPU_AVX512BW, .tile_m = 1, .tile_n = 1,
		.tile_k = BLOCK)
