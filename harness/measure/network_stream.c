/* SPDX-License-Identifier: MIT */
#include "network_stream.h"

#include <string.h>

static const struct calibration *calibration_of_rule(const struct stream *stream, size_t r)
{
	return calibration_of(stream->job->rules[r].rule->calibration);
}

static size_t place_of(const struct stream *stream, size_t r)
{
	return r * (stream->job->layers->count + 1) + stream->edge;
}

static bool needs(const struct stream *stream, size_t r)
{
	return stream->job->needed[place_of(stream, r)];
}

/* Of an order-dependent rule: samples in a batch, never more than there are. */
static int64_t batch_of(const struct choice_terms *terms, int64_t samples)
{
	return terms->batch < samples ? terms->batch : samples;
}

/* Is rule r the first on this edge that is given batches of its size? */
static bool is_first_of_batch(const struct network_job *job, size_t edge, int64_t samples, size_t r)
{
	const size_t edges = job->layers->count + 1;

	if (!rule_is_in_order(job->rules[r].rule) || !job->needed[r * edges + edge])
		return false;
	for (size_t i = 0; i < r; i++)
		if (rule_is_in_order(job->rules[i].rule) && job->needed[i * edges + edge] &&
		    batch_of(&job->rules[i], samples) == batch_of(&job->rules[r], samples))
			return false;
	return true;
}

size_t stream_bytes(const struct network_job *job, size_t edge, int64_t samples)
{
	const int64_t elements = job->layers->edges[edge].elements;
	size_t bytes = BINS_BYTES_MOST;

	if (stream_is_kept(samples * elements))
		return (size_t)(samples * elements) * sizeof(float);
	for (size_t r = 0; r < job->rule_count; r++)
		if (is_first_of_batch(job, edge, samples, r))
			bytes += (size_t)(batch_of(&job->rules[r], samples) * elements) *
				 sizeof(float);
	return bytes;
}

static int new_batches(struct stream *stream, struct error *error)
{
	struct network_job *job = stream->job;
	const struct env *env = job->env;

	stream->batches = env_new(env, job->rule_count, sizeof *stream->batches,
				  "calibration batches", error);
	stream->observing = env_new(env, job->rule_count, sizeof *stream->observing,
				    "calibration batches", error);
	if (!stream->batches || !stream->observing)
		return -1;
	for (size_t r = 0; r < job->rule_count; r++) {
		const struct choice_terms *terms = &job->rules[r];
		struct stream_batch *batch = &stream->batches[stream->batch_count];

		if (!needs(stream, r) || !rule_is_in_order(terms->rule))
			continue;
		if (observing_new(&stream->observing[r], terms->rule, terms->round, env, error))
			return -1;
		if (!is_first_of_batch(job, stream->edge, stream->samples, r))
			continue;
		stream->batch_count++;
		batch->samples = batch_of(terms, stream->samples);
		batch->values = env_new(env, (size_t)(batch->samples * stream->elements),
					sizeof *batch->values, "a calibration batch", error);
		if (!batch->values)
			return -1;
	}
	return 0;
}

int stream_new(struct stream *stream, struct network_job *job, size_t edge, int64_t samples,
	       int lanes, struct error *error)
{
	const struct env *env = job->env;
	const int64_t elements = job->layers->edges[edge].elements;

	*stream = (struct stream){ .job = job, .edge = edge, .elements = elements,
				   .samples = samples, .closer = { .env = env } };
	if (stream_is_kept(samples * elements)) {
		stream->kept = env_new(env, (size_t)(samples * elements), sizeof *stream->kept,
				       "the activations of calibration samples", error);
		return stream->kept ? 0 : -1;
	}
	stream->bins = env_new(env, (size_t)lanes, sizeof *stream->bins, "bins", error);
	if (!stream->bins)
		return -1;
	for (; stream->lanes < lanes; stream->lanes++)
		stream->bins[stream->lanes].env = env;
	return new_batches(stream, error);
}

void stream_free(struct stream *stream)
{
	const struct env *env = stream->job ? stream->job->env : NULL;

	if (!env)
		return;
	for (size_t r = 0; stream->observing && r < stream->job->rule_count; r++)
		if (stream->observing[r].rule)
			observing_free(&stream->observing[r]);
	for (size_t i = 0; i < stream->batch_count; i++)
		env_free(env, stream->batches[i].values);
	for (int i = 0; i < stream->lanes; i++)
		bins_free(&stream->bins[i]);
	closer_free(&stream->closer);
	env_free(env, stream->observing);
	env_free(env, stream->batches);
	env_free(env, stream->bins);
	env_free(env, stream->kept);
	*stream = (struct stream){ 0 };
}

/* A batch that is full, or the last one. */
static int flush(struct stream *stream, struct stream_batch *batch, struct error *error)
{
	const struct network_job *job = stream->job;

	for (size_t r = 0; r < job->rule_count; r++)
		if (needs(stream, r) && rule_is_in_order(job->rules[r].rule) &&
		    batch_of(&job->rules[r], stream->samples) == batch->samples &&
		    observing_add(&stream->observing[r], batch->values,
				  batch->filled * stream->elements, error))
			return -1;
	batch->filled = 0;
	return 0;
}

static int fill_batch(struct stream *stream, struct stream_batch *batch, int64_t count,
		      const float *x, struct error *error)
{
	const size_t size = (size_t)stream->elements * sizeof *x;

	for (int64_t done = 0; done < count;) {
		const int64_t room = batch->samples - batch->filled, left = count - done;
		const int64_t part = left < room ? left : room;

		memcpy(batch->values + batch->filled * stream->elements,
		       x + done * stream->elements, (size_t)part * size);
		batch->filled += part;
		done += part;
		if (batch->filled == batch->samples && flush(stream, batch, error))
			return -1;
	}
	return 0;
}

int stream_add(struct stream *stream, int lane, int64_t first, int64_t count, const float *x,
	       struct error *error)
{
	const int64_t elements = stream->elements, all = count * elements;

	if (stream->kept) {
		if (!lane)
			memcpy(stream->kept + first * elements, x, (size_t)all * sizeof *x);
		return 0;
	}
	const int64_t from = all * lane / stream->lanes, to = all * (lane + 1) / stream->lanes;

	for (size_t i = 0; !lane && i < stream->batch_count; i++)
		if (fill_batch(stream, &stream->batches[i], count, x, error))
			return -1;
	return bins_add(&stream->bins[lane], x + from, to - from, error);
}

static int choose_kept(struct stream *stream, struct stream_room *room, struct error *error)
{
	struct network_job *job = stream->job;
	uint64_t before = room->sorted.visits;
	struct slice slice = slice_of(&room->sorted, stream->kept,
				      stream->samples * stream->elements);

	const uint64_t sorted = room->sorted.visits;

	facts_of_calibration(job, stream->edge, &slice);
	room->sorted.visits = sorted;   /* facts choose nothing */
	for (size_t r = 0; r < job->rule_count; r++) {
		const struct choice_terms *terms = &job->rules[r];
		const size_t place = place_of(stream, r);

		if (!needs(stream, r))
			continue;
		if (rule_is_in_order(terms->rule))
			slice.batch = batch_of(terms, stream->samples) * stream->elements;
		if (slice_choose(&job->chosen[place], terms->rule, terms->round, &slice, job->env,
				 error))
			return -1;
		job->visits[place] = room->sorted.visits - before;
		before = room->sorted.visits;
	}
	return 0;
}

/* The bounds of a rule whose ends are values: they are to be known exactly. */
static int ask_closer(struct stream *stream, const struct chosen *chosen, struct error *error)
{
	if (chosen->reason)
		return 0;
	return closer_ask(&stream->closer, &stream->bins[0], chosen->range.low, error) ||
			       closer_ask(&stream->closer, &stream->bins[0], chosen->range.high,
					  error)
		       ? -1
		       : 0;
}

static int choose_binned(struct stream *stream, struct stream_room *room, struct error *error)
{
	struct network_job *job = stream->job;
	uint64_t before = room->binned.visits;
	struct slice slice;

	for (size_t i = 0; i < stream->batch_count; i++)
		if (flush(stream, &stream->batches[i], error))
			return -1;
	for (; stream->lanes > 1; stream->lanes--) {
		if (bins_merge(&stream->bins[0], &stream->bins[stream->lanes - 1], error))
			return -1;
		bins_free(&stream->bins[stream->lanes - 1]);
	}
	if (bins_slice(&slice, &room->binned, &stream->bins[0], NULL, error))
		return -1;
	const uint64_t counted = room->binned.visits + (uint64_t)slice.count;

	facts_of_calibration(job, stream->edge, &slice);
	room->binned.visits = counted;  /* facts choose nothing */
	for (size_t r = 0; r < job->rule_count; r++) {
		const struct choice_terms *terms = &job->rules[r];
		const size_t place = place_of(stream, r);
		const bool in_order = rule_is_in_order(terms->rule);

		if (!needs(stream, r))
			continue;
		job->chosen[place] = in_order ? observing_choose(&stream->observing[r]) :
						rule_choose(terms->rule, terms->round, &slice);
		room->binned.visits += in_order ? (uint64_t)slice.count : 0;
		if (calibration_of_rule(stream, r)->exact_ends &&
		    ask_closer(stream, &job->chosen[place], error))
			return -1;
		job->visits[place] = room->binned.visits - before;
		before = room->binned.visits;
	}
	return 0;
}

int stream_choose(struct stream *stream, struct stream_room *room, struct error *error)
{
	return stream->kept ? choose_kept(stream, room, error) :
			      choose_binned(stream, room, error);
}

void stream_add_again(struct stream *stream, int64_t count, const float *x)
{
	closer_add(&stream->closer, x, count * stream->elements);
}

int stream_choose_again(struct stream *stream, struct stream_room *room, struct error *error)
{
	struct network_job *job = stream->job;
	uint64_t before = room->binned.visits;
	struct slice slice;

	if (bins_slice(&slice, &room->binned, &stream->bins[0], &stream->closer, error))
		return -1;
	room->binned.visits += (uint64_t)slice.count;
	for (size_t r = 0; r < job->rule_count; r++) {
		const struct choice_terms *terms = &job->rules[r];
		const size_t place = place_of(stream, r);

		if (!needs(stream, r) || !calibration_of_rule(stream, r)->exact_ends)
			continue;
		job->chosen[place] = rule_choose(terms->rule, terms->round, &slice);
		job->visits[place] += room->binned.visits - before;
		before = room->binned.visits;
	}
	return 0;
}
