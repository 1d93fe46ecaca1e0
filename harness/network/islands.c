/* SPDX-License-Identifier: MIT
 *
 * Which layers a recipe's policy leaves in float.
 */
#include "../recipe.h"
#include "operation.h"

extern const struct layer_operation layer_add;

static bool fits_a_layer(const struct layers *layers, const char *pattern)
{
	for (size_t i = 0; i < layers->count; i++)
		if (patterns_match(pattern, layers->layers[i].name))
			return true;
	return false;
}

static bool all_fit(const struct layers *layers, const char *patterns, char *reason, size_t size)
{
	char one[PATTERNS_MOST + 1];

	while (patterns) {
		patterns = patterns_next(patterns, one);
		if (fits_a_layer(layers, one))
			continue;
		snprintf(reason, size,
			 "the policy's pattern '%.40s' fits no layer of the network "
			 "(`quantsweep inspect` lists them)", one);
		return false;
	}
	return true;
}

static struct policy_layer describe(const struct layers *layers, size_t index, size_t first,
				    size_t last)
{
	const struct layer *layer = &layers->layers[index];
	const double elements = (double)layer->weights.rows * (double)layer->weights.columns;

	return (struct policy_layer){
		.name = layer->name,
		.first = index == first,
		.last = index == last,
		.weighted = layer->weights.values != NULL,
		.residual = layer->operation == &layer_add,
		.weight_bytes = elements * (double)sizeof *layer->weights.values,
	};
}

bool layers_islands(const struct layers *layers, const struct recipe *recipe, bool *islands,
		    char *reason, size_t size)
{
	const struct policy *policy = policy_of(recipe->policy);
	/* with float activations only weights are quantized */
	const bool weights_alone = rule_is_float(&recipe->activations);
	size_t first = layers->count, last = layers->count, left = 0;

	for (size_t i = layers->count; i-- > 0;)
		if (layers->layers[i].weights.values) {
			last = first == layers->count ? i : last;
			first = i;
		}
	if (policy && policy->value.takes_patterns &&
	    !all_fit(layers, recipe->policy_patterns, reason, size))
		return false;
	for (size_t i = 0; i < layers->count; i++) {
		const struct policy_layer layer = describe(layers, i, first, last);

		islands[i] = (policy && policy->spares(&layer, recipe->policy_parameter,
						       recipe->policy_patterns)) ||
			     !layers->layers[i].operation->run_integer;
		left += !islands[i] && (layer.weighted || !weights_alone);
	}
	if (!left)
		snprintf(reason, size, "the policy leaves no layer of the network to quantize");
	return left > 0;
}
