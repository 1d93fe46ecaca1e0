/* SPDX-License-Identifier: MIT
 *
 * Sums to codes, plain C: the definition.
 */
#include "requantize_s32.h"

struct prepared {
	struct qs_task task;
	struct qs_requantizer requantizers[];    /* one, or one a column                 */
};

static void *prepare(const struct qs_task *task, const void *w, size_t *bytes, const char **reason)
{
	const int64_t scales = task->a.per == QS_PER_COLUMN ? task->k : 1;
	struct prepared *p = malloc(sizeof *p + (size_t)scales * sizeof *p->requantizers);

	(void)w;
	*reason = NULL;
	if (!p)
		return NULL;
	p->task = *task;
	for (int64_t i = 0; i < scales; i++)
		if (!qs_requantizer_make(&p->requantizers[i], task->requantize, task->round,
					 (double)task->a.scale[i] / (double)*task->y.scale)) {
			*reason = "a scale that the requantization cannot express";
			free(p);
			return NULL;
		}
	*bytes = 0;
	return p;
}

static int64_t units(const void *prepared)
{
	return ((const struct prepared *)prepared)->task.m;
}

static int run(const void *prepared, const void *a, void *y, int64_t first, int64_t last)
{
	const struct prepared *p = prepared;
	const struct qs_task *task = &p->task;
	const int32_t zero = task->y.zero ? *task->y.zero : 0;

	for (int64_t i = first; i < last; i++) {
		const int32_t *sums = (const int32_t *)a + i * task->a.stride;
		uint8_t *codes = (uint8_t *)y + i * task->y.stride;

		for (int64_t k = 0; k < task->k; k++)
			codes[k] = (uint8_t)qs_requantize_code(
				&p->requantizers[task->a.per == QS_PER_COLUMN ? k : 0], sums[k],
				zero, task->low, task->high);
	}
	return 0;
}

REQUANTIZE_KERNELS(ref, .prepare = prepare, .units = units, .tile_m = 1, .tile_n = 1, .tile_k = 1)
