/* SPDX-License-Identifier: MIT
 *
 * What the s16 by s8 gemms with AVX-512 share: a tile is 6 rows by 64 channels in 24 registers.
 */
#include <immintrin.h>
#include <stdint.h>

/* The sums' own type: of __m512i (eight 64-bit numbers) gcc 12 copies each around the instruction
 * that adds to it. */
typedef int32_t vector __attribute__((vector_size(64)));

enum { ROWS = 6, LANES = 16, VECTORS = 4, ALONE = 2 };

static inline vector vector_pair(int32_t pair)
{
	return (vector)_mm512_set1_epi32(pair);
}

static inline vector vector_weights(const int8_t *w)
{
	return (vector)_mm512_cvtepi8_epi16(_mm256_load_si256((const __m256i *)(const void *)w));
}

static inline void vector_widen(int64_t *sums, vector x)
{
	const __m512i low = _mm512_cvtepi32_epi64(_mm512_castsi512_si256((__m512i)x));
	const __m512i high = _mm512_cvtepi32_epi64(_mm512_extracti64x4_epi64((__m512i)x, 1));

	_mm512_store_si512(sums, _mm512_add_epi64(_mm512_load_si512(sums), low));
	_mm512_store_si512(sums + 8, _mm512_add_epi64(_mm512_load_si512(sums + 8), high));
}
