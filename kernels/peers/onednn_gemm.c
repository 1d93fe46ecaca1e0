/* SPDX-License-Identifier: MIT
 *
 * oneDNN's matmul and inner product for all gemms: the weights in whatever layout the primitive
 * asks for, packed once; y = clamp((sum + bias) * scale + shift).
 */
#include "onednn.h"

/* The weights of a piece as they are given: [columns][k] by rows; matmul's is the transpose. */
static bool weights_given(dnnl_memory_desc_t *desc, const struct qs_task *task,
			  enum onednn_product product, int64_t columns)
{
	const dnnl_dims_t inner[2] = { { columns, task->k }, { task->w.stride, 1 } };
	const dnnl_dims_t matmul[2] = { { task->k, columns }, { 1, task->w.stride } };
	const dnnl_dims_t *const at = product == ONEDNN_INNER ? inner : matmul;

	return !dnnl_memory_desc_init_by_strides(desc, 2, at[0], onednn_type(task->w.type), at[1]);
}

static bool weights_any(dnnl_memory_desc_t *desc, const struct qs_task *task,
			enum onednn_product product, int64_t columns)
{
	const dnnl_dims_t inner = { columns, task->k }, matmul = { task->k, columns };

	return !dnnl_memory_desc_init_by_tag(desc, 2, product == ONEDNN_INNER ? inner : matmul,
					     onednn_type(task->w.type), dnnl_format_tag_any);
}

static bool bias_desc(dnnl_memory_desc_t *desc, enum qs_type type, enum onednn_product product,
		      int64_t columns)
{
	const dnnl_dims_t inner = { columns }, matmul = { 1, columns };

	return product == ONEDNN_INNER
		       ? !dnnl_memory_desc_init_by_tag(desc, 1, inner, onednn_type(type), dnnl_a)
		       : !dnnl_memory_desc_init_by_tag(desc, 2, matmul, onednn_type(type), dnnl_ab);
}

static bool set_epilogue(dnnl_primitive_attr_t attributes, const struct onednn_epilogue *epilogue,
			 const struct peer_piece *part)
{
	dnnl_post_ops_t after = NULL;
	bool done = !dnnl_primitive_attr_set_scratchpad_mode(attributes,
							     dnnl_scratchpad_mode_user);

	if (done && epilogue->scales)
		done = !dnnl_primitive_attr_set_output_scales(attributes, part->columns, 1 << 1,
							      epilogue->scales + part->column);
	done = done && !dnnl_post_ops_create(&after);
	if (done && epilogue->shift != 0)
		done = !dnnl_post_ops_append_eltwise(after, 1, dnnl_eltwise_linear, 1,
						     epilogue->shift);
	if (done && epilogue->low <= epilogue->high)
		done = !dnnl_post_ops_append_eltwise(after, 1, dnnl_eltwise_clip, epilogue->low,
						     epilogue->high);
	if (done)
		done = !dnnl_primitive_attr_set_post_ops(attributes, after);
	if (after)
		dnnl_post_ops_destroy(after);
	return done;
}

/* The primitive's description for one piece; NULL: oneDNN has none. */
static dnnl_primitive_desc_t describe(const struct onednn *onednn, enum onednn_product product,
				      const struct onednn_epilogue *epilogue,
				      const struct peer_piece *part, const dnnl_memory_desc_t *a,
				      const dnnl_memory_desc_t *y)
{
	dnnl_primitive_attr_t attributes = NULL;
	dnnl_primitive_desc_t desc = NULL;
	dnnl_memory_desc_t w, bias;
	const dnnl_memory_desc_t *const added = epilogue->bias ? &bias : NULL;
	dnnl_inner_product_desc_t inner;
	dnnl_matmul_desc_t matmul;

	if (!weights_any(&w, &onednn->task, product, part->columns) ||
	    (added && !bias_desc(&bias, epilogue->bias_type, product, part->columns)) ||
	    dnnl_primitive_attr_create(&attributes))
		return NULL;
	if (!set_epilogue(attributes, epilogue, part) ||
	    (product == ONEDNN_INNER
		     ? dnnl_inner_product_forward_desc_init(&inner, dnnl_forward_inference, a, &w,
							    added, y) ||
			       dnnl_primitive_desc_create(&desc, &inner, attributes,
							  onednn->engine, NULL)
		     : dnnl_matmul_desc_init(&matmul, a, &w, added, y) ||
			       dnnl_primitive_desc_create(&desc, &matmul, attributes,
							  onednn->engine, NULL)))
		desc = NULL;
	dnnl_primitive_attr_destroy(attributes);
	return desc;
}

/* NULL, or why not. */
static const char *make_piece(struct onednn *onednn, struct onednn_piece *piece, const void *w,
			      enum onednn_product product, const struct onednn_epilogue *epilogue)
{
	const struct qs_task *task = &onednn->task;
	const struct peer_piece *part = &piece->part;
	const int64_t size = peer_bytes(task->w.type), out = peer_bytes(task->y.type);
	dnnl_memory_desc_t a, y, given, bias;
	dnnl_primitive_desc_t desc;
	bool done;

	piece->a_at = part->row * task->a.stride * size;
	piece->y_at = (part->row * task->y.stride + part->column) * out;
	if (!onednn_matrix(&a, task->a.type, part->rows, task->k, task->a.stride) ||
	    !onednn_matrix(&y, task->y.type, part->rows, part->columns, task->y.stride) ||
	    !weights_given(&given, task, product, part->columns))
		return "oneDNN takes no matrix of these sizes and strides";
	desc = describe(onednn, product, epilogue, part, &a, &y);
	if (!desc)
		return "oneDNN has no primitive for this task";
	if (onednn_is_reference(desc)) {
		dnnl_primitive_desc_destroy(desc);
		return "oneDNN has nothing but its reference code for this task";
	}
	done = onednn_piece_make(onednn, piece, desc, &a, &y) &&
	       onednn_put(onednn, piece, ONEDNN_W, &given,
			  (const char *)w + part->column * task->w.stride * size,
			  dnnl_primitive_desc_query_md(desc, dnnl_query_weights_md, 0));
	if (done && epilogue->bias)
		done = bias_desc(&bias, epilogue->bias_type, product, part->columns) &&
		       onednn_put(onednn, piece, ONEDNN_BIAS, &bias,
				  (const char *)epilogue->bias + part->column * 4, &bias);
	dnnl_primitive_desc_destroy(desc);
	return done ? NULL : "oneDNN cannot pack the weights or has no memory";
}

void *onednn_gemm_prepare(const struct qs_task *task, const void *w, enum onednn_product product,
			  const struct onednn_epilogue *epilogue, size_t *bytes,
			  const char **reason)
{
	struct onednn *onednn = onednn_new(task, task->n);

	*reason = NULL;
	for (int64_t i = 0; onednn && i < onednn->cut.count; i++) {
		*reason = make_piece(onednn, &onednn->piece[i], w, product, epilogue);
		if (*reason) {
			onednn_release(onednn);
			return NULL;
		}
	}
	if (onednn)
		*bytes = onednn->packed;
	return onednn;
}
