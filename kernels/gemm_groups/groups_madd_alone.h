/* SPDX-License-Identifier: MIT
 *
 * A single row of a: the weights are decoded on the way, each read once from where they are packed.
 */
#ifndef QS_GROUPS_MADD_ALONE_H
#define QS_GROUPS_MADD_ALONE_H

#include "groups_madd_tile.h"

/* Two vectors of sums of a span of `blocks`. */
INLINE void alone_span(const uint8_t *w, int blocks, const int8_t *a, const int32_t *begin,
		       const int bits, veci sum[2])
{
	vec16 left, right;

	left = right = (vec16)v_broadcast(begin);
	for (int b = 0; b < blocks; b++, w += 4 * bits * COLUMNS, a += BLOCK) {
		GEMM_UNROLL
		for (int q = 0; q < BLOCK_QUADS; q++) {
			const veci one = v_broadcast(a + q * QUAD);

			left -= (vec16)v_maddubs(quad(w, bits, q), one);
			right -= (vec16)v_maddubs(quad(w + VECTOR, bits, q), one);
		}
	}
	sum[0] = v_madd((veci)left, v_set16(-1));
	sum[1] = v_madd((veci)right, v_set16(-1));
}

/* The same of 8 bits, one block. */
INLINE void alone_split(const uint8_t *w, const int8_t *a, const int32_t *begin, veci sum[2])
{
	vec16 low[2], high[2];

	low[0] = low[1] = (vec16)v_broadcast(begin);
	high[0] = high[1] = (vec16)v_broadcast(begin + DEPTH_ALONE / BLOCK);
	GEMM_UNROLL
	for (int q = 0; q < BLOCK_QUADS; q++, w += LINE, a += QUAD) {
		const veci left = v_load(w), right = v_load(w + VECTOR);
		const veci l = v_broadcast(a), h = v_broadcast(a + DEPTH_ALONE);

		low[0] -= (vec16)v_maddubs(left, l);
		low[1] -= (vec16)v_maddubs(right, l);
		high[0] -= (vec16)v_maddubs(left, h);
		high[1] -= (vec16)v_maddubs(right, h);
	}
	for (int v = 0; v < 2; v++)
		sum[v] = v_add32(v_madd((veci)low[v], v_set16(-1)),
				 v_madd((veci)high[v], v_set16(-16)));
}

INLINE void alone(const struct groups_part *t, const int bits)
{
	const uint8_t *w = t->w, *scale = t->scale;
	const int32_t *factor = t->factor;

	for (int block = 0; block < t->blocks; block += t->group_blocks) {
		const int rest = t->blocks - block;
		const int end = block + (rest < t->group_blocks ? rest : t->group_blocks);
		veci sum[ROWS][2] = { { v_set32(0), v_set32(0) } };

		if (t->channel && !t->first)
			add_sums(t, 1, sum);
		for (int from = block; from < end; from += t->span) {
			const int blocks = t->span < end - from ? t->span : end - from;
			const uint8_t *at = w + (from - block) * 4 * bits * COLUMNS;
			veci more[2];

			if (bits == 8)
				alone_split(at, t->a + from * BLOCK, t->begin + from, more);
			else
				alone_span(at, blocks, t->a + from * BLOCK, t->begin + from, bits,
					   more);
			sum[0][0] = v_add32(sum[0][0], more[0]);
			sum[0][1] = v_add32(sum[0][1], more[1]);
		}
		if (t->channel) {
			store_sums(t, 1, sum);
			return;
		}
		close_group(t, scale, factor++, 1, t->corrected, sum);
		w += t->group_bytes;
		scale += t->group_bytes;
	}
}

#endif
