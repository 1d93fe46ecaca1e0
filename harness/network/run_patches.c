/* SPDX-License-Identifier: MIT
 *
 * Patches of a convolution as rows of a matrix (im2col), in the order kh, kw, channels: runs of
 * neighbours in memory are copied whole.
 */
#include "execute_parts.h"

#include <string.h>

struct place {                  /* a row of patches                                      */
	int64_t sample, y, x;   /* of the first tap; may lie outside                     */
};

bool patches_are_values(const struct layer *layer)
{
	const struct qs_conv *c = &layer->conv;

	return c->kernel_h == 1 && c->kernel_w == 1 && c->stride_h == 1 && c->stride_w == 1 &&
	       !c->pad_top && !c->pad_left && !c->pad_bottom && !c->pad_right;
}

/* One row of taps: kernel_w pixels of the line `y`, `pixel` bytes each. */
static void copy_line(const struct patches *p, const unsigned char *line, int64_t x, size_t pixel,
		      int pad, unsigned char *out)
{
	const struct qs_conv *c = p->conv;

	if (c->dilation_w == 1) {
		const int64_t left = x < 0 ? (x < -c->kernel_w ? c->kernel_w : -x) : 0;
		const int64_t over = x + c->kernel_w - p->in->width;
		const int64_t right = over > 0 ? (over < c->kernel_w ? over : c->kernel_w) : 0;
		const int64_t inside = c->kernel_w - left - right;

		if (inside > 0)
			memcpy(out + (size_t)left * pixel, line + (size_t)(x + left) * pixel,
			       (size_t)inside * pixel);
		if (left)
			memset(out, pad, (size_t)left * pixel);
		if (right)
			memset(out + (size_t)(c->kernel_w - right) * pixel, pad,
			       (size_t)right * pixel);
		return;
	}
	for (int64_t i = 0; i < c->kernel_w; i++, x += c->dilation_w, out += pixel) {
		if (x >= 0 && x < p->in->width)
			memcpy(out, line + (size_t)x * pixel, pixel);
		else
			memset(out, pad, pixel);
	}
}

static void copy_patch(const struct patches *p, const unsigned char *values,
		       const struct place *place, unsigned char *out)
{
	const struct qs_conv *c = p->conv;
	const size_t pixel = (size_t)p->in->channels * p->size;
	const size_t line = (size_t)p->in->width * pixel;
	const int pad = p->grids ? p->grids[place->sample].zero : 0;
	const unsigned char *sample =
		values + (size_t)place->sample * (size_t)p->in->elements * p->size;
	int64_t y = place->y;

	for (int64_t i = 0; i < c->kernel_h; i++, y += c->dilation_h) {
		if (y >= 0 && y < p->in->height)
			copy_line(p, sample + (size_t)y * line, place->x, pixel, pad, out);
		else
			memset(out, pad, (size_t)c->kernel_w * pixel);
		out += (size_t)c->kernel_w * pixel;
	}
}

void patches_copy(const struct patches *p, const void *values, int64_t first, int64_t count,
		  void *out)
{
	const struct qs_conv *c = p->conv;
	const int64_t positions = p->out->height * p->out->width;
	const size_t row = (size_t)(c->kernel_h * c->kernel_w * p->in->channels) * p->size;
	int64_t sample = first / positions;
	int64_t y = first % positions / p->out->width, x = first % p->out->width;

	for (int64_t i = 0; i < count; i++) {
		const struct place place = { .sample = sample,
					     .y = y * c->stride_h - c->pad_top,
					     .x = x * c->stride_w - c->pad_left };

		copy_patch(p, values, &place, (unsigned char *)out + (size_t)i * row);
		if (++x < p->out->width)
			continue;
		x = 0;
		if (++y < p->out->height)
			continue;
		y = 0;
		sample++;
	}
}
