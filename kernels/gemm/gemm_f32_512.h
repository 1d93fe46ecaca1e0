/* SPDX-License-Identifier: MIT
 *
 * Float gemm on 512 bits: a tile of 14 rows by 32 channels in 28 registers, each lane one
 * chain of fused multiply-adds.
 */
#ifndef QS_GEMM_F32_512_H
#define QS_GEMM_F32_512_H

#include "gemm_f32f32f32.h"

#include <immintrin.h>

enum { ROWS = 14, COLUMNS = 32 };

static inline __attribute__((always_inline)) void tile(const struct gemm_f32_tile *t,
						       const int rows)
{
	const __mmask16 is_left = gemm_lanes(t->columns), is_right = gemm_lanes(t->columns - 16);
	const float *a = t->a, *w = t->w;
	const char *ahead = t->ahead;
	__m512 sum[ROWS][2];

	GEMM_UNROLL
	for (int i = 0; i < rows; i++) {
		const float *y = t->y + i * t->stride;

		sum[i][0] = t->first ? _mm512_setzero_ps() : _mm512_maskz_loadu_ps(is_left, y);
		sum[i][1] =
			t->first ? _mm512_setzero_ps() : _mm512_maskz_loadu_ps(is_right, y + 16);
	}
	for (int64_t k = 0; k < t->depth; k++, a++, w += COLUMNS, ahead += t->ahead_step) {
		const __m512 left = _mm512_load_ps(w), right = _mm512_load_ps(w + 16);

		_mm_prefetch(ahead, _MM_HINT_T1);
		GEMM_UNROLL
		for (int i = 0; i < rows; i++) {
			const __m512 one = _mm512_set1_ps(a[i * GEMM_F32_ROW]);

			sum[i][0] = _mm512_fmadd_ps(one, left, sum[i][0]);
			sum[i][1] = _mm512_fmadd_ps(one, right, sum[i][1]);
		}
	}
	GEMM_UNROLL
	for (int i = 0; i < rows; i++) {
		float *y = t->y + i * t->stride;

		if (t->bias) {
			sum[i][0] = _mm512_add_ps(sum[i][0], _mm512_load_ps(t->bias));
			sum[i][1] = _mm512_add_ps(sum[i][1], _mm512_load_ps(t->bias + 16));
		}
		_mm512_mask_storeu_ps(y, is_left, sum[i][0]);
		_mm512_mask_storeu_ps(y + 16, is_right, sum[i][1]);
	}
}

/* A single row, whole panels side by side. */
static void tile_alone(const struct gemm_f32_tile *t)
{
	const float *a = t->a, *w = t->w;
	const int64_t panel = t->panel;
	__m512 sum[GEMM_F32_ALONE][2];

	GEMM_UNROLL
	for (int i = 0; i < GEMM_F32_ALONE; i++) {
		const float *y = t->y + i * COLUMNS;

		sum[i][0] = t->first ? _mm512_setzero_ps() : _mm512_loadu_ps(y);
		sum[i][1] = t->first ? _mm512_setzero_ps() : _mm512_loadu_ps(y + 16);
	}
	for (int64_t k = 0; k < t->depth; k++, a++, w += COLUMNS) {
		const __m512 one = _mm512_set1_ps(*a);

		GEMM_UNROLL
		for (int i = 0; i < GEMM_F32_ALONE; i++) {
			const float *at = w + i * panel;

			sum[i][0] = _mm512_fmadd_ps(one, _mm512_load_ps(at), sum[i][0]);
			sum[i][1] = _mm512_fmadd_ps(one, _mm512_load_ps(at + 16), sum[i][1]);
		}
	}
	GEMM_UNROLL
	for (int i = 0; i < GEMM_F32_ALONE; i++) {
		const float *bias = t->bias ? t->bias + i * COLUMNS : NULL;
		float *y = t->y + i * COLUMNS;

		if (bias) {
			sum[i][0] = _mm512_add_ps(sum[i][0], _mm512_load_ps(bias));
			sum[i][1] = _mm512_add_ps(sum[i][1], _mm512_load_ps(bias + 16));
		}
		_mm512_storeu_ps(y, sum[i][0]);
		_mm512_storeu_ps(y + 16, sum[i][1]);
	}
}

/* One body a number of rows: the sums then are registers. */
static void tile_panel(const struct gemm_f32_tile *t, int rows)
{
	switch (rows) {
	case 1: tile(t, 1); break;
	case 2: tile(t, 2); break;
	case 3: tile(t, 3); break;
	case 4: tile(t, 4); break;
	case 5: tile(t, 5); break;
	case 6: tile(t, 6); break;
	case 7: tile(t, 7); break;
	case 8: tile(t, 8); break;
	case 9: tile(t, 9); break;
	case 10: tile(t, 10); break;
	case 11: tile(t, 11); break;
	case 12: tile(t, 12); break;
	case 13: tile(t, 13); break;
	default: tile(t, ROWS); break;
	}
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
