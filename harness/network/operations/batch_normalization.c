/* SPDX-License-Identifier: MIT
 *
 * A normalization with constant statistics, folded into the layer before by the formula of
 * layers.h; a layer of its own where that cannot be changed any more.
 */
#include "../affine.h"

#include <math.h>

enum { SCALE = 1, SHIFT, MEAN, VARIANCE, INPUTS };
enum { COUNTED_MOST = 1 << 24 };   /* float32 counts so far                              */

struct statistics {
	const float *numbers[INPUTS];
	double epsilon;
};

static double factor_of(const struct statistics *statistics, int64_t channel)
{
	return (double)statistics->numbers[SCALE][channel] /
	       sqrt((double)statistics->numbers[VARIANCE][channel] + statistics->epsilon);
}

static int read_statistics(const struct lowering *lowering, const struct lowered *input,
			   struct statistics *statistics)
{
	const struct graph_attribute *attribute = graph_attribute(lowering->node, "epsilon");
	int64_t training = 0, spatial = 1;

	statistics->epsilon = attribute ? attribute->number : (double)1e-5F;
	if (lowering_whole(lowering, "training_mode", &training) ||
	    lowering_whole(lowering, "spatial", &spatial))
		return -1;
	if (training || !spatial)
		return lowering_refuse(lowering, "it normalizes by its batch, or each place by "
						 "itself; constant numbers a channel are folded");
	if (input->rank < 2)
		return lowering_refuse(lowering, "its input has %d axes; 2 or more are expected",
				       input->rank);
	for (size_t i = SCALE; i < INPUTS; i++) {
		const struct lowered *numbers = lowering_floats(lowering, i);

		if (!numbers)
			return -1;
		if (numbers->rank != 1 || numbers->shape[0] != input->shape[1])
			return lowering_refuse(lowering, "its input %zu is not one number for each "
							 "of the %lld channels",
					       i, (long long)input->shape[1]);
		statistics->numbers[i] = numbers->constant->floats;
	}
	return 0;
}

static void fold(struct layer *layer, const struct statistics *statistics)
{
	for (int64_t row = 0; row < layer->weights.rows; row++) {
		const double factor = factor_of(statistics, row);
		float *weights = layer->weights.values + row * layer->weights.columns;

		for (int64_t i = 0; i < layer->weights.columns; i++)
			weights[i] = (float)((double)weights[i] * factor);
		layer->bias[row] = (float)(((double)layer->bias[row] -
					    (double)statistics->numbers[MEAN][row]) * factor +
					   (double)statistics->numbers[SHIFT][row]);
	}
}

/* Which channel each number of a layer of its own is for. */
static double *find_channels(struct lowering *lowering, const struct lowered *input, int64_t *count)
{
	struct lowered constant = { .kind = LOWERED_CONSTANT, .rank = input->rank };
	struct graph_value *made;

	for (int i = 0; i < input->rank; i++)
		constant.shape[i] = i == 1 ? input->shape[1] : 1;
	if (input->shape[1] > COUNTED_MOST) {
		lowering_refuse(lowering, "it has %lld channels; at most %d are computed",
				(long long)input->shape[1], COUNTED_MOST);
		return NULL;
	}
	made = lowering_new_constant(lowering, input->rank, constant.shape, true);
	if (!made)
		return NULL;
	for (int64_t i = 0; i < made->elements; i++)
		made->floats[i] = (float)i;
	constant.constant = made;
	return lowering_numbers(lowering, &constant, input, count);
}

static int add_layer(struct lowering *lowering, const struct statistics *statistics)
{
	const struct lowered *input = lowering_densed(lowering, 0);
	double *factors, *shifts;
	int64_t count;

	if (!input)
		return -1;
	factors = find_channels(lowering, input, &count);
	shifts = factors ? env_new(lowering->env, (size_t)count, sizeof *shifts, "constants",
				   lowering->error) : NULL;
	if (!shifts) {
		env_free(lowering->env, factors);
		return -1;
	}
	for (int64_t i = 0; i < count; i++) {
		const int64_t channel = (int64_t)factors[i];

		factors[i] = factor_of(statistics, channel);
		shifts[i] = (double)statistics->numbers[SHIFT][channel] -
			    (double)statistics->numbers[MEAN][channel] * factors[i];
	}
	return lowering_affine_layer(lowering, 0, factors, shifts, count);
}

/* Are the rows of the layer before the channels? */
static bool can_fold(const struct lowering *lowering, const struct layer *layer,
		     const struct lowered *input)
{
	return layer && layer->weights.rows == input->shape[1] &&
	       lowered_is_channels(lowering, input, 1);
}

static int lower(struct lowering *lowering)
{
	const struct lowered *input = lowering_edge(lowering, 0);
	struct statistics statistics = { .epsilon = 0 };
	struct layer *layer;

	if (!input || read_statistics(lowering, input, &statistics))
		return -1;
	layer = lowering_weighted_before(lowering, 0);
	if (!can_fold(lowering, layer, input))
		return add_layer(lowering, &statistics);
	if (lowering_bias(lowering, layer))
		return -1;
	fold(layer, &statistics);
	return lowering_set(lowering, input);
}

const struct layer_operation layer_batch_normalization = {
	.value = { .name = "batch_normalization",
		   .summary = "BatchNormalization, folded into the layer before where it alone "
			      "reads that",
		   .source = "Operators.md of the ONNX project" },
	.types = (const char *const[]){ "BatchNormalization", NULL },
	.lower = lower,
};
