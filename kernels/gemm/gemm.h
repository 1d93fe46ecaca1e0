/* SPDX-License-Identifier: MIT
 *
 * What all gemm kernels share: y[m][n] = sum over k of a[m][k] * w[n][k] + bias[n].
 */
#ifndef QS_GEMM_H
#define QS_GEMM_H

#include "../inline.h"
#include "../kernel.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Sizes and strides that no gemm of ours takes. */
static inline const char *gemm_refuse_sizes(const struct qs_task *task)
{
	if (task->m < 1 || task->n < 1 || task->k < 1)
		return "a size under 1";
	if (task->m > INT32_MAX || task->n > INT32_MAX || task->k > INT32_MAX)
		return "a size above 2^31 - 1";
	if (task->a.stride < task->k || task->w.stride < task->k || task->y.stride < task->n)
		return "a stride shorter than a row";
	return NULL;
}

/* The same, groups, a scaled result and a bias of the wrong kind; `floats`: the result is. */
static inline const char *gemm_refuse(const struct qs_task *task, bool floats)
{
	const char *reason = gemm_refuse_sizes(task);

	if (reason)
		return reason;
	if (task->a.per > QS_PER_ROW || task->w.per > QS_PER_ROW || task->y.scale)
		return "groups or a scaled result";
	if (floats ? task->bias != NULL : task->bias_f32 != NULL)
		return "a bias of the other kind";
	return NULL;
}

/* A zero point: one for the tensor, or one for each row of it; none is 0. */
static inline const char *gemm_refuse_zero(const struct qs_operand *operand, int64_t rows,
					   int32_t least, int32_t most)
{
	if (!operand->zero)
		return NULL;
	if (operand->per > QS_PER_ROW ||
	    operand->scales != (operand->per == QS_PER_ROW ? rows : 1))
		return "only one zero point, or one a row";
	for (int64_t i = 0; i < operand->scales; i++)
		if (operand->zero[i] < least || operand->zero[i] > most)
			return "a zero point outside the code range";
	return NULL;
}

static inline int32_t gemm_zero(const struct qs_operand *operand, int64_t row)
{
	return operand->zero ? operand->zero[operand->per == QS_PER_ROW ? row : 0] : 0;
}

#endif
