/* SPDX-License-Identifier: MIT
 *
 * A network as it is quantized: fused groups in graph order.
 *
 * A layer is a convolution or a product with its folded normalization, bias and ReLU, or an add, or
 * a pool, named after its first node.  Edge 0 is the network's input, edge i + 1 the output of
 * layer i; the last layer's output is the network's.  A sample of an edge is [height][width]
 * [channels] (NHWC), a vector 1 x 1 x n; an edge of a batch is samples one after the other.
 *
 * Weights follow memory: columns of a convolution are kh, kw, cin, and of a product that reads a
 * flattened image h, w, c, whatever the file's order.  Nodes that the output does not hang on are
 * left out.  A node is folded or fused into the layer before only where it alone reads that layer.
 *
 * A folded normalization: weight * (scale / sqrt(variance + epsilon)) and
 * (bias - mean) * (scale / sqrt(variance + epsilon)) + shift, in double, each rounded once to
 * float32.
 */
#ifndef QS_LAYERS_H
#define QS_LAYERS_H

#include "../../datasets/graph.h"
#include "../../datasets/tensor.h"

enum {
	LAYER_INPUTS_MAX = 16,
	MAP_PAD = -1            /* in layer.map: no element, but the pad                  */
};

struct edge {                   /* of one sample                                         */
	int64_t height, width, channels, elements;
};

struct layer;
struct activation;              /* of activations.h                                      */
struct execution;               /* of execute.h                                          */

/* A row of the table of operations (operations/operations.c): what a graph's node becomes, and how
 * it is computed.  A node that only changes a layer (a normalization, a ReLU, a flattening) is a
 * row as well; its run functions are NULL. */
struct layer_operation;

struct layer {
	char *name;
	const struct layer_operation *operation;
	size_t input_count, inputs[LAYER_INPUTS_MAX];    /* edges                        */
	bool relu;              /* the last thing it does ...                            */
	float ceiling;          /* ... but for min(x, ceiling), where this is above 0    */
	/* a layer with weights; else weights.values is NULL */
	struct tensor weights;  /* rows: output channels; columns in the order kh, kw, cin */
	float *bias;            /* [weights.rows]; NULL: none                            */
	struct qs_conv conv;    /* of one sample; of a product 1 x 1, columns as channels; of a
				 * pool its window                                       */
	bool count_pads;        /* of an average: what lies in the pads counts as 0      */
	int32_t *map;           /* [elements of the output] of a move: an element of the input, or
				 * MAP_PAD                                               */
	float pad;              /* what is there then                                    */
	/* of a map of each element by itself: y = function(x), or x * factors[i] + shifts[i] in
	 * double, element e with i = e % period                                         */
	const struct activation *activation;
	double parameters[2];   /* of the function                                       */
	double *factors, *shifts;
	int64_t period;
	/* of a concatenation or a softmax: the memory order is [outer][axis][inner]; the axis of a
	 * concatenation is that of its inputs one after the other                        */
	int64_t outer, inner;
	bool logarithm;         /* of a softmax                                          */
	int64_t macs;           /* of one sample, padding counted                        */
};

/* How the graph sees the network's input or output: its axes, a batch as 1, and where they lie in a
 * sample of the edge. */
struct edge_axes {
	int rank;
	int64_t shape[RANK_MAX], stride[RANK_MAX];
};

struct layers {
	const struct env *env;
	char *name;             /* of the graph                                          */
	bool batched;           /* the first axis is the batch; else it is 1 or missing, and what
				 * is run at once is samples that the file does not know of */
	struct edge_axes input, output;
	size_t count, capacity;
	struct layer *layers;
	struct edge *edges;     /* [count + 1]                                           */
	/* [count + 1] the edge whose quantizer an edge has: itself, or where a layer only moves or
	 * picks codes that of its input.  NULL: each its own.                            */
	size_t *grid_of;
};

static inline size_t layers_grid_of(const struct layers *layers, size_t edge)
{
	return layers->grid_of ? layers->grid_of[edge] : edge;
}

/* The layer writes its input's codes, not codes of its own. */
static inline bool layer_shares_grid(const struct layers *layers, size_t layer)
{
	return layers_grid_of(layers, layer + 1) != layer + 1;
}

/* An operation that is not known, or is used in a way that is not, is STATUS_INPUT: one sentence
 * with the node and what is known. */
int layers_make(struct layers *layers, const struct graph *graph, const struct env *env,
		struct error *error);
void layers_free(struct layers *layers);

/* One sample between the graph's order and that of an edge. */
void edge_axes_put(const struct edge_axes *seen, const float *graph, float *edge);
void edge_axes_take(const struct edge_axes *seen, const float *edge, float *graph);

/* Which layers a policy leaves in float, and which are never quantized: islands[layers->count].
 * false with a reason, cut to `size` bytes: a pattern that fits no layer, or no layer is left to
 * quantize. */
struct recipe;
bool layers_islands(const struct layers *layers, const struct recipe *recipe, bool *islands,
		    char *reason, size_t size);

#endif
