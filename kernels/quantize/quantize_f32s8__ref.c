/* SPDX-License-Identifier: MIT
 *
 * Floats to s8 codes, plain C: the definition.
 */
#include "quantize.h"

static void codes(uint8_t *y, const float *x, int64_t count, const struct quantize_map *map)
{
	for (int64_t i = 0; i < count; i++)
		y[i] = (uint8_t)qs_affine_code(x[i], map->scale, map->zero, map->low, map->high,
					       map->round);
}

static int run(const void *prepared, const void *a, void *y, int64_t first, int64_t last)
{
	return quantize_run(prepared, a, y, first, last, codes);
}

const struct qs_kernel quantize_f32s8__ref = {
	.name = "quantize_f32s8__ref",
	.op = QS_QUANTIZE, .a = QS_F32, .y = QS_S8,
	.tile_m = 1, .tile_n = 1, .tile_k = 1,
	.refuse = quantize_refuse_s8, .prepare = quantize_prepare, .units = quantize_units,
	.run = run, .release = free,
};
