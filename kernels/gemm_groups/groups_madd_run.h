/* SPDX-License-Identifier: MIT
 *
 * The units of groups_madd.h, compiled once an ISA.  Of more rows than one a step of a panel is
 * decoded once, to a buffer that the first level cache holds, for all row blocks of the unit.
 */
#ifndef QS_GROUPS_MADD_RUN_H
#define QS_GROUPS_MADD_RUN_H

#include "groups_madd_alone.h"

/* A step's codes: bytes of 4 bits or fewer, 16-bit numbers of 8. */
enum { CODES_BYTES = COLUMNS * (DEPTH > 2 * DEPTH_WIDE ? DEPTH : 2 * DEPTH_WIDE) };

struct unit {
	int64_t row, rows, panel, panel_end;
};

struct step {                   /* of k                                                  */
	int64_t from, depth;
	bool last;
};

static struct unit unit_at(const struct groups_madd *p, int64_t i)
{
	const int64_t rows = i % p->row_chunks, panels = i / p->row_chunks;

	const int64_t row = p->task.m * rows / p->row_chunks;
	const int64_t panel = p->panels * panels / p->panel_chunks;

	return (struct unit){
		.row = row, .rows = p->task.m * (rows + 1) / p->row_chunks - row,
		.panel = panel, .panel_end = p->panels * (panels + 1) / p->panel_chunks,
	};
}

/* Between steps of k a tile rests in y, where `columns` of a row's COLUMNS are. */
static void fetch(void *to, const float *y, int64_t stride, int64_t columns, int rows)
{
	for (int i = 0; i < rows; i++, to = (float *)to + COLUMNS, y += stride)
		if (columns == COLUMNS)
			memcpy(to, y, COLUMNS * sizeof *y);
		else
			memcpy(to, y, (size_t)columns * sizeof *y);
}

static void put(float *y, const void *from, int64_t stride, int64_t columns, int rows)
{
	for (int i = 0; i < rows; i++, y += stride, from = (const float *)from + COLUMNS)
		if (columns == COLUMNS)
			memcpy(y, from, COLUMNS * sizeof *y);
		else
			memcpy(y, from, (size_t)columns * sizeof *y);
}

/* The one group of a channel: sums to floats. */
static void close_channel(const struct groups_madd *p, const struct groups_part *t, int64_t row,
			  const int32_t *sum_a, int rows)
{
	for (int i = 0; i < rows; i++)
		for (int v = 0; v < 2; v++) {
			const uint8_t *scale = t->scale + v * VECTOR;
			veci sum = v_load(t->sums + i * COLUMNS + v * LANES);

			if (t->corrected) {
				const veci zero = v_set32(-groups_madd_zero(&p->task, row + i));
				const veci less = v_set32((int32_t)(0 - (uint32_t)sum_a[i]));

				sum = v_add32(sum, v_mul32(less, v_load(scale + LINE)));
				sum = v_add32(sum, v_mul32(zero, v_load(scale + 2 * LINE)));
			}
			v_store_floats(t->acc + i * COLUMNS + v * LANES,
				       v_fma(v_float(sum), v_load_floats(scale), v_zero()));
		}
}

/* y = fma(acc, scale, bias or 0); to `to`, which may be acc. */
static void finish(const struct groups_madd *p, const float *acc, int64_t row, int64_t column,
		   int64_t columns, int rows, float *to, int64_t stride)
{
	_Alignas(GEMM_LINE) float edge[COLUMNS] = { 0 };
	const float *bias = edge;

	if (p->task.bias_f32 && columns == COLUMNS)
		bias = p->task.bias_f32 + column;
	else if (p->task.bias_f32)
		memcpy(edge, p->task.bias_f32 + column, (size_t)columns * sizeof *edge);
	const vecf left = v_load_floats(bias), right = v_load_floats(bias + LANES);
	for (int i = 0; i < rows; i++, acc += COLUMNS, to += stride) {
		const vecf scale = v_set_float(groups_scale_a(&p->task, row + i));
		const vecf l = v_fma(v_load_floats(acc), scale, left);
		const vecf r = v_fma(v_load_floats(acc + LANES), scale, right);

		v_store_floats(to, l);
		v_store_floats(to + LANES, r);
	}
}

static void tile_rows(const struct groups_part *t, int rows, int bits)
{
	if (bits == 8)
		TILE_ROWS(tile_wide, t, rows)
	else
		TILE_ROWS(tile, t, rows)
}

static void alone_bits(const struct groups_part *t, int bits)
{
	switch (bits) {
	case 8: alone_8(t); break;
	case 4: alone_4(t); break;
	case 3: alone_3(t); break;
	default: alone_2(t); break;
	}
}

/* One row block of one panel in one step of k. */
static void run_tile(const struct groups_madd *p, struct groups_part *t, const struct step *step,
		     const struct groups_rows *rows, int64_t row, int64_t first_row, int count,
		     int64_t column, float *y)
{
	_Alignas(GEMM_LINE) float acc[ROWS * COLUMNS];
	_Alignas(GEMM_LINE) int32_t sums[ROWS * COLUMNS];
	const int64_t stride = p->task.y.stride, rest = p->task.n - column;
	const int64_t columns = rest < COLUMNS ? rest : COLUMNS, at = row - first_row;

	t->acc = acc;
	t->sums = sums;
	t->begin = rows->begin + at * STEP_BLOCKS;
	t->factor = rows->factor + at * STEP_BLOCKS;
	y += row * stride + column;
	if (!step->from)
		memset(acc, 0, (size_t)count * COLUMNS * sizeof *acc);
	else
		fetch(p->channel ? (void *)sums : acc, y, stride, columns, count);
	if (p->task.m == 1)
		alone_bits(t, p->bits);
	else
		tile_rows(t, count, p->bits);
	if (step->last && p->channel)
		close_channel(p, t, row, rows->sum + at, count);
	if (step->last && columns == COLUMNS) {
		finish(p, acc, row, column, columns, count, y, stride);
		return;
	}
	if (step->last)
		finish(p, acc, row, column, columns, count, acc, COLUMNS);
	put(y, p->channel && !step->last ? (void *)sums : acc, stride, columns, count);
}

static void copy_rows(const struct groups_madd *p, const uint8_t *a, const struct unit *unit,
		      const struct step *step, struct groups_rows *rows)
{
	const struct qs_task *task = &p->task;

	for (int64_t i = 0; i < unit->rows; i++) {
		const uint8_t *from = a + (unit->row + i) * task->a.stride + step->from;

		if (!step->from)
			rows->sum[i] = 0;
		if (p->bits < 8)
			rows_copy(p, from, step->depth, unit->row + i, rows, i);
		else if (task->m == 1)
			rows_split(p, from, step->depth, rows);
		else
			rows_widen(p, from, step->depth, unit->row + i, rows, i);
	}
}

/* The codes of a step, group by group. */
static void decode_step(const struct groups_madd *p, const struct groups_part *t,
			const uint8_t *packed, uint8_t *to)
{
	for (int b = 0; b < t->blocks; b += t->group_blocks, packed += p->group_bytes) {
		const int left = t->blocks - b;
		const int blocks = left < t->group_blocks ? left : t->group_blocks;
		const uint8_t *zeros = t->scale + (packed - t->w) + LINE;

		if (p->bits < 8)
			decode(to, packed, blocks, p->bits);
		else
			widen(to, packed, blocks, p->corrected ? zeros : NULL);
		to += (size_t)blocks * BLOCK_QUADS * LINE * (p->bits < 8 ? 1 : 2);
	}
}

static void run_panel(const struct groups_madd *p, const struct unit *unit, const struct step *step,
		      const struct groups_rows *rows, int64_t panel, float *y)
{
	_Alignas(GEMM_LINE) uint8_t codes[CODES_BYTES];
	const int64_t before = step->from / BLOCK, row_blocks = (unit->rows + ROWS - 1) / ROWS;
	const int blocks = (int)((step->depth + BLOCK - 1) / BLOCK);
	const uint8_t *groups = p->w + (size_t)panel * p->panel_bytes +
		(size_t)(before / p->group_blocks) * p->group_bytes;
	const uint8_t *packed = groups + (p->channel ? (size_t)before * p->block_bytes : 0);
	const int64_t each = (int64_t)(p->channel ? p->block_bytes :
				       p->group_bytes / (size_t)p->group_blocks);
	struct groups_part t = {
		.w = packed, .scale = groups + (size_t)p->group_blocks * p->block_bytes,
		.group_bytes = p->group_bytes, .blocks = blocks,
		.group_blocks = p->channel ? blocks : (int)p->group_blocks,
		.span = p->span, .channel = p->channel,
		.corrected = p->corrected && (p->bits < 8 || p->task.m == 1),
		.first = !step->from, .ahead = packed + p->panel_bytes,
		.ahead_lines = (int)((each / GEMM_LINE + row_blocks - 1) / row_blocks),
	};

	if (p->task.m > 1) {
		decode_step(p, &t, packed, codes);
		t.w = codes;
	}
	for (int64_t b = 0; b < row_blocks; b++) {
		const int64_t at = unit->rows * b / row_blocks;
		const int64_t end = unit->rows * (b + 1) / row_blocks;

		t.a = rows->codes + at * ROW;
		t.a_wide = rows->wide + at * ROW_WIDE;
		run_tile(p, &t, step, rows, unit->row + at, unit->row, (int)(end - at),
			 panel * COLUMNS, y);
		t.ahead += blocks * t.ahead_lines * GEMM_LINE;
	}
}

static void run_unit(const struct groups_madd *p, const uint8_t *a, float *y,
		     const struct unit *unit)
{
	struct groups_rows rows;

	for (int64_t from = 0; from < p->task.k; from += p->depth) {
		const int64_t left = p->task.k - from;
		const struct step step = {
			.from = from, .depth = left < p->depth ? left : p->depth,
			.last = left <= p->depth,
		};

		copy_rows(p, a, unit, &step, &rows);
		for (int64_t panel = unit->panel; panel < unit->panel_end; panel++)
			run_panel(p, unit, &step, &rows, panel, y);
	}
}

static void *prepare(const struct qs_task *task, const void *w, size_t *bytes,
		     const char **reason)
{
	return groups_madd_prepare(task, w, bytes, reason, COLUMNS);
}

static int64_t units(const void *prepared)
{
	return groups_madd_units(prepared);
}

static int run(const void *prepared, const void *a, void *y, int64_t first, int64_t last)
{
	const struct groups_madd *p = prepared;

	for (int64_t i = first; i < last; i++) {
		const struct unit unit = unit_at(p, i);

		run_unit(p, a, y, &unit);
	}
	return 0;
}

#endif
