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
enum { GEMM_F32_DEPTH = 320, GEMM_F32_ROW = GEMM_F32_DEPTH + 16, GEMM_F32_ROWS_MAX = 28 };

/* Of a single row so many panels go side by side: the chains of one panel alone leave the
 * multipliers waiting.  Of up to so many tiles of rows each step of a panel is read once, by all,
 * while the next panel's is prefetched: else weights come in during the first tile only. */
enum { GEMM_F32_ALONE = 4, GEMM_F32_TILES = 3 };

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
	const char *ahead;      /* prefetched at each k, so many bytes apart             */
	int64_t ahead_step;
	int64_t panel;          /* of a single row: floats of w from panel to panel,     */
	int panels;             /* and how many side by side                             */
};

typedef void gemm_f32_tile_function(const struct gemm_f32_tile *tile, int rows);

static inline const char *gemm_f32f32f32_refuse(const struct qs_task *task)
{
	return gemm_refuse(task, true);
}

/* Few rows are one block; a single row has nothing to gain from the cache, but from panels side by
 * side.  Where threads are many, units are small enough for all. */
static inline struct gemm_blocks gemm_f32_blocks(const struct qs_task *task, int tile_m, int tile_n,
						 size_t panel_bytes)
{
	const bool few = task->m <= GEMM_F32_TILES * tile_m && task->m <= GEMM_F32_ROWS_MAX;
	struct gemm_blocks blocks =
		gemm_blocks_make(task, few ? (int)task->m : tile_m, tile_n, panel_bytes);
	const int64_t wanted = (task->threads + blocks.row_blocks - 1) / blocks.row_blocks;
	const int64_t most = blocks.panels / wanted > 1 ? blocks.panels / wanted : 1;

	if (few && blocks.unit_panels < GEMM_F32_ALONE)
		blocks.unit_panels = GEMM_F32_ALONE;
	if (blocks.unit_panels > most)
		blocks.unit_panels = most;
	return blocks;
}

static inline void *gemm_f32_prepare(const struct qs_task *task, const void *w, size_t *bytes,
				     const char **reason, int tile_m, int tile_n)
{
	const size_t panel = (size_t)task->k * (size_t)tile_n;
	const struct gemm_blocks blocks =
		gemm_f32_blocks(task, tile_m, tile_n, panel * sizeof(float));
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

/* One step of k from `from` on of neighbouring panels, for all rows of a unit. */
INLINE void gemm_f32_panels(const struct gemm_f32 *p, const float *rows, float *y,
			    const struct gemm_unit *unit, int64_t from, int64_t depth,
			    int64_t panel, int panels, int tile_m, int tile_n,
			    gemm_f32_tile_function *tile)
{
	const struct qs_task *task = &p->task;
	const int64_t column = panel * tile_n, tiles = (unit->rows + tile_m - 1) / tile_m;
	const float *w = p->w + (panel * task->k + from) * tile_n;
	const char *next = (const char *)(w + task->k * tile_n);
	const int64_t bytes = tile_n * (int64_t)sizeof *w;

	for (int64_t i = 0; i < tiles; i++) {
		const int64_t row = unit->rows * i / tiles;
		const struct gemm_f32_tile part = {
			.a = rows + row * GEMM_F32_ROW, .w = w,
			.bias = p->bias && from + depth == task->k ? p->bias + column : NULL,
			.y = y + (unit->row + row) * task->y.stride + column,
			.stride = task->y.stride, .depth = depth,
			.columns = task->n - column, .first = !from,
			.ahead = tiles > 1 ? next + i * depth * bytes / tiles : (const char *)w,
			.ahead_step = tiles > 1 ? bytes / tiles : 0,
			.panel = task->k * tile_n, .panels = panels,
		};

		tile(&part, (int)(unit->rows * (i + 1) / tiles - row));
	}
}

INLINE void gemm_f32_unit(const struct gemm_f32 *p, const float *a, float *y,
			  const struct gemm_unit *unit, int tile_m, int tile_n,
			  gemm_f32_tile_function *tile)
{
	const struct qs_task *task = &p->task;
	_Alignas(GEMM_LINE) float rows[GEMM_F32_ROWS_MAX * GEMM_F32_ROW];
	const int64_t steps = (task->k + GEMM_F32_DEPTH - 1) / GEMM_F32_DEPTH;
	const int64_t step = (task->k + steps - 1) / steps;
	const int64_t side = unit->rows == 1 ? GEMM_F32_ALONE : 1;

	for (int64_t from = 0; from < task->k; from += step) {
		const int64_t left = task->k - from;
		const int64_t depth = left < step ? left : step;

		for (int i = 0; i < unit->rows; i++)
			memcpy(rows + i * GEMM_F32_ROW, a + (unit->row + i) * task->a.stride + from,
			       (size_t)depth * sizeof *rows);
		for (int64_t panel = unit->panel; panel < unit->panel_end; panel += side) {
			const int64_t more = unit->panel_end - panel;

			gemm_f32_panels(p, rows, y, unit, from, depth, panel,
					(int)(more < side ? more : side), tile_m, tile_n, tile);
		}
	}
}

INLINE int gemm_f32_run(const void *prepared, const void *a, void *y, int64_t first, int64_t last,
			int tile_m, int tile_n, gemm_f32_tile_function *tile)
{
	const struct gemm_f32 *p = prepared;

	for (int64_t i = first; i < last; i++) {
		const struct gemm_unit unit = gemm_unit_at(&p->blocks, p->task.m, i);

		gemm_f32_unit(p, a, y, &unit, tile_m, tile_n, tile);
	}
	return 0;
}

#endif
