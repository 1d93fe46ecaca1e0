/* SPDX-License-Identifier: MIT
 *
 * Codes to floats with AVX-512, two registers of them at a time, stored together: where source and
 * result lie alike in their pages, loops of four registers or with stores one by one took a quarter
 * longer within the second-level cache.
 */
#include "dequantize_maps.h"

#include <immintrin.h>

enum { BLOCK = 32, PARTS = BLOCK / 16 };

struct maps {                   /* of one block; a 4-bit code with a sign is taken for   */
	__m512 scale[PARTS];    /* code + 8, and its zero point with it                  */
	__m512i zero[PARTS];
};

/* 32 codes of 4 bits, one a byte.  A word takes a byte's two codes apart. */
INLINE __m256i from_nibbles(__m128i pairs, struct code code)
{
	const __m256i words = _mm256_cvtepu8_epi16(pairs);
	const __m256i both = _mm256_and_si256(_mm256_or_si256(words, _mm256_slli_epi16(words, 4)),
					      _mm256_set1_epi8(15));

	return code.has_sign ? _mm256_xor_si256(both, _mm256_set1_epi8(8)) : both;
}

/* Codes [16 i, 16 i + 16) as s32. */
INLINE __m512i widen(const uint8_t *a, int i, struct code code)
{
	if (code.bits == 16)
		return _mm512_cvtepi16_epi32(_mm256_loadu_si256((const __m256i *)(a + 32 * i)));
	if (code.has_sign)
		return _mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)(a + 16 * i)));
	return _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(a + 16 * i)));
}

INLINE void widen_nibbles(__m512i whole[PARTS], const uint8_t *a, struct code code)
{
	const __m256i bytes = from_nibbles(_mm_loadu_si128((const __m128i *)a), code);

	whole[0] = _mm512_cvtepu8_epi32(_mm256_castsi256_si128(bytes));
	whole[1] = _mm512_cvtepu8_epi32(_mm256_extracti128_si256(bytes, 1));
}

/* The values of the block's first `left` codes. */
INLINE void block(float *y, const uint8_t *a, int64_t left, const struct maps *maps, bool stream,
		  struct code code)
{
	uint8_t last[2 * BLOCK] = { 0 };
	__m512i whole[PARTS];
	__m512 value[PARTS];

	if (left < BLOCK)
		a = memcpy(last, a, (size_t)(left * code.bits + 7) / 8);
	if (code.bits == 4)
		widen_nibbles(whole, a, code);
	for (int i = 0; i < PARTS; i++) {
		const __m512i code_i = code.bits == 4 ? whole[i] : widen(a, i, code);

		value[i] = _mm512_mul_ps(
			_mm512_cvtepi32_ps(_mm512_sub_epi32(code_i, maps->zero[i])),
			maps->scale[i]);
	}
	for (int i = 0; i < PARTS; i++)
		if (left < BLOCK)
			_mm512_mask_storeu_ps(
				y + 16 * i, (__mmask16)(((UINT64_C(1) << left) - 1) >> 16 * i),
				value[i]);
		else if (stream)
			_mm512_stream_ps(y + 16 * i, value[i]);
		else
			_mm512_storeu_ps(y + 16 * i, value[i]);
}

/* Zero points in the domain of widened codes. */
INLINE int32_t zero_bias(struct code code)
{
	return code.bits == 4 && code.has_sign ? 8 : 0;
}

/* One map for the whole block. */
INLINE void maps_of(struct maps *maps, const struct dequantize_map *map, struct code code)
{
	for (int i = 0; i < PARTS; i++) {
		maps->scale[i] = _mm512_set1_ps(map->scale);
		maps->zero[i] = _mm512_set1_epi32(map->zero + zero_bias(code));
	}
}

/* The maps of columns[at] and of those that follow. */
INLINE void maps_of_columns(struct maps *maps, const struct dequantize_columns *columns,
			    int64_t at, struct code code)
{
	for (int i = 0; i < PARTS; i++) {
		maps->scale[i] = _mm512_loadu_ps(columns->scale + at + 16 * i);
		maps->zero[i] = _mm512_add_epi32(
			_mm512_loadu_si512(columns->zero + at + 16 * i),
			_mm512_set1_epi32(zero_bias(code)));
	}
}

#include "dequantize_loops.h"

DEQUANTIZE_KERNELS(avx512bw, QS_CPU_AVX2 | QS_CPU_AVX512BW, BLOCK, dequantize_prepare,
		   dequantize_units)
