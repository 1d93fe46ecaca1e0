/* SPDX-License-Identifier: MIT
 *
 * Convolutions for `check`: sizes on both sides of a kernel's tiles, pads, strides, dilations and
 * groups.
 */
#include "../conv.h"
#include "../random.h"
#include "check_cases.h"

enum { STREAM_CONV = 7, WORDS = 24 };

/* Multiplications of a case at most: the reference is plain C. */
static const int64_t work_most = 1500000;

struct draws {
	uint64_t seed, index;
	uint64_t used;
};

static uint32_t draw(struct draws *draws, uint32_t below)
{
	const struct random4 random =
		random_at(draws->seed, STREAM_CONV, draws->index * WORDS + draws->used / 4);

	return random.word[draws->used++ % 4] % below;
}

static int64_t draw_of(struct draws *draws, const int64_t *values, uint32_t count)
{
	return values[draw(draws, count)];
}

/* 1, or on one side of the tile. */
static int64_t draw_size(struct draws *draws, int64_t tile)
{
	int64_t sizes[CHECK_SIZES];
	const int count = check_sizes_of(tile, sizes);

	return sizes[draw(draws, (uint32_t)count)];
}

static void draw_channels(struct draws *draws, const struct qs_kernel *kernel, uint64_t kind,
			  struct qs_conv *c)
{
	static const int64_t few[] = { 1, 2, 3, 4, 5, 8, 15, 16, 17, 31, 32, 64, 65 };

	c->groups = 1;
	c->channels = draw_of(draws, few, 13);
	c->out_channels = draw_size(draws, kernel->tile_n);
	if (kind == 0) {         /* depthwise */
		c->groups = c->out_channels = c->channels;
	} else if (kind == 1) {
		c->groups = 2 + draw(draws, 3);
		c->channels = c->groups * (1 + draw(draws, 9));
		c->out_channels = c->groups * (1 + draw(draws, 20));
	}
}

/* The input's size from the output's, so that this meets the tiles. */
static int64_t in_size(int64_t out, int64_t kernel, int64_t stride, int64_t dilation, int64_t pads)
{
	const int64_t size = (out - 1) * stride + dilation * (kernel - 1) + 1 - pads;

	return size < 1 ? 1 : size;
}

void check_conv_plainly(struct workload_spec *spec)
{
	spec->a.pad = spec->w.pad = spec->y.pad = 0;
	spec->w.zero = WORKLOAD_NO_ZERO;
	spec->requantize = QS_REQUANTIZE_FLOAT;
	spec->round = QS_HALF_EVEN;
}

struct qs_conv check_conv_long(int64_t channels)
{
	return (struct qs_conv){ .batch = 1, .height = 2, .width = 2, .channels = channels,
				 .out_channels = 4, .kernel_h = 1, .kernel_w = 1, .stride_h = 2,
				 .stride_w = 1, .dilation_h = 1, .dilation_w = 1, .groups = 1 };
}

struct qs_conv check_conv_plain(void)
{
	return (struct qs_conv){ .batch = 1, .height = 8, .width = 8, .channels = 16,
				 .out_channels = 16, .kernel_h = 3, .kernel_w = 3, .stride_h = 1,
				 .stride_w = 1, .dilation_h = 1, .dilation_w = 1, .pad_top = 1,
				 .pad_left = 1, .pad_bottom = 1, .pad_right = 1, .groups = 1 };
}

static int64_t work_of(const struct qs_conv *c)
{
	int64_t m, n, k;

	return conv_sizes(c, &m, &n, &k) ? m * n * k : -1;
}

struct qs_conv check_conv_draw(const struct qs_kernel *kernel, uint64_t seed, uint64_t index)
{
	static const int64_t kernels[] = { 3, 3, 1, 2, 5, 4, 7 }, steps[] = { 1, 1, 1, 2, 2, 3 };
	static const int64_t pads[] = { 0, 1, 1, 2, 3 }, ones[] = { 1, 1, 1, 2, 3 };
	struct draws draws = { .seed = seed, .index = index };
	struct qs_conv c = { .batch = 1 + draw(&draws, 2) };
	int64_t out_h = 1 + draw(&draws, 5);
	int64_t out_w = draw_size(&draws, kernel->tile_m);

	draw_channels(&draws, kernel, index % 3, &c);
	c.kernel_h = draw_of(&draws, kernels, 7);
	c.kernel_w = draw(&draws, 3) ? c.kernel_h : draw_of(&draws, kernels, 7);
	c.stride_h = draw_of(&draws, steps, 6);
	c.stride_w = draw(&draws, 3) ? c.stride_h : draw_of(&draws, steps, 6);
	c.dilation_h = draw_of(&draws, ones, 5);
	c.dilation_w = draw(&draws, 3) ? c.dilation_h : draw_of(&draws, ones, 5);
	c.pad_top = draw_of(&draws, pads, 5);
	c.pad_left = draw(&draws, 3) ? c.pad_top : draw_of(&draws, pads, 5);
	c.pad_bottom = draw(&draws, 3) ? c.pad_top : draw_of(&draws, pads, 5);
	c.pad_right = draw(&draws, 3) ? c.pad_left : draw_of(&draws, pads, 5);
	if (draw(&draws, 4) == 0) {      /* the gemm without a patch */
		c.kernel_h = c.kernel_w = c.stride_h = c.stride_w = 1;
		c.pad_top = c.pad_left = c.pad_bottom = c.pad_right = 0;
	}
	for (;;) {
		c.height = in_size(out_h, c.kernel_h, c.stride_h, c.dilation_h,
				   c.pad_top + c.pad_bottom);
		c.width = in_size(out_w, c.kernel_w, c.stride_w, c.dilation_w,
				  c.pad_left + c.pad_right);
		if (work_of(&c) <= work_most)
			return c;
		if (c.batch > 1)
			c.batch = 1;
		else if (out_h > 1)
			out_h /= 2;
		else if (c.kernel_h > 3)
			c.kernel_h = 3;
		else if (c.groups == 1 && c.channels > 8)
			c.channels /= 2;
		else
			out_w = (out_w + 1) / 2;
	}
}
