/* SPDX-License-Identifier: MIT
 *
 * Sums of products of codes, s16 by s8 in s64, exact:
 *
 *         y[m][n] = sum over k of (a[m][k] - zero_a) * (w[n][k] - zero_w) + bias[n]
 *
 * a's zero point is one for the tensor or one a row, w's one or one a channel.  With k < 2^31 the
 * sum over k is below 2^31 * 65535 * 255 < 2^55 on either side, so that nothing leaves s64 where
 * |bias| <= 2^62; prepare refuses a larger one.
 */
#ifndef QS_S16_H
#define QS_S16_H

#include "../gemm/gemm.h"

static inline const char *s16_refuse(const struct qs_task *task)
{
	const char *reason = gemm_refuse(task, false);

	if (!reason)
		reason = gemm_refuse_zero(&task->a, task->m, INT16_MIN, INT16_MAX);
	if (!reason)
		reason = gemm_refuse_zero(&task->w, task->n, INT8_MIN, INT8_MAX);
	return reason;
}

/* NULL, or why the biases are refused. */
static inline const char *s16_prove(const struct qs_task *task)
{
	const int64_t most = INT64_C(1) << 62;

	for (int64_t n = 0; task->bias && n < task->n; n++)
		if (task->bias[n] < -most || task->bias[n] > most)
			return "a sum of products might leave s64";
	return NULL;
}

/* The rest are fields of struct qs_kernel; the file has prepare(), units(), run() and memory that
 * free() releases. */
#define S16_KERNEL(isa, ...)                                                                       \
	const struct qs_kernel gemm_s16s8s64__##isa = { .name = "gemm_s16s8s64__" #isa,            \
							.op = QS_GEMM,                             \
							.a = QS_S16,                               \
							.w = QS_S8,                                \
							.y = QS_S64,                               \
							.refuse = s16_refuse,                      \
							.prepare = prepare,                        \
							.units = units,                            \
							.run = run,                                \
							.release = free,                           \
							__VA_ARGS__ };

#endif
