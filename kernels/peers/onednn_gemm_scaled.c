/* SPDX-License-Identifier: MIT
 *
 * oneDNN's products of 8-bit codes with a float result and a scale a channel: one scale and one
 * zero point for the activations.  oneDNN adds its bias to the sum, before the scale; so the float
 * bias is divided by the scale, and what the zero point asks for goes with it.  Rounded otherwise
 * than ours, within the claim.
 */
#include "onednn.h"

static const char *refuse(const struct qs_task *task)
{
	const char *reason = peer_refuse_sizes(task);
	int32_t zero;

	if (reason)
		return reason;
	if (task->bias)
		return "a bias of the other kind";
	if (task->a.per != QS_PER_TENSOR || !peer_zero(&task->a, &zero))
		return "one scale and one zero point for activations alone";
	if (!peer_zero(&task->w, &zero) || zero)
		return "weights without a zero point alone";
	return NULL;
}

static const char *refuse_inner(const struct qs_task *task)
{
	const char *reason = onednn_refuse_strides(task);

	return reason ? reason : refuse(task);
}

/* false: *reason. */
static bool make_columns(float *scales, float *added, const struct qs_task *task, const int8_t *w,
			 const char **reason)
{
	int32_t zero;

	peer_zero(&task->a, &zero);
	for (int64_t j = 0; j < task->n; j++) {
		const double scale = (double)task->a.scale[0] * (double)task->w.scale[j];
		const double bias = task->bias_f32 ? (double)task->bias_f32[j] : 0;
		int64_t sum = 0, magnitude = 0;

		for (int64_t k = 0; k < task->k; k++) {
			const int8_t code = w[j * task->w.stride + k];

			sum += code;
			magnitude += code < 0 ? -code : code;
		}
		if (magnitude * 255 > INT32_MAX) {
			*reason = "a sum of products might leave s32";
			return false;
		}
		const double start = bias / scale - (double)(zero * sum);

		scales[j] = (float)scale;
		added[j] = (float)start;
		if (!(scale >= 0x1p-126 && scale <= (double)FLT_MAX) ||
		    !(fabs(start) <= (double)FLT_MAX)) {
			*reason = "a scale that is no normal float";
			return false;
		}
	}
	return true;
}

static void *prepare(const struct qs_task *task, const void *w, enum onednn_product product,
		     size_t *bytes, const char **reason)
{
	float *columns = malloc(2 * (size_t)task->n * sizeof *columns);
	float *const added = columns + task->n;
	void *prepared = NULL;
	int32_t zero;

	*reason = NULL;
	peer_zero(&task->a, &zero);
	if (columns && make_columns(columns, added, task, w, reason)) {
		const struct onednn_epilogue epilogue = {
			.bias = task->bias_f32 || zero ? added : NULL,
			.bias_type = QS_F32, .scales = columns, .low = 1,
		};

		prepared = onednn_gemm_prepare(task, w, product, &epilogue, bytes, reason);
	}
	free(columns);
	return prepared;
}

ONEDNN_PREPARES(prepare)

#define KERNEL(types, type_a, variant, how, refuses)                                          \
	const struct qs_kernel gemm_##types##_channel__onednn##variant = {                    \
		.name = "gemm_" #types "_channel__onednn" #variant, .peer = "onednn",         \
		.op = QS_GEMM, .a = type_a, .w = QS_S8, .y = QS_F32, .needs = QS_CPU_AVX2,    \
		.tile_m = 16, .tile_n = 64, .tile_k = 4, .claim_relative = PEER_FLOAT_CLAIM,  \
		.refuse = refuses, .prepare = how, .units = onednn_units, .run = onednn_run,  \
		.release = onednn_release,                                                    \
	}

KERNEL(u8s8f32, QS_U8, , prepare_matmul, refuse);
KERNEL(u8s8f32, QS_U8, _inner, prepare_inner, refuse_inner);
KERNEL(s8s8f32, QS_S8, , prepare_matmul, refuse);
KERNEL(s8s8f32, QS_S8, _inner, prepare_inner, refuse_inner);
