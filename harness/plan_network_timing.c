/* SPDX-License-Identifier: MIT
 *
 * Races of a network: its run in integers with what "kernel" names, beside the same run with the
 * reference kernels and our best run in floats.
 *
 * How long a run takes does not hang on the numbers: all recipes that differ in calibration, scale,
 * rounding, data, or in bits up to 8, share one race.  `best` is the last row of the kernel table
 * for each layer, an instruction set the same with no newer instructions than it has.
 */
#include "plan_parts.h"

#include <string.h>

const struct operation network_operation = {
	.value = { .name = "network", .summary = "a whole network" },
	.op = RUN_OF_NETWORK,
};

/* Why no integer kernels run the recipe, or NULL. */
static const char *refuse_integers(const struct recipe *recipe)
{
	const struct rule *weights = &recipe->weights, *activations = &recipe->activations;

	if (rule_is_float(weights) && rule_is_float(activations))
		return NULL;
	if (rule_is_float(weights) || rule_is_float(activations))
		return "weights or activations are float: the network is run simulated alone";
	if (weights->bits > 8 || activations->bits > 8)
		return "codes of more than 8 bits: the network is run simulated alone";
	if (weights->granularity.axis >= 0)
		return "scales along the reduction: the network is run simulated alone";
	return NULL;
}

static const struct value *first_of(const struct value *const *values)
{
	return *values;
}

/* The usual one of all that takes the same way through the kernels. */
static struct recipe plain_recipe(const struct recipe *recipe)
{
	const struct requantization *mode = (const struct requantization *)recipe->requantization;
	struct recipe plain = *recipe;
	struct rule *weights = &plain.weights, *activations = &plain.activations;

	if (rule_is_float(weights))
		return plain;
	const struct value *scale = value_find(
		scale_values, mode && mode->needs_power_of_two ? "power_of_two" : "real");
	const bool zeros = ((const struct scheme *)weights->scheme)->stores_zero;
	const bool unsigned_codes = ((const struct scheme *)activations->scheme)->unsigned_codes;

	weights->bits = activations->bits = 8;
	weights->scheme = value_find(scheme_values, zeros ? "asymmetric" : "symmetric");
	activations->scheme =
		value_find(scheme_values, unsigned_codes ? "asymmetric" : "symmetric");
	weights->scale = activations->scale = scale;
	if (granularity_kind_of(weights->granularity.value) != PER_GROUP)
		weights->granularity = (struct granularity){
			.value = value_find(granularity_values, "channel"), .axis = -1
		};
	weights->calibration = activations->calibration = value_find(calibration_values, "minmax");
	weights->calibration_parameter = activations->calibration_parameter = 0;
	weights->calibration_parameter_high = activations->calibration_parameter_high = 0;
	plain.calibration_batch = 0;
	plain.rounding = first_of(rounding_values);
	plain.recovery = first_of(recovery_values);
	return plain;
}

static const struct qs_kernel *network_runner(struct maker *maker, const char *types,
					      const char *word, uint64_t needs)
{
	struct plan *plan = maker->plan;
	const bool floats = *types == 'f';
	struct network_runner *runner;
	char name[sizeof runner->name];

	snprintf(name, sizeof name, "network_%s__%s", types, word);
	for (runner = plan->network_runners; runner; runner = runner->next)
		if (!strcmp(runner->name, name))
			return &runner->kernel;
	runner = env_new(plan->env, 1, sizeof *runner, "a network's run", maker->error);
	if (!runner)
		return NULL;
	memcpy(runner->name, name, sizeof name);
	runner->kernel = (struct qs_kernel){ .name = runner->name,
					     .op = RUN_OF_NETWORK,
					     .a = floats ? QS_F32 : QS_U8,
					     .w = floats ? QS_F32 : QS_S8,
					     .y = floats ? QS_F32 : QS_U8,
					     .needs = needs };
	runner->next = plan->network_runners;
	plan->network_runners = runner;
	return &runner->kernel;
}

/* What a word of "kernel" means for a network; without a kernel: *reason says why not. */
static int pick_word(struct pick *pick, struct maker *maker, const char *types, const char *word)
{
	const struct libraries *libraries = maker->plan->libraries;
	const struct isa *isa = (const struct isa *)value_find(isa_values, word);
	const uint64_t needs = isa ? isa->features : libraries->env->cpu;

	*pick = (struct pick){ .library = &libraries->libraries[0] };
	if (!isa && strcmp(word, "best")) {
		snprintf(pick->reason, sizeof pick->reason,
			 "a network is timed with 'best' or an instruction set");
		return 0;
	}
	if (needs & ~libraries->env->cpu) {
		snprintf(pick->reason, sizeof pick->reason, "the CPU lacks %s",
			 isa_lacking(libraries, needs));
		return 0;
	}
	pick->kernel = network_runner(maker, types, word, needs);
	return pick->kernel ? 0 : -1;
}

int network_guests_pick(struct picks *picks, struct maker *maker, const struct race_terms *terms)
{
	const struct {
		const char *types, *word;
	} guests[] = { { terms->types, "ref" }, { "f32f32f32", "best" } };

	for (size_t i = 0; i < sizeof guests / sizeof *guests; i++) {
		struct pick pick;

		if (pick_word(&pick, maker, guests[i].types, guests[i].word) ||
		    pick_add(picks, maker->plan->env, &pick, maker->error))
			return -1;
	}
	return 0;
}

int race_of_network(struct maker *maker, struct race *race, const struct race_terms *terms)
{
	const struct network_terms *network = terms->network;
	int64_t macs = 0;

	for (size_t l = 0; l < network->layers->count; l++)
		macs += network->layers->layers[l].macs;
	race->operation = &network_operation;
	race->layers = network->layers;
	race->network = terms->subject->network;
	race->plain = network->plain;
	memcpy(race->content, network->content, sizeof race->content);
	race->m = terms->batch;
	race->n = 1;
	race->k = macs;
	race->best = network_runner(maker, terms->types, "best",
				    maker->plan->libraries->env->cpu);
	return race->best ? network_work_count(maker, race) : -1;
}

/* All kernel words for one race. */
static int add_words(struct maker *maker, const struct plan_row *row,
		     const struct race_terms *terms, struct timed_rows *timed)
{
	const struct setting_list *words = &maker->sweep->kernel;

	for (size_t i = 0; i < words->count; i++) {
		const char *word = words->settings[i].text;
		struct pick pick;
		int result;

		if (pick_word(&pick, maker, terms->types, word))
			return -1;
		if (pick.kernel)
			result = add_timed_row(maker, row, terms, &pick, false);
		else
			result = add_timing_skip(maker, row, terms, word, pick.reason);
		if (result < 0)
			return -1;
		timed->rows += pick.kernel && result > 0;
		if (!*timed->reason)
			memcpy(timed->reason, pick.reason, sizeof pick.reason);
	}
	return 0;
}

static int add_races(struct maker *maker, const struct plan_row *row,
		     const struct network_terms *network, struct timed_rows *timed)
{
	const struct sweep *sweep = maker->sweep;
	const struct recipe *recipe = row->recipe;
	const bool floats = rule_is_float(&recipe->weights);
	struct race_terms terms = { .subject = row->subject, .types = row->types,
				    .network = network };

	if (!floats) {
		terms.detail.w_zeros =
			((const struct scheme *)recipe->weights.scheme)->stores_zero;
		if (recipe->requantization != *requantization_values)
			terms.detail.requantization = recipe->requantization;
	}
	for (size_t t = 0; t < sweep->threads.count; t++)
		for (size_t b = 0; b < sweep->batch.count; b++)
			for (size_t c = 0; c < sweep->cache.count; c++) {
				terms.threads = (int)sweep->threads.settings[t].number;
				terms.batch = (int)sweep->batch.settings[b].number;
				terms.cache = sweep->cache.settings[c].value;
				if (add_words(maker, row, &terms, timed))
					return -1;
			}
	return 0;
}

int expand_network_timing(struct maker *maker, struct plan_row *row)
{
	const size_t before = maker->plan->excluded;
	const char *refused = refuse_integers(row->recipe);
	struct network_terms network = { .layers = &maker->plan->layers[maker->subject] };
	struct timed_rows timed = { 0 };

	if (refused)
		return add_untimed_row(maker, row, before, refused);
	network.plain = plain_recipe(row->recipe);
	network_content(network.content, row->subject);
	if (add_races(maker, row, &network, &timed))
		return -1;
	return timed.rows ? 0 : add_untimed_row(maker, row, before, timed.reason);
}
