/* SPDX-License-Identifier: MIT
 *
 * The samples that sensitivity is taken on, and a wave of cells on them, batch by batch.
 *
 * They are drawn, not the first ones: a file's samples may stand in the order of their classes.
 * The draw hangs on the number of evaluation samples alone, and those of a smaller number are among
 * those of a larger.  A piece of work is one part of one cell.
 */
#include "sensitivity_job.h"

#include "../estimate.h"
#include "../random.h"

#include <stdlib.h>
#include <string.h>

enum { DRAW_SEED = 1, DRAW_STREAM = 0x5e45 };

struct stage {                  /* cells from `first` on of the job, and a batch         */
	struct network_job *job;
	size_t first;
	int64_t sample, count;
};

static int by_place(const void *a, const void *b)
{
	const size_t x = *(const size_t *)a, y = *(const size_t *)b;

	return (x > y) - (x < y);
}

static int copy_samples(struct network_job *job, const size_t *order, struct error *error)
{
	const struct data *from = &job->evaluation;
	const size_t samples = (size_t)job->sensitivity_samples;
	const size_t inputs = (size_t)from->inputs, outputs = (size_t)from->outputs;
	const struct env *env = job->env;
	struct data *to = &job->drawn;

	*to = (struct data){ .env = env, .samples = job->sensitivity_samples,
			     .inputs = from->inputs, .outputs = from->outputs,
			     .peak = from->peak };
	to->x = env_new(env, samples * inputs, sizeof *to->x, "drawn samples", error);
	if (from->targets)
		to->targets = env_new(env, samples * outputs, sizeof *to->targets,
				      "drawn samples", error);
	if (from->classes)
		to->classes = env_new(env, samples, sizeof *to->classes, "drawn samples", error);
	if (!to->x || (from->targets && !to->targets) || (from->classes && !to->classes))
		return -1;
	for (size_t i = 0; i < samples; i++) {
		memcpy(to->x + i * inputs, from->x + order[i] * inputs, inputs * sizeof *to->x);
		if (to->targets)
			memcpy(to->targets + i * outputs, from->targets + order[i] * outputs,
			       outputs * sizeof *to->targets);
		if (to->classes)
			to->classes[i] = from->classes[order[i]];
	}
	return 0;
}

int drawn_open(struct network_job *job, struct error *error)
{
	const size_t all = (size_t)job->evaluation.samples;
	const size_t samples = (size_t)job->sensitivity_samples;
	size_t *order = env_new(job->env, all, sizeof *order, "drawn samples", error);
	uint64_t drawn = 0;
	int failed;

	job->drawn_scores = env_new(job->env, samples, sizeof *job->drawn_scores, "scores", error);
	if (!order || !job->drawn_scores) {
		env_free(job->env, order);
		return -1;
	}
	for (size_t i = 0; i < all; i++)
		order[i] = i;
	random_shuffle(order, all, DRAW_SEED, DRAW_STREAM, &drawn);
	qsort(order, samples, sizeof *order, by_place);
	failed = copy_samples(job, order, error);
	env_free(job->env, order);
	return failed;
}

void drawn_close(struct network_job *job)
{
	env_free(job->env, job->drawn_scores);
	data_free(&job->drawn);
}

struct network_job drawn_job(const struct network_job *job)
{
	struct network_job drawn = *job;

	drawn.evaluation = job->drawn;
	drawn.float_scores = job->drawn_scores;
	drawn.float_runs = 0;
	return drawn;
}

static int run_piece(void *self, size_t piece, int thread, struct error *error)
{
	const struct stage *stage = self;
	struct network_job *job = stage->job;
	const enum sensitivity_part part = (enum sensitivity_part)(piece % PARTS);
	struct network_cell *cell = &job->cells[stage->first + piece / PARTS];

	if (cell->result.outcome != OUTCOME_PLANNED || !cell->sensing->has[part])
		return 0;
	return sensing_batch(job, cell, part, &job->lanes[thread], stage->sample, stage->count,
			     error);
}

static double cost_of_cells(const struct network_job *job, size_t first, size_t last)
{
	double cost = 0;

	for (size_t i = first; i < last; i++)
		if (job->cells[i].result.outcome == OUTCOME_PLANNED)
			cost += network_sensitivity_cost(job->subject, job->layers,
							 job->cells[i].recipe);
	return cost;
}

int drawn_run(struct network_job *job, size_t first, size_t last, struct error *error)
{
	struct network_job on_drawn = drawn_job(job);
	struct stage stage = { .job = &on_drawn, .first = first };
	const struct data *data = &job->drawn;
	const double cost = cost_of_cells(job, first, last);

	for (; stage.sample < data->samples; stage.sample += stage.count) {
		const int64_t left = data->samples - stage.sample;

		stage.count = left < job->batch ? left : job->batch;
		if (float_run(&on_drawn, data->x + stage.sample * data->inputs, stage.count, error))
			return -1;
		task_score(&on_drawn, job->float_edges.edges[job->layers->count].values,
			   stage.sample, stage.count, on_drawn.float_scores);
		if (parallel_for(job->env, job->jobs, (last - first) * PARTS, run_piece, &stage,
				 error))
			return -1;
		if (job_step(job, cost * (double)stage.count / (double)data->samples))
			break;
	}
	job->float_runs += on_drawn.float_runs;
	return 0;
}
