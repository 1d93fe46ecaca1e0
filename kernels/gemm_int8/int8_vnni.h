/* SPDX-License-Identifier: MIT
 *
 * Products of 8-bit codes by vpdpbusd, which adds four products of u8 and s8 to each 32-bit sum
 * without saturation.  One source for all vector lengths.  Whoever includes it has defined
 *
 *         vector                          32-bit integers, a type of gcc's vector extension
 *         vector_load, vector_store       at any address
 *         vector_set                      one number everywhere
 *         vector_dot(sum, a, w)           vpdpbusd
 *         vector_total                    the sum of the lanes, modulo 2^32
 *         vector_requantize               requantize_block_* of requantize_*.h
 *         ROWS, VECTORS                   of a tile: ROWS * VECTORS sums live in registers
 *
 * A tile runs through all of k: its sums never leave the registers.  Rows of a are read where they
 * lie: copying them first costs 1 % of 512^3 and 6 % of 3136 x 64 x 576, and a broadcast from
 * memory is one load.  Meanwhile the rows of the next block are fetched, or each tile waits for 6
 * short streams to begin: 2 % of 3136 x 64 x 576.  Weights beyond the
 * second-level cache that few rows read are fetched FAR bytes early: beside programs that load the
 * memory 16 x 4096 x 4096 takes a tenth less.
 */
#ifndef QS_INT8_VNNI_H
#define QS_INT8_VNNI_H

#include "int8_vnni_pack.h"

struct part {                   /* rows by neighbouring panels                           */
	const uint8_t *a, *next;         /* rows; those to be fetched                    */
	const int8_t *w;                 /* [panels][quads][COLUMNS][QUAD]               */
	int64_t a_stride, panels;
	int64_t quads;                   /* whole ones                                   */
	const int32_t *tail;             /* [rows] the codes behind them, 0 after; NULL: none */
	size_t panel_bytes;
	const int32_t *start;            /* where the sums begin, and where they go; each in     */
	int32_t *sums;                   /* rows of panels * COLUMNS                             */
	int64_t start_stride, sum_stride;
};

/* One quad of each row by one of each column. */
INLINE void step(vector sum[][2 * VECTORS], const uint8_t *a, int64_t a_stride, const int8_t *w,
		 size_t panel_bytes, const int rows, const int vectors, const int32_t flip,
		 const bool far)
{
	vector left[2 * VECTORS], signs = vector_set(flip);

	/* else gcc flips in a general register, whose broadcast is two instructions more */
	if (flip)
		__asm__("" : "+v"(signs));
	if (far)
		for (int at = 0; at < COLUMNS * QUAD; at += GEMM_LINE)
			__builtin_prefetch(w + at + FAR);
	GEMM_UNROLL
	for (int v = 0; v < vectors; v++)
		left[v] = vector_load(w + (v < VECTORS ? 0 : panel_bytes) +
				      v % VECTORS * LANES * QUAD);
	GEMM_UNROLL
	for (int i = 0; i < rows; i++) {
		int32_t codes;

		memcpy(&codes, a + i * a_stride, sizeof codes);
		const vector one = flip ? vector_set(codes) ^ signs : vector_set(codes);

		GEMM_UNROLL
		for (int v = 0; v < vectors; v++)
			sum[i][v] = vector_dot(sum[i][v], one, left[v]);
	}
}

/* Panels one by one, or two at a time where vectors is 2 * VECTORS. */
INLINE void tiles(const struct part *t, const int rows, const int vectors, const int32_t flip,
		  const bool far)
{
	const int64_t a_stride = t->a_stride, start_stride = t->start_stride;
	const int64_t sum_stride = t->sum_stride, last = t->panels * COLUMNS;
	const size_t panel_bytes = t->panel_bytes;
	const int8_t *panel = t->w;

	for (int64_t column = 0; column < last; column += vectors * LANES) {
		const uint8_t *a = t->a, *next = t->next, *const end = a + t->quads * QUAD;
		const int32_t *const start = t->start + column;
		int32_t *const sums = t->sums + column;
		const int8_t *w = panel;
		vector sum[ROWS][2 * VECTORS];

		GEMM_UNROLL
		for (int i = 0; i < rows; i++) {
			GEMM_UNROLL
			for (int v = 0; v < vectors; v++)
				sum[i][v] = vector_load(start + i * start_stride + v * LANES);
		}
		while (a < end) {
			const uint8_t *const stop = end - a < GEMM_LINE ? end : a + GEMM_LINE;

			GEMM_UNROLL
			for (int i = 0; i < rows; i++)
				__builtin_prefetch(next + i * a_stride);
			next += GEMM_LINE;
			for (; a < stop; a += QUAD, w += COLUMNS * QUAD)
				step(sum, a, a_stride, w, panel_bytes, rows, vectors, flip, far);
		}
		if (t->tail)
			step(sum, (const uint8_t *)t->tail, QUAD, w, panel_bytes, rows, vectors,
			     flip, false);
		GEMM_UNROLL
		for (int i = 0; i < rows; i++) {
			GEMM_UNROLL
			for (int v = 0; v < vectors; v++)
				vector_store(sums + i * sum_stride + v * LANES, sum[i][v]);
		}
		panel += (size_t)(vectors / VECTORS) * panel_bytes;
	}
}

/* One body a number of rows: the sums then are registers. */
#define TILES(rows, vectors, far) \
	(flip ? tiles(t, rows, vectors, FLIP, far) : tiles(t, rows, vectors, 0, far))

static __attribute__((noinline)) void tiles_far(const struct part *t, int rows, bool flip)
{
	switch (rows) {
	case 4: TILES(4, VECTORS, true); break;
	case 5: TILES(5, VECTORS, true); break;
	default: TILES(ROWS, VECTORS, true); break;
	}
}

static void tiles_of(const struct part *t, int rows, bool flip)
{
	switch (rows) {
	case 1: TILES(1, VECTORS, false); break;
	case 2: TILES(2, VECTORS, false); break;
	case 3: TILES(3, VECTORS, false); break;
	case 4: TILES(4, VECTORS, false); break;
	case 5: TILES(5, VECTORS, false); break;
	default: TILES(ROWS, VECTORS, false); break;
	}
}

static void tile_pairs(const struct part *t, int rows, bool flip)
{
	switch (rows) {
	case 1: TILES(1, 2 * VECTORS, false); break;
	case 2: TILES(2, 2 * VECTORS, false); break;
	default: TILES(PAIRED_ROWS, 2 * VECTORS, false); break;
	}
}

struct rows {                   /* of one unit                                           */
	int32_t tail[ROWS], sum[ROWS], zero[ROWS];
};

/* The sum of a row's codes as u8, modulo 2^32. */
static int32_t sum_row(const uint8_t *row, int64_t k, int32_t flip)
{
	const vector ones = vector_set(0x01010101);
	vector sum = vector_set(0);
	uint32_t total;
	int64_t at = 0;

	for (; at + (int64_t)sizeof(vector) <= k; at += (int64_t)sizeof(vector))
		sum = vector_dot(sum, vector_load(row + at) ^ vector_set(flip), ones);
	total = (uint32_t)vector_total(sum);
	for (; at < k; at++)
		total += row[at] ^ (flip & UINT8_MAX);
	return (int32_t)total;
}

/* What this task needs of them. */
static void read_rows(const struct prepared *p, const uint8_t *a, const struct gemm_unit *unit,
		      struct rows *rows)
{
	const struct qs_task *task = &p->task;
	const int64_t k = task->k, rest = k % QUAD;
	const int32_t flip = int8_flip(task) ? FLIP : 0;

	for (int i = 0; i < unit->rows && rest; i++) {
		rows->tail[i] = 0;
		memcpy(&rows->tail[i], a + (unit->row + i) * task->a.stride + k - rest,
		       (size_t)rest);
	}
	for (int i = 0; i < unit->rows && p->columns.sum_w; i++)
		rows->zero[i] = int8_zero_a(task, unit->row + i);
	for (int i = 0; i < unit->rows && p->columns.zero_w; i++)
		rows->sum[i] = sum_row(a + (unit->row + i) * task->a.stride, k, flip);
}

/* start - zero_a sum_w - zero_w sum_a of the columns from `column` on, where one of the two does
 * not vanish. */
static void start_rows(const struct prepared *p, const struct rows *rows, int count, int64_t column,
		       int64_t columns, int32_t *to)
{
	const struct int8_columns *c = &p->columns;

	for (int i = 0; i < count; i++)
		for (int64_t at = 0; at < columns; at += LANES) {
			vector sum = vector_load(c->start + column + at);

			if (c->sum_w)
				sum -= vector_set(rows->zero[i]) *
				       vector_load(c->sum_w + column + at);
			if (c->zero_w)
				sum -= vector_set(rows->sum[i]) *
				       vector_load(c->zero_w + column + at);
			vector_store(to + i * columns + at, sum);
		}
}

/* From sums to y; the last panel may have fewer columns than a tile. */
static void finish(const struct prepared *p, const struct gemm_unit *unit, const int32_t *sums,
		   int64_t width, int64_t column, void *y)
{
	const struct qs_task *task = &p->task;
	const int64_t left = task->n - column, columns = left < width ? left : width;
	const int64_t at = unit->row * task->y.stride + column;

	if (task->y.type == QS_S32) {
		for (int i = 0; i < unit->rows; i++)
			memcpy((int32_t *)y + at + i * task->y.stride, sums + i * width,
			       (size_t)columns * sizeof *sums);
		return;
	}
	const struct requantize_block block = {
		.sums = sums, .y = (uint8_t *)y + at, .sum_stride = width,
		.y_stride = task->y.stride, .rows = unit->rows, .columns = columns,
		.column = column,
	};
	vector_requantize(&p->requantize, &block, task->y.type == QS_S8);
}

/* In pairs of panels where rows are few; the odd one comes last.  t is changed in place: a copy of
 * it would read in one load what has just been written in several, and wait for the sums. */
static void multiply(struct part *t, int rows, bool flip, bool far)
{
	const int64_t paired = rows > PAIRED_ROWS ? 0 : t->panels / 2 * 2;

	if (paired) {
		const int64_t odd = t->panels - paired;

		t->panels = paired;
		tile_pairs(t, rows, flip);
		t->panels = odd;
		t->w += (size_t)paired * t->panel_bytes;
		t->start += paired * COLUMNS;
		t->sums += paired * COLUMNS;
	}
	/* unlikely: else gcc aligns the loops of neither */
	if (t->panels && __builtin_expect(far && rows > PAIRED_ROWS, 0))
		tiles_far(t, rows, flip);
	else if (t->panels)
		tiles_of(t, rows, flip);
}

/* Sums go right to y where they are the result; else, and where they do not all begin with the same
 * numbers, only a few panels go at once: their sums or starts are put down here. */
static void run_unit(const struct prepared *p, const uint8_t *a, void *y,
		     const struct gemm_unit *unit)
{
	const struct qs_task *task = &p->task;
	const bool moves = p->columns.sum_w || p->columns.zero_w, flip = int8_flip(task);
	const int64_t after = unit->row + unit->rows, whole = task->n / COLUMNS;
	_Alignas(GEMM_LINE) int32_t sums[ROWS * COLUMNS * HELD_PANELS];
	struct rows rows;
	struct part part = {
		.a = a + unit->row * task->a.stride,
		.next = a + (after < task->m ? after : 0) * task->a.stride,
		.a_stride = task->a.stride, .quads = task->k / QUAD,
		.tail = task->k % QUAD ? rows.tail : NULL, .panel_bytes = p->panel_bytes,
	};

	read_rows(p, a, unit, &rows);
	for (int64_t panel = unit->panel, panels; panel < unit->panel_end; panel += panels) {
		const int64_t column = panel * COLUMNS, left = unit->panel_end - panel;
		const bool direct = task->y.type == QS_S32 && panel < whole;

		panels = direct && unit->panel_end > whole ? whole - panel : left;
		if (!direct || moves)
			panels = panels < HELD_PANELS ? panels : HELD_PANELS;
		part.panels = panels;
		part.w = p->w + (size_t)panel * p->panel_bytes;
		part.start = p->columns.start + column;
		part.start_stride = 0;
		part.sums = (int32_t *)y + unit->row * task->y.stride + column;
		part.sum_stride = task->y.stride;
		if (!direct) {
			part.sums = sums;
			part.sum_stride = panels * COLUMNS;
		}
		if (moves) {
			start_rows(p, &rows, unit->rows, column, panels * COLUMNS, sums);
			part.start = sums;
			part.start_stride = panels * COLUMNS;
		}
		multiply(&part, unit->rows, flip, p->far);
		if (!direct)
			finish(p, unit, sums, panels * COLUMNS, column, y);
	}
}

/* gemm_unit_at, with one division for four. */
static struct gemm_unit unit_at(const struct prepared *p, int64_t i)
{
	const struct gemm_blocks *blocks = &p->blocks;
	const int64_t group = i / blocks->row_blocks, block = i - group * blocks->row_blocks;
	const int64_t panel = group * blocks->unit_panels, end = panel + blocks->unit_panels;
	const bool longer = block < p->longer;

	return (struct gemm_unit){
		.row = block * p->rows + (longer ? block : p->longer),
		.rows = (int)p->rows + longer,
		.panel = panel, .panel_end = end < blocks->panels ? end : blocks->panels,
	};
}

static int run(const void *prepared, const void *a, void *y, int64_t first, int64_t last)
{
	for (int64_t i = first; i < last; i++) {
		const struct gemm_unit unit = unit_at(prepared, i);

		run_unit(prepared, a, y, &unit);
	}
	return 0;
}

#endif
