/* SPDX-License-Identifier: MIT
 *
 * Network cells: what they share is computed first (ranges, weights), then waves of recipes go over
 * the evaluation samples, batch by batch; the float run of a batch serves the whole wave.
 */
#include "network_job.h"

#include "../estimate.h"
#include "../network/sensitivity.h"
#include "sensitivity_job.h"

#include <string.h>

enum { WAVE_MOST = 64 };

struct wave {                   /* cells [first, last) of the job, and a batch           */
	struct network_job *job;
	size_t first, last;
	int64_t sample, count;
};

bool job_step(struct network_job *job, double cost)
{
	job->stopped = job->stopped || (job->step && job->step(job->self, cost));
	return job->stopped;
}

static double cost_of(const struct network_job *job, const struct network_cell *cell)
{
	return job->plan->accuracies[cell->cell].cost;
}

/* Hands out a decided cell, once. */
static void tell(struct network_job *job, struct network_cell *cell)
{
	if (cell->told || job->stopped)
		return;
	cell->told = true;
	job->stopped = job->done(job->self, cell->cell, &cell->result) != 0;
}

/* Cells that are decided before any wave. */
static void tell_decided(struct network_job *job)
{
	for (size_t i = 0; i < job->count && !job->stopped; i++) {
		struct network_cell *cell = &job->cells[i];

		if (cell->result.outcome == OUTCOME_PLANNED)
			continue;
		tell(job, cell);
		job_step(job, cost_of(job, cell));
	}
}

static int prepare_cell(void *self, size_t piece, int thread, struct error *error)
{
	const struct wave *wave = self;
	struct network_cell *cell = &wave->job->cells[wave->first + piece];
	const struct env *env = wave->job->env;
	const uint64_t start = env->now_ns(env);

	(void)thread;
	if (cell->result.outcome != OUTCOME_PLANNED)
		return 0;
	const int failed = outputs_prepare(wave->job, cell, error) ||
			   cell_prepare(wave->job, cell, error) ? -1 : 0;

	cell->result.seconds += (double)(env->now_ns(env) - start) * 1e-9;
	return failed;
}

static int run_cell(void *self, size_t piece, int thread, struct error *error)
{
	const struct wave *wave = self;
	struct network_job *job = wave->job;
	struct network_cell *cell = &job->cells[wave->first + piece];
	const uint64_t start = job->env->now_ns(job->env);

	if (outputs_run(job, cell, &job->lanes[thread], wave->sample, wave->count, error))
		return -1;
	if (cell->result.outcome != OUTCOME_PLANNED)
		return 0;
	if (batch_run(job, cell, &job->lanes[thread], wave->sample, wave->count, error)) {
		/* a sample whose dynamic range the rule refuses is a refusal as a static one is */
		if (error->status != STATUS_INPUT)
			return cell_fail(cell, error);
		cell_end(cell, OUTCOME_SKIPPED, "%.*s", REASON_SIZE - 1, error->text);
		return 0;
	}
	cell->result.seconds += (double)(job->env->now_ns(job->env) - start) * 1e-9;
	return 0;
}

/* All batches of the evaluation samples. */
static int run_batches(struct wave *wave, struct error *error)
{
	struct network_job *job = wave->job;
	const struct data *data = &job->evaluation;
	double cost = 0;

	for (size_t i = wave->first; i < wave->last; i++)
		if (job->cells[i].result.outcome == OUTCOME_PLANNED)
			cost += cost_of(job, &job->cells[i]) -
				network_sensitivity_cost(job->subject, job->layers,
							 job->cells[i].recipe);
	for (wave->sample = 0; wave->sample < data->samples; wave->sample += wave->count) {
		const int64_t left = data->samples - wave->sample;

		wave->count = left < job->batch ? left : job->batch;
		if (float_run(job, data->x + wave->sample * data->inputs, wave->count, error))
			return -1;
		if (!wave->first && !job->task_alone && facts_add(job, wave->count, error))
			return -1;
		task_score(job, job->float_edges.edges[job->layers->count].values, wave->sample,
			   wave->count, job->float_scores);
		if (parallel_for(job->env, job->jobs, wave->last - wave->first, run_cell, wave,
				 error))
			return -1;
		if (job_step(job, cost * (double)wave->count / (double)data->samples))
			return 0;
	}
	return 0;
}

/* Work that cells share is told with the first of them. */
static void take_shared_work(struct network_job *job, struct network_cell *cell)
{
	const size_t edges = job->layers->count + 1;

	cell->result.layer_runs[LAYER_RUNS_FLOAT] = job->float_runs;
	job->float_runs = 0;
	if (cell->choice == NO_CASE)
		return;
	for (size_t e = 0; e < edges; e++) {
		cell->result.element_visits += job->visits[cell->choice * edges + e];
		job->visits[cell->choice * edges + e] = 0;
	}
}

static int report_cell(struct network_job *job, struct network_cell *cell, struct error *error)
{
	struct network_result *result = &cell->result;
	size_t layer;

	cell->layers = env_new(job->env, job->layers->count, sizeof *cell->layers, "numbers",
			       error);
	if (!cell->layers)
		return -1;
	if (!sums_report(job, cell, &layer)) {
		cell_end(cell, OUTCOME_FAILED, "layer '%s': an output is infinite: its codes reach "
			 "past the end of float32", job->layers->layers[layer].name);
		return 0;
	}
	result->layer_count = job->task_alone ? 0 : job->layers->count;
	result->layers = cell->layers;
	memcpy(result->no_integer, cell->execution.no_integer, sizeof result->no_integer);
	if (cell->is_float)
		snprintf(result->no_integer, sizeof result->no_integer, "nothing is quantized");
	take_shared_work(job, cell);
	if ((!job->task_alone && facts_report(job, cell, error)) ||
	    weights_report(job, cell, error) ||
	    task_report(job, cell, error) || (cell->sensing && sensing_report(job, cell, error)))
		return -1;
	result->outcome = OUTCOME_DONE;
	return 0;
}

static int report_wave(struct wave *wave, struct error *error)
{
	struct network_job *job = wave->job;

	for (size_t i = wave->first; i < wave->last && !job->stopped; i++) {
		struct network_cell *cell = &job->cells[i];

		if (cell->result.outcome == OUTCOME_PLANNED && report_cell(job, cell, error))
			return -1;
		tell(job, cell);
		cell_close(job, cell);
	}
	return 0;
}

/* Trouble of the float run, of the data or of the weights as they are is that of all cells that are
 * left; lack of memory is the job's. */
static int fail_rest(struct network_job *job, const struct error *error)
{
	if (error->status == STATUS_MACHINE)
		return -1;
	for (size_t i = 0; i < job->count; i++) {
		struct network_cell *cell = &job->cells[i];

		if (cell->result.outcome == OUTCOME_PLANNED)
			cell_fail(cell, error);
		tell(job, cell);
	}
	return 0;
}

static int run_wave(struct network_job *job, size_t first, size_t last, struct error *error)
{
	struct wave wave = { .job = job, .first = first, .last = last };
	int failed = weights_make(job, first, last, error);

	if (!failed)
		failed = outputs_divide(job, first, last, error);
	if (!failed)
		failed = parallel_for(job->env, job->jobs, last - first, prepare_cell, &wave,
				      error);
	weights_unmake(job);
	if (!failed)
		failed = run_batches(&wave, error);
	if (!failed && !job->stopped && !first && !job->task_alone)
		failed = facts_finish(job, error);
	if (!failed && !job->stopped && job->sensitivity_samples)
		failed = drawn_run(job, first, last, error);
	if (!failed && !job->stopped)
		failed = report_wave(&wave, error);
	for (size_t i = first; i < last; i++)
		cell_release(job, &job->cells[i]);
	return failed;
}

static int run_waves(struct network_job *job, struct error *error)
{
	const size_t fitting = job->options->memory / 2 / cell_memory(job);
	const size_t most = fitting < 1 ? 1 : fitting < WAVE_MOST ? fitting : WAVE_MOST;

	for (size_t first = 0; first < job->count && !job->stopped; first += most) {
		const size_t left = job->count - first;

		if (run_wave(job, first, first + (left < most ? left : most), error))
			return -1;
	}
	return 0;
}

static int find_cells(struct network_job *job, size_t first, size_t count, struct error *error)
{
	job->cells = env_new(job->env, count, sizeof *job->cells, "the cells of a network", error);
	if (!job->cells)
		return -1;
	for (size_t i = first; i < first + count; i++) {
		const struct accuracy_cell *cell = &job->plan->accuracies[i];

		if (cell->outcome != OUTCOME_PLANNED)
			continue;
		job->cells[job->count++] = (struct network_cell){
			.cell = i, .recipe = &cell->recipe, .result.outcome = OUTCOME_PLANNED
		};
	}
	return 0;
}

static int measure(struct network_job *job, struct error *error)
{
	const struct subject *subject = job->subject;

	if (cells_open(job, error) ||
	    data_make(&job->evaluation, job->env, subject->network, &subject->evaluation, error) ||
	    (job->sensitivity_samples && drawn_open(job, error)) ||
	    job_new_rooms(job, error) || facts_new(job, error) || job_measure_weights(job, error) ||
	    job_calibrate(job, error))
		return -1;
	job_step(job, network_shared_cost(subject, job->layers));
	tell_decided(job);
	return run_waves(job, error);
}

static void job_close(struct network_job *job)
{
	job_free_rooms(job);
	facts_free(job);
	for (size_t i = 0; job->cells && i < job->count; i++)
		cell_close(job, &job->cells[i]);
	weights_free(job);
	drawn_close(job);
	data_free(&job->evaluation);
	env_free(job->env, job->cells);
	env_free(job->env, job->rules);
	env_free(job->env, job->needed);
	env_free(job->env, job->chosen);
	env_free(job->env, job->visits);
}

int network_measure(const struct plan *plan, size_t first, size_t count,
		    const struct network_options *options, network_done *done, network_step *step,
		    void *self, struct error *error)
{
	const size_t subject = plan->accuracies[first].subject;
	struct network_job job = { .plan = plan, .env = plan->env,
				   .subject = &plan->subjects.subjects[subject],
				   .layers = &plan->layers[subject], .options = options,
				   .done = done, .step = step, .self = self,
				   .jobs = options->jobs };
	int failed;

	job.task_alone = subject_is_task_alone(job.subject);
	job.metric = metric_of(job.subject->metric);
	if (job.subject->measure & MEASURE_SENSITIVITY)
		job.sensitivity_samples =
			sensitivity_samples(job.layers, job.subject->sensitivity_samples,
					    job.subject->evaluation.samples);
	failed = find_cells(&job, first, count, error);
	if (!failed && job.count)
		failed = measure(&job, error) && fail_rest(&job, error) ? -1 : 0;
	job_close(&job);
	return failed;
}
