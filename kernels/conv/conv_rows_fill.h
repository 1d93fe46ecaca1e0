/* SPDX-License-Identifier: MIT
 *
 * The input rows of a unit, copied with their pads.  Who includes this has defined
 *
 *         element_of_a                    as a lies in memory
 *         rows_copy(p, to, from, count)   elements of a as the tile wants them
 *         rows_pad(p)                     what a's zero point becomes
 */
#ifndef QS_CONV_ROWS_FILL_H
#define QS_CONV_ROWS_FILL_H

#include "conv_tiles.h"

struct conv_source {            /* the input, and what a unit takes of it                */
	const struct conv_tiles *p;
	const struct conv_unit *unit;
	const char *a;
	element pad;
};

static inline void rows_fill_pad(element *to, int64_t count, element pad)
{
	if (sizeof pad == 1)
		memset(to, (int)pad, (size_t)(count > 0 ? count : 0));
	else
		for (int64_t i = 0; i < count; i++)
			to[i] = pad;
}

/* One row of the image, or one outside it (y), from input column `x` on. */
static inline void rows_fill_one(const struct conv_source *s, element *to, int64_t image, int64_t y,
				 int64_t x, int64_t width)
{
	const struct qs_conv *c = &s->p->conv;
	const int64_t depth = s->p->rows.depth, stride = s->p->task.a.stride;
	const int64_t before = y < 0 || y >= c->height ? width : x < 0 ? -x : 0;
	const int64_t from = before < width ? before : width;
	const int64_t end = x + width < c->width ? width : c->width - x;
	const int64_t inside = end > from ? end - from : 0;

	rows_fill_pad(to, from * depth, s->pad);
	if (inside) {
		const int64_t row = (image * c->height + y) * c->width + x + from;
		const element_of_a *a = (const element_of_a *)(const void *)s->a + row * stride +
					s->unit->group * depth;

		if (stride == depth)
			rows_copy(s->p, to + from * depth, a, inside * depth);
		else
			for (int64_t i = 0; i < inside; i++)
				rows_copy(s->p, to + (from + i) * depth, a + i * stride, depth);
	}
	rows_fill_pad(to + (from + inside) * depth, (width - from - inside) * depth + ELEMENTS,
		      s->pad);
}

static inline void rows_fill(const struct conv_source *s, element *to)
{
	const struct qs_conv *c = &s->p->conv;
	const struct conv_rows *r = &s->p->rows;
	const struct conv_unit *u = s->unit;
	const int64_t x = u->column * c->stride_w - c->pad_left, taps = c->kernel_h;
	const int64_t width =
		(u->columns - 1) * c->stride_w + c->dilation_w * (c->kernel_w - 1) + 1;
	const int64_t top = u->line * c->stride_h - c->pad_top;

	for (int64_t image = 0; image < u->images; image++)
		for (int64_t i = 0; i < rows_of_lines(r, c, u->lines); i++) {
			const int64_t y = r->sparse ? i / taps * c->stride_h +
							      i % taps * c->dilation_h
						    : i;

			rows_fill_one(s, to + (image * r->image_rows + i) * r->pitch,
				      u->image + image, top + y, x, width);
		}
}

/* Where each position's patch begins. */
static inline void rows_places(const struct conv_rows *r, const struct qs_conv *c,
			       const struct conv_unit *u, int32_t *at)
{
	const int64_t step = r->sparse ? c->kernel_h : c->stride_h;

	for (int64_t image = 0; image < u->images; image++)
		for (int64_t line = 0; line < u->lines; line++) {
			const int64_t row = (image * r->image_rows + line * step) * r->pitch;

			for (int64_t x = 0; x < u->columns; x++)
				*at++ = (int32_t)(row + x * c->stride_w * r->depth);
		}
}

#endif
