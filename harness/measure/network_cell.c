/* SPDX-License-Identifier: MIT
 *
 * One recipe of a network: which layers and edges it quantizes, its execution and what it keeps
 * while its wave runs.
 */
#include "network_job.h"

#include "accuracy_job.h"
#include "sensitivity_job.h"

#include <stdarg.h>
#include <string.h>

void warn(struct network_cell *cell, const char *where, const char *what)
{
	char *text = cell->result.warning;
	const size_t used = strlen(text), room = sizeof cell->result.warning - used;

	if (strstr(text, what))
		return;
	snprintf(text + used, room, "%s%s%s%s", used ? "; " : "", where ? where : "",
		 where ? ": " : "", what);
}

void cell_end(struct network_cell *cell, enum outcome outcome, const char *format, ...)
{
	va_list arguments;

	cell->result.outcome = outcome;
	va_start(arguments, format);
	vsnprintf(cell->result.reason, sizeof cell->result.reason, format, arguments);
	va_end(arguments);
}

int cell_fail(struct network_cell *cell, const struct error *error)
{
	if (error->status == STATUS_MACHINE)
		return -1;
	cell_end(cell, OUTCOME_FAILED, "%.*s", REASON_SIZE - 1, error->text);
	return 0;
}

static bool is_static(const struct rule *rule)
{
	return !rule_is_float(rule) && !((const struct range_rule *)rule->range)->per_sample;
}

bool cell_quantizes(const struct network_job *job, const struct network_cell *cell, size_t edge)
{
	const struct layers *layers = job->layers;

	if (rule_is_float(&cell->recipe->activations))
		return false;
	if (edge && !cell->islands[edge - 1])
		return true;
	for (size_t l = edge; l < layers->count; l++)
		for (size_t i = 0; i < layers->layers[l].input_count; i++)
			if (layers->layers[l].inputs[i] == edge && !cell->islands[l])
				return true;
	return false;
}

/* The weight rules that the cell needs measured. */
static void add_weights(struct network_job *job, struct network_cell *cell)
{
	const struct rule *rule = &cell->recipe->weights;

	for (size_t l = 0; l < job->layers->count; l++) {
		struct layer_weights *weights = &job->weights[l];
		struct operand_case one;

		cell->weight_case[l] = NO_CASE;
		if (!weights->cases || cell->islands[l] || rule_is_float(rule))
			continue;
		case_of(&one, cell->recipe, rule);
		one.keep = true;
		cell->weight_case[l] = operand_case_find(weights->cases, &weights->count, &one);
	}
}

/* The static rule of its activations, and the edges that need a range by it. */
static void add_rule(struct network_job *job, struct network_cell *cell)
{
	const struct rule *rule = &cell->recipe->activations;
	const struct choice_terms terms = { rule, recipe_round(cell->recipe),
					    cell->recipe->calibration_batch };
	const size_t edges = job->layers->count + 1;
	size_t r = 0;

	cell->choice = NO_CASE;
	if (!is_static(rule))
		return;
	while (r < job->rule_count && !same_choice(&job->rules[r], &terms))
		r++;
	if (r == job->rule_count)
		job->rules[job->rule_count++] = terms;
	cell->choice = r;
	for (size_t e = 0; e < edges; e++)
		job->needed[r * edges + layers_grid_of(job->layers, e)] |=
			cell_quantizes(job, cell, e);
}

static int cell_open(struct network_job *job, struct network_cell *cell, struct error *error)
{
	const struct rule *activations = &cell->recipe->activations;
	const size_t count = job->layers->count;
	struct network_result *result = &cell->result;

	cell->choice = NO_CASE;
	cell->islands = env_new(job->env, count, sizeof *cell->islands, "a recipe", error);
	cell->weight_case = env_new(job->env, count, sizeof *cell->weight_case, "a recipe", error);
	if (!cell->islands || !cell->weight_case)
		return -1;
	cell->is_float = rule_is_float(&cell->recipe->weights) && rule_is_float(activations);
	if (cell->is_float)
		memset(cell->islands, true, count * sizeof *cell->islands);
	else if (!layers_islands(job->layers, cell->recipe, cell->islands, result->reason,
				 sizeof result->reason)) {
		result->outcome = OUTCOME_SKIPPED;
		return 0;
	}
	if (!rule_is_float(activations) && slicing_of(activations).kind == PER_GROUP) {
		cell_end(cell, OUTCOME_SKIPPED, "a network's activations have one scale a tensor");
		return 0;
	}
	add_weights(job, cell);
	add_rule(job, cell);
	return 0;
}

static int new_layer_weights(struct network_job *job, struct error *error)
{
	for (size_t l = 0; l < job->layers->count; l++) {
		const struct layer *layer = &job->layers->layers[l];
		struct layer_weights *weights = &job->weights[l];

		if (!layer_has_weights(layer))
			continue;
		weights->name = env_print(job->env, error, "%s.weight", layer->name);
		weights->cases = env_new(job->env, job->count, sizeof *weights->cases, "rules",
					 error);
		if (!weights->name || !weights->cases)
			return -1;
	}
	return 0;
}

int cells_open(struct network_job *job, struct error *error)
{
	const struct env *env = job->env;
	const size_t places = job->count * (job->layers->count + 1);

	job->weights = env_new(env, job->layers->count, sizeof *job->weights, "weights", error);
	job->rules = env_new(env, job->count, sizeof *job->rules, "rules", error);
	job->needed = env_new(env, places, sizeof *job->needed, "rules", error);
	job->chosen = env_new(env, places, sizeof *job->chosen, "ranges", error);
	job->visits = env_new(env, places, sizeof *job->visits, "ranges", error);
	if (!job->weights || !job->rules || !job->needed || !job->chosen || !job->visits ||
	    new_layer_weights(job, error))
		return -1;
	for (size_t i = 0; i < job->count; i++)
		if (cell_open(job, &job->cells[i], error))
			return -1;
	return 0;
}

void cell_close(struct network_job *job, struct network_cell *cell)
{
	cell_release(job, cell);
	task_free(job, cell);
	env_free(job->env, cell->islands);
	env_free(job->env, cell->weight_case);
	env_free(job->env, cell->layers);
	env_free(job->env, cell->ranges);
	env_free(job->env, cell->weights);
	env_free(job->env, cell->weight_layers);
	env_free(job->env, cell->sensitivity_layers);
	cell->islands = NULL;
	cell->weight_case = NULL;
	cell->layers = NULL;
	cell->ranges = NULL;
	cell->weights = NULL;
	cell->weight_layers = NULL;
	cell->sensitivity_layers = NULL;
}

size_t cell_memory(const struct network_job *job)
{
	enum { VALUE = 16 };    /* simulated, its packed copies, codes and theirs         */
	size_t bytes = (size_t)job->evaluation.samples * 2 * sizeof(double);

	for (size_t l = 0; l < job->layers->count; l++) {
		const struct tensor *weights = &job->layers->layers[l].weights;

		bytes += sizeof(struct layer_sums) + (64 << 10);
		bytes += (size_t)weights->rows * (size_t)weights->columns * VALUE;
	}
	if (job->sensitivity_samples)
		bytes += sensing_memory(job);
	return bytes;
}

/* The lists that an execution is made from. */
struct lists {
	struct quantizer *edges;
	struct quantized_weights *weights;
	enum qs_requantize *modes;
};

static void fill_lists(const struct network_job *job, const struct network_cell *cell,
		       enum sensitivity_part part, enum qs_round round, struct lists *lists)
{
	const struct recipe *recipe = cell->recipe;
	const size_t count = job->layers->count;

	for (size_t edge = 0; edge <= count; edge++) {
		const size_t e = layers_grid_of(job->layers, edge);

		if (part == PART_WEIGHTS || !cell_quantizes(job, cell, edge))
			continue;
		lists->edges[e] = (struct quantizer){ .rule = &recipe->activations, .round = round,
						      .dynamic = cell->choice == NO_CASE };
		if (cell->choice != NO_CASE) {
			const struct chosen *chosen =
				&job->chosen[cell->choice * (count + 1) + e];

			lists->edges[e].grid = chosen->grid;
			lists->edges[e].scale = chosen->scale;
		}
	}
	for (size_t l = 0; l < count; l++) {
		lists->modes[l] = requantization_mode(recipe->requantization);
		if (part != PART_ACTIVATIONS && cell->weight_case[l] != NO_CASE)
			lists->weights[l] = job->weights[l].made[cell->weight_case[l]];
	}
}

int cell_execution(struct network_job *job, struct network_cell *cell, enum sensitivity_part part,
		   struct execution *execution, struct error *error)
{
	const struct env *env = job->env;
	const size_t count = job->layers->count;
	struct lists lists = {
		.edges = env_new(env, count + 1, sizeof *lists.edges, "quantizers", error),
		.weights = env_new(env, count, sizeof *lists.weights, "quantizers", error),
		.modes = env_new(env, count, sizeof *lists.modes, "quantizers", error),
	};
	const struct execution_spec spec = {
		.layers = job->layers, .libraries = job->plan->libraries,
		.islands = cell->islands, .edges = lists.edges, .weights = lists.weights,
		.modes = lists.modes, .round = recipe_round(cell->recipe),
		.batch = job->batch,
	};
	int failed = lists.edges && lists.weights && lists.modes ? 0 : -1;

	if (!failed) {
		fill_lists(job, cell, part, spec.round, &lists);
		failed = execution_make(execution, env, &spec, error);
	}
	env_free(env, lists.edges);
	env_free(env, lists.weights);
	env_free(env, lists.modes);
	return failed;
}

int cell_prepare(struct network_job *job, struct network_cell *cell, struct error *error)
{
	const struct env *env = job->env;
	const size_t samples = (size_t)job->evaluation.samples;
	bool has_integer;

	cell->sums = env_new(env, job->layers->count, sizeof *cell->sums, "sums", error);
	if (!cell->sums || (job->sensitivity_samples && sensing_new(job, cell, error)))
		return -1;
	if (cell->is_float)
		return 0;
	if (cell_execution(job, cell, PART_BOTH, &cell->execution, error) ||
	    (cell->sensing && sensing_prepare(job, cell, error)))
		return cell_fail(cell, error);
	if (facts_of_biases(job, cell, error))
		return -1;
	has_integer = !*cell->execution.no_integer;
	const bool simulated = !has_integer || !job->task_alone;

	if (simulated)
		cell->scores[RUN_SIMULATED] =
			env_new(env, samples, sizeof(double), "scores", error);
	if (has_integer)
		cell->scores[RUN_INTEGER] = env_new(env, samples, sizeof(double), "scores", error);
	return (!simulated || cell->scores[RUN_SIMULATED]) &&
			       (!has_integer || cell->scores[RUN_INTEGER])
		       ? 0
		       : -1;
}

void cell_release(struct network_job *job, struct network_cell *cell)
{
	execution_free(&cell->execution);
	outputs_release(cell);
	sensing_free(job, cell);
	env_free(job->env, cell->sums);
	env_free(job->env, cell->bias);
	env_free(job->env, cell->scores[RUN_SIMULATED]);
	env_free(job->env, cell->scores[RUN_INTEGER]);
	cell->sums = NULL;
	cell->bias = NULL;
	cell->scores[RUN_SIMULATED] = cell->scores[RUN_INTEGER] = NULL;
}
