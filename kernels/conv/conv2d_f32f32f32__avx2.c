/* SPDX-License-Identifier: MIT
 *
 * Float convolution with AVX2.  A tile is 6 positions by 16 channels: 12 sums,
 * 8 loads for 12 multiply-adds; panels of fewer channels have 8 positions.
 */
#include "../gemm/gemm_f32_256.h"

enum { TILE_1 = 8, TILE_2 = 6, TILE_3 = 0, TILE_4 = 0 };

#define TILE_VECTORS 2

#include "conv_f32_256.h"

#include "conv_f32_tiles.h"

CONV_F32_KERNEL(avx2, .needs = QS_CPU_AVX2, .tile_m = TILE_1, .tile_n = 16, .tile_k = 1)
