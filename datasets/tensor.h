/* SPDX-License-Identifier: MIT
 *
 * A tensor in memory, laid out for quantization: one row a channel, along a row the reduction in
 * the order the kernel reads it.
 *
 * values[rows][columns], row-major float32.  A row is one index of the channel axis; a convolution
 * weight [O][I][kh][kw] of a file becomes rows = O, columns in the order kh, kw, I, so that a group
 * of a tensor is the group of its network.  `shape` and `axis` keep what the file said.  A scalar
 * or a vector is one row, whatever axis is asked for: it has one channel.
 */
#ifndef QS_TENSOR_H
#define QS_TENSOR_H

#include "../harness/config.h"
#include "../harness/hash.h"

struct tensor_info {            /* what a file says of a tensor, without its data         */
	char *name;
	const char *type;       /* float32, float64, float16, bfloat16, int8, ...: static */
	bool floating;
	int rank;
	int64_t shape[RANK_MAX];
	int64_t elements;
	bool weight;            /* counted by FILE#*: see the reader's help               */
	const char *role;       /* "Conv weight", "Gemm weight", ...; "" where not known  */
	char *refusal;          /* why it cannot be loaded (its data lie elsewhere); NULL: it can,
				 * where it is floating                                   */
	/* the canonical layout: */
	int axis;               /* the output channel's axis in `shape`; 0 by default     */
	int order[RANK_MAX];    /* the axes of `shape` in memory order; order[0] == axis */
	int64_t rows, columns;
	uint64_t place;         /* the reader's own: offset, index                        */
	void *extra;            /* the reader's own, freed with the file                  */
};

struct tensor {
	const struct env *env;
	int rank;
	int64_t shape[RANK_MAX];         /* as the file (or its consumer) says it         */
	int axis;               /* the channel axis in `shape`                           */
	int order[RANK_MAX];    /* the axes of `shape` in memory order; order[0] == axis */
	int64_t rows, columns;
	float *values;          /* rows * columns                                        */
};

void tensor_free(struct tensor *tensor);
/* The content hash: shape, axis, layout and the values' bytes. */
void tensor_hash(char key[KEY_SIZE], const struct tensor *tensor);
/* A copy whose rows are the indices of `axis` of `shape` (a granularity {"channel": AXIS}); the
 * other axes keep their memory order.  An axis that the shape has not is an error. */
int tensor_by_axis(struct tensor *out, const struct tensor *tensor, int axis,
		   struct error *error);

#endif
