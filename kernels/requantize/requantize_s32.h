/* SPDX-License-Identifier: MIT
 *
 * Sums to codes as an operation of its own:
 *
 *         y[m][k] = qs_requantize_code of a[m][k]; one unit of it is a.scale / y.scale steps
 *
 * a is s32 without a zero point, its scale one for the tensor or, in the kernels named _channel,
 * one a column; y is s8 or u8 with one scale and one zero point.
 */
#ifndef QS_REQUANTIZE_S32_H
#define QS_REQUANTIZE_S32_H

#include "../requantize_columns.h"

#include <stdlib.h>

/* A unit has at most about so many sums: some whole rows or a piece of one; and no fewer than so
 * many so that each thread has one. */
enum { REQUANTIZE_PIECE = 16384, REQUANTIZE_PIECE_LEAST = 1024, REQUANTIZE_ROWS = 256 };

struct requantize_s32 {
	struct qs_task task;
	struct requantize_columns columns;
	int64_t width;          /* of a piece of a row                                   */
	int64_t rows, pieces;   /* of a unit; of a row                                   */
};

/* Where a unit lies, in elements. */
struct requantize_unit {
	int64_t row, rows, column, columns;
};

static inline const char *requantize_s32_refuse(const struct qs_task *task, enum qs_per per)
{
	const struct qs_operand *a = &task->a;

	if (task->m < 1 || task->k < 1 || a->stride < task->k || task->y.stride < task->k)
		return "a size under 1 or a stride shorter than a row";
	if (task->k > INT32_MAX)
		return "a row of more than 2^31 - 1 sums";
	if (a->per != per || a->scales != (per == QS_PER_COLUMN ? task->k : 1))
		return "scales of another granularity than the kernel's name says";
	for (int64_t i = 0; a->zero && i < a->scales; i++)
		if (a->zero[i])
			return "a zero point of sums";
	return requantize_columns_refuse(task);
}

static inline const char *requantize_s32_refuse_tensor(const struct qs_task *task)
{
	return requantize_s32_refuse(task, QS_PER_TENSOR);
}

static inline const char *requantize_s32_refuse_channel(const struct qs_task *task)
{
	return requantize_s32_refuse(task, QS_PER_COLUMN);
}

static inline int64_t requantize_s32_piece(const struct qs_task *task)
{
	int64_t piece = REQUANTIZE_PIECE;

	while (piece > REQUANTIZE_PIECE_LEAST && task->m < task->threads * piece / task->k)
		piece /= 2;
	return piece;
}

/* For the SIMD kernels. */
static inline void *requantize_s32_prepare(const struct qs_task *task, const void *w, size_t *bytes,
					   const char **reason)
{
	const int64_t scales = task->a.per == QS_PER_COLUMN ? task->k : 1;
	const int64_t piece = requantize_s32_piece(task);
	const size_t head = (sizeof(struct requantize_s32) + 63) / 64 * 64;
	struct requantize_s32 *p = aligned_alloc(64, head + requantize_columns_bytes(scales));

	(void)w;
	*reason = NULL;
	if (!p)
		return NULL;
	*reason = requantize_columns_make(&p->columns, (char *)p + head, task, scales);
	if (*reason) {
		free(p);
		return NULL;
	}
	p->task = *task;
	p->width = task->k < piece ? task->k : piece;
	p->pieces = (task->k + p->width - 1) / p->width;
	p->rows = piece / p->width;
	if (p->rows > REQUANTIZE_ROWS)
		p->rows = REQUANTIZE_ROWS;
	*bytes = 0;
	return p;
}

static inline int64_t requantize_s32_units(const void *prepared)
{
	const struct requantize_s32 *p = prepared;

	return (p->task.m + p->rows - 1) / p->rows * p->pieces;
}

/* The body of a SIMD kernel's run; BLOCK is requantize_block_avx2 or requantize_block_avx512.
 * Scales per tensor are laid out for one strip: each 64 sums of a row then are a row of their
 * own. */
typedef void requantize_s32_block(const struct requantize_columns *c,
				  const struct requantize_block *block, bool is_signed);

INLINE void requantize_s32_tensor(const struct requantize_s32 *p,
				  const struct requantize_block *block, bool is_signed,
				  requantize_s32_block *run_block)
{
	for (int64_t row = 0; row < block->rows; row++) {
		const int64_t strips = block->columns / REQUANTIZE_STRIP;
		const int64_t rest = block->columns % REQUANTIZE_STRIP;
		struct requantize_block part = {
			.sums = block->sums + row * block->sum_stride,
			.y = block->y + row * block->y_stride,
			.sum_stride = REQUANTIZE_STRIP, .y_stride = REQUANTIZE_STRIP,
			.rows = strips, .columns = REQUANTIZE_STRIP,
		};

		run_block(&p->columns, &part, is_signed);
		part.sums += strips * REQUANTIZE_STRIP;
		part.y += strips * REQUANTIZE_STRIP;
		part.rows = 1;
		part.columns = rest;
		run_block(&p->columns, &part, is_signed);
	}
}

INLINE int requantize_s32_run(const void *prepared, const void *a, void *y, int64_t first,
			      int64_t last, requantize_s32_block *run_block)
{
	const struct requantize_s32 *p = prepared;
	const struct qs_task *task = &p->task;
	const bool is_signed = task->y.type == QS_S8;

	for (int64_t unit = first; unit < last; unit++) {
		const int64_t row = unit / p->pieces * p->rows;
		const int64_t from = unit % p->pieces * p->width;
		const int64_t rows = task->m - row, columns = task->k - from;
		const struct requantize_block block = {
			.sums = (const int32_t *)a + row * task->a.stride + from,
			.y = (uint8_t *)y + row * task->y.stride + from,
			.sum_stride = task->a.stride, .y_stride = task->y.stride,
			.rows = rows < p->rows ? rows : p->rows,
			.columns = columns < p->width ? columns : p->width, .column = from,
		};

		if (task->a.per == QS_PER_COLUMN)
			run_block(&p->columns, &block, is_signed);
		else
			requantize_s32_tensor(p, &block, is_signed, run_block);
	}
	return 0;
}

/* The four kernels of one file, which has prepare(), units(), run() and memory that free()
 * releases; the rest are fields of struct qs_kernel. */
#define REQUANTIZE_KERNEL(types, isa, y_type, refuse_task, ...)                                    \
	const struct qs_kernel requantize_##types##__##isa = {                                     \
		.name = "requantize_" #types "__" #isa, .op = QS_REQUANTIZE, .a = QS_S32,          \
		.y = y_type, .refuse = refuse_task, .run = run, .release = free, __VA_ARGS__       \
	};

#define REQUANTIZE_KERNELS(isa, ...)                                                               \
	REQUANTIZE_KERNEL(s32s8, isa, QS_S8, requantize_s32_refuse_tensor, __VA_ARGS__)            \
	REQUANTIZE_KERNEL(s32u8, isa, QS_U8, requantize_s32_refuse_tensor, __VA_ARGS__)            \
	REQUANTIZE_KERNEL(s32s8_channel, isa, QS_S8, requantize_s32_refuse_channel, __VA_ARGS__)   \
	REQUANTIZE_KERNEL(s32u8_channel, isa, QS_U8, requantize_s32_refuse_channel, __VA_ARGS__)

#endif
