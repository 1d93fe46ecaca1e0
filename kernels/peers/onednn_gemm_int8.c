/* SPDX-License-Identifier: MIT
 *
 * oneDNN's products of 8-bit codes: raw sums in s32, and codes requantized by a float scale.
 *
 * Bias and zero point of a become one number a column, b[n] = bias - zero_a * sum of w.  oneDNN
 * adds it in float, behind a conversion of the sum: exact where no sum leaves 24 bits, which
 * prepare proves for the weights at hand.  Where that cannot be proved, raw sums get it in s32
 * after the primitive (one pass over y, in the unit's time), and codes are refused where three
 * roundings to float could move a result by more than half a step.
 */
#include "onednn.h"

static const char *refuse(const struct qs_task *task)
{
	const char *reason = peer_refuse_sizes(task);
	int32_t zero;

	if (reason)
		return reason;
	if (task->bias_f32)
		return "a bias of the other kind";
	if (!peer_zero(&task->a, &zero))
		return "one zero point for activations alone";
	if (!peer_zero(&task->w, &zero) || zero)
		return "weights without a zero point alone";
	return task->y.type == QS_S32 ? NULL : peer_refuse_requantized(task);
}

static const char *refuse_inner(const struct qs_task *task)
{
	const char *reason = onednn_refuse_strides(task);

	return reason ? reason : refuse(task);
}

struct columns {
	int32_t *added;         /* [n]                                                   */
	float *scales;          /* [n], of codes                                         */
	bool any;               /* some added is not 0                                   */
	double largest;         /* |sum| or |added| or |their sum| is at most this       */
};

/* false: *reason, or no memory. */
static bool make_columns(struct columns *columns, const struct qs_task *task, const int8_t *w,
			 const char **reason)
{
	const int64_t least = task->a.type == QS_S8 ? -128 : 0, most = least + 255;
	int32_t zero;

	peer_zero(&task->a, &zero);
	columns->added = malloc((size_t)task->n * sizeof *columns->added);
	columns->scales = malloc((size_t)task->n * sizeof *columns->scales);
	if (!columns->added || !columns->scales)
		return false;
	for (int64_t j = 0; j < task->n; j++) {
		int64_t sum = 0, above = 0, added;

		for (int64_t k = 0; k < task->k; k++) {
			const int8_t code = w[j * task->w.stride + k];

			sum += code;
			above += code > 0 ? code : 0;
		}
		/* the sum's ends: each code of a at that end which its weight's sign asks for */
		const int64_t high = above * most + (sum - above) * least;
		const int64_t low = above * least + (sum - above) * most;

		added = (task->bias ? task->bias[j] : 0) - zero * sum;
		const int64_t ends[] = { high, -low, high + added, -(low + added), added, -added };

		for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
			columns->largest = (double)ends[i] > columns->largest ? (double)ends[i]
									       : columns->largest;
		if (columns->largest > INT32_MAX) {
			*reason = "a sum of products might leave s32";
			return false;
		}
		columns->added[j] = (int32_t)added;
		columns->any |= added != 0;
		columns->scales[j] = 1;
		if (task->y.type == QS_S32)
			continue;
		const double scale = peer_scale(task, j);

		columns->scales[j] = (float)scale;
		if (!(scale > 0x1p-126 && scale <= (double)FLT_MAX)) {
			*reason = "a scale that is no normal float";
			return false;
		}
		/* each rounding is off by at most 2^-24 of what it rounds */
		if (columns->largest > 0x1p24 && columns->largest * 3 * 0x1p-24 * scale > 0.5) {
			*reason = "oneDNN's float sums might be off by more than a step";
			return false;
		}
	}
	return true;
}

static void *prepare(const struct qs_task *task, const void *w, enum onednn_product product,
		     size_t *bytes, const char **reason)
{
	const bool codes = task->y.type != QS_S32;
	const int32_t least = task->y.type == QS_S8 ? INT8_MIN : 0;
	struct columns columns = { 0 };
	struct onednn *onednn = NULL;
	int32_t zero;

	*reason = NULL;
	if (make_columns(&columns, task, w, reason)) {
		const bool after = !codes && columns.any && columns.largest > 0x1p24;

		const bool clips = codes && (task->low > least || task->high < least + 255);

		peer_zero(&task->y, &zero);
		const struct onednn_epilogue epilogue = {
			.bias = columns.any && !after ? columns.added : NULL,
			.bias_type = QS_S32,
			.scales = codes ? columns.scales : NULL,
			.shift = codes ? (float)zero : 0,
			.low = clips ? (float)task->low : 1,
			.high = clips ? (float)task->high : 0,
		};

		onednn = onednn_gemm_prepare(task, w, product, &epilogue, bytes, reason);
		if (onednn && after) {
			onednn->added = columns.added;
			columns.added = NULL;
		}
	}
	free(columns.added);
	free(columns.scales);
	return onednn;
}

ONEDNN_PREPARES(prepare)

#define KERNEL(types, suffix, type_a, type_y, steps, variant, how, refuses)    \
	const struct qs_kernel gemm_##types##suffix##__onednn##variant = {     \
		.name = "gemm_" #types #suffix "__onednn" #variant,            \
		.peer = "onednn", .op = QS_GEMM,                               \
		.a = type_a, .w = QS_S8, .y = type_y,                          \
		.needs = QS_CPU_AVX2, .tile_m = 16, .tile_n = 64, .tile_k = 4, \
		.claim_steps = steps, .refuse = refuses, .prepare = how,       \
		.units = onednn_units, .run = onednn_run,                      \
		.release = onednn_release,                                     \
	}
#define KERNELS(types, suffix, type_a, type_y, steps)                                         \
	KERNEL(types, suffix, type_a, type_y, steps, , prepare_matmul, refuse);               \
	KERNEL(types, suffix, type_a, type_y, steps, _inner, prepare_inner, refuse_inner)

KERNELS(u8s8s32, , QS_U8, QS_S32, 0);
KERNELS(s8s8s32, , QS_S8, QS_S32, 0);
KERNELS(u8s8s8, , QS_U8, QS_S8, 1);
KERNELS(s8s8s8, , QS_S8, QS_S8, 1);
KERNELS(u8s8u8, , QS_U8, QS_U8, 1);
KERNELS(s8s8u8, , QS_S8, QS_U8, 1);
KERNELS(u8s8s8, _channel, QS_U8, QS_S8, 1);
KERNELS(s8s8s8, _channel, QS_S8, QS_S8, 1);
KERNELS(u8s8u8, _channel, QS_U8, QS_U8, 1);
KERNELS(s8s8u8, _channel, QS_S8, QS_U8, 1);
