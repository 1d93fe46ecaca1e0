/* SPDX-License-Identifier: MIT
 *
 * What the routes without VNNI share: the prepared task, and what becomes of a block of sums.
 */
#ifndef QS_INT8_FINISH_H
#define QS_INT8_FINISH_H

#include "int8_clipped.h"
#include "int8_words.h"

struct prepared {
	struct qs_task task;
	bool as_words;
	struct words words;
	struct bytes bytes;
	struct requantize_columns requantize;
	_Alignas(GEMM_LINE) uint8_t memory[]; /* of the route, then of requantize        */
};

struct sums {                   /* of rows and columns from these on                     */
	const int32_t *sums;
	int64_t width, row, rows, column;
};

static void finish(const struct prepared *p, const struct sums *sums, void *y)
{
	const struct qs_task *task = &p->task;
	const int64_t left = task->n - sums->column;
	const int64_t at = sums->row * task->y.stride + sums->column;
	const struct requantize_block block = {
		.sums = sums->sums, .sum_stride = sums->width,
		.y = (uint8_t *)y + at, .y_stride = task->y.stride, .rows = sums->rows,
		.columns = left < sums->width ? left : sums->width, .column = sums->column,
	};

	if (task->y.type == QS_S32)
		for (int64_t i = 0; i < sums->rows; i++)
			memcpy((int32_t *)y + at + i * task->y.stride, sums->sums + i * sums->width,
			       (size_t)block.columns * sizeof *sums->sums);
	else
		requantize(&p->requantize, &block, task->y.type == QS_S8);
}

#endif
