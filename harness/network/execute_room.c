/* SPDX-License-Identifier: MIT
 *
 * Scratch memory of one thread: a chunk of patches and sums, and inputs in another form than they
 * come in.
 */
#include "execute_parts.h"

enum { OVER_READ = 4096 };      /* behind the patches, for kernels that read there       */

static int64_t most_rows(const struct layer *layer)
{
	const struct tensor *w = &layer->weights;
	const int64_t longest = w->columns > w->rows ? w->columns : w->rows;

	return CHUNK_ELEMENTS / longest > 1 ? CHUNK_ELEMENTS / longest : 1;
}

/* Chunks as equal as can be. */
int64_t chunk_of(const struct layer *layer, const struct edge *out, int64_t batch)
{
	const int64_t rows = batch * out->height * out->width, most = most_rows(layer);
	const int64_t chunks = (rows + most - 1) / most;

	return (rows + chunks - 1) / chunks;
}

/* The greatest that an execution of any batch up to this one may have. */
static int64_t largest_chunk(const struct layer *layer, const struct edge *out, int64_t batch)
{
	const int64_t rows = batch * out->height * out->width, most = most_rows(layer);

	return rows < most ? rows : most;
}

static int new_inputs(struct execution_room *room, const struct layers *layers,
		      struct error *error)
{
	for (size_t i = 0; i < LAYER_INPUTS_MAX; i++) {
		struct edge_values *ready = &room->ready[i];
		int64_t largest = 0;

		for (size_t l = 0; l < layers->count; l++) {
			const struct layer *layer = &layers->layers[l];
			const int64_t elements = i < layer->input_count ?
				layers->edges[layer->inputs[i]].elements : 0;

			largest = elements > largest ? elements : largest;
		}
		const size_t count = (size_t)room->batch * (size_t)largest;
		ready->values = env_new(room->env, count, sizeof *ready->values, "inputs", error);
		ready->codes = env_new(room->env, count, 1, "inputs", error);
		ready->grids = env_new(room->env, (size_t)room->batch, sizeof *ready->grids,
				       "inputs", error);
		if (!ready->values || !ready->codes || !ready->grids)
			return -1;
	}
	return 0;
}

static int new_chunks(struct execution_room *room, const struct layers *layers,
		      struct error *error)
{
	int64_t patches = 0, sums = 0;

	for (size_t l = 0; l < layers->count; l++) {
		const struct layer *layer = &layers->layers[l];

		if (!layer->weights.values)
			continue;
		const int64_t rows = largest_chunk(layer, &layers->edges[l + 1], room->batch);
		const int64_t in = rows * layer->weights.columns, out = rows * layer->weights.rows;
		const int64_t sample = layers->edges[layer->inputs[0]].elements;

		patches = sample > patches ? sample : patches;
		patches = in > patches ? in : patches;
		sums = out > sums ? out : sums;
	}
	room->patches = env_new(room->env, (size_t)patches * sizeof(float) + OVER_READ, 1,
				"patches", error);
	room->sums = env_new(room->env, (size_t)sums, sizeof(float), "sums", error);
	room->accumulators = env_new(room->env, (size_t)sums, sizeof(float), "sums", error);
	return room->patches && room->sums && room->accumulators ? 0 : -1;
}

int execution_room_new(struct execution_room **out, const struct env *env,
		       const struct layers *layers, int64_t batch, struct error *error)
{
	struct execution_room *room = env_new(env, 1, sizeof *room, "an execution", error);

	*out = NULL;
	if (!room)
		return -1;
	room->env = env;
	room->batch = batch;
	for (size_t i = 0; i <= layers->count; i++)
		if (layers->edges[i].elements > room->edge_elements)
			room->edge_elements = layers->edges[i].elements;
	if (new_inputs(room, layers, error) || new_chunks(room, layers, error)) {
		execution_room_free(room);
		return -1;
	}
	*out = room;
	return 0;
}

void execution_room_free(struct execution_room *room)
{
	if (!room)
		return;
	for (size_t i = 0; i < LAYER_INPUTS_MAX; i++) {
		env_free(room->env, room->ready[i].values);
		env_free(room->env, room->ready[i].codes);
		env_free(room->env, room->ready[i].grids);
	}
	env_free(room->env, room->patches);
	env_free(room->env, room->sums);
	env_free(room->env, room->accumulators);
	slice_room_free(&room->slices);
	env_free(room->env, room);
}
