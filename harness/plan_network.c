/* SPDX-License-Identifier: MIT
 *
 * Networks in a plan: their layers, and which recipes mean nothing for them.
 */
#include "plan_parts.h"

#include "../datasets/data_file.h"
#include "measure/metrics/metric.h"

#include <string.h>

static int make_layers(struct maker *maker, const struct network *network, struct layers *layers)
{
	const struct env *env = maker->plan->env;
	struct graph graph;
	char *name = env_print(env, maker->error, "%s%s", network_prefix(network),
			       network->value.name);
	int failed = name ? graph_parse_onnx(&graph, env, name, network->onnx,
					     *network->onnx_size, maker->error)
			  : -1;

	env_free(env, name);
	if (failed)
		return -1;
	failed = layers_make(layers, &graph, env, maker->error);
	graph_free(&graph);
	return failed;
}

void network_content(char key[KEY_SIZE], const struct subject *subject)
{
	hash_bytes(key, subject->network->onnx, *subject->network->onnx_size);
}

/* The next subject of the network from `at` on, or the number of subjects. */
static size_t next_with(const struct plan *plan, const struct network *network, size_t at)
{
	while (at < plan->subjects.count && plan->subjects.subjects[at].network != network)
		at++;
	return at;
}

/* A sample's axes: the batch, or a 1 in front, is none of them. */
static struct sample_axes axes_of(const struct layers *layers, const struct edge_axes *edge)
{
	const int first = layers->batched || (edge->rank > 1 && edge->shape[0] == 1);
	struct sample_axes sample = { .rank = edge->rank - first };

	for (int i = 0; i < sample.rank; i++) {
		sample.shape[i] = edge->shape[first + i];
		sample.stride[i] = edge->stride[first + i];
	}
	return sample;
}

/* The length of a list, ones among its sizes aside; 0: it is none. */
static int64_t list_of(const struct sample_axes *sample)
{
	int64_t length = 1;

	for (int i = 0; i < sample->rank; i++) {
		if (sample->shape[i] != 1 && length != 1)
			return 0;
		length *= sample->shape[i];
	}
	return length;
}

/* What the evaluation knows of what is right. */
static unsigned truth_of(const struct subject *subject)
{
	const struct data_file *file = subject->evaluation.file;
	unsigned has = 0;

	if (!file)
		return subject->network->classes ? METRIC_CLASSES : METRIC_TARGETS;
	if (data_file_has_classes(file))
		has |= METRIC_CLASSES;
	return file->target ? has | METRIC_TARGETS : has;
}

static int choose_metric(struct subject *subject, const struct sample_axes *output,
			 struct error *error)
{
	const unsigned has = truth_of(subject);
	const int64_t outputs = list_of(output);
	const char *why;

	if (!subject->metric)
		subject->metric = &metric_choose(has, outputs > 1)->value;
	why = metric_refuse(metric_of(subject->metric), outputs ? outputs : INT64_MAX, has);
	return why ? fail(error, STATUS_INPUT, "metric %s %s", subject->metric->name, why) : 0;
}

/* The data fit the network, and so does the metric. */
static int fit_subject(struct maker *maker, struct subject *subject, const struct layers *layers)
{
	const struct env *env = maker->plan->env;
	const struct sample_axes input = axes_of(layers, &layers->input);
	const struct sample_axes output = axes_of(layers, &layers->output);
	struct data_spec *specs[] = { &subject->calibration, &subject->evaluation };
	int failed = choose_metric(subject, &output, maker->error);

	for (size_t i = 0; i < 2 && !failed; i++)
		if (specs[i]->file)
			failed = data_file_fit(specs[i], env, &input, &output, maker->error);
	return failed ? fail_prefix(maker->error, "%s%s: ", network_prefix(subject->network),
				    subject->network->value.name)
		      : 0;
}

/* Subjects of one network differ in their data alone: they share the layers of the first. */
static int open_network(struct maker *maker, const struct network *network)
{
	struct plan *plan = maker->plan;
	struct subject *subjects = plan->subjects.subjects;
	const size_t count = plan->subjects.count, first = next_with(plan, network, 0);

	if (first == count || !subjects[first].measure)
		return 0;
	if (make_layers(maker, network, &plan->layers[first]))
		return -1;
	for (size_t i = first; i < count; i = next_with(plan, network, i + 1)) {
		plan->layers[i] = plan->layers[first];
		if (fit_subject(maker, &subjects[i], &plan->layers[i]))
			return -1;
	}
	return 0;
}

int networks_open(struct maker *maker)
{
	struct plan *plan = maker->plan;

	plan->layers = env_new(plan->env, plan->subjects.count, sizeof *plan->layers,
			       "the layers of networks", maker->error);
	if (!plan->layers)
		return -1;
	for (const struct value *const *value = network_values; *value; value++)
		if (open_network(maker, network_of(*value)))
			return -1;
	for (size_t i = 0; i < plan->subjects.network_count; i++)
		if (open_network(maker, subjects_network(&plan->subjects, i)))
			return -1;
	return 0;
}

static void close_network(struct plan *plan, const struct network *network)
{
	const size_t first = next_with(plan, network, 0);

	if (first < plan->subjects.count)
		layers_free(&plan->layers[first]);
}

void networks_close(struct plan *plan)
{
	for (const struct value *const *value = network_values; plan->layers && *value; value++)
		close_network(plan, network_of(*value));
	for (size_t i = 0; plan->layers && i < plan->subjects.network_count; i++)
		close_network(plan, subjects_network(&plan->subjects, i));
	env_free(plan->env, plan->layers);
	plan->layers = NULL;
}

/* A mode other than float multiplies sums of whole numbers by one constant an output channel. */
static const char *refuse_mode(const struct recipe *recipe)
{
	const struct requantization *row = (const struct requantization *)recipe->requantization;
	const struct rule *weights = &recipe->weights, *activations = &recipe->activations;

	if (requantization_mode(recipe->requantization) == QS_REQUANTIZE_FLOAT)
		return NULL;
	if (((const struct range_rule *)activations->range)->per_sample)
		return "with a dynamic range only requantization float has a meaning";
	if (granularity_kind_of(weights->granularity.value) == PER_GROUP)
		return "with groups of weights only requantization float has a meaning";
	if (weights->bits > 8 || activations->bits > 8 || weights->granularity.axis >= 0)
		return "without an integer run (codes of more than 8 bits, scales along the "
		       "reduction) only requantization float has a meaning";
	if (row->needs_power_of_two &&
	    !(((const struct scale_rule *)weights->scale)->power_of_two &&
	      ((const struct scale_rule *)activations->scale)->power_of_two))
		return "this requantization needs scale power_of_two of weights and activations";
	return NULL;
}

/* The axis is each quantized layer's own output channel, which needs no number, or a layer has it
 * not: the reason. */
static void fit_axes(struct rule *rule, const struct layers *layers, const bool *islands,
		     char reason[REFUSAL_SIZE])
{
	const int axis = rule->granularity.axis;
	bool own = true;

	if (rule_is_float(rule) || axis < 0)
		return;
	for (size_t i = 0; i < layers->count; i++) {
		const struct tensor *weights = &layers->layers[i].weights;

		if (!weights->values || islands[i])
			continue;
		own &= weights->axis == axis;
		if (axis >= weights->rank) {
			snprintf(reason, REFUSAL_SIZE,
				 "channel axis %d: the weights of layer %.40s have %d axes", axis,
				 layers->layers[i].name, weights->rank);
			return;
		}
	}
	if (own)
		rule->granularity.axis = -1;
}

int network_refuse(struct maker *maker, struct recipe *recipe, char reason[REFUSAL_SIZE])
{
	const struct layers *layers = &maker->plan->layers[maker->subject];
	const char *why = NULL;
	bool *islands = env_new(maker->plan->env, layers->count, sizeof *islands,
				"the layers left in float", maker->error);

	if (!islands)
		return -1;
	*reason = '\0';
	if (!rule_is_float(&recipe->activations) &&
	    granularity_kind_of(recipe->activations.granularity.value) != PER_TENSOR)
		why = "activations of a network are quantized per tensor";
	else if (recipe->policy)
		layers_islands(layers, recipe, islands, reason, REFUSAL_SIZE);
	if (!why && !*reason)
		fit_axes(&recipe->weights, layers, islands, reason);
	if (!why && !*reason)
		why = refuse_mode(recipe);
	if (why)
		snprintf(reason, REFUSAL_SIZE, "%s", why);
	env_free(maker->plan->env, islands);
	return 0;
}
