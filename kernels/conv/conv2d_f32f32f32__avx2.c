/* SPDX-License-Identifier: MIT
 *
 * Float convolution with AVX2.  A tile is 6 positions by 16 channels: 12 sums,
 * 8 loads for 12 multiply-adds; panels of fewer channels have 8 positions.
 */
#include "../gemm/gemm_f32_256.h"

enum { TILE_1 = 8, TILE_2 = 6, TILE_3 = 0, TILE_4 = 0 };

#define TILE_VECTORS 2

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

#include "conv_f32_tiles.h"

CONV_F32_KERNEL(avx2, .needs = QS_CPU_AVX2, .tile_m = TILE_1, .tile_n = 16, .tile_k = 1)
