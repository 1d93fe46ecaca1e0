/* SPDX-License-Identifier: MIT
 *
 * XNNPACK's convolutions: f32, qs8, qc8 (qs8 with a scale a channel) and qu8, as the products of
 * xnnpack_gemm.c, whose head comment says what they take.  The call is one piece.  An operator
 * remembers where its input was: setup costs a run no more than that, once prepare has told the
 * sizes.
 */
#include "xnnpack.h"

struct conv {
	enum xnnpack_kind kind;
	size_t images, height, width;
	xnn_operator_t op;
};

static const char *refuse_f32(const struct qs_task *task)
{
	return xnnpack_refuse_f32(task, peer_refuse_conv(task));
}

static const char *refuse_codes(const struct qs_task *task)
{
	return xnnpack_refuse_codes(task, peer_refuse_conv(task));
}

static enum xnn_status setup(const struct conv *conv, const void *a, void *y)
{
	switch (conv->kind) {
	case XNNPACK_F32:
		return xnn_setup_convolution2d_nhwc_f32(conv->op, conv->images, conv->height,
							conv->width, a, y, NULL);
	case XNNPACK_QS8:
		return xnn_setup_convolution2d_nhwc_qs8(conv->op, conv->images, conv->height,
							conv->width, a, y, NULL);
	case XNNPACK_QU8:
		return xnn_setup_convolution2d_nhwc_qu8(conv->op, conv->images, conv->height,
							conv->width, a, y, NULL);
	default:
		return xnn_setup_convolution2d_nhwc_qc8(conv->op, conv->images, conv->height,
							conv->width, a, y, NULL);
	}
}

#define SIZES(c)                                                                               \
	(uint32_t)(c)->pad_top, (uint32_t)(c)->pad_right, (uint32_t)(c)->pad_bottom,           \
		(uint32_t)(c)->pad_left, (uint32_t)(c)->kernel_h, (uint32_t)(c)->kernel_w,     \
		(uint32_t)(c)->stride_h, (uint32_t)(c)->stride_w, (uint32_t)(c)->dilation_h,   \
		(uint32_t)(c)->dilation_w, (uint32_t)(c)->groups,                              \
		(size_t)((c)->channels / (c)->groups), (size_t)((c)->out_channels / (c)->groups)

static enum xnn_status create(struct conv *conv, const struct qs_task *task,
			      const struct xnnpack_operands *operands)
{
	const size_t in = (size_t)task->a.stride, out = (size_t)task->y.stride;
	int32_t zero_a, zero_w, zero_y;

	peer_zero(&task->a, &zero_a);
	peer_zero(&task->w, &zero_w);
	peer_zero(&task->y, &zero_y);
	switch (conv->kind) {
	case XNNPACK_F32:
		return xnn_create_convolution2d_nhwc_f32(SIZES(task->conv), in, out, operands->w,
							 task->bias_f32, -INFINITY, INFINITY, 0,
							 &conv->op);
	case XNNPACK_QS8:
		return xnn_create_convolution2d_nhwc_qs8(
			SIZES(task->conv), in, out, (int8_t)zero_a, 1, operands->scales[0],
			operands->w, operands->bias, (int8_t)zero_y, 1, (int8_t)task->low,
			(int8_t)task->high, 0, &conv->op);
	case XNNPACK_QU8:
		return xnn_create_convolution2d_nhwc_qu8(
			SIZES(task->conv), in, out, (uint8_t)zero_a, 1, (uint8_t)(zero_w + 128),
			operands->scales[0], operands->w, operands->bias, (uint8_t)zero_y, 1,
			(uint8_t)task->low, (uint8_t)task->high, 0, &conv->op);
	default:
		return xnn_create_convolution2d_nhwc_qc8(
			SIZES(task->conv), in, out, (int8_t)zero_a, 1, operands->scales,
			operands->w, operands->bias, (int8_t)zero_y, 1, (int8_t)task->low,
			(int8_t)task->high, 0, &conv->op);
	}
}

static void release(void *prepared)
{
	struct conv *conv = prepared;

	if (conv->op)
		xnn_delete_operator(conv->op);
	free(conv);
}

static int64_t units(const void *prepared)
{
	(void)prepared;
	return 1;
}

static int run(const void *prepared, const void *a, void *y, int64_t first, int64_t last)
{
	const struct conv *conv = prepared;

	return first < last && (setup(conv, a, y) || xnn_run_operator(conv->op, NULL)) ? -1 : 0;
}

static void *prepare(const struct qs_task *task, const void *w, enum xnnpack_kind kind,
		     size_t *bytes, const char **reason)
{
	static char nowhere[64]; /* setup only notes where things are */
	struct xnnpack_operands operands = { 0 };
	enum xnn_status status = xnn_status_out_of_memory;
	struct conv *conv = NULL;

	*reason = kind == XNNPACK_F32 ? NULL : xnnpack_prove(task, w);
	if (!*reason && xnnpack_operands_make(&operands, task, w, reason) &&
	    xnn_initialize(NULL) == xnn_status_success)
		conv = calloc(1, sizeof *conv);
	if (conv) {
		conv->kind = kind;
		conv->images = (size_t)task->conv->batch;
		conv->height = (size_t)task->conv->height;
		conv->width = (size_t)task->conv->width;
		status = create(conv, task, &operands);
		if (!status)
			status = setup(conv, nowhere, nowhere);
	}
	xnnpack_operands_free(&operands);
	*bytes = (size_t)(task->n * task->k * peer_bytes(task->w.type));
	if (!status || !conv)
		return conv;
	*reason = xnnpack_reason(status);
	release(conv);
	return NULL;
}

#define KERNEL(types, type_a, type_w, type_y, kind, refuses)                                   \
	static void *prepare_##kind(const struct qs_task *task, const void *w, size_t *bytes,  \
				    const char **reason)                                       \
	{                                                                                      \
		return prepare(task, w, kind, bytes, reason);                                  \
	}                                                                                      \
	struct qs_kernel conv2d_##types##__xnnpack = {                                         \
		.name = "conv2d_" #types "__xnnpack", .peer = "xnnpack", .op = QS_CONV2D,      \
		.a = type_a, .w = type_w, .y = type_y,                                         \
		.tile_m = 4, .tile_n = 16, .tile_k = 8, .over_read = XNN_EXTRA_BYTES,          \
		.claim_relative = (kind) == XNNPACK_F32 ? PEER_FLOAT_CLAIM : 0,                \
		.refuse = refuses, .prepare = prepare_##kind, .units = units, .run = run,      \
		.release = release,                                                            \
	}

KERNEL(f32f32f32, QS_F32, QS_F32, QS_F32, XNNPACK_F32, refuse_f32);
KERNEL(s8s8s8, QS_S8, QS_S8, QS_S8, XNNPACK_QS8, refuse_codes);
KERNEL(u8s8u8, QS_U8, QS_S8, QS_U8, XNNPACK_QU8, refuse_codes);
KERNEL(s8s8s8_channel, QS_S8, QS_S8, QS_S8, XNNPACK_QC8, refuse_codes);
