/* SPDX-License-Identifier: MIT
 *
 * A network as its file says it: nodes in an order in which each comes after what it reads, values
 * between them, constants with their data.  Readers make it; nothing is executed, folded or laid
 * out anew here (see harness/network/layers.h).
 */
#ifndef QS_GRAPH_H
#define QS_GRAPH_H

#include "../harness/config.h"
#include "../harness/hash.h"

enum { GRAPH_NONE = -1 };       /* an optional input that is left out                    */

struct graph_value {
	char *name;
	int rank;               /* -1: the file does not say                             */
	int64_t shape[RANK_MAX];         /* -1: symbolic or not known                    */
	int64_t elements;       /* of a constant; else 0                                 */
	float *floats;          /* a constant of floats, converted; else NULL            */
	int64_t *wholes;        /* a constant of whole numbers; else NULL                */
};

struct graph_attribute {
	char *name;
	char *text;             /* of a text attribute, else NULL                        */
	double number;          /* of an int or a float                                  */
	size_t count;           /* of ints or floats                                     */
	double *numbers;
};

struct graph_node {
	char *name;             /* "" in the file: its first output's name               */
	char *type;             /* Conv, Gemm, ...; of another domain than ONNX's DOMAIN:TYPE */
	size_t input_count, output_count, attribute_count;
	int *inputs, *outputs;  /* indices into values, or GRAPH_NONE                    */
	struct graph_attribute *attributes;
};

struct graph {
	const struct env *env;
	char *name;             /* for messages: the file, or builtin:NAME               */
	int opset;              /* of ONNX's own operators                             */
	size_t value_count, value_capacity;
	struct graph_value *values;
	size_t node_count, node_capacity;
	struct graph_node *nodes;
	size_t input_count, output_count;        /* of the network, constants left out    */
	int *inputs, *outputs;
};

/* From the bytes of an ONNX file (opset 7 to 17), scanned before they are decoded.  What is wrong
 * with them is STATUS_INPUT with `name` before it. */
int graph_parse_onnx(struct graph *graph, const struct env *env, const char *name,
		     const char *bytes, size_t size, struct error *error);
void graph_free(struct graph *graph);
/* NULL: the node has it not. */
const struct graph_attribute *graph_attribute(const struct graph_node *node, const char *name);

#endif
