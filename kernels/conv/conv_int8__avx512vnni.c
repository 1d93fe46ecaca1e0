/* SPDX-License-Identifier: MIT
 *
 * Convolutions of 8-bit codes with AVX-512 VNNI.  A tile is 6 positions by 64 channels, 24 sums: 10
 * loads for 24 vpdpbusd; panels of fewer channels have 8 positions.
 */
#include "../gemm_int8/int8_vnni_512.h"

enum { ROWS = 6, VECTORS = 4, TILE_1 = 8, TILE_2 = 8, TILE_3 = 8, TILE_4 = 6 };

#define TILE_VECTORS 4

#include "../gemm_int8/int8_vnni.h"

#include "conv_int8_vnni.h"

CONV_INT8_KERNELS(avx512vnni, .needs = QS_CPU_AVX2 | QS_CPU_AVX512BW | QS_CPU_AVX512VNNI,
		  .tile_m = TILE_1, .tile_n = 64, .tile_k = ELEMENTS)
