/* SPDX-License-Identifier: MIT
 *
 * Floats in vectors of 512 bits, for the convolutions.
 */
#ifndef QS_CONV_F32_512_H
#define QS_CONV_F32_512_H

#include <immintrin.h>

typedef float vector __attribute__((vector_size(64)));

static inline vector vector_load(const void *from)
{
	return (vector)_mm512_loadu_ps(from);
}

static inline void vector_store(void *to, vector x)
{
	_mm512_storeu_ps(to, (__m512)x);
}

static inline vector vector_all(const float *at)
{
	return (vector)_mm512_set1_ps(*at);
}

static inline vector vector_dot(vector sum, vector a, vector w)
{
	return (vector)_mm512_fmadd_ps((__m512)a, (__m512)w, (__m512)sum);
}

#endif
