/* SPDX-License-Identifier: MIT
 *
 * What the cells of a network cost, each and together.
 *
 * The constants are units an element of an activation, or a multiply-add, in one of the passes that
 * a recipe takes: isolated and cumulative are simulated, the whole integer run and the local one
 * are integer.  They were fitted to the CPU seconds of 248 cells of the embedded networks, of 100
 * to 5,000 samples, on a CPU with AVX-512 VNNI: nine in ten are then right within a fifth.
 */
#include "estimate.h"

#include "network/sensitivity.h"

static const double sums_cost = 0.75;            /* errors of a layer's output           */
static const double simulated_cost = 1.6;        /* to codes and back                    */
static const double dynamic_cost = 9.3;          /* more, with a range for each sample   */
static const double mode_cost = 1.8;             /* more, requantized other than by float */
static const double simulated_mac_cost = 0.013;
static const double integer_mac_cost = 0.023;
static const double group_mac_cost = 0.06;       /* more, where weights have groups      */
static const double draw_cost = 100;             /* a value of a sample, generated       */
static const double sort_cost = 12;              /* of a calibration sample, for all recipes */

/* Of one sample. */
struct work {
	double macs, elements;
};

static struct work work_of(const struct layers *layers)
{
	struct work work = { .elements = (double)layers->edges[0].elements };

	for (size_t i = 0; i < layers->count; i++) {
		work.macs += (double)layers->layers[i].macs;
		work.elements += (double)layers->edges[i + 1].elements;
	}
	return work;
}

static double weights_cost(const struct layers *layers, const struct rule *rule)
{
	double cost = 0;

	for (size_t i = 0; i < layers->count; i++) {
		const struct tensor *weights = &layers->layers[i].weights;

		if (weights->values)
			cost += rule_cost(rule, (double)weights->rows, (double)weights->columns);
	}
	return cost;
}

/* Codes that kernels take. */
static bool has_integer_run(const struct recipe *recipe)
{
	return !rule_is_float(&recipe->weights) && !rule_is_float(&recipe->activations) &&
	       recipe->weights.bits <= 8 && recipe->activations.bits <= 8 &&
	       recipe->weights.granularity.axis < 0;
}

static bool is_dynamic(const struct rule *rule)
{
	return !rule_is_float(rule) && ((const struct range_rule *)rule->range)->per_sample;
}

/* Of one sample, both integer passes. */
static double integer_cost(const struct recipe *recipe, const struct work *work)
{
	double element = 0, mac = integer_mac_cost;

	if (requantization_mode(recipe->requantization) != QS_REQUANTIZE_FLOAT)
		element += mode_cost;
	if (is_dynamic(&recipe->activations))
		element += dynamic_cost;
	if (granularity_kind_of(recipe->weights.granularity.value) == PER_GROUP)
		mac += group_mac_cost;
	return 2 * (work->elements * element + work->macs * mac);
}

/* One simulated pass. */
static double simulated_pass_cost(const struct recipe *recipe, const struct work *work)
{
	double element = 0;

	if (rule_is_float(&recipe->weights) && rule_is_float(&recipe->activations))
		return 0;
	if (!rule_is_float(&recipe->activations))
		element += simulated_cost;
	if (is_dynamic(&recipe->activations))
		element += dynamic_cost;
	return work->elements * element + work->macs * simulated_mac_cost;
}

/* The passes are the most that there can be, of three parts; a recipe of weights or of activations
 * has one. */
double network_sensitivity_cost(const struct subject *subject, const struct layers *layers,
				const struct recipe *recipe)
{
	const bool one_part = rule_is_float(&recipe->weights) ||
			      rule_is_float(&recipe->activations);
	const struct work work = work_of(layers);

	if (!(subject->measure & MEASURE_SENSITIVITY))
		return 0;
	return (double)sensitivity_samples(layers, subject->sensitivity_samples,
					   subject->evaluation.samples) *
	       sensitivity_passes(layers) / (one_part ? 3 : 1) * simulated_pass_cost(recipe, &work);
}

double network_cell_cost(const struct subject *subject, const struct layers *layers,
			 const struct recipe *recipe)
{
	const struct work work = work_of(layers);
	double sample = work.elements * sums_cost + 2 * simulated_pass_cost(recipe, &work);
	double cost = weights_cost(layers, &recipe->weights);

	if (subject_is_task_alone(subject))
		return (double)subject->evaluation.samples *
			       (has_integer_run(recipe) ? integer_cost(recipe, &work) / 2
							: simulated_pass_cost(recipe, &work)) +
		       cost;
	if (has_integer_run(recipe))
		sample += integer_cost(recipe, &work);
	cost += network_sensitivity_cost(subject, layers, recipe);
	return (double)subject->evaluation.samples * sample + cost;
}

double network_shared_cost(const struct subject *subject, const struct layers *layers)
{
	const double calibration = (double)subject->calibration.samples;
	const double samples = calibration + (double)subject->evaluation.samples;
	const double inputs = (double)layers->edges[0].elements;
	const struct work work = work_of(layers);

	return samples * (inputs * draw_cost + work.macs * simulated_mac_cost) +
	       calibration * work.elements * sort_cost;
}
