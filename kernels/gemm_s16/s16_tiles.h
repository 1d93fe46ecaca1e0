/* SPDX-License-Identifier: MIT
 *
 * The tiled s16 by s8 gemm, compiled for each ISA: its file first gives
 *
 *         vector           LANES sums in s32
 *         ROWS, VECTORS    a tile is ROWS rows by COLUMNS = VECTORS * LANES channels
 *         ALONE            panels that a single row takes at once, so that enough sums are on the
 *                          way
 *         vector_pair      two neighbours of a row, an int32_t, in all lanes
 *         vector_weights   LANES pairs of s8, widened to s16
 *         vector_dot       sum + a pair's two products in each lane
 *         vector_widen     adds LANES sums to as many of s64
 *
 * Where |w| of two neighbours adds up to at most W, the two products that a step adds to a sum in
 * s32 are at most 2^15 W in magnitude together: (2^31 - 1) / (2^15 W) steps, rounded down, stay in
 * s32.  Then the sums are added to those in s64.  W <= 256 makes that 255 steps at least, 258 where
 * no weight is -128.
 *
 * Zero points come off in s64.  With A, W the codes,
 *
 *         sum (A - za)(W - zw) + bias = sum A W - zw sum A + start,  start = bias - za sum (W - zw)
 *
 * where start is made once if za is one for the tensor.
 */
#include "../gemm/gemm_blocks.h"
#include "s16.h"

enum { COLUMNS = VECTORS * LANES, PAIR = 2, STEPS_LEAST = 255 };

struct prepared {
	struct qs_task task;
	struct gemm_blocks blocks;
	int64_t pairs; /* of a row of k                                         */
	int64_t steps; /* that stay within s32                                  */
	/* each [panels * COLUMNS]; sum_w, of W - zw, is NULL where start has it; zero_w is NULL
	 * where all are 0 */
	int64_t *start, *sum_w, *zero_w;
	_Alignas(GEMM_LINE) int8_t w[]; /* [panels][pairs][COLUMNS][PAIR], then the rest */
};

static void pack_channel(struct prepared *p, const int8_t *from, int64_t n)
{
	const struct qs_task *task = &p->task;
	int8_t *to = p->w + (n / COLUMNS * p->pairs * COLUMNS + n % COLUMNS) * PAIR;
	const int32_t zero = gemm_zero(&task->w, n);
	int64_t sum = 0;

	for (int64_t k = 0; k < task->k; k++) {
		to[k / PAIR * COLUMNS * PAIR + k % PAIR] = from[k];
		sum += from[k] - zero;
	}
	p->start[n] = task->bias ? task->bias[n] : 0;
	if (p->sum_w)
		p->sum_w[n] = sum;
	else
		p->start[n] -= gemm_zero(&task->a, 0) * sum;
	if (p->zero_w)
		p->zero_w[n] = zero;
}

/* For all of w; a last weight without neighbour counts alone. */
static int64_t steps_of(const struct qs_task *task, const int8_t *w)
{
	int64_t largest = 1;

	for (int64_t n = 0; n < task->n; n++, w += task->w.stride)
		for (int64_t k = 0; k < task->k; k += PAIR) {
			const int sum = abs(w[k]) + (k + 1 < task->k ? abs(w[k + 1]) : 0);

			largest = sum > largest ? sum : largest;
		}
	return INT32_MAX / (largest << 15);
}

/* As many panels a unit as keep their weights in the cache, and no more than give each thread a
 * unit. */
static struct gemm_blocks cut(const struct qs_task *task, size_t panel)
{
	struct gemm_blocks blocks = gemm_blocks_make(task, ROWS, COLUMNS, panel);
	const int64_t share = blocks.panels * blocks.row_blocks / task->threads;

	if (blocks.unit_panels > share)
		blocks.unit_panels = share > 1 ? share : 1;
	return blocks;
}

static void *prepare(const struct qs_task *task, const void *w, size_t *bytes, const char **reason)
{
	const int64_t pairs = (task->k + 1) / PAIR;
	const size_t panel = (size_t)pairs * COLUMNS * PAIR;
	const struct gemm_blocks blocks = cut(task, panel);
	const size_t columns = (size_t)blocks.panels * COLUMNS;
	struct prepared *p;

	*reason = s16_prove(task);
	if (*reason)
		return NULL;
	p = gemm_allocate(sizeof *p, (size_t)blocks.panels, panel + 3 * COLUMNS * sizeof(int64_t));
	if (!p)
		return NULL;
	p->task = *task;
	p->blocks = blocks;
	p->pairs = pairs;
	p->steps = steps_of(task, w);
	p->start = (int64_t *)(void *)(p->w + (size_t)blocks.panels * panel);
	if (task->a.zero && task->a.per == QS_PER_ROW)
		p->sum_w = p->start + columns;
	for (int64_t i = 0; task->w.zero && i < task->w.scales; i++)
		if (task->w.zero[i])
			p->zero_w = p->start + 2 * columns;
	for (int64_t n = 0; n < task->n; n++)
		pack_channel(p, (const int8_t *)w + n * task->w.stride, n);
	*bytes = (size_t)blocks.panels * panel;
	return p;
}

static int64_t units(const void *prepared)
{
	return gemm_blocks_units(&((const struct prepared *)prepared)->blocks);
}

struct part { /* some rows, or some panels of one row                  */
	const int16_t *a;
	const int8_t *w;
	int64_t stride, panel; /* from one row to the next; from one panel               */
	int64_t *sums;         /* [rows or panels][COLUMNS]                             */
};

INLINE void step(vector sums[ROWS][VECTORS], const struct part *t, const int32_t pairs[ROWS],
		 const int8_t *w, const int rows, const int panels)
{
	GEMM_UNROLL
	for (int j = 0; j < panels; j++) {
		vector weights[VECTORS];

		GEMM_UNROLL
		for (int v = 0; v < VECTORS; v++)
			weights[v] = vector_weights(w + j * t->panel + v * LANES * PAIR);
		GEMM_UNROLL
		for (int i = 0; i < rows; i++) {
			const vector one = vector_pair(pairs[i]);

			GEMM_UNROLL
			for (int v = 0; v < VECTORS; v++)
				sums[i + j][v] = vector_dot(sums[i + j][v], one, weights[v]);
		}
	}
}

/* `pairs` steps and half a one where `odd`. */
INLINE void tile(const struct part *t, int64_t pairs, bool odd, const int rows, const int panels)
{
	const int16_t *a = t->a;
	const int8_t *w = t->w;
	vector sums[ROWS][VECTORS];
	int32_t pair[ROWS];

	GEMM_UNROLL
	for (int i = 0; i < rows * panels; i++)
		GEMM_UNROLL
	for (int v = 0; v < VECTORS; v++)
		sums[i][v] = (vector){ 0 };
	for (int64_t k = 0; k < pairs; k++, a += PAIR, w += COLUMNS * PAIR) {
		GEMM_UNROLL
		for (int i = 0; i < rows; i++)
			memcpy(&pair[i], a + i * t->stride, sizeof pair[i]);
		step(sums, t, pair, w, rows, panels);
	}
	if (odd) {
		for (int i = 0; i < rows; i++)
			pair[i] = (uint16_t)a[i * t->stride];
		step(sums, t, pair, w, rows, panels);
	}
	GEMM_UNROLL
	for (int i = 0; i < rows * panels; i++)
		GEMM_UNROLL
	for (int v = 0; v < VECTORS; v++)
		vector_widen(t->sums + i * COLUMNS + v * LANES, sums[i][v]);
}

/* One body a number of rows: the sums then are registers. */
static void tile_of(const struct part *t, int64_t pairs, bool odd, int rows, int panels)
{
	switch (rows) {
	case 1:
		if (panels == ALONE)
			tile(t, pairs, odd, 1, ALONE);
		else
			tile(t, pairs, odd, 1, 1);
		break;
	case 2:
		tile(t, pairs, odd, 2, 1);
		break;
	case 3:
		tile(t, pairs, odd, 3, 1);
		break;
	case 4:
		tile(t, pairs, odd, 4, 1);
		break;
	case 5:
		tile(t, pairs, odd, 5, 1);
		break;
	default:
		tile(t, pairs, odd, ROWS, 1);
		break;
	}
}

struct block { /* a unit's rows                                         */
	const int16_t *a;
	int64_t *y;
	int64_t zero_a[ROWS], sum_a[ROWS];
	int rows;
};

/* Zero points and, where w has any, sums of the rows' codes. */
static void sum_rows(const struct prepared *p, struct block *block, int64_t row)
{
	const struct qs_task *task = &p->task;

	for (int i = 0; i < block->rows; i++) {
		const int16_t *a = block->a + i * task->a.stride;

		block->zero_a[i] = gemm_zero(&task->a, row + i);
		block->sum_a[i] = 0;
		for (int64_t k = 0; p->zero_w && k < task->k;) {
			const int64_t end = task->k - k < 65536 ? task->k : k + 65536;
			int32_t sum = 0; /* 2^16 of 2^15                          */

			for (; k < end; k++)
				sum += a[k];
			block->sum_a[i] += sum;
		}
	}
}

/* Where the sums of some panels of the block begin: [rows or panels][COLUMNS]. */
static void begin(const struct prepared *p, const struct block *block, int64_t *sums,
		  int64_t column, int panels)
{
	for (int i = 0; i < block->rows; i++, sums += COLUMNS) {
		const int64_t *start = p->start + column;

		memcpy(sums, start, (size_t)panels * COLUMNS * sizeof *sums);
		for (int j = 0; p->sum_w && j < panels * COLUMNS; j++)
			sums[j] -= block->zero_a[i] * p->sum_w[column + j];
		for (int j = 0; p->zero_w && j < panels * COLUMNS; j++)
			sums[j] -= block->sum_a[i] * p->zero_w[column + j];
	}
}

/* Panels [panel, panel + panels) of the block; more than 1 of a single row alone. */
static void run_panels(const struct prepared *p, const struct block *block, int64_t panel,
		       int panels)
{
	const struct qs_task *task = &p->task;
	const int64_t column = panel * COLUMNS, whole = task->k / PAIR;
	const int64_t left = task->n - column, most = (int64_t)panels * COLUMNS;
	const size_t bytes = (size_t)(left < most ? left : most) * sizeof(int64_t);
	_Alignas(GEMM_LINE) int64_t sums[ROWS * COLUMNS];
	struct part part = { .a = block->a,
			     .w = p->w + panel * p->pairs * COLUMNS * PAIR,
			     .stride = task->a.stride,
			     .panel = p->pairs * COLUMNS * PAIR,
			     .sums = sums };

	begin(p, block, sums, column, panels);
	for (int64_t k = 0; k < p->pairs; k += p->steps) {
		const bool last = p->pairs - k <= p->steps;

		tile_of(&part, last ? whole - k : p->steps, last && task->k % PAIR, block->rows,
			panels);
		part.a += p->steps * PAIR;
		part.w += p->steps * PAIR * COLUMNS;
	}
	for (int i = 0; i < block->rows; i++)
		memcpy(block->y + i * task->y.stride + column, sums + i * COLUMNS, bytes);
}

static int run(const void *prepared, const void *a, void *y, int64_t first, int64_t last)
{
	const struct prepared *p = prepared;
	const struct qs_task *task = &p->task;

	for (int64_t at = first; at < last; at++) {
		const struct gemm_unit unit = gemm_unit_at(&p->blocks, task->m, at);
		struct block block = { .a = (const int16_t *)a + unit.row * task->a.stride,
				       .y = (int64_t *)y + unit.row * task->y.stride,
				       .rows = unit.rows };
		int64_t panel = unit.panel;

		sum_rows(p, &block, unit.row);
		for (; unit.rows == 1 && panel + ALONE <= unit.panel_end; panel += ALONE)
			run_panels(p, &block, panel, ALONE);
		for (; panel < unit.panel_end; panel++)
			run_panels(p, &block, panel, 1);
	}
	return 0;
}
