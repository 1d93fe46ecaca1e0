/* SPDX-License-Identifier: MIT
 *
 * XNNPACK's fully connected operators: f32, qs8 (s8 by s8 to s8), qu8 (u8 by u8 with a zero point
 * for the weights, so that ours have their sign bit flipped and 128 added to theirs); and its
 * 1 x 1 convolution qc8, the same product with a scale a channel.
 *
 * The three scales that an operator takes are multiplied and divided in float there; here the one
 * scale that the task means is given as one of them and the others are 1, so that codes are equal
 * to ours.  It must lie in [2^-32, 256).  Float operators take denormal numbers as 0 (XNNPACK asks
 * the CPU to), which shows in a result that hangs on them.
 */
#include "xnnpack.h"

static const char *refuse_f32(const struct qs_task *task)
{
	return xnnpack_refuse_f32(task, peer_refuse_sizes(task));
}

static const char *refuse_codes(const struct qs_task *task)
{
	return xnnpack_refuse_codes(task, peer_refuse_sizes(task));
}

static enum xnn_status setup_f32(xnn_operator_t op, size_t rows, const void *a, void *y)
{
	return xnn_setup_fully_connected_nc_f32(op, rows, a, y, NULL);
}

static enum xnn_status setup_qs8(xnn_operator_t op, size_t rows, const void *a, void *y)
{
	return xnn_setup_fully_connected_nc_qs8(op, rows, a, y, NULL);
}

static enum xnn_status setup_qu8(xnn_operator_t op, size_t rows, const void *a, void *y)
{
	return xnn_setup_fully_connected_nc_qu8(op, rows, a, y, NULL);
}

/* a batch of as many images of one pixel as there are rows */
static enum xnn_status setup_qc8(xnn_operator_t op, size_t rows, const void *a, void *y)
{
	return xnn_setup_convolution2d_nhwc_qc8(op, rows, 1, 1, a, y, NULL);
}

static xnnpack_setup *const setups[] = {
	[XNNPACK_F32] = setup_f32, [XNNPACK_QS8] = setup_qs8,
	[XNNPACK_QU8] = setup_qu8, [XNNPACK_QC8] = setup_qc8,
};

static enum xnn_status make_piece(struct xnnpack_piece *piece, const struct qs_task *task,
				  const struct xnnpack_operands *operands,
				  enum xnnpack_kind product)
{
	const size_t k = (size_t)task->k, n = (size_t)piece->part.columns;
	const size_t in = (size_t)task->a.stride, out = (size_t)task->y.stride;
	const int64_t from = piece->part.column;
	const int8_t *const w = (const int8_t *)operands->w + from * task->k;
	const int32_t *const bias = operands->bias + from;
	int32_t zero_a, zero_w, zero_y;

	peer_zero(&task->a, &zero_a);
	peer_zero(&task->w, &zero_w);
	peer_zero(&task->y, &zero_y);
	switch (product) {
	case XNNPACK_F32:
		return xnn_create_fully_connected_nc_f32(
			k, n, in, out, (const float *)operands->w + from * task->k,
			task->bias_f32 ? task->bias_f32 + from : NULL, -INFINITY, INFINITY, 0,
			&piece->op);
	case XNNPACK_QS8:
		return xnn_create_fully_connected_nc_qs8(
			k, n, in, out, (int8_t)zero_a, 1, operands->scales[from], w, bias,
			(int8_t)zero_y, 1, (int8_t)task->low, (int8_t)task->high, 0, &piece->op);
	case XNNPACK_QU8:
		return xnn_create_fully_connected_nc_qu8(
			k, n, in, out, (uint8_t)zero_a, 1, (uint8_t)(zero_w + 128),
			operands->scales[from], (const uint8_t *)w, bias, (uint8_t)zero_y, 1,
			(uint8_t)task->low, (uint8_t)task->high, 0, &piece->op);
	default:
		return xnn_create_convolution2d_nhwc_qc8(
			0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, k, n, in, out, (int8_t)zero_a, 1,
			operands->scales + from, w, bias, (int8_t)zero_y, 1, (int8_t)task->low,
			(int8_t)task->high, 0, &piece->op);
	}
}

static void *prepare(const struct qs_task *task, const void *w, enum xnnpack_kind product,
		     size_t *bytes, const char **reason)
{
	struct xnnpack_operands operands = { 0 };
	struct xnnpack *xnnpack = NULL;
	enum xnn_status status = xnn_status_success;

	*reason = product == XNNPACK_F32 ? NULL : xnnpack_prove(task, w);
	if (!*reason && xnnpack_operands_make(&operands, task, w, reason))
		xnnpack = xnnpack_new(task, task->n, setups[product]);
	for (int64_t i = 0; xnnpack && !status && i < xnnpack->cut.count; i++)
		status = make_piece(&xnnpack->piece[i], task, &operands, product);
	xnnpack_operands_free(&operands);
	*bytes = (size_t)(task->n * task->k * peer_bytes(task->w.type));
	if (!status)
		return xnnpack;
	*reason = xnnpack_reason(status);
	xnnpack_release(xnnpack);
	return NULL;
}

#define KERNEL(types, variant, type_a, type_w, type_y, product, refuses)                       \
	static void *prepare_##product##variant(const struct qs_task *task, const void *w,     \
						size_t *bytes, const char **reason)            \
	{                                                                                      \
		return prepare(task, w, product, bytes, reason);                               \
	}                                                                                      \
	struct qs_kernel gemm_##types##__xnnpack##variant = {                                  \
		.name = "gemm_" #types "__xnnpack" #variant, .peer = "xnnpack", .op = QS_GEMM, \
		.a = type_a, .w = type_w, .y = type_y,                                         \
		.tile_m = 4, .tile_n = 16, .tile_k = 8, .over_read = XNN_EXTRA_BYTES,          \
		.claim_relative = (product) == XNNPACK_F32 ? PEER_FLOAT_CLAIM : 0,             \
		.refuse = refuses, .prepare = prepare_##product##variant,                      \
		.units = xnnpack_units, .run = xnnpack_run, .release = xnnpack_release,        \
	}

KERNEL(f32f32f32, , QS_F32, QS_F32, QS_F32, XNNPACK_F32, refuse_f32);
KERNEL(s8s8s8, , QS_S8, QS_S8, QS_S8, XNNPACK_QS8, refuse_codes);
KERNEL(u8s8u8, , QS_U8, QS_S8, QS_U8, XNNPACK_QU8, refuse_codes);
KERNEL(s8s8s8_channel, _conv, QS_S8, QS_S8, QS_S8, XNNPACK_QC8, refuse_codes);
