/* SPDX-License-Identifier: MIT
 *
 * What a cell keeps for its sensitivity while its wave runs, and the numbers that it becomes.
 */
#include "sensitivity_job.h"

#include <math.h>
#include <string.h>

/* Runs that a network of so many layers is asked for. */
static size_t count_asked(const struct network_job *job)
{
	return PARTS + 2 * PARTS * job->layers->count;
}

int sensing_new_lane(const struct network_job *job, struct lane *lane, struct error *error)
{
	lane->is_changed = env_new(job->env, job->layers->count + 1, sizeof *lane->is_changed,
				   "edges", error);
	if (!lane->is_changed ||
	    edge_set_new(&lane->base, job->env, job->layers, job->batch, EDGE_SET_VALUES, error))
		return -1;
	return edge_set_new(&lane->changed, job->env, job->layers, job->batch, EDGE_SET_VALUES,
			    error);
}

void sensing_free_lane(const struct network_job *job, struct lane *lane)
{
	env_free(job->env, lane->is_changed);
	edge_set_free(&lane->base);
	edge_set_free(&lane->changed);
}

size_t sensing_memory(const struct network_job *job)
{
	enum { VALUE = 8 };     /* weights packed in two more executions                  */
	const size_t samples = (size_t)job->sensitivity_samples;
	size_t bytes = count_asked(job) * (sizeof(struct asked) + samples * sizeof(double));

	for (size_t l = 0; l < job->layers->count; l++) {
		const struct tensor *weights = &job->layers->layers[l].weights;

		bytes += (size_t)weights->rows * (size_t)weights->columns * VALUE;
	}
	return bytes;
}

int sensing_new(struct network_job *job, struct network_cell *cell, struct error *error)
{
	const struct env *env = job->env;
	const size_t asked = cell->is_float ? 0 : count_asked(job);
	const size_t samples = (size_t)job->sensitivity_samples;
	struct sensing *sensing = env_new(env, 1, sizeof *sensing, "sensitivity", error);

	cell->sensing = sensing;
	if (!sensing)
		return -1;
	sensing->asked = env_new(env, asked, sizeof *sensing->asked, "sensitivity", error);
	sensing->scores = env_new(env, asked * samples, sizeof *sensing->scores, "scores", error);
	if (!sensing->asked || !sensing->scores)
		return -1;
	for (size_t i = 0; i < asked; i++)
		sensing->asked[i].scores = sensing->scores + i * samples;
	return 0;
}

int sensing_prepare(struct network_job *job, struct network_cell *cell, struct error *error)
{
	const bool apart = !rule_is_float(&cell->recipe->weights) &&
			   !rule_is_float(&cell->recipe->activations);
	struct sensing *sensing = cell->sensing;

	sensing->has[PART_BOTH] = true;
	sensing->has[PART_WEIGHTS] = sensing->has[PART_ACTIVATIONS] = apart;
	for (int part = 0; apart && part < PART_BOTH; part++)
		if (cell_execution(job, cell, (enum sensitivity_part)part,
				   &sensing->executions[part], error))
			return -1;
	return 0;
}

void sensing_free(struct network_job *job, struct network_cell *cell)
{
	if (!cell->sensing)
		return;
	for (int part = 0; part < PART_BOTH; part++)
		execution_free(&cell->sensing->executions[part]);
	env_free(job->env, cell->sensing->asked);
	env_free(job->env, cell->sensing->scores);
	env_free(job->env, cell->sensing);
	cell->sensing = NULL;
}

/* Of samples of one class a metric that tells two apart has no value. */
static int compare(const struct network_job *job, const double *scores, struct task_numbers *task,
		   struct error *error)
{
	*task = (struct task_numbers){ 0 };
	if (!task_compare(job, scores, job->sensitivity_samples, task, error))
		return 0;
	task->value = (double)NAN;
	return error->status == STATUS_MACHINE ? -1 : 0;
}

static int take_answer(const struct network_job *job, const struct asked *asked,
		       struct sensitivity_answer *out, struct error *error)
{
	struct task_numbers task;

	/* as of a cell whose output is infinite, there is no number */
	*out = (struct sensitivity_answer){ .sqnr_db = (double)NAN, .value = (double)NAN };
	if (asked->refused || !isfinite(asked->sums.cumulative))
		return 0;
	if (compare(job, asked->scores, &task, error))
		return -1;
	*out = (struct sensitivity_answer){ .known = true, .sqnr_db = sums_sqnr_db(&asked->sums),
					    .value = task.value, .lost = task.lost,
					    .gained = task.gained };
	return 0;
}

static int report_layer(const struct network_job *job, struct network_cell *cell, size_t l,
			struct error *error)
{
	struct sensitivity_layer *numbers = &cell->sensitivity_layers[l];
	struct sensing *sensing = cell->sensing;

	for (int i = 0; i < PARTS; i++) {
		const enum sensitivity_part part = (enum sensitivity_part)i;
		const bool shared = part_is_activations(cell, part, l);
		const struct asked *only, *spared;

		numbers->has[part] = part_has(cell, part, l);
		if (!numbers->has[part])
			continue;
		only = asked_only(sensing, shared ? PART_ACTIVATIONS : part, l);
		spared = asked_spared(sensing, part, l, job->layers->count);
		if (take_answer(job, only, &numbers->only[part], error) ||
		    take_answer(job, spared, &numbers->spared[part], error))
			return -1;
		if (!numbers->only[part].known || !numbers->spared[part].known)
			warn(cell, job->layers->layers[l].name,
			     "its sensitivity lacks numbers: a sample's own range was refused, or "
			     "an output is infinite");
	}
	return 0;
}

int sensing_report(struct network_job *whole, struct network_cell *cell, struct error *error)
{
	const struct network_job on_drawn = drawn_job(whole), *const job = &on_drawn;
	struct sensing *sensing = cell->sensing;
	struct sensitivity *result = &cell->sensitivity;
	struct task_numbers task;

	cell->sensitivity_layers = env_new(job->env, job->layers->count,
					   sizeof *cell->sensitivity_layers, "sensitivity", error);
	if (!cell->sensitivity_layers || compare(job, job->float_scores, &task, error))
		return -1;
	*result = (struct sensitivity){ .samples = job->sensitivity_samples,
					.counted = job->metric->counted,
					.float_value = task.value,
					.layers = cell->sensitivity_layers };
	memcpy(result->has, sensing->has, sizeof result->has);
	for (int part = 0; part < PARTS; part++) {
		for (int kind = 0; kind < SENSITIVITY_RUNS; kind++)
			result->runs[kind] += sensing->runs[part][kind];
		result->macs += sensing->macs[part];
		if (sensing->has[part] &&
		    take_answer(job, &sensing->asked[part], &result->quantized[part], error))
			return -1;
	}
	for (size_t l = 0; l < job->layers->count; l++)
		if (report_layer(job, cell, l, error))
			return -1;
	cell->result.sensitivity = result;
	return 0;
}
