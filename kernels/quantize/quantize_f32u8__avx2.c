/* SPDX-License-Identifier: MIT
 *
 * Floats to u8 codes with AVX2.
 */
#include "quantize_avx2.h"

static void codes(uint8_t *y, const float *x, int64_t count, const struct quantize_map *map)
{
	quantize_codes_avx2(y, x, count, map, false);
}

static int run(const void *prepared, const void *a, void *y, int64_t first, int64_t last)
{
	return quantize_run(prepared, a, y, first, last, codes);
}

const struct qs_kernel quantize_f32u8__avx2 = {
	.name = "quantize_f32u8__avx2",
	.op = QS_QUANTIZE, .a = QS_F32, .y = QS_U8,
	.needs = QS_CPU_AVX2,
	.tile_m = 1, .tile_n = 1, .tile_k = 32,
	.refuse = quantize_refuse_u8, .prepare = quantize_prepare, .units = quantize_units,
	.run = run, .release = free,
};
