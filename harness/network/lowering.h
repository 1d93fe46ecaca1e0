/* SPDX-License-Identifier: MIT
 *
 * What the rows of the table of operations share while a graph becomes layers.
 *
 * Nodes are taken in the graph's order, and only those that the network's output hangs on.  A row's
 * `lower` looks at the inputs of its node and then either adds a layer, or changes the layer that
 * made its input, or only says how its input is looked at from now on.
 *
 * A sample is a whole input of the graph, its first axis of 1 too.  Where that axis is the batch
 * (its size is open, or more than 1), a value's first axis counts as 1 and is the batch's alone: an
 * operation that would mix or move it is refused.
 *
 * A layer may be changed while nobody else can see what it made before: lowering_before.
 */
#ifndef QS_LOWERING_H
#define QS_LOWERING_H

#include "operation.h"

enum {
	DIGITS_MOST = 12,
	MOVES_MOST = 1 << 24    /* elements of all maps of a network                     */
};

/* A whole number in a constant that is the size of the batch, whatever it is. */
#define BATCH_SIZE (INT64_MIN + 1)

/* A part of an axis as memory has it: `size` steps of `stride` elements; 0: one element again and
 * again.  The digits of an axis count like those of a number, the last one fastest. */
struct digit {
	int64_t size, stride;
	int axis;
};

/* A value of the graph: a constant under some shape, or an edge and how it is looked at. */
struct lowered {
	enum { LOWERED_NOT, LOWERED_CONSTANT, LOWERED_EDGE } kind;
	int rank;
	int64_t shape[RANK_MAX];
	const struct graph_value *constant;
	size_t edge;
	int64_t offset;         /* of the first element                                  */
	int digit_count;        /* in the order of the axes                              */
	struct digit digits[DIGITS_MOST];
	const char *name;       /* of what looks at the edge so, for a layer that moves it */
	bool shared;            /* the edge is read in another way as well               */
};

struct lowering {
	const struct env *env;
	const struct graph *graph;
	struct layers *layers;
	struct lowered *values; /* [graph->value_count]                                   */
	size_t *readers;        /* [graph->value_count]: live nodes' inputs and outputs   */
	bool batched;           /* the first axis of values is the batch                  */
	int64_t batch;          /* as the file says it; -1: any                           */
	struct lowered input;   /* the network's, as it was first                         */
	bool input_taken;       /* the network's input has been read as an image          */
	const struct graph_node *node;   /* the one at hand                               */
	/* elements that layers, constants made here, and maps may still have */
	int64_t weights_left, folded_left, moves_left;
	struct graph_value *folded;      /* constants made here                           */
	size_t folded_count;    /* room for one a node                                   */
	struct error *error;
};

/* STATUS_INPUT: FILE: node 'NAME' (TYPE): and the words. */
int lowering_refuse(const struct lowering *lowering, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Is there an input of that index (it may have been left out)? */
bool lowering_has(const struct lowering *lowering, size_t index);
/* The input as something that a layer made, or as a constant of floats or of whole numbers; NULL
 * with a sentence. */
const struct lowered *lowering_edge(const struct lowering *lowering, size_t index);
const struct lowered *lowering_floats(const struct lowering *lowering, size_t index);
const struct lowered *lowering_wholes_of(const struct lowering *lowering, size_t index);
/* The input, whatever it is; NULL with a sentence where there is none. */
const struct lowered *lowering_input(const struct lowering *lowering, size_t index);
bool lowering_is_constant(const struct lowering *lowering, size_t index);

/* Whole attributes within 31 bits and a sign; left out: out stays as it is. */
int lowering_whole(const struct lowering *lowering, const char *name, int64_t *out);
int lowering_wholes(const struct lowering *lowering, const char *name, int64_t *out, size_t count);
/* Numbers of an attribute or, in newer operator sets, of the constant that input `index` is: at
 * most `most` of them into out, *count; *count is -1 where neither is there. */
int lowering_list(const struct lowering *lowering, const char *name, size_t index, int64_t *out,
		  int most, int *count);
/* An axis of `rank` of them, counted from the end where below 0; the batch is refused. */
int lowering_axis(const struct lowering *lowering, int rank, int64_t axis, int *out);

/* The node's output `index` is `value`. */
int lowering_set_output(struct lowering *lowering, size_t index, const struct lowered *value);
int lowering_set(struct lowering *lowering, const struct lowered *value);
/* The input in another way of looking at it is the node's first output. */
int lowering_pass(struct lowering *lowering, const struct lowered *seen);

/* adding.c: layers without inputs or weights; NULL with a sentence where a sample has too many
 * elements.  The last one apart they set the node's output. */
/* An image. */
struct layer *lowering_add_image(struct lowering *lowering,
				 const struct layer_operation *operation, int64_t channels,
				 int64_t height, int64_t width);
/* The same with this shape in memory's canonical order. */
struct layer *lowering_add(struct lowering *lowering, const struct layer_operation *operation,
			   int rank, const int64_t *shape);
/* With the axes in memory in their own order: rows of the last axis, however many there are. */
struct layer *lowering_add_rows(struct lowering *lowering,
				const struct layer_operation *operation, int rank,
				const int64_t *shape);
/* With each element where `input` has it, for a layer that maps each by itself.  The input is
 * brought into a dense form first, and is the layer's input 0. */
struct layer *lowering_add_like(struct lowering *lowering,
				const struct layer_operation *operation, size_t input);
/* The edge of a value with the axes in `order`. */
struct edge lowering_edge_of(int rank, const int64_t *shape, const int *order);
/* With the axes in memory in that order; the output is in *out alone. */
struct layer *lowering_add_layer(struct lowering *lowering,
				 const struct layer_operation *operation, int rank,
				 const int64_t *shape, const int *order, const char *name,
				 struct lowered *out);

/* The layer that made input `index`, where that may still be changed; else NULL. */
struct layer *lowering_before(const struct lowering *lowering, size_t index);
/* Is that a layer whose weights and bias a constant may still be folded into? */
struct layer *lowering_weighted_before(const struct lowering *lowering, size_t index);

/* views.c: ways of looking at an edge */
/* Axes as memory has them: the last one of `order` fastest. */
void lowered_dense(struct lowered *value, size_t edge, int rank, const int64_t *shape,
		   const int *order);
/* The order of axes in which an edge of that rank lies: images channels last, else as they are. */
const int *canonical_order(int rank);
int64_t lowered_elements(const struct lowered *value);
void lowered_transpose(struct lowered *value, const int *permutation);
/* false: it cannot be looked at so where it lies, or takes too many digits. */
bool lowered_reshape(struct lowered *value, int rank, const int64_t *shape);
/* Indices start, start + step ... of one axis, `count` of them; false: the axis has several
 * digits. */
bool lowered_slice(struct lowered *value, int axis, int64_t start, int64_t step, int64_t count);
/* Axes of 1 become as long as `shape`'s; both of the same rank. */
bool lowered_broadcast(struct lowered *value, int rank, const int64_t *shape);
/* Is each element of the edge seen exactly once; are they in memory in the order of `order`? */
bool lowered_is_dense(const struct lowering *lowering, const struct lowered *value);
bool lowered_is_ordered(const struct lowering *lowering, const struct lowered *value,
			const int *order);
/* Are elements of the same index at the same place of their edges? */
bool lowered_is_alike(const struct lowered *a, const struct lowered *b);
/* Places of the indices of one axis: out[shape[axis]], without the offset. */
void lowered_places(const struct lowered *value, int axis, int64_t *out);

/* moves.c: values that have to lie elsewhere */
/* value becomes one whose memory has the axes in that order, by a layer that moves it where it is
 * not so. */
int lowering_arrange(struct lowering *lowering, struct lowered *value, const int *order);
/* The value under that shape, moved where it has to be. */
int lowering_reshape(struct lowering *lowering, struct lowered *value, int rank,
		     const int64_t *shape);
/* The input in canonical order; as an image of 4 axes, the first 1, whose edge has its height,
 * width and channels; as something that is dense in any order.  NULL with a sentence. */
const struct lowered *lowering_ordered(struct lowering *lowering, size_t index);
const struct lowered *lowering_image(struct lowering *lowering, size_t index);
const struct lowered *lowering_densed(struct lowering *lowering, size_t index);
/* A layer that moves: index i of axis a of the output is index tables[a][i] of the input's, or
 * below 0 nothing, the value 0; a table that is NULL moves nothing.  The new value is in *out. */
int lowering_move(struct lowering *lowering, const struct lowered *from, const int64_t *shape,
		  int64_t *const *tables, struct lowered *out);

/* weights.c */
/* Copies a constant as the layer's weights: rows by axis order[0] of `shape`, which has as many
 * elements. */
int lowering_weights(struct lowering *lowering, struct layer *layer,
		     const struct lowered *constant, int rank, const int64_t *shape,
		     const int *order);
/* layer->bias is there, zeros where there was none. */
int lowering_bias(const struct lowering *lowering, struct layer *layer);
/* Is the axis of the value the channels of its edge? */
bool lowered_is_channels(const struct lowering *lowering, const struct lowered *value, int axis);
/* A constant that has one number for each channel of the edge behind `value`, or one for all, as
 * ONNX broadcasts; `numbers` gets as many as the edge has channels.  false: its shape is none. */
bool lowered_by_channel(const struct lowering *lowering, const struct lowered *constant,
			const struct lowered *value, double *numbers);
/* The constant for each element of a dense value's edge, in the order of memory; NULL with a
 * sentence. */
double *lowering_spread(struct lowering *lowering, const struct lowered *constant,
			const struct lowered *value);
/* Are all weights and biases finite?  A sentence where they are not. */
int layer_check_finite(const struct layer *layer, const char *path, struct error *error);

/* folding.c: nodes whose inputs are all constants */
bool lowering_folds(const struct lowering *lowering);
int lowering_fold(struct lowering *lowering);
/* A constant as something dense to look at, and the node's output as what is seen of it then. */
void lowered_of_constant(struct lowered *value, const struct lowered *constant);
int lowering_fold_view(struct lowering *lowering, const struct lowered *constant,
		       const struct lowered *seen);
/* A constant of that shape with room for its numbers, floats or whole; NULL with a sentence. */
struct graph_value *lowering_new_constant(struct lowering *lowering, int rank,
					  const int64_t *shape, bool floating);

#endif
