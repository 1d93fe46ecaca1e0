/* SPDX-License-Identifier: MIT
 *
 * Convolutions of 8-bit codes with AVX2.  A tile is 5 positions by 16 channels: 10 sums, 7 loads
 * for 10 vpmaddwd and as many additions; a panel of 8 channels has 8 positions.
 */
#include "../gemm_int8/int8_avx2.h"

#include "conv_int8_256.h"

enum { TILE_1 = 8, TILE_2 = 5, TILE_3 = 0, TILE_4 = 0 };

#define TILE_VECTORS 2

#include "conv_int8_words.h"

CONV_INT8_KERNELS(avx2, .needs = QS_CPU_AVX2, .tile_m = TILE_1, .tile_n = 16, .tile_k = ELEMENTS)
