/* SPDX-License-Identifier: MIT
 *
 * What the parts of the ONNX reader share: the decoded model, its tensors (initializers, then
 * Constant nodes' values), and what happens to a weight between the file and the node that reads
 * it.
 */
#ifndef QS_ONNX_FILE_H
#define QS_ONNX_FILE_H

#include "element.h"

#include <onnx/onnx.pb-c.h>

enum { CHAIN_MOST = 16 };       /* nodes between a tensor and its consumer               */

struct onnx_tensor {
	const Onnx__TensorProto *proto;
	const char *name;       /* an initializer's own, a Constant's output             */
};

struct onnx_file {
	const struct env *env;
	bool starved;           /* memory ran out while the model was decoded            */
	Onnx__ModelProto *model;
	size_t count;
	struct onnx_tensor *tensors;     /* in the order of file->tensors                */
};

struct onnx_step {              /* one Reshape or Transpose                              */
	int rank;
	int64_t shape[RANK_MAX];         /* behind it                                    */
	bool transpose;
	int permutation[RANK_MAX];       /* of the axes before it, where transpose       */
};

struct onnx_chain {             /* tensor_info.extra                                     */
	int steps;
	struct onnx_step step[CHAIN_MOST];
};

/* onnx_data.c */
const struct element *onnx_element(const Onnx__TensorProto *proto);
/* Does the tensor hold as many values as its shape says?  Floating tensors, and whole numbers that
 * are shapes; others are not looked at.  External data: refused in info->refusal. */
int onnx_check_data(const struct tensor_file *file, struct tensor_info *info,
		    const Onnx__TensorProto *proto, struct error *error);
/* count floating values. */
void onnx_read_floats(float *out, const Onnx__TensorProto *proto, int64_t count);
/* A tensor of at most RANK_MAX int64 values: their number, or -1. */
int onnx_read_shape(int64_t out[RANK_MAX], const Onnx__TensorProto *proto);

/* onnx_weights.c: gives the weights of file->tensors their role, axis, order, shape and chain.
 * *disagreeing: how many are read by two nodes in different layouts (the first node decides). */
int onnx_find_weights(struct tensor_file *file, size_t *disagreeing, struct error *error);

#endif
