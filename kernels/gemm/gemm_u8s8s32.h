/* SPDX-License-Identifier: MIT
 *
 * Sums of products of codes, u8 by s8 in s32, exact:
 *
 *         y[m][n] = sum over k of (a[m][k] - zero_a) * (w[n][k] - zero_w) + bias[n]
 *
 * a's zero point is one for the tensor or one a row, w's one or one a channel.  No output can
 * leave s32: prepare proves sum over k of max|a - zero_a| * |w - zero_w| + |bias| <= 2^31 - 1 for
 * each, or refuses.  So every partial sum in any order is right modulo 2^32, which is all that a
 * kernel needs.
 */
#ifndef QS_GEMM_U8S8S32_H
#define QS_GEMM_U8S8S32_H

#include "gemm.h"

static inline const char *gemm_u8s8s32_refuse(const struct qs_task *task)
{
	const char *reason = gemm_refuse(task, false);

	if (!reason)
		reason = gemm_refuse_zero(&task->a, task->m, 0, UINT8_MAX);
	if (!reason)
		reason = gemm_refuse_zero(&task->w, task->n, INT8_MIN, INT8_MAX);
	return reason;
}

/* The proof.  NULL, or the reason; one pass over w.  With k < 2^31 nothing here leaves s64. */
static inline const char *gemm_u8s8s32_prove(const struct qs_task *task, const int8_t *w)
{
	int64_t largest = task->a.zero ? 0 : UINT8_MAX;

	for (int64_t i = 0; task->a.zero && i < task->a.scales; i++) {
		const int32_t zero = task->a.zero[i];
		const int32_t most = zero > UINT8_MAX - zero ? zero : UINT8_MAX - zero;

		largest = most > largest ? most : largest;
	}
	for (int64_t j = 0; j < task->n; j++) {
		const int32_t zero = gemm_zero(&task->w, j);
		const int64_t bias = task->bias ? task->bias[j] : 0;
		int64_t sum = 0;

		for (int64_t k = 0; k < task->k; k++)
			sum += abs(w[j * task->w.stride + k] - zero);
		if (bias < -INT32_MAX || bias > INT32_MAX ||
		    sum * largest + (bias < 0 ? -bias : bias) > INT32_MAX)
			return "a sum of products might leave s32";
	}
	return NULL;
}

#endif
