/* SPDX-License-Identifier: MIT
 *
 * Groups of weights with AVX-VNNI.  A tile is 5 rows by 16 columns: 10 sums.  Of 16 registers none
 * are left for the float sums, which go through the first level cache once a group.
 */
#include "groups_vnni_256.h"

enum { ROWS = 5, STREAMS = 4, SUMS = 5, SPILLED = 1 };

static inline vi v_dot(vi sum, vi u, vi s)
{
	return (vi)_mm256_dpbusd_avx_epi32((__m256i)sum, (__m256i)u, (__m256i)s);
}

#include "groups_vnni.h"

GROUPS_KERNELS(avxvnni, .needs = QS_CPU_AVX2 | QS_CPU_AVXVNNI,
	       .tile_m = ROWS, .tile_n = PAIR, .tile_k = BLOCK)
