/* SPDX-License-Identifier: MIT
 *
 * Products of 8-bit codes with AVX-512 VNNI on 256 bits.  A tile is 6 rows by 32 columns:
 * 24 sums of 32 registers, 10 loads for 24 vpdpbusd.
 */
#include "int8_vnni_256.h"

static inline vector vector_dot(vector sum, vector a, vector w)
{
	return (vector)_mm256_dpbusd_epi32((__m256i)sum, (__m256i)a, (__m256i)w);
}

enum { ROWS = 6, VECTORS = 4 };

#include "int8_vnni.h"

INT8_KERNELS(avx512vnni_256, .needs = QS_CPU_AVX2 | QS_CPU_AVX512BW | QS_CPU_AVX512VNNI,
	     .tile_m = ROWS, .tile_n = COLUMNS, .tile_k = QUAD)
