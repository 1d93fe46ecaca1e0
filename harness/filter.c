/* SPDX-License-Identifier: MIT
 *
 * FILTER: its text into terms, and terms against a row.
 */
#include "filter.h"

#include "text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const struct filter_column filter_columns[] = {
	{ "label", false },
	{ "subject", false },
	{ "seed", false },
	{ "accuracy_key", false },
	{ "timing_key", false },
	{ "weight_format", false },
	{ "activation_format", false },
	{ "weight_bits", false },
	{ "activation_bits", false },
	{ "weight_scheme", false },
	{ "activation_scheme", false },
	{ "weight_scale", false },
	{ "activation_scale", false },
	{ "weight_granularity", false },
	{ "activation_granularity", false },
	{ "weight_calibration", false },
	{ "activation_calibration", false },
	{ "activation_range", false },
	{ "rounding", false },
	{ "requantization", false },
	{ "policy", false },
	{ "recovery", false },
	{ "calibration_batch", false },
	{ "types", false },
	{ "kernel", false },
	{ "library", false },
	{ "threads", false },
	{ "batch", false },
	{ "network", false },
	{ "calibration_samples", false },
	{ "calibration_seed", false },
	{ "calibration_scale", false },
	{ "calibration_shift", false },
	{ "evaluation_samples", false },
	{ "evaluation_seed", false },
	{ "run_id", true },
	{ "machine_id", true },
	{ "bytes", true },
	{ "sqnr_db", true },
	{ "metric", true },
	{ "value_float", true },
	{ "value_simulated", true },
	{ "value_integer", true },
	{ "lost", true },
	{ "gained", true },
	{ "first_layer_below_20_db", true },
	{ "worst_layer", true },
	{ "worst_isolated_db", true },
	{ "median_ns", true },
	{ "speedup_over_float", true },
	{ "roofline_fraction", true },
	{ "integer_mac_fraction", true },
	{ NULL, false },
};

static const char column_letters[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

/* Longer signs before the shorter ones they begin with. */
static const struct sign {
	const char *text;
	enum compare compare;
} signs[] = {
	{ "!=", COMPARE_NOT_GLOB }, { "<=", COMPARE_LE }, { ">=", COMPARE_GE },
	{ "=", COMPARE_GLOB },      { "<", COMPARE_LT },  { ">", COMPARE_GT },
};

static const struct sign *sign_at(const char *text)
{
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (!strncmp(text, signs[i].text, strlen(signs[i].text)))
			return &signs[i];
	return NULL;
}

static char *copy_part(const struct env *env, const char *start, size_t length, struct error *error)
{
	char *copy = env_new(env, length + 1, 1, "a filter", error);

	return copy ? memcpy(copy, start, length) : NULL;
}

/* A decimal number and nothing else: no "inf", "nan" or "0x10", which strtod would take. */
static bool read_number(const char *text, double *number)
{
	char *end;

	if (!*text || text[strspn(text, "0123456789+-.eE")])
		return false;
	*number = strtod(text, &end);
	return !*end && isfinite(*number);
}

/* One COLUMN SIGN PATTERN of `length` bytes at `term`. */
static int add_term(struct filter *filter, const char *whole, const char *term, size_t length,
		    struct error *error)
{
	const size_t column = strspn(term, column_letters);
	const char *after = term + column + strspn(term + column, " ");
	const struct sign *sign = sign_at(after);
	struct filter_term *new;

	if (!column || !sign)
		return fail(error, STATUS_INPUT,
			    "filter '%s': found '%.*s', expected COLUMN=GLOB, "
			    "COLUMN!=GLOB or COLUMN<NUMBER (also <=, >, >=), joined by ','",
			    whole, (int)length, term);
	after += strlen(sign->text);
	after += strspn(after, " ");
	while (term + length > after && term[length - 1] == ' ')
		length--;
	if (after >= term + length || *after == '=')
		return fail(error, STATUS_INPUT,
			    "filter '%s': expected a %s right of '%s', found '%.*s'", whole,
			    sign->compare <= COMPARE_NOT_GLOB ? "glob" : "number", sign->text,
			    after < term + length ? (int)(term + length - after) : 0, after);
	if (env_grow(filter->env, &filter->terms, &filter->capacity, filter->count,
		     sizeof *filter->terms, "a filter", error))
		return -1;
	new = &filter->terms[filter->count++];
	*new = (struct filter_term){ .compare = sign->compare, .group = filter->groups };
	new->column = copy_part(filter->env, term, column, error);
	new->pattern = copy_part(filter->env, after, (size_t)(term + length - after), error);
	if (!new->column || !new->pattern)
		return -1;
	if (sign->compare > COMPARE_NOT_GLOB && !read_number(new->pattern, &new->number))
		return fail(error, STATUS_INPUT,
			    "filter '%s': '%s' compares numbers, and '%s' is none", whole,
			    sign->text, new->pattern);
	return 0;
}

static void drop_terms(struct filter *filter, size_t count)
{
	while (filter->count > count) {
		struct filter_term *term = &filter->terms[--filter->count];

		env_free(filter->env, term->column);
		env_free(filter->env, term->pattern);
	}
}

int filter_add(struct filter *filter, const struct env *env, const char *text, struct error *error)
{
	const size_t before = filter->count;
	const char *term = text;

	filter->env = env;
	for (;;) {
		term += strspn(term, " ");
		const size_t length = strcspn(term, ",");

		if (add_term(filter, text, term, length, error)) {
			drop_terms(filter, before);
			return -1;
		}
		if (!term[length])
			break;
		term += length + 1;
	}
	filter->groups++;
	return 0;
}

void filter_free(struct filter *filter)
{
	if (!filter->env)
		return;
	drop_terms(filter, 0);
	env_free(filter->env, filter->terms);
	*filter = (struct filter){ 0 };
}

static int unknown_column(const char *column, struct error *error)
{
	const char *names[sizeof filter_columns / sizeof *filter_columns];
	size_t count = 0;

	for (const struct filter_column *c = filter_columns; c->name; c++)
		if (!c->measured)
			names[count++] = c->name;
	return fail_unknown(error, nearest_name(column, names, count),
			    "the columns are those of view choice, as `quantsweep show DB --view "
			    "choice` heads them, and 'label'",
			    "unknown column '%s'", column);
}

int filter_check(const struct filter *filter, struct error *error)
{
	for (size_t i = 0; i < filter->count; i++) {
		const char *column = filter->terms[i].column;
		const struct filter_column *known = filter_columns;

		while (known->name && strcmp(known->name, column))
			known++;
		if (!known->name)
			return unknown_column(column, error);
		if (known->measured)
			return fail(
				error, STATUS_INPUT,
				"column '%s' is known only after measuring; "
				"choose cells by what is planned (subject, weight_bits, kernel, "
				"label, ...)",
				column);
	}
	return 0;
}

static bool term_matches(const struct filter_term *term, const char *value)
{
	double number;

	if (!value)
		return false;
	if (term->compare == COMPARE_GLOB || term->compare == COMPARE_NOT_GLOB)
		return glob_match(term->pattern, value, false) == (term->compare == COMPARE_GLOB);
	if (!read_number(value, &number))
		return false;
	switch (term->compare) {
	case COMPARE_LT:
		return number < term->number;
	case COMPARE_LE:
		return number <= term->number;
	case COMPARE_GT:
		return number > term->number;
	default:
		return number >= term->number;
	}
}

int filter_match(const struct filter *filter, filter_lookup *lookup, void *self,
		 const char **unknown)
{
	size_t i = 0;

	if (!filter->count)
		return 1;
	while (i < filter->count) {
		const size_t group = filter->terms[i].group;
		bool all = true;

		for (; i < filter->count && filter->terms[i].group == group; i++) {
			const char *value = NULL;

			if (!all)
				continue;
			if (lookup(self, filter->terms[i].column, &value)) {
				*unknown = filter->terms[i].column;
				return -1;
			}
			all = term_matches(&filter->terms[i], value);
		}
		if (all)
			return 1;
	}
	return 0;
}
