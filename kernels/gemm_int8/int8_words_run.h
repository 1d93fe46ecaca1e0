/* SPDX-License-Identifier: MIT
 *
 * A unit of the route of 16-bit words (int8_words.h).
 */
#ifndef QS_INT8_WORDS_RUN_H
#define QS_INT8_WORDS_RUN_H

#include "int8_finish.h"

struct words_unit {             /* blocks of rows and panels                             */
	int64_t block, blocks, panel, panels;
};

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

/* What a unit works in. */
struct words_buffers {
	_Alignas(GEMM_LINE) int16_t a[A_WORDS];  /* [blocks][products][rows][2][stride]  */
	/* [panels, or 1 where k is one step][blocks][its rows][panel's columns] */
	_Alignas(GEMM_LINE) int32_t sums[SUMS];
	int32_t start[A_STARTS];                 /* [blocks][products][rows]             */
	struct words_rows rows[ROWS_MOST / ROWS];
};

static int32_t *words_sums(const struct words *words, struct words_buffers *b, int64_t panel,
			   int64_t block)
{
	const int64_t slot = (words->depths == 1 ? 0 : panel * words->unit_row_blocks) + block;

	return b->sums + slot * words->blocks * words->blocks * ROWS * COLUMNS;
}

static void words_begin(const struct words *words, const struct words_rows *rows, int64_t panel,
			int32_t *sums)
{
	const int width = words->blocks * COLUMNS;

	for (int i = 0; i < words->blocks * rows->rows; i++)
		memcpy(sums + i * width, words->bias + panel * width,
		       (size_t)width * sizeof *sums);
}

/* All products of one panel and one step of k. */
static void words_multiply(const struct words *words, struct words_buffers *b,
			   const struct words_unit *unit, int64_t depth, int64_t panel)
{
	const int64_t first = (depth * words->panels + unit->panel + panel) * words->products;

	for (int i = 0; i < words->products; i++)
		for (int64_t block = 0; block < unit->blocks; block++) {
			const int rows = b->rows[block].rows;
			const int64_t row = block * words->products * ROWS + i * rows;
			const struct words_tile tile = {
				.a = b->a + row * 2 * words->stride, .start_a = b->start + row,
				.w = words->w + (first + i) * words_product(words),
				.start_w = words->start + (first + i) * COLUMNS,
				.stride = words->stride, .steps = words->half / 2,
				.y = words_sums(words, b, panel, block),
				.blocks = words->blocks, .targets = &words->targets[i],
			};

			words_tile_of(&tile, rows);
		}
}

static void words_run(const struct prepared *p, const uint8_t *a, void *y, int64_t i)
{
	const struct words *words = &p->words;
	const struct words_unit unit = words_unit_at(words, i);
	struct words_buffers b;

	for (int64_t block = 0; block < unit.blocks; block++)
		b.rows[block] = words_rows(words, p->task.m, unit.block + block);
	for (int64_t depth = 0; depth < words->depths; depth++) {
		for (int64_t block = 0; block < unit.blocks; block++) {
			const int64_t row = block * words->products * ROWS;

			words_pack_rows(words, &p->task, a, &b.rows[block], depth,
					b.a + row * 2 * words->stride, b.start + row);
		}
		for (int64_t panel = 0; panel < unit.panels; panel++) {
			for (int64_t block = 0; block < unit.blocks && !depth; block++)
				words_begin(words, &b.rows[block], unit.panel + panel,
					    words_sums(words, &b, panel, block));
			words_multiply(words, &b, &unit, depth, panel);
			for (int64_t block = 0; block < unit.blocks && depth == words->depths - 1;
			     block++) {
				const int width = words->blocks * COLUMNS;
				const struct sums sums = {
					.sums = words_sums(words, &b, panel, block),
					.width = width, .row = b.rows[block].first,
					.rows = b.rows[block].count,
					.column = (unit.panel + panel) * width,
				};

				finish(p, &sums, y);
			}
		}
	}
}

#endif
