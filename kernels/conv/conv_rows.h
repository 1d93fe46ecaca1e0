/* SPDX-License-Identifier: MIT
 *
 * How a convolution is cut into units, and the input rows of one unit laid out for its tiles.
 *
 * A unit is some neighbouring output positions of one group by some panels of output channels:
 * whole images, lines of one image, or a piece of one line.  It copies the input rows that its
 * patches touch once, pads put in, so that of each patch the elements of one kernel row lie side by
 * side (without dilation; else those of one tap): a segment of k.  A tile reads its words, 4 bytes
 * each, at [position + segment + word].  The rows lie on the stack, so run allocates nothing.
 *
 * Who includes this has defined `element`, of which ELEMENTS are a word.
 */
#ifndef QS_CONV_ROWS_H
#define QS_CONV_ROWS_H

#include "../gemm/gemm_blocks.h"
#include "conv.h"

enum {
	ROWS_BYTES = 64 * 1024,          /* of a unit's rows, if there is a choice        */
	ROWS_BYTES_MOST = 512 * 1024,
	ROWS_POSITIONS = 512    /* output positions of a unit, at most                   */
};

struct conv_rows {                   /* the cut; sizes in elements where nothing is said      */
	int64_t out_h, out_w, depth;     /* depth: channels of a group                   */
	int64_t images, lines, columns;  /* of a unit, at most; several images: whole ones */
	int64_t image_parts, line_parts, column_parts;
	int64_t image_rows, pitch;       /* rows of one image's lines, one row           */
	bool sparse;            /* each line has its kernel_h rows to itself             */
	int64_t segments, words;         /* of a patch; of a segment                     */
};

/* What a unit covers. */
struct conv_unit {
	int64_t group, part;    /* part: of the panels                                   */
	int64_t image, images, line, lines, column, columns;
	int64_t first, positions;        /* rows of y                                    */
};

static inline int64_t rows_ceil(int64_t a, int64_t b)
{
	return (a + b - 1) / b;
}

/* Input rows that so many lines of one image need. */
static inline int64_t rows_of_lines(const struct conv_rows *r, const struct qs_conv *c,
				    int64_t lines)
{
	return r->sparse ? lines * c->kernel_h : (lines - 1) * c->stride_h + c->kernel_h;
}

static inline struct conv_rows rows_begin_cut(const struct qs_conv *c)
{
	return (struct conv_rows){
		.out_h = conv_out_height(c), .out_w = conv_out_width(c),
		.depth = c->channels / c->groups, .images = 1, .lines = 1,
		.sparse = c->dilation_h != 1 || c->stride_h > c->kernel_h,
	};
}

/* A row's elements for so many output columns, with room for the end of a word. */
static inline int64_t rows_pitch(const struct conv_rows *r, const struct qs_conv *c,
				 int64_t columns)
{
	const int64_t line = GEMM_LINE / (int64_t)sizeof(element);
	const int64_t width = (columns - 1) * c->stride_w + c->dilation_w * (c->kernel_w - 1) + 1;

	return rows_ceil(width * r->depth + ELEMENTS, line) * line;
}

/* Bytes of a unit's rows; a double, so that no size of a hostile task overflows. */
static inline double rows_bytes(const struct conv_rows *r, const struct qs_conv *c, int64_t images,
				int64_t lines)
{
	const double width = (double)(r->columns - 1) * (double)c->stride_w +
			     (double)c->dilation_w * (double)(c->kernel_w - 1) + 1;
	const double pitch = width * (double)r->depth + ELEMENTS + GEMM_LINE;

	return (double)images * (double)rows_of_lines(r, c, lines) * pitch * sizeof(element);
}

static inline bool rows_fit(const struct conv_rows *r, const struct qs_conv *c, int64_t images,
			    int64_t lines)
{
	return images * lines * r->columns <= ROWS_POSITIONS &&
	       rows_bytes(r, c, images, lines) <= ROWS_BYTES;
}

/* Whole images where they are small, else as many lines as fit, else a piece of one; enough units
 * for all threads, if there is work for them. */
static inline void rows_cut_unit(struct conv_rows *r, const struct qs_conv *c, int32_t threads)
{
	r->columns = r->out_w < ROWS_POSITIONS ? r->out_w : ROWS_POSITIONS;
	while (r->columns > 1 && !rows_fit(r, c, 1, 1))
		r->columns = (r->columns + 1) / 2;
	if (r->columns < r->out_w)
		return;
	while (r->lines < r->out_h && rows_fit(r, c, 1, r->lines + 1))
		r->lines++;
	while (r->lines == r->out_h && r->images < c->batch &&
	       rows_fit(r, c, r->images + 1, r->lines))
		r->images++;
	while (r->images > 1 && rows_ceil(c->batch, r->images) * c->groups < threads)
		r->images--;
	while (r->lines > 1 && c->batch * rows_ceil(r->out_h, r->lines) * c->groups < threads)
		r->lines--;
}

/* Of a task that rows_refuse has not refused. */
static inline struct conv_rows rows_cut(const struct qs_conv *c, int32_t threads)
{
	struct conv_rows r = rows_begin_cut(c);

	rows_cut_unit(&r, c, threads);
	r.image_parts = rows_ceil(c->batch, r.images);
	r.line_parts = rows_ceil(r.out_h, r.lines);
	r.column_parts = rows_ceil(r.out_w, r.columns);
	r.image_rows = rows_of_lines(&r, c, r.lines);
	r.pitch = rows_pitch(&r, c, r.columns);
	r.segments = c->dilation_w == 1 ? c->kernel_h : c->kernel_h * c->kernel_w;
	r.words = rows_ceil(c->dilation_w == 1 ? c->kernel_w * r.depth : r.depth, ELEMENTS);
	return r;
}

/* NULL, or why there is no room for the rows of one position. */
static inline const char *rows_refuse(const struct qs_conv *c)
{
	struct conv_rows r = rows_begin_cut(c);

	r.columns = 1;
	return rows_bytes(&r, c, 1, 1) > ROWS_BYTES_MOST ? "a patch too large for a unit's rows"
							 : NULL;
}

/* Where segment i of a patch begins. */
static inline int64_t rows_segment(const struct conv_rows *r, const struct qs_conv *c, int64_t i)
{
	const int64_t across = c->dilation_w == 1 ? 1 : c->kernel_w;

	return i / across * r->pitch + i % across * c->dilation_w * r->depth;
}

static inline int64_t rows_units(const struct conv_rows *r, const struct qs_conv *c, int64_t parts)
{
	return r->image_parts * r->line_parts * r->column_parts * c->groups * parts;
}

/* The pieces of an axis are as equal as can be: piece i begins there. */
static inline int64_t rows_begin(int64_t size, int64_t parts, int64_t i)
{
	return size * i / parts;
}

/* Units that share weights are neighbours. */
static inline struct conv_unit rows_unit_at(const struct conv_rows *r, const struct qs_conv *c,
					    int64_t parts, int64_t i)
{
	const int64_t column = i % r->column_parts, line = i / r->column_parts % r->line_parts;
	const int64_t rest = i / r->column_parts / r->line_parts, image = rest % r->image_parts;
	struct conv_unit u = {
		.group = rest / r->image_parts / parts, .part = rest / r->image_parts % parts,
		.image = rows_begin(c->batch, r->image_parts, image),
		.line = rows_begin(r->out_h, r->line_parts, line),
		.column = rows_begin(r->out_w, r->column_parts, column),
	};

	u.images = rows_begin(c->batch, r->image_parts, image + 1) - u.image;
	u.lines = rows_begin(r->out_h, r->line_parts, line + 1) - u.line;
	u.columns = rows_begin(r->out_w, r->column_parts, column + 1) - u.column;
	u.first = (u.image * r->out_h + u.line) * r->out_w + u.column;
	u.positions = u.images * u.lines * u.columns;
	return u;
}

#endif
