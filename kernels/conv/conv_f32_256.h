/* SPDX-License-Identifier: MIT
 *
 * Floats in vectors of 256 bits, for the convolutions.
 */
#ifndef QS_CONV_F32_256_H
#define QS_CONV_F32_256_H

#include <immintrin.h>

typedef float vector __attribute__((vector_size(32)));

static inline vector vector_load(const void *from)
{
	return (vector)_mm256_loadu_ps(from);
}

static inline void vector_store(void *to, vector x)
{
	_mm256_storeu_ps(to, (__m256)x);
}

static inline vector vector_all(const float *at)
{
	return (vector)_mm256_set1_ps(*at);
}

static inline vector vector_dot(vector sum, vector a, vector w)
{
	return (vector)_mm256_fmadd_ps((__m256)a, (__m256)w, (__m256)sum);
}

#endif
