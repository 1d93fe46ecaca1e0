/* SPDX-License-Identifier: MIT */
#include "xnnpack.h"

struct xnnpack *xnnpack_new(const struct qs_task *task, int64_t columns, xnnpack_setup *setup)
{
	const int64_t in = peer_bytes(task->a.type), out = peer_bytes(task->y.type);
	const struct peer_cut cut = peer_cut(task, columns);
	struct xnnpack *xnnpack;

	if (xnn_initialize(NULL) != xnn_status_success)
		return NULL;
	xnnpack = calloc(1, sizeof *xnnpack + (size_t)cut.count * sizeof *xnnpack->piece);
	if (!xnnpack)
		return NULL;
	xnnpack->task = *task;
	xnnpack->setup = setup;
	xnnpack->cut = cut;
	for (int64_t i = 0; i < cut.count; i++) {
		struct xnnpack_piece *piece = &xnnpack->piece[i];
		const struct peer_piece part = peer_piece(&cut, task, columns, i);

		piece->part = part;
		piece->a_at = part.row * task->a.stride * in;
		if (task->op != QS_GEMM)
			piece->a_at += part.column * in;
		piece->y_at = (part.row * task->y.stride + part.column) * out;
	}
	return xnnpack;
}

void xnnpack_release(void *prepared)
{
	struct xnnpack *xnnpack = prepared;

	for (int64_t i = 0; i < xnnpack->cut.count; i++)
		if (xnnpack->piece[i].op)
			xnn_delete_operator(xnnpack->piece[i].op);
	free(xnnpack);
}

int64_t xnnpack_units(const void *prepared)
{
	return ((const struct xnnpack *)prepared)->cut.count;
}

int xnnpack_run(const void *prepared, const void *a, void *y, int64_t first, int64_t last)
{
	const struct xnnpack *xnnpack = prepared;

	for (int64_t i = first; i < last; i++) {
		const struct xnnpack_piece *piece = &xnnpack->piece[i];

		if (xnnpack->setup(piece->op, (size_t)piece->part.rows,
				   (const char *)a + piece->a_at, (char *)y + piece->y_at) ||
		    xnn_run_operator(piece->op, NULL))
			return -1;
	}
	return 0;
}

const char *xnnpack_reason(enum xnn_status status)
{
	switch (status) {
	case xnn_status_success:
	case xnn_status_out_of_memory: return NULL;
	case xnn_status_unsupported_hardware: return "XNNPACK does not support this CPU";
	case xnn_status_unsupported_parameter:
		return "XNNPACK does not support these scales";
	default: return "XNNPACK calls these parameters invalid";
	}
}

uint64_t xnnpack_needs(void)
{
#if defined __x86_64__
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
	    __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
	    __builtin_cpu_supports("avx512vl"))
		return QS_CPU_AVX2 | QS_CPU_AVX512BW;
	return QS_CPU_AVX2;
#else
	return QS_CPU_NEON;
#endif
}

bool xnnpack_operands_make(struct xnnpack_operands *operands, const struct qs_task *task,
			   const void *w, const char **reason)
{
	const size_t n = (size_t)task->n, size = (size_t)peer_bytes(task->w.type);
	const size_t row = (size_t)task->k * size;
	size_t bytes;

	operands->w = __builtin_mul_overflow(n, row, &bytes) ? NULL : malloc(bytes);
	operands->bias = calloc(n, sizeof *operands->bias);
	operands->scales = malloc(n * sizeof *operands->scales);
	if (!operands->w || !operands->bias || !operands->scales)
		return false;
	for (size_t j = 0; j < n; j++)
		memcpy((char *)operands->w + j * row,
		       (const char *)w + j * (size_t)task->w.stride * size, row);
	for (size_t i = 0; task->a.type == QS_U8 && i < bytes; i++)
		((uint8_t *)operands->w)[i] ^= 0x80;
	for (int64_t j = 0; task->a.type != QS_F32 && j < task->n; j++) {
		const int64_t bias = task->bias ? task->bias[j] : 0;
		const double scale = peer_scale(task, j);

		operands->bias[j] = (int32_t)bias;
		operands->scales[j] = (float)scale;
		if (bias < -INT32_MAX || bias > INT32_MAX)
			*reason = "a bias beyond s32";
		else if (!(scale >= 0x1p-32 && operands->scales[j] < 256))
			*reason = "a scale outside [2^-32, 256)";
	}
	return !*reason;
}

void xnnpack_operands_free(struct xnnpack_operands *operands)
{
	free(operands->w);
	free(operands->bias);
	free(operands->scales);
}

/* max|a - zero_a| * sum of |w - zero_w| + |bias| <= 2^31 - 1 for each column. */
const char *xnnpack_prove(const struct qs_task *task, const int8_t *w)
{
	const int32_t least = task->a.type == QS_S8 ? INT8_MIN : 0;
	int32_t zero_a, zero_w;

	peer_zero(&task->a, &zero_a);
	peer_zero(&task->w, &zero_w);
	const int32_t above = least + 255 - zero_a, below = zero_a - least;

	for (int64_t j = 0; j < task->n; j++) {
		int64_t sum = 0;

		for (int64_t k = 0; k < task->k; k++)
			sum += abs(w[j * task->w.stride + k] - zero_w);
		sum = sum * (above > below ? above : below);
		if (sum + (task->bias ? llabs(task->bias[j]) : 0) > INT32_MAX)
			return "a sum of products might leave s32";
	}
	return NULL;
}
