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
 * What it costs, on a CPU with four ports for vectors of which two multiply: 32 products take
 * 2 + 2 / steps instructions there, of which 1 + 1 / steps multiply, and a vector of rests 3, of
 * which 2 multiply.  Words (int8_words.h) take 4, or 7/8 of it, for any weights; 16-bit products on
 * 512 bits, which other libraries have where the CPU does, take 2.
 *
 *   normal   weights of which 127 is 4.5 standard deviations (28 codes): 0.13 % of the pairs and
 *            0.5 % of the lanes of 3 steps break a bound, so that 100 quads of 8 columns have 4
 *            vectors of rests: 2.8 instructions.  Zen 5 does 3.4 a cycle, of 4: its ports are full,
 *            and additions that depend on a product sometimes stand on one that could multiply.
 *            That is 0.97 to 1.05 of XNNPACK's products of words on 512 bits, where words in 256
 *            bits are 0.8 of them.  Sums in registers, with 8 rows for one vector of columns, are
 *            as fast, and so are rows unrolled by two; 5 steps and more spill.
 *   uniform  weights: each fourth pair breaks the first bound, so nearly every vector has rests,
 *            and words are faster.  Those cannot reach 2 instructions, nor can any exact way that
 *            widens to 16 bits first: 256 bits of vpmaddwd are 16 products, so 32 take two of it
 *            and two additions.
 *
 * From a standard deviation of 34 codes on, as a channel has whose own greatest weight is 127,
 * words are as fast.
 */
#ifndef QS_INT8_CLIPPED_H
#define QS_INT8_CLIPPED_H

#include "int8_clip.h"

/* All rows by a strip: the weights of a block stay in registers for all of them, a lane is
 * multiplied to its end before the next begins, and sums are memory. */
static inline __attribute__((always_inline)) void
clipped_strip_by(const struct clipped_part *part, const uint8_t *codes, int64_t row, int32_t *sums,
		 int64_t rows, const int steps)
{
	const vec ones = v_all16(1);
	const int64_t size = clipped_bytes(part, steps); /* to the next strip           */
	const int8_t *w = part->w;
	const uint8_t *a = codes;
	const int32_t *at = part->at;

	for (int64_t block = 0; block < part->blocks; block++, a += steps * QUAD) {
		vec weights[CLIPPED_MOST][STRIP_VECTORS];
		words_vec begin[STRIP_VECTORS];
		const uint8_t *from = a;
		int32_t *to = sums;

		for (int i = 0; i < (1 + steps) * ROW_BYTES; i += GEMM_LINE)
			__builtin_prefetch(w + size + i, 0, 2);
		GEMM_UNROLL
		for (int j = 0; j < STRIP_VECTORS; j++)
			begin[j] = (words_vec)v_load(w + j * LANES * QUAD);
		w += ROW_BYTES;
		GEMM_UNROLL
		for (int s = 0; s < steps; s++, w += ROW_BYTES)
			GEMM_UNROLL
			for (int j = 0; j < STRIP_VECTORS; j++)
				weights[s][j] = v_load(w + j * LANES * QUAD);
		for (int64_t i = 0; i < rows; i++, from += row, to += WIDTH) {
			words_vec lane[STRIP_VECTORS];

			GEMM_UNROLL
			for (int j = 0; j < STRIP_VECTORS; j++)
				lane[j] = begin[j];
			GEMM_UNROLL
			for (int s = 0; s < steps; s++) {
				const vec code = v_all32(from + s * QUAD);

				GEMM_UNROLL
				for (int j = 0; j < STRIP_VECTORS; j++)
					lane[j] += (words_vec)v_maddubs(code, weights[s][j]);
			}
			GEMM_UNROLL
			for (int j = 0; j < STRIP_VECTORS; j++)
				v_store(to + j * LANES, v_add32(v_load(to + j * LANES),
								v_madd((vec)lane[j], ones)));
		}
	}
	for (int v = 0; v < STRIP_VECTORS; v++, sums += LANES)
		for (int64_t rest = 0; rest < part->rests[v]; rest++, w += LANES * QUAD, at++) {
			const vec weights = v_load(w);
			const uint8_t *from = codes + *at;
			int32_t *to = sums;

			for (int64_t i = 0; i < rows; i++, from += row, to += WIDTH)
				v_store(to, v_add32(v_load(to),
						    v_madd(v_maddubs(v_all32(from), weights),
							   ones)));
		}
}

static __attribute__((noinline)) void
clipped_rows(const struct clipped_part *part, const uint8_t *codes, int64_t row, int32_t *sums,
	     int64_t rows, int steps)
{
	switch (steps) {
	case 2: clipped_strip_by(part, codes, row, sums, rows, 2); break;
	case 3: clipped_strip_by(part, codes, row, sums, rows, 3); break;
	default: clipped_strip_by(part, codes, row, sums, rows, CLIPPED_MOST); break;
	}
}

/* A strip and one step of k for `rows` rows. */
static void clipped_strip(const struct clipped_part *part, const uint8_t *codes, int64_t row,
			  int32_t *sums, int64_t rows, int steps)
{
	for (int64_t i = 0; i < rows; i += CLIPPED_TILE)
		clipped_rows(part, codes + i * row, row, sums + i * WIDTH,
			     rows - i < CLIPPED_TILE ? rows - i : CLIPPED_TILE, steps);
}

#endif
