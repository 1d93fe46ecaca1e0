/* SPDX-License-Identifier: MIT
 *
 * Depthwise convolutions of 8-bit codes, for all vector lengths.  Who includes this has defined
 * what conv_depthwise_run.h asks for but for what stands here, and
 *
 *         weight                  what a word holds WORD_ROWS of: int8_t or int16_t
 *         WEIGHT_LEAST, WEIGHT_MOST        its range
 *         WEIGHT_COPIES           so many weights add up to any difference of two codes of w
 *         IS_CENTERED             words hold codes of a less their zero point, else codes as u8
 *         vector_requantize(c, block, is_signed)
 *         DEPTHWISE_DIRECT        1: the mode float is done without sums being put down
 *
 * Weights with zero points are differences of 9 bits.  Where a weight has 8, its taps come several
 * times, with weights that add up to the difference: rare, and nothing else has to know of it.
 */
#ifndef QS_CONV_INT8_DEPTHWISE_H
#define QS_CONV_INT8_DEPTHWISE_H

#include "conv_int8.h"

struct depthwise_epilogue {
	struct requantize_columns requantize;
	float *scale;           /* [columns] in the order of a strip's sums              */
	bool is_plain;          /* mode float, ties to even, scales below 1, no clamp: packing
	                           saturates, and no value leaves s32                    */
};

#include "conv_depthwise.h"

static inline enum depthwise_codes depthwise_as_codes(const struct depthwise *p)
{
	if (!p->epilogue.is_plain)
		return NO_CODES;
	return p->task.y.type == QS_S8 ? CODES_S8 : CODES_U8;
}

#if DEPTHWISE_DIRECT
#include "conv_int8_depthwise_512.h"
#endif

#include "conv_depthwise_run.h"

static void depthwise_finish(const struct depthwise *p, const struct depthwise_block *block,
			     void *y)
{
	const struct qs_task *task = &p->task;
	const int64_t at = block->row * task->y.stride + block->column;
	const int64_t stride = p->cut.block * task->y.stride;

	if (task->y.type == QS_S32) {
		for (int64_t i = 0; i < block->rows; i++)
			memcpy((int32_t *)y + at + i * stride, block->sums + i * STRIP,
			       (size_t)block->columns * sizeof *block->sums);
		return;
	}
	const struct requantize_block codes = {
		.sums = block->sums, .y = (uint8_t *)y + at, .sum_stride = STRIP,
		.y_stride = stride, .rows = block->rows, .columns = block->columns,
		.column = block->column,
	};

	vector_requantize(&p->epilogue.requantize, &codes, task->y.type == QS_S8);
}

/* The words of one tap of all copies: what is left of each difference goes to the next copy. */
static void depthwise_pack_tap(struct depthwise *p, const int8_t *w, int64_t row, int64_t j,
			       int64_t copies)
{
	const struct qs_conv *c = &p->conv;
	const int64_t taps = p->cut.row_words * c->kernel_w;

	for (int64_t line = 0; line < p->cut.lines; line++)
		for (int64_t column = 0; column < p->cut.block * c->channels; column++)
			for (int i = 0; i < WORD_ROWS; i++) {
				const int64_t channel = column % c->channels;
				const int64_t from =
					depthwise_kernel_row(p, row * WORD_ROWS + i, line);
				int32_t rest = 0;

				if (from >= 0)
					rest = w[channel * p->task.w.stride + from * c->kernel_w +
						 j] -
					       gemm_zero(&p->task.w, channel);
				for (int64_t copy = 0; copy < copies; copy++) {
					const int32_t part = rest < WEIGHT_LEAST ? WEIGHT_LEAST
							     : rest > WEIGHT_MOST ? WEIGHT_MOST
										  : rest;
					char *to = depthwise_weight(
						p, copy * taps + row * c->kernel_w + j, line,
						column);

					((weight *)(void *)to)[i] = (weight)part;
					rest -= part;
				}
			}
}

static bool depthwise_is_plain(const struct depthwise *p)
{
	const struct qs_task *task = &p->task;
	const int32_t least = task->y.type == QS_S8 ? INT8_MIN : 0;

	if (!DEPTHWISE_DIRECT || task->y.type == QS_S32 || task->round != QS_HALF_EVEN ||
	    task->requantize != QS_REQUANTIZE_FLOAT || task->low > least ||
	    task->high < least + UINT8_MAX)
		return false;
	for (int64_t i = 0; i < p->cut.block * p->conv.channels; i++)
		if (!(p->epilogue.requantize.scale[i] < 1))
			return false;
	return true;
}

static bool depthwise_has_zero(const struct qs_task *task)
{
	for (int64_t i = 0; task->w.zero && i < task->w.scales; i++)
		if (task->w.zero[i])
			return true;
	return false;
}

/* Where sums begin, and scales, for the columns of a block.  false: *reason, or no memory. */
static bool depthwise_columns(struct depthwise *p, const int8_t *w, const char **reason)
{
	const int64_t channels = p->conv.channels, columns = p->cut.block * channels;
	int32_t *memory = gemm_allocate(0, (size_t)channels, INT8_COLUMNS * sizeof *memory);
	float *scales = gemm_allocate(0, (size_t)columns, sizeof *scales);
	struct qs_task task = p->task;

	if (memory && scales) {
		const struct int8_columns c =
			int8_columns_make(&p->task, w, memory, (size_t)channels);

		for (int64_t i = 0; i < columns; i++)
			p->begin[depthwise_lane(p, i)] =
				IS_CENTERED ? task.bias ? (int32_t)task.bias[i % channels] : 0
					    : c.start[i % channels];
		for (int64_t i = 0; task.w.scale && i < columns; i++)
			scales[i] = task.w.scale[task.w.per == QS_PER_ROW ? i % channels : 0];
		task.w.scale = scales;
		task.w.per = QS_PER_ROW;
		if (task.y.type != QS_S32)
			*reason = requantize_columns_make(&p->epilogue.requantize, p->memory, &task,
							  columns);
		for (int64_t i = 0; task.y.type != QS_S32 && i < columns; i++)
			p->epilogue.scale[depthwise_lane(p, i)] = p->epilogue.requantize.scale[i];
	}
	const bool done = memory && scales && !*reason;

	free(memory);
	free(scales);
	return done;
}

static void *conv_prepare(const struct qs_task *task, const void *w, size_t *bytes,
			  const char **reason)
{
	const int64_t copies = depthwise_has_zero(task) ? WEIGHT_COPIES : 1;
	struct depthwise cut = { .task = *task, .conv = *task->conv, .cut = depthwise_cut(task) };
	const size_t strips = requantize_columns_bytes(cut.cut.columns) + STRIP * sizeof(float);
	const size_t scales = strips + (size_t)cut.cut.columns * sizeof(float);
	struct depthwise *p;
	size_t room;

	cut.taps = copies * cut.cut.row_words * cut.conv.kernel_w;
	*reason = int8_prove(task, w);
	if (*reason || !depthwise_room(&cut, &room))
		return NULL;
	p = gemm_allocate(sizeof *p + scales, 1, room);
	if (!p)
		return NULL;
	*p = cut;
	p->epilogue.scale = (float *)(void *)(p->memory + strips);
	depthwise_planes(p, DEPTHWISE_DIRECT && p->conv.channels % LANE == 0);
	depthwise_place(p, p->memory + scales, copies);
	memset(p->outside, gemm_zero(&task->a, 0), (size_t)p->cut.phase);
	if (!depthwise_columns(p, w, reason)) {
		free(p);
		return NULL;
	}
	p->epilogue.is_plain = depthwise_is_plain(p);
	for (int64_t row = 0; row < p->cut.row_words; row++)
		for (int64_t j = 0; j < p->conv.kernel_w; j++)
			depthwise_pack_tap(p, w, row, j, copies);
	*bytes = (size_t)(p->taps * p->cut.lines * p->cut.columns * 4);
	return p;
}

static int64_t conv_units(const void *prepared)
{
	return depthwise_units(prepared);
}

static int conv_run(const void *prepared, const void *a, void *y, int64_t first, int64_t last)
{
	for (int64_t i = first; i < last; i++)
		depthwise_run_unit(prepared, a, y, i);
	return 0;
}

static void conv_release(void *prepared)
{
	free(prepared);
}

static const char *refuse_tensor(const struct qs_task *task)
{
	const char *reason = conv_int8_refuse_tensor(task);

	return reason ? reason : depthwise_refuse(task);
}

static const char *refuse_channel(const struct qs_task *task)
{
	const char *reason = conv_int8_refuse_channel(task);

	return reason ? reason : depthwise_refuse(task);
}

#endif
