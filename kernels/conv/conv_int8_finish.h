/* SPDX-License-Identifier: MIT
 *
 * What the kernels of codes by tiles share: which tasks they take, and what becomes of their sums.
 * Who includes this has defined vector_requantize.
 */
#ifndef QS_CONV_INT8_FINISH_H
#define QS_CONV_INT8_FINISH_H

#include "conv_tiles.h"

static void tiles_finish(const struct conv_tiles *p, const struct conv_block *block, void *y)
{
	const struct qs_task *task = &p->task;
	const int64_t at = block->row * task->y.stride + block->column;

	if (task->y.type == QS_S32) {
		for (int64_t i = 0; i < block->rows; i++)
			memcpy((int32_t *)y + at + i * task->y.stride,
			       block->sums + i * block->width,
			       (size_t)block->columns * sizeof *block->sums);
		return;
	}
	const struct requantize_block codes = {
		.sums = block->sums, .y = (uint8_t *)y + at, .sum_stride = block->width,
		.y_stride = task->y.stride, .rows = block->rows, .columns = block->columns,
		.column = block->column,
	};

	vector_requantize(&p->epilogue.requantize, &codes, task->y.type == QS_S8);
}

static const char *refuse_tensor(const struct qs_task *task)
{
	const char *reason = conv_int8_refuse_tensor(task);

	return reason || conv_is_gemm(task->conv) ? reason : rows_refuse(task->conv);
}

static const char *refuse_channel(const struct qs_task *task)
{
	const char *reason = conv_int8_refuse_channel(task);

	return reason || conv_is_gemm(task->conv) ? reason : rows_refuse(task->conv);
}

#endif
