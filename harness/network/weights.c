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

/* The axes of the value that the constant's axes are; -1: none.  false: ONNX does not broadcast the
 * one to the other's shape. */
static bool match_axes(const struct lowered *constant, const struct lowered *value, int *ours)
{
	const int before = value->rank - constant->rank;

	for (int i = 0; i < constant->rank; i++) {
		ours[i] = constant->shape[i] == 1 ? -1 : i + before;
		if (ours[i] != -1 && (ours[i] < 0 || value->shape[ours[i]] != constant->shape[i]))
			return false;
	}
	return true;
}

bool lowered_is_channels(const struct lowering *lowering, const struct lowered *value, int axis)
{
	const int64_t channels = lowering->layers->edges[value->edge].channels;
	bool found = false;

	for (int d = 0; d < value->digit_count; d++) {
		const struct digit *digit = &value->digits[d];

		if (digit->axis != axis || digit->size == 1)
			continue;
		if (found || digit->stride != 1 || digit->size != channels)
			return false;
		found = true;
	}
	return found || (channels == 1 && value->shape[axis] == 1);
}

bool lowered_by_channel(const struct lowering *lowering, const struct lowered *constant,
			const struct lowered *value, double *numbers)
{
	const int64_t channels = lowering->layers->edges[value->edge].channels;
	const float *floats = constant->constant->floats;
	int ours[RANK_MAX], varying = 0;

	if (!match_axes(constant, value, ours))
		return false;
	for (int i = 0; i < constant->rank; i++)
		if (ours[i] != -1 && (varying++ || !lowered_is_channels(lowering, value, ours[i])))
			return false;
	for (int64_t i = 0; i < channels; i++)
		numbers[i] = (double)floats[varying ? i : 0];
	return true;
}

struct spreading {
	const struct lowered *value;
	const float *floats;
	double *out;
	int64_t *places[RANK_MAX];       /* [shape[axis]] in the edge                     */
	int64_t steps[RANK_MAX];         /* in the constant; 0: it is the same along the axis */
};

static void spread(const struct spreading *spreading)
{
	const struct lowered *value = spreading->value;
	const int64_t count = lowered_elements(value);
	int64_t index[RANK_MAX] = { 0 };

	for (int64_t i = 0; i < count; i++) {
		int64_t place = value->offset, from = 0;

		for (int a = 0; a < value->rank; a++) {
			place += spreading->places[a][index[a]];
			from += spreading->steps[a] * index[a];
		}
		spreading->out[place] = (double)spreading->floats[from];
		for (int a = value->rank; a-- > 0;) {
			if (++index[a] < value->shape[a])
				break;
			index[a] = 0;
		}
	}
}

double *lowering_spread(struct lowering *lowering, const struct lowered *constant,
			const struct lowered *value)
{
	const struct env *env = lowering->env;
	const int64_t elements = lowering->layers->edges[value->edge].elements;
	struct spreading spreading = { .value = value, .floats = constant->constant->floats };
	int ours[RANK_MAX];
	bool failed = false;

	if (!match_axes(constant, value, ours)) {
		lowering_refuse(lowering, "its constant does not broadcast to its input's shape");
		return NULL;
	}
	lowering->moves_left -= 2 * elements;
	if (lowering->moves_left < 0) {
		lowering_refuse(lowering, "constants for more than %d million values are made up "
					  "to it", MOVES_MOST >> 21);
		return NULL;
	}
	for (int64_t i = constant->rank, step = 1; i-- > 0; step *= constant->shape[i])
		if (ours[i] != -1)
			spreading.steps[ours[i]] = step;
	spreading.out = env_new(env, (size_t)elements, sizeof *spreading.out, "constants",
				lowering->error);
	failed = !spreading.out;
	for (int a = 0; !failed && a < value->rank; a++) {
		spreading.places[a] = env_new(env, (size_t)value->shape[a], sizeof(int64_t),
					      "places of an axis", lowering->error);
		failed = !spreading.places[a];
		if (!failed)
			lowered_places(value, a, spreading.places[a]);
	}
	if (!failed)
		spread(&spreading);
	for (int a = 0; a < value->rank; a++)
		env_free(env, spreading.places[a]);
	if (!failed)
		return spreading.out;
	env_free(env, spreading.out);
	return NULL;
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
