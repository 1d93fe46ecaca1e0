/* SPDX-License-Identifier: MIT
 *
 * What a recipe makes of a network, for a run that is timed: islands, a grid for each edge from the
 * least and the greatest value that a few samples have there, codes of weights.  How good the
 * ranges are changes no time.
 */
#include "worker_parts.h"

#include "accuracy_job.h"

#include <math.h>
#include <string.h>

/* Who writes the edge or reads it is quantized. */
static bool is_quantized(const struct network_race *race, size_t edge)
{
	const struct layers *layers = &race->layers;

	if (edge && !race->islands[edge - 1])
		return true;
	for (size_t l = edge; l < layers->count; l++)
		for (size_t i = 0; i < layers->layers[l].input_count; i++)
			if (layers->layers[l].inputs[i] == edge && !race->islands[l])
				return true;
	return false;
}

static void choose_grid(const struct rule *rule, const float *values, int64_t count,
			struct quantizer *quantizer)
{
	const struct scheme *scheme = (const struct scheme *)rule->scheme;
	float low = 0, high = 0;

	for (int64_t i = 0; i < count; i++) {
		if (!isfinite(values[i]))
			continue;
		low = values[i] < low ? values[i] : low;
		high = values[i] > high ? values[i] : high;
	}
	if (scheme->symmetric) {
		high = high > -low ? high : -low;
		low = -high;
	}
	quantizer->grid = scheme->grid((double)low, (double)high, rule->bits,
				       (const struct scale_rule *)rule->scale);
	quantizer->scale = stored_scale(quantizer->grid.scale);
}

/* The edges of the first lane hold a slice of the run in floats. */
static void choose_grids(struct network_race *race, int64_t samples)
{
	const struct rule *rule = &race->recipe.activations;
	const struct edge_values *edges = race->lanes[0].edges.edges;

	for (size_t e = 0; e <= race->layers.count; e++) {
		struct quantizer *quantizer = &race->edges[e];

		if (!is_quantized(race, e))
			continue;
		*quantizer = (struct quantizer){
			.rule = rule,
			.round = ((const struct rounding *)race->recipe.rounding)->round,
			.dynamic = ((const struct range_rule *)rule->range)->per_sample,
		};
		if (!quantizer->dynamic)
			choose_grid(rule, edges[e].values, samples * race->layers.edges[e].elements,
				    quantizer);
	}
}

static int encode_weights(struct network_race *race, size_t l, const struct operand_case *one,
			  struct error *error)
{
	const struct env *env = &race->worker->env;
	const struct tensor *tensor = &race->layers.layers[l].weights;
	const size_t rows = (size_t)tensor->rows, columns = (size_t)tensor->columns;
	const size_t scales = rows * (size_t)operand_groups(tensor, one);
	struct quantized_weights *weights = &race->weights[l];
	struct operand_codes codes;

	weights->codes = codes.codes = env_new(env, rows * columns, 1, "codes of weights", error);
	weights->scales = codes.scales = env_new(env, scales, sizeof(float), "scales", error);
	weights->zeros = codes.zeros = env_new(env, scales, sizeof(int32_t), "zero points", error);
	weights->group = one->rule->granularity.group;
	/* a run in integers never reads them: the layer's own do */
	weights->simulated = tensor->values;
	if (!codes.codes || !codes.scales || !codes.zeros)
		return -1;
	return operand_encode(tensor, one, &codes, error);
}

static int quantize_weights(struct network_race *race, size_t l, struct error *error)
{
	const struct layer *layer = &race->layers.layers[l];
	struct operand_case one;
	int failed;

	if (!layer->weights.values || race->islands[l])
		return 0;
	case_of(&one, &race->recipe, &race->recipe.weights);
	one.keep = true;
	failed = operand_measure_all(&layer->weights, layer->name, &one, 1, error);
	if (!failed && one.outcome != OUTCOME_DONE)
		failed = fail(error, STATUS_FAILED, "layer '%.100s': %.200s", layer->name,
			      one.reason);
	if (!failed)
		failed = encode_weights(race, l, &one, error);
	env_free(&race->worker->env, one.grids);
	return failed;
}

int network_quantize(struct network_race *race, struct network_call *floats, struct error *error)
{
	const struct env *env = &race->worker->env;
	const size_t count = race->layers.count;
	const int64_t samples = race->batch < floats->slice ? race->batch : floats->slice;
	char reason[160];

	race->islands = env_new(env, count, sizeof *race->islands, "a recipe", error);
	race->edges = env_new(env, count + 1, sizeof *race->edges, "a recipe", error);
	race->weights = env_new(env, count, sizeof *race->weights, "a recipe", error);
	race->modes = env_new(env, count, sizeof *race->modes, "a recipe", error);
	if (!race->islands || !race->edges || !race->weights || !race->modes)
		return -1;
	if (!layers_islands(&race->layers, &race->recipe, race->islands, reason, sizeof reason))
		return fail(error, STATUS_INPUT, "%s", reason);
	if (network_slice_run(floats, 0, 0, samples, error))
		return -1;
	choose_grids(race, samples);
	for (size_t l = 0; l < count; l++) {
		race->modes[l] = requantization_mode(race->recipe.requantization);
		if (quantize_weights(race, l, error))
			return -1;
	}
	return 0;
}

void network_quantize_free(struct network_race *race)
{
	const struct env *env = &race->worker->env;

	for (size_t l = 0; race->weights && l < race->layers.count; l++) {
		env_free(env, (void *)race->weights[l].codes);
		env_free(env, (void *)race->weights[l].scales);
		env_free(env, (void *)race->weights[l].zeros);
	}
	env_free(env, race->islands);
	env_free(env, race->edges);
	env_free(env, race->weights);
	env_free(env, race->modes);
}
