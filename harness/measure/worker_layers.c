/* SPDX-License-Identifier: MIT
 *
 * One call of a network's run, layer by layer, with a look at the clock between two layers: about
 * 25 ns each, beside layers of microseconds.  The call begins with floats and ends with what the
 * last layer writes.
 */
#include "worker_parts.h"

#include <string.h>

/* What a layer wrote, codes with their grids, or floats. */
static void hash_output(struct hash_chain *chain, const struct edge_values *out, int64_t elements,
			int64_t count)
{
	const size_t size = (size_t)(elements * count);

	if (out->state == EDGE_CODED) {
		hash_chain_add(chain, out->codes, size);
		hash_chain_add(chain, out->grids, (size_t)count * sizeof *out->grids);
	} else {
		hash_chain_add(chain, out->values, size * sizeof *out->values);
	}
}

int network_slice_run(struct network_call *call, int lane_index, int64_t first, int64_t count,
		      struct error *error)
{
	struct network_race *race = call->race;
	const struct env *env = &race->worker->env;
	const struct layers *layers = &race->layers;
	struct network_lane *lane = &race->lanes[lane_index];
	struct edge_values *edges = lane->edges.edges;
	uint64_t last = env->now_ns(env);

	edges[0] = (struct edge_values){ .values = race->x + first * layers->edges[0].elements,
					 .grids = edges[0].grids, .state = EDGE_RAW };
	for (size_t l = 0; l < layers->count; l++) {
		const struct layer *layer = &layers->layers[l];
		const struct edge_values *inputs[LAYER_INPUTS_MAX];

		for (size_t i = 0; i < layer->input_count; i++)
			inputs[i] = &edges[layer->inputs[i]];
		if (call->floats ? execution_float(&call->execution, lane->room, l, inputs,
						   &edges[l + 1], count, error)
				 : execution_integer(&call->execution, lane->room, l, inputs,
						     &edges[l + 1], count, error))
			return -1;
		if (race->checking)
			hash_output(&lane->hash[l], &edges[l + 1], layers->edges[l + 1].elements,
				    count);
		if (lane_index)
			continue;
		const uint64_t now = env->now_ns(env);

		call->layer_ns[l] += now - last;
		last = now;
	}
	return 0;
}

/* One thread's share. */
static int run_lane(struct network_call *call, int lane, struct error *error)
{
	const struct network_race *race = call->race;
	const int64_t threads = race->worker->spec.threads;
	/* rounded up: the first thread, whose layers are timed, has samples */
	const int64_t end = (race->batch * (lane + 1) + threads - 1) / threads;
	int64_t first = (race->batch * lane + threads - 1) / threads;

	for (; first < end; first += call->slice) {
		const int64_t left = end - first;

		if (network_slice_run(call, lane, first, left < call->slice ? left : call->slice,
				      error))
			return -1;
	}
	return 0;
}

static int run_lanes(void *self, int64_t first, int64_t last)
{
	struct error error;

	for (int64_t lane = first; lane < last; lane++)
		if (run_lane(self, (int)lane, &error))
			return -1;
	return 0;
}

int network_call_run(void *self)
{
	struct network_call *call = self;
	struct worker *worker = call->race->worker;

	call->calls++;
	return pool_run(worker->pool, run_lanes, call, worker->spec.threads);
}

void network_loop_begin(struct network_call *call)
{
	memset(call->layer_ns, 0, call->race->layers.count * sizeof *call->layer_ns);
	call->calls = 0;
}

void network_loop_end(struct network_call *call)
{
	const size_t layers = call->race->layers.count;
	double *out = call->loop_ns + (size_t)(call->loops % REPETITIONS) * layers;

	if (!call->calls)
		return;
	call->loops++;
	for (size_t l = 0; l < layers; l++)
		out[l] = (double)call->layer_ns[l] / (double)call->calls;
}

static double loop_sum(const struct network_call *call, int loop)
{
	const size_t layers = call->race->layers.count;
	double sum = 0;

	for (size_t l = 0; l < layers; l++)
		sum += call->loop_ns[(size_t)loop * layers + l];
	return sum;
}

/* The repetition that took the middle of all times: its layers add up to it.  The last loops are
 * the repetitions, those before looked for their length. */
static int middle_loop(const struct network_call *call, int count)
{
	for (int i = 0; i < count; i++) {
		const int loop = (call->loops - 1 - i) % REPETITIONS;
		const double sum = loop_sum(call, loop);
		int below = 0, equal = 0;

		for (int j = 0; j < count; j++) {
			const double other = loop_sum(call, (call->loops - 1 - j) % REPETITIONS);

			below += other < sum;
			equal += other == sum;
		}
		if (below <= count / 2 && below + equal > count / 2)
			return loop;
	}
	return 0;
}

void network_say_layers(const struct worker *worker, int i)
{
	const struct network_call *call = worker->runner[i].network;
	const size_t layers = call->race->layers.count;
	const int most = worker->spec.repetitions;
	const int count = call->loops < most ? call->loops : most;

	if (!count)
		return;
	const double *ns = call->loop_ns + (size_t)middle_loop(call, count) * layers;

	for (size_t l = 0; l < layers; l++)
		worker_say(worker, "layer %d %zu %.17g\n", i, l, ns[l]);
}
