/* SPDX-License-Identifier: MIT
 *
 * What the rows of the table of operations share while a graph becomes layers.
 *
 * Nodes are taken in the graph's order, and only those that the network's output hangs on.  A row's
 * `lower` looks at the inputs of its node and then either adds a layer, or changes the layer that
 * made its input, or only says under which shape its input is seen from now on.
 *
 * A layer may be changed while nobody else can see what it made before: lowering_before.
 */
#ifndef QS_LOWERING_H
#define QS_LOWERING_H

#include "operation.h"

/* A value of the graph.  An edge keeps its sample as [height][width][channels]; the graph sees it
 * as [channels][height][width] (rank 3), or as those one after the other (rank 1). */
struct lowered {
	enum { LOWERED_NOT, LOWERED_CONSTANT, LOWERED_EDGE } kind;
	const struct graph_value *constant;
	int rank;               /* of a constant; of an edge without the batch: 1 or 3    */
	int64_t shape[RANK_MAX];         /* likewise                                      */
	size_t edge;
	struct edge dims;       /* how the edge is looked at here: as many elements       */
	bool shared;            /* the edge is read under another shape as well           */
};

struct lowering {
	const struct env *env;
	const struct graph *graph;
	struct layers *layers;
	struct lowered *values; /* [graph->value_count]                                   */
	size_t *readers;        /* [graph->value_count]: live nodes' inputs and outputs   */
	int64_t batch;          /* as the file says it; -1: any                           */
	const struct graph_node *node;   /* the one at hand                               */
	int64_t weights_left;   /* elements that layers may still have                    */
	struct error *error;
};

/* STATUS_INPUT: FILE: node 'NAME' (TYPE): and the words. */
int lowering_refuse(const struct lowering *lowering, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Is there an input of that index (it may have been left out)? */
bool lowering_has(const struct lowering *lowering, size_t index);
/* The input as something that a layer made, or as a constant of floats; NULL with a sentence. */
const struct lowered *lowering_edge(const struct lowering *lowering, size_t index);
const struct lowered *lowering_floats(const struct lowering *lowering, size_t index);
/* The input, whatever it is; NULL with a sentence where there is none. */
const struct lowered *lowering_input(const struct lowering *lowering, size_t index);

/* Whole attributes within 31 bits and a sign; left out: out stays as it is. */
int lowering_whole(const struct lowering *lowering, const char *name, int64_t *out);
int lowering_wholes(const struct lowering *lowering, const char *name, int64_t *out, size_t count);

/* Are the elements of an edge, as the graph counts them, in the order of memory? */
bool lowered_is_straight(const struct lowered *value);

/* Is the value an image whose height, width and channels are those of its edge?  A sentence. */
int lowering_check_image(const struct lowering *lowering, const struct lowered *value);

/* The node's first output is `value`. */
int lowering_set(struct lowering *lowering, const struct lowered *value);
/* Adds a layer without inputs or weights whose output has these dims, and sets the node's output;
 * NULL with a sentence where a sample has too many elements. */
struct layer *lowering_add(struct lowering *lowering, const struct layer_operation *operation,
			   int rank, int64_t height, int64_t width, int64_t channels);
/* The layer that made input `index`, where that may still be changed; else NULL. */
struct layer *lowering_before(const struct lowering *lowering, size_t index);

/* weights.c */
/* Copies a constant as the layer's weights: rows by axis order[0] of `shape`, which has as many
 * elements. */
int lowering_weights(struct lowering *lowering, struct layer *layer,
		     const struct lowered *constant, int rank, const int64_t *shape,
		     const int *order);
/* layer->bias is there, zeros where there was none. */
int lowering_bias(const struct lowering *lowering, struct layer *layer);
/* A constant that has one number for each channel of `value`, or one for all, as ONNX broadcasts;
 * `numbers` gets value->dims.channels of them.  false: it has another shape. */
bool lowered_by_channel(const struct lowered *constant, const struct lowered *value,
			double *numbers);
/* Are all weights and biases finite?  A sentence where they are not. */
int layer_check_finite(const struct layer *layer, const char *path, struct error *error);

#endif
