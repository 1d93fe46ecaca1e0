/* SPDX-License-Identifier: MIT
 *
 * Float gemm whose bits depend on nothing: each output is one chain of fused multiply-adds over k
 * ascending, from 0, and the bias is added last:
 *
 *         acc = +0;  acc = fma(a[m][k], w[n][k], acc) for k = 0, 1, ...;  y[m][n] = acc + bias[n]
 *
 * (without a bias nothing is added, so a sum of -0 stays one).  No tile size, thread count or ISA
 * changes that chain.  Denormals count: the caller leaves FTZ and DAZ off.
 */
#ifndef QS_GEMM_F32F32F32_H
#define QS_GEMM_F32F32F32_H

#include "gemm.h"

static inline const char *gemm_f32f32f32_refuse(const struct qs_task *task)
{
	return gemm_refuse(task, true);
}

#endif
