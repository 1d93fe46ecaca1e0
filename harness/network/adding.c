/* SPDX-License-Identifier: MIT
 *
 * New layers and their edges.
 */
#include "lowering.h"

#include "../../datasets/layout.h"

#include <stdio.h>
#include <string.h>

/* What is moved is a layer beside those of the nodes. */
static int make_room(struct lowering *lowering)
{
	struct layers *layers = lowering->layers;
	const size_t capacity = layers->capacity;
	size_t edges = capacity + 1, grids = edges;

	if (layers->count < capacity)
		return 0;
	if (env_grow(lowering->env, &layers->edges, &edges, 2 * capacity + 2,
		     sizeof *layers->edges, "edges", lowering->error) ||
	    env_grow(lowering->env, &layers->grid_of, &grids, 2 * capacity + 2,
		     sizeof *layers->grid_of, "edges", lowering->error))
		return -1;
	layers->capacity = capacity;
	return env_grow(lowering->env, &layers->layers, &layers->capacity, capacity,
			sizeof *layers->layers, "layers", lowering->error);
}

struct edge lowering_edge_of(int rank, const int64_t *shape, const int *order)
{
	const int64_t last = rank ? shape[order[rank - 1]] : 1;
	const int64_t before = rank == 4 ? shape[order[2]] : 1;
	int64_t elements = 1;

	for (int i = 0; i < rank; i++)
		elements *= shape[i];
	return (struct edge){ elements / (last * before), before, last, elements };
}

struct layer *lowering_add_layer(struct lowering *lowering,
				 const struct layer_operation *operation, int rank,
				 const int64_t *shape, const int *order, const char *name,
				 struct lowered *out)
{
	struct layers *layers = lowering->layers;
	struct layer *layer;
	int64_t elements;

	if (!layout_elements(rank, shape, &elements) || elements < 1 || elements > INT32_MAX) {
		char words[RANK_MAX * 24] = "";
		size_t used = 0;

		for (int i = 0; i < rank; i++)
			used += (size_t)snprintf(words + used, sizeof words - used, "%s%lld",
						 i ? " x " : "", (long long)shape[i]);
		lowering_refuse(lowering, "its output has the shape %s; 1 to 2^31 - 1 elements a "
					  "sample are computed", words);
		return NULL;
	}
	if (make_room(lowering))
		return NULL;
	layer = &layers->layers[layers->count];
	lowered_dense(out, layers->count + 1, rank, shape, order);
	layer->name = env_copy_text(lowering->env, name, lowering->error);
	if (!layer->name)
		return NULL;
	layer->operation = operation;
	layers->edges[out->edge] = lowering_edge_of(rank, shape, order);
	layers->grid_of[out->edge] = out->edge;
	layers->count++;
	out->name = layer->name;
	return layer;
}

static struct layer *add_output(struct lowering *lowering, const struct layer_operation *operation,
				int rank, const int64_t *shape, const int *order)
{
	struct lowered value;
	struct layer *layer =
		lowering_add_layer(lowering, operation, rank, shape, order, lowering->node->name,
				   &value);

	return layer && !lowering_set(lowering, &value) ? layer : NULL;
}

struct layer *lowering_add(struct lowering *lowering, const struct layer_operation *operation,
			   int rank, const int64_t *shape)
{
	return add_output(lowering, operation, rank, shape, canonical_order(rank));
}

struct layer *lowering_add_rows(struct lowering *lowering, const struct layer_operation *operation,
				int rank, const int64_t *shape)
{
	static const int order[RANK_MAX] = { 0, 1, 2, 3, 4, 5, 6, 7 };

	return add_output(lowering, operation, rank, shape, order);
}

struct layer *lowering_add_image(struct lowering *lowering,
				 const struct layer_operation *operation, int64_t channels,
				 int64_t height, int64_t width)
{
	const int64_t shape[] = { 1, channels, height, width };

	return lowering_add(lowering, operation, 4, shape);
}

struct layer *lowering_add_like(struct lowering *lowering, const struct layer_operation *operation,
				size_t index)
{
	const struct lowered *input = lowering_densed(lowering, index);
	const struct edge *edge;
	struct lowered value, unused;
	struct layer *layer;
	int64_t flat;

	if (!input)
		return NULL;
	value = *input;
	flat = lowered_elements(&value);
	layer = lowering_add_layer(lowering, operation, 1, &flat, canonical_order(1),
				   lowering->node->name, &unused);
	if (!layer)
		return NULL;
	edge = &lowering->layers->edges[value.edge];
	layer->input_count = 1;
	layer->inputs[0] = value.edge;
	lowering->layers->edges[unused.edge] = *edge;
	value.edge = unused.edge;
	value.name = lowering->node->name;
	value.shared = false;
	return lowering_set(lowering, &value) ? NULL : layer;
}

