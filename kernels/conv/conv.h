/* SPDX-License-Identifier: MIT
 *
 * What all convolution kernels share: which tasks are one, and where a patch lies.
 */
#ifndef QS_CONV_H
#define QS_CONV_H

#include "../conv_sizes.h"
#include "../gemm/gemm.h"

/* Sizes and strides that no convolution of ours takes. */
static inline const char *conv_refuse_sizes(const struct qs_task *task)
{
	int64_t m, n, k;

	if (!task->conv)
		return "the sizes of a convolution are missing";
	if (!conv_sizes(task->conv, &m, &n, &k))
		return "no convolution has these sizes";
	if (task->m != m || task->n != n || task->k != k)
		return "m, n and k are not those of the convolution";
	if (task->a.stride < task->conv->channels || task->w.stride < k || task->y.stride < n)
		return "a stride shorter than a row";
	if (task->a.per != QS_PER_TENSOR)
		return "only one scale and zero point of the input";
	return NULL;
}

/* Every channel by itself. */
static inline bool conv_is_depthwise(const struct qs_conv *c)
{
	return c->groups == c->channels && c->groups == c->out_channels;
}

/* No patches: the gemm of the input as it lies. */
static inline bool conv_is_gemm(const struct qs_conv *c)
{
	return c->kernel_h == 1 && c->kernel_w == 1 && c->stride_h == 1 && c->stride_w == 1 &&
	       !c->pad_top && !c->pad_left && !c->pad_bottom && !c->pad_right && c->groups == 1;
}

struct conv_place {             /* a position of the output                              */
	int64_t image, y, x;
};

static inline struct conv_place conv_place(const struct qs_conv *c, int64_t row)
{
	const int64_t width = conv_out_width(c), line = row / width, height = conv_out_height(c);

	return (struct conv_place){ .image = line / height, .y = line % height,
				    .x = row % width };
}

/* The row of a that element [i][j] of the patch at `place` is; -1: it lies outside the image. */
static inline int64_t conv_row_of(const struct qs_conv *c, const struct conv_place *place,
				  int64_t i, int64_t j)
{
	const int64_t y = place->y * c->stride_h - c->pad_top + i * c->dilation_h;
	const int64_t x = place->x * c->stride_w - c->pad_left + j * c->dilation_w;

	if (y < 0 || y >= c->height || x < 0 || x >= c->width)
		return -1;
	return (place->image * c->height + y) * c->width + x;
}

#endif
