/* SPDX-License-Identifier: MIT
 *
 * Tiles of a convolution: some positions by one panel of output channels, through all of k; the
 * sums stay in registers.  A word of each position is put everywhere in a vector and meets the
 * vectors of weights.  Who includes this has defined what conv_tiles.h and conv_rows_fill.h ask
 * for, and
 *
 *         vector_load, vector_store        at any address
 *         vector_word(at)                  the 4 bytes at `at`, everywhere
 *         vector_dot(sum, a, w)
 *         tiles_begin(p, column, row_sum)  where a sum begins
 *         tiles_row_sums(p, rows, at, count, out)  what tiles_begin gets of each position; NULL: 0
 *         tiles_finish(p, block, y)        what becomes of a block of sums
 */
#ifndef QS_CONV_TILES_RUN_H
#define QS_CONV_TILES_RUN_H

#include "conv_rows_fill.h"

struct conv_part {             /* what a tile reads and writes                          */
	const struct conv_tiles *p;
	const element *rows;
	const int32_t *at, *row_sum;     /* of the tile's positions; row_sum: NULL       */
	const char *w;
	int64_t column;         /* of all channels                                       */
	int32_t *sums;          /* rows of the panel's vectors                           */
};

static inline __attribute__((always_inline)) void
conv_tile(const struct conv_part *t, const int rows, const int vectors)
{
	const struct conv_tiles *p = t->p;
	const int64_t segments = p->rows.segments, length = p->rows.words * ELEMENTS;
	const int64_t *segment = p->segment;
	const char *w = t->w;
	const element *a[TILE_MOST];
	vector sum[TILE_MOST][TILE_VECTORS];

	GEMM_UNROLL
	for (int i = 0; i < rows; i++) {
		a[i] = t->rows + t->at[i];
		GEMM_UNROLL
		for (int v = 0; v < vectors; v++)
			sum[i][v] = tiles_begin(p, t->column + v * TILE_LANES,
						t->row_sum ? t->row_sum[i] : 0);
	}
	for (int64_t s = 0; s < segments; s++) {
		const int64_t end = segment[s] + length;

		for (int64_t k = segment[s]; k < end;
		     k += ELEMENTS, w += (size_t)vectors * sizeof(vector)) {
			vector left[TILE_VECTORS];

			GEMM_UNROLL
			for (int v = 0; v < vectors; v++)
				left[v] = vector_load(w + (size_t)v * sizeof(vector));
			GEMM_UNROLL
			for (int i = 0; i < rows; i++) {
				const vector one = vector_word(a[i] + k);

				GEMM_UNROLL
				for (int v = 0; v < vectors; v++)
					sum[i][v] = vector_dot(sum[i][v], one, left[v]);
			}
		}
	}
	GEMM_UNROLL
	for (int i = 0; i < rows; i++) {
		GEMM_UNROLL
		for (int v = 0; v < vectors; v++)
			vector_store(t->sums + (i * vectors + v) * TILE_LANES, sum[i][v]);
	}
}

/* One body a number of rows: the sums then are registers. */
#define TILES_OF(vectors, most)                                                  \
	static __attribute__((noinline)) void                                    \
	conv_tile_##vectors(const struct conv_part *t, int rows)                 \
	{                                                                        \
		switch (rows) {                                                  \
		case 1: conv_tile(t, 1, vectors); break;                         \
		case 2: conv_tile(t, 2, vectors); break;                         \
		case 3: conv_tile(t, 3, vectors); break;                         \
		case 4: conv_tile(t, 4, vectors); break;                         \
		case 5: conv_tile(t, 5 < most ? 5 : most, vectors); break;       \
		case 6: conv_tile(t, 6 < most ? 6 : most, vectors); break;       \
		case 7: conv_tile(t, 7 < most ? 7 : most, vectors); break;       \
		default: conv_tile(t, most, vectors); break;                     \
		}                                                                \
	}

TILES_OF(1, TILE_1)
TILES_OF(2, TILE_2)
#if TILE_VECTORS > 2
TILES_OF(3, TILE_3)
TILES_OF(4, TILE_4)
#endif

static inline void conv_tile_of(const struct conv_part *t, int rows, int vectors)
{
	switch (vectors) {
	case 1: conv_tile_1(t, rows); break;
#if TILE_VECTORS > 2
	case 3: conv_tile_3(t, rows); break;
	case 4: conv_tile_4(t, rows); break;
#endif
	default: conv_tile_2(t, rows); break;
	}
}

/* A panel for all positions of a unit.  Sums of a few tiles are finished together. */
static inline void tiles_panel(struct conv_part *t, const struct conv_unit *u, int64_t panel,
			       const int32_t *at, const int32_t *row_sums, void *y)
{
	const struct conv_tiles *p = t->p;
	const int64_t begin = tiles_panel_begin(p, panel);
	const int vectors = (int)(tiles_panel_begin(p, panel + 1) - begin);
	const int most = tiles_rows(vectors);
	const int64_t count = rows_ceil(u->positions, most), left = p->outs - begin * TILE_LANES;
	_Alignas(GEMM_LINE) int32_t sums[HELD_TILES * TILE_MOST * TILE_VECTORS * TILE_LANES];
	struct conv_block block = { .sums = sums, .width = vectors * TILE_LANES, .row = u->first,
				     .column = u->group * p->outs + begin * TILE_LANES };

	block.columns = left < block.width ? left : block.width;
	t->w = p->w + (size_t)(u->group * p->vectors + begin) * p->vector_bytes;
	t->column = block.column;
	for (int64_t i = 0; i < count; i++) {
		const int64_t from = u->positions * i / count;
		const int rows = (int)(u->positions * (i + 1) / count - from);

		t->at = at + from;
		t->row_sum = row_sums ? row_sums + from : NULL;
		t->sums = sums + block.rows * block.width;
		conv_tile_of(t, rows, vectors);
		block.rows += rows;
		if (block.rows + most <= HELD_TILES * most && i + 1 < count)
			continue;
		tiles_finish(p, &block, y);
		block.row += block.rows;
		block.rows = 0;
	}
}

static inline void tiles_unit(const struct conv_tiles *p, const void *a, void *y, int64_t index)
{
	const struct conv_unit u = rows_unit_at(&p->rows, &p->conv, p->parts, index);
	const struct conv_source source = { .p = p, .unit = &u, .a = a, .pad = rows_pad(p) };
	_Alignas(GEMM_LINE) element rows[ROWS_BYTES_MOST / sizeof(element)];
	int32_t at[ROWS_POSITIONS], sums[ROWS_POSITIONS];
	struct conv_part part = { .p = p, .rows = rows };

	rows_fill(&source, rows);
	rows_places(&p->rows, &p->conv, &u, at);
	const int32_t *row_sums = tiles_row_sums(p, rows, at, u.positions, sums);

	for (int64_t panel = rows_begin(p->panels, p->parts, u.part);
	     panel < rows_begin(p->panels, p->parts, u.part + 1); panel++)
		tiles_panel(&part, &u, panel, at, row_sums, y);
}

#endif
