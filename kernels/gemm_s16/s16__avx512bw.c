/* SPDX-License-Identifier: MIT
 *
 * s16 by s8 sums in s64 with AVX-512: vpmaddwd multiplies pairs, vpaddd adds them to the sums.
 */
#include "s16_avx512.h"

static inline vector vector_dot(vector sum, vector pair, vector weights)
{
	return sum + (vector)_mm512_madd_epi16((__m512i)pair, (__m512i)weights);
}

#include "s16_tiles.h"

S16_KERNEL(avx512bw, .needs = QS_CPU_AVX2 | QS_CPU_AVX512BW, .tile_m = ROWS, .tile_n = COLUMNS,
	   .tile_k = STEPS_LEAST * PAIR)
