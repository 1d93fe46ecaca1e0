/* SPDX-License-Identifier: MIT
 *
 * Float convolution with AVX-512.  A tile is 6 positions by 64 channels: 24 sums,
 * 10 loads for 24 multiply-adds; panels of fewer channels have 8 positions.
 */
#include "../gemm/gemm_f32_512.h"

enum { TILE_1 = 8, TILE_2 = 8, TILE_3 = 8, TILE_4 = 6 };

#define TILE_VECTORS 4

#include "conv_f32_512.h"

#include "conv_f32_tiles.h"

CONV_F32_KERNEL(avx512bw, .needs = QS_CPU_AVX2 | QS_CPU_AVX512BW, .tile_m = TILE_1, .tile_n = 64,
		.tile_k = 1)
