/* SPDX-License-Identifier: MIT
 *
 * Policies: which layers of a network stay in float.
 */
#include "tables.h"

#include "../text.h"

#include <string.h>

const char *patterns_next(const char *patterns, char one[PATTERNS_MOST + 1])
{
	const size_t length = strcspn(patterns, ";");
	const size_t kept = length < PATTERNS_MOST ? length : PATTERNS_MOST;

	memcpy(one, patterns, kept);
	one[kept] = '\0';
	return patterns[length] ? patterns + length + 1 : NULL;
}

bool patterns_match(const char *patterns, const char *name)
{
	char one[PATTERNS_MOST + 1];

	while (patterns) {
		patterns = patterns_next(patterns, one);
		if (glob_match(one, name, false))
			return true;
	}
	return false;
}

static bool spares_none(const struct policy_layer *layer, double parameter, const char *patterns)
{
	(void)layer;
	(void)parameter;
	(void)patterns;
	return false;
}

static bool spares_ends(const struct policy_layer *layer, double parameter, const char *patterns)
{
	(void)parameter;
	(void)patterns;
	return layer->first || layer->last;
}

static bool spares_small(const struct policy_layer *layer, double parameter, const char *patterns)
{
	(void)patterns;
	return layer->weighted && layer->weight_bytes < parameter;
}

static bool spares_residual(const struct policy_layer *layer, double parameter,
			    const char *patterns)
{
	(void)parameter;
	(void)patterns;
	return layer->residual;
}

static bool spares_matching(const struct policy_layer *layer, double parameter,
			    const char *patterns)
{
	(void)parameter;
	return patterns_match(patterns, layer->name);
}

static bool spares_others(const struct policy_layer *layer, double parameter, const char *patterns)
{
	(void)parameter;
	return !patterns_match(patterns, layer->name);
}

static const struct policy all = {
	.value = { .name = "all",
		   .summary = "every layer that can be is quantized",
		   .source = "the plain case" },
	.spares = spares_none,
};

static const struct policy skip_first_last = {
	.value = { .name = "skip_first_last",
		   .summary = "the first and the last of the layers with weights stay in float",
		   .source = "Zhou et al., DoReFa-Net (arXiv:1606.06160)" },
	.spares = spares_ends,
};

static const struct policy skip_smaller_than = {
	.value = { .name = "skip_smaller_than",
		   .summary = "layers whose float32 weights take fewer bytes stay in float",
		   .source = "TensorFlow Lite's QuantizeWeights and its weights_min_num_elements",
		   .parameter = "BYTES", .standard = 4096, .least = 1, .most = 1073741824,
		   .whole = true, .needs_parameter = true },
	.spares = spares_small,
};

static const struct policy skip_residual = {
	.value = { .name = "skip_residual",
		   .summary = "layers that add two edges stay in float",
		   .source = "the sum of a skip connection needs two rescaled inputs" },
	.spares = spares_residual,
};

static const struct policy skip = {
	.value = { .name = "skip",
		   .summary = "layers whose name fits a pattern stay in float",
		   .source = "nodes_to_exclude of ONNX Runtime's quantize_static",
		   .takes_patterns = true },
	.spares = spares_matching,
};

static const struct policy only = {
	.value = { .name = "only",
		   .summary = "layers whose name fits no pattern stay in float",
		   .source = "nodes_to_quantize of ONNX Runtime's quantize_static",
		   .takes_patterns = true },
	.spares = spares_others,
};

const struct value *const policy_values[] = { &all.value,           &skip_first_last.value,
					      &skip_smaller_than.value, &skip_residual.value,
					      &skip.value,          &only.value,
					      NULL };
