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

enum { LAYER_INPUTS_MAX = 2 };

struct edge {                   /* of one sample                                         */
	int64_t height, width, channels, elements;
};

struct layer;
struct execution;               /* of execute.h                                          */

/* A row of the table of operations (operations/operations.c): what a graph's node becomes, and how
 * it is computed.  A node that only changes a layer (a normalization, a ReLU, a flattening) is a
 * row as well; its run functions are NULL. */
struct layer_operation;

struct layer {
	char *name;
	const struct layer_operation *operation;
	size_t input_count, inputs[LAYER_INPUTS_MAX];    /* edges                        */
	bool relu;              /* the last thing it does                                */
	/* a layer with weights; else weights.values is NULL */
	struct tensor weights;  /* rows: output channels; columns in the order kh, kw, cin */
	float *bias;            /* [weights.rows]; NULL: none                            */
	struct qs_conv conv;    /* of one sample; of a product 1 x 1, columns as channels  */
	int64_t macs;           /* of one sample, padding counted                        */
};

struct layers {
	const struct env *env;
	char *name;             /* of the graph                                          */
	size_t count, capacity;
	struct layer *layers;
	struct edge *edges;     /* [count + 1]                                           */
};

/* An operation that is not known, or is used in a way that is not, is STATUS_INPUT: one sentence
 * with the node and what is known. */
int layers_make(struct layers *layers, const struct graph *graph, const struct env *env,
		struct error *error);
void layers_free(struct layers *layers);

/* Which layers a policy leaves in float: islands[layers->count].  false with a reason, cut to
 * `size` bytes: a pattern that fits no layer, or no layer is left to quantize. */
struct recipe;
bool layers_islands(const struct layers *layers, const struct recipe *recipe, bool *islands,
		    char *reason, size_t size);

#endif
