/* SPDX-License-Identifier: MIT
 *
 * oneDNN's reorder for quantize and dequantize: scales for the tensor, for rows or for columns, one
 * zero point.  It multiplies by the float 1 / scale where the definition divides: codes claim a
 * step.
 */
#include "onednn.h"

/* 2.6's reorder to rows that are apart leaves the zero point out at a row's end: m 2, k 15, strides
 * 15 and 17, the columns from 8 on */
static const char *refuse_operand(const struct qs_task *task, const struct qs_operand *operand)
{
	int32_t zero;

	if (operand->per == QS_PER_GROUP)
		return "scales of groups";
	if (!peer_zero(operand, &zero))
		return "one zero point alone";
	if ((zero || operand->per != QS_PER_TENSOR) &&
	    (task->a.stride != task->k || task->y.stride != task->k))
		return "tight strides alone where there is a zero point or several scales";
	return NULL;
}

static const char *refuse_quantize(const struct qs_task *task)
{
	const int32_t least = task->y.type == QS_S8 ? INT8_MIN : 0;
	const char *reason = peer_refuse_sizes(task);

	if (reason)
		return reason;
	if (task->round != QS_HALF_EVEN)
		return "ties to even alone";
	if (task->low != least || task->high != least + 255)
		return "the whole code range alone";
	return refuse_operand(task, &task->y);
}

static const char *refuse_dequantize(const struct qs_task *task)
{
	const char *reason = peer_refuse_sizes(task);

	return reason ? reason : refuse_operand(task, &task->a);
}

/* The factors of a piece, [*count]; the caller frees them.  NULL: *reason, or no memory. */
static float *make_factors(const struct qs_task *task, const struct peer_piece *part, int *mask,
			   int64_t *count, const char **reason)
{
	const bool quantizes = task->op == QS_QUANTIZE;
	const struct qs_operand *map = quantizes ? &task->y : &task->a;
	const int64_t from = map->per == QS_PER_ROW ? part->row
			     : map->per == QS_PER_COLUMN ? part->column : 0;
	float *factors;

	*mask = map->per == QS_PER_ROW ? 1 << 0 : map->per == QS_PER_COLUMN ? 1 << 1 : 0;
	*count = map->per == QS_PER_ROW ? part->rows
		 : map->per == QS_PER_COLUMN ? part->columns : 1;
	factors = malloc((size_t)*count * sizeof *factors);
	for (int64_t i = 0; factors && i < *count; i++) {
		const float scale = map->scale[from + i];

		factors[i] = quantizes ? 1 / scale : scale;
		if (scale < FLT_MIN || factors[i] < FLT_MIN || factors[i] > FLT_MAX) {
			*reason = "a scale that is no normal float, or its inverse";
			free(factors);
			return NULL;
		}
	}
	return factors;
}

static const char *make_piece(struct onednn *onednn, struct onednn_piece *piece)
{
	const struct qs_task *task = &onednn->task;
	const struct peer_piece *part = &piece->part;
	const bool quantizes = task->op == QS_QUANTIZE;
	const char *reason = "oneDNN has no reorder for this task";
	const int64_t in = peer_bytes(task->a.type), out = peer_bytes(task->y.type);
	dnnl_primitive_attr_t attributes = NULL;
	dnnl_primitive_desc_t desc = NULL;
	dnnl_memory_desc_t a, y;
	int64_t count;
	int32_t zero;
	int mask;
	float *factors = make_factors(task, part, &mask, &count, &reason);

	if (!factors)
		return reason;
	peer_zero(quantizes ? &task->y : &task->a, &zero);
	piece->a_at = (part->row * task->a.stride + part->column) * in;
	piece->y_at = (part->row * task->y.stride + part->column) * out;
	if (onednn_matrix(&a, task->a.type, part->rows, part->columns, task->a.stride) &&
	    onednn_matrix(&y, task->y.type, part->rows, part->columns, task->y.stride) &&
	    !dnnl_primitive_attr_create(&attributes) &&
	    !dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user) &&
	    !dnnl_primitive_attr_set_output_scales(attributes, count, mask, factors) &&
	    (!zero || !dnnl_primitive_attr_set_zero_points(
			      attributes, quantizes ? DNNL_ARG_DST : DNNL_ARG_SRC, 1, 0, &zero)) &&
	    !dnnl_reorder_primitive_desc_create(&desc, &a, onednn->engine, &y, onednn->engine,
						attributes) &&
	    onednn_piece_make(onednn, piece, desc, &a, &y))
		reason = NULL;
	if (desc)
		dnnl_primitive_desc_destroy(desc);
	if (attributes)
		dnnl_primitive_attr_destroy(attributes);
	free(factors);
	return reason;
}

static void *prepare(const struct qs_task *task, const void *w, size_t *bytes,
		     const char **reason)
{
	struct onednn *onednn = onednn_new(task, task->k);

	(void)w;
	*bytes = 0;
	*reason = NULL;
	for (int64_t i = 0; onednn && i < onednn->cut.count; i++) {
		*reason = make_piece(onednn, &onednn->piece[i]);
		if (*reason) {
			onednn_release(onednn);
			return NULL;
		}
	}
	return onednn;
}

#define QUANTIZE(types, type_y)                                            \
	const struct qs_kernel quantize_##types##__onednn = {              \
		.name = "quantize_" #types "__onednn", .peer = "onednn",   \
		.op = QS_QUANTIZE, .a = QS_F32, .y = type_y,               \
		.needs = QS_CPU_AVX2, .tile_m = 1, .tile_n = 1, .tile_k = 16, \
		.claim_steps = 1, .refuse = refuse_quantize,               \
		.prepare = prepare, .units = onednn_units,                 \
		.run = onednn_run, .release = onednn_release,              \
	}
#define DEQUANTIZE(types, type_a)                                          \
	const struct qs_kernel dequantize_##types##__onednn = {            \
		.name = "dequantize_" #types "__onednn", .peer = "onednn", \
		.op = QS_DEQUANTIZE, .a = type_a, .y = QS_F32,             \
		.needs = QS_CPU_AVX2, .tile_m = 1, .tile_n = 1, .tile_k = 16, \
		.refuse = refuse_dequantize,                               \
		.prepare = prepare, .units = onednn_units,                 \
		.run = onednn_run, .release = onednn_release,              \
	}

QUANTIZE(f32s8, QS_S8);
QUANTIZE(f32u8, QS_U8);
QUANTIZE(f32s8_channel, QS_S8);
QUANTIZE(f32u8_channel, QS_U8);
DEQUANTIZE(s8f32, QS_S8);
DEQUANTIZE(u8f32, QS_U8);
DEQUANTIZE(s8f32_channel, QS_S8);
DEQUANTIZE(u8f32_channel, QS_U8);
