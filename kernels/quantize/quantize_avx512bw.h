/* SPDX-License-Identifier: MIT
 *
 * Quantizing with AVX-512, 16 floats at a time, for both code types; see quantize_avx2.h for why
 * clipping may come first.
 */
#ifndef QS_QUANTIZE_AVX512BW_H
#define QS_QUANTIZE_AVX512BW_H

#include "quantize.h"

#include <immintrin.h>

struct quantize_avx512bw {      /* the map, one value in all lanes                       */
	__m512 scale, low, high;
	__m512i zero;
};

/* roundf; see quantize_avx2.h. */
static inline __m512 quantize_half_away_avx512bw(__m512 q)
{
	const __m512 sign = _mm512_set1_ps(-0.0f);
	const __m512 whole = _mm512_roundscale_ps(q, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC);
	const __m512 fraction = _mm512_abs_ps(_mm512_sub_ps(q, whole));
	const __m512 step = _mm512_or_ps(_mm512_and_ps(q, sign), _mm512_set1_ps(1));
	const __mmask16 up = _mm512_cmp_ps_mask(fraction, _mm512_set1_ps(0.5f), _CMP_GE_OQ);

	return _mm512_mask_add_ps(whole, up, whole, step);
}

static inline __attribute__((always_inline)) void
quantize_16_avx512bw(uint8_t *y, const float *x, __mmask16 which,
		     const struct quantize_avx512bw *map, bool half_away)
{
	__m512 q = _mm512_div_ps(_mm512_maskz_loadu_ps(which, x), map->scale);

	if (half_away)
		q = quantize_half_away_avx512bw(q);
	/* the second operand wins against a NaN */
	q = _mm512_min_ps(_mm512_max_ps(q, map->low), map->high);
	_mm512_mask_cvtepi32_storeu_epi8(y, which,
					 _mm512_add_epi32(_mm512_cvtps_epi32(q), map->zero));
}

static inline __attribute__((always_inline)) void
quantize_codes_avx512bw(uint8_t *y, const float *x, int64_t count, const struct quantize_map *from)
{
	const struct quantize_avx512bw map = {
		_mm512_set1_ps(from->scale), _mm512_set1_ps((float)(from->low - from->zero)),
		_mm512_set1_ps((float)(from->high - from->zero)), _mm512_set1_epi32(from->zero),
	};
	const bool away = from->round == QS_HALF_AWAY;
	int64_t i = 0;

	if (away)
		for (; i + 16 <= count; i += 16)
			quantize_16_avx512bw(y + i, x + i, 0xffff, &map, true);
	else
		for (; i + 16 <= count; i += 16)
			quantize_16_avx512bw(y + i, x + i, 0xffff, &map, false);
	if (i < count)
		quantize_16_avx512bw(y + i, x + i, (__mmask16)((1u << (count - i)) - 1), &map,
				     away);
}

#endif
