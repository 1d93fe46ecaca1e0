/* SPDX-License-Identifier: MIT
 *
 * u8 codes to floats with AVX2.
 */
#include "dequantize_avx2.h"

static void values(float *y, const uint8_t *codes, int64_t count, float scale, int32_t zero)
{
	dequantize_values_avx2(y, codes, count, scale, zero, false);
}

static int run(const void *prepared, const void *a, void *y, int64_t first, int64_t last)
{
	return dequantize_run(prepared, a, y, first, last, values);
}

const struct qs_kernel dequantize_u8f32__avx2 = {
	.name = "dequantize_u8f32__avx2",
	.op = QS_DEQUANTIZE, .a = QS_U8, .y = QS_F32,
	.needs = QS_CPU_AVX2,
	.tile_m = 1, .tile_n = 1, .tile_k = 8,
	.refuse = dequantize_refuse_u8, .prepare = dequantize_prepare, .units = dequantize_units,
	.run = run, .release = free,
};
