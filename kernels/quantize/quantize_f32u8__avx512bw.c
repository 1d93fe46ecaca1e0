/* SPDX-License-Identifier: MIT
 *
 * Floats to u8 codes with AVX-512.
 */
#include "quantize_avx512bw.h"

static void codes(uint8_t *y, const float *x, int64_t count, const struct quantize_map *map)
{
	quantize_codes_avx512bw(y, x, count, map);
}

static int run(const void *prepared, const void *a, void *y, int64_t first, int64_t last)
{
	return quantize_run(prepared, a, y, first, last, codes);
}

const struct qs_kernel quantize_f32u8__avx512bw = {
	.name = "quantize_f32u8__avx512bw",
	.op = QS_QUANTIZE, .a = QS_F32, .y = QS_U8,
	.needs = QS_CPU_AVX2 | QS_CPU_AVX512BW,
	.tile_m = 1, .tile_n = 1, .tile_k = 16,
	.refuse = quantize_refuse_u8, .prepare = quantize_prepare, .units = quantize_units,
	.run = run, .release = free,
};
