/* SPDX-License-Identifier: MIT
 *
 * The scales of a row of sums, laid out for SIMD: what requantize_avx2.h and requantize_avx512.h
 * read.  One is made in a kernel's prepare; making it costs one pass over the columns.
 *
 * From requantize.h's definition it differs in two ways that no code can show.
 * A code lies in s8 or u8, so each |code - zero| <= 255: a sum is first clamped to
 * [-limit - 1, limit], beyond which |round(sum * scale)| is at least 2^19, so that what follows
 * fits 32 bits.  And a multiplier with its shift is split into
 *
 *         v = (sum * multiplier + 2^(shift - 1)) >> shift         64 bits, ties upward
 *         v = v / 2^right, rounded as the mode says               32 bits
 *
 *   q31_double, q31_ties_up   shift 1..31, right 0..31
 *   q31_single, rndnu         shift 1..62, right 0
 *   shift                     sum << shift, shift 0..20; right 0..32
 */
#ifndef QS_REQUANTIZE_COLUMNS_H
#define QS_REQUANTIZE_COLUMNS_H

#include "inline.h"
#include "requantize.h"

#ifdef __clang__
#define REQUANTIZE_UNROLL _Pragma("clang loop unroll(full)")
#else
#define REQUANTIZE_UNROLL _Pragma("GCC unroll 4")
#endif

enum { REQUANTIZE_STRIP = 64 }; /* arrays are padded to a multiple of this many columns  */

struct requantize_columns {
	enum qs_requantize mode;
	enum qs_round round;
	int32_t zero, low, high;
	/* each [columns, padded]; all columns equal where the scales are per tensor */
	float *scale;           /* float                                                 */
	int32_t *multiplier, *shift, *right, *limit;     /* the other modes              */
};

/* Columns with the padding. */
static inline int64_t requantize_columns_padded(int64_t columns)
{
	return (columns + REQUANTIZE_STRIP - 1) / REQUANTIZE_STRIP * REQUANTIZE_STRIP;
}

/* Bytes that the arrays of so many columns (< 2^56) take. */
static inline size_t requantize_columns_bytes(int64_t columns)
{
	return (size_t)requantize_columns_padded(columns) * (sizeof(float) + 4 * sizeof(int32_t));
}

/* While planning: NULL, or why no requantization to y's codes can do this task. */
static inline const char *requantize_columns_refuse(const struct qs_task *task)
{
	const int32_t least = task->y.type == QS_U8 ? 0 : INT8_MIN;
	const int32_t most = task->y.type == QS_U8 ? UINT8_MAX : INT8_MAX;

	if ((unsigned)task->requantize >= QS_REQUANTIZE_RULES)
		return "an unknown requantization";
	if ((unsigned)task->round >= QS_ROUNDS)
		return "an unknown rounding";
	if (task->y.per != QS_PER_TENSOR || !task->y.scale)
		return "only one scale of the result";
	if (!task->a.scale || (task->w.type && !task->w.scale))
		return "sums without a scale";
	if (task->y.zero && (task->y.zero[0] < least || task->y.zero[0] > most))
		return "a zero point outside the code range";
	if (task->low < least || task->high > most || task->low > task->high)
		return "a clamp outside the code range";
	return NULL;
}

/* The least sum, or a greater one, whose value is beyond all codes; scale is what one unit is. */
static inline int32_t requantize_limit(double scale)
{
	const double limit = ceil(0x1p20 / scale);

	return limit < (double)INT32_MAX ? (int32_t)limit : INT32_MAX;
}

static inline void requantize_columns_set(struct requantize_columns *c, int64_t n,
					  const struct qs_requantizer *r, double scale)
{
	c->scale[n] = r->scale;
	c->multiplier[n] = r->multiplier;
	c->shift[n] = r->shift;
	c->right[n] = 0;
	c->limit[n] = requantize_limit(scale);
	switch (r->mode) {
	case QS_REQUANTIZE_Q31_DOUBLE:
	case QS_REQUANTIZE_Q31_TIES_UP:
		c->shift[n] = r->shift < 0 ? 31 + r->shift : 31;
		c->right[n] = r->shift > 0 ? r->shift : 0;
		break;
	case QS_REQUANTIZE_Q31_SINGLE:
		c->shift[n] = 31 + r->shift;
		break;
	case QS_REQUANTIZE_SHIFT:
		/* 2^20 is enough to the left; beyond 32 to the right a sum becomes 0, as -1 and 0
		 * do at 32 */
		c->shift[n] = r->shift < -20 ? 20 : r->shift < 0 ? -r->shift : 0;
		c->right[n] = r->shift > 32 ? 32 : r->shift > 0 ? r->shift : 0;
		if (r->shift > 32)
			c->limit[n] = 0;
		break;
	default:
		break;
	}
}

/* `memory`: requantize_columns_bytes(columns), aligned to 64; it must outlive c.  One unit of
 * column n is a.scale * w.scale / y.scale steps (no w: a.scale / y.scale), each array having one
 * value or one a column: a's is per tensor or per column, w's per tensor or per row.  NULL, or why
 * a scale cannot be done. */
static inline const char *requantize_columns_make(struct requantize_columns *c, void *memory,
						  const struct qs_task *task, int64_t columns)
{
	const struct qs_operand *a = &task->a, *w = &task->w;
	const int64_t padded = requantize_columns_padded(columns);
	float *const scales = memory;
	int32_t *const integers = (int32_t *)memory + padded;

	*c = (struct requantize_columns){
		.mode = task->requantize, .round = task->round,
		.zero = task->y.zero ? task->y.zero[0] : 0, .low = task->low, .high = task->high,
		.scale = scales, .multiplier = integers, .shift = integers + padded,
		.right = integers + 2 * padded, .limit = integers + 3 * padded,
	};
	for (int64_t n = 0; n < padded; n++) {
		const int64_t column = n < columns ? n : columns - 1;
		const float scale_a = a->scale[a->per == QS_PER_COLUMN ? column : 0];
		const float scale_w = w->scale ? w->scale[w->per == QS_PER_ROW ? column : 0] : 1;
		const double scale = (double)scale_a * (double)scale_w / (double)task->y.scale[0];
		struct qs_requantizer r;

		if (!qs_requantizer_make(&r, c->mode, c->round, scale))
			return "a scale that the requantization cannot express";
		requantize_columns_set(c, n, &r, scale);
	}
	return NULL;
}

struct requantize_block {       /* rows of sums and of codes, of c's columns from `column` on */
	const int32_t *sums;
	uint8_t *y;
	int64_t sum_stride, y_stride, rows, columns, column;
};

/* CALL(mode, round) with constants that do what c says. */
#define REQUANTIZE_BY_MODE(c, CALL)                                                          \
	do {                                                                                 \
		const bool away = (c)->round == QS_HALF_AWAY;                                \
                                                                                             \
		if ((c)->mode == QS_REQUANTIZE_FLOAT && away)                                \
			CALL(QS_REQUANTIZE_FLOAT, QS_HALF_AWAY);                             \
		else if ((c)->mode == QS_REQUANTIZE_FLOAT)                                   \
			CALL(QS_REQUANTIZE_FLOAT, QS_HALF_EVEN);                             \
		else if ((c)->mode == QS_REQUANTIZE_SHIFT && away)                           \
			CALL(QS_REQUANTIZE_SHIFT, QS_HALF_AWAY);                             \
		else if ((c)->mode == QS_REQUANTIZE_SHIFT)                                   \
			CALL(QS_REQUANTIZE_SHIFT, QS_HALF_EVEN);                             \
		else if ((c)->mode == QS_REQUANTIZE_Q31_DOUBLE)                              \
			CALL(QS_REQUANTIZE_Q31_DOUBLE, QS_HALF_EVEN);                        \
		else if ((c)->mode == QS_REQUANTIZE_Q31_TIES_UP)                             \
			CALL(QS_REQUANTIZE_Q31_TIES_UP, QS_HALF_EVEN);                       \
		else /* q31_single goes the same way */                                      \
			CALL(QS_REQUANTIZE_RNDNU, QS_HALF_EVEN);                             \
	} while (0)

#endif
