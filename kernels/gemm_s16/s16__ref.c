/* SPDX-License-Identifier: MIT
 *
 * s16 by s8 sums in s64, plain C: the definition.
 */
#include "s16.h"

struct prepared {
	struct qs_task task;
	int8_t w[]; /* [n][k]                                                */
};

static void *prepare(const struct qs_task *task, const void *w, size_t *bytes, const char **reason)
{
	struct prepared *p;
	size_t size, whole;

	*reason = s16_prove(task);
	if (*reason || __builtin_mul_overflow((size_t)task->n, (size_t)task->k, &size) ||
	    __builtin_add_overflow(size, sizeof *p, &whole))
		return NULL;
	p = malloc(whole);
	if (!p)
		return NULL;
	p->task = *task;
	for (int64_t n = 0; n < task->n; n++)
		memcpy(p->w + n * task->k, (const int8_t *)w + n * task->w.stride, (size_t)task->k);
	*bytes = size;
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

	for (int64_t m = first; m < last; m++) {
		const int16_t *row = (const int16_t *)a + m * task->a.stride;
		int64_t *sums = (int64_t *)y + m * task->y.stride;
		const int32_t zero_a = gemm_zero(&task->a, m);

		for (int64_t n = 0; n < task->n; n++) {
			const int8_t *channel = p->w + n * task->k;
			const int32_t zero_w = gemm_zero(&task->w, n);
			int64_t sum = task->bias ? task->bias[n] : 0;

			for (int64_t k = 0; k < task->k; k++)
				sum += (int64_t)(row[k] - zero_a) * (channel[k] - zero_w);
			sums[n] = sum;
		}
	}
	return 0;
}

S16_KERNEL(ref, .tile_m = 1, .tile_n = 1, .tile_k = 1)
