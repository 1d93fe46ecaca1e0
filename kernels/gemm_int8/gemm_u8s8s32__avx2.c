/* SPDX-License-Identifier: MIT
 *
 * u8 by s8 sums in s32 with AVX2, exact at full range: both sides become 16-bit numbers with their
 * zero points taken off (-255 .. 255), and vpmaddwd adds two products of those in 32 bits
 * (2 * 255 * 255 < 2^31).  vpmaddubsw would saturate at 16 bits.  A tile is 6 rows by 16 channels.
 */
#include "../gemm/gemm_blocks.h"
#include "int8.h"

#include <immintrin.h>

/* DEPTH is even.  A copied row is longer by a cache line: no two rows meet in one set. */
enum { ROWS = 6, COLUMNS = 16, DEPTH = 512, ROW = DEPTH + 32, PAIR = 2 };

struct prepared {
	struct qs_task task;
	struct gemm_blocks blocks;
	int64_t pairs;          /* of a row of k                                         */
	int32_t *bias;          /* [panels * COLUMNS]                                    */
	_Alignas(GEMM_LINE) int16_t w[]; /* [panels][pairs][COLUMNS][PAIR], then the bias */
};

static void *prepare(const struct qs_task *task, const void *w, size_t *bytes,
		     const char **reason)
{
	const int64_t pairs = (task->k + 1) / PAIR;
	const size_t panel = (size_t)pairs * COLUMNS * PAIR;
	const struct gemm_blocks blocks = gemm_blocks_make(task, ROWS, COLUMNS, panel * 2);
	struct prepared *p;

	*reason = int8_prove(task, w);
	if (*reason)
		return NULL;
	p = gemm_allocate(sizeof *p, (size_t)blocks.panels,
			  panel * sizeof(int16_t) + COLUMNS * sizeof(int32_t));
	if (!p)
		return NULL;
	p->task = *task;
	p->blocks = blocks;
	p->pairs = pairs;
	p->bias = (int32_t *)(p->w + (size_t)blocks.panels * panel);
	for (int64_t n = 0; n < task->n; n++) {
		const int8_t *from = (const int8_t *)w + n * task->w.stride;
		int16_t *to = p->w + (size_t)(n / COLUMNS) * panel + n % COLUMNS * PAIR;
		const int32_t zero = gemm_zero(&task->w, n);

		for (int64_t k = 0; k < task->k; k++)
			to[k / PAIR * COLUMNS * PAIR + k % PAIR] = (int16_t)(from[k] - zero);
		p->bias[n] = task->bias ? (int32_t)task->bias[n] : 0;
	}
	*bytes = (size_t)blocks.panels * panel * sizeof(int16_t);
	return p;
}

static int64_t units(const void *prepared)
{
	return gemm_blocks_units(&((const struct prepared *)prepared)->blocks);
}

struct part {                   /* one tile's part of one step of k                      */
	const int16_t *a;       /* [rows][ROW]                                           */
	const int16_t *w;       /* [pairs][COLUMNS][PAIR]                                */
	const int32_t *bias;    /* [COLUMNS]; NULL: the sums go on from y                */
	int32_t *y;
	int64_t stride, pairs;
};

/* All 16 columns are written. */
static inline __attribute__((always_inline)) void tile(const struct part *t, const int rows)
{
	const int16_t *a = t->a, *w = t->w;
	__m256i sum[ROWS][2];

	GEMM_UNROLL
	for (int i = 0; i < rows; i++) {
		const int32_t *from = t->bias ? t->bias : t->y + i * t->stride;

		sum[i][0] = _mm256_loadu_si256((const __m256i *)from);
		sum[i][1] = _mm256_loadu_si256((const __m256i *)(from + 8));
	}
	for (int64_t k = 0; k < t->pairs; k++, a += PAIR, w += COLUMNS * PAIR) {
		const __m256i left = _mm256_load_si256((const __m256i *)w);
		const __m256i right = _mm256_load_si256((const __m256i *)(w + 8 * PAIR));

		GEMM_UNROLL
		for (int i = 0; i < rows; i++) {
			int32_t pair;

			memcpy(&pair, a + i * ROW, sizeof pair);
			const __m256i one = _mm256_set1_epi32(pair);
			sum[i][0] = _mm256_add_epi32(sum[i][0], _mm256_madd_epi16(one, left));
			sum[i][1] = _mm256_add_epi32(sum[i][1], _mm256_madd_epi16(one, right));
		}
	}
	GEMM_UNROLL
	for (int i = 0; i < rows; i++) {
		int32_t *y = t->y + i * t->stride;

		_mm256_storeu_si256((__m256i *)y, sum[i][0]);
		_mm256_storeu_si256((__m256i *)(y + 8), sum[i][1]);
	}
}

/* One body a number of rows: the sums then are registers. */
static void tile_whole(const struct part *t, int rows)
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

/* The last panel may have fewer columns than a tile: it works in a tile of its own. */
static void tile_edge(const struct part *t, int rows, int64_t columns)
{
	_Alignas(GEMM_LINE) int32_t edge[ROWS * COLUMNS] = { 0 };
	const size_t bytes = (size_t)columns * sizeof(int32_t);
	struct part part = *t;

	part.y = edge;
	part.stride = COLUMNS;
	for (int i = 0; i < rows && !t->bias; i++)
		memcpy(edge + i * COLUMNS, t->y + i * t->stride, bytes);
	tile_whole(&part, rows);
	for (int i = 0; i < rows; i++)
		memcpy(t->y + i * t->stride, edge + i * COLUMNS, bytes);
}

/* depth codes less their zero point, and a 0 where the last pair is half empty. */
static void copy_row(int16_t *to, const uint8_t *from, int64_t depth, int32_t zero)
{
	for (int64_t k = 0; k < depth; k++)
		to[k] = (int16_t)(from[k] - zero);
	if (depth % PAIR)
		to[depth] = 0;
}

static void run_unit(const struct prepared *p, const uint8_t *a, int32_t *y,
		     const struct gemm_unit *unit)
{
	const struct qs_task *task = &p->task;
	_Alignas(GEMM_LINE) int16_t rows[ROWS * ROW];

	for (int64_t from = 0; from < task->k; from += DEPTH) {
		const int64_t depth = task->k - from < DEPTH ? task->k - from : DEPTH;

		for (int i = 0; i < unit->rows; i++)
			copy_row(rows + i * ROW, a + (unit->row + i) * task->a.stride + from, depth,
				 gemm_zero(&task->a, unit->row + i));
		for (int64_t panel = unit->panel; panel < unit->panel_end; panel++) {
			const int64_t column = panel * COLUMNS;
			const struct part part = {
				.a = rows,
				.w = p->w + (panel * p->pairs + from / PAIR) * COLUMNS * PAIR,
				.bias = from ? NULL : p->bias + column,
				.y = y + unit->row * task->y.stride + column,
				.stride = task->y.stride, .pairs = (depth + 1) / PAIR,
			};

			if (task->n - column >= COLUMNS)
				tile_whole(&part, unit->rows);
			else
				tile_edge(&part, unit->rows, task->n - column);
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

const struct qs_kernel gemm_u8s8s32__avx2 = {
	.name = "gemm_u8s8s32__avx2",
	.op = QS_GEMM, .a = QS_U8, .w = QS_S8, .y = QS_S32,
	.needs = QS_CPU_AVX2,
	.tile_m = ROWS, .tile_n = COLUMNS, .tile_k = DEPTH,
	.refuse = int8_refuse_tensor, .prepare = prepare, .units = units, .run = run,
	.release = free,
};
