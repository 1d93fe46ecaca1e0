/* SPDX-License-Identifier: MIT
 *
 * Accuracy cells of one subject, in the order that shares work: by seed (a synthetic tensor depends
 * on it), then by what is sliced alike.
 */
#include "accuracy_job.h"

#include <math.h>
#include <string.h>

/* Every cell of the job gets this outcome and reason. */
static void job_fail(struct accuracy_job *job, enum outcome outcome, const char *reason)
{
	for (size_t i = 0; i < job->count; i++) {
		struct accuracy_result *result = &job->results[job->cells[i] - job->first];

		result->outcome = outcome;
		snprintf(result->reason, sizeof result->reason, "%.*s", REASON_SIZE - 1, reason);
	}
}

bool job_done(struct accuracy_job *job, size_t cell)
{
	const struct accuracy_result *result = &job->results[cell - job->first];

	job->stopped = job->stopped || (job->done && job->done(job->self, cell, result));
	return job->stopped;
}

/* Trouble with a tensor is the trouble of its cells, lack of memory is not. */
static int load_failed(struct accuracy_job *job, const struct error *error)
{
	if (error->status == STATUS_MACHINE)
		return -1;
	job_fail(job, OUTCOME_FAILED, error->text);
	for (size_t i = 0; i < job->count && !job_done(job, job->cells[i]); i++)
		continue;
	return 1;
}

int job_load(struct accuracy_job *job, const struct source *source, struct tensor *tensor,
	     struct error *error)
{
	if (source_load(source, job->plan->env, job->seed, tensor, error))
		return load_failed(job, error);
	if (!tensor_check_finite(tensor, source->name, error))
		return 0;
	tensor_free(tensor);
	return load_failed(job, error);
}

void histogram_fill(struct histogram *histogram, const struct tensor *tensor, const char *name)
{
	const int64_t all = tensor->rows * tensor->columns;

	*histogram = (struct histogram){ .tensor = name };
	for (int64_t i = 0; i < all; i++) {
		const double x = (double)tensor->values[i];

		histogram->low = x < histogram->low ? x : histogram->low;
		histogram->high = x > histogram->high ? x : histogram->high;
	}
	const double width = (histogram->high - histogram->low) / HISTOGRAM_BINS;
	for (int64_t i = 0; i < all; i++) {
		const double place =
			width > 0 ? ((double)tensor->values[i] - histogram->low) / width : 0;
		const int bin = (int)place;

		histogram->count[bin < HISTOGRAM_BINS ? bin : HISTOGRAM_BINS - 1]++;
	}
}

static const struct rule *tensor_rule(const struct accuracy_job *job, size_t cell)
{
	const struct recipe *recipe = &job->plan->accuracies[cell].recipe;

	return job->subject->as_activations ? &recipe->activations : &recipe->weights;
}

void case_of(struct operand_case *one, const struct recipe *recipe, const struct rule *rule)
{
	*one = (struct operand_case){ .rule = rule, .round = recipe_round(recipe) };
	if (rule == &recipe->activations)
		one->batch = recipe->calibration_batch;
}

static void take_case(struct accuracy_result *result, const struct operand_case *one)
{
	result->outcome = one->outcome;
	memcpy(result->reason, one->reason, sizeof result->reason);
	memcpy(result->warning, one->warning, sizeof result->warning);
	result->rows = one->outcome == OUTCOME_DONE;
	result->row[0] = one->numbers;
	result->element_visits = one->visits;
	result->seconds = one->seconds;
}

/* All cells of the job that are sliced as cell `from` is, and are not measured yet. */
static int measure_alike(struct accuracy_job *job, const struct tensor *tensor, size_t from,
			 struct operand_case *cases, size_t *members, struct error *error)
{
	const struct slicing slicing = slicing_of(tensor_rule(job, job->cells[from]));
	size_t count = 0;

	for (size_t i = from; i < job->count; i++) {
		const size_t cell = job->cells[i];
		const struct slicing other = slicing_of(tensor_rule(job, cell));

		if (job->results[cell - job->first].outcome != OUTCOME_PLANNED ||
		    !slicing_equal(&slicing, &other))
			continue;
		case_of(&cases[count], &job->plan->accuracies[cell].recipe, tensor_rule(job, cell));
		members[count++] = cell;
	}
	if (operand_measure_on(job->threads, tensor, &slicing, "tensor", cases, count, error))
		return -1;
	for (size_t i = 0; i < count; i++)
		take_case(&job->results[members[i] - job->first], &cases[i]);
	for (size_t i = 0; i < count && !job_done(job, members[i]); i++)
		continue;
	return 0;
}

static int measure_tensor(struct accuracy_job *job, const struct tensor *tensor,
			  struct error *error)
{
	const struct env *env = job->plan->env;
	struct operand_case *cases = env_new(env, job->count, sizeof *cases, "cases", error);
	size_t *members = env_new(env, job->count, sizeof *members, "cases", error);
	int failed = cases && members ? 0 : -1;

	for (size_t i = 0; i < job->count && !failed && !job->stopped; i++)
		if (job->results[job->cells[i] - job->first].outcome == OUTCOME_PLANNED)
			failed = measure_alike(job, tensor, i, cases, members, error);
	env_free(env, cases);
	env_free(env, members);
	return failed;
}

static int tensor_job(struct accuracy_job *job, struct error *error)
{
	const struct subject *subject = job->subject;
	const struct source *source = subject->as_activations ? &subject->a : &subject->w;
	struct tensor tensor;
	int failed = job_load(job, source, &tensor, error);

	if (failed)
		return failed < 0 ? -1 : 0;
	if (!*job->histogram_count)
		histogram_fill(&job->histograms[(*job->histogram_count)++], &tensor, "tensor");
	failed = measure_tensor(job, &tensor, error);
	tensor_free(&tensor);
	return failed;
}

/* The planned cells of one seed: job->cells. */
static void cells_of_seed(struct accuracy_job *job, size_t count)
{
	job->count = 0;
	for (size_t i = 0; i < count; i++) {
		const struct accuracy_cell *cell = &job->plan->accuracies[job->first + i];

		if (cell->outcome == OUTCOME_PLANNED && cell->recipe.seed == job->seed)
			job->cells[job->count++] = job->first + i;
	}
}

int accuracy_measure(const struct plan *plan, size_t first, size_t count, int threads,
		     struct accuracy_result *results, struct histogram *histograms,
		     int *histogram_count, accuracy_done *done, void *self, struct error *error)
{
	struct accuracy_job job = { .plan = plan, .first = first, .threads = threads,
				    .results = results, .histograms = histograms,
				    .histogram_count = histogram_count, .done = done,
				    .self = self };
	int failed = 0;

	*histogram_count = 0;
	job.cells = env_new(plan->env, count, sizeof *job.cells, "the cells of a subject", error);
	if (!job.cells)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (plan->accuracies[first + i].outcome == OUTCOME_PLANNED)
			results[i] = (struct accuracy_result){ .outcome = OUTCOME_PLANNED };
	for (size_t i = 0; i < count && !failed && !job.stopped; i++) {
		const struct accuracy_cell *cell = &plan->accuracies[first + i];

		if (cell->outcome != OUTCOME_PLANNED || results[i].outcome != OUTCOME_PLANNED)
			continue;
		job.subject = &plan->subjects.subjects[cell->subject];
		job.seed = cell->recipe.seed;
		cells_of_seed(&job, count);
		failed = job.subject->kind == SUBJECT_TENSOR ? tensor_job(&job, error) :
							       op_job(&job, error);
	}
	env_free(plan->env, job.cells);
	return failed;
}
