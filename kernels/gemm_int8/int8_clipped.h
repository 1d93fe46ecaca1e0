/* SPDX-License-Identifier: MIT
 *
 * Exact sums of 8-bit codes by vpmaddubsw for weights that are small but for a few: what would
 * overflow is taken off when weights are packed (int8_clip.h), and added by a list.
 *
 * Codes A of a are u8 (int8.h).  A 16-bit lane adds up `steps` results of vpmaddubsw, each of a
 * pair of products; then vpmaddwd widens it.  Two things must hold:
 *
 *   pair   two products are saturated to 16 bits where they are made.  They lie within -255 N ..
 *          255 P, where P is the sum of the pair's weights above 0 and N of those below.  With P
 *          and N at most PAIR_MOST = 128 that is -32640 .. 32640.
 *   lane   additions wrap, so that only a lane's last sum must lie in 16 bits.  It begins with
 *          -128 times the sum of its weights, which makes it the sum of (A - 128) w: within -32640
 *          .. 32640 where |w| add up to LANE_TOTAL = 255 at most.  What it begins with stands
 *          before the weights of the lane, and is given back to its column once, in columns.start.
 *
 * Weights that break a bound are moved towards 0 until they keep it, w = kept + rest.  Rests go to
 * a list of vectors of STRIP columns by QUAD weights, each with the place of its codes of a.  As
 * pairs they must keep the first bound too; where they cannot, the strip does not take so many
 * steps.
 *
 * 32 products take 2 + 2 / steps instructions, of which 1 + 1 / steps multiply, and a vector of
 * rests takes 3, of which 2 multiply.  Words (int8_words.h) take 4 or 7/8 of it, for any weights.
 */
#ifndef QS_INT8_CLIPPED_H
#define QS_INT8_CLIPPED_H

#include "int8_clip.h"

/* rows by a strip: a lane is multiplied to its end before the next begins, so that it is no more
 * than one register, and weights stay in theirs for all rows. */
static inline __attribute__((always_inline)) void
clipped_tile(const struct clipped_part *part, const uint8_t *codes, int64_t row, int32_t *sums,
	     const int rows, const int steps)
{
	const vec ones = v_all16(1);
	const int64_t size = clipped_rows(part, steps) * ROW_BYTES; /* to the next strip   */
	const int8_t *w = part->w;
	const uint8_t *a = codes;
	sums_vec sum[CLIPPED_TILE][STRIP_VECTORS];

	for (int i = 0; i < rows; i++)
		for (int j = 0; j < STRIP_VECTORS; j++)
			sum[i][j] = (sums_vec)v_load(sums + i * WIDTH + j * LANES);
	for (int64_t block = 0; block < part->blocks; block++, a += steps * QUAD) {
		vec weights[STEPS_MOST][STRIP_VECTORS];
		words_vec begin[STRIP_VECTORS];

		for (int at = 0; at < (1 + steps) * ROW_BYTES; at += GEMM_LINE)
			__builtin_prefetch(w + size + at, 0, 2);
		GEMM_UNROLL
		for (int j = 0; j < STRIP_VECTORS; j++)
			begin[j] = (words_vec)v_load(w + j * LANES * QUAD);
		w += ROW_BYTES;
		GEMM_UNROLL
		for (int s = 0; s < steps; s++, w += ROW_BYTES)
			GEMM_UNROLL
			for (int j = 0; j < STRIP_VECTORS; j++)
				weights[s][j] = v_load(w + j * LANES * QUAD);
		GEMM_UNROLL
		for (int i = 0; i < rows; i++) {
			words_vec lane[STRIP_VECTORS];

			GEMM_UNROLL
			for (int j = 0; j < STRIP_VECTORS; j++)
				lane[j] = begin[j];
			GEMM_UNROLL
			for (int s = 0; s < steps; s++) {
				const vec code = v_all32(a + i * row + s * QUAD);

				GEMM_UNROLL
				for (int j = 0; j < STRIP_VECTORS; j++)
					lane[j] += (words_vec)v_maddubs(code, weights[s][j]);
			}
			GEMM_UNROLL
			for (int j = 0; j < STRIP_VECTORS; j++)
				sum[i][j] += (sums_vec)v_madd((vec)lane[j], ones);
		}
	}
	for (int64_t rest = 0; rest < part->rests; rest++, w += ROW_BYTES) {
		const uint8_t *from = codes + part->at[rest];

		GEMM_UNROLL
		for (int i = 0; i < rows; i++) {
			const vec code = v_all32(from + i * row);

			GEMM_UNROLL
			for (int j = 0; j < STRIP_VECTORS; j++)
				sum[i][j] += (sums_vec)v_madd(
					v_maddubs(code, v_load(w + j * LANES * QUAD)), ones);
		}
	}
	for (int i = 0; i < rows; i++)
		for (int j = 0; j < STRIP_VECTORS; j++)
			v_store(sums + i * WIDTH + j * LANES, (vec)sum[i][j]);
}

/* One body a number of rows and steps: the sums then are registers. */
static inline __attribute__((always_inline)) void
clipped_tile_by(const struct clipped_part *part, const uint8_t *codes, int64_t row, int32_t *sums,
		const int rows, int steps)
{
	switch (steps) {
	case 2: clipped_tile(part, codes, row, sums, rows, 2); break;
	case 3: clipped_tile(part, codes, row, sums, rows, 3); break;
	case 4: clipped_tile(part, codes, row, sums, rows, 4); break;
	default: clipped_tile(part, codes, row, sums, rows, STEPS_MOST); break;
	}
}

static __attribute__((noinline)) void
clipped_rows_most(const struct clipped_part *part, const uint8_t *codes, int64_t row, int32_t *sums,
		  int steps)
{
	clipped_tile_by(part, codes, row, sums, CLIPPED_TILE, steps);
}

/* The number of rows that were done: all `left` or a part of them. */
static __attribute__((noinline)) int clipped_rows_left(const struct clipped_part *part,
						       const uint8_t *codes, int64_t row,
						       int32_t *sums, int64_t left, int steps)
{
	if (left >= 4) {
		clipped_tile_by(part, codes, row, sums, 4, steps);
		return 4;
	}
	if (left >= 2) {
		clipped_tile_by(part, codes, row, sums, 2, steps);
		return 2;
	}
	clipped_tile_by(part, codes, row, sums, 1, steps);
	return 1;
}

/* A strip and one step of k for `rows` rows: its weights stay in the first level cache for all of
 * them. */
static void clipped_strip(const struct clipped_part *part, const uint8_t *codes, int64_t row,
			  int32_t *sums, int64_t rows, int steps)
{
	int64_t i = 0;

	for (; i + CLIPPED_TILE <= rows; i += CLIPPED_TILE)
		clipped_rows_most(part, codes + i * row, row, sums + i * WIDTH, steps);
	while (i < rows)
		i += clipped_rows_left(part, codes + i * row, row, sums + i * WIDTH, rows - i,
				       steps);
}

#endif
