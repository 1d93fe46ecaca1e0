/* SPDX-License-Identifier: MIT
 *
 * Float gemm, plain C: the definition, a chain of fmaf.
 */
#include "gemm_f32f32f32.h"

#include <math.h>

struct prepared {
	struct qs_task task;
	float w[];              /* [n][k]                                                */
};

static void *prepare(const struct qs_task *task, const void *w, size_t *bytes,
		     const char **reason)
{
	const size_t row = (size_t)task->k * sizeof(float);
	struct prepared *prepared;
	size_t size, whole;

	*reason = NULL;
	if (__builtin_mul_overflow((size_t)task->n, row, &size) ||
	    __builtin_add_overflow(size, sizeof *prepared, &whole))
		return NULL;
	prepared = malloc(whole);
	if (!prepared)
		return NULL;
	prepared->task = *task;
	for (int64_t j = 0; j < task->n; j++)
		memcpy(prepared->w + j * task->k, (const float *)w + j * task->w.stride, row);
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
		const float *row = (const float *)a + i * task->a.stride;
		float *out = (float *)y + i * task->y.stride;

		for (int64_t j = 0; j < task->n; j++) {
			const float *column = p->w + j * task->k;
			float sum = 0;

			for (int64_t k = 0; k < task->k; k++)
				sum = fmaf(row[k], column[k], sum);
			out[j] = task->bias_f32 ? sum + task->bias_f32[j] : sum;
		}
	}
	return 0;
}

const struct qs_kernel gemm_f32f32f32__ref = {
	.name = "gemm_f32f32f32__ref",
	.op = QS_GEMM, .a = QS_F32, .w = QS_F32, .y = QS_F32,
	.tile_m = 1, .tile_n = 1, .tile_k = 1,
	.refuse = gemm_f32f32f32_refuse, .prepare = prepare, .units = units, .run = run,
	.release = free,
};
