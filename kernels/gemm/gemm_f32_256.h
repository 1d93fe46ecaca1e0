/* SPDX-License-Identifier: MIT
 *
 * Float gemm on 256 bits: a tile of 6 rows by 16 channels in 12 registers, each lane one
 * chain of fused multiply-adds.
 */
#ifndef QS_GEMM_F32_256_H
#define QS_GEMM_F32_256_H

#include "gemm_f32f32f32.h"

#include <immintrin.h>

enum { ROWS = 6, COLUMNS = 16 };

/* All 16 columns are written. */
static inline __attribute__((always_inline)) void tile(const struct gemm_f32_tile *t,
						       const int rows)
{
	const float *a = t->a, *w = t->w;
	const char *ahead = t->ahead;
	__m256 sum[ROWS][2];

	GEMM_UNROLL
	for (int i = 0; i < rows; i++) {
		const float *y = t->y + i * t->stride;

		sum[i][0] = t->first ? _mm256_setzero_ps() : _mm256_loadu_ps(y);
		sum[i][1] = t->first ? _mm256_setzero_ps() : _mm256_loadu_ps(y + 8);
	}
	for (int64_t k = 0; k < t->depth; k++, a++, w += COLUMNS, ahead += t->ahead_step) {
		const __m256 left = _mm256_load_ps(w), right = _mm256_load_ps(w + 8);

		_mm_prefetch(ahead, _MM_HINT_T1);
		GEMM_UNROLL
		for (int i = 0; i < rows; i++) {
			const __m256 one = _mm256_broadcast_ss(a + i * GEMM_F32_ROW);

			sum[i][0] = _mm256_fmadd_ps(one, left, sum[i][0]);
			sum[i][1] = _mm256_fmadd_ps(one, right, sum[i][1]);
		}
	}
	GEMM_UNROLL
	for (int i = 0; i < rows; i++) {
		float *y = t->y + i * t->stride;

		if (t->bias) {
			sum[i][0] = _mm256_add_ps(sum[i][0], _mm256_load_ps(t->bias));
			sum[i][1] = _mm256_add_ps(sum[i][1], _mm256_load_ps(t->bias + 8));
		}
		_mm256_storeu_ps(y, sum[i][0]);
		_mm256_storeu_ps(y + 8, sum[i][1]);
	}
}

/* One body a number of rows: the sums then are registers. */
static void tile_whole(const struct gemm_f32_tile *t, int rows)
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

/* A single row, whole panels side by side. */
static void tile_alone(const struct gemm_f32_tile *t)
{
	const float *a = t->a, *w = t->w;
	const int64_t panel = t->panel;
	__m256 sum[GEMM_F32_ALONE][2];

	GEMM_UNROLL
	for (int i = 0; i < GEMM_F32_ALONE; i++) {
		const float *y = t->y + i * COLUMNS;

		sum[i][0] = t->first ? _mm256_setzero_ps() : _mm256_loadu_ps(y);
		sum[i][1] = t->first ? _mm256_setzero_ps() : _mm256_loadu_ps(y + 8);
	}
	for (int64_t k = 0; k < t->depth; k++, a++, w += COLUMNS) {
		const __m256 one = _mm256_broadcast_ss(a);

		GEMM_UNROLL
		for (int i = 0; i < GEMM_F32_ALONE; i++) {
			const float *at = w + i * panel;

			sum[i][0] = _mm256_fmadd_ps(one, _mm256_load_ps(at), sum[i][0]);
			sum[i][1] = _mm256_fmadd_ps(one, _mm256_load_ps(at + 8), sum[i][1]);
		}
	}
	GEMM_UNROLL
	for (int i = 0; i < GEMM_F32_ALONE; i++) {
		const float *bias = t->bias ? t->bias + i * COLUMNS : NULL;
		float *y = t->y + i * COLUMNS;

		if (bias) {
			sum[i][0] = _mm256_add_ps(sum[i][0], _mm256_load_ps(bias));
			sum[i][1] = _mm256_add_ps(sum[i][1], _mm256_load_ps(bias + 8));
		}
		_mm256_storeu_ps(y, sum[i][0]);
		_mm256_storeu_ps(y + 8, sum[i][1]);
	}
}

/* The last panel may have fewer columns than a tile: it works in a tile of its own. */
static void tile_panel(const struct gemm_f32_tile *t, int rows)
{
	_Alignas(GEMM_LINE) float edge[ROWS * COLUMNS];
	struct gemm_f32_tile part = *t;

	if (t->columns >= COLUMNS) {
		tile_whole(t, rows);
		return;
	}
	const size_t bytes = (size_t)t->columns * sizeof(float);
	part.y = edge;
	part.stride = COLUMNS;
	memset(edge, 0, sizeof edge);
	for (int i = 0; i < rows && !t->first; i++)
		memcpy(edge + i * COLUMNS, t->y + i * t->stride, bytes);
	tile_whole(&part, rows);
	for (int i = 0; i < rows; i++)
		memcpy(t->y + i * t->stride, edge + i * COLUMNS, bytes);
}

static void tile_of(const struct gemm_f32_tile *t, int rows)
{
	struct gemm_f32_tile part = *t;

	if (t->panels == GEMM_F32_ALONE && t->columns >= GEMM_F32_ALONE * COLUMNS) {
		tile_alone(t);
		return;
	}
	for (int i = 0; i < t->panels; i++) {
		tile_panel(&part, rows);
		part.w += t->panel;
		part.y += COLUMNS;
		part.bias = part.bias ? part.bias + COLUMNS : NULL;
		part.columns -= COLUMNS;
	}
}

static void *prepare(const struct qs_task *task, const void *w, size_t *bytes,
		     const char **reason)
{
	return gemm_f32_prepare(task, w, bytes, reason, ROWS, COLUMNS);
}

static int run(const void *prepared, const void *a, void *y, int64_t first, int64_t last)
{
	return gemm_f32_run(prepared, a, y, first, last, ROWS, COLUMNS, tile_of);
}

#endif
