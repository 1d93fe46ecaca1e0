/* SPDX-License-Identifier: MIT
 *
 * Quantizing without divisions, to the bits of a division: what the vector kernels share.
 *
 * With i = fl(1 / scale), e = 1 - scale i, which is a float, and r = fl(e i) the value
 *
 *         q = fma(x, i, fl(x * r))
 *
 * is the rounding of (x / scale)(1 + d).  The division rounds x / scale itself.  So both give the
 * same code under either rounding of ties, unless for some tie t = c + 1/2 they lie on different
 * sides of t, or only one is t: then x / scale is within |d| of a midpoint u between t and the
 * float before or after it.
 *
 * Let S be the scale's significand, a whole number of 24 bits, s = S / 2^23 and I that of i.
 * Unless the scale is a power of two and e = 0, e 2^47 = 2^47 - S I is a whole number of at most
 * S / 2: so e is a float, and |e| <= s 2^-25.  Of d come e^2 from stopping at i + e i, s 2^-49 from
 * rounding r (if it is denormal, 2^-150 <= 2^-50 i) and s 2^-49 from rounding x * r:
 * |d| <= (s^2 / 4 + s) 2^-48 (1 + 2^-20).
 *
 * Let X be the significand of x, and U that of u, of 25 bits, so that S U < s 2^48.  Then
 * |X 2^n - S U| <= |d| S U < 6 + 2^-17 for the n that makes both alike; as a whole number it is at
 * most 6, and n >= 24.  Let L bits hold every |low - zero| and |high - zero|: 2t has at most L + 1
 * bits, so U = V 2^(24 - L) +- 1 and S U = S V 2^(24 - L) +- S.  So all x are safe if
 * S mod 2^(24 - L) is none of 1 .. 6 and none of -1 .. -6.  (If it is 0, the difference is a
 * multiple of 2^(24 - L) > 6, and not 0: x / scale is never a midpoint, as S U would be X times a
 * power of two, but U is odd and has more bits than X.)  That leaves out one scale in 87,381 for
 * codes of 4 bits, in 21 for 16; these, and scales outside [2^-100, 2^100], where i or x * r could
 * be denormal or infinite, have i = NaN.
 *
 * For codes of 8 bits it would leave out one scale in 5,461, and so some of 4,096 channels in every
 * other tensor.  But of these significands, 1,536 in all, only the greatest gives another code at a
 * tie (t51_quantize tries them).  A significand's trial holds for its scales in [2^-64, 2^64],
 * where r, at least 2^-48 i if it is not 0, is a normal float.
 *
 * The quotient is not clipped before the conversion to s32.  Where that gives INT32_MIN (a NaN, an
 * infinity, a huge x, an unsafe scale) the kernel does the neighbours again by division.
 */
#ifndef QS_QUANTIZE_PRODUCT_H
#define QS_QUANTIZE_PRODUCT_H

#include "quantize.h"

#include <math.h>
#include <string.h>

struct code {                   /* constants of a kernel: its loops are made for each    */
	int bits;
	bool has_sign;
};

struct how {
	bool away;              /* ties                                                  */
	bool narrow;            /* low and high are to be minded; of 4 bits always       */
	bool divides;
	bool stream;            /* y is aligned to whole lines and goes past the caches  */
	bool inverts;           /* i and r of columns are computed, not loaded          */
	bool once;              /* x is loaded once, not for each use: loads are what binds */
	int64_t ahead;          /* floats from x to what is fetched for later; 0: nothing */
	int32_t low, high;
};

struct quantize_map {           /* of one scale                                          */
	float scale, inverse, rest;
	int32_t zero;
};

struct quantize_columns {       /* the same of neighbouring columns                      */
	float inverse[ELEMENTWISE_BLOCK], rest[ELEMENTWISE_BLOCK], scale[ELEMENTWISE_BLOCK];
	float safe[ELEMENTWISE_BLOCK];          /* the scale; NaN: divides               */
	int16_t zero[ELEMENTWISE_BLOCK];
};

struct quantize {               /* of a kernel that is not the reference                 */
	struct qs_task task;
	struct elementwise_walk walk;
	bool stream;            /* results of ELEMENTWISE_STREAM bytes or more           */
	struct quantize_map *maps;      /* [scales], unless with one a column            */
	struct quantize_columns *columns;        /* as walked, whole blocks              */
};

/* Bits that hold |low - zero| and |high - zero|. */
static inline int quantize_bits(int32_t low, int32_t high, int32_t zero)
{
	const int32_t below = low < zero ? zero - low : low - zero;
	const int32_t above = high < zero ? zero - high : high - zero;
	int32_t left = below > above ? below : above;
	int bits = 1;

	while (left >>= 1)
		bits++;
	return bits;
}

/* i and r of the proof above. */
static inline void quantize_invert(float scale, int bits, float *inverse, float *rest)
{
	uint32_t significand, modulus = UINT32_C(1) << (24 - bits), tail;

	memcpy(&significand, &scale, sizeof significand);
	tail = significand & (modulus - 1);
	const bool tried = bits <= 8 && (significand & 0x7fffff) != 0x7fffff &&
			   scale >= 0x1p-64F && scale <= 0x1p64F;

	if (scale < 0x1p-100F || scale > 0x1p100F ||
	    (!tried && tail && (tail <= 6 || modulus - tail <= 6))) {
		*inverse = *rest = NAN;
		return;
	}
	*inverse = 1 / scale;
	*rest = fmaf(-scale, *inverse, 1) * *inverse;
}

static inline struct quantize_map quantize_map(const struct qs_task *task, int64_t at)
{
	struct quantize_map map = { .scale = task->y.scale[at],
				    .zero = task->y.zero ? task->y.zero[at] : 0 };

	quantize_invert(map.scale, quantize_bits(task->low, task->high, map.zero), &map.inverse,
			&map.rest);
	return map;
}

static inline void *quantize_prepare(const struct qs_task *task, const void *w, size_t *bytes,
				     const char **reason)
{
	struct elementwise_walk walk;
	struct quantize *quantize;
	/* a load of maps that crosses a line costs two */
	const size_t head = (sizeof *quantize + 63) / 64 * 64;
	const size_t size = task->y.per == QS_PER_COLUMN
		? sizeof(struct quantize_columns) / ELEMENTWISE_BLOCK
		: sizeof(struct quantize_map);
	size_t maps;

	(void)w;
	*reason = NULL;
	elementwise_walk(&walk, task, &task->y);
	maps = elementwise_maps(&walk, &task->y);
	if (maps > (SIZE_MAX - head - 63) / size)
		return NULL;
	*bytes = (head + maps * size + 63) / 64 * 64;
	quantize = aligned_alloc(64, *bytes);
	if (!quantize)
		return NULL;
	*quantize = (struct quantize){
		.task = *task, .walk = walk,
		.stream = task->m * task->k * elementwise_bits(task->y.type) / 8 >=
			  ELEMENTWISE_STREAM,
		.maps = (struct quantize_map *)((char *)quantize + head),
		.columns = (struct quantize_columns *)((char *)quantize + head),
	};
	for (size_t i = 0; i < maps; i++) {
		struct quantize_columns *columns = &quantize->columns[i / ELEMENTWISE_BLOCK];
		const struct quantize_map map =
			quantize_map(task, elementwise_map(task, &task->y, i));

		if (task->y.per == QS_PER_COLUMN) {
			columns->scale[i % ELEMENTWISE_BLOCK] = map.scale;
			columns->inverse[i % ELEMENTWISE_BLOCK] = map.inverse;
			columns->rest[i % ELEMENTWISE_BLOCK] = map.rest;
			columns->safe[i % ELEMENTWISE_BLOCK] =
				isnan(map.inverse) ? NAN : map.scale;
			columns->zero[i % ELEMENTWISE_BLOCK] = (int16_t)map.zero;
		} else {
			quantize->maps[i] = map;
		}
	}
	return quantize;
}

static inline int64_t quantize_units(const void *prepared)
{
	return ((const struct quantize *)prepared)->walk.units;
}

#endif
