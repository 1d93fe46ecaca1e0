/* SPDX-License-Identifier: MIT
 *
 * Functions of one number as layers; a Clip from 0 on is the last thing that the layer before does.
 */
#include "../activations.h"
#include "../lowering.h"
#include "../run.h"

#include <string.h>

extern const struct layer_operation layer_activation;

/* One number: an attribute, in newer operator sets an input. */
static int read_parameter(const struct lowering *lowering, const char *name, size_t index,
			  double *out)
{
	const struct graph_attribute *attribute = graph_attribute(lowering->node, name);
	const struct lowered *input;

	if (attribute)
		*out = attribute->number;
	if (attribute || strcmp(lowering->node->type, "Clip") || !lowering_has(lowering, index))
		return 0;
	input = lowering_floats(lowering, index);
	if (!input)
		return -1;
	if (input->constant->elements != 1)
		return lowering_refuse(lowering, "its %simum is not one number", name);
	*out = (double)*input->constant->floats;
	return 0;
}

static int read_parameters(const struct lowering *lowering, const struct activation *activation,
			   double *parameters)
{
	for (int i = 0; i < ACTIVATION_PARAMETERS; i++) {
		parameters[i] = activation->standard[i];
		if (activation->names[i] &&
		    read_parameter(lowering, activation->names[i], (size_t)i + 1, &parameters[i]))
			return -1;
		if (isnan(parameters[i]))
			return lowering_refuse(lowering, "its attribute '%s' is no number",
					       activation->names[i]);
	}
	return 0;
}

/* A ceiling has no code of its own where codes are only moved. */
static bool takes_ceiling(const struct lowering *lowering, const struct layer *layer)
{
	if (!layer || !layer->operation->run_integer || layer->ceiling > 0)
		return false;
	return !layer_shares_grid(lowering->layers, (size_t)(layer - lowering->layers->layers));
}

static bool fuse(struct lowering *lowering, const struct activation *activation,
		 const double *parameters)
{
	struct layer *layer = lowering_before(lowering, 0);
	const float most = (float)parameters[1];

	if (strcmp(activation->type, "Clip") || parameters[0] != 0 || !(most > 0) || !layer)
		return false;
	if (isinf(most)) {
		layer->relu = true;
		return true;
	}
	if (!takes_ceiling(lowering, layer))
		return false;
	layer->relu = true;
	layer->ceiling = most;
	return true;
}

static int lower(struct lowering *lowering)
{
	const struct activation *activation = activation_find(lowering->node->type);
	const struct lowered *input = lowering_edge(lowering, 0);
	double parameters[ACTIVATION_PARAMETERS];
	struct layer *layer;

	if (!input || read_parameters(lowering, activation, parameters))
		return -1;
	if (fuse(lowering, activation, parameters))
		return lowering_set(lowering, input);
	layer = lowering_add_like(lowering, &layer_activation, 0);
	if (!layer)
		return -1;
	layer->activation = activation;
	memcpy(layer->parameters, parameters, sizeof parameters);
	layer->period = 1;
	return 0;
}

const struct layer_operation layer_activation = {
	.value = { .name = "activation",
		   .summary = "LeakyRelu, Clip, Sigmoid, Tanh, HardSigmoid, HardSwish, Elu, Neg, "
			      "Abs; a Clip from 0 on is fused as a Relu is",
		   .source = "Operators.md of the ONNX project" },
	.types = (const char *const[]){ "LeakyRelu", "Clip", "Sigmoid", "Tanh", "HardSigmoid",
					"HardSwish", "Elu", "Neg", "Abs", NULL },
	.lower = lower,
	.run_float = run_map_float,
	.run_integer = run_map_integer,
	.prepare_integer = prepare_map_integer,
};
