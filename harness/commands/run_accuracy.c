/* SPDX-License-Identifier: MIT
 *
 * The pool of accuracy cells.  A job is all cells of a subject that share their slices, so that
 * these are sorted once; workers measure, a bounded queue brings results to the one thread that
 * writes.
 */
#include "run.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

enum { QUEUE_ROOM = 64 };

struct job {
	size_t first, count; /* accuracy cells                                        */
	double cost;
	size_t bytes; /* what its tensors take while it is measured            */
};

struct message {
	enum { MESSAGE_CELL, MESSAGE_HISTOGRAM, MESSAGE_ERROR } kind;
	size_t index; /* of the cell, or of the subject                        */
	struct accuracy_result result;
	struct histogram histogram;
	struct error error;
};

struct pool {
	struct run *run;
	struct job *jobs;
	size_t job_count, next_job;
	size_t bytes; /* of the jobs that are under way                        */
	int workers;  /* that have not ended                                   */
	bool stop;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct message *queue; /* [QUEUE_ROOM], a ring                                  */
	size_t head, length;
};

struct worker {
	struct pool *pool;
	struct job *job;
};

static void push(struct pool *pool, const struct message *message)
{
	pthread_mutex_lock(&pool->lock);
	while (pool->length == QUEUE_ROOM && !pool->stop)
		pthread_cond_wait(&pool->changed, &pool->lock);
	if (!pool->stop) {
		pool->queue[(pool->head + pool->length++) % QUEUE_ROOM] = *message;
		pthread_cond_broadcast(&pool->changed);
	}
	pthread_mutex_unlock(&pool->lock);
}

/* Called by accuracy_measure after each cell, on the worker's thread. */
static int cell_done(void *self, size_t cell, const struct accuracy_result *result)
{
	struct worker *worker = self;
	struct message message = { .kind = MESSAGE_CELL, .index = cell, .result = *result };
	bool stop;

	push(worker->pool, &message);
	pthread_mutex_lock(&worker->pool->lock);
	stop = worker->pool->stop;
	pthread_mutex_unlock(&worker->pool->lock);
	return stop;
}

/* The kernel kills a process that takes more than there is, so such a job must not start. */
static void refuse_job(struct pool *pool, const struct job *job)
{
	struct message message = { .kind = MESSAGE_CELL, .result.outcome = OUTCOME_FAILED };

	snprintf(message.result.reason, sizeof message.result.reason,
		 "measuring it takes about %.0f GiB of memory, and this machine has %.0f; take a "
		 "smaller tensor or a part of it",
		 ldexp((double)job->bytes, -30), ldexp((double)pool->run->machine_memory, -30));
	for (size_t i = job->first; i < job->first + job->count; i++) {
		message.index = i;
		if (pool->run->plan->accuracies[i].outcome == OUTCOME_PLANNED)
			push(pool, &message);
	}
}

/* Fewer jobs than workers: those share what a job can share. */
static int job_threads(const struct pool *pool)
{
	const int threads = (int)((size_t)pool->run->jobs / pool->job_count);

	return threads > 1 ? threads : 1;
}

static void measure_job(struct pool *pool, struct job *job)
{
	struct worker worker = { pool, job };
	struct message message = { 0 };
	struct histogram histograms[2];
	struct accuracy_result *results;
	int histogram_count = 0;

	results = env_new(pool->run->env, job->count, sizeof *results, "results", &message.error);
	if (!results ||
	    accuracy_measure(pool->run->plan, job->first, job->count, job_threads(pool), results,
			     histograms, &histogram_count, cell_done, &worker, &message.error)) {
		message.kind = MESSAGE_ERROR;
		push(pool, &message);
	}
	for (int i = 0; i < histogram_count; i++) {
		message.kind = MESSAGE_HISTOGRAM;
		message.index = pool->run->plan->accuracies[job->first].subject;
		message.histogram = histograms[i];
		push(pool, &message);
	}
	env_free(pool->run->env, results);
}

/* The next job, once it fits into the memory beside those under way; a job alone always goes. */
static struct job *take_job(struct pool *pool)
{
	struct job *job = NULL;

	pthread_mutex_lock(&pool->lock);
	while (!pool->stop && pool->next_job < pool->job_count) {
		job = &pool->jobs[pool->next_job];
		if (!pool->bytes || pool->bytes + job->bytes <= pool->run->memory) {
			pool->next_job++;
			pool->bytes += job->bytes;
			break;
		}
		job = NULL;
		pthread_cond_wait(&pool->changed, &pool->lock);
	}
	pthread_mutex_unlock(&pool->lock);
	return job;
}

static void *work(void *argument)
{
	struct pool *pool = argument;
	struct job *job;

	while ((job = take_job(pool)) != NULL) {
		if (job->bytes > pool->run->machine_memory)
			refuse_job(pool, job);
		else
			measure_job(pool, job);
		pthread_mutex_lock(&pool->lock);
		pool->bytes -= job->bytes;
		pthread_cond_broadcast(&pool->changed);
		pthread_mutex_unlock(&pool->lock);
	}
	pthread_mutex_lock(&pool->lock);
	pool->workers--;
	pthread_cond_broadcast(&pool->changed);
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

/* Waits for a message; false when all workers have ended and nothing is left. */
static bool pop(struct pool *pool, struct message *message)
{
	bool found;

	pthread_mutex_lock(&pool->lock);
	while (!pool->length && pool->workers)
		pthread_cond_wait(&pool->changed, &pool->lock);
	found = pool->length > 0;
	if (found) {
		*message = pool->queue[pool->head];
		pool->head = (pool->head + 1) % QUEUE_ROOM;
		pool->length--;
		pthread_cond_broadcast(&pool->changed);
	}
	pthread_mutex_unlock(&pool->lock);
	return found;
}

int run_count_cell(struct run *run, size_t index, int failed, enum outcome outcome,
		   const char *reason, struct error *error)
{
	const char *label = run->plan->accuracies[index].label;

	if (failed) {
		/* --again found another number than the stored one: one failed cell, not the end */
		if (error->status != STATUS_FAILED)
			return -1;
		run->failed++;
		run_say(run, label, error->text);
		*error = (struct error){ 0 };
		return 0;
	}
	run->done += outcome == OUTCOME_DONE;
	run->failed += outcome == OUTCOME_FAILED;
	run->skipped += outcome == OUTCOME_SKIPPED;
	if (outcome == OUTCOME_FAILED)
		run_say(run, label, reason);
	return 0;
}

static int take_cell(struct run *run, const struct message *message, struct error *error)
{
	const struct accuracy_cell *cell = &run->plan->accuracies[message->index];
	const struct accuracy_result *result = &message->result;
	const int failed = store_put_accuracy(run->store, run->plan, message->index, result, error);

	if (run_count_cell(run, message->index, failed, result->outcome, result->reason, error))
		return -1;
	run->totals.element_visits += result->element_visits;
	run->totals.accuracy_cost += cell->cost;
	progress_step(run->progress, cell->cost / (run->accuracy_rate * run->jobs), cell->label);
	return 0;
}

/* The writer: takes what the workers bring until they have ended, or something is wrong. */
static int write_results(struct pool *pool, struct error *error)
{
	struct run *run = pool->run;
	struct message *message = env_new(run->env, 1, sizeof *message, "a result", error);
	int failed = message ? 0 : -1;

	while (!failed && !*run->stop && pop(pool, message)) {
		if (message->kind == MESSAGE_CELL)
			failed = take_cell(run, message, error);
		else if (message->kind == MESSAGE_HISTOGRAM)
			failed = store_put_histogram(run->store, run->plan, message->index,
						     &message->histogram, error);
		else {
			*error = message->error;
			failed = -1;
		}
	}
	env_free(run->env, message);
	return failed;
}

static int dearest_first(const void *a, const void *b)
{
	const struct job *x = a, *y = b;

	if (x->cost != y->cost)
		return x->cost < y->cost ? 1 : -1;
	return x->first < y->first ? -1 : x->first > y->first;
}

/* One job for all cells of a subject that share their slices; networks have jobs of their own. */
static int make_jobs(struct pool *pool, struct error *error)
{
	const struct plan *plan = pool->run->plan;
	const struct accuracy_cell *cells = plan->accuracies;

	pool->jobs =
		env_new(plan->env, plan->accuracy_count, sizeof *pool->jobs, "the jobs", error);
	if (!pool->jobs)
		return -1;
	for (size_t i = 0; i < plan->accuracy_count;) {
		struct job job = { .first = i };

		for (; i < plan->accuracy_count &&
		       !accuracy_compare_slices(&cells[job.first], &cells[i]);
		     i++)
			if (cells[i].outcome == OUTCOME_PLANNED)
				job.cost += cells[i].cost;
		job.count = i - job.first;
		if (plan->subjects.subjects[cells[job.first].subject].kind == SUBJECT_NETWORK)
			continue;
		/* values, their sorted copies, prefix sums and the simulated values */
		job.bytes = (size_t)plan->subjects.subjects[cells[job.first].subject].elements * 44;
		if (job.cost > 0)
			pool->jobs[pool->job_count++] = job;
	}
	qsort(pool->jobs, pool->job_count, sizeof *pool->jobs, dearest_first);
	return 0;
}

static int run_pool(struct pool *pool, struct error *error)
{
	const struct run *run = pool->run;
	pthread_t *threads =
		env_new(run->env, (size_t)run->jobs, sizeof *threads, "threads", error);
	int started = 0, failed = threads ? 0 : -1;

	pool->workers = threads ? run->jobs : 0;
	for (; !failed && started < run->jobs; started++)
		if (pthread_create(&threads[started], NULL, work, pool)) {
			failed = fail(error, STATUS_MACHINE,
				      "thread %d of %d could not be started; try "
				      "fewer with --jobs",
				      started + 1, run->jobs);
			break;
		}
	if (!failed)
		failed = write_results(pool, error);
	pthread_mutex_lock(&pool->lock);
	pool->stop = true;
	pthread_cond_broadcast(&pool->changed);
	pthread_mutex_unlock(&pool->lock);
	while (started > 0)
		pthread_join(threads[--started], NULL);
	env_free(run->env, threads);
	return failed;
}

int run_accuracy(struct run *run, struct error *error)
{
	struct pool pool = { .run = run,
			     .lock = PTHREAD_MUTEX_INITIALIZER,
			     .changed = PTHREAD_COND_INITIALIZER };
	const uint64_t start = run->env->now_ns(run->env);
	int failed;

	pool.queue = env_new(run->env, QUEUE_ROOM, sizeof *pool.queue, "the results", error);
	failed = pool.queue ? make_jobs(&pool, error) : -1;
	if (!failed)
		failed = run_pool(&pool, error);
	env_free(run->env, pool.jobs);
	env_free(run->env, pool.queue);
	run->totals.accuracy_seconds += (double)(run->env->now_ns(run->env) - start) * 1e-9;
	return failed;
}
