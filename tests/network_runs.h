/* SPDX-License-Identifier: MIT
 *
 * Networks measured as `quantsweep run` does it: config text, plan, network_measure; the results of
 * all cells kept.
 */
#ifndef QS_NETWORK_RUNS_H
#define QS_NETWORK_RUNS_H

#include "../harness/measure/network.h"
#include "../harness/measure/paired.h"

#include <math.h>

struct kept {                   /* of one cell, with memory of its own                   */
	bool done;              /* network_done was called                               */
	struct network_result result;
	struct layer_numbers *layers;
	struct error_numbers *weights;
	size_t *weight_layers;
	struct sensitivity sensitivity;
	struct sensitivity_layer *sensitivity_layers;
};

struct runs {
	struct env env;
	struct libraries libraries;
	struct config config;
	struct plan plan;
	struct kept *cells;     /* [plan.accuracy_count]                                 */
	double cost;            /* steps told                                            */
	int steps;
	int stop_after;         /* steps; 0: never                                       */
};

static void *copy_of(const void *from, size_t size)
{
	void *const copy = malloc(size ? size : 1);

	assert_non_null(copy);
	return size ? memcpy(copy, from, size) : copy;
}

static void keep_sensitivity(struct kept *kept)
{
	const struct sensitivity *sensitivity = kept->result.sensitivity;

	if (!sensitivity)
		return;
	kept->sensitivity = *sensitivity;
	kept->sensitivity_layers =
		copy_of(sensitivity->layers,
			kept->result.layer_count * sizeof *kept->sensitivity_layers);
	kept->sensitivity.layers = kept->sensitivity_layers;
	kept->result.sensitivity = &kept->sensitivity;
}

static int keep_result(void *self, size_t cell, const struct network_result *result)
{
	struct runs *runs = self;
	struct kept *kept = &runs->cells[cell];

	assert_false(kept->done);
	*kept = (struct kept){ .done = true, .result = *result };
	kept->layers = copy_of(result->layers, result->layer_count * sizeof *kept->layers);
	kept->weights = copy_of(result->weights, result->weight_count * sizeof *kept->weights);
	kept->result.layers = kept->layers;
	kept->result.weights = kept->weights;
	kept->weight_layers = copy_of(result->weight_layers,
				      result->weight_count * sizeof *kept->weight_layers);
	kept->result.weight_layers = kept->weight_layers;
	for (size_t i = 0; i < result->weight_count; i++)
		kept->weights[i].tensor = copy_of(result->weights[i].tensor,
						  strlen(result->weights[i].tensor) + 1);
	for (int i = 0; i < RUN_KINDS; i++) {
		struct task_numbers *task = &kept->result.task[i];

		task->samples = copy_of(task->samples, task->samples_size);
	}
	keep_sensitivity(kept);
	return 0;
}

static int count_step(void *self, double cost)
{
	struct runs *runs = self;

	runs->cost += cost;
	runs->steps++;
	return runs->stop_after && runs->steps >= runs->stop_after;
}

/* A plan of subjects and sweeps, nothing measured yet. */
static inline void runs_plan(struct runs *runs, uint64_t cpu, const char *subjects,
			     const char *sweep)
{
	const struct plan_options options = { .machine = "m" };
	struct error error;
	char json[8000];

	*runs = (struct runs){ .env = env_system() };
	runs->env.cpu &= cpu;
	snprintf(json, sizeof json, "{\"name\":\"x\",\"subjects\":[%s],\n\"sweep\":[%s]}", subjects,
		 sweep);
	if (libraries_open(&runs->libraries, &runs->env, &error) ||
	    config_parse(&runs->config, &runs->env, "x.json", json, strlen(json), &error) ||
	    plan_make(&runs->plan, &runs->config, &runs->libraries, &options, &error))
		fail_msg("%s", error.text);
	runs->cells = calloc(runs->plan.accuracy_count + 1, sizeof *runs->cells);
	assert_non_null(runs->cells);
}

/* Measures all cells, subject after subject. */
static inline int runs_measure(struct runs *runs, const struct network_options *options,
			       struct error *error)
{
	const struct plan *plan = &runs->plan;
	int failed = 0;

	for (size_t i = 0, count; i < plan->accuracy_count && !failed; i += count) {
		for (count = 1; i + count < plan->accuracy_count &&
				plan->accuracies[i + count].subject == plan->accuracies[i].subject;)
			count++;
		failed = network_measure(plan, i, count, options, keep_result, count_step, runs,
					 error);
	}
	return failed;
}

static inline void runs_forget(struct runs *runs)
{
	for (size_t i = 0; i < runs->plan.accuracy_count; i++) {
		struct kept *kept = &runs->cells[i];

		for (int j = 0; j < RUN_KINDS; j++)
			free(kept->result.task[j].samples);
		for (size_t j = 0; j < kept->result.weight_count; j++)
			free((void *)kept->weights[j].tensor);
		free(kept->layers);
		free(kept->weights);
		free(kept->weight_layers);
		free(kept->sensitivity_layers);
		*kept = (struct kept){ 0 };
	}
	runs->cost = 0;
	runs->steps = 0;
}

static inline void runs_free(struct runs *runs)
{
	runs_forget(runs);
	free(runs->cells);
	plan_free(&runs->plan);
	config_free(&runs->config);
	libraries_close(&runs->libraries);
}

/* Plan and measure; all cells must be DONE. */
static inline void runs_make(struct runs *runs, const char *subjects, const char *sweep, int jobs)
{
	const struct network_options options = { .jobs = jobs, .memory = (size_t)1 << 30 };
	struct error error;

	runs_plan(runs, UINT64_MAX, subjects, sweep);
	if (runs_measure(runs, &options, &error))
		fail_msg("%s", error.text);
	for (size_t i = 0; i < runs->plan.accuracy_count; i++)
		if (!runs->cells[i].done || runs->cells[i].result.outcome != OUTCOME_DONE)
			fail_msg("%s: %s", runs->plan.accuracies[i].label,
				 runs->cells[i].result.reason);
}

/* The one cell whose label holds both. */
static inline const struct network_result *runs_find(const struct runs *runs, const char *first,
						     const char *second)
{
	const struct network_result *found = NULL;

	for (size_t i = 0; i < runs->plan.accuracy_count; i++) {
		const char *label = runs->plan.accuracies[i].label;

		if (!strstr(label, first) || !strstr(label, second))
			continue;
		if (found)
			fail_msg("two labels hold '%s' and '%s'", first, second);
		found = &runs->cells[i].result;
	}
	if (!found)
		fail_msg("no label holds '%s' and '%s'", first, second);
	return found;
}

#endif
