/* SPDX-License-Identifier: MIT
 *
 * The calls of the kernels that multiply 16-bit words (int8_words.h): prepare, units and run.
 */
#ifndef QS_INT8_RUN_H
#define QS_INT8_RUN_H

#include "int8_words.h"

struct prepared {
	struct qs_task task;
	struct words words;
	struct requantize_columns requantize;
	struct words_targets targets[INT8_PRODUCTS];
	_Alignas(GEMM_LINE) uint8_t memory[]; /* w, start, bias, then what requantize points to */
};

static void *prepare(const struct qs_task *task, const void *w, size_t *bytes,
		     const char **reason)
{
	struct words words = words_cut(task, words_level(task));
	const size_t products = (size_t)words_products(&words);
	const size_t product = (size_t)words_product(&words) * sizeof(int16_t);
	const size_t columns = (size_t)(words.panels * words.blocks) * COLUMNS * sizeof(int32_t);
	/* a vector of the last columns may end behind them */
	const size_t scales = requantize_columns_bytes(task->n) + REQUANTIZE_STRIP * sizeof(float);
	struct prepared *p;
	uint8_t *next;

	*reason = int8_prove(task, w);
	if (*reason)
		return NULL;
	p = gemm_allocate(sizeof *p + columns + scales, products,
			  product + COLUMNS * sizeof(int32_t));
	if (!p)
		return NULL;
	next = p->memory;
	words.w = (int16_t *)(void *)next;
	next += products * product;
	words.start = (int32_t *)(void *)next;
	next += products * COLUMNS * sizeof(int32_t);
	words.bias = (int32_t *)(void *)next;
	next += columns;
	p->task = *task;
	p->words = words;
	if (task->y.type != QS_S32)
		*reason = requantize_columns_make(&p->requantize, next, task, task->n);
	if (*reason) {
		free(p);
		return NULL;
	}
	words_pack(&words, task, w);
	for (int i = 0; i < words.products; i++)
		p->targets[i].count = int8_targets(words.level, i, p->targets[i].to);
	*bytes = products * product;
	return p;
}

static int64_t units(const void *prepared)
{
	return words_units(&((const struct prepared *)prepared)->words);
}

struct unit {                   /* blocks of rows and panels                             */
	int64_t block, blocks, panel, panels;
};

static struct unit unit_at(const struct words *words, int64_t i)
{
	const int64_t groups = words_groups(words);
	struct unit unit = {
		.block = i % groups * words->unit_row_blocks, .blocks = words->unit_row_blocks,
		.panel = i / groups * words->unit_panels, .panels = words->unit_panels,
	};

	if (unit.blocks > words->row_blocks - unit.block)
		unit.blocks = words->row_blocks - unit.block;
	if (unit.panels > words->panels - unit.panel)
		unit.panels = words->panels - unit.panel;
	return unit;
}

/* What a unit works in. */
struct buffers {
	_Alignas(GEMM_LINE) int16_t a[A_WORDS];  /* [blocks][products][rows][2][stride]  */
	/* [panels, or 1 where k is one step][blocks][its rows][panel's columns] */
	_Alignas(GEMM_LINE) int32_t sums[SUMS];
	int32_t start[A_STARTS];                 /* [blocks][products][rows]             */
	struct words_rows rows[ROWS_MOST / ROWS];
};

static int32_t *sums_of(const struct words *words, struct buffers *b, int64_t panel, int64_t block)
{
	const int64_t slot = (words->depths == 1 ? 0 : panel * words->unit_row_blocks) + block;

	return b->sums + slot * words->blocks * words->blocks * ROWS * COLUMNS;
}

static void begin(const struct words *words, const struct words_rows *rows, int64_t panel,
		  int32_t *sums)
{
	const int width = words->blocks * COLUMNS;

	for (int i = 0; i < words->blocks * rows->rows; i++)
		memcpy(sums + i * width, words->bias + panel * width,
		       (size_t)width * sizeof *sums);
}

static void finish(const struct prepared *p, const struct words_rows *rows, int64_t panel,
		   const int32_t *sums, void *y)
{
	const struct qs_task *task = &p->task;
	const int width = p->words.blocks * COLUMNS;
	const int64_t column = panel * width;
	const int64_t left = task->n - column, at = rows->first * task->y.stride + column;
	const struct requantize_block block = {
		.sums = sums, .sum_stride = width,
		.y = (uint8_t *)y + at, .y_stride = task->y.stride,
		.rows = rows->count, .columns = left < width ? left : width, .column = column,
	};

	if (task->y.type == QS_S32)
		for (int64_t i = 0; i < rows->count; i++)
			memcpy((int32_t *)y + at + i * task->y.stride, sums + i * width,
			       (size_t)block.columns * sizeof *sums);
	else
		requantize(&p->requantize, &block, task->y.type == QS_S8);
}

/* All products of one panel and one step of k. */
static void multiply(const struct prepared *p, struct buffers *b, const struct unit *unit,
		     int64_t depth, int64_t panel)
{
	const struct words *words = &p->words;
	const int64_t first = (depth * words->panels + unit->panel + panel) * words->products;

	for (int i = 0; i < words->products; i++)
		for (int64_t block = 0; block < unit->blocks; block++) {
			const int rows = b->rows[block].rows;
			const int64_t row = (block * words->products * ROWS + i * rows);
			const struct words_tile tile = {
				.a = b->a + row * 2 * words->stride, .start_a = b->start + row,
				.w = words->w + (first + i) * words_product(words),
				.start_w = words->start + (first + i) * COLUMNS,
				.stride = words->stride, .steps = words->half / 2,
				.y = sums_of(words, b, panel, block),
				.blocks = words->blocks, .targets = &p->targets[i],
			};

			words_tile_of(&tile, rows);
		}
}

static void run_unit(const struct prepared *p, const uint8_t *a, void *y, const struct unit *unit)
{
	const struct words *words = &p->words;
	struct buffers b;

	for (int64_t i = 0; i < unit->blocks; i++)
		b.rows[i] = words_rows(words, p->task.m, unit->block + i);
	for (int64_t depth = 0; depth < words->depths; depth++) {
		for (int64_t i = 0; i < unit->blocks; i++) {
			const int64_t row = i * words->products * ROWS;

			words_pack_rows(words, &p->task, a, &b.rows[i], depth,
					b.a + row * 2 * words->stride, b.start + row);
		}
		for (int64_t panel = 0; panel < unit->panels; panel++) {
			for (int64_t i = 0; i < unit->blocks && !depth; i++)
				begin(words, &b.rows[i], unit->panel + panel,
				      sums_of(words, &b, panel, i));
			multiply(p, &b, unit, depth, panel);
			for (int64_t i = 0; i < unit->blocks && depth == words->depths - 1; i++)
				finish(p, &b.rows[i], unit->panel + panel,
				       sums_of(words, &b, panel, i), y);
		}
	}
}

static int run(const void *prepared, const void *a, void *y, int64_t first, int64_t last)
{
	const struct prepared *p = prepared;

	for (int64_t i = first; i < last; i++) {
		const struct unit unit = unit_at(&p->words, i);

		run_unit(p, a, y, &unit);
	}
	return 0;
}

#endif
