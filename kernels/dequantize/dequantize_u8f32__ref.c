/* SPDX-License-Identifier: MIT
 *
 * u8 codes to floats, plain C: the definition.
 */
#include "dequantize.h"

static void values(float *y, const uint8_t *codes, int64_t count, float scale, int32_t zero)
{
	for (int64_t i = 0; i < count; i++)
		y[i] = qs_affine_value(codes[i], scale, zero);
}

static int run(const void *prepared, const void *a, void *y, int64_t first, int64_t last)
{
	return dequantize_run(prepared, a, y, first, last, values);
}

const struct qs_kernel dequantize_u8f32__ref = {
	.name = "dequantize_u8f32__ref",
	.op = QS_DEQUANTIZE, .a = QS_U8, .y = QS_F32,
	.tile_m = 1, .tile_n = 1, .tile_k = 1,
	.refuse = dequantize_refuse_u8, .prepare = dequantize_prepare, .units = dequantize_units,
	.run = run, .release = free,
};
