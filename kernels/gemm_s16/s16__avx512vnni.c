/* SPDX-License-Identifier: MIT
 *
 * s16 by s8 sums in s64 with AVX-512 VNNI: vpdpwssd multiplies pairs and adds them to the sums.
 */
#include "s16_avx512.h"

static inline vector vector_dot(vector sum, vector pair, vector weights)
{
	return (vector)_mm512_dpwssd_epi32((__m512i)sum, (__m512i)pair, (__m512i)weights);
}

#include "s16_tiles.h"

S16_KERNEL(avx512vnni, .needs = QS_CPU_AVX2 | QS_CPU_AVX512BW | QS_CPU_AVX512VNNI, .tile_m = ROWS,
	   .tile_n = COLUMNS, .tile_k = STEPS_LEAST * PAIR)
