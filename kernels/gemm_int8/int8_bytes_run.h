/* SPDX-License-Identifier: MIT
 *
 * A unit of the route of bytes (int8_bytes.h).
 */
#ifndef QS_INT8_BYTES_RUN_H
#define QS_INT8_BYTES_RUN_H

#include "int8_finish.h"

struct bytes_unit {
	int64_t row, rows, panel, panels;
};

/* Where a group of rows begins: all but the last are whole tiles. */
static int64_t bytes_row_at(const struct bytes *p, int64_t m, int64_t group)
{
	const int64_t row = (m + p->tile - 1) / p->tile * group / p->groups * p->tile;

	return row < m ? row : m;
}

static struct bytes_unit bytes_unit_at(const struct prepared *p, int64_t i)
{
	const struct bytes *bytes = &p->bytes;
	const int64_t group = i % bytes->groups, panel = i / bytes->groups * bytes->unit_panels;
	const int64_t row = bytes_row_at(bytes, p->task.m, group);
	const int64_t left = bytes->panels - panel;

	return (struct bytes_unit){
		.row = row, .rows = bytes_row_at(bytes, p->task.m, group + 1) - row,
		.panel = panel, .panels = left < bytes->unit_panels ? left : bytes->unit_panels,
	};
}

/* What hangs on rows and columns alone: where the sums of a panel begin. */
static void bytes_begin(const struct prepared *p, const uint8_t *a,
			const struct bytes_unit *unit, int64_t panel, int32_t *sums)
{
	const struct int8_columns *columns = &p->bytes.columns;
	const int64_t column = (unit->panel + panel) * WIDTH;

	for (int64_t i = 0; i < unit->rows; i++, sums += WIDTH) {
		const uint8_t *row = a + (unit->row + i) * p->task.a.stride;
		const uint32_t zero = (uint32_t)int8_zero_a(&p->task, unit->row + i);
		const uint8_t flip = int8_flip(&p->task);
		uint32_t sum = 0;

		memcpy(sums, columns->start + column, WIDTH * sizeof *sums);
		for (int j = 0; j < WIDTH && columns->sum_w; j++)
			sums[j] = (int32_t)((uint32_t)sums[j] -
					    zero * (uint32_t)columns->sum_w[column + j]);
		if (!columns->zero_w)
			continue;
		for (int64_t k = 0; k < p->task.k; k++)
			sum += row[k] ^ flip;
		for (int j = 0; j < WIDTH; j++)
			sums[j] = (int32_t)((uint32_t)sums[j] -
					    sum * (uint32_t)columns->zero_w[column + j]);
	}
}

static void bytes_step(const struct prepared *p, struct bytes_buffers *b, const uint8_t *a, void *y,
		       const struct bytes_unit *unit, int64_t first)
{
	const struct bytes *bytes = &p->bytes;
	const int64_t row = bytes->depth * QUAD, copy = unit->rows * row;
	const int64_t codes = p->task.k - first * QUAD < row ? p->task.k - first * QUAD : row;
	const int64_t left = bytes->quads - first, strips = bytes->panels * STRIPS;

	for (int64_t i = 0; i < unit->rows; i++)
		bytes_pack_row(b->a + i * row, bytes->copies, copy,
			       a + (unit->row + i) * p->task.a.stride + first * QUAD, codes, row,
			       int8_flip(&p->task));
	for (int64_t panel = 0; panel < unit->panels; panel++) {
		const int64_t at = unit->panel + panel;
		int32_t *sums = b->sums + (bytes->depth < bytes->quads ? panel : 0) *
						  unit->rows * WIDTH;
		const struct bytes_tile tile = {
			.codes = b->a + CODES * copy, .high = b->a + HIGH * copy,
			.low = b->a + LOW * copy, .row = row,
			.w = bytes->w + (at * bytes->quads + first) * WIDTH * QUAD,
			.quads = left < bytes->depth ? left : bytes->depth,
			.sums = sums, .stride = WIDTH,
		};

		if (!first)
			bytes_begin(p, a, unit, panel, sums);
		for (int strip = 0; strip < STRIPS && bytes->parts; strip++) {
			const int64_t i = at * STRIPS + strip;

			clipped_strip(&bytes->parts[first / bytes->depth * strips + i], b->a, row,
				      sums + strip * STRIP, unit->rows, bytes->steps[i]);
		}
		if (!bytes->parts)
			bytes_panel(&tile, unit->rows, bytes->steps[at]);
		if (left <= bytes->depth)
			finish(p, &(struct sums){ .sums = sums, .width = WIDTH, .row = unit->row,
						  .rows = unit->rows, .column = at * WIDTH },
			       y);
	}
}

static void bytes_run(const struct prepared *p, const uint8_t *a, void *y, int64_t i)
{
	const struct bytes_unit unit = bytes_unit_at(p, i);
	struct bytes_buffers b;

	for (int64_t quad = 0; quad < p->bytes.quads; quad += p->bytes.depth)
		bytes_step(p, &b, a, y, &unit, quad);
}

#endif
