/* SPDX-License-Identifier: MIT
 *
 * Float convolutions, with the bits of their gemm (../gemm/gemm_f32f32f32.h): each output is one
 * chain of fused multiply-adds over kernel_h, kernel_w and channel ascending, from +0, the bias
 * added last.  A pad is +0 and takes part: it turns an infinite weight into a NaN, and a chain that
 * rests at -0 into +0.
 */
#ifndef QS_CONV_F32_H
#define QS_CONV_F32_H

#include "conv.h"

static inline const char *conv_f32_refuse(const struct qs_task *task)
{
	const char *reason = conv_refuse_sizes(task);

	if (reason)
		return reason;
	if (task->w.per > QS_PER_ROW || task->y.scale)
		return "groups or a scaled result";
	return task->bias ? "a bias of the other kind" : NULL;
}

#endif
