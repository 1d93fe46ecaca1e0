/* SPDX-License-Identifier: MIT
 *
 * The float run, and the memory of a batch.
 *
 * A batch is as large as keeps one thread's edges in its second-level cache: larger ones are
 * slower, smaller ones wait more often for each other.
 */
#include "network_job.h"

#include "sensitivity_job.h"

#include <math.h>
#include <string.h>

enum {
	BATCH_LEAST = 8,
	BATCH_MOST = 256,
	LANE_BYTES = 2 << 20,   /* of a thread's edges                                   */
	EDGE_BYTES = 14,        /* of an element in a thread's three sets                */
	SENSITIVITY_BYTES = 8,  /* and in those of sensitivity                           */
};

static int64_t all_elements(const struct layers *layers)
{
	int64_t sum = 0;

	for (size_t e = 0; e <= layers->count; e++)
		sum += layers->edges[e].elements;
	return sum;
}

static int64_t longest_edge(const struct layers *layers)
{
	int64_t longest = 0;

	for (size_t e = 0; e <= layers->count; e++)
		if (layers->edges[e].elements > longest)
			longest = layers->edges[e].elements;
	return longest;
}

static int new_blocks(struct edge_set *set, size_t elements, size_t edges, int64_t batch,
		      unsigned what, struct error *error)
{
	const size_t samples = (size_t)batch;

	set->edges = env_new(set->env, edges, sizeof *set->edges, "edges", error);
	set->grids = env_new(set->env, edges * samples, sizeof *set->grids, "edges", error);
	if (!set->edges || !set->grids)
		return -1;
	if (what & EDGE_SET_VALUES) {
		set->values = env_new(set->env, elements * samples, sizeof *set->values,
				      "the values of a batch", error);
		if (!set->values)
			return -1;
	}
	if (what & EDGE_SET_CODES) {
		set->codes = env_new(set->env, elements * samples, 1, "the codes of a batch",
				     error);
		if (!set->codes)
			return -1;
	}
	return 0;
}

static void place_edge(struct edge_set *set, size_t edge, int64_t batch, int64_t offset)
{
	set->edges[edge] = (struct edge_values){
		.values = set->values ? set->values + offset * batch : NULL,
		.codes = set->codes ? set->codes + offset * batch : NULL,
		.grids = set->grids + (int64_t)edge * batch,
	};
}

int edge_set_new(struct edge_set *set, const struct env *env, const struct layers *layers,
		 int64_t batch, unsigned what, struct error *error)
{
	int64_t offset = 0;

	*set = (struct edge_set){ .env = env };
	if (new_blocks(set, (size_t)all_elements(layers), layers->count + 1, batch, what, error)) {
		edge_set_free(set);
		return -1;
	}
	for (size_t e = 0; e <= layers->count; e++) {
		place_edge(set, e, batch, offset);
		offset += layers->edges[e].elements;
	}
	return 0;
}

int edge_set_new_spare(struct edge_set *set, const struct env *env, const struct layers *layers,
		       int64_t batch, size_t count, struct error *error)
{
	const int64_t longest = longest_edge(layers);

	*set = (struct edge_set){ .env = env };
	if (new_blocks(set, (size_t)longest * count, count, batch,
		       EDGE_SET_VALUES | EDGE_SET_CODES, error)) {
		edge_set_free(set);
		return -1;
	}
	for (size_t e = 0; e < count; e++)
		place_edge(set, e, batch, (int64_t)e * longest);
	return 0;
}

void edge_set_free(struct edge_set *set)
{
	if (!set->env)
		return;
	env_free(set->env, set->edges);
	env_free(set->env, set->values);
	env_free(set->env, set->codes);
	env_free(set->env, set->grids);
	*set = (struct edge_set){ 0 };
}

static int64_t choose_batch(const struct network_job *job)
{
	const int64_t bytes = EDGE_BYTES + (job->sensitivity_samples ? SENSITIVITY_BYTES : 0);
	const int64_t sample = bytes * all_elements(job->layers);
	const size_t memory = job->options->memory / 4 / (size_t)job->jobs / (size_t)sample;
	int64_t batch = LANE_BYTES / sample;

	batch = batch < BATCH_LEAST ? BATCH_LEAST : batch > BATCH_MOST ? BATCH_MOST : batch;
	if (memory < (size_t)batch)
		batch = memory ? (int64_t)memory : 1;
	if (job->options->batch > 0)
		batch = job->options->batch;
	return batch < job->evaluation.samples ? batch : job->evaluation.samples;
}

static int new_lane(const struct network_job *job, struct lane *lane, struct error *error)
{
	const struct env *env = job->env;

	if (execution_room_new(&lane->room, env, job->layers, job->batch, error) ||
	    edge_set_new(&lane->simulated, env, job->layers, job->batch, EDGE_SET_VALUES, error) ||
	    edge_set_new(&lane->integer, env, job->layers, job->batch,
			 EDGE_SET_VALUES | EDGE_SET_CODES, error) ||
	    edge_set_new(&lane->coded, env, job->layers, job->batch, EDGE_SET_CODES, error))
		return -1;
	if (job->sensitivity_samples && sensing_new_lane(job, lane, error))
		return -1;
	return edge_set_new_spare(&lane->spare, env, job->layers, job->batch, SPARES, error);
}

/* All layers are islands: no quantizer, no weights but the layers' own. */
static int make_float_execution(const struct network_job *job, int64_t batch,
				struct execution *execution, struct error *error)
{
	const struct env *env = job->env;
	const size_t count = job->layers->count;
	bool *islands = env_new(env, count, sizeof *islands, "a float run", error);
	struct quantizer *edges = env_new(env, count + 1, sizeof *edges, "a float run", error);
	struct quantized_weights *weights = env_new(env, count, sizeof *weights, "a float run",
						    error);
	enum qs_requantize *modes = env_new(env, count, sizeof *modes, "a float run", error);
	const struct execution_spec spec = {
		.layers = job->layers, .libraries = job->plan->libraries, .islands = islands,
		.edges = edges, .weights = weights, .modes = modes,
		.batch = batch,
	};
	int failed = islands && edges && weights && modes ? 0 : -1;

	for (size_t l = 0; !failed && l < count; l++)
		islands[l] = true;
	if (!failed)
		failed = execution_make(execution, env, &spec, error);
	env_free(env, islands);
	env_free(env, edges);
	env_free(env, weights);
	env_free(env, modes);
	return failed;
}

int job_new_rooms(struct network_job *job, struct error *error)
{
	job->batch = choose_batch(job);
	job->lanes = env_new(job->env, (size_t)job->jobs, sizeof *job->lanes, "threads", error);
	job->float_scores = env_new(job->env, (size_t)job->evaluation.samples,
				    sizeof *job->float_scores, "scores", error);
	if (!job->lanes || !job->float_scores ||
	    edge_set_new(&job->float_edges, job->env, job->layers, job->batch, EDGE_SET_VALUES,
			 error))
		return -1;
	for (int i = 0; i < job->jobs; i++)
		if (new_lane(job, &job->lanes[i], error))
			return -1;
	if (job->sensitivity_samples &&
	    make_float_execution(job, job->batch, &job->sensitivity_float, error))
		return -1;
	return make_float_execution(job, (job->batch + job->jobs - 1) / job->jobs,
				    &job->float_execution, error);
}

void job_free_rooms(struct network_job *job)
{
	execution_free(&job->float_execution);
	execution_free(&job->sensitivity_float);
	for (int i = 0; job->lanes && i < job->jobs; i++) {
		struct lane *lane = &job->lanes[i];

		execution_room_free(lane->room);
		edge_set_free(&lane->simulated);
		edge_set_free(&lane->integer);
		edge_set_free(&lane->coded);
		edge_set_free(&lane->spare);
		sensing_free_lane(job, lane);
	}
	env_free(job->env, job->lanes);
	env_free(job->env, job->float_scores);
	edge_set_free(&job->float_edges);
}

static int check_finite(const struct network_job *job, size_t edge, const struct edge_values *part,
			int64_t count, struct error *error)
{
	const int64_t all = count * job->layers->edges[edge].elements;
	int64_t bad = 0;

	for (int64_t i = 0; i < all; i++)
		bad += !isfinite(part->values[i]);
	if (!bad)
		return 0;
	if (!edge)
		return fail(error, STATUS_FAILED, "the samples hold NaN or infinite values where "
			    "the network reads them as '%s': look at their file, and at the "
			    "offset, scale, mean and std of their block",
			    edge_name(job->layers, edge));
	return fail(error, STATUS_FAILED, "the float run has NaN or infinite values in '%s': "
		    "float32 cannot hold this network's values on these samples; look at their "
		    "scale and shift", edge_name(job->layers, edge));
}

struct float_batch {
	struct network_job *job;
	int64_t count;
};

/* Samples from `first` on of an edge. */
static struct edge_values part_of(const struct network_job *job, size_t edge, int64_t first)
{
	const int64_t elements = job->layers->edges[edge].elements;

	return (struct edge_values){ .state = EDGE_RAW,
		.values = job->float_edges.edges[edge].values + first * elements };
}

static int float_part(void *self, size_t piece, int thread, struct error *error)
{
	const struct float_batch *batch = self;
	const struct network_job *job = batch->job;
	const struct layers *layers = job->layers;
	const int64_t first = batch->count * (int64_t)piece / job->jobs;
	const int64_t count = batch->count * (int64_t)(piece + 1) / job->jobs - first;
	struct edge_values out = part_of(job, 0, first);

	if (!count)
		return 0;
	if (check_finite(job, 0, &out, count, error))
		return -1;
	for (size_t l = 0; l < layers->count; l++) {
		const struct layer *layer = &layers->layers[l];
		struct edge_values in[LAYER_INPUTS_MAX];
		const struct edge_values *inputs[LAYER_INPUTS_MAX];

		for (size_t i = 0; i < layer->input_count; i++) {
			in[i] = part_of(job, layer->inputs[i], first);
			inputs[i] = &in[i];
		}
		out = part_of(job, l + 1, first);
		if (execution_float(&job->float_execution, job->lanes[thread].room, l, inputs, &out,
				    count, error) ||
		    check_finite(job, l + 1, &out, count, error))
			return -1;
	}
	return 0;
}

int float_run(struct network_job *job, float *x, int64_t count, struct error *error)
{
	struct float_batch batch = { job, count };

	job->float_edges.edges[0].values = x;
	job->float_runs += (uint64_t)count * job->layers->count;
	return parallel_for(job->env, job->jobs, (size_t)job->jobs, float_part, &batch, error);
}
