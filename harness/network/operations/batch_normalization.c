/* SPDX-License-Identifier: MIT
 *
 * A normalization with constant statistics, folded into the layer before by the formula of
 * layers.h.
 */
#include "../lowering.h"

#include <math.h>

enum { SCALE = 1, SHIFT, MEAN, VARIANCE, INPUTS };

static int check(const struct lowering *lowering, const struct lowered *input,
		 const struct layer *layer)
{
	int64_t training = 0, spatial = 1;

	if (lowering_whole(lowering, "training_mode", &training) ||
	    lowering_whole(lowering, "spatial", &spatial))
		return -1;
	if (training || !spatial)
		return lowering_refuse(lowering, "it normalizes by its batch, or each place by "
						 "itself; constant numbers a channel are folded");
	if (!layer || !layer->weights.values || layer->relu ||
	    layer->weights.rows != input->dims.channels)
		return lowering_refuse(lowering, "there is no convolution or product before it "
						 "that it alone reads, to fold it into");
	for (size_t i = SCALE; i < INPUTS; i++) {
		const struct lowered *numbers = lowering_floats(lowering, i);

		if (!numbers)
			return -1;
		if (numbers->rank != 1 || numbers->shape[0] != input->dims.channels)
			return lowering_refuse(lowering, "its input %zu is not one number for each "
							 "of the %lld channels",
					       i, (long long)input->dims.channels);
	}
	return 0;
}

static int lower(struct lowering *lowering)
{
	const struct graph_attribute *attribute = graph_attribute(lowering->node, "epsilon");
	const double epsilon = attribute ? attribute->number : (double)1e-5F;
	const struct lowered *input = lowering_edge(lowering, 0);
	struct layer *layer = input ? lowering_before(lowering, 0) : NULL;
	const float *numbers[INPUTS] = { NULL };

	if (!input || check(lowering, input, layer) || lowering_bias(lowering, layer))
		return -1;
	for (size_t i = SCALE; i < INPUTS; i++)
		numbers[i] = lowering_floats(lowering, i)->constant->floats;
	for (int64_t row = 0; row < layer->weights.rows; row++) {
		const double factor = (double)numbers[SCALE][row] /
				      sqrt((double)numbers[VARIANCE][row] + epsilon);
		float *weights = layer->weights.values + row * layer->weights.columns;

		for (int64_t i = 0; i < layer->weights.columns; i++)
			weights[i] = (float)((double)weights[i] * factor);
		layer->bias[row] = (float)(((double)layer->bias[row] -
					    (double)numbers[MEAN][row]) * factor +
					   (double)numbers[SHIFT][row]);
	}
	return lowering_set(lowering, input);
}

const struct layer_operation layer_batch_normalization = {
	.value = { .name = "batch_normalization",
		   .summary = "BatchNormalization, folded into the layer before",
		   .source = "Operators.md of the ONNX project" },
	.types = (const char *const[]){ "BatchNormalization", NULL },
	.lower = lower,
};
