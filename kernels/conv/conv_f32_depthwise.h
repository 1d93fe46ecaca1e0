/* SPDX-License-Identifier: MIT
 *
 * Depthwise convolutions of floats, for all vector lengths: a word is one element, and each lane
 * one chain over kernel_h and kernel_w ascending.  Who includes this has defined vector,
 * vector_load, vector_store, vector_dot and BLOCKS.
 */
#ifndef QS_CONV_F32_DEPTHWISE_H
#define QS_CONV_F32_DEPTHWISE_H

#include "conv_f32.h"

typedef float element_of_a;

/* a tap of weight 0 is no tap of a float's chain: one line has its rows to itself */
enum { WORD_ROWS = 1, LINES_MOST = 1 };

#define DEPTHWISE_DIRECT 0

struct depthwise_epilogue {
	float *bias;            /* [columns] of a block; NULL: none                      */
};

#include "conv_depthwise.h"

static inline enum depthwise_codes depthwise_as_codes(const struct depthwise *p)
{
	(void)p;
	return NO_CODES;
}

#include "conv_depthwise_run.h"

static inline void words_fill(const struct depthwise *p, char *words, int64_t at,
			      const element_of_a *const rows[1], int64_t count)
{
	memcpy(words + at * p->unit, rows[0], (size_t)count * sizeof(float));
}

static void depthwise_finish(const struct depthwise *p, const struct depthwise_block *block,
			     void *y)
{
	const int64_t stride = p->cut.block * p->task.y.stride;
	float *out = (float *)y + block->row * p->task.y.stride + block->column;
	const int32_t *sums = block->sums;

	for (int64_t i = 0; i < block->rows; i++, out += stride, sums += STRIP)
		for (int64_t at = 0; at < block->columns; at += LANES_OF) {
			const int64_t left = block->columns - at;
			vector sum = vector_load(sums + at);

			if (p->epilogue.bias)
				sum += vector_load(p->epilogue.bias + block->column + at);
			if (left >= LANES_OF)
				vector_store(out + at, sum);
			else
				memcpy(out + at, &sum, (size_t)left * sizeof(float));
		}
}

static void depthwise_pack(struct depthwise *p, const float *w)
{
	const struct qs_conv *c = &p->conv;

	for (int64_t tap = 0; tap < p->taps; tap++)
		for (int64_t column = 0; column < p->cut.block * c->channels; column++)
			memcpy(depthwise_weight(p, tap, 0, column),
			       w + column % c->channels * p->task.w.stride + tap, sizeof *w);
}

static void *prepare(const struct qs_task *task, const void *w, size_t *bytes,
		     const char **reason)
{
	struct depthwise cut = { .task = *task, .conv = *task->conv, .cut = depthwise_cut(task) };
	const size_t biases = (size_t)cut.cut.columns * sizeof(float);
	struct depthwise *p;
	size_t room;

	*reason = NULL;
	cut.taps = cut.cut.row_words * cut.conv.kernel_w;
	if (!depthwise_room(&cut, &room))
		return NULL;
	p = gemm_allocate(sizeof *p + biases, 1, room);
	if (!p)
		return NULL;
	*p = cut;
	depthwise_planes(p, false);
	depthwise_place(p, p->memory + biases, 1);
	if (task->bias_f32) {
		p->epilogue.bias = (float *)(void *)p->memory;
		for (int64_t i = 0; i < p->cut.block * p->conv.channels; i++)
			p->epilogue.bias[i] = task->bias_f32[i % p->conv.channels];
	}
	depthwise_pack(p, w);
	*bytes = (size_t)(p->taps * p->cut.columns * 4);
	return p;
}

static int64_t units(const void *prepared)
{
	return depthwise_units(prepared);
}

static int run(const void *prepared, const void *a, void *y, int64_t first, int64_t last)
{
	for (int64_t i = first; i < last; i++)
		depthwise_run_unit(prepared, a, y, i);
	return 0;
}

static const char *refuse(const struct qs_task *task)
{
	const char *reason = conv_f32_refuse(task);

	return reason ? reason : depthwise_refuse(task);
}

#define CONV_F32_DEPTHWISE(isa, ...)                                                         \
	const struct qs_kernel conv2d_f32f32f32__##isa = {                                   \
		.name = "conv2d_f32f32f32__" #isa,                                           \
		.op = QS_CONV2D, .a = QS_F32, .w = QS_F32, .y = QS_F32,                      \
		.refuse = refuse, .prepare = prepare, .units = units, .run = run,            \
		.release = free, __VA_ARGS__                                                 \
	};

#endif
