/* SPDX-License-Identifier: MIT
 *
 * Float gemm whose bits depend on nothing: each output is one chain of fused multiply-adds over k
 * ascending, from 0, and the bias is added last:
 *
 *         acc = +0;  acc = fma(a[m][k], w[n][k], acc) for k = 0, 1, ...;  y[m][n] = acc + bias[n]
 *
 * (without a bias nothing is added, so a sum of -0 stays one).  No tile size, thread count or ISA
 * changes that chain: between two steps of k it rests in y, which is exact.  Denormals count: the
 * caller leaves FTZ and DAZ off.
 *
 * A tiled kernel adds one function, the tile.
 */
#ifndef QS_GEMM_F32F32F32_H
#define QS_GEMM_F32F32F32_H

#include "gemm_blocks.h"

/* The most of k in one step; steps are as equal as can be.  A row of the copied rows of a is longer
 * by a cache line, so that no two rows meet in one set of the cache. */
enum { GEMM_F32_DEPTH = 320, GEMM_F32_ROW = GEMM_F32_DEPTH + 16, GEMM_F32_ROWS_MAX = 16 };

struct gemm_f32 {
	struct qs_task task;
	struct gemm_blocks blocks;
	float *bias;            /* [panels * tile_n], zeros at the end; NULL: none       */
	_Alignas(GEMM_LINE) float w[];   /* [panels][k][tile_n], then the bias           */
};

struct gemm_f32_tile {          /* one tile's part of one step of k                      */
	const float *a;         /* [rows][GEMM_F32_ROW]                                  */
	const float *w;         /* [depth][tile_n]                                       */
	const float *bias;      /* [tile_n]; NULL: add none (yet)                        */
	float *y;
	int64_t stride, depth;
	int64_t columns;        /* of y from here on; may be less or more than tile_n    */
	bool first;             /* the chains begin                                      */
};

typedef void gemm_f32_tile_function(const struct gemm_f32_tile *tile, int rows);

static inline const char *gemm_f32f32f32_refuse(const struct qs_task *task)
{
	return gemm_refuse(task, true);
}

static inline void *gemm_f32_prepare(const struct qs_task *task, const void *w, size_t *bytes,
				     const char **reason, int tile_m, int tile_n)
{
	const size_t panel = (size_t)task->k * (size_t)tile_n;
	const struct gemm_blocks blocks =
		gemm_blocks_make(task, tile_m, tile_n, panel * sizeof(float));
	struct gemm_f32 *p;

	*reason = NULL;
	p = gemm_allocate(sizeof *p, (size_t)blocks.panels,
			  (panel + (size_t)tile_n) * sizeof(float));
	if (!p)
		return NULL;
	p->task = *task;
	p->blocks = blocks;
	for (int64_t n = 0; n < task->n; n++) {
		const float *from = (const float *)w + n * task->w.stride;
		float *to = p->w + (size_t)(n / tile_n) * panel + n % tile_n;

		for (int64_t k = 0; k < task->k; k++)
			to[k * tile_n] = from[k];
	}
	if (task->bias_f32) {
		p->bias = p->w + (size_t)blocks.panels * panel;
		memcpy(p->bias, task->bias_f32, (size_t)task->n * sizeof(float));
	}
	*bytes = (size_t)blocks.panels * panel * sizeof(float);
	return p;
}

static inline int64_t gemm_f32_units(const void *prepared)
{
	return gemm_blocks_units(&((const struct gemm_f32 *)prepared)->blocks);
}

static inline __attribute__((always_inline)) void
gemm_f32_unit(const struct gemm_f32 *p, const float *a, float *y, const struct gemm_unit *unit,
	      int tile_n, gemm_f32_tile_function *tile)
{
	const struct qs_task *task = &p->task;
	_Alignas(GEMM_LINE) float rows[GEMM_F32_ROWS_MAX * GEMM_F32_ROW];

	const int64_t steps = (task->k + GEMM_F32_DEPTH - 1) / GEMM_F32_DEPTH;
	const int64_t step = (task->k + steps - 1) / steps;

	for (int64_t from = 0; from < task->k; from += step) {
		const int64_t left = task->k - from;
		const int64_t depth = left < step ? left : step;

		for (int i = 0; i < unit->rows; i++)
			memcpy(rows + i * GEMM_F32_ROW, a + (unit->row + i) * task->a.stride + from,
			       (size_t)depth * sizeof *rows);
		for (int64_t panel = unit->panel; panel < unit->panel_end; panel++) {
			const int64_t column = panel * tile_n;
			const struct gemm_f32_tile part = {
				.a = rows,
				.w = p->w + (panel * task->k + from) * tile_n,
				.bias = p->bias && depth == left ? p->bias + column : NULL,
				.y = y + unit->row * task->y.stride + column,
				.stride = task->y.stride, .depth = depth,
				.columns = task->n - column, .first = !from,
			};

			tile(&part, unit->rows);
		}
	}
}

static inline __attribute__((always_inline)) int
gemm_f32_run(const void *prepared, const void *a, void *y, int64_t first, int64_t last, int tile_n,
	     gemm_f32_tile_function *tile)
{
	const struct gemm_f32 *p = prepared;

	for (int64_t i = first; i < last; i++) {
		const struct gemm_unit unit = gemm_unit_at(&p->blocks, p->task.m, i);

		gemm_f32_unit(p, a, y, &unit, tile_n, tile);
	}
	return 0;
}

#endif
