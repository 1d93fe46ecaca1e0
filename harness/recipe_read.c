/* SPDX-License-Identifier: MIT
 *
 * A recipe from its text.  Strict: one recipe has one spelling, so that a label that was typed
 * finds the cell that was printed.
 */
#include "recipe.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The way back.  A reader walks the text; a part that it took is in `word`. */
struct recipe_reader {
	const struct env *env;
	const char *text, *at;
	char word[POLICY_NAME_SIZE];     /* the longest word of all                      */
	struct error *error;
};

/* Takes the part up to a character of `ends` that is not inside brackets. */
static int take(struct recipe_reader *reader, const char *ends)
{
	size_t length = 0;
	bool inside = false;

	for (; reader->at[length]; length++) {
		const char c = reader->at[length];

		if (!inside && strchr(ends, c))
			break;
		inside = c == '(' || (inside && c != ')');
	}
	if (!length || length >= sizeof reader->word)
		return fail(reader->error, STATUS_INPUT,
			    "recipe '%s': found '%.*s' at character %zu, "
			    "expected a word of 1 to %d characters",
			    reader->text, (int)(length < 40 ? length : 40), reader->at,
			    (size_t)(reader->at - reader->text) + 1, POLICY_NAME_SIZE - 1);
	memcpy(reader->word, reader->at, length);
	reader->word[length] = '\0';
	reader->at += length;
	return 0;
}

static int unknown_word(struct recipe_reader *reader, const char *axis,
			const struct value *const *values, const char *name)
{
	char otherwise[80];

	snprintf(otherwise, sizeof otherwise, "`quantsweep list %s` prints the known ones", axis);
	return fail_unknown(reader->error, value_nearest(values, name), otherwise,
			    "recipe '%s': unknown %s '%s'", reader->text, axis, name);
}

static int read_value(struct recipe_reader *reader, const char *axis,
		      const struct value *const *values, const struct value **value)
{
	*value = value_find(values, reader->word);
	return *value ? 0 : unknown_word(reader, axis, values, reader->word);
}

/* Digits without sign, space or leading zero, so that one number has one spelling. */
static int read_whole(struct recipe_reader *reader, const char *digits, uint64_t most,
		      uint64_t *number)
{
	const size_t length = strlen(digits);

	errno = 0;
	*number = strtoull(digits, NULL, 10);
	if (!length || length != strspn(digits, "0123456789") || (*digits == '0' && length > 1) ||
	    errno || *number > most)
		return fail(reader->error, STATUS_INPUT,
			    "recipe '%s': found '%s', expected a whole number "
			    "from 0 to %llu",
			    reader->text, reader->word, (unsigned long long)most);
	return 0;
}

/* Splits `name(parameter)` of the word; *parameter is NULL where there are no brackets. */
static int split_brackets(struct recipe_reader *reader, char **parameter)
{
	char *open = strchr(reader->word, '('), *close = strchr(reader->word, ')');

	*parameter = NULL;
	if (!open && !close)
		return 0;
	if (!open || !close || close < open || close[1])
		return fail(reader->error, STATUS_INPUT,
			    "recipe '%s': the brackets in '%s' do not close "
			    "at its end",
			    reader->text, reader->word);
	*open = *close = '\0';
	*parameter = open + 1;
	return 0;
}

static int read_format(struct recipe_reader *reader, struct rule *rule)
{
	char *digits;
	uint64_t bits;

	if (take(reader, ". "))
		return -1;
	rule->format = value_find(format_values, reader->word);
	if (rule->format && format_has_one_width(rule->format)) {
		rule->bits = format_of(rule->format)->bits_standard;
		return 0;
	}
	digits = reader->word + strlen(reader->word);
	while (digits > reader->word && digits[-1] >= '0' && digits[-1] <= '9')
		digits--;
	if (read_whole(reader, digits, 64, &bits))
		return -1;
	*digits = '\0';
	if (read_value(reader, "format", format_values, &rule->format))
		return -1;
	const struct format *format = format_of(rule->format);

	if (format_has_one_width(rule->format) || (int)bits < format->bits_least ||
	    (int)bits > format->bits_most)
		return fail(reader->error, STATUS_INPUT, "recipe '%s': format '%s' has no %d bits",
			    reader->text, rule->format->name, (int)bits);
	rule->bits = (int)bits;
	return 0;
}

static int read_granularity(struct recipe_reader *reader, struct granularity *granularity)
{
	char *parameter, *digits;
	uint64_t number;

	if (split_brackets(reader, &parameter))
		return -1;
	granularity->axis = -1;
	digits = reader->word + strcspn(reader->word, "0123456789");
	if (*digits) {
		if (read_whole(reader, digits, UINT64_C(1) << 53, &number))
			return -1;
		*digits = '\0';
		granularity->group = (int64_t)number;
	}
	if (read_value(reader, "granularity", granularity_values, &granularity->value))
		return -1;
	const enum granularity_kind kind = granularity_kind_of(granularity->value);

	if ((kind == PER_GROUP) != (granularity->group > 0) || (parameter && kind != PER_CHANNEL))
		return fail(reader->error, STATUS_INPUT,
			    "recipe '%s': granularity '%s' with a wrong "
			    "number; expected tensor, channel, channel(AXIS) or group32",
			    reader->text, reader->word);
	if (parameter) {
		if (read_whole(reader, parameter, 63, &number))
			return -1;
		granularity->axis = (int)number;
	}
	return 0;
}

/* The number in the brackets behind a word that stands for `value`. */
static int read_number(struct recipe_reader *reader, const struct value *value, const char *text,
		       double *number)
{
	char *end;

	*number = strtod(text, &end);
	if (!*text || *end || text[strspn(text, "0123456789+-.e")] || !(*number >= value->least) ||
	    !(*number <= value->most))
		return fail(reader->error, STATUS_INPUT,
			    "recipe '%s': %s(%s): expected a number from %.10g to %.10g",
			    reader->text, value->name, text, value->least, value->most);
	if (value->whole && *number != floor(*number))
		return fail(reader->error, STATUS_INPUT,
			    "recipe '%s': %s: found %s, expected a whole number", reader->text,
			    value->name, text);
	return 0;
}

static int wrong_brackets(struct recipe_reader *reader, const char *axis,
			  const struct value *value, bool has)
{
	return fail(reader->error, STATUS_INPUT,
		    "recipe '%s': %s '%s' %s a parameter in brackets", reader->text, axis,
		    value->name, has ? "has not" : "needs");
}

static int read_calibration(struct recipe_reader *reader, struct rule *rule)
{
	char *parameter;

	if (split_brackets(reader, &parameter) ||
	    read_value(reader, "calibration", calibration_values, &rule->calibration))
		return -1;
	if (!parameter != !rule->calibration->parameter)
		return wrong_brackets(reader, "calibration", rule->calibration, parameter);
	return parameter ? read_number(reader, rule->calibration, parameter,
				       &rule->calibration_parameter)
			 : 0;
}

/* Patterns in the order of strcmp, each once, none empty. */
static bool patterns_in_order(const char *patterns)
{
	char last[PATTERNS_MOST + 1] = "", one[PATTERNS_MOST + 1];

	if (strlen(patterns) > PATTERNS_MOST)
		return false;
	while (patterns) {
		patterns = patterns_next(patterns, one);
		if (strcmp(last, one) >= 0)
			return false;
		memcpy(last, one, sizeof last);
	}
	return true;
}

static int read_patterns(struct recipe_reader *reader, struct recipe *recipe, char *patterns)
{
	if (!text_unescape(patterns) || !patterns_in_order(patterns))
		return fail(reader->error, STATUS_INPUT,
			    "recipe '%s': %s(...): expected patterns parted by ';' in the order of "
			    "their bytes, each once, special characters as %%XX",
			    reader->text, recipe->policy->name);
	recipe->policy_patterns = env_copy_text(reader->env, patterns, reader->error);
	return recipe->policy_patterns ? 0 : -1;
}

static int read_policy(struct recipe_reader *reader, struct recipe *recipe)
{
	char asked[POLICY_NAME_SIZE], name[POLICY_NAME_SIZE], *parameter;
	bool needs;
	int failed = 0;

	memcpy(asked, reader->word, sizeof asked);
	if (split_brackets(reader, &parameter) ||
	    read_value(reader, "policy", policy_values, &recipe->policy))
		return -1;
	needs = recipe->policy->parameter || recipe->policy->takes_patterns;
	if (!parameter != !needs)
		return wrong_brackets(reader, "policy", recipe->policy, parameter);
	if (recipe->policy->takes_patterns)
		failed = read_patterns(reader, recipe, parameter);
	else if (needs)
		failed = read_number(reader, recipe->policy, parameter, &recipe->policy_parameter);
	if (failed)
		return -1;
	policy_name(name, sizeof name, recipe);
	return !strcmp(name, asked) ? 0
				    : fail(reader->error, STATUS_INPUT,
					   "recipe '%s': policy '%s' is spelled '%s'", reader->text,
					   asked, name);
}

/* Takes a '.' and the part behind it. */
static int next_part(struct recipe_reader *reader, const char *expected)
{
	if (*reader->at != '.')
		return fail(reader->error, STATUS_INPUT,
			    "recipe '%s': expected '.' and a %s at character "
			    "%zu",
			    reader->text, expected, (size_t)(reader->at - reader->text) + 1);
	reader->at++;
	return take(reader, ". ");
}

/* FORMAT, or FORMAT.SCHEME.SCALE.GRANULARITY.CALIBRATION, of activations also .RANGE */
static int read_rule(struct recipe_reader *reader, struct rule *rule, bool has_range)
{
	if (read_format(reader, rule))
		return -1;
	if (rule_is_float(rule))
		return 0;
	if (next_part(reader, "scheme") ||
	    read_value(reader, "scheme", scheme_values, &rule->scheme) ||
	    next_part(reader, "scale") || read_value(reader, "scale", scale_values, &rule->scale) ||
	    next_part(reader, "granularity") || read_granularity(reader, &rule->granularity) ||
	    next_part(reader, "calibration") || read_calibration(reader, rule))
		return -1;
	if (!has_range)
		return 0;
	if (next_part(reader, "range"))
		return -1;
	return read_value(reader, "range", range_values, &rule->range);
}

/* A rule where one stands at this place; its space behind it. */
static int read_operand(struct recipe_reader *reader, const char *prefix, struct rule *rule,
			bool has_range)
{
	if (strncmp(reader->at, prefix, strlen(prefix)))
		return 0;
	reader->at += strlen(prefix);
	if (read_rule(reader, rule, has_range))
		return -1;
	if (*reader->at != ' ')
		return fail(reader->error, STATUS_INPUT,
			    "recipe '%s': expected a space at character %zu", reader->text,
			    (size_t)(reader->at - reader->text) + 1);
	reader->at++;
	return 0;
}

/* Each axis' next word; the seed is the last, so a word is one of these as long as another one
 * follows. */
static int read_words(struct recipe_reader *reader, struct recipe *recipe)
{
	const struct {
		const char *axis;
		const struct value *const *values;
		const struct value **value;
	} places[] = {
		{ "rounding", rounding_values, &recipe->rounding },
		{ "requantization", requantization_values, &recipe->requantization },
		{ "policy", policy_values, &recipe->policy },
		{ "recovery", recovery_values, &recipe->recovery },
	};
	size_t count = 0;

	for (; count < sizeof places / sizeof *places; count++) {
		if (!strchr(reader->at, ' '))
			break;
		if (take(reader, " ") ||
		    (places[count].values == policy_values
			     ? read_policy(reader, recipe)
			     : read_value(reader, places[count].axis, places[count].values,
					  places[count].value)))
			return -1;
		reader->at++;
	}
	if (count > 1 && count < sizeof places / sizeof *places)
		return fail(reader->error, STATUS_INPUT,
			    "recipe '%s': expected ROUNDING, or ROUNDING "
			    "REQUANTIZATION POLICY RECOVERY, before the seed",
			    reader->text);
	return 0;
}

static int read_recipe(struct recipe_reader *reader, struct recipe *recipe)
{
	const char *text = reader->text;
	struct error *error = reader->error;

	if (read_operand(reader, "w=", &recipe->weights, false) ||
	    read_operand(reader, "a=", &recipe->activations, true))
		return -1;
	if (!recipe->weights.format && !recipe->activations.format)
		return fail(error, STATUS_INPUT, "recipe '%s': expected 'w=' or 'a=' at its start",
			    text);
	if (read_words(reader, recipe))
		return -1;
	if (!recipe->rounding !=
	    (rule_is_float(&recipe->weights) && rule_is_float(&recipe->activations)))
		return fail(error, STATUS_INPUT,
			    "recipe '%s': a rounding stands there where something is "
			    "rounded, and nowhere else",
			    text);
	if (*reader->at != 's')
		return fail(error, STATUS_INPUT,
			    "recipe '%s': found '%s', expected the seed, like s1", text,
			    reader->at);
	snprintf(reader->word, sizeof reader->word, "%.*s", POLICY_NAME_SIZE - 1, reader->at);
	return read_whole(reader, reader->at + 1, UINT64_MAX, &recipe->seed);
}

int recipe_read(struct recipe *recipe, const struct env *env, const char *text,
		struct error *error)
{
	struct recipe_reader reader = { .env = env, .text = text, .at = text, .error = error };

	*recipe = (struct recipe){ 0 };
	if (!read_recipe(&reader, recipe))
		return 0;
	recipe_free(recipe, env);
	return -1;
}

void recipe_free(struct recipe *recipe, const struct env *env)
{
	env_free(env, (char *)recipe->policy_patterns);
	recipe->policy_patterns = NULL;
}
