/* SPDX-License-Identifier: MIT
 *
 * u8 by s8 sums in s32, plain C: the definition.
 */
#include "gemm_u8s8s32.h"

struct prepared {
	struct qs_task task;
	int8_t w[];             /* [n][k]                                                */
};

static void *prepare(const struct qs_task *task, const void *w, size_t *bytes,
		     const char **reason)
{
	struct prepared *prepared;
	size_t size, whole;

	*reason = gemm_u8s8s32_prove(task, w);
	if (*reason || __builtin_mul_overflow((size_t)task->n, (size_t)task->k, &size) ||
	    __builtin_add_overflow(size, sizeof *prepared, &whole))
		return NULL;
	prepared = malloc(whole);
	if (!prepared)
		return NULL;
	prepared->task = *task;
	for (int64_t j = 0; j < task->n; j++)
		memcpy(prepared->w + j * task->k, (const int8_t *)w + j * task->w.stride,
		       (size_t)task->k);
	*bytes = size;
	return prepared;
}

static int64_t units(const void *prepared)
{
	return ((const struct prepared *)prepared)->task.m;
}

static int run(const void *prepared, const void *a, void *y, int64_t first, int64_t last)
{
	const struct prepared *p = prepared;
	const struct qs_task *task = &p->task;

	for (int64_t i = first; i < last; i++) {
		const uint8_t *row = (const uint8_t *)a + i * task->a.stride;
		int32_t *out = (int32_t *)y + i * task->y.stride;
		const int32_t zero_a = gemm_zero(&task->a, i);

		for (int64_t j = 0; j < task->n; j++) {
			const int8_t *column = p->w + j * task->k;
			const int32_t zero_w = gemm_zero(&task->w, j);
			int32_t sum = task->bias ? (int32_t)task->bias[j] : 0;

			for (int64_t k = 0; k < task->k; k++)
				sum += (row[k] - zero_a) * (column[k] - zero_w);
			out[j] = sum;
		}
	}
	return 0;
}

const struct qs_kernel gemm_u8s8s32__ref = {
	.name = "gemm_u8s8s32__ref",
	.op = QS_GEMM, .a = QS_U8, .w = QS_S8, .y = QS_S32,
	.tile_m = 1, .tile_n = 1, .tile_k = 1,
	.refuse = gemm_u8s8s32_refuse, .prepare = prepare, .units = units, .run = run,
	.release = free,
};
