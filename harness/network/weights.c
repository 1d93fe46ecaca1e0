/* SPDX-License-Identifier: MIT
 *
 * Constants of a graph as weights and biases of layers.
 */
#include "lowering.h"

#include "../../datasets/layout.h"

#include <math.h>
#include <string.h>

int lowering_weights(struct lowering *lowering, struct layer *layer,
		     const struct lowered *constant, int rank, const int64_t *shape,
		     const int *order)
{
	struct tensor *weights = &layer->weights;
	int64_t stride[RANK_MAX], elements = constant->constant->elements;

	/* many nodes may read one constant: a small file must not become large weights */
	if (elements > lowering->weights_left)
		return lowering_refuse(lowering, "constants that many layers share have more than "
						 "four times the elements of the file's");
	lowering->weights_left -= elements;
	weights->env = lowering->env;
	weights->values = env_new(lowering->env, (size_t)elements, sizeof *weights->values,
				  layer->name, lowering->error);
	if (!weights->values)
		return -1;
	weights->rank = rank;
	weights->axis = order[0];
	memcpy(weights->shape, shape, sizeof *shape * (size_t)rank);
	memcpy(weights->order, order, sizeof *order * (size_t)rank);
	layout_rows(rank, shape, order[0], &weights->rows, &weights->columns);
	layout_strides(stride, rank, shape, false);
	layout_copy(weights->values, constant->constant->floats, rank, shape, stride, order);
	return 0;
}

int lowering_bias(const struct lowering *lowering, struct layer *layer)
{
	if (!layer->bias)
		layer->bias = env_new(lowering->env, (size_t)layer->weights.rows,
				      sizeof *layer->bias, layer->name, lowering->error);
	return layer->bias ? 0 : -1;
}

bool lowered_by_channel(const struct lowered *constant, const struct lowered *value,
			double *numbers)
{
	/* the axis of channels, counted from the last one; the batch is before it */
	const int channel = constant->rank - value->rank;
	const int64_t channels = value->dims.channels;
	const float *floats = constant->constant->floats;

	if (constant->rank > value->rank + 1 || (value->rank == 1 && value->dims.height *
							       value->dims.width != 1 &&
						 constant->constant->elements != 1))
		return false;
	for (int i = 0; i < constant->rank; i++)
		if (constant->shape[i] != 1 && (i != channel || constant->shape[i] != channels))
			return false;
	for (int64_t i = 0; i < channels; i++)
		numbers[i] = (double)floats[constant->constant->elements == 1 ? 0 : i];
	return true;
}

int layer_check_finite(const struct layer *layer, const char *path, struct error *error)
{
	const struct tensor *weights = &layer->weights;

	for (int64_t i = 0; i < weights->rows * weights->columns; i++)
		if (!isfinite(weights->values[i]))
			return fail(error, STATUS_INPUT,
				    "%s: layer '%s': a weight is infinite or no number", path,
				    layer->name);
	for (int64_t i = 0; layer->bias && i < weights->rows; i++)
		if (!isfinite(layer->bias[i]))
			return fail(error, STATUS_INPUT,
				    "%s: layer '%s': a bias is infinite or no number", path,
				    layer->name);
	return 0;
}
