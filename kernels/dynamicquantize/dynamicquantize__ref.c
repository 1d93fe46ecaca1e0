/* SPDX-License-Identifier: MIT
 *
 * Codes by each row's own range, plain C: the definition.
 */
#include "dynamicquantize.h"

static struct dynamic_range range_of(const float *x, int64_t count)
{
	struct dynamic_range range = { 0, 0 };

	for (int64_t i = 0; i < count; i++) { /* a NaN is neither below nor above */
		if (x[i] < range.low)
			range.low = x[i];
		if (x[i] > range.high)
			range.high = x[i];
	}
	return range;
}

static int run(const void *prepared, const void *a, void *y, int64_t first, int64_t last)
{
	const struct qs_task *task = prepared;

	for (int64_t row = first; row < last; row++) {
		const float *x = (const float *)a + row * task->a.stride;
		uint8_t *out = (uint8_t *)y + row * task->y.stride;
		const struct dynamic_range range = range_of(x, task->k);
		const struct dynamic_map map = dynamic_map(task, &range);

		dynamic_head(out, &map);
		for (int64_t k = 0; k < task->k; k++)
			out[DYNAMIC_HEAD + k] = (uint8_t)qs_affine_code(
				x[k], map.scale, map.zero, task->low, task->high, task->round);
	}
	return 0;
}

DYNAMIC_KERNEL(f32u8, ref, QS_U8, run, .tile_m = 1, .tile_n = 1, .tile_k = 1)
DYNAMIC_KERNEL(f32s8, ref, QS_S8, run, .tile_m = 1, .tile_n = 1, .tile_k = 1)
