/* SPDX-License-Identifier: MIT
 *
 * What int8_vnni.h asks for, on 512 bits.
 */
#ifndef QS_INT8_VNNI_512_H
#define QS_INT8_VNNI_512_H

#include "../requantize_avx512.h"

/* The sums' own type: held as __m512i (eight 64-bit numbers), gcc 12 copies each of them around
 * every vpdpbusd, and 256^3 takes 2.4 times as long. */
typedef int32_t vector __attribute__((vector_size(64)));

static inline vector vector_load(const void *from)
{
	return (vector)_mm512_loadu_si512(from);
}

static inline void vector_store(void *to, vector x)
{
	_mm512_storeu_si512(to, (__m512i)x);
}

static inline vector vector_set(int32_t x)
{
	return (vector)_mm512_set1_epi32(x);
}

static inline vector vector_dot(vector sum, vector a, vector w)
{
	return (vector)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)a, (__m512i)w);
}

static inline int32_t vector_total(vector x)
{
	return _mm512_reduce_add_epi32((__m512i)x);
}

static void vector_requantize(const struct requantize_columns *c,
			      const struct requantize_block *block, bool is_signed)
{
	requantize_block_avx512(c, block, is_signed);
}

#endif
