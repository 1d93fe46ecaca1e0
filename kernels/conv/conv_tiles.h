/* SPDX-License-Identifier: MIT
 *
 * The weights of a convolution packed for tiles (conv_tiles_run.h).  One source for codes, words
 * and floats: a word is 4 bytes.  Who includes this has defined what conv_rows.h asks for, and
 *
 *         vector                  32-bit lanes
 *         TILE_VECTORS            of a panel, at most: a macro, 2 or 4
 *         TILE_1 .. TILE_4        rows of a tile of so many vectors, at most TILE_MOST
 *         struct conv_epilogue    what its sums' begin and end need
 *
 * The panels of a group are as equal as can be: 80 channels are 3 and 2 vectors of 16, so that
 * little is multiplied for nothing.
 */
#ifndef QS_CONV_TILES_H
#define QS_CONV_TILES_H

#include "conv_rows.h"

enum { TILE_LANES = (int)(sizeof(vector) / 4), TILE_MOST = 8, HELD_TILES = 4 };

struct conv_tiles {
	struct qs_task task;
	struct qs_conv conv;
	struct conv_rows rows;
	int64_t outs, panels, vectors;   /* of a group: channels, panels, vectors of all of them */
	int64_t parts;          /* that a group's panels are shared in                   */
	size_t vector_bytes;    /* of one vector of channels, through k                  */
	int64_t *segment;       /* [segments] where they begin                           */
	char *w;                /* [groups][panels][segments][words][vectors of the panel] */
	struct conv_epilogue epilogue;
	void *gemm;             /* the whole convolution is one: it does all; else NULL  */
	_Alignas(GEMM_LINE) char memory[];
};

struct conv_block {            /* finished sums                                         */
	const int32_t *sums;    /* or floats; rows of `width`                            */
	int64_t width, row, rows, column, columns;
};

static inline int64_t tiles_panel_begin(const struct conv_tiles *p, int64_t panel)
{
	return p->vectors * panel / p->panels;
}

static inline int tiles_rows(int vectors)
{
	static const int rows[] = { TILE_1, TILE_2, TILE_3, TILE_4 };

	return rows[vectors - 1];
}

/* The cut; *memory: bytes that the weights and the segments take.  false: an overflow. */
static inline bool tiles_cut(struct conv_tiles *p, const struct qs_task *task, size_t *memory)
{
	const struct qs_conv *c = task->conv;
	size_t steps;

	p->task = *task;
	p->conv = *c;
	p->rows = rows_cut(c, task->threads);
	p->outs = c->out_channels / c->groups;
	p->vectors = rows_ceil(p->outs, TILE_LANES);
	p->panels = rows_ceil(p->vectors, TILE_VECTORS);
	p->parts = rows_ceil(task->threads, rows_units(&p->rows, c, 1));
	p->parts = p->parts < p->panels ? p->parts : p->panels;
	return !__builtin_mul_overflow((size_t)p->rows.segments, (size_t)p->rows.words, &steps) &&
	       !__builtin_mul_overflow(steps, sizeof(vector), &p->vector_bytes) &&
	       !__builtin_mul_overflow(p->vector_bytes, (size_t)(p->vectors * c->groups), memory) &&
	       !__builtin_add_overflow(*memory, GEMM_LINE + (size_t)p->rows.segments * 8, memory);
}

/* Lays the memory out: weights first, then the segments. */
static inline void tiles_place(struct conv_tiles *p, char *memory)
{
	const size_t w = p->vector_bytes * (size_t)(p->vectors * p->conv.groups);

	p->w = memory;
	p->segment = (int64_t *)(void *)(memory + w);
	for (int64_t i = 0; i < p->rows.segments; i++)
		p->segment[i] = rows_segment(&p->rows, &p->conv, i);
}

/* Where word `word` of segment `segment` of channel o's weights lies. */
static inline char *tiles_weights(const struct conv_tiles *p, int64_t o, int64_t segment,
				  int64_t word)
{
	const int64_t group = o / p->outs, in = o % p->outs, vector_in = in / TILE_LANES;
	int64_t panel = vector_in * p->panels / p->vectors;

	/* the division above may be one panel short */
	while (tiles_panel_begin(p, panel + 1) <= vector_in)
		panel++;
	const int64_t begin = tiles_panel_begin(p, panel);
	const int64_t vectors = tiles_panel_begin(p, panel + 1) - begin;
	const int64_t step = segment * p->rows.words + word;

	return p->w + (size_t)(group * p->vectors + begin) * p->vector_bytes +
	       (size_t)((step * vectors + vector_in - begin) * TILE_LANES + in % TILE_LANES) * 4;
}

#endif
