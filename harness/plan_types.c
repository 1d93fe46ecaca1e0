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

/* Scales that change along a row: of a product's operand, a sum of codes then mixes scales. */
static bool is_last_axis(const struct rule *rule)
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

/* The type of what a product adds up: 16-bit codes need 64 bits. */
static const char *sum_type(const char *a, const char *w)
{
	if (*a == 'f' || *w == 'f')
		return "f32";
	return !strcmp(a, "s16") || !strcmp(w, "s16") ? "s64" : "s32";
}

/* What behind a and w says what y is and what the weights' scales are per; wanted: the subject's
 * "y", or NULL. */
static void result_types(char out[TYPES_SIZE], const char *a, const char *w,
			 const struct rule *weights, const struct value *wanted)
{
	const bool codes = *a != 'f' && *w != 'f';

	if (is_grouped(weights))
		snprintf(out, TYPES_SIZE, "%s_g%lld", wanted ? wanted->name : "f32",
			 (long long)weights->granularity.group);
	else if (wanted && result_of(wanted)->is_code)
		snprintf(out, TYPES_SIZE, "%s%s", wanted->name,
			 !rule_is_float(weights) && granularity_of(weights) == PER_CHANNEL
				 ? "_channel"
				 : "");
	else if (wanted && result_of(wanted)->type == QS_F32 && codes)
		snprintf(out, TYPES_SIZE, "f32_channel");
	else
		snprintf(out, TYPES_SIZE, "%s", sum_type(a, w));
}

/* Weights of 2 to 4 bits where a kernel has them so narrow: of their own bits, else of 4.  Kernels
 * with narrow weights give floats. */
static bool narrow_types(char *out, size_t size, const struct libraries *libraries, enum qs_op op,
			 const char *a, const struct rule *weights, const struct value *y)
{
	if (rule_is_float(weights) || weights->bits > 4 || (y && result_of(y)->type != QS_F32))
		return false;
	const int widths[] = { weights->bits, 4 };

	for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
		if (is_grouped(weights))
			snprintf(out, size, "%ss%df32_g%lld", a, widths[i],
				 (long long)weights->granularity.group);
		else
			snprintf(out, size, "%ss%df32_channel", a, widths[i]);
		if (any_library_has(libraries, op, out))
			return true;
	}
	return false;
}

/* One scale for all activations, known before the call: without it a sum has no scale to become a
 * code by. */
static bool has_one_scale(const struct rule *activations)
{
	return rule_is_float(activations) ||
	       (granularity_of(activations) == PER_TENSOR &&
		!((const struct range_rule *)activations->range)->per_sample);
}

static int product_types(char *out, size_t size, const struct libraries *libraries, enum qs_op op,
			 const struct value *y, const struct recipe *recipe)
{
	const struct rule *weights = &recipe->weights;
	const char *a = activation_type(&recipe->activations), *w = weight_type(weights);
	char result[TYPES_SIZE];

	if (is_grouped(&recipe->activations) || is_last_axis(&recipe->activations) ||
	    is_last_axis(weights) ||
	    (y && result_of(y)->is_code && !has_one_scale(&recipe->activations)))
		return snprintf(out, size, "%s", "");
	if (libraries && narrow_types(out, size, libraries, op, a, weights, y))
		return (int)strlen(out);
	result_types(result, a, w, weights, y);
	return snprintf(out, size, "%s%s%s", a, w, result);
}

/* The code type of an operation on one operand: of 4 bits or fewer where there is such a kernel. */
static int unary_types(char *out, size_t size, const struct libraries *libraries, enum qs_op op,
		       const char *format, const struct rule *rule)
{
	const char sign = ((const struct scheme *)rule->scheme)->unsigned_codes ? 'u' : 's';
	char suffix[24] = "", code[8], types[TYPES_SIZE];

	if (is_grouped(rule))
		snprintf(suffix, sizeof suffix, "_g%lld", (long long)rule->granularity.group);
	else if (is_last_axis(rule))
		snprintf(suffix, sizeof suffix, "_channel");
	for (int bits = rule->bits <= 4 ? 4 : rule->bits <= 8 ? 8 : 16;; bits *= 2) {
		snprintf(code, sizeof code, "%c%d", sign, bits);
		snprintf(types, sizeof types, format, code, suffix);
		if (bits != 4 || any_library_has(libraries, op, types))
			return snprintf(out, size, "%s", types);
	}
}

int recipe_types(char *out, size_t size, const struct libraries *libraries,
		 const struct operation *operation, const struct value *y,
		 const struct recipe *recipe)
{
	const struct rule *activations = &recipe->activations;

	if (operation->has_weights)
		return product_types(out, size, libraries, operation->op, y, recipe);
	if (rule_is_float(activations))
		return snprintf(out, size, "%s", "");
	switch (operation->op) {
	case QS_DEQUANTIZE:
		return unary_types(out, size, libraries, operation->op, "%sf32%s", activations);
	case QS_REQUANTIZE:
		return unary_types(out, size, libraries, operation->op, "s32%s%s", activations);
	default:
		return unary_types(out, size, libraries, operation->op, "f32%s%s", activations);
	}
}

int subject_types(char *out, size_t size, const struct libraries *libraries,
		  const struct subject *subject, const struct recipe *recipe)
{
	/* a network's products keep their codes in 8 bits */
	if (subject->kind == SUBJECT_NETWORK)
		return product_types(out, size, NULL, QS_GEMM, NULL, recipe);
	if (!subject->operation)
		return snprintf(out, size, "%s", "");
	return recipe_types(out, size, libraries, subject->operation, subject->y, recipe);
}
