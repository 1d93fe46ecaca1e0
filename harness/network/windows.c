/* SPDX-License-Identifier: MIT */
#include "windows.h"

#include <string.h>

static int64_t extent(const struct window *window)
{
	return window->dilation * (window->kernel - 1) + 1;
}

/* Pads so that the output has ceil(size / stride) places; the odd one at the end, or before. */
static void pad_same(struct window *window, bool upper)
{
	const int64_t places = (window->size + window->stride - 1) / window->stride;
	const int64_t wanted = (places - 1) * window->stride + extent(window) - window->size;
	const int64_t pads = wanted > 0 ? wanted : 0;

	window->before = upper ? pads / 2 : pads - pads / 2;
	window->after = pads - window->before;
}

static int read_pads(const struct lowering *lowering, struct window window[2])
{
	const struct graph_attribute *mode = graph_attribute(lowering->node, "auto_pad");
	const char *name = mode && mode->text ? mode->text : "NOTSET";
	int64_t pads[4] = { 0 };

	if (!strcmp(name, "SAME_UPPER") || !strcmp(name, "SAME_LOWER")) {
		for (int i = 0; i < 2; i++)
			pad_same(&window[i], !strcmp(name, "SAME_UPPER"));
		return 0;
	}
	if (!strcmp(name, "VALID"))
		return 0;
	if (strcmp(name, "NOTSET"))
		return lowering_refuse(lowering,
				       "its attribute 'auto_pad' is '%s'; NOTSET, SAME_UPPER, "
				       "SAME_LOWER and VALID are known",
				       name);
	if (lowering_wholes(lowering, "pads", pads, 4))
		return -1;
	for (int i = 0; i < 4; i++)
		if (pads[i] < 0)
			return lowering_refuse(lowering, "it has pads below 0, which cut its input "
							 "off; that is not computed");
	for (int i = 0; i < 2; i++) {
		window[i].before = pads[i];
		window[i].after = pads[i + 2];
	}
	return 0;
}

static int read_kernel(const struct lowering *lowering, const int64_t *weights, int64_t kernel[2])
{
	if (weights)
		memcpy(kernel, weights, 2 * sizeof *kernel);
	else if (!graph_attribute(lowering->node, "kernel_shape"))
		return lowering_refuse(lowering, "it has no attribute 'kernel_shape'");
	if (lowering_wholes(lowering, "kernel_shape", kernel, 2))
		return -1;
	for (int i = 0; weights && i < 2; i++)
		if (kernel[i] != weights[i])
			return lowering_refuse(lowering, "its attribute 'kernel_shape' says %lld, "
							 "its weights %lld",
					       (long long)kernel[i], (long long)weights[i]);
	return 0;
}

int lowering_windows(const struct lowering *lowering, const struct lowered *image,
		     const int64_t *weights, struct window window[2])
{
	int64_t kernel[2], strides[2] = { 1, 1 }, dilations[2] = { 1, 1 }, ceiling = 0;

	if (read_kernel(lowering, weights, kernel) ||
	    lowering_wholes(lowering, "strides", strides, 2) ||
	    lowering_wholes(lowering, "dilations", dilations, 2) ||
	    lowering_whole(lowering, "ceil_mode", &ceiling))
		return -1;
	for (int i = 0; i < 2; i++) {
		window[i] = (struct window){ .size = image->shape[2 + i], .kernel = kernel[i],
					     .stride = strides[i], .dilation = dilations[i],
					     .ceiling = ceiling != 0 };
		if (strides[i] < 1 || dilations[i] < 1 || kernel[i] < 1 || kernel[i] > INT32_MAX)
			return lowering_refuse(lowering, "a stride, a dilation or a kernel is "
							 "below 1, or a kernel above 2^31 - 1");
	}
	return read_pads(lowering, window);
}

int64_t window_places(const struct window *window)
{
	const int64_t room = window->size + window->before + window->after - extent(window);
	int64_t places = room < 0 ? 0 : room / window->stride + 1;

	/* a window that would begin behind the image is left out */
	if (window->ceiling && room >= 0 && room % window->stride &&
	    places * window->stride < window->size + window->before)
		places++;
	return places;
}

int lowering_check_windows(const struct lowering *lowering, const struct window window[2])
{
	for (int i = 0; i < 2; i++) {
		const struct window *one = &window[i];

		if (one->before >= extent(one) || one->after >= extent(one) ||
		    (one->dilation > 1 && one->dilation > one->size))
			return lowering_refuse(lowering, "its pads or its dilation leave windows "
							 "that hold nothing of the image");
	}
	return 0;
}

void windows_write(const struct window window[2], struct qs_conv *conv)
{
	conv->kernel_h = window[0].kernel;
	conv->kernel_w = window[1].kernel;
	conv->stride_h = window[0].stride;
	conv->stride_w = window[1].stride;
	conv->dilation_h = window[0].dilation;
	conv->dilation_w = window[1].dilation;
	conv->pad_top = window[0].before;
	conv->pad_left = window[1].before;
	conv->pad_bottom = window[0].after;
	conv->pad_right = window[1].after;
}
