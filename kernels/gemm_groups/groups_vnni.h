/* SPDX-License-Identifier: MIT
 *
 * The tile of the VNNI kernels and what drives it, for any length of vectors.  The includer has
 * defined LANES, ROWS (rows of a tile), STREAMS (panels that a single row of a goes through side
 * by side), SUMS (the greater of the two), the types vi and vf of whole numbers and floats, v_mask
 * of lanes, the v_ functions on them, and SPILLED: whether registers are too few for float sums.
 *
 * For each group of a tile: sums in s32 from where the group begins, by one dot instruction for
 * four neighbours along k; then one conversion and one fused multiply-add with the group's scale
 * for each sum.  The sums of a group and the float sums of the row stay in registers.
 */
#ifndef QS_GROUPS_VNNI_H
#define QS_GROUPS_VNNI_H

#include "groups_vnni_rows.h"

struct part {                   /* one tile's part of one step of k                      */
	const int8_t *a;        /* rows                                                  */
	int64_t a_stride;
	const int32_t *start;   /* [rows][BLOCKS_MAX][2]                                 */
	const uint8_t *w;       /* the codes of the first group                          */
	const uint8_t *scale;   /* of its pair of columns                                */
	int64_t columns;        /* of a panel                                            */
	int64_t plane_bytes, group_bytes, panel_bytes;
	int64_t groups, blocks, last_blocks;     /* of k; of a group, of the last one    */
	const struct groups_pair *pair;
	bool first, last;       /* step of k                                             */
	float *y;
	int64_t stride;
	v_mask lanes[2];        /* of one panel's y that there are; of several: all      */
	const float *bias, *scale_a;             /* [columns], [rows]                    */
	const int32_t *sum_a, *zero_a;           /* [rows]                               */
};

/* Two vectors of unsigned weights of one quad. */
INLINE void fetch_quad(const uint8_t *w, int64_t plane, const enum groups_fetch fetch,
		       const vi mask[2], vi weights[2])
{
	const vi codes = v_load(w);

	if (fetch == FETCH_BYTES) {
		weights[0] = codes;
		weights[1] = v_load(w + VECTOR);
	} else if (fetch == FETCH_FIELDS) {
		weights[0] = codes & mask[0];
		weights[1] = codes & mask[1];
	} else {
		const vi low = v_load(w + 2 * plane);

		weights[0] = (codes & mask[0]) | (low >> 1 & mask[1]);
		weights[1] = (v_load(w + plane) & mask[0]) | (low >> 2 & mask[1]);
	}
}

/* Where a group's sums begin; `at` is what was packed for these columns. */
INLINE vi begin(const enum groups_start start, const int32_t *at, const int32_t *row)
{
	if (start == START_CHANNEL)
		return v_set1(0);
	if (start == START_ROWS)
		return v_set1(*row);
	if (start == START_SUM)
		return v_load(at) + v_set1(*row);
	return v_madd(v_load(at), v_set1(*row));
}

/* A group's sum goes into the row's.  A channel's goes on from y, as bits, until the last step of
 * k; there what hangs on the whole row of k is taken off. */
INLINE vf end(const struct part *t, const enum groups_start start, int row, const float *scale,
	      int shift, vi sum, const float *y, v_mask lanes, vf acc)
{
	const int32_t *zero_w = (const int32_t *)scale + t->columns, *sum_w = zero_w + t->columns;

	if (start != START_CHANNEL)
		return v_fma(v_float(sum), v_load_f(scale), acc);
	sum = v_sra(sum, shift);
	if (!t->first)
		sum += v_bits(v_load_some(y, lanes));
	if (!t->last)
		return v_float_bits(sum);
	sum -= v_load(zero_w) * v_set1(t->sum_a[row]) + v_load(sum_w) * v_set1(t->zero_a[row]);
	return v_fma(v_float(sum), v_load_f(scale), v_zero());
}

/* `rows` rows of one panel, or one row of `panels` panels. */
INLINE void tile(const struct part *t, const int64_t a_stride, const int rows, const int panels,
		 const enum groups_fetch fetch, const enum groups_start start)
{
	const int step = fetch == FETCH_BYTES ? 2 * VECTOR : VECTOR, sums = rows * panels;
	const vi mask[2] = { v_set1((int32_t)(t->pair->mask[0] * 0x01010101U)),
			     v_set1((int32_t)(t->pair->mask[1] * 0x01010101U)) };
	vf acc[SUMS][2];
	vi sum[SUMS][2];

	GEMM_UNROLL
	for (int i = 0; i < sums; i++)
		acc[i][0] = acc[i][1] = v_zero();
	if (!t->first && start != START_CHANNEL) {
		GEMM_UNROLL
		for (int i = 0; i < sums; i++) {
			const float *y = t->y + i / panels * t->stride + i % panels * t->columns;

			acc[i][0] = v_load_some(y, t->lanes[0]);
			acc[i][1] = v_load_some(y + LANES, t->lanes[1]);
		}
	}
	for (int64_t g = 0; g < t->groups; g++) {
		const uint8_t *w = t->w + g * t->group_bytes;
		const uint8_t *scale = t->scale + g * t->group_bytes;
		const int8_t *a = t->a + g * t->blocks * BLOCK;
		int64_t blocks = g == t->groups - 1 ? t->last_blocks : t->blocks;

		GEMM_UNROLL
		for (int i = 0; i < sums; i++) {
			const int32_t *row = t->start + (i / panels * BLOCKS_MAX + g) * 2;
			const int32_t *at =
				(const int32_t *)(scale + i % panels * t->panel_bytes) + t->columns;

			sum[i][0] = begin(start, at, row);
			sum[i][1] = begin(start, at + LANES, row + 1);
		}
		do {
			GEMM_UNROLL
			for (int q = 0; q < BLOCK_QUADS; q++) {
				vi weights[STREAMS][2];

				GEMM_UNROLL
				for (int p = 0; p < panels; p++)
					fetch_quad(w + p * t->panel_bytes + q * step,
						   t->plane_bytes, fetch, mask, weights[p]);
				GEMM_UNROLL
				for (int i = 0; i < sums; i++) {
					const vi one = v_set1_quad(a + i / panels * a_stride +
								   q * QUAD);

					sum[i][0] = v_dot(sum[i][0], weights[i % panels][0], one);
					sum[i][1] = v_dot(sum[i][1], weights[i % panels][1], one);
				}
			}
			a += BLOCK;
			w += BLOCK_QUADS * step;
		} while (--blocks);
		GEMM_UNROLL
		for (int i = 0; i < sums; i++) {
			const float *at = (const float *)(scale + i % panels * t->panel_bytes);
			const float *y = t->y + i / panels * t->stride + i % panels * t->columns;

			acc[i][0] = end(t, start, i / panels, at, t->pair->shift[0], sum[i][0],
					y, t->lanes[0], acc[i][0]);
			acc[i][1] = end(t, start, i / panels, at + LANES, t->pair->shift[1],
					sum[i][1], y + LANES, t->lanes[1], acc[i][1]);
		}
		if (SPILLED)     /* to memory now, or the compiler spills what the loop needs */
			__asm__ volatile("" : : "r"(acc) : "memory");
	}
	if (t->last) {
		GEMM_UNROLL
		for (int i = 0; i < sums; i++) {
			const vf by = v_set1_f(t->scale_a[i / panels]);
			const float *bias = t->bias + i % panels * t->columns;

			acc[i][0] = v_fma(acc[i][0], by, v_load_f(bias));
			acc[i][1] = v_fma(acc[i][1], by, v_load_f(bias + LANES));
		}
	}
	GEMM_UNROLL
	for (int i = 0; i < sums; i++) {
		float *y = t->y + i / panels * t->stride + i % panels * t->columns;

		v_store_some(y, t->lanes[0], acc[i][0]);
		v_store_some(y + LANES, t->lanes[1], acc[i][1]);
	}
}

/* One body a number of rows: the sums then are registers. */
INLINE void tile_of(const struct part *t, const int64_t a_stride, int rows, int panels,
		    const enum groups_fetch fetch, const enum groups_start start)
{
	if (panels > 1)
		rows = 0;
	switch (rows) {
	case 0: tile(t, a_stride, 1, STREAMS, fetch, start); break;
	case 1: tile(t, a_stride, 1, 1, fetch, start); break;
	case 2: tile(t, a_stride, 2, 1, fetch, start); break;
	case 3: tile(t, a_stride, 3, 1, fetch, start); break;
	case 4: tile(t, a_stride, ROWS < 4 ? ROWS : 4, 1, fetch, start); break;
	case 5: tile(t, a_stride, ROWS < 5 ? ROWS : 5, 1, fetch, start); break;
	default: tile(t, a_stride, ROWS, 1, fetch, start); break;
	}
}

/* And one for copied rows, whose stride is known. */
#define TILES(name, fetch, start)                                                   \
	static void name(const struct part *t, int rows, int panels)                \
	{                                                                           \
		if (t->a_stride == ROW)                                             \
			tile_of(t, ROW, rows, panels, fetch, start);                \
		else                                                                \
			tile_of(t, t->a_stride, rows, panels, fetch, start);        \
	}

TILES(bytes_rows, FETCH_BYTES, START_ROWS)
TILES(bytes_sum, FETCH_BYTES, START_SUM)
TILES(bytes_pairs, FETCH_BYTES, START_PAIRS)
TILES(bytes_channel, FETCH_BYTES, START_CHANNEL)
TILES(fields_rows, FETCH_FIELDS, START_ROWS)
TILES(fields_sum, FETCH_FIELDS, START_SUM)
TILES(fields_pairs, FETCH_FIELDS, START_PAIRS)
TILES(fields_channel, FETCH_FIELDS, START_CHANNEL)
TILES(top_rows, FETCH_TOP, START_ROWS)
TILES(top_sum, FETCH_TOP, START_SUM)
TILES(top_pairs, FETCH_TOP, START_PAIRS)
TILES(top_channel, FETCH_TOP, START_CHANNEL)

typedef void tiles_function(const struct part *t, int rows, int panels);

static tiles_function *const tiles[][START_CHANNEL + 1] = {
	[FETCH_BYTES] = { bytes_rows, bytes_sum, bytes_pairs, bytes_channel },
	[FETCH_FIELDS] = { fields_rows, fields_sum, fields_pairs, fields_channel },
	[FETCH_TOP] = { top_rows, top_sum, top_pairs, top_channel },
};

/* Rows of s8 that so few panels share are read where they lie, of 3136 x 64 x 576 for one.  With
 * more panels a copy costs little, and rows 4096 bytes apart would share a set of the cache. */
enum { IN_PLACE_PANELS = 8 };

/* All tiles of a unit for one step of k. */
static void run_step(const struct prepared *p, const struct rows *rows, const int8_t *a, float *y,
		     const struct packed_unit *unit, int64_t from, int64_t depth)
{
	const struct qs_task *task = &p->task;
	const bool channel = p->start == START_CHANNEL;
	const int64_t blocks = (depth + BLOCK - 1) / BLOCK;
	const int64_t of_group = channel ? blocks : p->group_blocks;
	const int64_t groups = channel ? 1 : (blocks + of_group - 1) >> p->group_log;
	const size_t skip = channel ? (size_t)(from / QUAD * p->layout->vectors * VECTOR)
				    : (size_t)(from / BLOCK >> p->group_log) * p->group_bytes;
	struct part part = {
		.a = a ? a : rows->a, .a_stride = a ? task->a.stride : ROW,
		.columns = p->columns,
		.plane_bytes = (int64_t)p->plane_bytes, .group_bytes = (int64_t)p->group_bytes,
		.panel_bytes = (int64_t)p->panel_bytes,
		.groups = groups, .blocks = of_group,
		.last_blocks = blocks - (groups - 1) * of_group,
		.first = !from, .last = from + depth == task->k, .stride = task->y.stride,
		.scale_a = rows->scale_a, .sum_a = rows->sum_a, .zero_a = rows->zero_a,
	};
	int panels;

	for (int64_t panel = unit->panel; panel < unit->panel_end; panel += panels) {
		const uint8_t *w = p->w + (size_t)panel * p->panel_bytes;

		panels = 1;
		if (unit->rows == 1 && panel + STREAMS <= unit->panel_end &&
		    (panel + STREAMS) * p->columns <= task->n)
			panels = STREAMS;
		for (int i = 0; i < p->layout->pairs; i++) {
			const struct groups_pair *pair = &p->layout->pair[i];
			const int64_t column = panel * p->columns + i * PAIR;

			part.pair = pair;
			part.start = rows->start[pair->starts][0][0];
			part.w = w + skip + (size_t)pair->plane * p->plane_bytes;
			part.scale = w + (channel ? 0 : skip) + p->codes +
				     (size_t)i * PAIR * sizeof(float);
			part.y = y + unit->row * task->y.stride + column;
			part.lanes[0] = v_lanes(task->n - column);
			part.lanes[1] = v_lanes(task->n - column - LANES);
			part.bias = p->bias + column;
			if (column < task->n)
				tiles[pair->fetch][p->start](&part, unit->rows, panels);
		}
	}
}

static void run_unit(const struct prepared *p, const uint8_t *a, float *y,
		     const struct packed_unit *unit)
{
	const struct qs_task *task = &p->task;
	struct rows rows;

	for (int i = 0; i < unit->rows; i++) {
		rows.sum_a[i] = 0;
		rows.zero_a[i] = packed_zero_a(task, unit->row + i);
		rows.scale_a[i] = groups_scale_a(task, unit->row + i);
	}
	for (int64_t from = 0; from < task->k; from += DEPTH) {
		const int64_t depth = task->k - from < DEPTH ? task->k - from : DEPTH;

		const uint8_t *here = a + unit->row * task->a.stride + from;
		const bool copied = task->a.type == QS_U8 || depth % BLOCK ||
				    unit->panel_end - unit->panel > IN_PLACE_PANELS;

		start_rows(p, &rows, unit->rows, here, depth, copied);
		run_step(p, &rows, copied ? NULL : (const int8_t *)here, y, unit, from, depth);
	}
}

static void *prepare(const struct qs_task *task, const void *w, size_t *bytes,
		     const char **reason)
{
	return packed_prepare(task, w, bytes, reason, ROWS);
}

static int64_t units(const void *prepared)
{
	return packed_units(prepared);
}

static int run(const void *prepared, const void *a, void *y, int64_t first, int64_t last)
{
	const struct prepared *p = prepared;

	struct packed_unit unit = packed_unit(p, first);

	for (int64_t i = first; i < last; i++) {
		run_unit(p, a, y, &unit);
		packed_next(p, &unit);
	}
	return 0;
}

#endif
