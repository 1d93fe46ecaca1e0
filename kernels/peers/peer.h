/* SPDX-License-Identifier: MIT
 *
 * What the adapters to other people's libraries share: how a task is cut into units, and the
 * refusals and sums that hang on no library.
 *
 * A library makes no threads here.  prepare cuts the task into as many pieces as threads will
 * share them, by rows, or by columns where there are fewer rows than threads; each piece is a
 * primitive or an operator of its own, a unit of the task.
 */
#ifndef QS_PEER_H
#define QS_PEER_H

#include "../conv_sizes.h"
#include "../requantize.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* What a float gemm of any order of sums may claim, of the largest result.  k * 2^-24 bounds it
 * where a result is as large as the sum of its products' magnitudes; most are far less. */
#define PEER_FLOAT_CLAIM 1e-4

struct peer_cut {
	int64_t count;          /* of pieces                                             */
	int64_t rows, columns;  /* of each but the last                                  */
	bool by_columns;
};

/* Of an element of the types that peers have. */
static inline int64_t peer_bytes(enum qs_type type)
{
	return type == QS_F32 || type == QS_S32 ? 4 : 1;
}

struct peer_piece {
	int64_t row, rows, column, columns;
};

static inline int64_t peer_ceil(int64_t a, int64_t b)
{
	return (a + b - 1) / b;
}

/* Columns are cut at multiples of 64 (a cache line of codes, a tile of most kernels). */
static inline struct peer_cut peer_cut(const struct qs_task *task, int64_t columns)
{
	struct peer_cut cut = { .rows = task->m, .columns = columns,
				.by_columns = task->m < task->threads };

	if (cut.by_columns)
		cut.columns = peer_ceil(peer_ceil(columns, task->threads), 64) * 64;
	else
		cut.rows = peer_ceil(task->m, task->threads);
	cut.count = cut.by_columns ? peer_ceil(columns, cut.columns) : peer_ceil(task->m, cut.rows);
	return cut;
}

static inline struct peer_piece peer_piece(const struct peer_cut *cut, const struct qs_task *task,
					   int64_t columns, int64_t index)
{
	struct peer_piece piece = { .rows = task->m, .columns = columns };

	if (cut->by_columns) {
		piece.column = index * cut->columns;
		piece.columns = columns - piece.column < cut->columns ? columns - piece.column
								      : cut->columns;
	} else {
		piece.row = index * cut->rows;
		piece.rows = task->m - piece.row < cut->rows ? task->m - piece.row : cut->rows;
	}
	return piece;
}

static inline const char *peer_refuse_sizes(const struct qs_task *task)
{
	const bool product = task->op == QS_GEMM;

	if (task->m < 1 || task->n < 1 || task->k < 1 || task->threads < 1)
		return "a size under 1";
	if (task->m > INT32_MAX || task->n > INT32_MAX || task->k > INT32_MAX)
		return "a size above 2^31 - 1";
	if (task->a.stride < task->k || task->y.stride < (product ? task->n : task->k) ||
	    (product && task->w.stride < task->k))
		return "a stride shorter than a row";
	return NULL;
}

static inline const char *peer_refuse_conv(const struct qs_task *task)
{
	int64_t m, n, k;

	if (!task->conv || !conv_sizes(task->conv, &m, &n, &k))
		return "no convolution has these sizes";
	if (task->m != m || task->n != n || task->k != k || task->threads < 1)
		return "m, n and k are not those of the convolution";
	return task->a.stride < task->conv->channels || task->y.stride < n || task->w.stride < k
		       ? "a stride shorter than a row"
		       : NULL;
}

/* The one zero point of an operand; false: its rows or columns have several. */
static inline bool peer_zero(const struct qs_operand *operand, int32_t *zero)
{
	*zero = operand->zero ? operand->zero[0] : 0;
	for (int64_t i = 1; operand->zero && i < operand->scales; i++)
		if (operand->zero[i] != *zero)
			return false;
	return true;
}

/* The real scale of column j: one unit of a sum in steps of y, as kernel.h defines it. */
static inline double peer_scale(const struct qs_task *task, int64_t column)
{
	return (double)task->a.scale[0] *
	       (double)task->w.scale[task->w.per == QS_PER_ROW ? column : 0] /
	       (double)task->y.scale[0];
}

/* A requantized gemm: what no peer does. */
static inline const char *peer_refuse_requantized(const struct qs_task *task)
{
	int32_t zero;

	if (task->requantize != QS_REQUANTIZE_FLOAT || task->round != QS_HALF_EVEN)
		return "it requantizes by a float scale, ties to even, alone";
	if (!peer_zero(&task->a, &zero) || !peer_zero(&task->y, &zero))
		return "one zero point a tensor alone";
	if (task->a.per != QS_PER_TENSOR || task->y.per != QS_PER_TENSOR)
		return "one scale for activations and one for results alone";
	return task->low > task->high ? "an empty clamp" : NULL;
}

#endif
