/* SPDX-License-Identifier: MIT
 *
 * Quantizing with AVX2, 32 floats at a time, for both code types.  Bounds are whole numbers, so
 * clipping before the rounding gives the same code as after it, and infinite quotients end there.
 */
#ifndef QS_QUANTIZE_AVX2_H
#define QS_QUANTIZE_AVX2_H

#include "quantize.h"

#include <immintrin.h>
#include <string.h>

struct quantize_avx2 {          /* the map, one value in all lanes                       */
	__m256 scale, low, high;
	__m256i zero;
};

/* roundf: toward zero, then one step away where |q| has a fraction of at least a half.  The
 * subtraction is exact; from 2^23 on, and for infinities, nothing is added. */
static inline __m256 quantize_half_away_avx2(__m256 q)
{
	const __m256 sign = _mm256_set1_ps(-0.0f);
	const __m256 whole = _mm256_round_ps(q, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC);
	const __m256 fraction = _mm256_andnot_ps(sign, _mm256_sub_ps(q, whole));
	const __m256 step = _mm256_or_ps(_mm256_and_ps(q, sign), _mm256_set1_ps(1));
	const __m256 up = _mm256_cmp_ps(fraction, _mm256_set1_ps(0.5f), _CMP_GE_OQ);

	return _mm256_add_ps(whole, _mm256_and_ps(up, step));
}

static inline __attribute__((always_inline)) __m256i
quantize_8_avx2(const float *x, const struct quantize_avx2 *map, bool half_away)
{
	__m256 q = _mm256_div_ps(_mm256_loadu_ps(x), map->scale);

	if (half_away)
		q = quantize_half_away_avx2(q);
	/* the second operand wins against a NaN */
	q = _mm256_min_ps(_mm256_max_ps(q, map->low), map->high);
	return _mm256_add_epi32(_mm256_cvtps_epi32(q), map->zero);
}

static inline __attribute__((always_inline)) void
quantize_32_avx2(uint8_t *y, const float *x, const struct quantize_avx2 *map, bool half_away,
		 bool is_signed)
{
	const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
	const __m256i a = _mm256_packs_epi32(quantize_8_avx2(x, map, half_away),
					     quantize_8_avx2(x + 8, map, half_away));
	const __m256i b = _mm256_packs_epi32(quantize_8_avx2(x + 16, map, half_away),
					     quantize_8_avx2(x + 24, map, half_away));
	const __m256i codes = is_signed ? _mm256_packs_epi16(a, b) : _mm256_packus_epi16(a, b);

	_mm256_storeu_si256((__m256i *)y, _mm256_permutevar8x32_epi32(codes, order));
}

static inline __attribute__((always_inline)) void
quantize_codes_avx2(uint8_t *y, const float *x, int64_t count, const struct quantize_map *from,
		    bool is_signed)
{
	const struct quantize_avx2 map = {
		_mm256_set1_ps(from->scale), _mm256_set1_ps((float)(from->low - from->zero)),
		_mm256_set1_ps((float)(from->high - from->zero)), _mm256_set1_epi32(from->zero),
	};
	const bool away = from->round == QS_HALF_AWAY;
	int64_t i = 0;

	if (away)
		for (; i + 32 <= count; i += 32)
			quantize_32_avx2(y + i, x + i, &map, true, is_signed);
	else
		for (; i + 32 <= count; i += 32)
			quantize_32_avx2(y + i, x + i, &map, false, is_signed);
	if (i < count) {
		const size_t left = (size_t)(count - i);
		float last[32] = { 0 };
		uint8_t codes[32];

		memcpy(last, x + i, left * sizeof *last);
		quantize_32_avx2(codes, last, &map, away, is_signed);
		memcpy(y + i, codes, left);
	}
}

#endif
