/* SPDX-License-Identifier: MIT
 *
 * Groups of weights with AVX-512 VNNI on 256 bits.  A tile is 6 rows by 16 columns.
 */
#include "groups_vnni_256.h"

enum { ROWS = 6, STREAMS = 4, SUMS = 6, SPILLED = 0 };

static inline vi v_dot(vi sum, vi u, vi s)
{
	return (vi)_mm256_dpbusd_epi32((__m256i)sum, (__m256i)u, (__m256i)s);
}

#include "groups_vnni.h"

GROUPS_KERNELS(avx512vnni_256, .needs = QS_CPU_AVX2 | QS_CPU_AVX512BW | QS_CPU_AVX512VNNI,
	       .tile_m = ROWS, .tile_n = PAIR, .tile_k = BLOCK)
