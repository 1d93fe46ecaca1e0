/* SPDX-License-Identifier: MIT
 *
 * What the parts of graph_parse_onnx share.
 */
#ifndef QS_ONNX_GRAPH_H
#define QS_ONNX_GRAPH_H

#include "../graph.h"
#include "onnx_file.h"

struct onnx_parse {
	struct graph *graph;
	const char *path;
	const Onnx__ModelProto *model;
	struct onnx_name *names;         /* of all values, sorted; index: into graph->values */
	bool *made;             /* [values]: by what stands before the node at hand      */
	struct error *error;
};

/* onnx_nodes.c */
/* The tensor as the constant `value`, whose name is there. */
int onnx_constant(const struct onnx_parse *parse, struct graph_value *value,
		  const Onnx__TensorProto *tensor);
/* Appends node `index` of the file, or makes its value a constant. */
int onnx_add_node(struct onnx_parse *parse, size_t index);

#endif
