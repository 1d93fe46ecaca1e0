/* SPDX-License-Identifier: MIT
 *
 * What the parts of the ONNX readers share: the decoded model, its tensors (initializers, then
 * Constant nodes' values), their data, names, and what happens to a weight between the file and
 * the node that reads it.
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

struct onnx_name {              /* what a name stands for                                */
	const char *name;
	size_t index;
};

/* onnx_model.c */
/* Any message of onnx.proto, looked over first; onnx->env is set.  NULL with a sentence. */
ProtobufCMessage *onnx_unpack(struct onnx_file *onnx, const ProtobufCMessageDescriptor *type,
			      const char *path, const unsigned char *bytes, size_t size,
			      struct error *error);
void onnx_free(struct onnx_file *onnx, ProtobufCMessage *message);
/* onnx->env is set.  A model that is returned has a graph; onnx_release in any case. */
int onnx_decode(struct onnx_file *onnx, const char *path, const unsigned char *bytes, size_t size,
		struct error *error);
void onnx_release(struct onnx_file *onnx);
/* Sorts; a name that occurs twice, or NULL. */
const char *onnx_sort_names(struct onnx_name *names, size_t count);
/* In sorted names; NULL: it is none of them. */
const struct onnx_name *onnx_find_name(const struct onnx_name *names, size_t count,
				       const char *name);
/* The domain of ONNX's own operators. */
bool onnx_is_standard(const char *domain);

/* onnx_data.c */
const struct element *onnx_element(const Onnx__TensorProto *proto);
/* Its data lie in another file, and that file's name. */
bool onnx_is_external(const Onnx__TensorProto *proto);
const char *onnx_external_file(const Onnx__TensorProto *proto);
/* Does the tensor, floating or of whole numbers, hold `elements` values?  The sentence names path
 * and name. */
int onnx_check_data(const Onnx__TensorProto *proto, const char *path, const char *name,
		    int64_t elements, struct error *error);
/* count floating values, or whole ones, that onnx_check_data has seen.  A uint64 above 2^63 - 1
 * becomes that. */
void onnx_read_floats(float *out, const Onnx__TensorProto *proto, int64_t count);
void onnx_read_wholes(int64_t *out, const Onnx__TensorProto *proto, int64_t count);
/* A tensor of at most RANK_MAX int64 values: their number, or -1. */
int onnx_read_shape(int64_t out[RANK_MAX], const Onnx__TensorProto *proto);

/* onnx_weights.c: gives the weights of file->tensors their role, axis, order, shape and chain.
 * *disagreeing: how many are read by two nodes in different layouts (the first node decides). */
int onnx_find_weights(struct tensor_file *file, size_t *disagreeing, struct error *error);

#endif
