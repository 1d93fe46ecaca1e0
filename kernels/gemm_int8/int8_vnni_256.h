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

static void vector_requantize(const struct requantize_columns *c,
			      const struct requantize_block *block, bool is_signed)
{
	requantize_block_avx2(c, block, is_signed);
}

#endif
