/* SPDX-License-Identifier: MIT
 *
 * oneDNN's float gemm.  Its sums run in another order than ours, so it claims an error relative to
 * the largest result.
 */
#include "onednn.h"

static const char *refuse(const struct qs_task *task)
{
	return task->bias ? "a bias of the other kind" : peer_refuse_sizes(task);
}

static const char *refuse_inner(const struct qs_task *task)
{
	const char *reason = onednn_refuse_strides(task);

	return reason ? reason : refuse(task);
}

static void *prepare(const struct qs_task *task, const void *w, enum onednn_product product,
		     size_t *bytes, const char **reason)
{
	const struct onednn_epilogue epilogue = { .bias = task->bias_f32, .bias_type = QS_F32,
						  .low = 1 };

	return onednn_gemm_prepare(task, w, product, &epilogue, bytes, reason);
}

ONEDNN_PREPARES(prepare)

const struct qs_kernel gemm_f32f32f32__onednn = {
	.name = "gemm_f32f32f32__onednn", .peer = "onednn", .op = QS_GEMM,
	.a = QS_F32, .w = QS_F32, .y = QS_F32,
	.needs = QS_CPU_AVX2, .tile_m = 16, .tile_n = 16, .tile_k = 4,
	.claim_relative = PEER_FLOAT_CLAIM, .refuse = refuse, .prepare = prepare_matmul,
	.units = onednn_units, .run = onednn_run, .release = onednn_release,
};

const struct qs_kernel gemm_f32f32f32__onednn_inner = {
	.name = "gemm_f32f32f32__onednn_inner", .peer = "onednn", .op = QS_GEMM,
	.a = QS_F32, .w = QS_F32, .y = QS_F32,
	.needs = QS_CPU_AVX2, .tile_m = 16, .tile_n = 16, .tile_k = 4,
	.claim_relative = PEER_FLOAT_CLAIM, .refuse = refuse_inner, .prepare = prepare_inner,
	.units = onednn_units, .run = onednn_run, .release = onednn_release,
};
