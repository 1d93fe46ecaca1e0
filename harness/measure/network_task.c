/* SPDX-License-Identifier: MIT
 *
 * Scores of samples, the task's value, and what a run lost and gained against the float run.
 */
#include "network_job.h"

#include "../sums.h"
#include "paired.h"

#include <math.h>
#include <string.h>

void task_score(const struct network_job *job, const float *output, int64_t first, int64_t count,
		double *scores)
{
	const struct data *data = &job->evaluation;
	const size_t last = job->layers->count;
	const int64_t outputs = job->layers->edges[last].elements;
	const float *reference = job->float_edges.edges[last].values;

	for (int64_t s = 0; s < count; s++) {
		const int64_t sample = first + s;
		const struct metric_truth truth = {
			.class_index = data->classes ? data->classes[sample] : 0,
			.target = data->targets ? data->targets + sample * outputs : NULL,
			.reference = reference + s * outputs,
			.peak = data->peak,
		};

		scores[sample] = job->metric->score(output + s * outputs, outputs, &truth);
	}
}

static double mean(const double *scores, int64_t count)
{
	struct sum sum = { 0 };

	for (int64_t i = 0; i < count; i++)
		sum_add(&sum, scores[i]);
	return sum_total(&sum) / (double)count;
}

/* As they are stored: a bit a sample, or its double. */
static int keep_samples(const struct network_job *job, const double *scores,
			struct task_numbers *task, struct error *error)
{
	const size_t count = (size_t)job->evaluation.samples;
	const bool bits = job->metric->counted;

	task->samples_size = bits ? (count + 7) / 8 : count * sizeof *scores;
	task->samples = env_new(job->env, task->samples_size, 1, "the samples' scores", error);
	if (!task->samples)
		return -1;
	if (!bits)
		memcpy(task->samples, scores, task->samples_size);
	for (size_t i = 0; bits && i < count; i++)
		if (scores[i] > 0)
			task->samples[i / 8] |= (unsigned char)(1U << i % 8);
	return 0;
}

/* Lost and gained of right answers, a difference of losses. */
static struct paired compare(const struct network_job *job, const double *first,
			     const double *second, int64_t samples)
{
	int64_t lost = 0, gained = 0;

	if (!job->metric->counted)
		return paired_losses(first, second, samples);
	for (int64_t i = 0; i < samples; i++) {
		lost += first[i] > second[i];
		gained += first[i] < second[i];
	}
	return paired_counts(lost, gained, samples);
}

/* Of a metric whose value is no mean; first may be NULL. */
static int summarize(const struct network_job *job, const double *first, const double *second,
		     int64_t samples, struct task_numbers *task, struct error *error)
{
	struct metric_summary summary;

	if (job->metric->summarize(job->env, first, second, job->evaluation.classes, samples,
				   &summary, error))
		return -1;
	task->value = summary.value;
	task->difference = summary.difference;
	task->low = summary.low;
	task->high = summary.high;
	return 0;
}

int task_compare(const struct network_job *job, const double *scores, int64_t samples,
		 struct task_numbers *task, struct error *error)
{
	if (job->metric->summarize)
		return summarize(job, job->float_scores, scores, samples, task, error);
	const struct paired paired = compare(job, job->float_scores, scores, samples);

	task->value = mean(scores, samples);
	task->difference = paired.difference;
	task->low = paired.low;
	task->high = paired.high;
	task->counted = job->metric->counted;
	task->lost = paired.lost;
	task->gained = paired.gained;
	return 0;
}

static int report_run(const struct network_job *job, const double *scores, bool is_float,
		      struct task_numbers *task, struct error *error)
{
	const int64_t samples = job->evaluation.samples;
	const double none = (double)NAN;

	task->measured = true;
	if (!is_float) {
		if (task_compare(job, scores, samples, task, error))
			return -1;
	} else if (job->metric->summarize) {
		if (summarize(job, NULL, scores, samples, task, error))
			return -1;
	} else {
		task->value = mean(scores, samples);
		task->difference = task->low = task->high = none;
	}
	return keep_samples(job, scores, task, error);
}

int task_report(struct network_job *job, struct network_cell *cell, struct error *error)
{
	struct network_result *result = &cell->result;

	result->metric = &job->metric->value;
	result->samples = job->evaluation.samples;
	if (report_run(job, job->float_scores, true, &result->task[RUN_FLOAT], error))
		return -1;
	for (int run = RUN_SIMULATED; run < RUN_KINDS; run++)
		if (cell->scores[run] &&
		    report_run(job, cell->scores[run], false, &result->task[run], error))
			return -1;
	return 0;
}

void task_free(const struct network_job *job, struct network_cell *cell)
{
	for (int run = 0; run < RUN_KINDS; run++) {
		env_free(job->env, cell->result.task[run].samples);
		cell->result.task[run].samples = NULL;
	}
}
