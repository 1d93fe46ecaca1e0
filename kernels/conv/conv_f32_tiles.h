/* SPDX-License-Identifier: MIT
 *
 * Float convolutions, for all vector lengths; one without patches is left to the gemm.  A tile runs
 * through all of k, so a chain never leaves its lane.  Who includes this has included the gemm's
 * own vectors and defined vector, vector_load, vector_store, vector_all(at), vector_dot,
 * TILE_VECTORS and TILE_1 to TILE_4.
 */
#ifndef QS_CONV_F32_TILES_H
#define QS_CONV_F32_TILES_H

#include "conv_f32.h"

typedef float element;
typedef float element_of_a;

enum { ELEMENTS = 1 };

struct conv_epilogue {
	const float *bias;      /* [n], and a vector of zeroes; NULL: none               */
};

#include "conv_tiles.h"

static inline void rows_copy(const struct conv_tiles *p, element *to, const element_of_a *from,
			     int64_t count)
{
	(void)p;
	memcpy(to, from, (size_t)count * sizeof *to);
}

static inline element rows_pad(const struct conv_tiles *p)
{
	(void)p;
	return 0;
}

static inline __attribute__((always_inline)) vector
tiles_begin(const struct conv_tiles *p, int64_t column, int32_t row_sum)
{
	(void)p;
	(void)column;
	(void)row_sum;
	return (vector){ 0 };
}

static inline const int32_t *tiles_row_sums(const struct conv_tiles *p, const element *rows,
					    const int32_t *at, int64_t count, int32_t *sums)
{
	(void)p;
	(void)rows;
	(void)at;
	(void)count;
	(void)sums;
	return NULL;
}

static void tiles_finish(const struct conv_tiles *p, const struct conv_block *block, void *y)
{
	const int64_t stride = p->task.y.stride, lanes = (int64_t)(sizeof(vector) / sizeof(float));
	const float *bias = p->epilogue.bias ? p->epilogue.bias + block->column : NULL;

	for (int64_t i = 0; i < block->rows; i++) {
		float *out = (float *)y + (block->row + i) * stride + block->column;

		for (int64_t at = 0; at < block->columns; at += lanes) {
			const int64_t left = block->columns - at;
			vector sum = vector_load(block->sums + i * block->width + at);

			if (bias)
				sum += vector_load(bias + at);
			if (left >= lanes)
				vector_store(out + at, sum);
			else
				memcpy(out + at, &sum, (size_t)left * sizeof(float));
		}
	}
}

#define vector_word vector_all

static int64_t units(const void *gemm)
{
	return gemm_f32_units(gemm);
}

#include "conv_tiles_kernel.h"

static void conv_pack(struct conv_tiles *p, const float *w)
{
	const int64_t run = p->task.k / p->rows.segments;

	for (int64_t o = 0; o < p->task.n; o++)
		for (int64_t s = 0; s < p->rows.segments; s++)
			for (int64_t k = 0; k < run; k++)
				memcpy(tiles_weights(p, o, s, k),
				       w + o * p->task.w.stride + s * run + k, sizeof(float));
}

static void *conv_prepare(const struct qs_task *task, const void *w, size_t *bytes,
			  const char **reason)
{
	const size_t n = (size_t)task->n, bias = (n + sizeof(vector)) * sizeof(float);
	struct conv_tiles cut = { .gemm = NULL }, *p;
	size_t packed;

	*reason = NULL;
	if (conv_is_gemm(task->conv))
		return conv_prepare_gemm(task, w, bytes, reason);
	if (!tiles_cut(&cut, task, &packed))
		return NULL;
	p = gemm_allocate(sizeof *p + bias, 1, packed);
	if (!p)
		return NULL;
	*p = cut;
	tiles_place(p, p->memory);
	if (task->bias_f32) {
		float *to = (float *)(void *)(p->memory + packed);

		memcpy(to, task->bias_f32, n * sizeof *to);
		p->epilogue.bias = to;
	}
	conv_pack(p, w);
	*bytes = p->vector_bytes * (size_t)(p->vectors * p->conv.groups);
	return p;
}

static const char *conv_refuse(const struct qs_task *task)
{
	const char *reason = conv_f32_refuse(task);

	return reason || conv_is_gemm(task->conv) ? reason : rows_refuse(task->conv);
}

#define CONV_F32_KERNEL(isa, ...)                                                            \
	const struct qs_kernel conv2d_f32f32f32__##isa = {                                   \
		.name = "conv2d_f32f32f32__" #isa,                                           \
		.op = QS_CONV2D, .a = QS_F32, .w = QS_F32, .y = QS_F32,                      \
		.refuse = conv_refuse, .prepare = conv_prepare, .units = conv_units,         \
		.run = conv_run, .release = conv_release, __VA_ARGS__                        \
	};

#endif
