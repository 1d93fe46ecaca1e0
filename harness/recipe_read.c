/* SPDX-License-Identifier: MIT
 *
 * A recipe from its text.  Strict: one recipe has one spelling, so that a label that was typed
 * finds the cell that was printed.
 */
#include "recipe_reader.h"

#include <string.h>

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
	if (reader_split(reader, &parameter) ||
	    reader_value(reader, "policy", policy_values, &recipe->policy))
		return -1;
	needs = recipe->policy->parameter || recipe->policy->takes_patterns;
	if (!parameter != !needs)
		return reader_wrong_brackets(reader, "policy", recipe->policy, parameter);
	if (recipe->policy->takes_patterns)
		failed = read_patterns(reader, recipe, parameter);
	else if (needs)
		failed = reader_number(reader, recipe->policy, parameter,
				       &recipe->policy_parameter);
	if (failed)
		return -1;
	policy_name(name, sizeof name, recipe);
	return reader_spelling(reader, "policy", asked, name);
}

/* A rule where one stands at this place; its space behind it. */
static int read_operand(struct recipe_reader *reader, const char *prefix, struct rule *rule,
			bool has_range)
{
	if (strncmp(reader->at, prefix, strlen(prefix)))
		return 0;
	reader->at += strlen(prefix);
	if (reader_rule(reader, rule, has_range))
		return -1;
	if (*reader->at != ' ')
		return fail(reader->error, STATUS_INPUT,
			    "recipe '%s': expected a space at character %zu", reader->text,
			    (size_t)(reader->at - reader->text) + 1);
	reader->at++;
	return 0;
}

static bool stands_batch(const struct recipe_reader *reader)
{
	return !strncmp(reader->at, "cb", 2) && reader->at[2] >= '0' && reader->at[2] <= '9';
}

/* "cb32" where it stands, and its space. */
static int read_batch(struct recipe_reader *reader, struct recipe *recipe)
{
	uint64_t batch;

	if (!stands_batch(reader))
		return 0;
	if (reader_take(reader, " ") ||
	    reader_whole(reader, reader->word + 2, CALIBRATION_BATCH_MOST, &batch))
		return -1;
	reader->at += *reader->at == ' ';
	recipe->calibration_batch = (int64_t)batch;
	if (batch && recipe_has_batches(recipe))
		return 0;
	return fail(reader->error, STATUS_INPUT,
		    "recipe '%s': '%s' stands where a static range of activations hangs on how "
		    "samples are parted into batches, and is 1 or more",
		    reader->text, reader->word);
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
		if (!strchr(reader->at, ' ') || stands_batch(reader))
			break;
		if (reader_take(reader, " ") ||
		    (places[count].values == policy_values
			     ? read_policy(reader, recipe)
			     : reader_value(reader, places[count].axis, places[count].values,
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
	if (read_words(reader, recipe) || read_batch(reader, recipe))
		return -1;
	if (recipe_has_batches(recipe) && !recipe->calibration_batch)
		return fail(error, STATUS_INPUT,
			    "recipe '%s': expected the samples of a batch, like cb32, before the "
			    "seed: '%s' hangs on them",
			    text, recipe->activations.calibration->name);
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
	return reader_whole(reader, reader->at + 1, UINT64_MAX, &recipe->seed);
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
