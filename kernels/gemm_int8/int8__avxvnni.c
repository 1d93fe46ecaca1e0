/* SPDX-License-Identifier: MIT
 *
 * Products of 8-bit codes with AVX-VNNI.  A tile is 6 rows by 16 columns: 12 sums
 * of 16 registers, 8 loads for 12 vpdpbusd.
 */
#include "int8_vnni_256.h"

static inline vector vector_dot(vector sum, vector a, vector w)
{
	return (vector)_mm256_dpbusd_avx_epi32((__m256i)sum, (__m256i)a, (__m256i)w);
}

enum { ROWS = 6, VECTORS = 2 };

#include "int8_vnni.h"

INT8_KERNELS(avxvnni, .needs = QS_CPU_AVX2 | QS_CPU_AVXVNNI,
	     .tile_m = ROWS, .tile_n = COLUMNS, .tile_k = QUAD)
