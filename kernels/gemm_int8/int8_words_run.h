/* SPDX-License-Identifier: MIT
 *
 * A unit of the route of 16-bit words (int8_words.h).
 */
#ifndef QS_INT8_WORDS_RUN_H
#define QS_INT8_WORDS_RUN_H

#include "int8_finish.h"

enum { WORDS_BLOCKS_MOST = WORDS_ROWS / ROWS };

struct words_unit {             /* blocks of rows and panels                             */
	int64_t block, blocks, panel, panels;
};

/* What a unit works in: 0.7 MB of the stack. */
struct words_buffers {
	/* [blocks][products][rows][2][stride]; 7/4 of the rows */
	_Alignas(GEMM_LINE) int16_t a[WORDS_ROWS * WORDS_DEPTH * PRODUCTS / 4];
	_Alignas(GEMM_LINE) int16_t w[WORDS_DEPTH / BLOCKS * COLUMNS * PRODUCTS];
	/* [panels, or 1 where k is one step][blocks][its rows][panel's columns] */
	_Alignas(GEMM_LINE) int32_t sums[WORDS_ROWS * WORDS_COLUMNS];
	int32_t start[WORDS_ROWS * PRODUCTS];    /* [blocks][products][rows]             */
	struct words_rows rows[WORDS_BLOCKS_MOST];
};

struct words_tile {
	const int16_t *a;       /* [rows][2][stride]                                     */
	const int32_t *start_a; /* [rows]                                                */
	const int16_t *w;       /* [steps][2][COLUMNS][2]                                */
	const int32_t *start_w; /* [COLUMNS]                                             */
	int64_t stride, steps;
	int32_t *y;             /* [blocks][rows][blocks][COLUMNS]                       */
	int blocks;
	const int8_t *to_y;     /* [blocks * blocks]                                     */
};

static inline __attribute__((always_inline)) void words_tile(const struct words_tile *t,
							     const int rows)
{
	const int16_t *a = t->a, *w = t->w;
	const int64_t stride = t->stride;
	const int width = t->blocks * COLUMNS;
	sums_vec sum[ROWS][2];

	GEMM_UNROLL
	for (int i = 0; i < rows; i++) {
		const vec start = v_all32(t->start_a + i);

		sum[i][0] = (sums_vec)v_add32(start, v_load(t->start_w));
		sum[i][1] = (sums_vec)v_add32(start, v_load(t->start_w + LANES));
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
	for (int i = 0; i < t->blocks * t->blocks; i++) {
		int32_t *y = t->y + i / t->blocks * rows * width + i % t->blocks * COLUMNS;

		if (!t->to_y[i])
			continue;
		GEMM_UNROLL
		for (int j = 0; j < rows; j++, y += width) {
			const vec left = v_load(y), right = v_load(y + LANES);

			if (t->to_y[i] > 0) {
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

static struct words_unit words_unit_at(const struct words *words, int64_t i)
{
	const int64_t groups = words_groups(words);
	struct words_unit unit = {
		.block = i % groups * words->unit_row_blocks, .blocks = words->unit_row_blocks,
		.panel = i / groups * words->unit_panels, .panels = words->unit_panels,
	};

	if (unit.blocks > words->row_blocks - unit.block)
		unit.blocks = words->row_blocks - unit.block;
	if (unit.panels > words->panels - unit.panel)
		unit.panels = words->panels - unit.panel;
	return unit;
}

static struct words_rows words_rows(const struct words *p, int64_t m, int64_t block)
{
	const int64_t first = m * block / p->row_blocks;
	const int64_t count = m * (block + 1) / p->row_blocks - first;

	return (struct words_rows){ .first = first, .count = count,
				    .rows = (int)((count + p->blocks - 1) / p->blocks) };
}

/* Half of row `row` of each block, one step of k, to each product: `to` is
 * [products][rows][2][stride]. */
static inline __attribute__((always_inline)) void
words_spread_row(const struct words *p, const int level, const struct qs_task *task,
		 const uint8_t *a, const struct words_rows *rows, int row, int64_t depth, int half,
		 int16_t *to)
{
	const int blocks = level ? BLOCKS : 1;
	const int64_t product = rows->rows * 2 * p->stride;
	const uint8_t flip = int8_flip(task);
	const uint8_t *from[BLOCKS * BLOCKS] = { a, a, a, a };
	int64_t count[BLOCKS * BLOCKS] = { 0 };
	int32_t zero[BLOCKS] = { 0 };

	for (int i = 0; i < blocks * blocks; i++) {
		const int64_t m = rows->first + i / blocks * rows->rows + row;
		const int64_t k = ((depth * blocks + i % blocks) * 2 + half) * p->half;

		if (m >= rows->first + rows->count || k >= p->k)
			continue;
		from[i] = a + m * task->a.stride + k;
		count[i] = p->half < p->k - k ? p->half : p->k - k;
		zero[i / blocks] = int8_zero_a(task, m);
	}
	for (int64_t at = 0; at < p->stride; at += WORDS) {
		int16_t *out = to + (row * 2 + half) * p->stride + at;
		vec in[BLOCKS * BLOCKS] = { v_zero() }, spread[PRODUCTS] = { v_zero() };

		GEMM_UNROLL
		for (int i = 0; i < blocks * blocks; i++)
			in[i] = count[i] > at ? v_codes(from[i] + at, count[i] - at, flip,
							zero[i / blocks])
					      : v_zero();
		if (!level) {
			v_store(out, in[0]);
			continue;
		}
		words_combine_a(in, spread);
		GEMM_UNROLL
		for (int i = 0; i < PRODUCTS; i++)
			v_store(out + i * product, spread[i]);
	}
}

/* start: -sum a_e a_o of each row of each product. */
static void words_spread_a(const struct words *p, const struct qs_task *task, const uint8_t *a,
			   const struct words_rows *rows, int64_t depth, int16_t *to,
			   int32_t *start)
{
	for (int i = 0; i < 2 * rows->rows; i++)
		if (p->level)
			words_spread_row(p, 1, task, a, rows, i / 2, depth, i % 2, to);
		else
			words_spread_row(p, 0, task, a, rows, i / 2, depth, i % 2, to);
	for (int i = 0; i < p->products * rows->rows; i++, to += 2 * p->stride) {
		vec sum = v_zero();

		for (int64_t at = 0; at < p->stride; at += WORDS)
			sum = v_sub32(sum, v_madd(v_load(to + at), v_load(to + p->stride + at)));
		start[i] = v_total(sum);
	}
}

static int32_t *words_sums(const struct words *p, struct words_buffers *b, int64_t panel,
			   int64_t block)
{
	const int64_t slot = (p->depths == 1 ? 0 : panel * p->unit_row_blocks) + block;

	return b->sums + slot * p->blocks * p->blocks * ROWS * COLUMNS;
}

static void words_begin(const struct words *p, const struct words_rows *rows, int64_t panel,
			int32_t *sums)
{
	const int width = p->blocks * COLUMNS;

	for (int i = 0; i < p->blocks * rows->rows; i++)
		memcpy(sums + i * width, p->bias + panel * width, (size_t)width * sizeof *sums);
}

/* All products of one panel and one step of k.  Meanwhile the next panel is fetched. */
static void words_multiply(const struct words *p, struct words_buffers *b,
			   const struct words_unit *unit, int64_t depth, int64_t panel)
{
	const int32_t *start =
		p->start + (depth * p->panels + unit->panel + panel) * p->products * COLUMNS;

	const int64_t size = words_panel(p), share = size / (p->products * unit->blocks);
	const int8_t *next = p->w + (depth * p->panels + unit->panel + panel + 1) * size;

	words_spread_w(p, depth, unit->panel + panel, b->w);
	for (int i = 0; i < p->products; i++)
		for (int64_t block = 0; block < unit->blocks; block++, next += share) {
			const int rows = b->rows[block].rows;
			const int64_t row = block * p->products * ROWS + i * rows;
			const struct words_tile tile = {
				.a = b->a + row * 2 * p->stride, .start_a = b->start + row,
				.w = b->w + i * words_block(p), .start_w = start + i * COLUMNS,
				.stride = p->stride, .steps = p->half / 2,
				.y = words_sums(p, b, panel, block),
				.blocks = p->blocks, .to_y = words_to_y[i],
			};

			for (int64_t at = 0; at < share; at += GEMM_LINE)
				__builtin_prefetch(next + at, 0, 2);
			words_tile_of(&tile, rows);
		}
}

static void words_run(const struct prepared *p, const uint8_t *a, void *y, int64_t i)
{
	const struct words *words = &p->words;
	const struct words_unit unit = words_unit_at(words, i);
	const int width = words->blocks * COLUMNS;
	struct words_buffers b;

	for (int64_t block = 0; block < unit.blocks; block++)
		b.rows[block] = words_rows(words, p->task.m, unit.block + block);
	for (int64_t depth = 0; depth < words->depths; depth++) {
		for (int64_t block = 0; block < unit.blocks; block++) {
			const int64_t row = block * words->products * ROWS;

			words_spread_a(words, &p->task, a, &b.rows[block], depth,
				       b.a + row * 2 * words->stride, b.start + row);
		}
		for (int64_t panel = 0; panel < unit.panels; panel++) {
			for (int64_t block = 0; block < unit.blocks && !depth; block++)
				words_begin(words, &b.rows[block], unit.panel + panel,
					    words_sums(words, &b, panel, block));
			words_multiply(words, &b, &unit, depth, panel);
			if (depth < words->depths - 1)
				continue;
			for (int64_t block = 0; block < unit.blocks; block++)
				finish(p, &(struct sums){
						.sums = words_sums(words, &b, panel, block),
						.width = width, .row = b.rows[block].first,
						.rows = b.rows[block].count,
						.column = (unit.panel + panel) * width,
					  }, y);
		}
	}
}

#endif
