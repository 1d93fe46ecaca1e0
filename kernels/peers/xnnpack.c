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
