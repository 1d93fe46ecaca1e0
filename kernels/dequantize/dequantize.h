/* SPDX-License-Identifier: MIT
 *
 * What all dequantize kernels share: which tasks they take and how rows become units.  A kernel
 * adds one function, values of `count` neighbours under one scale.
 *
 *         y[m][k] = (float)(a[m][k] - zero) * scale, a.scales being 1 (tensor) or m (one a row)
 */
#ifndef QS_DEQUANTIZE_H
#define QS_DEQUANTIZE_H

#include "../affine.h"

#include <stdlib.h>

/* A unit is at most this many neighbours of one row. */
enum { DEQUANTIZE_PIECE = 16384 };

struct dequantize {
	struct qs_task task;
	int64_t pieces;         /* of a row                                              */
};

/* Writes the values of `count` one-byte codes. */
typedef void dequantize_values(float *y, const uint8_t *codes, int64_t count, float scale,
			       int32_t zero);

static inline const char *dequantize_refuse(const struct qs_task *task, int32_t least,
					    int32_t most)
{
	const struct qs_operand *a = &task->a;

	if (task->m < 1 || task->k < 1 || a->stride < task->k || task->y.stride < task->k)
		return "a size under 1 or a stride shorter than a row";
	if (a->per > QS_PER_ROW || !a->scale)
		return "only one scale, or one a row";
	for (int64_t i = 0; a->zero && i < a->scales; i++)
		if (a->zero[i] < least || a->zero[i] > most)
			return "a zero point outside the code range";
	return NULL;
}

static inline const char *dequantize_refuse_u8(const struct qs_task *task)
{
	return dequantize_refuse(task, 0, UINT8_MAX);
}

static inline const char *dequantize_refuse_s8(const struct qs_task *task)
{
	return dequantize_refuse(task, INT8_MIN, INT8_MAX);
}

static inline void *dequantize_prepare(const struct qs_task *task, const void *w, size_t *bytes,
				       const char **reason)
{
	struct dequantize *dequantize = malloc(sizeof *dequantize);

	(void)w;
	*reason = NULL;
	if (!dequantize)
		return NULL;
	dequantize->task = *task;
	dequantize->pieces = (task->k + DEQUANTIZE_PIECE - 1) / DEQUANTIZE_PIECE;
	*bytes = 0;
	return dequantize;
}

static inline int64_t dequantize_units(const void *prepared)
{
	const struct dequantize *dequantize = prepared;

	return dequantize->task.m * dequantize->pieces;
}

/* The body of every run: `values` inlines. */
static inline __attribute__((always_inline)) int
dequantize_run(const void *prepared, const void *a, void *y, int64_t first, int64_t last,
	       dequantize_values *values)
{
	const struct dequantize *dequantize = prepared;
	const struct qs_task *task = &dequantize->task;

	for (int64_t unit = first; unit < last; unit++) {
		const int64_t row = unit / dequantize->pieces;
		const int64_t from = unit % dequantize->pieces * DEQUANTIZE_PIECE;
		const int64_t left = task->k - from;
		const int64_t at = task->a.per == QS_PER_ROW ? row : 0;

		values((float *)y + row * task->y.stride + from,
		       (const uint8_t *)a + row * task->a.stride + from,
		       left < DEQUANTIZE_PIECE ? left : DEQUANTIZE_PIECE, task->a.scale[at],
		       task->a.zero ? task->a.zero[at] : 0);
	}
	return 0;
}

#endif
