/* SPDX-License-Identifier: MIT
 *
 * A row's columns, as far as a plan knows them.
 */
#include "plan_parts.h"

#include <string.h>

static const char *name_of(const struct value *value)
{
	return value ? value->name : NULL;
}

static const char *whole(struct plan_row *row, unsigned long long number, bool known)
{
	snprintf(row->buffer, sizeof row->buffer, "%llu", number);
	return known ? row->buffer : NULL;
}

/* A column of one operand's rule; false where there is no such column. */
static bool rule_column(struct plan_row *row, const struct rule *rule, const char *column,
			const char **value)
{
	const struct {
		const char *name;
		const char *value;
	} names[] = {
		{ "format", name_of(rule->format) },
		{ "scheme", name_of(rule->scheme) },
		{ "scale", name_of(rule->scale) },
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(names[i].name, column)) {
			*value = names[i].value;
			return true;
		}
	*value = NULL;
	if (!strcmp(column, "bits")) {
		*value = whole(row, (unsigned)rule->bits, rule->format);
	} else if (!strcmp(column, "granularity")) {
		if (rule->granularity.value) {
			granularity_name(row->buffer, sizeof row->buffer, &rule->granularity);
			*value = row->buffer;
		}
	} else if (!strcmp(column, "calibration")) {
		if (rule->calibration) {
			calibration_name(row->buffer, sizeof row->buffer, rule);
			*value = row->buffer;
		}
	} else {
		return false;
	}
	return true;
}

static bool text_column(const struct plan_row *row, const char *column, const char **value)
{
	const struct recipe *recipe = row->recipe;
	const struct {
		const char *name;
		const char *value;
	} texts[] = {
		{ "label", row->label },
		{ "subject", row->subject->name },
		{ "accuracy_key", row->accuracy_key },
		{ "timing_key", row->timing_key },
		{ "activation_range", name_of(recipe->activations.range) },
		{ "rounding", name_of(recipe->rounding) },
		{ "requantization", name_of(recipe->requantization) },
		{ "recovery", name_of(recipe->recovery) },
		{ "types", row->types && *row->types ? row->types : NULL },
		{ "kernel", row->kernel },
		{ "library", row->library },
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (!strcmp(texts[i].name, column)) {
			*value = texts[i].value;
			return true;
		}
	return false;
}

static const char *factor(struct plan_row *row, double number)
{
	char digits[32];

	print_double(digits, number);
	snprintf(row->buffer, sizeof row->buffer, "%s", digits);
	return row->buffer;
}

/* What only a network has: NULL of others. */
static bool network_column(struct plan_row *row, const char *column, const char **value)
{
	const struct subject *subject = row->subject;
	const struct data_spec *calibration = &subject->calibration;
	const struct data_spec *evaluation = &subject->evaluation;
	const bool known = subject->network != NULL;
	const bool drawn = known && !calibration->file;
	const struct {
		const char *name;
		unsigned long long number;
		bool known;
	} counts[] = {
		{ "calibration_samples", (unsigned long long)calibration->samples, known },
		{ "calibration_seed", calibration->seed, drawn },
		{ "evaluation_samples", (unsigned long long)evaluation->samples, known },
		{ "evaluation_seed", evaluation->seed, known && !evaluation->file },
	};

	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		if (!strcmp(counts[i].name, column)) {
			*value = whole(row, counts[i].number, counts[i].known);
			return true;
		}
	if (!strcmp(column, "network")) {
		if (known)
			snprintf(row->buffer, sizeof row->buffer, "%s%s",
				 network_prefix(subject->network), subject->network->value.name);
		*value = known ? row->buffer : NULL;
	} else if (!strcmp(column, "calibration_scale")) {
		*value = drawn ? factor(row, calibration->scale) : NULL;
	} else if (!strcmp(column, "calibration_shift")) {
		*value = drawn ? factor(row, calibration->shift) : NULL;
	} else {
		return false;
	}
	return true;
}

int row_lookup(void *self, const char *column, const char **value)
{
	static const char weight[] = "weight_", activation[] = "activation_";
	struct plan_row *row = self;

	*value = NULL;
	if (text_column(row, column, value) || network_column(row, column, value))
		return 0;
	if (!strcmp(column, "policy")) {
		if (row->recipe->policy) {
			policy_name(row->buffer, sizeof row->buffer, row->recipe);
			*value = row->buffer;
		}
	} else if (!strcmp(column, "seed"))
		*value = whole(row, row->recipe->seed, true);
	else if (!strcmp(column, "calibration_batch"))
		*value = whole(row, (unsigned long long)row->recipe->calibration_batch,
			       row->recipe->calibration_batch);
	else if (!strcmp(column, "threads"))
		*value = whole(row, (unsigned)row->threads, row->threads);
	else if (!strcmp(column, "batch"))
		*value = whole(row, (unsigned)row->batch, row->batch);
	else if (!strncmp(column, weight, strlen(weight)))
		return rule_column(row, &row->recipe->weights, column + strlen(weight), value) ? 0
											       : -1;
	else if (!strncmp(column, activation, strlen(activation)))
		return rule_column(row, &row->recipe->activations, column + strlen(activation),
				   value)
			       ? 0
			       : -1;
	else
		return -1;
	return 0;
}

char *choice_label(const struct plan *plan, const struct choice *choice, struct error *error)
{
	const struct accuracy_cell *cell = &plan->accuracies[choice->accuracy];

	if (choice->timing == NO_TIMING)
		return env_copy_text(plan->env, cell->label, error);
	const struct timing_cell *timing = &plan->timings[choice->timing];

	return env_print(plan->env, error, "%s%s", cell->label, strstr(timing->label, " | "));
}
