/* SPDX-License-Identifier: MIT
 *
 * What quantize and dequantize kernels share: their names, which tasks they take, and how a task
 * is cut into units.
 *
 * A unit is a block of rows times a piece of a row, so that one long row splits over threads and a
 * thousand short ones do not cost a thousand calls.  Rows that lie end to end in both buffers and
 * need no telling apart (one scale; whole groups) are walked as a single long row.  With a scale a
 * column, several short ones are walked as one long row over which the columns repeat.
 */
#ifndef QS_ELEMENTWISE_H
#define QS_ELEMENTWISE_H

#include "inline.h"
#include "kernel.h"

#include <stdbool.h>

/* What the scales are per, as a name's end says it: X(suffix, coarsest qs_per, group, ...). */
#define ELEMENTWISE_PER(X, ...)                     \
	X(, QS_PER_ROW, 0, __VA_ARGS__)             \
	X(_channel, QS_PER_COLUMN, 0, __VA_ARGS__)  \
	X(_g32, QS_PER_GROUP, 32, __VA_ARGS__)      \
	X(_g64, QS_PER_GROUP, 64, __VA_ARGS__)      \
	X(_g128, QS_PER_GROUP, 128, __VA_ARGS__)

enum {
	ELEMENTWISE_BLOCK = 64,         /* elements; the most that vector code does at a time */
	ELEMENTWISE_PIECE = 65536,      /* elements of a unit                             */
	/* with a scale a column: columns of a unit, so that their maps stay in L1 while its rows go
	 * by */
	ELEMENTWISE_COLUMNS = 1024,
	ELEMENTWISE_STREAM = 4 << 20,   /* bytes of results that go past the caches      */
	ELEMENTWISE_AHEAD = 2560,       /* elements that are then fetched early          */
	ELEMENTWISE_PAGE = 4096,        /* bytes                                         */
	ELEMENTWISE_PAGES_AHEAD = 64,   /* and pages whose addresses are looked up early */
};

/* X(code, type, ...) */
#define ELEMENTWISE_CODES(X, ...)       \
	X(u8, QS_U8, __VA_ARGS__)       \
	X(s8, QS_S8, __VA_ARGS__)       \
	X(u4, QS_U4, __VA_ARGS__)       \
	X(s4, QS_S4, __VA_ARGS__)       \
	X(s16, QS_S16, __VA_ARGS__)

struct elementwise_walk {
	int64_t rows, columns;          /* as walked                                     */
	int64_t last;                   /* columns of the last row                       */
	int64_t a_step, y_step;         /* elements from one row to the next             */
	int64_t piece, pieces;          /* of a row: whole groups, whole bytes           */
	int64_t unit_rows, units;
};

struct elementwise_part {               /* neighbours in one row as walked               */
	int64_t row, from, count;
};

static inline int64_t elementwise_least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static inline int64_t elementwise_scales(const struct qs_task *task, enum qs_per per,
					 int64_t group)
{
	switch (per) {
	case QS_PER_TENSOR: return 1;
	case QS_PER_ROW: return task->m;
	case QS_PER_COLUMN: return task->k;
	default: return task->m * ((task->k + group - 1) / group);
	}
}

static inline int elementwise_bits(enum qs_type type)
{
	switch (type) {
	case QS_S4:
	case QS_U4: return 4;
	case QS_S8:
	case QS_U8: return 8;
	default: return 16;
	}
}

static inline void elementwise_range(enum qs_type type, int32_t *least, int32_t *most)
{
	const int bits = elementwise_bits(type);
	const bool has_sign = type == QS_S4 || type == QS_S8 || type == QS_S16;

	*least = has_sign ? -(1 << (bits - 1)) : 0;
	*most = *least + (1 << bits) - 1;
}

/* Which scale and zero point the code at (row, column) has. */
static inline int64_t elementwise_scale_of(const struct qs_operand *codes, int64_t k, int64_t row,
					   int64_t column)
{
	switch (codes->per) {
	case QS_PER_TENSOR: return 0;
	case QS_PER_ROW: return row;
	case QS_PER_COLUMN: return column;
	default: return row * ((k + codes->group - 1) / codes->group) + column / codes->group;
	}
}

/* NULL: a task with these codes, whose scales are per `per` (of ROW: or one for all). */
static inline const char *elementwise_refuse(const struct qs_task *task,
					     const struct qs_operand *codes, enum qs_per per,
					     int64_t group)
{
	const bool per_row = codes->per <= QS_PER_ROW && per == QS_PER_ROW;
	int32_t least, most;

	if (task->m < 1 || task->k < 1 || task->a.stride < task->k || task->y.stride < task->k)
		return "a size under 1 or a stride shorter than a row";
	if (elementwise_bits(codes->type) == 4 && codes->stride % 2)
		return "a row of 4-bit codes that does not begin on a byte";
	if (!codes->scale || (codes->per != per && !per_row))
		return "the scales are not per what the kernel's name says";
	if (codes->per == QS_PER_GROUP && codes->group != group)
		return "groups of another size";
	if (codes->scales != elementwise_scales(task, codes->per, codes->group))
		return "another number of scales than the sizes ask for";
	elementwise_range(codes->type, &least, &most);
	for (int64_t i = 0; codes->zero && i < codes->scales; i++)
		if (codes->zero[i] < least || codes->zero[i] > most)
			return "a zero point outside the code range";
	return NULL;
}

/* Joins rows where they lie end to end. */
static inline void elementwise_join(struct elementwise_walk *walk, const struct qs_task *task,
				    const struct qs_operand *codes)
{
	const int64_t k = task->k;
	int64_t repeat = 1;

	*walk = (struct elementwise_walk){ .rows = task->m, .columns = k, .last = k,
					   .a_step = task->a.stride,
					   .y_step = task->y.stride };
	if (task->a.stride != k || task->y.stride != k || codes->per == QS_PER_ROW)
		return;
	if (codes->per == QS_PER_COLUMN) {
		/* whole blocks, and some columns: rows of an odd width are walked 64 at a time */
		while (repeat * k % ELEMENTWISE_BLOCK || repeat * k < ELEMENTWISE_COLUMNS)
			repeat *= 2;
		if (repeat * k > ELEMENTWISE_PIECE)
			return;
		repeat = elementwise_least(repeat, task->m);
	} else if (codes->per == QS_PER_TENSOR || k % codes->group == 0) {
		repeat = task->m;
	}
	walk->rows = (task->m + repeat - 1) / repeat;
	walk->columns = walk->a_step = walk->y_step = k * repeat;
	walk->last = k * (task->m - (walk->rows - 1) * repeat);
}

static inline void elementwise_walk(struct elementwise_walk *walk, const struct qs_task *task,
				    const struct qs_operand *codes)
{
	const int64_t grain = 128;      /* a multiple of every group and of a block       */
	const int64_t most =
		codes->per == QS_PER_COLUMN ? ELEMENTWISE_COLUMNS : ELEMENTWISE_PIECE;
	int64_t share;

	elementwise_join(walk, task, codes);
	/* so many elements a unit that every thread gets some */
	share = task->m * task->k / task->threads;
	share = elementwise_least(share, ELEMENTWISE_PIECE);
	share = share < grain ? grain : share / grain * grain;
	walk->piece = elementwise_least(share, most);
	walk->pieces = (walk->columns + walk->piece - 1) / walk->piece;
	walk->unit_rows = share / elementwise_least(walk->piece, walk->columns);
	walk->units = (walk->rows + walk->unit_rows - 1) / walk->unit_rows * walk->pieces;
}

/* How many scales the walk needs: with one a column, one for each column as walked, and whole
 * blocks of them. */
static inline size_t elementwise_maps(const struct elementwise_walk *walk,
				      const struct qs_operand *codes)
{
	const int64_t blocks = (walk->columns + ELEMENTWISE_BLOCK - 1) / ELEMENTWISE_BLOCK;

	return (size_t)(codes->per == QS_PER_COLUMN ? blocks * ELEMENTWISE_BLOCK : codes->scales);
}

/* Which scale of the operand is the walk's i-th. */
static inline int64_t elementwise_map(const struct qs_task *task, const struct qs_operand *codes,
				      size_t i)
{
	return codes->per == QS_PER_COLUMN ? (int64_t)i % task->k : (int64_t)i;
}

/* How many elements of a behind a part lies what the walk comes to ELEMENTWISE_AHEAD elements
 * later: further along a long row, or (by whole rows, a little later) in the piece's rows after
 * this one and then in the first of the piece that follows. */
static inline int64_t elementwise_ahead(const struct elementwise_walk *walk, int64_t unit,
					int64_t row)
{
	const int64_t rows = (ELEMENTWISE_AHEAD + walk->piece - 1) / walk->piece;
	const int64_t at = row % walk->unit_rows + rows;

	if (walk->pieces == 1 || walk->unit_rows == 1)
		return ELEMENTWISE_AHEAD;
	if (at < walk->unit_rows)
		return rows * walk->a_step;
	if (unit % walk->pieces + 1 < walk->pieces)
		return (rows - walk->unit_rows) * walk->a_step + walk->piece;
	return rows * walk->a_step - unit % walk->pieces * walk->piece;
}

/* Fetches the line of the float that lies `ahead` behind `from`, which may be outside of all. */
static inline void elementwise_fetch(const float *from, int64_t ahead)
{
	__builtin_prefetch((const void *)((uintptr_t)from + (uintptr_t)ahead * sizeof *from));
}

/* Of `bytes` that lie at the begin of a page: touches a later page, which may be outside of all, so
 * that the core knows its address by the time that it is read or written past the caches. */
static inline void elementwise_turn_page(const void *at, size_t bytes)
{
	if ((uintptr_t)at % ELEMENTWISE_PAGE < bytes)
		__builtin_prefetch((const void *)((uintptr_t)at + ELEMENTWISE_PAGES_AHEAD *
								  ELEMENTWISE_PAGE));
}

/* Rows [first, last) as walked of a unit. */
static inline void elementwise_rows(const struct elementwise_walk *walk, int64_t unit,
				    int64_t *first, int64_t *last)
{
	*first = unit / walk->pieces * walk->unit_rows;
	*last = elementwise_least(*first + walk->unit_rows, walk->rows);
}

/* The unit's piece of a row; of the last, short row it may be nothing, count <= 0. */
static inline struct elementwise_part elementwise_part(const struct elementwise_walk *walk,
						       int64_t unit, int64_t row)
{
	const int64_t from = unit % walk->pieces * walk->piece;
	const int64_t width = row + 1 == walk->rows ? walk->last : walk->columns;

	return (struct elementwise_part){ row, from,
					  elementwise_least(walk->piece, width - from) };
}

#endif
