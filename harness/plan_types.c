/* SPDX-License-Identifier: MIT
 *
 * Types of a recipe: what an integer kernel that computes it would be called.
 */
#include "plan_parts.h"

#include <string.h>

static enum granularity_kind granularity_of(const struct rule *rule)
{
	return ((const struct granularity_rule *)rule->granularity.value)->kind;
}

/* Scales that change along the reduction: a sum of codes then mixes scales. */
static bool scales_along_reduction(const struct rule *rule)
{
	return !rule_is_float(rule) && granularity_of(rule) == PER_CHANNEL &&
	       rule->granularity.axis >= 0;
}

static bool is_grouped(const struct rule *rule)
{
	return !rule_is_float(rule) && granularity_of(rule) == PER_GROUP;
}

/* Activations keep the sign that their scheme has. */
static const char *activation_type(const struct rule *rule)
{
	if (rule_is_float(rule))
		return "f32";
	if (rule->bits > 8)
		return "s16";
	return ((const struct scheme *)rule->scheme)->unsigned_codes ? "u8" : "s8";
}

/* Unsigned codes of weights are stored less 2^(b-1), zero points too. */
static const char *weight_type(const struct rule *rule)
{
	if (rule_is_float(rule))
		return "f32";
	return rule->bits > 8 ? "s16" : "s8";
}

static bool any_library_has(const struct libraries *libraries, enum qs_op op, const char *types)
{
	for (size_t i = 0; i < libraries->count; i++)
		for (size_t j = 0; j < libraries->libraries[i].table->count; j++)
			if (kernel_has_types(libraries->libraries[i].table->kernels[j], op, types))
				return true;
	return false;
}

bool types_have_kernel(const struct libraries *libraries, enum qs_op op, const char *types)
{
	return any_library_has(libraries, op, types) && kernel_reference(libraries, op, types);
}

/* The type of what a product adds up: 16-bit codes need 64 bits, group scales a float. */
static const char *sum_type(const char *a, const char *w, bool grouped)
{
	if (*a == 'f' || *w == 'f' || grouped)
		return "f32";
	return !strcmp(a, "s16") || !strcmp(w, "s16") ? "s64" : "s32";
}

static int product_types(char *out, size_t size, const struct libraries *libraries, enum qs_op op,
			 const struct recipe *recipe)
{
	const struct rule *weights = &recipe->weights;
	const char *a = activation_type(&recipe->activations), *w = weight_type(weights);
	const char *y = sum_type(a, w, is_grouped(weights));
	char group[24] = "", narrow[TYPES_SIZE];

	if (is_grouped(weights))
		snprintf(group, sizeof group, "_g%lld", (long long)weights->granularity.group);
	snprintf(narrow, sizeof narrow, "%ss4%s%s", a, y, group);
	if (!rule_is_float(weights) && weights->bits <= 4 && any_library_has(libraries, op, narrow))
		w = "s4";
	return snprintf(out, size, "%s%s%s%s", a, w, y, group);
}

int recipe_types(char *out, size_t size, const struct libraries *libraries,
		 const struct operation *operation, const struct recipe *recipe)
{
	const struct rule *activations = &recipe->activations;

	if (is_grouped(activations) || scales_along_reduction(activations) ||
	    (operation->has_weights && scales_along_reduction(&recipe->weights)))
		return snprintf(out, size, "%s", "");
	switch (operation->op) {
	case QS_QUANTIZE:
		return snprintf(out, size, "f32%s", activation_type(activations));
	case QS_DEQUANTIZE:
		return snprintf(out, size, "%sf32", activation_type(activations));
	default:
		return product_types(out, size, libraries, operation->op, recipe);
	}
}

int subject_types(char *out, size_t size, const struct libraries *libraries,
		  const struct subject *subject, const struct recipe *recipe)
{
	const struct operation *operation = subject->operation;

	if (subject->kind == SUBJECT_NETWORK)
		operation = (const struct operation *)value_find(operation_values, "gemm");
	if (!operation)
		return snprintf(out, size, "%s", "");
	return recipe_types(out, size, libraries, operation, recipe);
}
