/* SPDX-License-Identifier: MIT
 *
 * What int8_vnni.h asks for, on 256 bits; all but vpdpbusd, which AVX-VNNI and AVX-512 VNNI encode
 * each in its own way.
 */
#ifndef QS_INT8_VNNI_256_H
#define QS_INT8_VNNI_256_H

#include "../requantize_avx2.h"

typedef int32_t vector __attribute__((vector_size(32)));

static inline vector vector_load(const void *from)
{
	return (vector)_mm256_loadu_si256(from);
}

static inline void vector_store(void *to, vector x)
{
	_mm256_storeu_si256(to, (__m256i)x);
}

static inline vector vector_set(int32_t x)
{
	return (vector)_mm256_set1_epi32(x);
}

static inline int32_t vector_total(vector x)
{
	const __m256i all = (__m256i)x;
	__m128i sum = _mm_add_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));

	sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
	sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1));
	return _mm_cvtsi128_si32(sum);
}

static void vector_requantize(const struct requantize_columns *c,
			      const struct requantize_block *block, bool is_signed)
{
	requantize_block_avx2(c, block, is_signed);
}

#endif
