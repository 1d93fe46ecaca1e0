/* SPDX-License-Identifier: MIT
 *
 * oneDNN (2.x): one primitive a piece, each with a stream, memory objects and scratch space of its
 * own, so that a run allocates nothing and any thread may run it.
 *
 * Sums of int8 products are exact where oneDNN finds VNNI; without it they pass through 16 bits
 * that saturate (vpmaddubsw), and full-range data gives wrong ones: so says its
 * doc/advanced/int8_computations.md.  The verdict shows it.
 */
#ifndef QS_ONEDNN_H
#define QS_ONEDNN_H

#include "peer.h"

#include <oneapi/dnnl/dnnl.h>

enum onednn_memory { ONEDNN_A, ONEDNN_Y, ONEDNN_W, ONEDNN_BIAS, ONEDNN_SCRATCH, ONEDNN_MEMORIES };

struct onednn_piece {
	dnnl_stream_t stream;
	dnnl_primitive_t primitive;
	dnnl_memory_t memory[ONEDNN_MEMORIES];   /* NULL: the primitive has none          */
	int64_t a_at, y_at;     /* bytes from the operand's begin                        */
	struct peer_piece part;
};

struct onednn {
	struct qs_task task;
	dnnl_engine_t engine;
	struct peer_cut cut;
	size_t packed;          /* bytes of weights                                      */
	int32_t *added;         /* [n], added to finished sums in s32; NULL: nothing is  */
	struct onednn_piece piece[];
};

/* Room for the task's pieces; NULL: out of memory, or no engine. */
struct onednn *onednn_new(const struct qs_task *task, int64_t columns);
void onednn_release(void *prepared);
int64_t onednn_units(const void *prepared);
int onednn_run(const void *prepared, const void *a, void *y, int64_t first, int64_t last);

dnnl_data_type_t onednn_type(enum qs_type type);
/* A row-major matrix. */
bool onednn_matrix(dnnl_memory_desc_t *desc, enum qs_type type, int64_t rows, int64_t columns,
		   int64_t stride);
/* From the description to a piece that can run but for its weights and bias. */
bool onednn_piece_make(struct onednn *onednn, struct onednn_piece *piece,
		       const_dnnl_primitive_desc_t desc, const dnnl_memory_desc_t *a,
		       const dnnl_memory_desc_t *y);
/* Copies into memory of the piece's own, in the layout of `to`. */
bool onednn_put(struct onednn *onednn, struct onednn_piece *piece, enum onednn_memory which,
		const dnnl_memory_desc_t *from, const void *data, const dnnl_memory_desc_t *to);

/* Plain loops, thousands of times slower, which nobody would race. */
bool onednn_is_reference(const_dnnl_primitive_desc_t desc);

/* onednn_gemm.c: which of the two primitives that multiply matrices */
enum onednn_product { ONEDNN_MATMUL, ONEDNN_INNER };
/* What is done to the sums: each member may be absent (NULL, or fits = true for none). */
struct onednn_epilogue {
	const void *bias;       /* [n] of bias_type                                      */
	enum qs_type bias_type;
	const float *scales;    /* [n]; applied to sum + bias                            */
	float shift;            /* added after the scale                                 */
	float low, high;        /* the clamp after that; low > high: none                */
};
/* Inner product has no rows that are apart, in 2.6: nor has a part of several rows' columns. */
static inline const char *onednn_refuse_strides(const struct qs_task *task)
{
	if (task->m > 1 && (task->a.stride != task->k || task->y.stride != task->n))
		return "oneDNN's inner product takes tight strides alone";
	if (task->m > 1 && task->m < task->threads)
		return "oneDNN's inner product takes whole rows alone, and these are few";
	return NULL;
}
/* prepare_matmul and prepare_inner of a function that is told which. */
#define ONEDNN_PREPARES(prepare)                                                                \
	static void *prepare##_matmul(const struct qs_task *task, const void *w, size_t *bytes, \
				      const char **reason)                                      \
	{                                                                                       \
		return prepare(task, w, ONEDNN_MATMUL, bytes, reason);                          \
	}                                                                                       \
	static void *prepare##_inner(const struct qs_task *task, const void *w, size_t *bytes,  \
				     const char **reason)                                       \
	{                                                                                       \
		return prepare(task, w, ONEDNN_INNER, bytes, reason);                           \
	}
void *onednn_gemm_prepare(const struct qs_task *task, const void *w,
			  enum onednn_product product, const struct onednn_epilogue *epilogue,
			  size_t *bytes, const char **reason);

#endif
