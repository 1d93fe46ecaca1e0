/* SPDX-License-Identifier: MIT
 *
 * A single row of a: the weights are decoded on the way, each read once from where they are packed.
 */
#ifndef QS_GROUPS_MADD_ALONE_H
#define QS_GROUPS_MADD_ALONE_H

#include "groups_madd_tile.h"

struct alone {
	const uint8_t *w;
	const int8_t *a;
	const int32_t *begin;
};

/* Two vectors of sums of a span of `blocks`. */
INLINE void alone_span(const uint8_t *w, int blocks, const int8_t *a, const int32_t *begin,
		       const int bits, veci *sum_left, veci *sum_right)
{
	vec16 left, right;

	left = right = (vec16)v_broadcast(begin);
	do {
		veci left_lines[3], right_lines[3];

		GEMM_UNROLL
		for (int q = 0; q < BLOCK_QUADS; q += 2) {
			const veci one = v_broadcast(a + q * QUAD);
			const veci two = v_broadcast(a + (q + 1) * QUAD);

			quad_load(left_lines, w, bits, q);
			quad_load(right_lines, w + VECTOR, bits, q);
			veci l = v_maddubs(quad_of(left_lines, bits, q), one);
			veci r = v_maddubs(quad_of(right_lines, bits, q), one);
			quad_load(left_lines, w, bits, q + 1);
			quad_load(right_lines, w + VECTOR, bits, q + 1);
			l = v_add16(l, v_maddubs(quad_of(left_lines, bits, q + 1), two));
			r = v_add16(r, v_maddubs(quad_of(right_lines, bits, q + 1), two));
			left -= (vec16)l;
			right -= (vec16)r;
			HOLD(left);
			HOLD(right);
		}
		w += 4 * bits * COLUMNS;
		a += BLOCK;
	} while (--blocks);
	*sum_left = v_madd((veci)left, v_set16(-1));
	*sum_right = v_madd((veci)right, v_set16(-1));
}

/* The same of 8 bits, one block. */
INLINE void alone_split(const uint8_t *w, const int8_t *a, const int32_t *begin, veci *sum_left,
			veci *sum_right)
{
	vec16 left_low, right_low, left_high, right_high;

	left_low = right_low = (vec16)v_broadcast(begin);
	left_high = right_high = (vec16)v_broadcast(begin + HALF_BLOCKS);
	GEMM_UNROLL
	for (int q = 0; q < BLOCK_QUADS; q++, w += LINE, a += QUAD) {
		const veci left = v_load(w), right = v_load(w + VECTOR);
		const veci low = v_broadcast(a), high = v_broadcast(a + DEPTH_ALONE);

		left_low -= (vec16)v_maddubs(left, low);
		right_low -= (vec16)v_maddubs(right, low);
		left_high -= (vec16)v_maddubs(left, high);
		right_high -= (vec16)v_maddubs(right, high);
		HOLD(left_low);
		HOLD(right_low);
		HOLD(left_high);
		HOLD(right_high);
	}
	*sum_left = v_add32(v_madd((veci)left_low, v_set16(-1)),
			    v_madd((veci)left_high, v_set16(-16)));
	*sum_right = v_add32(v_madd((veci)right_low, v_set16(-1)),
			     v_madd((veci)right_high, v_set16(-16)));
}

/* Sums of `blocks`, at most a span, and on past them. */
INLINE void alone_blocks(struct alone *at, int blocks, const int bits, veci *left, veci *right)
{
	if (bits == 8)
		alone_split(at->w, at->a, at->begin, left, right);
	else
		alone_span(at->w, blocks, at->a, at->begin, bits, left, right);
	at->w += blocks * 4 * bits * COLUMNS;
	at->a += blocks * BLOCK;
	at->begin += blocks;
}

/* One panel; `single`: groups are not longer than a span. */
INLINE void alone(const struct groups_part *t, const int bits, const bool single)
{
	struct alone at = { t->w, t->a, t->begin };
	const int32_t *factor = t->factor;
	const uint8_t *scale = t->scale;
	const size_t codes = (size_t)(t->scale - t->w);
	const bool corrected = t->corrected, channel = t->channel;
	const int group_blocks = t->group_blocks, most = t->span;
	vecf acc_left = v_load_floats(t->acc), acc_right = v_load_floats(t->acc + LANES);

	for (int left = t->blocks; left > 0; left -= group_blocks) {
		int rest = left < group_blocks ? left : group_blocks;
		veci sum_left = v_set32(0), sum_right = sum_left;

		if (single)
			alone_blocks(&at, rest, bits, &sum_left, &sum_right);
		while (!single && rest) {
			const int blocks = most < rest ? most : rest;
			veci more_left, more_right;

			alone_blocks(&at, blocks, bits, &more_left, &more_right);
			sum_left = v_add32(sum_left, more_left);
			sum_right = v_add32(sum_right, more_right);
			rest -= blocks;
		}
		if (channel) {
			if (!t->first) {
				sum_left = v_add32(sum_left, v_load(t->sums));
				sum_right = v_add32(sum_right, v_load(t->sums + LANES));
			}
			v_store(t->sums, sum_left);
			v_store(t->sums + LANES, sum_right);
			return;
		}
		if (corrected) {
			const veci one = v_broadcast(factor);

			sum_left = v_add32(sum_left, v_madd(v_load(scale + LINE), one));
			sum_right = v_add32(sum_right, v_madd(v_load(scale + LINE + VECTOR), one));
		}
		acc_left = v_fma(v_float(sum_left), v_load_floats(scale), acc_left);
		acc_right = v_fma(v_float(sum_right), v_load_floats(scale + VECTOR), acc_right);
		scale += t->group_bytes;
		factor += group_blocks;
		at.w = scale - codes;
	}
	v_store_floats(t->acc, acc_left);
	v_store_floats(t->acc + LANES, acc_right);
}

/* Functions of their own: inside their caller gcc 12 runs out of registers. */
#define ALONE(bits)                                                             \
	static __attribute__((noinline)) void alone_##bits(const struct groups_part *t) \
	{                                                                       \
		if (t->group_blocks <= t->span)                                 \
			alone(t, bits, true);                                   \
		else                                                            \
			alone(t, bits, false);                                  \
	}

ALONE(8)
ALONE(4)
ALONE(3)
ALONE(2)

#endif
