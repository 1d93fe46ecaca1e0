/* SPDX-License-Identifier: MIT
 *
 * Exact sums of 8-bit codes at full range where no instruction adds their products in 32 bits: both
 * sides become 16-bit words with their zero points taken off, and vpmaddwd multiplies those.
 * Whoever includes this has defined the vectors; int8__avx2.c says how.
 *
 * A sum of products costs half of the multiplications (S. Winograd, A new algorithm for inner
 * products, 1968): with e and o the two halves of k,
 *
 *         sum (a_e w_e + a_o w_o) = sum (a_e + w_o)(a_o + w_e) - sum a_e a_o - sum w_e w_o
 *
 * so that two additions of 16 bits, one vpmaddwd and one addition of 32 bits make four products a
 * 32-bit lane, where vpmaddwd alone takes two of it and two additions: as many instructions, but
 * they suit a CPU that adds on four ports and multiplies on two.  The last two sums hang on the row
 * or on the column alone; tiles begin with them.
 *
 * On top of it a product of matrices cut into 2 x 2 blocks takes 7 products of blocks instead of 8
 * (V. Strassen, Gaussian elimination is not optimal, 1969), here called level 1:
 *
 *         p0 = (a00 + a11)(w00 + w11)    p4 = (a00 + a01) w11           y00 = p0 + p3 - p4 + p6
 *         p1 = (a10 + a11) w00           p5 = (a10 - a00)(w00 + w01)    y01 = p2 + p4
 *         p2 = a00 (w01 - w11)           p6 = (a01 - a11)(w10 + w11)    y10 = p1 + p3
 *         p3 = a11 (w10 - w00)                                          y11 = p0 - p1 + p2 + p5
 *
 * where a's blocks are [rows][k], w's [k][columns] and y's [rows][columns].  Both are exact: sums
 * are right modulo 2^32, and they are known to lie in s32.  |a_e + w_o| <= 4 * 255, and vpmaddwd
 * adds two products of 2^20.
 *
 * k goes in steps of at most WORDS_DEPTH, each cut into `blocks` of two halves.  A unit is up to
 * WORDS_ROWS rows by some panels of blocks * COLUMNS channels: its rows of a are spread to the
 * products once a step, weights are kept as bytes and spread once a panel.
 */
#ifndef QS_INT8_WORDS_H
#define QS_INT8_WORDS_H

#include "../gemm/gemm_blocks.h"
#include "int8.h"

enum { COLUMNS = 2 * LANES, BLOCKS = 2, PRODUCTS = 7, WORDS_DEPTH = 1024, WORDS_ROWS = 64,
       WORDS_COLUMNS = 1024 };  /* of a unit, at most                                    */

struct words {                  /* how a task is cut, and w so                           */
	int level, blocks, products;
	int64_t k, depths;
	int64_t half;           /* codes in a half of a block of k, even                 */
	int64_t stride;         /* words from one half to the next of packed a           */
	int64_t panels, unit_panels, row_blocks, unit_row_blocks;
	/* [depths][panels][k blocks][column blocks][half / 2][2][COLUMNS][2] */
	int8_t *w;
	int16_t *zero;          /* [panels][column blocks][COLUMNS][2]; NULL: all are 0  */
	int32_t *start;         /* [depths][panels][products][COLUMNS]: -sum w_e w_o     */
	int32_t *bias;          /* [panels][column blocks][COLUMNS]                      */
};

/* One block of rows: `rows` for each of `blocks`, the last of them may be missing. */
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
	const int blocks = level ? BLOCKS : 1;
	const int64_t depths = (task->k + WORDS_DEPTH - 1) / WORDS_DEPTH;
	const int64_t halves = depths * 2 * blocks;
	struct words p = {
		.level = level, .blocks = blocks, .products = level ? PRODUCTS : 1,
		.k = task->k, .depths = depths,
		.half = words_up((task->k + halves - 1) / halves, 2),
		.panels = (task->n + blocks * COLUMNS - 1) / (blocks * COLUMNS),
		.row_blocks = (task->m + blocks * ROWS - 1) / (blocks * ROWS),
		.unit_panels = WORDS_COLUMNS / (blocks * COLUMNS),
		.unit_row_blocks = WORDS_ROWS / (blocks * ROWS),
	};

	p.stride = words_up(p.half, WORDS);
	while (words_units(&p) < task->threads && p.unit_panels > 1)
		p.unit_panels /= 2;
	while (words_units(&p) < task->threads && p.unit_row_blocks > 1)
		p.unit_row_blocks /= 2;
	return p;
}

/* Weights in a block of a panel. */
static inline int64_t words_block(const struct words *p)
{
	return p->half * 2 * COLUMNS;
}

static inline int64_t words_panel(const struct words *p)
{
	return words_block(p) * p->blocks * p->blocks;
}

/* Behind the last weight of a channel stand codes that mean 0. */
static void words_pack(const struct words *p, const struct qs_task *task, const int8_t *w)
{
	const int64_t panel = words_panel(p), block = words_block(p);

	for (int64_t n = 0; n < task->n; n++) {
		const int8_t *from = w + n * task->w.stride;
		const int32_t zero = gemm_zero(&task->w, n);
		const int64_t in = n % (p->blocks * COLUMNS);
		int8_t *to = p->w + n / (p->blocks * COLUMNS) * panel + in / COLUMNS * block +
			     in % COLUMNS * 2;

		p->bias[n] = task->bias ? (int32_t)task->bias[n] : 0;
		if (p->zero)
			p->zero[2 * n] = p->zero[2 * n + 1] = (int16_t)zero;
		for (int64_t i = 0, k = 0; i < p->depths * p->blocks * 2; i++) {
			int8_t *half = to + i / 2 / p->blocks * p->panels * panel +
				       i / 2 % p->blocks * p->blocks * block +
				       i % 2 * 2 * COLUMNS;

			for (int64_t at = 0; at < p->half; at++, k++)
				half[at / 2 * 4 * COLUMNS + at % 2] =
					k < p->k ? from[k] : (int8_t)zero;
		}
	}
}

/* What four blocks of w, [k][columns], and of a, [rows][k], give to each product. */
static inline void words_combine_w(const vec from[4], vec to[PRODUCTS])
{
	to[0] = v_add16(from[0], from[3]);
	to[1] = from[0];
	to[2] = v_sub16(from[1], from[3]);
	to[3] = v_sub16(from[2], from[0]);
	to[4] = from[3];
	to[5] = v_add16(from[0], from[1]);
	to[6] = v_add16(from[2], from[3]);
}

static inline void words_combine_a(const vec from[4], vec to[PRODUCTS])
{
	to[0] = v_add16(from[0], from[3]);
	to[1] = v_add16(from[2], from[3]);
	to[2] = from[0];
	to[3] = from[3];
	to[4] = v_add16(from[0], from[1]);
	to[5] = v_sub16(from[2], from[0]);
	to[6] = v_sub16(from[1], from[3]);
}

/* Where products go: blocks of y, 00, 01, 10, 11. */
static const int8_t words_to_y[PRODUCTS][BLOCKS * BLOCKS] = {
	{ 1, 0, 0, 1 }, { 0, 0, 1, -1 }, { 0, 1, 0, 1 }, { 1, 0, 1, 0 },
	{ -1, 1, 0, 0 }, { 0, 0, 0, 1 }, { 1, 0, 0, 0 },
};

/* Everything but p is a constant where this is inlined. */
static inline __attribute__((always_inline)) void
words_spread_w_at(const struct words *p, const int level, const bool zeroes, const int8_t *from,
		  const int16_t *zero, int16_t *to)
{
	const int blocks = level ? BLOCKS : 1;
	const int64_t block = words_block(p);

	for (int64_t at = 0; at < block; at += WORDS) {
		vec in[BLOCKS * BLOCKS] = { v_zero() }, out[PRODUCTS] = { v_zero() };

		GEMM_UNROLL
		for (int i = 0; i < blocks * blocks; i++) {
			in[i] = v_wide(from + i * block + at);
			if (zeroes)
				in[i] = v_sub16(in[i], v_load(zero + i % blocks * COLUMNS * 2 +
							      at % (COLUMNS * 2)));
		}
		if (!level) {
			v_store(to + at, in[0]);
			continue;
		}
		words_combine_w(in, out);
		GEMM_UNROLL
		for (int i = 0; i < PRODUCTS; i++)
			v_store(to + i * block + at, out[i]);
	}
}

/* The weights of a panel, one step of k: to is [products][half / 2][2][COLUMNS][2]. */
static void words_spread_w(const struct words *p, int64_t depth, int64_t panel, int16_t *to)
{
	const int8_t *from = p->w + (depth * p->panels + panel) * words_panel(p);

	if (p->zero) {
		const int16_t *zero = p->zero + panel * p->blocks * COLUMNS * 2;

		if (p->level)
			words_spread_w_at(p, 1, true, from, zero, to);
		else
			words_spread_w_at(p, 0, true, from, zero, to);
	} else if (p->level) {
		words_spread_w_at(p, 1, false, from, NULL, to);
	} else {
		words_spread_w_at(p, 0, false, from, NULL, to);
	}
}

/* start, of one panel and step of k, from what words_spread_w made. */
static void words_start_w(const struct words *p, const int16_t *w, int32_t *start)
{
	for (int i = 0; i < p->products; i++, start += COLUMNS) {
		vec left = v_zero(), right = v_zero();

		for (int64_t at = 0; at < p->half / 2; at++, w += 4 * WORDS) {
			left = v_sub32(left, v_madd(v_load(w), v_load(w + 2 * WORDS)));
			right = v_sub32(right, v_madd(v_load(w + WORDS), v_load(w + 3 * WORDS)));
		}
		v_store(start, left);
		v_store(start + LANES, right);
	}
}

#endif
