/* SPDX-License-Identifier: MIT
 *
 * A convolution's sizes (struct qs_conv of kernels/kernel.h) as words.
 *
 *         1x56x56x64-64k3s1p1             batch, height, width, channels - out_channels, kernel,
 *                                         stride, pad
 *         1x112x112x32-32k3x5s1x2p0x1x2x3d2g32    two numbers: height, width; four: top, left,
 *                                         bottom, right; two pads: top and bottom, left and right;
 *                                         then dilation and groups, where they are not 1
 */
#ifndef QS_HARNESS_CONV_H
#define QS_HARNESS_CONV_H

#include "../kernels/conv_sizes.h"
#include "text.h"

enum { CONV_TEXT_SIZE = 256 };

/* The one spelling of each.  Returns the length, as snprintf. */
int conv_print(char *out, size_t size, const struct qs_conv *conv);
/* Any spelling of the whole of `text`; false: it is none, or conv_sizes says no. */
bool conv_parse(struct qs_conv *conv, const char *text);

/* What stands behind the operation's name: 64x1024x1024 of a gemm, 64x1024 without n, and the
 * above of a convolution (conv->batch 0: it is none).  Returns the length, as snprintf. */
int shape_print(char *out, size_t size, bool has_n, int64_t m, int64_t n, int64_t k,
		const struct qs_conv *conv);
/* Rows of a, and elements of a row: m and k, of a convolution positions and channels. */
static inline int64_t shape_a_rows(int64_t m, const struct qs_conv *conv)
{
	return conv->batch ? conv_positions(conv) : m;
}

static inline int64_t shape_a_columns(int64_t k, const struct qs_conv *conv)
{
	return conv->batch ? conv->channels : k;
}

#endif
