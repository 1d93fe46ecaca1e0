/* SPDX-License-Identifier: MIT
 *
 * A recipe as text.  recipe_read.c has the way back.
 */
#include "recipe.h"

bool rule_is_float(const struct rule *rule)
{
	return !rule->format || format_of(rule->format)->is_float;
}

bool rule_is_in_order(const struct rule *rule)
{
	return rule->calibration && calibration_of(rule->calibration)->observer;
}

bool recipe_has_batches(const struct recipe *recipe)
{
	const struct rule *rule = &recipe->activations;

	return rule_is_in_order(rule) && rule->range &&
	       !((const struct range_rule *)rule->range)->per_sample;
}

enum qs_round recipe_round(const struct recipe *recipe)
{
	return recipe->rounding ? ((const struct rounding *)recipe->rounding)->round : QS_HALF_EVEN;
}

int granularity_name(char *out, size_t size, const struct granularity *granularity)
{
	const char *name = granularity->value->name;

	switch (granularity_kind_of(granularity->value)) {
	case PER_GROUP:
		return snprintf(out, size, "%s%lld", name, (long long)granularity->group);
	case PER_CHANNEL:
		if (granularity->axis >= 0)
			return snprintf(out, size, "%s(%d)", name, granularity->axis);
		/* fallthrough */
	default:
		return snprintf(out, size, "%s", name);
	}
}

int calibration_name(char *out, size_t size, const struct rule *rule)
{
	char number[32], high[32];

	if (!rule->calibration->parameter)
		return snprintf(out, size, "%s", rule->calibration->name);
	print_double(number, rule->calibration_parameter);
	if (!rule->calibration->pair)
		return snprintf(out, size, "%s(%s)", rule->calibration->name, number);
	print_double(high, rule->calibration_parameter_high);
	return snprintf(out, size, "%s(%s;%s)", rule->calibration->name, number, high);
}

int policy_name(char *out, size_t size, const struct recipe *recipe)
{
	const struct value *policy = recipe->policy;
	char parameter[3 * PATTERNS_MOST + 1];

	if (policy->takes_patterns)
		print_escaped(parameter, sizeof parameter,
			      recipe->policy_patterns ? recipe->policy_patterns : "");
	else if (policy->parameter)
		print_double(parameter, recipe->policy_parameter);
	else
		return snprintf(out, size, "%s", policy->name);
	return snprintf(out, size, "%s(%s)", policy->name, parameter);
}

bool rule_equal(const struct rule *a, const struct rule *b)
{
	return a->format == b->format && a->bits == b->bits && a->scheme == b->scheme &&
	       a->scale == b->scale && a->granularity.value == b->granularity.value &&
	       a->granularity.axis == b->granularity.axis &&
	       a->granularity.group == b->granularity.group && a->calibration == b->calibration &&
	       a->calibration_parameter == b->calibration_parameter &&
	       a->calibration_parameter_high == b->calibration_parameter_high &&
	       a->range == b->range;
}

/* Words are parted by one space; the first has none before it. */
static void add_space(struct text *out, size_t start)
{
	if (out->length > start)
		text_add(out, " ");
}

static void rule_write(struct text *out, const char *operand, const struct rule *rule)
{
	char name[CALIBRATION_NAME_SIZE];  /* the longest part of a rule's text */

	if (rule_is_float(rule)) {
		text_add(out, "%s=%s", operand, rule->format->name);
		return;
	}
	granularity_name(name, sizeof name, &rule->granularity);
	text_add(out, "%s=%s", operand, rule->format->name);
	if (!format_has_one_width(rule->format))
		text_add(out, "%d", rule->bits);
	text_add(out, ".%s.%s.%s", rule->scheme->name, rule->scale->name, name);
	calibration_name(name, sizeof name, rule);
	text_add(out, ".%s", name);
	if (rule->range)
		text_add(out, ".%s", rule->range->name);
}

void recipe_write(struct text *out, const struct recipe *recipe)
{
	const size_t start = out->length;
	char policy[POLICY_NAME_SIZE];

	if (recipe->policy)
		policy_name(policy, sizeof policy, recipe);
	const char *const words[] = {
		recipe->rounding ? recipe->rounding->name : NULL,
		recipe->requantization ? recipe->requantization->name : NULL,
		recipe->policy ? policy : NULL,
		recipe->recovery ? recipe->recovery->name : NULL,
	};

	if (recipe->weights.format)
		rule_write(out, "w", &recipe->weights);
	if (recipe->activations.format) {
		add_space(out, start);
		rule_write(out, "a", &recipe->activations);
	}
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (!words[i])
			continue;
		add_space(out, start);
		text_add(out, "%s", words[i]);
	}
	if (recipe->calibration_batch) {
		add_space(out, start);
		text_add(out, "cb%lld", (long long)recipe->calibration_batch);
	}
	add_space(out, start);
	text_add(out, "s%llu", (unsigned long long)recipe->seed);
}
