/* SPDX-License-Identifier: MIT
 *
 * The tiles of groups_madd.h, compiled once an ISA: over vectors of LANES numbers of 32 bits by the
 * functions v_... that the ISA's file defines before this.
 */
#ifndef QS_GROUPS_MADD_TILE_H
#define QS_GROUPS_MADD_TILE_H

#include "groups_madd_rows.h"

enum { COLUMNS = 2 * LANES, VECTOR = LANES * 4, LINE = COLUMNS * QUAD };

/* Sums have types of their own: as __m256i or __m512i, which hold 64-bit numbers, gcc 12 copies and
 * spills them. */
typedef uint16_t vec16 __attribute__((vector_size(VECTOR)));
typedef uint32_t vec32 __attribute__((vector_size(VECTOR)));

INLINE veci v_and(veci x, veci y) { return x & y; }
INLINE veci v_or(veci x, veci y) { return x | y; }
INLINE veci v_srl16(veci x, int bits) { return (veci)((vec16)x >> bits); }
INLINE veci v_sll32(veci x, int bits) { return (veci)((vec32)x << bits); }
INLINE veci v_add16(veci x, veci y) { return (veci)((vec16)x + (vec16)y); }
INLINE veci v_sub16(veci x, veci y) { return (veci)((vec16)x - (vec16)y); }
INLINE veci v_add32(veci x, veci y) { return (veci)((vec32)x + (vec32)y); }
INLINE veci v_mul32(veci x, veci y) { return (veci)((vec32)x * (vec32)y); }

struct groups_part {            /* one tile's part of one step of k                      */
	const uint8_t *w;       /* decoded: [quads][LINE], or [pairs][COLUMNS] of 2 16-bit
	                           numbers; of a single row as it is packed              */
	const int8_t *a;        /* [rows][ROW]                                           */
	const int16_t *a_wide;  /* [rows][ROW_WIDE]                                      */
	const int32_t *begin, *factor;  /* [rows][STEP_BLOCKS]                           */
	const uint8_t *scale;   /* of the first group; the next is group_bytes on        */
	size_t group_bytes;
	int blocks, group_blocks, span;
	bool channel, corrected, first;
	float *acc;             /* [rows][COLUMNS]                                       */
	int32_t *sums;          /* [rows][COLUMNS]; of a channel they go on from step to step */
	const uint8_t *ahead;   /* the next panel: prefetched, so many lines for each block */
	int ahead_lines;
};

/* Keeps x in a register as it is: no second load of it, no other order of a chain of sums. */
#define HOLD(x) __asm__("" : "+v"(x))

/* Of a block, the lines that quad q is the first to need. */
INLINE void quad_load(veci lines[3], const uint8_t *block, const int bits, const int q)
{
	if (bits == 3 ? q < 3 : q % (8 / bits) == 0) {
		const int line = bits == 3 ? q : q * bits / 8;

		lines[line % 3] = v_load(block + line * LINE);
		HOLD(lines[line % 3]);
	}
}

/* U of quad q. */
INLINE veci quad_of(const veci lines[3], const int bits, const int q)
{
	const veci x = lines[bits == 3 ? q % 3 : q * bits / 8 % 3];

	if (bits == 8)
		return x;
	if (bits != 3)
		return v_and(v_srl16(x, q * bits % 8), v_set8((1 << bits) - 1));
	if (q < 6)
		return v_and(v_srl16(x, q / 3 * 3), v_set8(7));
	return v_or(v_and(v_srl16(x, 6), v_set8(3)), v_and(v_srl16(lines[2], q - 2), v_set8(4)));
}

INLINE void decode_blocks(uint8_t *to, const uint8_t *from, int blocks, const int bits)
{
	for (int b = 0; b < blocks; b++, from += 4 * bits * COLUMNS) {
		veci left[3], right[3];

		GEMM_UNROLL
		for (int q = 0; q < BLOCK_QUADS; q++, to += LINE) {
			quad_load(left, from, bits, q);
			quad_load(right, from + VECTOR, bits, q);
			v_store(to, quad_of(left, bits, q));
			v_store(to + VECTOR, quad_of(right, bits, q));
		}
	}
}

static void decode(uint8_t *to, const uint8_t *from, int blocks, int bits)
{
	switch (bits) {
	case 4: decode_blocks(to, from, blocks, 4); break;
	case 3: decode_blocks(to, from, blocks, 3); break;
	default: decode_blocks(to, from, blocks, 2); break;
	}
}

/* `off` is 128 + zero in each 16 bits. */
INLINE void widen_vector(uint8_t *to, const uint8_t *from, veci off)
{
	const veci x = v_load(from);

	v_store(to, v_sub16(v_and(x, v_set16(0xff)), off));
	v_store(to + LINE, v_sub16(v_srl16(x, 8), off));
}

/* A group of 8-bit codes to 16-bit numbers less their zero points, those of the corrections. */
static void widen(uint8_t *to, const uint8_t *from, int blocks, const uint8_t *zeros)
{
	veci left = v_set16(128), right = left;

	if (zeros) {
		const veci l = v_and(v_load(zeros), v_set32(0xffff));
		const veci r = v_and(v_load(zeros + VECTOR), v_set32(0xffff));

		left = v_add16(left, v_or(l, v_sll32(l, 16)));
		right = v_add16(right, v_or(r, v_sll32(r, 16)));
	}
	for (int q = 0; q < blocks * BLOCK_QUADS; q++, from += LINE, to += 2 * LINE) {
		widen_vector(to, from, left);
		widen_vector(to + VECTOR, from + VECTOR, right);
	}
}

/* The end of a group: acc = fma((float)sum, scale, acc). */
INLINE void close_group(const struct groups_part *t, const uint8_t *scale, const int32_t *factor,
			const int rows, const bool corrected, veci sum[ROWS][2])
{
	const vecf left = v_load_floats(scale), right = v_load_floats(scale + VECTOR);
	float *const acc = t->acc;

	if (corrected) {
		const veci l = v_load(scale + LINE), r = v_load(scale + LINE + VECTOR);

		GEMM_UNROLL
		for (int i = 0; i < rows; i++) {
			const veci one = v_broadcast(factor + i * STEP_BLOCKS);

			sum[i][0] = v_add32(sum[i][0], v_madd(l, one));
			sum[i][1] = v_add32(sum[i][1], v_madd(r, one));
		}
	}
	GEMM_UNROLL
	for (int i = 0; i < rows; i++) {
		float *at = acc + i * COLUMNS;

		v_store_floats(at, v_fma(v_float(sum[i][0]), left, v_load_floats(at)));
		at += LANES;
		v_store_floats(at, v_fma(v_float(sum[i][1]), right, v_load_floats(at)));
	}
}

INLINE void add_sums(const struct groups_part *t, const int rows, veci sum[ROWS][2])
{
	GEMM_UNROLL
	for (int i = 0; i < rows; i++) {
		const int32_t *sums = t->sums + i * COLUMNS;

		sum[i][0] = v_add32(sum[i][0], v_load(sums));
		sum[i][1] = v_add32(sum[i][1], v_load(sums + LANES));
	}
}

INLINE void store_sums(const struct groups_part *t, const int rows, veci sum[ROWS][2])
{
	int32_t *const sums = t->sums;

	GEMM_UNROLL
	for (int i = 0; i < rows; i++) {
		v_store(sums + i * COLUMNS, sum[i][0]);
		v_store(sums + i * COLUMNS + LANES, sum[i][1]);
	}
}

/* One span of weights of at most 4 bits, up to `end`. */
INLINE void span_sums(const uint8_t *w, const uint8_t *end, const int8_t *a, const int32_t *begin,
		      const int rows, veci sum[ROWS][2])
{
	vec16 lanes[ROWS][2];

	GEMM_UNROLL
	for (int i = 0; i < rows; i++)
		lanes[i][0] = lanes[i][1] = (vec16)v_broadcast(begin + i * STEP_BLOCKS);
	for (; w < end; w += LINE, a += QUAD) {
		const veci left = v_load(w), right = v_load(w + VECTOR);

		GEMM_UNROLL
		for (int i = 0; i < rows; i++) {
			const veci one = v_broadcast(a + i * ROW);

			lanes[i][0] -= (vec16)v_maddubs(left, one);
			lanes[i][1] -= (vec16)v_maddubs(right, one);
		}
	}
	GEMM_UNROLL
	for (int i = 0; i < rows; i++) {
		sum[i][0] = v_madd((veci)lanes[i][0], v_set16(-1));
		sum[i][1] = v_madd((veci)lanes[i][1], v_set16(-1));
	}
}

INLINE void prefetch(const struct groups_part *t, int block, int blocks)
{
	const uint8_t *from = t->ahead + block * t->ahead_lines * GEMM_LINE;

	for (int i = 0; i < blocks * t->ahead_lines; i++)
		_mm_prefetch((const char *)from + i * GEMM_LINE, _MM_HINT_T1);
}

INLINE void tile(const struct groups_part *t, const int rows)
{
	const uint8_t *scale = t->scale;
	const int32_t *factor = t->factor;
	int left = t->group_blocks;

	for (int block = 0, span; block < t->blocks; block += span) {
		const bool opens = t->channel ? t->first && !block : left == t->group_blocks;
		const uint8_t *w = t->w + block * BLOCK_QUADS * LINE;
		veci sum[ROWS][2];

		span = t->span < left ? t->span : left;
		span = span < t->blocks - block ? span : t->blocks - block;
		prefetch(t, block, span);
		span_sums(w, w + span * BLOCK_QUADS * LINE, t->a + block * BLOCK, t->begin + block,
			  rows, sum);
		if (!opens)
			add_sums(t, rows, sum);
		left -= span;
		if (t->channel || (left && block + span < t->blocks)) {
			store_sums(t, rows, sum);
			continue;
		}
		close_group(t, scale, factor, rows, t->corrected, sum);
		scale += t->group_bytes;
		factor += t->group_blocks;
		left = t->group_blocks;
	}
}

/* The same of 16-bit numbers. */
INLINE void tile_wide(const struct groups_part *t, const int rows)
{
	const uint8_t *w = t->w, *scale = t->scale;
	const int16_t *a = t->a_wide;

	for (int block = 0; block < t->blocks; block += t->group_blocks) {
		const int left = t->blocks - block;
		const int blocks = left < t->group_blocks ? left : t->group_blocks;
		const uint8_t *end = w + blocks * 2 * BLOCK_QUADS * LINE;
		vec32 lanes[ROWS][2];
		veci sum[ROWS][2];

		prefetch(t, block, blocks);
		GEMM_UNROLL
		for (int i = 0; i < rows; i++)
			lanes[i][0] = lanes[i][1] = (vec32)v_set32(0);
		for (; w < end; w += LINE, a += 2) {
			const veci l = v_load(w), r = v_load(w + VECTOR);

			GEMM_UNROLL
			for (int i = 0; i < rows; i++) {
				const veci one = v_broadcast(a + i * ROW_WIDE);

				lanes[i][0] += (vec32)v_madd(l, one);
				lanes[i][1] += (vec32)v_madd(r, one);
			}
		}
		GEMM_UNROLL
		for (int i = 0; i < rows; i++) {
			sum[i][0] = (veci)lanes[i][0];
			sum[i][1] = (veci)lanes[i][1];
		}
		if (t->channel) {
			if (!t->first)
				add_sums(t, rows, sum);
			store_sums(t, rows, sum);
		} else {
			close_group(t, scale, NULL, rows, false, sum);
			scale += t->group_bytes;
		}
	}
}

#endif
