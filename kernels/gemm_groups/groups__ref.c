/* SPDX-License-Identifier: MIT
 *
 * Products of codes with a scale for each group of weights, plain C: the definition.  The weights
 * are unpacked once to a byte a code.
 */
#include "groups.h"

#include <math.h>

struct prepared {
	struct qs_task task;
	int8_t w[];             /* [n][k]                                                */
};

static void *prepare(const struct qs_task *task, const void *w, size_t *bytes,
		     const char **reason)
{
	const int bits = groups_bits(task->w.type);
	struct prepared *prepared;
	size_t size, whole;

	*reason = groups_prove(task, w);
	if (*reason || __builtin_mul_overflow((size_t)task->n, (size_t)task->k, &size) ||
	    __builtin_add_overflow(size, sizeof *prepared, &whole))
		return NULL;
	prepared = malloc(whole);
	if (!prepared)
		return NULL;
	prepared->task = *task;
	for (int64_t j = 0; j < task->n; j++)
		for (int64_t k = 0; k < task->k; k++)
			prepared->w[j * task->k + k] =
				(int8_t)groups_code(groups_row(task, w, j), bits, k);
	*bytes = size;
	return prepared;
}

static int64_t units(const void *prepared)
{
	return ((const struct prepared *)prepared)->task.m;
}

static int32_t code_a(const struct qs_task *task, const void *a, int64_t at)
{
	return task->a.type == QS_S8 ? ((const int8_t *)a)[at] : ((const uint8_t *)a)[at];
}

/* The sum of group g of row i of a and row j of w. */
static int32_t sum_of(const struct prepared *p, const void *a, int64_t i, int64_t j, int64_t g)
{
	const struct qs_task *task = &p->task;
	const int64_t from = g * groups_length(task), next = from + groups_length(task);
	const int64_t end = next < task->k ? next : task->k;
	const int32_t zero_a = gemm_zero(&task->a, i), zero_w = groups_zero_w(task, j, g);
	int32_t sum = 0;

	for (int64_t k = from; k < end; k++)
		sum += (code_a(task, a, i * task->a.stride + k) - zero_a) *
		       (p->w[j * task->k + k] - zero_w);
	return sum;
}

static int run(const void *prepared, const void *a, void *y, int64_t first, int64_t last)
{
	const struct prepared *p = prepared;
	const struct qs_task *task = &p->task;
	const int64_t groups = groups_count(task);

	for (int64_t i = first; i < last; i++)
		for (int64_t j = 0; j < task->n; j++) {
			const float bias = task->bias_f32 ? task->bias_f32[j] : 0.0F;
			float sum = 0.0F;

			for (int64_t g = 0; g < groups; g++)
				sum = fmaf((float)sum_of(p, a, i, j, g),
					   groups_scale_w(task, j, g), sum);
			((float *)y)[i * task->y.stride + j] =
				fmaf(sum, groups_scale_a(task, i), bias);
		}
	return 0;
}

GROUPS_KERNELS(ref, .tile_m = 1, .tile_n = 1, .tile_k = 1)
