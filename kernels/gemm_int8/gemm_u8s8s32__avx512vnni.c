/* SPDX-License-Identifier: MIT
 *
 * u8 by s8 sums in s32 with AVX-512 VNNI: vpdpbusd adds four products to each of 16 sums without
 * saturation.  A tile is 6 rows by 64 channels in 24 registers.  With A, W the codes and z their
 * zero points,
 *
 *         sum (A - za)(W - zw) + bias = sum A W - zw sum A - za sum (W - zw) + bias
 *
 * modulo 2^32 in any order; prepare has proved that the result lies in s32.
 */
#include "../gemm/gemm_blocks.h"
#include "int8.h"

#include <immintrin.h>

/* The sums' own type: held as __m512i (eight 64-bit numbers), gcc 12 copies each of them around
 * every vpdpbusd, and 256^3 takes 2.4 times as long. */
typedef int32_t v16si __attribute__((vector_size(64)));

/* DEPTH is a multiple of QUAD.  A copied row is longer by a cache line: no two rows meet in one set
 * of the cache. */
enum { ROWS = 6, COLUMNS = 64, DEPTH = 1024, ROW = DEPTH + 64, QUAD = 4, LANES = 16,
       VECTORS = COLUMNS / LANES };

struct prepared {
	struct qs_task task;
	struct gemm_blocks blocks;
	int64_t quads;          /* of a row of k                                         */
	/* each [panels * COLUMNS]; zero_w is NULL where all zero points of w are 0 */
	int32_t *bias, *sum_w, *zero_w;
	_Alignas(GEMM_LINE) int8_t w[];  /* [panels][quads][COLUMNS][QUAD], then the rest */
};

static void pack_channel(struct prepared *p, const int8_t *from, int64_t n)
{
	const struct qs_task *task = &p->task;
	int8_t *to = p->w + (n / COLUMNS * p->quads * COLUMNS + n % COLUMNS) * QUAD;
	const int32_t zero = gemm_zero(&task->w, n);
	int64_t sum = 0;

	for (int64_t k = 0; k < task->k; k++) {
		to[k / QUAD * COLUMNS * QUAD + k % QUAD] = from[k];
		sum += from[k] - zero;
	}
	p->bias[n] = task->bias ? (int32_t)task->bias[n] : 0;
	p->sum_w[n] = (int32_t)(uint32_t)sum;
	if (p->zero_w)
		p->zero_w[n] = zero;
}

static void *prepare(const struct qs_task *task, const void *w, size_t *bytes,
		     const char **reason)
{
	const int64_t quads = (task->k + QUAD - 1) / QUAD;
	const size_t panel = (size_t)quads * COLUMNS * QUAD;
	const struct gemm_blocks blocks = gemm_blocks_make(task, ROWS, COLUMNS, panel);
	const size_t columns = (size_t)blocks.panels * COLUMNS;
	struct prepared *p;

	*reason = int8_prove(task, w);
	if (*reason)
		return NULL;
	p = gemm_allocate(sizeof *p, (size_t)blocks.panels, panel + 3 * COLUMNS * sizeof(int32_t));
	if (!p)
		return NULL;
	p->task = *task;
	p->blocks = blocks;
	p->quads = quads;
	p->bias = (int32_t *)(void *)(p->w + (size_t)blocks.panels * panel);
	p->sum_w = p->bias + columns;
	for (int64_t i = 0; task->w.zero && i < task->w.scales; i++)
		if (task->w.zero[i])
			p->zero_w = p->sum_w + columns;
	for (int64_t n = 0; n < task->n; n++)
		pack_channel(p, (const int8_t *)w + n * task->w.stride, n);
	*bytes = (size_t)blocks.panels * panel;
	return p;
}

static int64_t units(const void *prepared)
{
	return gemm_blocks_units(&((const struct prepared *)prepared)->blocks);
}

struct part {                   /* one tile's part of one step of k                      */
	const uint8_t *a;       /* [rows][ROW]                                           */
	const int8_t *w;        /* [quads][COLUMNS][QUAD]                                */
	int32_t *y;
	int64_t stride, quads, columns;
	bool first;             /* the sums begin with what follows; else they go on from y */
	const int32_t *bias, *sum_w, *zero_w;
	const int32_t *zero_a, *sum_a;   /* [rows]                                       */
};

/* bias - za sum (W - zw) - zw sum A, of 16 channels from `at` on. */
static inline __m512i begin(const struct part *t, int row, int at)
{
	const __m512i zero_a = _mm512_set1_epi32(t->zero_a[row]);
	__m512i sum = _mm512_load_si512(t->bias + at);

	sum = _mm512_sub_epi32(sum, _mm512_mullo_epi32(zero_a, _mm512_load_si512(t->sum_w + at)));
	if (t->zero_w) {
		const __m512i sum_a = _mm512_set1_epi32(t->sum_a[row]);
		const __m512i zero_w = _mm512_load_si512(t->zero_w + at);

		sum = _mm512_sub_epi32(sum, _mm512_mullo_epi32(sum_a, zero_w));
	}
	return sum;
}

/* Where 16 of a tile's sums begin. */
static inline __m512i load(const struct part *t, int row, int at)
{
	if (t->first)
		return begin(t, row, at);
	return _mm512_maskz_loadu_epi32(gemm_lanes(t->columns - at), t->y + row * t->stride + at);
}

static inline __attribute__((always_inline)) void tile(const struct part *t, const int rows)
{
	const uint8_t *a = t->a;
	const int8_t *w = t->w;
	v16si sum[ROWS][VECTORS];

	GEMM_UNROLL
	for (int i = 0; i < rows; i++) {
		sum[i][0] = (v16si)load(t, i, 0);
		sum[i][1] = (v16si)load(t, i, LANES);
		sum[i][2] = (v16si)load(t, i, 2 * LANES);
		sum[i][3] = (v16si)load(t, i, 3 * LANES);
	}
	for (int64_t k = 0; k < t->quads; k++, a += QUAD, w += COLUMNS * QUAD) {
		const __m512i w0 = _mm512_load_si512(w);
		const __m512i w1 = _mm512_load_si512(w + LANES * QUAD);
		const __m512i w2 = _mm512_load_si512(w + 2 * LANES * QUAD);
		const __m512i w3 = _mm512_load_si512(w + 3 * LANES * QUAD);

		GEMM_UNROLL
		for (int i = 0; i < rows; i++) {
			int32_t quad;

			memcpy(&quad, a + i * ROW, sizeof quad);
			const __m512i one = _mm512_set1_epi32(quad);
			sum[i][0] = (v16si)_mm512_dpbusd_epi32((__m512i)sum[i][0], one, w0);
			sum[i][1] = (v16si)_mm512_dpbusd_epi32((__m512i)sum[i][1], one, w1);
			sum[i][2] = (v16si)_mm512_dpbusd_epi32((__m512i)sum[i][2], one, w2);
			sum[i][3] = (v16si)_mm512_dpbusd_epi32((__m512i)sum[i][3], one, w3);
		}
	}
	GEMM_UNROLL
	for (int i = 0; i < rows; i++) {
		int32_t *y = t->y + i * t->stride;

		_mm512_mask_storeu_epi32(y, gemm_lanes(t->columns), (__m512i)sum[i][0]);
		_mm512_mask_storeu_epi32(y + LANES, gemm_lanes(t->columns - LANES),
					 (__m512i)sum[i][1]);
		_mm512_mask_storeu_epi32(y + 2 * LANES, gemm_lanes(t->columns - 2 * LANES),
					 (__m512i)sum[i][2]);
		_mm512_mask_storeu_epi32(y + 3 * LANES, gemm_lanes(t->columns - 3 * LANES),
					 (__m512i)sum[i][3]);
	}
}

/* One body a number of rows: the sums then are registers. */
static void tile_of(const struct part *t, int rows)
{
	switch (rows) {
	case 1: tile(t, 1); break;
	case 2: tile(t, 2); break;
	case 3: tile(t, 3); break;
	case 4: tile(t, 4); break;
	case 5: tile(t, 5); break;
	default: tile(t, ROWS); break;
	}
}

/* Zero points and, where w has any, sums of the unit's rows, modulo 2^32. */
static void sum_rows(const struct prepared *p, const uint8_t *a, const struct gemm_unit *unit,
		     int32_t zero_a[ROWS], int32_t sum_a[ROWS])
{
	const struct qs_task *task = &p->task;

	for (int i = 0; i < unit->rows; i++) {
		const uint8_t *row = a + (unit->row + i) * task->a.stride;
		uint32_t sum = 0;

		for (int64_t k = 0; p->zero_w && k < task->k; k++)
			sum += row[k];
		sum_a[i] = (int32_t)sum;
		zero_a[i] = gemm_zero(&task->a, unit->row + i);
	}
}

static void run_unit(const struct prepared *p, const uint8_t *a, int32_t *y,
		     const struct gemm_unit *unit)
{
	const struct qs_task *task = &p->task;
	_Alignas(GEMM_LINE) uint8_t rows[ROWS * ROW];
	int32_t zero_a[ROWS], sum_a[ROWS];

	sum_rows(p, a, unit, zero_a, sum_a);
	for (int64_t from = 0; from < task->k; from += DEPTH) {
		const int64_t depth = task->k - from < DEPTH ? task->k - from : DEPTH;

		for (int i = 0; i < unit->rows; i++) {
			memcpy(rows + i * ROW, a + (unit->row + i) * task->a.stride + from,
			       (size_t)depth);
			memset(rows + i * ROW + depth, 0, QUAD);
		}
		for (int64_t panel = unit->panel; panel < unit->panel_end; panel++) {
			const int64_t column = panel * COLUMNS;
			const struct part part = {
				.a = rows,
				.w = p->w + (panel * p->quads + from / QUAD) * COLUMNS * QUAD,
				.y = y + unit->row * task->y.stride + column,
				.stride = task->y.stride, .quads = (depth + QUAD - 1) / QUAD,
				.columns = task->n - column, .first = !from,
				.bias = p->bias + column, .sum_w = p->sum_w + column,
				.zero_w = p->zero_w ? p->zero_w + column : NULL,
				.zero_a = zero_a, .sum_a = sum_a,
			};

			tile_of(&part, unit->rows);
		}
	}
}

static int run(const void *prepared, const void *a, void *y, int64_t first, int64_t last)
{
	const struct prepared *p = prepared;

	for (int64_t i = first; i < last; i++) {
		const struct gemm_unit unit = gemm_unit_at(&p->blocks, p->task.m, i);

		run_unit(p, a, y, &unit);
	}
	return 0;
}

const struct qs_kernel gemm_u8s8s32__avx512vnni = {
	.name = "gemm_u8s8s32__avx512vnni",
	.op = QS_GEMM, .a = QS_U8, .w = QS_S8, .y = QS_S32,
	.needs = QS_CPU_AVX2 | QS_CPU_AVX512BW | QS_CPU_AVX512VNNI,
	.tile_m = ROWS, .tile_n = COLUMNS, .tile_k = DEPTH,
	.refuse = int8_refuse_tensor, .prepare = prepare, .units = units, .run = run,
	.release = free,
};
