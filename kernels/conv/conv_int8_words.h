/* SPDX-License-Identifier: MIT
 *
 * Convolutions of 8-bit codes by vpmaddwd, exact at full range, for all vector lengths.  Codes and
 * weights become 16 bits without their zero points when rows are copied and weights packed, so a
 * pad is 0 and nothing is left to be taken off.  One without patches is left to the gemm.  Who
 * includes this has included the gemm with what that asks for, and defined vector, vector_load,
 * vector_store, vector_set, vector_dot, requantize, TILE_VECTORS and TILE_1 to TILE_4.
 */
#ifndef QS_CONV_INT8_WORDS_H
#define QS_CONV_INT8_WORDS_H

#include "conv_int8.h"

typedef int16_t element;
typedef uint8_t element_of_a;

enum { ELEMENTS = 2 };

struct conv_epilogue {
	const int32_t *bias;    /* [n] and more                                          */
	struct requantize_columns requantize;
};

#include "conv_tiles.h"

static inline void rows_copy(const struct conv_tiles *p, element *to, const element_of_a *from,
			     int64_t count)
{
	const int32_t zero = int8_zero_a(&p->task, 0);
	const uint8_t flip = int8_flip(&p->task);

	for (int64_t i = 0; i < count; i++)
		to[i] = (int16_t)((from[i] ^ flip) - zero);
}

static inline element rows_pad(const struct conv_tiles *p)
{
	(void)p;
	return 0;
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
	(void)row_sum;
	return vector_load(p->epilogue.bias + column);
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

static void vector_requantize(const struct requantize_columns *c,
			      const struct requantize_block *block, bool is_signed)
{
	requantize(c, block, is_signed);
}

#include "conv_int8_finish.h"

#include "conv_tiles_kernel.h"

static void conv_pack(struct conv_tiles *p, const int8_t *w)
{
	const int64_t run = p->task.k / p->rows.segments;

	for (int64_t o = 0; o < p->task.n; o++) {
		const int32_t zero = gemm_zero(&p->task.w, o);
		const int8_t *from = w + o * p->task.w.stride;

		for (int64_t s = 0; s < p->rows.segments; s++)
			for (int64_t k = 0; k < run; k++, from++) {
				const int16_t code = (int16_t)(*from - zero);
				char *word = tiles_weights(p, o, s, k / ELEMENTS);

				memcpy(word + k % ELEMENTS * (int)sizeof code, &code, sizeof code);
			}
	}
}

static void *conv_prepare(const struct qs_task *task, const void *w, size_t *bytes,
			  const char **reason)
{
	/* a vector, and a strip of codes, may end behind the last channel */
	const size_t columns = (size_t)task->n + 4 * TILE_LANES;
	const size_t scales = requantize_columns_bytes(task->n);
	const size_t rest = scales + (columns + REQUANTIZE_STRIP) * sizeof(int32_t);
	struct conv_tiles cut = { .gemm = NULL }, *p;
	size_t packed;
	int32_t *bias;

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
	bias = (int32_t *)(void *)(p->memory + scales + packed);
	for (int64_t o = 0; task->bias && o < task->n; o++)
		bias[o] = (int32_t)task->bias[o];
	p->epilogue.bias = bias;
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
