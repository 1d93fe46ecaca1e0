/* SPDX-License-Identifier: MIT
 *
 * The product of a sweep's axes for one subject.  An axis that has no meaning for the subject
 * stands at one value before the product is made, so it makes neither cells nor skips.
 */
#include "plan_parts.h"

#include "text.h"

#include <string.h>

struct rules {
	size_t count, capacity;
	struct rule *rules;
};

static const struct value *value_at(const struct setting_list *list, size_t i)
{
	return list->settings[i].value;
}

static struct granularity granularity_at(const struct setting_list *list, size_t i)
{
	const struct granularity_rule *rule = (const struct granularity_rule *)value_at(list, i);
	const double number = list->settings[i].number;

	return (struct granularity){ .value = &rule->value,
				     .axis = rule->kind == PER_CHANNEL ? (int)number : -1,
				     .group = rule->kind == PER_GROUP ? (int64_t)number : 0 };
}

static int add_rule(struct maker *maker, struct rules *rules, const struct rule *rule)
{
	if (env_grow(maker->plan->env, &rules->rules, &rules->capacity, rules->count,
		     sizeof *rules->rules, "the rules of a sweep", maker->error))
		return -1;
	rules->rules[rules->count++] = *rule;
	return 0;
}

/* How many rules the axes make, as a double: it cannot overflow. */
static double count_rules(const struct rule_axes *axis)
{
	const double each = (double)axis->scheme.count * (double)axis->scale.count *
			    (double)axis->granularity.count * (double)axis->calibration.count *
			    (double)(axis->range.count ? axis->range.count : 1);
	double count = 0;

	for (size_t i = 0; i < axis->format.count; i++)
		count += format_of(value_at(&axis->format, i))->is_float ? 1 : each;
	return count;
}

static int too_many(struct maker *maker, double count)
{
	const struct subject *subject = &maker->plan->subjects.subjects[maker->subject];

	return fail(maker->error, STATUS_INPUT,
		    "%s:%d: sweep: %.0f combinations for '%s', more than the "
		    "%d cells a plan may have; take values out, or split the config",
		    maker->plan->config->path, maker->sweep->line, count, subject->name,
		    PLAN_CELLS_MOST);
}

/* All rules of one format and number of bits. */
static int cross_rules(struct maker *maker, const struct rule_axes *axis, struct rule rule,
		       struct rules *rules)
{
	const struct operation *operation =
		maker->plan->subjects.subjects[maker->subject].operation;
	const size_t ranges = axis->range.count ? axis->range.count : 1;
	const size_t sizes[] = { axis->scheme.count, axis->scale.count, axis->granularity.count,
				 axis->calibration.count, ranges };
	size_t count = 1;

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		count *= sizes[i];
	for (size_t i = 0; i < count; i++) {
		size_t at[5], rest = i;

		/* the last axis runs fastest */
		for (size_t j = 5; j-- > 0; rest /= sizes[j])
			at[j] = rest % sizes[j];
		rule.scheme = value_at(&axis->scheme, at[0]);
		rule.scale = value_at(&axis->scale, at[1]);
		rule.granularity = granularity_at(&axis->granularity, at[2]);
		rule.calibration = value_at(&axis->calibration, at[3]);
		rule.calibration_parameter = axis->calibration.settings[at[3]].number;
		rule.calibration_parameter_high = axis->calibration.settings[at[3]].high;
		rule.range = axis->range.count ? value_at(&axis->range, at[4]) : NULL;
		if (rule.range && operation && operation->always_dynamic)
			rule.range = value_find(range_values, "dynamic");
		if (add_rule(maker, rules, &rule))
			return -1;
	}
	return 0;
}

static int make_rules(struct maker *maker, const struct rule_axes *axis, struct rules *rules)
{
	const double count = count_rules(axis);
	int failed = 0;

	if (count > PLAN_CELLS_MOST)
		return too_many(maker, count);
	for (size_t i = 0; !failed && i < axis->format.count; i++) {
		const struct setting *setting = &axis->format.settings[i];
		const struct rule rule = { .format = setting->value, .bits = (int)setting->number };

		failed = rule_is_float(&rule) ? add_rule(maker, rules, &rule)
					      : cross_rules(maker, axis, rule, rules);
	}
	return failed;
}

/* A channel axis that the tensor has not: the reason; its own output channel needs no number. */
static bool fit_axis(struct rule *rule, const struct source *source, char reason[REFUSAL_SIZE])
{
	if (rule_is_float(rule) || rule->granularity.axis < 0)
		return true;
	if (rule->granularity.axis == source->axis) {
		rule->granularity.axis = -1;
	} else if (rule->granularity.axis >= source->rank) {
		snprintf(reason, REFUSAL_SIZE, "channel axis %d of a tensor with %d axes",
			 rule->granularity.axis, source->rank);
		return false;
	}
	return true;
}

/* What looks at batches of samples sees them whole. */
static void refuse_order(const struct recipe *recipe, char reason[REFUSAL_SIZE])
{
	const struct rule *rule = &recipe->activations;

	if (!recipe_has_batches(recipe) ||
	    granularity_kind_of(rule->granularity.value) == PER_TENSOR)
		return;
	snprintf(reason, REFUSAL_SIZE,
		 "calibration %s takes batches of whole samples: a static range of activations is "
		 "one for the tensor, none for each %s",
		 rule->calibration->name, rule->granularity.value->name);
}

/* What a rule's project has not. */
static void refuse_granularity(const struct rule *rule, char reason[REFUSAL_SIZE])
{
	const struct value *granularity = rule->granularity.value;

	if (rule_is_float(rule))
		return;
	const char *words = calibration_lacks(calibration_of(rule->calibration),
					      granularity_kind_of(granularity));

	if (words)
		snprintf(reason, REFUSAL_SIZE, "calibration %s has no range for each %s: %s",
			 rule->calibration->name, granularity->name, words);
}

/* Why the recipe cannot be measured on the subject, or "".  Its axes may get their plain form. */
static int refuse_recipe(struct maker *maker, struct recipe *recipe, char reason[REFUSAL_SIZE])
{
	const struct subject *subject = &maker->plan->subjects.subjects[maker->subject];

	*reason = '\0';
	refuse_order(recipe, reason);
	refuse_granularity(&recipe->activations, reason);
	refuse_granularity(&recipe->weights, reason);
	if (*reason)
		return 0;
	if (subject->kind == SUBJECT_NETWORK)
		return network_refuse(maker, recipe, reason);
	if (recipe->weights.format && !fit_axis(&recipe->weights, &subject->w, reason))
		return 0;
	if (recipe->activations.format && !fit_axis(&recipe->activations, &subject->a, reason))
		return 0;
	if (subject->operation && !subject->operation->has_weights &&
	    rule_is_float(&recipe->activations))
		snprintf(reason, REFUSAL_SIZE, "%s of float activations does nothing",
			 subject->operation->value.name);
	return 0;
}

static char *recipe_label(struct maker *maker, const struct recipe *recipe, char key[KEY_SIZE])
{
	const struct plan *plan = maker->plan;
	const struct label label = { .subject = plan->subjects.subjects[maker->subject].name,
				     .recipe = *recipe };
	struct text text = { .env = plan->env };
	char *words;

	text_add(&text, "accuracy %d %s ", ARITHMETIC_VERSION, maker->content);
	if (subject_is_task_alone(&plan->subjects.subjects[maker->subject]))
		text_add(&text, "task alone ");
	recipe_write(&text, recipe);
	words = text_take(&text, maker->error);
	if (!words)
		return NULL;
	hash_text(key, words);
	env_free(plan->env, words);
	return label_write(&label, plan->env, maker->error);
}

static int add_recipe(struct maker *maker, const struct recipe *asked)
{
	const struct subject *subject = &maker->plan->subjects.subjects[maker->subject];
	struct recipe recipe = *asked;
	char reason[REFUSAL_SIZE], key[KEY_SIZE], types[TYPES_SIZE];
	char *label;
	int wanted = 0;

	if (refuse_recipe(maker, &recipe, reason))
		return -1;
	label = recipe_label(maker, &recipe, key);
	if (!label)
		return -1;
	struct plan_row row = { .subject = subject,
				.recipe = &recipe,
				.accuracy_key = key,
				.label = label,
				.types = types };

	subject_types(types, sizeof types, maker->plan->libraries, subject, &recipe);
	if (subject->measure & MEASURE_THROUGHPUT && !*reason) {
		wanted = subject->kind == SUBJECT_NETWORK ? expand_network_timing(maker, &row)
							  : expand_timing(maker, &row);
	} else {
		wanted = row_is_wanted(maker, &row);
		if (wanted > 0)
			wanted = *reason ? add_skip(maker, label, reason)
					 : add_choice(maker, &row, NO_TIMING, NULL);
	}
	env_free(maker->plan->env, label);
	return wanted < 0 ? -1 : 0;
}

/* The values of an axis behind the rules: the sweep's, or the one that it stands at. */
struct word_axis {
	const struct setting_list *list; /* NULL: `one` alone                            */
	struct setting one;
};

enum word { ROUNDING, REQUANTIZATION, POLICY, RECOVERY, CALIBRATION_BATCH, SEED, WORDS };

static size_t word_count(const struct word_axis *axis)
{
	return axis->list ? axis->list->count : 1;
}

static const struct setting *word_at(const struct word_axis *axis, size_t i)
{
	return axis->list ? &axis->list->settings[i] : &axis->one;
}

/* Rounding has a meaning where something is quantized, the three of an arithmetic where that is
 * multiplied with weights, batches of calibration where a range hangs on them, seeds where
 * something is random.  A policy is a network's, and a mode of requantization its integer run's, or
 * an op's that makes codes of sums: elsewhere the plain one stands. */
static void choose_words(const struct maker *maker, const struct recipe *recipe,
			 struct word_axis words[WORDS])
{
	const struct sweep *sweep = maker->sweep;
	const struct subject *subject = &maker->plan->subjects.subjects[maker->subject];
	const bool weights = !rule_is_float(&recipe->weights);
	const bool activations = !rule_is_float(&recipe->activations);
	const bool network = subject->kind == SUBJECT_NETWORK;
	const bool random = subject->a.generator || subject->w.generator;
	const struct operation *operation = subject->operation;

	memset(words, 0, sizeof *words * WORDS);
	if (weights || activations)
		words[ROUNDING].list = &sweep->rounding;
	if ((weights || activations) &&
	    (network || (operation && (operation->has_weights || operation->requantizes)))) {
		words[REQUANTIZATION].one.value = *requantization_values;
		words[POLICY].one.value = *policy_values;
		words[RECOVERY].list = &sweep->recovery;
		if (network)
			words[POLICY].list = &sweep->policy;
		if ((network && weights && activations) || makes_codes(subject))
			words[REQUANTIZATION].list = &sweep->requantization;
	}
	if (recipe_has_batches(recipe))
		words[CALIBRATION_BATCH].list = &sweep->calibration_batch;
	words[SEED].one.number = 1;
	if (random && maker->options->has_seed)
		words[SEED].one.number = (double)maker->options->seed;
	else if (random)
		words[SEED].list = &sweep->seed;
}

static int cross_words(struct maker *maker, struct recipe recipe)
{
	struct word_axis words[WORDS];
	size_t count = 1;

	choose_words(maker, &recipe, words);
	for (size_t i = 0; i < WORDS; i++)
		count *= word_count(&words[i]);
	for (size_t i = 0; i < count; i++) {
		const struct setting *at[WORDS];
		size_t rest = i;

		for (size_t j = WORDS; j-- > 0; rest /= word_count(&words[j]))
			at[j] = word_at(&words[j], rest % word_count(&words[j]));
		recipe.rounding = at[ROUNDING]->value;
		recipe.requantization = at[REQUANTIZATION]->value;
		recipe.policy = at[POLICY]->value;
		recipe.policy_parameter = at[POLICY]->number;
		recipe.policy_patterns = at[POLICY]->text;
		recipe.recovery = at[RECOVERY]->value;
		recipe.calibration_batch = (int64_t)at[CALIBRATION_BATCH]->number;
		recipe.seed = (uint64_t)at[SEED]->number;
		if (add_recipe(maker, &recipe))
			return -1;
	}
	return 0;
}

/* Rows at most, without the kernels' part of an op. */
static double count_rows(const struct maker *maker, const struct rules *weights,
			 const struct rules *activations)
{
	const struct sweep *sweep = maker->sweep;
	const struct subject *subject = &maker->plan->subjects.subjects[maker->subject];
	double own = (double)sweep->seed.count, each = activations->count ? 0 : 1;

	if (subject->kind == SUBJECT_NETWORK)
		own = (double)sweep->requantization.count * (double)sweep->policy.count;
	for (size_t i = 0; i < activations->count; i++) {
		const struct recipe recipe = { .activations = activations->rules[i] };

		each += recipe_has_batches(&recipe) ? (double)sweep->calibration_batch.count : 1;
	}
	return (double)(weights->count ? weights->count : 1) * each *
	       (double)sweep->rounding.count * (double)sweep->recovery.count * own;
}

static int cross_operands(struct maker *maker, const struct rules *weights,
			  const struct rules *activations)
{
	static const struct rule absent = { 0 };
	const size_t w = weights->count ? weights->count : 1;
	const size_t a = activations->count ? activations->count : 1;
	const double count = count_rows(maker, weights, activations);

	if (count > PLAN_CELLS_MOST)
		return too_many(maker, count);
	for (size_t i = 0; i < w; i++)
		for (size_t j = 0; j < a; j++) {
			const struct recipe recipe = {
				.weights = weights->count ? weights->rules[i] : absent,
				.activations = activations->count ? activations->rules[j] : absent,
			};

			if (cross_words(maker, recipe))
				return -1;
		}
	return 0;
}

int expand(struct maker *maker)
{
	const struct subject *subject = &maker->plan->subjects.subjects[maker->subject];
	const bool has_weights =
		subject->operation ? subject->operation->has_weights : !subject->as_activations;
	const bool has_activations = subject->operation || subject->as_activations ||
				     subject->kind == SUBJECT_NETWORK;
	struct rules weights = { 0 }, activations = { 0 };
	int failed = 0;

	if (has_weights)
		failed = make_rules(maker, &maker->sweep->weights, &weights);
	if (!failed && has_activations)
		failed = make_rules(maker, &maker->sweep->activations, &activations);
	if (!failed)
		failed = cross_operands(maker, &weights, &activations);
	env_free(maker->plan->env, weights.rules);
	env_free(maker->plan->env, activations.rules);
	return failed;
}
