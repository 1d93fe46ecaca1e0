/* SPDX-License-Identifier: MIT
 *
 * Products of 8-bit codes, plain C: the definition.
 */
#include "int8.h"

struct prepared {
	struct qs_task task;
	int8_t *w;              /* [n][k], behind the requantizers                       */
	struct qs_requantizer requantizers[];    /* [n]; of a requantized y              */
};

static void *prepare(const struct qs_task *task, const void *w, size_t *bytes,
		     const char **reason)
{
	const size_t n = (size_t)task->n, k = (size_t)task->k;
	struct prepared *p;
	size_t size, whole;

	*reason = int8_prove(task, w);
	if (*reason || __builtin_mul_overflow(n, k, &size) ||
	    __builtin_add_overflow(size, sizeof *p + n * sizeof *p->requantizers, &whole))
		return NULL;
	p = malloc(whole);
	if (!p)
		return NULL;
	p->task = *task;
	p->w = (int8_t *)(p->requantizers + n);
	for (int64_t j = 0; j < task->n; j++)
		memcpy(p->w + j * task->k, (const int8_t *)w + j * task->w.stride, k);
	for (int64_t j = 0; j < task->n && task->y.type != QS_S32; j++)
		if (!qs_requantizer_make(&p->requantizers[j], task->requantize, task->round,
					 int8_scale(task, j))) {
			*reason = "a scale that the requantization cannot express";
			free(p);
			return NULL;
		}
	*bytes = size;
	return p;
}

static int64_t units(const void *prepared)
{
	return ((const struct prepared *)prepared)->task.m;
}

static int32_t code_a(const struct qs_task *task, const void *a, int64_t at)
{
	return task->a.type == QS_S8 ? ((const int8_t *)a)[at] : ((const uint8_t *)a)[at];
}

static int32_t sum_of(const struct prepared *p, const void *a, int64_t i, int64_t j)
{
	const struct qs_task *task = &p->task;
	const int32_t zero_a = gemm_zero(&task->a, i), zero_w = gemm_zero(&task->w, j);
	int32_t sum = task->bias ? (int32_t)task->bias[j] : 0;

	for (int64_t k = 0; k < task->k; k++)
		sum += (code_a(task, a, i * task->a.stride + k) - zero_a) *
		       (p->w[j * task->k + k] - zero_w);
	return sum;
}

static int run(const void *prepared, const void *a, void *y, int64_t first, int64_t last)
{
	const struct prepared *p = prepared;
	const struct qs_task *task = &p->task;
	const int32_t zero_y = gemm_zero(&task->y, 0);

	for (int64_t i = first; i < last; i++)
		for (int64_t j = 0; j < task->n; j++) {
			const int64_t at = i * task->y.stride + j;
			const int32_t sum = sum_of(p, a, i, j);

			if (task->y.type == QS_S32)
				((int32_t *)y)[at] = sum;
			else
				((uint8_t *)y)[at] = (uint8_t)qs_requantize_code(
					&p->requantizers[j], sum, zero_y, task->low, task->high);
		}
	return 0;
}

INT8_KERNELS(ref, .tile_m = 1, .tile_n = 1, .tile_k = 1)
