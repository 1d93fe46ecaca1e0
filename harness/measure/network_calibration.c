/* SPDX-License-Identifier: MIT
 *
 * Static ranges of activations: every distinct rule of the job's cells is chosen on the values that
 * an edge has over all calibration samples.  Edges whose streams (network_stream.h) fit into the
 * memory together share one float run over the samples, and a second one where a rule wants to look
 * closer; the ranges do not depend on how many fit.
 */
#include "network_stream.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

struct calibrating {
	struct network_job *job;
	int64_t samples;
	struct data_reader reader;
	struct data_common common;       /* with the evaluation                           */
	bool compared;          /* all samples                                           */
	float *x;               /* [job->batch][inputs]                                  */
	size_t *edges;          /* [wanted] those that some rule needs                   */
	size_t wanted, first, last;      /* the group at hand: edges[first .. last)       */
	struct stream *streams; /* [wanted], of the group                                */
	int lanes;              /* of each of them                                       */
	int64_t sample, count;  /* the batch at hand                                     */
	bool again;             /* the second run                                        */
	int choosers;           /* threads that choose at once                           */
	struct stream_room *rooms;       /* [choosers]                                    */
};

enum { SORTED_BYTES = 9 };      /* of a value in a slice_room                            */

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

	work->wanted = 0;
	for (size_t e = 0; e < edge_count(job); e++) {
		bool needed = false;

		for (size_t r = 0; r < job->rule_count; r++)
			needed |= job->needed[r * edge_count(job) + e];
		if (needed)
			work->edges[work->wanted++] = e;
	}
}

/* Cells of rule r cannot have their ranges. */
static void refuse_rule(const struct calibrating *work, size_t r, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void refuse_rule(const struct calibrating *work, size_t r, const char *format, ...)
{
	struct network_job *job = work->job;
	char reason[REASON_SIZE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(reason, sizeof reason, format, arguments);
	va_end(arguments);
	memset(job->needed + r * edge_count(job), false, edge_count(job) * sizeof *job->needed);
	for (size_t i = 0; i < job->count; i++)
		if (job->cells[i].result.outcome == OUTCOME_PLANNED && job->cells[i].choice == r)
			cell_end(&job->cells[i], OUTCOME_FAILED, "%s", reason);
}

/* Before a sample is drawn: the kernel kills a process that takes more memory than there is, which
 * only a whole batch of an order-dependent rule does, and bins have a most that they count. */
static void refuse_what_cannot_be(const struct calibrating *work)
{
	const struct network_job *job = work->job;
	const size_t machine = job->options->machine_memory;

	for (size_t i = 0; i < work->wanted; i++) {
		const size_t edge = work->edges[i];
		const int64_t elements = job->layers->edges[edge].elements;

		for (size_t r = 0; r < job->rule_count; r++) {
			const int64_t batch = job->rules[r].batch;
			const size_t bytes = (size_t)((batch < work->samples ? batch :
						       work->samples) * elements) * sizeof(float);

			if (!job->needed[r * edge_count(job) + edge])
				continue;
			if (values_of(work, edge) > BINS_VALUES_MOST)
				refuse_rule(work, r, "%lld calibration samples have more than 2^38 "
					    "values in '%s'; take fewer samples",
					    (long long)work->samples, edge_name(job->layers, edge));
			else if (rule_is_in_order(job->rules[r].rule) && machine && bytes > machine)
				refuse_rule(work, r, "a calibration batch of %lld samples takes "
					    "%.0f GiB of memory in '%s', and this machine has "
					    "%.0f; take "
					    "a smaller one", (long long)batch,
					    ldexp((double)bytes, -30), edge_name(job->layers, edge),
					    ldexp((double)machine, -30));
		}
	}
}

/* A lane of a stream of the group takes its share of the batch. */
static int record_piece(void *self, size_t piece, int thread, struct error *error)
{
	const struct calibrating *work = self;
	struct stream *stream = &work->streams[work->first + piece / (size_t)work->lanes];
	const float *x = work->job->float_edges.edges[stream->edge].values;
	const int lane = (int)(piece % (size_t)work->lanes);

	(void)thread;
	if (!work->again)
		return stream_add(stream, lane, work->sample, work->count, x, error);
	if (!lane && stream_wants_more(stream))
		stream_add_again(stream, work->count, x);
	return 0;
}

/* The next samples, drawn or read. */
static int read_batch(struct calibrating *work, struct error *error)
{
	const int64_t left = work->samples - work->sample, batch = work->job->batch;

	work->count = left < batch ? left : batch;
	if (data_reader_next(&work->reader, work->count, work->x, error))
		return -1;
	if (!work->compared)
		data_common_add(&work->common, work->x, work->count);
	return 0;
}

/* The float run over all calibration samples. */
static int record_group(struct calibrating *work, struct error *error)
{
	struct network_job *job = work->job;
	const size_t pieces = (work->last - work->first) * (size_t)work->lanes;

	data_reader_rewind(&work->reader);
	for (work->sample = 0; work->sample < work->samples; work->sample += work->count) {
		if (read_batch(work, error) || float_run(job, work->x, work->count, error) ||
		    parallel_for(job->env, job->jobs, pieces, record_piece, work, error))
			return -1;
		if (job_step(job, 0))
			return 0;
	}
	work->compared = true;
	return 0;
}

static int choose_piece(void *self, size_t piece, int thread, struct error *error)
{
	struct calibrating *work = self;
	struct stream *stream = &work->streams[work->first + piece];
	struct stream_room *room = &work->rooms[thread];

	if (!work->again)
		return stream_choose(stream, room, error);
	return stream_wants_more(stream) ? stream_choose_again(stream, room, error) : 0;
}

static bool wants_more(const struct calibrating *work)
{
	for (size_t i = work->first; i < work->last; i++)
		if (stream_wants_more(&work->streams[i]))
			return true;
	return false;
}

static int calibrate_group(struct calibrating *work, struct error *error)
{
	const struct network_job *job = work->job;

	for (int run = 0; run < 2; run++) {
		work->again = run > 0;
		if (work->again && !wants_more(work))
			break;
		if (record_group(work, error))
			return -1;
		if (job->stopped)
			break;
		if (parallel_for(job->env, work->choosers, work->last - work->first, choose_piece,
				 work, error))
			return -1;
	}
	return 0;
}

static int new_rooms(struct calibrating *work, struct error *error)
{
	const struct network_job *job = work->job;
	int64_t longest = 1;
	size_t bytes = 0;

	for (size_t i = 0; i < work->wanted; i++) {
		const int64_t values = values_of(work, work->edges[i]);

		if (!stream_is_kept(values))
			bytes = BINS_ROOM_BYTES_MOST;
		else if (values > longest)
			longest = values;
	}
	bytes += (size_t)longest * SORTED_BYTES + SCRATCH_MOST;
	const size_t fitting = job->options->memory / 2 / bytes;

	work->choosers = fitting < 1 ? 1 : fitting < (size_t)job->jobs ? (int)fitting : job->jobs;
	work->rooms = env_new(job->env, (size_t)work->choosers, sizeof *work->rooms,
			      "sorted activations", error);
	if (!work->rooms)
		return -1;
	for (int i = 0; i < work->choosers; i++) {
		work->rooms[i].binned.env = job->env;
		if (slice_room_new(&work->rooms[i].sorted, job->env, longest, error))
			return -1;
	}
	return 0;
}

/* As many edges from work->first on as half the memory holds, at least one; threads that are more
 * share them. */
static int new_group(struct calibrating *work, struct error *error)
{
	struct network_job *job = work->job;
	const size_t room = job->options->memory / 2;
	size_t used = 0;

	for (work->last = work->first; work->last < work->wanted; work->last++) {
		used += stream_bytes(job, work->edges[work->last], work->samples);
		if (used > room && work->last > work->first)
			break;
	}
	const int streams = (int)(work->last - work->first);

	work->lanes = (job->jobs + streams - 1) / streams;
	for (size_t i = work->first; i < work->last; i++)
		if (stream_new(&work->streams[i], job, work->edges[i], work->samples, work->lanes,
			       error))
			return -1;
	return 0;
}

static void free_streams(struct calibrating *work)
{
	for (size_t i = 0; work->streams && i < work->wanted; i++)
		stream_free(&work->streams[i]);
}

static int calibrate_edges(struct calibrating *work, struct error *error)
{
	const struct network_job *job = work->job;
	int failed = 0;

	if (new_rooms(work, error))
		return -1;
	for (; !failed && !job->stopped && work->first < work->wanted; work->first = work->last) {
		failed = new_group(work, error) || calibrate_group(work, error) ? -1 : 0;
		free_streams(work);
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

static void tell_common(const struct calibrating *work)
{
	struct network_job *job = work->job;
	const int64_t common = data_common_count(&work->common);

	if (common)
		snprintf(job->common_warning, sizeof job->common_warning,
			 "%lld of %lld evaluation samples are calibration samples too",
			 (long long)common, (long long)job->evaluation.samples);
}

static void calibrating_free(struct calibrating *work)
{
	const struct env *env = work->job->env;

	for (int i = 0; work->rooms && i < work->choosers; i++) {
		slice_room_free(&work->rooms[i].sorted);
		bins_room_free(&work->rooms[i].binned);
	}
	env_free(env, work->rooms);
	free_streams(work);
	env_free(env, work->streams);
	env_free(env, work->edges);
	data_reader_close(&work->reader);
	data_common_free(&work->common);
	env_free(env, work->x);
}

static int calibrate(struct calibrating *work, struct error *error)
{
	const struct network_job *job = work->job;
	const struct subject *subject = job->subject;

	work->edges = env_new(job->env, edge_count(job), sizeof *work->edges, "edges", error);
	work->streams = env_new(job->env, edge_count(job), sizeof *work->streams, "edges", error);
	if (!work->edges || !work->streams)
		return -1;
	find_edges(work);
	refuse_what_cannot_be(work);
	find_edges(work);
	if (!work->wanted)
		return 0;
	if (data_reader_open(&work->reader, job->env, subject->network, &subject->calibration,
			     error) ||
	    data_common_new(&work->common, &job->evaluation, error))
		return -1;
	work->x = env_new(job->env, (size_t)(job->batch * work->reader.inputs), sizeof *work->x,
			  "calibration samples", error);
	if (!work->x || calibrate_edges(work, error))
		return -1;
	tell_common(work);
	return 0;
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
