/* SPDX-License-Identifier: MIT
 *
 * The sum of two edges, one of them repeated along axes where it has 1; with a constant, the bias
 * of the layer before, or a layer of its own.
 */
#include "../affine.h"
#include "../run.h"

#include <stdio.h>
#include <string.h>

extern const struct layer_operation layer_add;

static void write_shape(const struct lowered *value, char *words, size_t size)
{
	size_t used = 0;

	*words = '\0';
	for (int i = 0; i < value->rank && used < size; i++)
		used += (size_t)snprintf(words + used, size - used, "%s%lld", i ? " x " : "",
					 (long long)value->shape[i]);
}

static int refuse_shapes(const struct lowering *lowering, const struct lowered *a,
			 const struct lowered *b)
{
	char x[RANK_MAX * 24], y[RANK_MAX * 24];

	write_shape(a, x, sizeof x);
	write_shape(b, y, sizeof y);
	return lowering_refuse(lowering, "its inputs have the shapes %s and %s; equal ones, or "
					 "some axes of 1, are computed", x, y);
}

/* Both under the shape that they make together. */
static int match(const struct lowering *lowering, struct lowered *a, struct lowered *b)
{
	const struct lowered x = *a, y = *b;
	const int rank = a->rank > b->rank ? a->rank : b->rank;
	int64_t of_a[RANK_MAX], of_b[RANK_MAX], shape[RANK_MAX];

	if (lowering->batched && a->rank != b->rank)
		return refuse_shapes(lowering, a, b);
	for (int i = 0; i < rank; i++) {
		of_a[i] = i < rank - a->rank ? 1 : a->shape[i - (rank - a->rank)];
		of_b[i] = i < rank - b->rank ? 1 : b->shape[i - (rank - b->rank)];
		shape[i] = of_a[i] > of_b[i] ? of_a[i] : of_b[i];
	}
	if (!lowered_reshape(a, rank, of_a) || !lowered_reshape(b, rank, of_b) ||
	    !lowered_broadcast(a, rank, shape) || !lowered_broadcast(b, rank, shape))
		return refuse_shapes(lowering, &x, &y);
	return 0;
}

static int add_edges(struct lowering *lowering)
{
	struct lowered a = *lowering_edge(lowering, 0), b = *lowering_edge(lowering, 1), out;
	struct layers *layers = lowering->layers;
	struct layer *layer;

	if (match(lowering, &a, &b))
		return -1;
	if (!lowered_is_alike(&a, &b) || !lowered_is_dense(lowering, &a)) {
		const int *order = canonical_order(a.rank);

		if (lowering_arrange(lowering, &a, order) || lowering_arrange(lowering, &b, order))
			return -1;
	}
	layer = lowering_add_layer(lowering, &layer_add, a.rank, a.shape, canonical_order(a.rank),
				   lowering->node->name, &out);
	if (!layer)
		return -1;
	layer->input_count = 2;
	layer->inputs[0] = a.edge;
	layer->inputs[1] = b.edge;
	layers->edges[out.edge] = layers->edges[a.edge];
	a.edge = out.edge;
	a.name = out.name;
	a.shared = false;
	return lowering_set(lowering, &a);
}

static int lower(struct lowering *lowering)
{
	const struct lowered *a = lowering_input(lowering, 0);
	const struct lowered *b = a ? lowering_input(lowering, 1) : NULL;

	if (!b)
		return -1;
	if (a->kind == LOWERED_EDGE && b->kind == LOWERED_EDGE)
		return add_edges(lowering);
	return lowering_affine(lowering, a->kind == LOWERED_EDGE ? 0 : 1, AFFINE_PLUS);
}

const struct layer_operation layer_add = {
	.value = { .name = "add",
		   .summary = "Add of two layers; of a layer and a constant: its bias",
		   .source = "Operators.md of the ONNX project" },
	.types = (const char *const[]){ "Add", NULL },
	.lower = lower,
	.run_float = run_add_float,
	.run_integer = run_add_integer,
	.prepare_integer = prepare_add_integer,
};
