/* SPDX-License-Identifier: MIT
 *
 * Layers that move values to where the next layer wants them: see lowering_move.
 */
#include "lowering.h"

extern const struct layer_operation layer_move;

/* What one axis of the output adds to the place in the input; PAD: nothing is there. */
#define PAD INT64_MIN

struct mover {
	int rank;
	int64_t shape[RANK_MAX];         /* in the order of memory                        */
	int64_t *places[RANK_MAX];       /* likewise: [shape[i]]                          */
	int64_t offset;
};

static void mover_free(const struct env *env, struct mover *mover)
{
	for (int i = 0; i < mover->rank; i++)
		env_free(env, mover->places[i]);
}

/* The places of one axis of the output. */
static int64_t *axis_places(const struct lowering *lowering, const struct lowered *from, int axis,
			    int64_t size, const int64_t *table)
{
	const struct env *env = lowering->env;
	int64_t *own = env_new(env, (size_t)from->shape[axis], sizeof *own, "places of an axis",
			       lowering->error);
	int64_t *out;

	if (!own)
		return NULL;
	lowered_places(from, axis, own);
	if (!table)
		return own;
	out = env_new(env, (size_t)size, sizeof *out, "places of an axis", lowering->error);
	for (int64_t i = 0; out && i < size; i++)
		out[i] = table[i] < 0 ? PAD : own[table[i]];
	env_free(env, own);
	return out;
}

static void fill_map(const struct mover *mover, int32_t *map, int64_t count)
{
	int64_t index[RANK_MAX] = { 0 };

	for (int64_t i = 0; i < count; i++) {
		int64_t place = mover->offset;

		for (int a = 0; a < mover->rank; a++) {
			const int64_t more = mover->places[a][index[a]];

			place = place == PAD || more == PAD ? PAD : place + more;
		}
		map[i] = place == PAD ? MAP_PAD : (int32_t)place;
		for (int a = mover->rank; a-- > 0;) {
			if (++index[a] < mover->shape[a])
				break;
			index[a] = 0;
		}
	}
}

static int add_move(struct lowering *lowering, const struct lowered *from, const int64_t *shape,
		    int64_t *const *tables, const int *order, struct lowered *out)
{
	struct mover mover = { .rank = from->rank, .offset = from->offset };
	struct layer *layer = NULL;
	int64_t elements = 0;
	int status = 0;

	layer = lowering_add_layer(lowering, &layer_move, from->rank, shape, order, from->name,
				   out);
	if (!layer)
		return -1;
	layer->input_count = 1;
	layer->inputs[0] = from->edge;
	lowering->layers->grid_of[out->edge] = lowering->layers->grid_of[from->edge];
	elements = lowering->layers->edges[out->edge].elements;
	for (int i = 0; i < from->rank; i++)
		lowering->moves_left -= from->shape[i];
	lowering->moves_left -= elements;
	if (lowering->moves_left < 0)
		return lowering_refuse(lowering, "more than %d million values are moved up to it",
				       MOVES_MOST >> 20);
	layer->map = env_new(lowering->env, (size_t)elements, sizeof *layer->map, layer->name,
			     lowering->error);
	for (int i = 0; layer->map && !status && i < from->rank; i++) {
		const int axis = order[i];

		mover.shape[i] = shape[axis];
		mover.places[i] = axis_places(lowering, from, axis, shape[axis],
					      tables ? tables[axis] : NULL);
		status = mover.places[i] ? 0 : -1;
	}
	if (layer->map && !status)
		fill_map(&mover, layer->map, elements);
	mover_free(lowering->env, &mover);
	return layer->map ? status : -1;
}

int lowering_move(struct lowering *lowering, const struct lowered *from, const int64_t *shape,
		  int64_t *const *tables, struct lowered *out)
{
	return add_move(lowering, from, shape, tables, canonical_order(from->rank), out);
}

int lowering_arrange(struct lowering *lowering, struct lowered *value, const int *order)
{
	struct lowered moved;

	if (value->kind != LOWERED_EDGE)
		return lowering_refuse(lowering, "its constant cannot be looked at so");
	if (lowered_is_ordered(lowering, value, order))
		return 0;
	if (add_move(lowering, value, value->shape, NULL, order, &moved))
		return -1;
	*value = moved;
	return 0;
}

int lowering_reshape(struct lowering *lowering, struct lowered *value, int rank,
		     const int64_t *shape)
{
	static const int straight[RANK_MAX] = { 0, 1, 2, 3, 4, 5, 6, 7 };

	if (lowered_reshape(value, rank, shape))
		return 0;
	if (lowering_arrange(lowering, value, straight))
		return -1;
	return lowered_reshape(value, rank, shape) ? 0 :
	       lowering_refuse(lowering, "it makes a shape of more axes than can be looked at");
}

const struct lowered *lowering_ordered(struct lowering *lowering, size_t index)
{
	const struct lowered *input = lowering_edge(lowering, index);
	struct lowered *value =
		input ? &lowering->values[lowering->node->inputs[index]] : NULL;

	return input && !lowering_arrange(lowering, value, canonical_order(value->rank)) ? value
											 : NULL;
}

const struct lowered *lowering_densed(struct lowering *lowering, size_t index)
{
	const struct lowered *input = lowering_edge(lowering, index);

	return !input || lowered_is_dense(lowering, input) ? input
							   : lowering_ordered(lowering, index);
}

const struct lowered *lowering_image(struct lowering *lowering, size_t index)
{
	const struct lowered *input = lowering_edge(lowering, index);
	struct lowered *value;
	struct edge *edge;

	if (!input)
		return NULL;
	if (input->rank != 4 || input->shape[0] != 1) {
		lowering_refuse(lowering, "its input has %d axes; an image is expected: batch, "
					  "channels, height and width", input->rank);
		return NULL;
	}
	value = (struct lowered *)lowering_ordered(lowering, index);
	if (!value)
		return NULL;
	edge = &lowering->layers->edges[value->edge];
	const struct edge image = { value->shape[2], value->shape[3], value->shape[1],
				    edge->elements };

	/* no layer made the network's input: it is what it is taken for */
	if (!value->edge && !lowering->input_taken)
		*edge = image;
	lowering->input_taken |= !value->edge;
	if (edge->height == image.height && edge->channels == image.channels)
		return value;

	struct lowered moved;

	if (add_move(lowering, value, value->shape, NULL, canonical_order(4), &moved))
		return NULL;
	*value = moved;
	return value;
}
