/* SPDX-License-Identifier: MIT
 *
 * s16 by s8 sums in s64 with AVX2: vpmaddwd multiplies pairs, vpaddd adds them to the sums.  A tile
 * is 6 rows by 16 channels in 12 registers.
 */
#include <immintrin.h>
#include <stdint.h>

typedef int32_t vector __attribute__((vector_size(32)));

enum { ROWS = 6, LANES = 8, VECTORS = 2, ALONE = 4 };

static inline vector vector_pair(int32_t pair)
{
	return (vector)_mm256_set1_epi32(pair);
}

static inline vector vector_weights(const int8_t *w)
{
	return (vector)_mm256_cvtepi8_epi16(_mm_load_si128((const __m128i *)(const void *)w));
}

static inline void vector_widen(int64_t *sums, vector x)
{
	const __m256i low = _mm256_cvtepi32_epi64(_mm256_castsi256_si128((__m256i)x));
	const __m256i high = _mm256_cvtepi32_epi64(_mm256_extracti128_si256((__m256i)x, 1));
	__m256i *to = (__m256i *)(void *)sums;

	_mm256_store_si256(to, _mm256_add_epi64(_mm256_load_si256(to), low));
	_mm256_store_si256(to + 1, _mm256_add_epi64(_mm256_load_si256(to + 1), high));
}

static inline vector vector_dot(vector sum, vector pair, vector weights)
{
	return sum + (vector)_mm256_madd_epi16((__m256i)pair, (__m256i)weights);
}

#include "s16_tiles.h"

S16_KERNEL(avx2, .needs = QS_CPU_AVX2, .tile_m = ROWS, .tile_n = COLUMNS,
	   .tile_k = STEPS_LEAST * PAIR)
