/* SPDX-License-Identifier: MIT
 *
 * Codes to floats with AVX2, 32 at a time.
 */
#include "dequantize_maps.h"

#include <immintrin.h>

enum { BLOCK = 32 };

struct maps {                   /* of one block; a 4-bit code with a sign is taken for   */
	__m256 scale[4];        /* code + 8, and its zero point with it                  */
	__m256i zero[4];
};

/* 32 codes of 4 bits, one a byte.  A word takes a byte's two codes apart. */
INLINE __m256i from_nibbles(__m128i pairs, struct code code)
{
	const __m256i words = _mm256_cvtepu8_epi16(pairs);
	const __m256i both = _mm256_and_si256(_mm256_or_si256(words, _mm256_slli_epi16(words, 4)),
					      _mm256_set1_epi8(15));

	return code.has_sign ? _mm256_xor_si256(both, _mm256_set1_epi8(8)) : both;
}

/* Codes [8 i, 8 i + 8) as s32. */
INLINE __m256i widen(const uint8_t *a, int i, struct code code)
{
	if (code.bits == 16)
		return _mm256_cvtepi16_epi32(_mm_loadu_si128((const __m128i *)(a + 16 * i)));
	if (code.has_sign)
		return _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)(a + 8 * i)));
	return _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(a + 8 * i)));
}

INLINE void widen_nibbles(__m256i whole[4], const uint8_t *a, struct code code)
{
	const __m256i bytes = from_nibbles(_mm_loadu_si128((const __m128i *)a), code);
	const __m128i first = _mm256_castsi256_si128(bytes);
	const __m128i second = _mm256_extracti128_si256(bytes, 1);

	whole[0] = _mm256_cvtepu8_epi32(first);
	whole[1] = _mm256_cvtepu8_epi32(_mm_srli_si128(first, 8));
	whole[2] = _mm256_cvtepu8_epi32(second);
	whole[3] = _mm256_cvtepu8_epi32(_mm_srli_si128(second, 8));
}

INLINE void whole_block(float *y, const uint8_t *a, const struct maps *maps, bool stream,
			struct code code)
{
	__m256i whole[4];

	if (code.bits == 4)
		widen_nibbles(whole, a, code);
	for (int i = 0; i < 4; i++) {
		const __m256i code_i = code.bits == 4 ? whole[i] : widen(a, i, code);
		const __m256 value = _mm256_mul_ps(
			_mm256_cvtepi32_ps(_mm256_sub_epi32(code_i, maps->zero[i])),
			maps->scale[i]);

		if (stream)
			_mm256_stream_ps(y + 8 * i, value);
		else
			_mm256_storeu_ps(y + 8 * i, value);
	}
}

/* The values of the block's first `left` codes. */
INLINE void block(float *y, const uint8_t *a, int64_t left, const struct maps *maps, bool stream,
		  struct code code)
{
	uint8_t from[2 * BLOCK] = { 0 };
	float to[BLOCK];

	if (left >= BLOCK) {
		whole_block(y, a, maps, stream, code);
		return;
	}
	memcpy(from, a, (size_t)(left * code.bits + 7) / 8);
	whole_block(to, from, maps, false, code);
	memcpy(y, to, (size_t)left * sizeof *to);
}

/* Zero points in the domain of widened codes. */
INLINE int32_t zero_bias(struct code code)
{
	return code.bits == 4 && code.has_sign ? 8 : 0;
}

/* One map for the whole block. */
INLINE void maps_of(struct maps *maps, const struct dequantize_map *map, struct code code)
{
	for (int i = 0; i < 4; i++) {
		maps->scale[i] = _mm256_set1_ps(map->scale);
		maps->zero[i] = _mm256_set1_epi32(map->zero + zero_bias(code));
	}
}

/* The maps of columns[at] and of those that follow. */
INLINE void maps_of_columns(struct maps *maps, const struct dequantize_columns *columns,
			    int64_t at, struct code code)
{
	for (int i = 0; i < 4; i++) {
		maps->scale[i] = _mm256_loadu_ps(columns->scale + at + 8 * i);
		maps->zero[i] = _mm256_add_epi32(
			_mm256_loadu_si256((const __m256i *)(columns->zero + at + 8 * i)),
			_mm256_set1_epi32(zero_bias(code)));
	}
}

#include "dequantize_loops.h"

DEQUANTIZE_KERNELS(avx2, QS_CPU_AVX2, BLOCK, dequantize_prepare, dequantize_units)
