/* SPDX-License-Identifier: MIT
 *
 * Depthwise float convolution with AVX2: 8 chains side by side.
 */
#include "conv_f32_256.h"

enum { BLOCKS = 2 };

#include "conv_f32_depthwise.h"

CONV_F32_DEPTHWISE(avx2_depthwise, .needs = QS_CPU_AVX2, .tile_m = BLOCKS, .tile_n = STRIP,
		   .tile_k = 1)
