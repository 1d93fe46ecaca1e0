/* SPDX-License-Identifier: MIT
 *
 * The sizes of a convolution: struct qs_conv of kernel.h as a gemm.
 */
#ifndef QS_CONV_SIZES_H
#define QS_CONV_SIZES_H

#include "kernel.h"

#include <stdbool.h>

static inline int64_t conv_out_height(const struct qs_conv *c)
{
	return (c->height + c->pad_top + c->pad_bottom - c->dilation_h * (c->kernel_h - 1) - 1) /
		       c->stride_h +
	       1;
}

static inline int64_t conv_out_width(const struct qs_conv *c)
{
	return (c->width + c->pad_left + c->pad_right - c->dilation_w * (c->kernel_w - 1) - 1) /
		       c->stride_w +
	       1;
}

/* Rows of a: positions of the input. */
static inline int64_t conv_positions(const struct qs_conv *c)
{
	return c->batch * c->height * c->width;
}

/* The product of three sizes up to 2^31 - 1; false: it is above that. */
static inline bool conv_multiply(int64_t a, int64_t b, int64_t c, int64_t *product)
{
	*product = a * b;
	if (*product > INT32_MAX)
		return false;
	*product *= c;
	return *product <= INT32_MAX;
}

/* m, n and k of the gemm.  false: a size is under 1 or above 2^31 - 1, a pad is negative, the
 * kernel is larger than the padded image, or groups do not divide the channels. */
static inline bool conv_sizes(const struct qs_conv *c, int64_t *m, int64_t *n, int64_t *k)
{
	const int64_t sizes[] = { c->batch,      c->height,     c->width,        c->channels,
				  c->kernel_h,   c->kernel_w,   c->stride_h,     c->stride_w,
				  c->dilation_h, c->dilation_w, c->out_channels, c->groups };
	const int64_t pads[] = { c->pad_top, c->pad_left, c->pad_bottom, c->pad_right };
	int64_t positions;

	*m = *n = *k = 0;
	for (int i = 0; i < 12; i++)
		if (sizes[i] < 1 || sizes[i] > INT32_MAX)
			return false;
	for (int i = 0; i < 4; i++)
		if (pads[i] < 0 || pads[i] > INT32_MAX)
			return false;
	if (c->dilation_h * (c->kernel_h - 1) >= c->height + c->pad_top + c->pad_bottom ||
	    c->dilation_w * (c->kernel_w - 1) >= c->width + c->pad_left + c->pad_right ||
	    c->channels % c->groups || c->out_channels % c->groups)
		return false;
	*n = c->out_channels;
	return conv_multiply(c->batch, c->height, c->width, &positions) &&
	       conv_multiply(c->batch, conv_out_height(c), conv_out_width(c), m) &&
	       conv_multiply(c->kernel_h, c->kernel_w, c->channels / c->groups, k);
}

#endif
