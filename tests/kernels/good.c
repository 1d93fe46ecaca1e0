/* SPDX-License-Identifier: MIT
 *
 * A user's kernel library, whole: one kernel, u8 by s8 sums in s32, that is true to the reference.
 * It packs nothing and splits a call by rows of y.
 *
 *         cc -std=c11 -Wall -Wextra -O2 -fPIC -shared \
 *             -o good.so tests/kernels/good.c
 */
#include "../../kernels/kernel.h"

#include <stdlib.h>
#include <string.h>

struct prepared {
	struct qs_task task;
	int8_t w[];             /* [n][k]                                                */
};

static const char *refuse(const struct qs_task *task)
{
	if (task->a.per > QS_PER_ROW || task->w.per > QS_PER_ROW)
		return "groups are not done here";
	if (task->k > 32768)
		return "k above 32768 could overflow the sum";
	return NULL;
}

static void *prepare(const struct qs_task *task, const void *w, size_t *bytes,
		     const char **reason)
{
	struct prepared *prepared;

	*reason = NULL;
	*bytes = (size_t)(task->n * task->k);
	prepared = malloc(sizeof *prepared + *bytes);
	if (!prepared)
		return NULL;
	prepared->task = *task;
	for (int64_t j = 0; j < task->n; j++)
		memcpy(prepared->w + j * task->k, (const int8_t *)w + j * task->w.stride,
		       (size_t)task->k);
	return prepared;
}

static int64_t units(const void *prepared)
{
	return ((const struct prepared *)prepared)->task.m;
}

/* The zero point of row i: none, one for all, or one a row. */
static int32_t zero(const struct qs_operand *operand, int64_t i)
{
	return operand->zero ? operand->zero[operand->per == QS_PER_ROW ? i : 0] : 0;
}

static int run(const void *self, const void *a, void *y, int64_t first, int64_t last)
{
	const struct prepared *prepared = self;
	const struct qs_task *task = &prepared->task;

	for (int64_t i = first; i < last; i++) {
		const uint8_t *row = (const uint8_t *)a + i * task->a.stride;
		int32_t *out = (int32_t *)y + i * task->y.stride;

		for (int64_t j = 0; j < task->n; j++) {
			const int8_t *column = prepared->w + j * task->k;
			int32_t sum = task->bias ? (int32_t)task->bias[j] : 0;

			for (int64_t k = 0; k < task->k; k++)
				sum += (row[k] - zero(&task->a, i)) * (column[k] - zero(&task->w, j));
			out[j] = sum;
		}
	}
	return 0;
}

static const struct qs_kernel kernel = {
	.name = "gemm_u8s8s32__good",
	.op = QS_GEMM, .a = QS_U8, .w = QS_S8, .y = QS_S32,
	.tile_m = 1, .tile_n = 1, .tile_k = 1,
	.refuse = refuse, .prepare = prepare, .units = units, .run = run, .release = free,
};

static const struct qs_kernel *const kernels[] = { &kernel };

static const struct qs_library library = { QS_INTERFACE, "good", 1, kernels };

__attribute__((visibility("default"))) const struct qs_library *quantsweep_library(void);

const struct qs_library *quantsweep_library(void)
{
	return &library;
}
