/* SPDX-License-Identifier: MIT
 *
 * Static ranges of activations: the values that an edge has over all calibration samples are sorted
 * once, and every distinct rule of the job's cells is chosen on them.  Edges whose values fit into
 * the memory together share one float run over the samples; the ranges do not depend on how many.
 */
#include "network_job.h"

#include <math.h>
#include <string.h>

struct calibrating {
	struct network_job *job;
	int64_t samples;
	struct data data;
	size_t *edges;          /* [wanted] those that some rule needs                   */
	size_t wanted, first, last;      /* the group at hand: edges[first .. last)       */
	float **values;         /* [wanted] [samples][elements], of the group            */
	int sorters;            /* threads that sort at once                             */
	struct slice_room *rooms;        /* [sorters]                                     */
};

enum { SORTED_BYTES = 13 };     /* of a value, and in a slice_room                       */

static size_t edge_count(const struct network_job *job)
{
	return job->layers->count + 1;
}

static int64_t values_of(const struct calibrating *work, size_t edge)
{
	return work->samples * work->job->layers->edges[edge].elements;
}

static void find_edges(struct calibrating *work)
{
	const struct network_job *job = work->job;

	for (size_t e = 0; e < edge_count(job); e++) {
		bool needed = false;

		for (size_t r = 0; r < job->rule_count; r++)
			needed |= job->needed[r * edge_count(job) + e];
		if (needed)
			work->edges[work->wanted++] = e;
	}
}

/* One edge, sorted once, under all rules that need it. */
static int choose_edge(void *self, size_t piece, int thread, struct error *error)
{
	struct calibrating *work = self;
	struct network_job *job = work->job;
	const size_t i = work->first + piece, edge = work->edges[i];
	struct slice_room *room = &work->rooms[thread];
	uint64_t before = room->visits;
	struct slice slice = slice_of(room, work->values[i], values_of(work, edge));

	const uint64_t sorted = room->visits;
	facts_of_calibration(job, edge, &slice);
	room->visits = sorted;          /* facts choose nothing */
	for (size_t r = 0; r < job->rule_count; r++) {
		const struct choice_terms *terms = &job->rules[r];
		const size_t place = r * edge_count(job) + edge;

		if (!job->needed[place])
			continue;
		if (terms->batch)
			slice.batch = terms->batch * job->layers->edges[edge].elements;
		if (slice_choose(&job->chosen[place], terms->rule, terms->round, &slice, job->env,
				 error))
			return -1;
		job->visits[place] = room->visits - before;
		before = room->visits;
	}
	return 0;
}

/* The float run over all calibration samples; the group's edges are kept. */
static int record_group(struct calibrating *work, struct error *error)
{
	struct network_job *job = work->job;
	const int64_t samples = work->data.samples;

	for (int64_t first = 0; first < samples; first += job->batch) {
		const int64_t left = samples - first, count = left < job->batch ? left : job->batch;

		if (float_run(job, work->data.x + first * work->data.inputs, count, error))
			return -1;
		for (size_t i = work->first; i < work->last; i++) {
			const size_t edge = work->edges[i];
			const int64_t elements = job->layers->edges[edge].elements;

			memcpy(work->values[i] + first * elements,
			       job->float_edges.edges[edge].values,
			       (size_t)(count * elements) * sizeof(float));
		}
		if (job_step(job, 0))
			return 0;
	}
	return 0;
}

static int64_t longest_wanted(const struct calibrating *work)
{
	int64_t longest = 1;

	for (size_t i = 0; i < work->wanted; i++)
		if (values_of(work, work->edges[i]) > longest)
			longest = values_of(work, work->edges[i]);
	return longest;
}

/* The kernel kills a process that takes more memory than there is: before a sample is drawn, the
 * cells that need a static range are refused.  true: they are. */
static bool refuse_memory(const struct calibrating *work)
{
	const struct network_job *job = work->job;
	const size_t bytes = (size_t)longest_wanted(work) * SORTED_BYTES;
	const size_t machine = job->options->machine_memory;

	if (!machine || bytes <= machine)
		return false;
	for (size_t i = 0; i < job->count; i++) {
		struct network_cell *cell = &job->cells[i];

		if (cell->result.outcome == OUTCOME_PLANNED && cell->choice != NO_CASE)
			cell_end(cell, OUTCOME_FAILED, "calibrating on %lld samples takes about "
				 "%.0f GiB of memory, and this machine has %.0f; take fewer "
				 "samples", (long long)work->samples, ldexp((double)bytes, -30),
				 ldexp((double)machine, -30));
	}
	return true;
}

static int new_rooms(struct calibrating *work, struct error *error)
{
	const struct network_job *job = work->job;
	const int64_t longest = longest_wanted(work);
	const size_t fitting = job->options->memory / 2 / ((size_t)longest * SORTED_BYTES);

	work->sorters = fitting < (size_t)job->jobs ? (int)fitting : job->jobs;
	if (work->sorters < 1)
		work->sorters = 1;
	work->rooms = env_new(job->env, (size_t)work->sorters, sizeof *work->rooms,
			      "sorted activations", error);
	if (!work->rooms)
		return -1;
	for (int i = 0; i < work->sorters; i++)
		if (slice_room_new(&work->rooms[i], job->env, longest, error))
			return -1;
	return 0;
}

/* As many edges from work->first on as half the memory holds, at least one. */
static int new_group(struct calibrating *work, struct error *error)
{
	const struct network_job *job = work->job;
	size_t room = job->options->memory / 2;

	for (work->last = work->first; work->last < work->wanted; work->last++) {
		const size_t count = (size_t)values_of(work, work->edges[work->last]);
		const size_t bytes = count * sizeof(float);

		if (bytes > room && work->last > work->first)
			break;
		room -= bytes < room ? bytes : room;
		work->values[work->last] = env_new(job->env, count, sizeof(float),
						   "the activations of calibration samples", error);
		if (!work->values[work->last])
			return -1;
	}
	return 0;
}

static void free_values(struct calibrating *work)
{
	for (size_t i = 0; work->values && i < work->wanted; i++) {
		env_free(work->job->env, work->values[i]);
		work->values[i] = NULL;
	}
}

static int calibrate_edges(struct calibrating *work, struct error *error)
{
	const struct network_job *job = work->job;
	int failed = 0;

	if (new_rooms(work, error))
		return -1;
	for (; !failed && !job->stopped && work->first < work->wanted; work->first = work->last) {
		failed = new_group(work, error);
		if (!failed)
			failed = record_group(work, error);
		if (!failed && !job->stopped)
			failed = parallel_for(job->env, work->sorters, work->last - work->first,
					      choose_edge, work, error);
		free_values(work);
	}
	return failed;
}

/* A cell's own edges: one that refuses ends it. */
static void take_ranges(const struct network_job *job, struct network_cell *cell)
{
	for (size_t edge = 0; edge < edge_count(job); edge++) {
		const size_t e = layers_grid_of(job->layers, edge);
		const struct chosen *chosen = &job->chosen[cell->choice * edge_count(job) + e];
		const char *name = edge_name(job->layers, e);

		if (!cell_quantizes(job, cell, edge))
			continue;
		if (chosen->reason) {
			cell_end(cell, OUTCOME_SKIPPED, "activations of '%s': %s", name,
				 chosen->reason);
			return;
		}
		if (chosen->warning)
			warn(cell, name, chosen->warning);
	}
}

static int warn_of_common(struct calibrating *work, struct error *error)
{
	struct network_job *job = work->job;
	int64_t common;

	if (data_common(&work->data, &job->evaluation, &common, error))
		return -1;
	if (common)
		snprintf(job->common_warning, sizeof job->common_warning,
			 "%lld of %lld evaluation samples are calibration samples too",
			 (long long)common, (long long)job->evaluation.samples);
	return 0;
}

static void calibrating_free(struct calibrating *work)
{
	const struct env *env = work->job->env;

	for (int i = 0; work->rooms && i < work->sorters; i++)
		slice_room_free(&work->rooms[i]);
	env_free(env, work->rooms);
	free_values(work);
	env_free(env, work->values);
	env_free(env, work->edges);
	data_free(&work->data);
}

static int calibrate(struct calibrating *work, struct error *error)
{
	const struct network_job *job = work->job;
	const struct subject *subject = job->subject;

	work->edges = env_new(job->env, edge_count(job), sizeof *work->edges, "edges", error);
	work->values = env_new(job->env, edge_count(job), sizeof *work->values, "edges", error);
	if (!work->edges || !work->values)
		return -1;
	find_edges(work);
	if (refuse_memory(work))
		return 0;
	if (data_make(&work->data, job->env, subject->network, &subject->calibration, error) ||
	    warn_of_common(work, error))
		return -1;
	return calibrate_edges(work, error);
}

int job_calibrate(struct network_job *job, struct error *error)
{
	struct calibrating work = { .job = job, .samples = job->subject->calibration.samples };
	int failed;

	if (!job->rule_count)
		return 0;
	failed = calibrate(&work, error);
	calibrating_free(&work);
	for (size_t i = 0; !failed && !job->stopped && i < job->count; i++) {
		struct network_cell *cell = &job->cells[i];

		if (cell->result.outcome != OUTCOME_PLANNED || cell->choice == NO_CASE)
			continue;
		if (*job->common_warning)
			warn(cell, NULL, job->common_warning);
		take_ranges(job, cell);
	}
	return failed;
}
