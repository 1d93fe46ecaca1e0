/* SPDX-License-Identifier: MIT
 *
 * Sums to codes with AVX-512.
 */
#include "../requantize_avx512.h"
#include "requantize_s32.h"

static void run_block(const struct requantize_columns *c, const struct requantize_block *block,
		      bool is_signed)
{
	if (is_signed)
		requantize_block_avx512(c, block, true);
	else
		requantize_block_avx512(c, block, false);
}

static int run(const void *prepared, const void *a, void *y, int64_t first, int64_t last)
{
	return requantize_s32_run(prepared, a, y, first, last, run_block);
}

REQUANTIZE_KERNELS(avx512bw, .needs = QS_CPU_AVX2 | QS_CPU_AVX512BW,
		   .prepare = requantize_s32_prepare, .units = requantize_s32_units, .tile_m = 4,
		   .tile_n = 1, .tile_k = 64)
