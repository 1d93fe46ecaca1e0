/* SPDX-License-Identifier: MIT
 *
 * OpenBLAS: sgemm, and sgemv for one row.  It packs both sides in each call.  Its sums run in
 * another order than ours, so it claims an error relative to the largest result.
 */
#include "peer.h"

#include <cblas.h>

struct openblas {
	struct qs_task task;
	struct peer_cut cut;
	float w[];              /* [n][k]                                                */
};

static const char *refuse(const struct qs_task *task)
{
	if (task->threads > 1 && strstr(openblas_get_config(), "SINGLE_THREADED"))
		return "this OpenBLAS is built for one thread (libopenblas0-pthread is not)";
	return task->bias ? "a bias of the other kind" : peer_refuse_sizes(task);
}

static void *prepare(const struct qs_task *task, const void *w, size_t *bytes,
		     const char **reason)
{
	const size_t row = (size_t)task->k * sizeof(float);
	struct openblas *openblas;
	size_t size, whole;

	*reason = NULL;
	if (__builtin_mul_overflow((size_t)task->n, row, &size) ||
	    __builtin_add_overflow(size, sizeof *openblas, &whole))
		return NULL;
	openblas = malloc(whole);
	if (!openblas)
		return NULL;
	openblas_set_num_threads(1);
	openblas->task = *task;
	openblas->cut = peer_cut(task, task->n);
	for (int64_t j = 0; j < task->n; j++)
		memcpy(openblas->w + j * task->k, (const float *)w + j * task->w.stride, row);
	*bytes = size;
	return openblas;
}

static int64_t units(const void *prepared)
{
	return ((const struct openblas *)prepared)->cut.count;
}

static void run_piece(const struct openblas *openblas, const struct peer_piece *part,
		      const float *a, float *y)
{
	const struct qs_task *task = &openblas->task;
	const float *const w = openblas->w + part->column * task->k;
	const float beta = task->bias_f32 ? 1 : 0;
	const int k = (int)task->k, columns = (int)part->columns;

	a += part->row * task->a.stride;
	y += part->row * task->y.stride + part->column;
	for (int64_t i = 0; task->bias_f32 && i < part->rows; i++)
		memcpy(y + i * task->y.stride, task->bias_f32 + part->column,
		       (size_t)part->columns * sizeof *y);
	if (part->rows == 1)
		cblas_sgemv(CblasRowMajor, CblasNoTrans, columns, k, 1, w, k, a, 1, beta, y, 1);
	else
		cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)part->rows, columns, k, 1,
			    a, (int)task->a.stride, w, k, beta, y, (int)task->y.stride);
}

static int run(const void *prepared, const void *a, void *y, int64_t first, int64_t last)
{
	const struct openblas *openblas = prepared;

	for (int64_t i = first; i < last; i++) {
		const struct peer_piece part =
			peer_piece(&openblas->cut, &openblas->task, openblas->task.n, i);

		run_piece(openblas, &part, a, y);
	}
	return 0;
}

const struct qs_kernel gemm_f32f32f32__openblas = {
	.name = "gemm_f32f32f32__openblas", .peer = "openblas", .op = QS_GEMM,
	.a = QS_F32, .w = QS_F32, .y = QS_F32,
	.needs = QS_CPU_AVX2, .tile_m = 16, .tile_n = 16, .tile_k = 4,
	.claim_relative = PEER_FLOAT_CLAIM, .refuse = refuse, .prepare = prepare,
	.units = units, .run = run, .release = free,
};
