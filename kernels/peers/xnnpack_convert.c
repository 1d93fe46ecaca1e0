/* SPDX-License-Identifier: MIT
 *
 * XNNPACK's convert operators for quantize and dequantize, one scale for the tensor.  It multiplies
 * by the float 1 / scale where the definition divides: codes claim a step.
 */
#include "xnnpack.h"

static const char *refuse_operand(const struct qs_operand *operand)
{
	return operand->per != QS_PER_TENSOR ? "one scale for the tensor alone" : NULL;
}

static const char *refuse_quantize(const struct qs_task *task)
{
	const char *reason = peer_refuse_sizes(task);

	if (reason)
		return reason;
	if (task->round != QS_HALF_EVEN)
		return "ties to even alone";
	if (task->low >= task->high)
		return "a clamp to one code";
	return refuse_operand(&task->y);
}

static const char *refuse_dequantize(const struct qs_task *task)
{
	const char *reason = peer_refuse_sizes(task);

	return reason ? reason : refuse_operand(&task->a);
}

static enum xnn_status setup_to_s8(xnn_operator_t op, size_t rows, const void *a, void *y)
{
	return xnn_setup_convert_nc_f32_qs8(op, rows, a, y, NULL);
}

static enum xnn_status setup_to_u8(xnn_operator_t op, size_t rows, const void *a, void *y)
{
	return xnn_setup_convert_nc_f32_qu8(op, rows, a, y, NULL);
}

static enum xnn_status setup_from_s8(xnn_operator_t op, size_t rows, const void *a, void *y)
{
	return xnn_setup_convert_nc_qs8_f32(op, rows, a, y, NULL);
}

static enum xnn_status setup_from_u8(xnn_operator_t op, size_t rows, const void *a, void *y)
{
	return xnn_setup_convert_nc_qu8_f32(op, rows, a, y, NULL);
}

static xnnpack_setup *setup_of(const struct qs_task *task)
{
	if (task->op == QS_QUANTIZE)
		return task->y.type == QS_S8 ? setup_to_s8 : setup_to_u8;
	return task->a.type == QS_S8 ? setup_from_s8 : setup_from_u8;
}

static enum xnn_status make_piece(struct xnnpack_piece *piece, const struct qs_task *task)
{
	const struct qs_operand *map = task->op == QS_QUANTIZE ? &task->y : &task->a;
	const size_t columns = (size_t)piece->part.columns;
	const size_t in = (size_t)task->a.stride, out = (size_t)task->y.stride;
	const int32_t zero = map->zero ? *map->zero : 0;

	if (task->op == QS_QUANTIZE && task->y.type == QS_S8)
		return xnn_create_convert_nc_f32_qs8(columns, in, out, *map->scale, (int8_t)zero,
						     (int8_t)task->low, (int8_t)task->high, 0,
						     &piece->op);
	if (task->op == QS_QUANTIZE)
		return xnn_create_convert_nc_f32_qu8(columns, in, out, *map->scale, (uint8_t)zero,
						     (uint8_t)task->low, (uint8_t)task->high, 0,
						     &piece->op);
	if (task->a.type == QS_S8)
		return xnn_create_convert_nc_qs8_f32(columns, in, out, *map->scale, (int8_t)zero,
						     0, &piece->op);
	return xnn_create_convert_nc_qu8_f32(columns, in, out, *map->scale, (uint8_t)zero, 0,
					     &piece->op);
}

static void *prepare(const struct qs_task *task, const void *w, size_t *bytes,
		     const char **reason)
{
	enum xnn_status status = xnn_status_success;
	struct xnnpack *xnnpack;

	(void)w;
	*bytes = 0;
	*reason = NULL;
	if (task->op == QS_QUANTIZE && !(1 / *task->y.scale >= FLT_MIN)) {
		*reason = "a scale whose inverse is no normal float";
		return NULL;
	}
	xnnpack = xnnpack_new(task, task->k, setup_of(task));
	for (int64_t i = 0; xnnpack && !status && i < xnnpack->cut.count; i++)
		status = make_piece(&xnnpack->piece[i], task);
	if (!status)
		return xnnpack;
	*reason = xnnpack_reason(status);
	xnnpack_release(xnnpack);
	return NULL;
}

#define KERNEL(operation, which, types, type_a, type_y, steps)                                   \
	struct qs_kernel operation##_##types##__xnnpack = {                                      \
		.name = #operation "_" #types "__xnnpack", .peer = "xnnpack", .op = which,       \
		.a = type_a, .y = type_y, .tile_m = 1, .tile_n = 1, .tile_k = 32,                \
		.over_read = XNN_EXTRA_BYTES, .claim_steps = steps,                              \
		.refuse = refuse_##operation, .prepare = prepare, .units = xnnpack_units,        \
		.run = xnnpack_run, .release = xnnpack_release,                                  \
	}

KERNEL(quantize, QS_QUANTIZE, f32s8, QS_F32, QS_S8, 1);
KERNEL(quantize, QS_QUANTIZE, f32u8, QS_F32, QS_U8, 1);
KERNEL(dequantize, QS_DEQUANTIZE, s8f32, QS_S8, QS_F32, 0);
KERNEL(dequantize, QS_DEQUANTIZE, u8f32, QS_U8, QS_F32, 0);
