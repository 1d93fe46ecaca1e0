/* SPDX-License-Identifier: MIT
 *
 * A convolution over two axes; its weights [O][I of a group][kh][kw] become rows of kh, kw, I.
 */
#include "../run.h"
#include "../windows.h"

#include <string.h>

extern const struct layer_operation layer_conv;

static int check_weights(const struct lowering *lowering, const struct lowered *input,
			 const struct lowered *weights, int64_t *groups)
{
	if (weights->rank != 4 || input->rank != 4)
		return lowering_refuse(lowering, "its weights have %d axes, its input %d; "
						 "convolutions of images, 4 axes each, are "
						 "computed",
				       weights->rank, input->rank);
	*groups = 1;
	if (lowering_whole(lowering, "group", groups))
		return -1;
	if (*groups < 1 || weights->shape[0] < 1 || weights->shape[0] % *groups ||
	    weights->shape[1] * *groups != input->shape[1])
		return lowering_refuse(lowering,
				       "its weights are [%lld][%lld][%lld][%lld] of %lld groups, "
				       "its input has %lld channels",
				       (long long)weights->shape[0], (long long)weights->shape[1],
				       (long long)weights->shape[2], (long long)weights->shape[3],
				       (long long)*groups, (long long)input->shape[1]);
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
	int64_t groups;

	if (!weights || check_weights(lowering, input, weights, &groups))
		return -1;
	input = lowering_image(lowering, 0);
	if (!input || lowering_windows(lowering, input, weights->shape + 2, window))
		return -1;
	layer = lowering_add_image(lowering, &layer_conv, weights->shape[0],
				   window_places(&window[0]), window_places(&window[1]));
	if (!layer)
		return -1;
	layer->input_count = 1;
	layer->inputs[0] = input->edge;
	layer->conv = (struct qs_conv){
		.batch = 1,
		.height = input->shape[2],
		.width = input->shape[3],
		.channels = input->shape[1],
		.out_channels = weights->shape[0],
		.groups = groups,
	};
	windows_write(window, &layer->conv);
	if (lowering_weights(lowering, layer, weights, 4, weights->shape, order))
		return -1;
	layer->macs = window_places(&window[0]) * window_places(&window[1]) *
		      layer->weights.rows * layer->weights.columns;
	return set_bias(lowering, layer);
}

const struct layer_operation layer_conv = {
	.value = { .name = "conv",
		   .summary = "Conv of two axes, in groups too; padding by pads or auto_pad",
		   .source = "Operators.md of the ONNX project" },
	.types = (const char *const[]){ "Conv", NULL },
	.lower = lower,
	.run_float = run_conv_float,
	.run_integer = run_conv_integer,
	.prepare_integer = prepare_product_integer,
};
