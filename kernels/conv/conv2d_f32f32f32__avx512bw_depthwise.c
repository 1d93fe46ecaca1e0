/* SPDX-License-Identifier: MIT
 *
 * Depthwise float convolution with AVX-512: 16 chains side by side.
 */
#include "conv_f32_512.h"

enum { BLOCKS = 4 };

#include "conv_f32_depthwise.h"

CONV_F32_DEPTHWISE(avx512bw_depthwise, .needs = QS_CPU_AVX2 | QS_CPU_AVX512BW, .tile_m = BLOCKS,
		   .tile_n = STRIP, .tile_k = 1)
