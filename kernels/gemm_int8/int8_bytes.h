/* SPDX-License-Identifier: MIT
 *
 * Exact sums of 8-bit codes by vpmaddubsw, which multiplies 32 u8 by 32 s8 codes at once but
 * saturates its sums of two products at 16 bits, on two routes where it cannot:
 *
 *   narrow  `steps` of its results are added in 16 bits before vpmaddwd widens them.  A lane then
 *           has 2 * steps products.  Their sum lies within -255 N .. 255 P, where P is the sum of
 *           the lane's weights above 0 and N of those below, and so does each partial sum.  With
 *           P <= 128 and N <= 128 that is -32640 .. 32640.  prepare looks at the weights: `steps`
 *           is the greatest of 8, 4, 2, 1 for which all lanes of a panel keep these bounds.
 *   split   any weights: a = 16 h + l, both 0 .. 15.  A lane of 8 steps lies within
 *           16 * 15 * 128 = 30720, and vpmaddwd multiplies the sums of h by 16.
 *
 * 32 products take 2 + 1 / steps instructions on the first route and 4 1/4 on the second, where
 * words (int8_words.h) take 4 or 7/8 of it, but weights stay bytes: these are the routes of few
 * rows, where reading the weights is what binds.  int8_clipped.h has one more, for many rows.
 * `a` as u8 codes, zero points and row sums: see int8.h.
 */
#ifndef QS_INT8_BYTES_H
#define QS_INT8_BYTES_H

#include "../gemm/gemm_blocks.h"
#include "int8.h"

enum { QUAD = 4, VECTORS = 4, WIDTH = VECTORS * LANES, STEPS_MOST = 8, LANE_MOST = 128,
       CODES = 0, HIGH, LOW, COPIES,     /* of a: whole codes, their upper and lower half  */
       BYTES_A = 128 * 1024,    /* of packed a in a step of k                            */
       BYTES_ROWS = 48, BYTES_COLUMNS = 1024,   /* of a unit, at most                    */
       /* of int8_clipped.h: quads in a step of k, about, and what its numbers of steps divide */
       CLIPPED_DEPTH = 2112 / LANES, STEPS_COMMON = 12 };

struct clipped_part;

struct bytes {                  /* how a task is cut, and w so                           */
	int64_t k, quads;       /* quads: of a row of w, a multiple of STEPS_MOST        */
	int64_t depth;          /* quads in a step of k, the same                        */
	int64_t panels, unit_panels, groups; /* groups: of rows                          */
	int8_t *w;              /* [panels][quads][WIDTH][QUAD]                          */
	uint8_t *steps;         /* [panels]; 0: split                                    */
	/* [panels][steps of k]: the weights of int8_clipped.h; NULL: w has them            */
	struct clipped_part *parts;
	int copies, tile;       /* of a; rows that are best multiplied together          */
	struct int8_columns columns;
};

struct bytes_buffers {          /* what a unit works in                                  */
	_Alignas(GEMM_LINE) uint8_t a[BYTES_A];          /* [COPIES][rows][depth][QUAD]  */
	_Alignas(GEMM_LINE) int32_t sums[BYTES_ROWS * BYTES_COLUMNS];
};

/* Do all lanes of `count` weights of a channel keep the bounds? */
static bool bytes_fit(const int8_t *w, int64_t count, int steps)
{
	for (int64_t from = 0; from < count; from += steps * QUAD) {
		const int64_t end = count - from < steps * QUAD ? count : from + steps * QUAD;
		int above[2] = { 0 }, below[2] = { 0 };

		for (int64_t k = from; k < end; k++) {
			above[k % QUAD / 2] += w[k] > 0 ? w[k] : 0;
			below[k % QUAD / 2] -= w[k] < 0 ? w[k] : 0;
		}
		for (int lane = 0; lane < 2; lane++)
			if (above[lane] > LANE_MOST || below[lane] > LANE_MOST)
				return false;
	}
	return true;
}

/* The steps that the weights of a panel allow. */
static int bytes_steps(const struct qs_task *task, const int8_t *w, int64_t panel)
{
	int steps = STEPS_MOST;

	for (int64_t n = panel * WIDTH; n < task->n && n < (panel + 1) * WIDTH; n++)
		while (steps && !bytes_fit(w + n * task->w.stride, task->k, steps))
			steps /= 2;
	return steps;
}

static inline int64_t bytes_units(const struct bytes *p)
{
	return p->groups * ((p->panels + p->unit_panels - 1) / p->unit_panels);
}

static inline int64_t bytes_depths(const struct bytes *p)
{
	return (p->quads + p->depth - 1) / p->depth;
}

static struct bytes bytes_cut(const struct qs_task *task, bool clipped)
{
	const int64_t codes = (int64_t)QUAD * STEPS_MOST;
	struct bytes p = {
		.k = task->k, .quads = (task->k + codes - 1) / codes * STEPS_MOST,
		.copies = clipped ? CODES + 1 : COPIES, .tile = clipped ? CLIPPED_TILE : 1,
		.panels = (task->n + WIDTH - 1) / WIDTH,
		.unit_panels = BYTES_COLUMNS / WIDTH,
		.groups = (task->m + BYTES_ROWS - 1) / BYTES_ROWS,
	};
	int64_t rows;

	while (bytes_units(&p) < task->threads && p.unit_panels > 1)
		p.unit_panels /= 2;
	if (clipped) {
		const int64_t depths = (p.quads + CLIPPED_DEPTH - 1) / CLIPPED_DEPTH;

		p.depth = (p.quads + depths - 1) / depths;
		p.depth = (p.depth + STEPS_COMMON - 1) / STEPS_COMMON * STEPS_COMMON;
		return p;
	}
	rows = (task->m + p.groups - 1) / p.groups;
	p.depth = BYTES_A / (COPIES * rows * codes) * STEPS_MOST;
	p.depth = p.depth < p.quads ? p.depth : p.quads;
	return p;
}

static void bytes_pack(const struct bytes *p, const struct qs_task *task, const int8_t *w)
{
	for (int64_t n = 0; n < task->n; n++) {
		const int8_t *from = w + n * task->w.stride;
		int8_t *to = p->w + (n / WIDTH * p->quads * WIDTH + n % WIDTH) * QUAD;
		int64_t k = 0;

		for (; k + QUAD <= task->k; k += QUAD, to += WIDTH * QUAD)
			memcpy(to, from + k, QUAD);
		memcpy(to, from + k, (size_t)(task->k - k));
	}
}

/* One row of a step of k to its copies, `copy` bytes apart; 0 behind the last code. */
static void bytes_pack_row(uint8_t *to, int copies, int64_t copy, const uint8_t *from,
			   int64_t count, int64_t padded, uint8_t flip)
{
	for (int64_t k = 0; k < count && copies == 1; k++)
		to[k] = from[k] ^ flip;
	for (int64_t k = 0; k < count && copies > 1; k++) {
		const uint8_t code = from[k] ^ flip;

		to[CODES * copy + k] = code;
		to[HIGH * copy + k] = code >> 4;
		to[LOW * copy + k] = code & 15;
	}
	for (int i = 0; i < copies; i++)
		memset(to + i * copy + count, 0, (size_t)(padded - count));
}

struct bytes_tile {
	const uint8_t *codes, *high, *low; /* of the first row                           */
	int64_t row;            /* bytes from one row to the next                        */
	const int8_t *w;
	int64_t quads;
	int32_t *sums;
	int64_t stride;
};

/* All of the steps at once are more than the registers hold; two save 3 to 5 % of one. */
#ifdef __clang__
#define BYTES_UNROLL _Pragma("clang loop unroll_count(2)")
#else
#define BYTES_UNROLL _Pragma("GCC unroll 2")
#endif

/* rows by `vectors` vectors of channels.  steps == 0: split. */
static inline __attribute__((always_inline)) void
bytes_tile(const struct bytes_tile *t, const int rows, const int vectors, const int steps)
{
	const int block = steps ? steps : STEPS_MOST;
	const vec ones = v_all16(1), sixteens = v_all16(16);
	const int8_t *w = t->w;
	sums_vec sum[TILE_ROWS][VECTORS];

	for (int i = 0; i < rows; i++)
		for (int j = 0; j < vectors; j++)
			sum[i][j] = (sums_vec)v_load(t->sums + i * t->stride + j * LANES);
	for (int64_t quad = 0; quad < t->quads; quad += block) {
		words_vec first[TILE_ROWS][VECTORS], second[TILE_ROWS][VECTORS];

		GEMM_UNROLL
		for (int i = 0; i < rows; i++)
			GEMM_UNROLL
			for (int j = 0; j < vectors; j++)
				first[i][j] = second[i][j] = (words_vec)v_zero();
		BYTES_UNROLL
		for (int s = 0; s < block; s++, w += WIDTH * QUAD) {
			const int64_t at = (quad + s) * QUAD;

			GEMM_UNROLL
			for (int i = 0; i < rows; i++) {
				const vec one =
					v_all32((steps ? t->codes : t->high) + i * t->row + at);
				const vec other = v_all32((steps ? t->codes : t->low) +
							  i * t->row + at);

				GEMM_UNROLL
				for (int j = 0; j < vectors; j++) {
					const vec weights = v_load(w + j * LANES * QUAD);

					first[i][j] += (words_vec)v_maddubs(one, weights);
					if (!steps)
						second[i][j] +=
							(words_vec)v_maddubs(other, weights);
				}
			}
		}
		GEMM_UNROLL
		for (int i = 0; i < rows; i++)
			GEMM_UNROLL
			for (int j = 0; j < vectors; j++) {
				sum[i][j] += (sums_vec)v_madd((vec)first[i][j],
							      steps ? ones : sixteens);
				if (!steps)
					sum[i][j] += (sums_vec)v_madd((vec)second[i][j], ones);
			}
	}
	for (int i = 0; i < rows; i++)
		for (int j = 0; j < vectors; j++)
			v_store(t->sums + i * t->stride + j * LANES, (vec)sum[i][j]);
}

/* One body a number of rows and steps: the sums then are registers. */
static inline __attribute__((always_inline)) void
bytes_tile_by(const struct bytes_tile *t, const int rows, const int vectors, int steps)
{
	switch (steps) {
	case 0: bytes_tile(t, rows, vectors, 0); break;
	case 1: bytes_tile(t, rows, vectors, 1); break;
	case 2: bytes_tile(t, rows, vectors, 2); break;
	case 4: bytes_tile(t, rows, vectors, 4); break;
	default: bytes_tile(t, rows, vectors, STEPS_MOST); break;
	}
}

static __attribute__((noinline)) void bytes_row(const struct bytes_tile *t, int steps)
{
	bytes_tile_by(t, 1, VECTORS, steps);
}

static __attribute__((noinline)) void bytes_rows(const struct bytes_tile *t, int rows, int steps)
{
	switch (rows) {
	case 1: bytes_tile_by(t, 1, VECTORS / 2, steps); break;
	case 2: bytes_tile_by(t, 2, VECTORS / 2, steps); break;
	case 3: bytes_tile_by(t, 3, VECTORS / 2, steps); break;
	default: bytes_tile_by(t, TILE_ROWS, VECTORS / 2, steps); break;
	}
}

/* A panel and one step of k for `rows` rows.  A half of the panel stays in the first level cache
 * for all of them. */
static void bytes_panel(const struct bytes_tile *all, int64_t rows, int steps)
{
	const int most = steps ? TILE_ROWS : TILE_SPLIT_ROWS;

	if (rows == 1) {
		bytes_row(all, steps);
		return;
	}
	for (int at = 0; at < WIDTH; at += WIDTH / 2)
		for (int64_t i = 0; i < rows; i += most) {
			const struct bytes_tile t = {
				.codes = all->codes + i * all->row,
				.high = all->high + i * all->row,
				.low = all->low + i * all->row,
				.row = all->row, .w = all->w + at * QUAD, .quads = all->quads,
				.sums = all->sums + i * all->stride + at, .stride = all->stride,
			};

			bytes_rows(&t, (int)(rows - i < most ? rows - i : most), steps);
		}
}

#endif
