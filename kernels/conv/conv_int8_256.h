/* SPDX-License-Identifier: MIT
 *
 * Vectors of 256 bits and products of 16 bits, for the convolutions of codes with AVX2.
 */
#ifndef QS_CONV_INT8_256_H
#define QS_CONV_INT8_256_H

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

static inline vector vector_dot(vector sum, vector a, vector w)
{
	return sum + (vector)_mm256_madd_epi16((__m256i)a, (__m256i)w);
}

#endif
