/* SPDX-License-Identifier: MIT
 *
 * What all quantize kernels share: which tasks they take and how rows become units.  A kernel adds
 * one function, codes of `count` neighbours under one scale.
 *
 *         y[m][k] = code of a[m][k] by affine.h, y.scales being 1 (tensor) or m (one a row)
 */
#ifndef QS_QUANTIZE_H
#define QS_QUANTIZE_H

#include "../affine.h"

#include <stdbool.h>
#include <stdlib.h>

/* A unit is at most this many neighbours of one row: large enough to hide the call, small enough
 * that a single long row splits. */
enum { QUANTIZE_PIECE = 16384 };

struct quantize {
	struct qs_task task;
	int64_t pieces;         /* of a row                                              */
};

struct quantize_map {           /* one scale's affine map                                */
	float scale;
	int32_t zero, low, high;
	enum qs_round round;
};

/* Writes the `count` one-byte codes of x. */
typedef void quantize_codes(uint8_t *y, const float *x, int64_t count,
			    const struct quantize_map *map);

static inline const char *quantize_refuse(const struct qs_task *task, int32_t least, int32_t most)
{
	const struct qs_operand *y = &task->y;

	if (task->m < 1 || task->k < 1 || task->a.stride < task->k || y->stride < task->k)
		return "a size under 1 or a stride shorter than a row";
	if (y->per > QS_PER_ROW || !y->scale)
		return "only one scale, or one a row";
	if (task->low < least || task->high > most || task->low > task->high)
		return "a clamp outside the code range";
	if ((unsigned)task->round >= QS_ROUNDS)
		return "an unknown rounding";
	for (int64_t i = 0; y->zero && i < y->scales; i++)
		if (y->zero[i] < least || y->zero[i] > most)
			return "a zero point outside the code range";
	return NULL;
}

static inline const char *quantize_refuse_u8(const struct qs_task *task)
{
	return quantize_refuse(task, 0, UINT8_MAX);
}

static inline const char *quantize_refuse_s8(const struct qs_task *task)
{
	return quantize_refuse(task, INT8_MIN, INT8_MAX);
}

static inline void *quantize_prepare(const struct qs_task *task, const void *w, size_t *bytes,
				     const char **reason)
{
	struct quantize *quantize = malloc(sizeof *quantize);

	(void)w;
	*reason = NULL;
	if (!quantize)
		return NULL;
	quantize->task = *task;
	quantize->pieces = (task->k + QUANTIZE_PIECE - 1) / QUANTIZE_PIECE;
	*bytes = 0;
	return quantize;
}

static inline int64_t quantize_units(const void *prepared)
{
	const struct quantize *quantize = prepared;

	return quantize->task.m * quantize->pieces;
}

/* The body of every run: `codes` inlines. */
static inline __attribute__((always_inline)) int
quantize_run(const void *prepared, const void *a, void *y, int64_t first, int64_t last,
	     quantize_codes *codes)
{
	const struct quantize *quantize = prepared;
	const struct qs_task *task = &quantize->task;

	for (int64_t unit = first; unit < last; unit++) {
		const int64_t row = unit / quantize->pieces;
		const int64_t from = unit % quantize->pieces * QUANTIZE_PIECE;
		const int64_t left = task->k - from;
		const int64_t at = task->y.per == QS_PER_ROW ? row : 0;
		const struct quantize_map map = {
			.scale = task->y.scale[at],
			.zero = task->y.zero ? task->y.zero[at] : 0,
			.low = task->low, .high = task->high, .round = task->round,
		};

		codes((uint8_t *)y + row * task->y.stride + from,
		      (const float *)a + row * task->a.stride + from,
		      left < QUANTIZE_PIECE ? left : QUANTIZE_PIECE, &map);
	}
	return 0;
}

#endif
