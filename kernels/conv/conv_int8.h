/* SPDX-License-Identifier: MIT
 *
 * Convolutions of 8-bit codes: the sums of their gemm (../gemm_int8/int8.h) and what becomes of
 * them.  A patch outside the image holds a's zero point, so it adds nothing to a sum.
 */
#ifndef QS_CONV_INT8_H
#define QS_CONV_INT8_H

#include "../gemm_int8/int8.h"
#include "conv.h"

static inline const char *conv_int8_refuse_tensor(const struct qs_task *task)
{
	const char *reason = conv_refuse_sizes(task);

	return reason ? reason : int8_refuse_values(task, QS_PER_TENSOR);
}

static inline const char *conv_int8_refuse_channel(const struct qs_task *task)
{
	const char *reason = conv_refuse_sizes(task);

	return reason ? reason : int8_refuse_values(task, QS_PER_ROW);
}

/* As INT8_KERNELS, which see; the file's own refuse_tensor() and refuse_channel() are its. */
#define CONV_INT8_KERNEL(types, isa, a_type, y_type, refuse_task, ...)                       \
	const struct qs_kernel conv2d_##types##__##isa = {                                   \
		.name = "conv2d_" #types "__" #isa,                                          \
		.op = QS_CONV2D, .a = a_type, .w = QS_S8, .y = y_type,                       \
		.refuse = refuse_task, .prepare = conv_prepare, .units = conv_units,         \
		.run = conv_run, .release = conv_release, __VA_ARGS__                        \
	};

#define CONV_INT8_KERNELS(isa, ...)                                                          \
	CONV_INT8_KERNEL(u8s8s32, isa, QS_U8, QS_S32, refuse_tensor, __VA_ARGS__)            \
	CONV_INT8_KERNEL(s8s8s32, isa, QS_S8, QS_S32, refuse_tensor, __VA_ARGS__)            \
	CONV_INT8_KERNEL(u8s8s8, isa, QS_U8, QS_S8, refuse_tensor, __VA_ARGS__)              \
	CONV_INT8_KERNEL(u8s8u8, isa, QS_U8, QS_U8, refuse_tensor, __VA_ARGS__)              \
	CONV_INT8_KERNEL(s8s8s8, isa, QS_S8, QS_S8, refuse_tensor, __VA_ARGS__)              \
	CONV_INT8_KERNEL(s8s8u8, isa, QS_S8, QS_U8, refuse_tensor, __VA_ARGS__)              \
	CONV_INT8_KERNEL(u8s8s8_channel, isa, QS_U8, QS_S8, refuse_channel, __VA_ARGS__)     \
	CONV_INT8_KERNEL(u8s8u8_channel, isa, QS_U8, QS_U8, refuse_channel, __VA_ARGS__)     \
	CONV_INT8_KERNEL(s8s8s8_channel, isa, QS_S8, QS_S8, refuse_channel, __VA_ARGS__)     \
	CONV_INT8_KERNEL(s8s8u8_channel, isa, QS_S8, QS_U8, refuse_channel, __VA_ARGS__)

#endif
