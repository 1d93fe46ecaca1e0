/* SPDX-License-Identifier: MIT
 *
 * Products of 8-bit codes with AVX2.
 */
#include "int8_avx2.h"

INT8_KERNELS(avx2, .needs = QS_CPU_AVX2, .tile_m = LEVEL_ROWS, .tile_n = WIDTH, .tile_k = 128)
