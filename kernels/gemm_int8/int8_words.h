/* SPDX-License-Identifier: MIT
 *
 * Exact sums of 8-bit codes at full range where no instruction adds their products in 32 bits: both
 * sides become 16-bit numbers with their zero points taken off, and vpmaddwd multiplies those.
 * A file that includes this has defined the vectors first (int8__avx2.c says which).
 *
 * A sum of products costs half of the multiplications (S. Winograd, A new algorithm for inner
 * products, 1968): with e and o the two halves of k,
 *
 *         sum (a_e w_e + a_o w_o) = sum (a_e + w_o)(a_o + w_e) - sum a_e a_o - sum w_e w_o
 *
 * so that two additions of 16 bits, one vpmaddwd and one addition of 32 bits make four products a
 * 32-bit lane, where vpmaddwd alone takes two of it and two additions: as many instructions, but
 * they suit the ports of a CPU that adds on four of them and multiplies on two.  The last two sums
 * hang on the row or on the column alone; tiles begin with them.
 *
 * On top of it come the products of int8_products.h.  |a_e + w_o| <= 255 * 8 at level 2: vpmaddwd
 * adds two products below 2^22 each.
 *
 * k goes in steps of at most DEPTH, each cut into 2^level blocks of two halves.  A unit is up to
 * ROWS_MOST rows by some panels of 2^level * COLUMNS channels; its rows of a are packed once a
 * step, its sums collect in a buffer.  Both are on the stack: 0.6 MB.
 */
#ifndef QS_INT8_WORDS_H
#define QS_INT8_WORDS_H

#include "../gemm/gemm_blocks.h"
#include "int8.h"
#include "int8_products.h"

enum { COLUMNS = 2 * LANES, ROWS_MOST = 64, PANELS_MOST = 8,
       DEPTH = 1024,
       A_WORDS = ROWS_MOST * DEPTH * INT8_PRODUCTS / (INT8_BLOCKS * INT8_BLOCKS),
       A_STARTS = ROWS_MOST * INT8_PRODUCTS / INT8_BLOCKS,
       SUMS = ROWS_MOST * PANELS_MOST * INT8_BLOCKS * COLUMNS };

struct words_targets {
	int count;
	struct int8_target to[INT8_BLOCKS * INT8_BLOCKS];
};

struct words {                  /* how a task is cut, and w so                           */
	int level, blocks, products;
	int64_t k, depths;
	int64_t half;           /* codes in a half of a block of k, even                 */
	int64_t stride;         /* words from one half to the next of packed a           */
	int64_t panels, unit_panels, row_blocks, unit_row_blocks;
	int16_t *w;             /* [depths][panels][products][half / 2][2][COLUMNS][2]   */
	int32_t *start;         /* [depths][panels][products][COLUMNS]: -sum w_e w_o     */
	int32_t *bias;          /* [panels][blocks][COLUMNS]                             */
	struct words_targets targets[INT8_PRODUCTS];
};

/* Of one block of rows, [blocks][rows] of them; the last ones may be missing. */
struct words_rows {
	int64_t first, count;
	int rows;
};

static inline int64_t words_up(int64_t x, int64_t to)
{
	return (x + to - 1) / to * to;
}

static inline int64_t words_groups(const struct words *p)
{
	return (p->row_blocks + p->unit_row_blocks - 1) / p->unit_row_blocks;
}

static inline int64_t words_units(const struct words *p)
{
	return words_groups(p) * ((p->panels + p->unit_panels - 1) / p->unit_panels);
}

static struct words words_cut(const struct qs_task *task, int level)
{
	const int blocks = 1 << level;
	const int64_t depths = (task->k + DEPTH - 1) / DEPTH;
	const int64_t halves = depths * 2 * blocks;
	struct words p = {
		.level = level, .blocks = blocks, .products = int8_products(level),
		.k = task->k, .depths = depths,
		.half = words_up((task->k + halves - 1) / halves, 2),
		.panels = (task->n + blocks * COLUMNS - 1) / (blocks * COLUMNS),
		.row_blocks = (task->m + blocks * ROWS - 1) / (blocks * ROWS),
		.unit_panels = PANELS_MOST * INT8_BLOCKS / blocks,
		.unit_row_blocks = ROWS_MOST / (blocks * ROWS),
	};

	p.stride = words_up(p.half, WORDS);
	while (words_units(&p) < task->threads && p.unit_panels > 1)
		p.unit_panels /= 2;
	while (words_units(&p) < task->threads && p.unit_row_blocks > 1)
		p.unit_row_blocks /= 2;
	return p;
}

/* Words of w in a panel's product, of all products of a step of k, and so on. */
static inline int64_t words_product(const struct words *p)
{
	return p->half * 2 * COLUMNS;
}

static inline int64_t words_products(const struct words *p)
{
	return p->depths * p->panels * p->products;
}

/* Packed w of channel `column` of each of a panel's blocks, of one step of k. */
static void words_pack_channel(const struct words *p, const struct qs_task *task, const int8_t *w,
			       int64_t depth, int64_t panel, int column)
{
	const int64_t first = (depth * p->panels + panel) * p->products;
	int16_t *to = p->w + first * words_product(p) + column * 2;
	uint32_t sums[INT8_PRODUCTS] = { 0 };
	int16_t even[INT8_PRODUCTS], odd[INT8_PRODUCTS];

	for (int64_t at = 0; at < p->half; at++) {
		for (int half = 0; half < 2; half++) {
			int16_t from[INT8_BLOCKS][INT8_BLOCKS] = { { 0 } };

			for (int i = 0; i < p->blocks * p->blocks; i++) {
				const int block = i / p->blocks, part = i % p->blocks;
				const int64_t n = (panel * p->blocks + part) * COLUMNS + column;
				const int64_t k =
					((depth * p->blocks + block) * 2 + half) * p->half + at;

				if (n < task->n && k < p->k)
					from[block][part] =
						(int16_t)(w[n * task->w.stride + k] -
							  gemm_zero(&task->w, n));
			}
			int8_spread_w(p->level, from, half ? odd : even);
		}
		for (int i = 0; i < p->products; i++) {
			int16_t *pair = to + i * words_product(p) + at / 2 * 4 * COLUMNS + at % 2;

			pair[0] = even[i];
			pair[2 * COLUMNS] = odd[i];
			sums[i] += (uint32_t)(even[i] * odd[i]);
		}
	}
	for (int i = 0; i < p->products; i++)
		p->start[(first + i) * COLUMNS + column] = (int32_t)-sums[i];
}

static void words_pack(struct words *p, const struct qs_task *task, const int8_t *w)
{
	for (int i = 0; i < p->products; i++)
		p->targets[i].count = int8_targets(p->level, i, p->targets[i].to);
	for (int64_t n = 0; task->bias && n < task->n; n++)
		p->bias[n] = (int32_t)task->bias[n];
	for (int64_t i = 0; i < p->depths * p->panels; i++)
		for (int column = 0; column < COLUMNS; column++)
			words_pack_channel(p, task, w, i / p->panels, i % p->panels, column);
}

static struct words_rows words_rows(const struct words *p, int64_t m, int64_t block)
{
	const int64_t first = m * block / p->row_blocks;
	const int64_t count = m * (block + 1) / p->row_blocks - first;

	return (struct words_rows){ .first = first, .count = count,
				    .rows = (int)((count + p->blocks - 1) / p->blocks) };
}

/* What four blocks of a, [rows][k], give to each product. */
static inline void words_combine(const vec from[4], vec to[INT8_SEVEN])
{
	to[0] = v_add16(from[0], from[3]);
	to[1] = v_add16(from[2], from[3]);
	to[2] = from[0];
	to[3] = from[3];
	to[4] = v_add16(from[0], from[1]);
	to[5] = v_sub16(from[2], from[0]);
	to[6] = v_sub16(from[1], from[3]);
}

/* from[row block][k block] */
static inline __attribute__((always_inline)) void
words_spread(int level, vec from[INT8_BLOCKS][INT8_BLOCKS], int16_t *to, int64_t product)
{
	vec inner[INT8_SEVEN], outer[4][INT8_SEVEN];

	if (level == 0) {
		v_store(to, from[0][0]);
	} else if (level == 1) {
		words_combine((vec[4]){ from[0][0], from[0][1], from[1][0], from[1][1] }, inner);
		for (int i = 0; i < INT8_SEVEN; i++)
			v_store(to + i * product, inner[i]);
	} else {
		for (int in = 0; in < 4; in++) {
			const int m = in / 2, k = in % 2;

			words_combine((vec[4]){ from[m][k], from[m][k + 2], from[m + 2][k],
						from[m + 2][k + 2] },
				      outer[in]);
		}
		for (int p = 0; p < INT8_SEVEN; p++) {
			words_combine((vec[4]){ outer[0][p], outer[1][p], outer[2][p],
						outer[3][p] },
				      inner);
			for (int i = 0; i < INT8_SEVEN; i++)
				v_store(to + (p * INT8_SEVEN + i) * product, inner[i]);
		}
	}
}

/* Row `row` of each block, one step of k, to each product: to is [products][rows][2][stride]. */
static inline __attribute__((always_inline)) void
words_pack_row(const struct words *p, const int level, const struct qs_task *task, const uint8_t *a,
	       const struct words_rows *rows, int row, int64_t depth, int16_t *to)
{
	const int blocks = 1 << level;
	const uint8_t flip = int8_flip(task);
	const int64_t product = rows->rows * 2 * p->stride;

	for (int64_t at = 0; at < 2 * p->stride; at += WORDS) {
		const int64_t half = at / p->stride, in = at % p->stride;
		vec from[INT8_BLOCKS][INT8_BLOCKS];

		for (int i = 0; i < blocks; i++)
			for (int j = 0; j < blocks; j++) {
				const int64_t m = i * rows->rows + row;
				const int64_t k =
					((depth * blocks + j) * 2 + half) * p->half + in;
				const int64_t left = p->k - k < p->half - in ? p->k - k
									     : p->half - in;

				from[i][j] = m < rows->count && left > 0
					? v_codes(a + (rows->first + m) * task->a.stride + k, left,
						  flip, int8_zero_a(task, rows->first + m))
					: v_zero();
			}
		words_spread(level, from, to + row * 2 * p->stride + at, product);
	}
}

/* -sum a_e a_o */
static int32_t words_start(const int16_t *a, int64_t stride)
{
	vec sum = v_zero();

	for (int64_t i = 0; i < stride; i += WORDS)
		sum = v_sub32(sum, v_madd(v_load(a + i), v_load(a + stride + i)));
	return v_total(sum);
}

static void words_pack_rows(const struct words *p, const struct qs_task *task, const uint8_t *a,
			    const struct words_rows *rows, int64_t depth, int16_t *to,
			    int32_t *start)
{
	for (int row = 0; row < rows->rows; row++)
		switch (p->level) {
		case 0: words_pack_row(p, 0, task, a, rows, row, depth, to); break;
		case 1: words_pack_row(p, 1, task, a, rows, row, depth, to); break;
		default: words_pack_row(p, 2, task, a, rows, row, depth, to); break;
		}
	for (int i = 0; i < p->products * rows->rows; i++)
		start[i] = words_start(to + i * 2 * p->stride, p->stride);
}

struct words_tile {
	const int16_t *a;       /* [rows][2][stride]                                     */
	const int32_t *start_a; /* [rows]                                                */
	const int16_t *w;       /* [steps][2][COLUMNS][2]                                */
	const int32_t *start_w; /* [COLUMNS]                                             */
	int64_t stride, steps;
	int32_t *y;             /* [blocks][rows][blocks][COLUMNS]                       */
	int blocks;
	const struct words_targets *targets;
};

static inline __attribute__((always_inline)) void words_tile(const struct words_tile *t,
							     const int rows)
{
	const int16_t *a = t->a, *w = t->w;
	const int64_t stride = t->stride;
	sums_vec sum[ROWS][2];

	GEMM_UNROLL
	for (int i = 0; i < rows; i++) {
		sum[i][0] = (sums_vec)v_add32(v_all32(t->start_a + i), v_load(t->start_w));
		sum[i][1] = (sums_vec)v_add32(v_all32(t->start_a + i),
					       v_load(t->start_w + LANES));
	}
	for (int64_t k = 0; k < t->steps; k++, a += 2, w += 4 * COLUMNS) {
		const vec e0 = v_load(w), e1 = v_load(w + WORDS);
		const vec o0 = v_load(w + 2 * WORDS), o1 = v_load(w + 3 * WORDS);

		GEMM_UNROLL
		for (int i = 0; i < rows; i++) {
			const vec e = v_all32(a + i * 2 * stride);
			const vec o = v_all32(a + i * 2 * stride + stride);

			sum[i][0] += (sums_vec)v_madd(v_add16(e, o0), v_add16(o, e0));
			sum[i][1] += (sums_vec)v_madd(v_add16(e, o1), v_add16(o, e1));
		}
	}
	for (int i = 0; i < t->targets->count; i++) {
		const struct int8_target to = t->targets->to[i];
		const int row = t->blocks * COLUMNS;
		int32_t *y = t->y + to.row * rows * row + to.column * COLUMNS;

		GEMM_UNROLL
		for (int j = 0; j < rows; j++, y += row) {
			const vec left = v_load(y), right = v_load(y + LANES);

			if (to.sign > 0) {
				v_store(y, v_add32(left, (vec)sum[j][0]));
				v_store(y + LANES, v_add32(right, (vec)sum[j][1]));
			} else {
				v_store(y, v_sub32(left, (vec)sum[j][0]));
				v_store(y + LANES, v_sub32(right, (vec)sum[j][1]));
			}
		}
	}
}

/* One body a number of rows: the sums then are registers. */
static __attribute__((noinline)) void words_tile_of(const struct words_tile *t, int rows)
{
	switch (rows) {
	case 1: words_tile(t, 1); break;
	case 2: words_tile(t, 2); break;
	case 3: words_tile(t, 3); break;
#if ROWS > 4
	case 4: words_tile(t, 4); break;
	case 5: words_tile(t, 5); break;
	case 6: words_tile(t, 6); break;
	case 7: words_tile(t, 7); break;
#endif
	default: words_tile(t, ROWS); break;
	}
}

#endif
