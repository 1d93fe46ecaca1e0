/* SPDX-License-Identifier: MIT
 *
 * Convolutions of 8-bit codes by vpdpbusd, for all vector lengths.  The rows of a unit hold codes
 * as u8 (s8 with its sign bit flipped), so nothing is flipped in a tile.  One without patches is
 * left to the gemm.  Who includes this has included ../gemm_int8/int8_vnni.h with what that asks
 * for, and defined TILE_VECTORS and TILE_1 to TILE_4.
 */
#ifndef QS_CONV_INT8_VNNI_H
#define QS_CONV_INT8_VNNI_H

#include "conv_int8.h"

typedef uint8_t element;
typedef uint8_t element_of_a;

enum { ELEMENTS = 4 };

struct conv_epilogue {
	struct int8_columns columns;
	struct requantize_columns requantize;
};

#include "conv_tiles.h"

static inline void rows_copy(const struct conv_tiles *p, element *to, const element_of_a *from,
			     int64_t count)
{
	const uint8_t flip = int8_flip(&p->task);

	if (!flip)
		memcpy(to, from, (size_t)count);
	else
		for (int64_t i = 0; i < count; i++)
			to[i] = from[i] ^ 0x80;
}

static inline element rows_pad(const struct conv_tiles *p)
{
	return (element)int8_zero_a(&p->task, 0);
}

static inline vector vector_word(const element *at)
{
	int32_t word;

	memcpy(&word, at, sizeof word);
	return vector_set(word);
}

static inline __attribute__((always_inline)) vector
tiles_begin(const struct conv_tiles *p, int64_t column, int32_t row_sum)
{
	const struct int8_columns *c = &p->epilogue.columns;
	const vector start = vector_load(c->start + column);

	return c->zero_w ? start - vector_set(row_sum) * vector_load(c->zero_w + column) : start;
}

/* Of each position the sum of its codes, where weights have zero points; NULL: not wanted. */
static const int32_t *tiles_row_sums(const struct conv_tiles *p, const element *rows,
				     const int32_t *at, int64_t count, int32_t *sums)
{
	const struct qs_conv *c = &p->conv;
	const int64_t run = (c->dilation_w == 1 ? c->kernel_w : 1) * p->rows.depth;

	if (!p->epilogue.columns.zero_w)
		return NULL;
	for (int64_t i = 0; i < count; i++) {
		sums[i] = 0;
		for (int64_t s = 0; s < p->rows.segments; s++)
			sums[i] += sum_row(rows + at[i] + p->segment[s], run, 0);
	}
	return sums;
}

#include "conv_int8_finish.h"

#include "conv_tiles_kernel.h"

static void conv_pack(struct conv_tiles *p, const int8_t *w)
{
	const int64_t run = p->task.k / p->rows.segments;

	for (int64_t o = 0; o < p->task.n; o++)
		for (int64_t s = 0; s < p->rows.segments; s++)
			for (int64_t k = 0; k < run; k += ELEMENTS)
				memcpy(tiles_weights(p, o, s, k / ELEMENTS),
				       w + o * p->task.w.stride + s * run + k,
				       (size_t)(run - k < ELEMENTS ? run - k : ELEMENTS));
}

static void *conv_prepare(const struct qs_task *task, const void *w, size_t *bytes,
			  const char **reason)
{
	/* a vector, and a strip of codes, may end behind the last channel */
	const size_t columns = (size_t)task->n + 4 * TILE_LANES;
	const size_t scales = requantize_columns_bytes(task->n);
	const size_t rest = scales + (INT8_COLUMNS * columns + REQUANTIZE_STRIP) * sizeof(int32_t);
	struct conv_tiles cut = { .gemm = NULL }, *p;
	size_t packed;

	if (conv_is_gemm(task->conv))
		return conv_prepare_gemm(task, w, bytes, reason);
	*reason = int8_prove(task, w);
	if (*reason || !tiles_cut(&cut, task, &packed))
		return NULL;
	packed = (packed + GEMM_LINE - 1) / GEMM_LINE * GEMM_LINE;
	p = gemm_allocate(sizeof *p + rest, 1, packed);
	if (!p)
		return NULL;
	*p = cut;
	tiles_place(p, p->memory + scales);
	p->epilogue.columns = int8_columns_make(
		task, w, (int32_t *)(void *)(p->memory + scales + packed), columns);
	if (task->y.type != QS_S32)
		*reason = requantize_columns_make(&p->epilogue.requantize, p->memory, task,
						  task->n);
	if (*reason) {
		free(p);
		return NULL;
	}
	conv_pack(p, w);
	*bytes = p->vector_bytes * (size_t)(p->vectors * p->conv.groups);
	return p;
}

#endif
