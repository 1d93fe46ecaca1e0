/* SPDX-License-Identifier: MIT
 *
 * A convolution over two axes; its weights [O][I][kh][kw] become rows of kh, kw, I.
 */
#include "../lowering.h"
#include "../run.h"

#include <string.h>

extern const struct layer_operation layer_conv;

struct window {                 /* along one axis: 0 height, 1 width                     */
	int64_t size, kernel, stride, dilation, before, after;
};

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

static int read_windows(const struct lowering *lowering, const struct lowered *weights,
			struct window window[2])
{
	int64_t kernel[2] = { weights->shape[2], weights->shape[3] };
	int64_t strides[2] = { 1, 1 }, dilations[2] = { 1, 1 };

	if (lowering_wholes(lowering, "kernel_shape", kernel, 2) ||
	    lowering_wholes(lowering, "strides", strides, 2) ||
	    lowering_wholes(lowering, "dilations", dilations, 2))
		return -1;
	for (int i = 0; i < 2; i++) {
		window[i].kernel = weights->shape[2 + i];
		window[i].stride = strides[i];
		window[i].dilation = dilations[i];
		if (kernel[i] != window[i].kernel)
			return lowering_refuse(lowering, "its attribute 'kernel_shape' says %lld, "
							 "its weights %lld",
					       (long long)kernel[i], (long long)window[i].kernel);
		if (strides[i] < 1 || dilations[i] < 1 || window[i].kernel > INT32_MAX)
			return lowering_refuse(lowering, "a stride or a dilation below 1, or a "
							 "kernel of more than 2^31 - 1");
	}
	return read_pads(lowering, window);
}

static int64_t places(const struct window *window)
{
	const int64_t room = window->size + window->before + window->after - extent(window);

	return room < 0 ? 0 : room / window->stride + 1;
}

static int check_weights(const struct lowering *lowering, const struct lowered *input,
			 const struct lowered *weights)
{
	int64_t groups = 1;

	if (weights->rank != 4 || input->rank != 3)
		return lowering_refuse(lowering, "its weights have %d axes, its input %d; "
						 "convolutions of images, 4 axes each, are "
						 "computed",
				       weights->rank, input->rank + 1);
	if (lowering_whole(lowering, "group", &groups))
		return -1;
	if (groups != 1)
		return lowering_refuse(lowering, "it has %lld groups; convolutions of one group "
						 "are computed",
				       (long long)groups);
	if (!weights->constant->elements || weights->shape[1] != input->dims.channels)
		return lowering_refuse(lowering, "its weights are [%lld][%lld][%lld][%lld], its "
						 "input has %lld channels",
				       (long long)weights->shape[0], (long long)weights->shape[1],
				       (long long)weights->shape[2], (long long)weights->shape[3],
				       (long long)input->dims.channels);
	return 0;
}

static int set_bias(const struct lowering *lowering, struct layer *layer)
{
	const struct lowered *bias;

	if (!lowering_has(lowering, 2))
		return 0;
	bias = lowering_floats(lowering, 2);
	if (!bias)
		return -1;
	if (bias->rank != 1 || bias->shape[0] != layer->weights.rows)
		return lowering_refuse(lowering, "its bias is not one number for each of the %lld "
						 "channels of its output",
				       (long long)layer->weights.rows);
	if (lowering_bias(lowering, layer))
		return -1;
	memcpy(layer->bias, bias->constant->floats,
	       (size_t)layer->weights.rows * sizeof *layer->bias);
	return 0;
}

static int lower(struct lowering *lowering)
{
	static const int order[] = { 0, 2, 3, 1 };
	const struct lowered *input = lowering_edge(lowering, 0);
	const struct lowered *weights = input ? lowering_floats(lowering, 1) : NULL;
	struct window window[2];
	struct layer *layer;
	int64_t height, width;

	if (!weights || check_weights(lowering, input, weights) ||
	    lowering_check_image(lowering, input))
		return -1;
	window[0] = (struct window){ .size = input->dims.height };
	window[1] = (struct window){ .size = input->dims.width };
	if (read_windows(lowering, weights, window))
		return -1;
	height = places(&window[0]);
	width = places(&window[1]);
	layer = lowering_add(lowering, &layer_conv, 3, height, width, weights->shape[0]);
	if (!layer)
		return -1;
	layer->input_count = 1;
	layer->inputs[0] = input->edge;
	layer->conv = (struct qs_conv){
		.batch = 1,
		.height = input->dims.height,
		.width = input->dims.width,
		.channels = input->dims.channels,
		.out_channels = weights->shape[0],
		.kernel_h = window[0].kernel,
		.kernel_w = window[1].kernel,
		.stride_h = window[0].stride,
		.stride_w = window[1].stride,
		.dilation_h = window[0].dilation,
		.dilation_w = window[1].dilation,
		.pad_top = window[0].before,
		.pad_left = window[1].before,
		.pad_bottom = window[0].after,
		.pad_right = window[1].after,
		.groups = 1,
	};
	if (lowering_weights(lowering, layer, weights, 4, weights->shape, order))
		return -1;
	layer->macs = height * width * layer->weights.rows * layer->weights.columns;
	return set_bias(lowering, layer);
}

const struct layer_operation layer_conv = {
	.value = { .name = "conv",
		   .summary = "Conv of two axes, one group; padding by pads or auto_pad",
		   .source = "Operators.md of the ONNX project" },
	.types = (const char *const[]){ "Conv", NULL },
	.lower = lower,
	.run_float = run_product_float,
	.run_integer = run_product_integer,
	.prepare_integer = prepare_product_integer,
};
