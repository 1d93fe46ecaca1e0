/* SPDX-License-Identifier: MIT
 *
 * gemmlowp's u8 by u8 sums.  Our s8 weights have their sign bit flipped once, in prepare: that is
 * w + 128, and their zero points move along.  gemmlowp packs both sides in each call, into buffers
 * that it keeps after the first.
 */
#include "gemmlowp.h"
#include "peer.h"

struct gemmlowp {
	struct qs_task task;
	struct peer_cut cut;
	uint8_t *w;             /* [n][k]                                                */
	int32_t *add_a;         /* [m], then add_w [n], then the bias [n]                */
	void *context[];        /* one a piece                                           */
};

static const char *refuse(const struct qs_task *task)
{
	const char *reason = peer_refuse_sizes(task);

	if (reason)
		return reason;
	return task->bias_f32 ? "a bias of the other kind" : NULL;
}

static void release(void *prepared)
{
	struct gemmlowp *gemmlowp = prepared;

	for (int64_t i = 0; i < gemmlowp->cut.count; i++)
		gemmlowp_context_free(gemmlowp->context[i]);
	free(gemmlowp->w);
	free(gemmlowp->add_a);
	free(gemmlowp);
}

static int32_t zero_of(const struct qs_operand *operand, int64_t row)
{
	return operand->zero ? operand->zero[operand->per == QS_PER_ROW ? row : 0] : 0;
}

static void fill(struct gemmlowp *gemmlowp, const int8_t *w)
{
	const struct qs_task *task = &gemmlowp->task;
	int32_t *const add_w = gemmlowp->add_a + task->m, *const bias = add_w + task->n;

	for (int64_t i = 0; i < task->m; i++)
		gemmlowp->add_a[i] = -zero_of(&task->a, i);
	for (int64_t j = 0; j < task->n; j++) {
		add_w[j] = -zero_of(&task->w, j) - 128;
		bias[j] = task->bias ? (int32_t)task->bias[j] : 0;
		for (int64_t k = 0; k < task->k; k++)
			gemmlowp->w[j * task->k + k] = (uint8_t)(w[j * task->w.stride + k] ^ 0x80);
	}
}

static void *prepare(const struct qs_task *task, const void *w, size_t *bytes,
		     const char **reason)
{
	const struct peer_cut cut = peer_cut(task, task->n);
	struct gemmlowp *gemmlowp;
	bool whole;

	*reason = NULL;
	for (int64_t j = 0; task->bias && j < task->n; j++)
		if (task->bias[j] < INT32_MIN || task->bias[j] > INT32_MAX) {
			*reason = "a bias beyond s32";
			return NULL;
		}
	gemmlowp = calloc(1, sizeof *gemmlowp + (size_t)cut.count * sizeof *gemmlowp->context);
	if (!gemmlowp)
		return NULL;
	gemmlowp->task = *task;
	gemmlowp->cut = cut;
	*bytes = (size_t)task->n * (size_t)task->k;
	gemmlowp->w = malloc(*bytes);
	gemmlowp->add_a = malloc(((size_t)task->m + 2 * (size_t)task->n) * sizeof(int32_t));
	whole = gemmlowp->w && gemmlowp->add_a;
	for (int64_t i = 0; i < cut.count; i++) {
		gemmlowp->context[i] = gemmlowp_context_new();
		whole = whole && gemmlowp->context[i];
	}
	if (whole) {
		fill(gemmlowp, w);
		return gemmlowp;
	}
	release(gemmlowp);
	return NULL;
}

static int64_t units(const void *prepared)
{
	return ((const struct gemmlowp *)prepared)->cut.count;
}

static int run(const void *prepared, const void *a, void *y, int64_t first, int64_t last)
{
	const struct gemmlowp *gemmlowp = prepared;
	const struct qs_task *task = &gemmlowp->task;

	for (int64_t i = first; i < last; i++) {
		const struct peer_piece part = peer_piece(&gemmlowp->cut, task, task->n, i);
		const int32_t *const add_w = gemmlowp->add_a + task->m + part.column;
		const struct gemmlowp_product product = {
			.m = (int)part.rows, .n = (int)part.columns, .k = (int)task->k,
			.a = (const uint8_t *)a + part.row * task->a.stride,
			.w = gemmlowp->w + part.column * task->k,
			.y = (int32_t *)y + part.row * task->y.stride + part.column,
			.stride_a = (int)task->a.stride, .stride_w = (int)task->k,
			.stride_y = (int)task->y.stride,
			.add_a = gemmlowp->add_a + part.row, .add_w = add_w,
			.bias = task->bias ? add_w + task->n : NULL,
		};

		if (gemmlowp_multiply(gemmlowp->context[i], &product))
			return -1;
	}
	return 0;
}

const struct qs_kernel gemm_u8s8s32__gemmlowp = {
	.name = "gemm_u8s8s32__gemmlowp", .peer = "gemmlowp", .op = QS_GEMM,
	.a = QS_U8, .w = QS_S8, .y = QS_S32,
	.needs = QS_CPU_AVX2, .tile_m = 24, .tile_n = 8, .tile_k = 2,
	.refuse = refuse, .prepare = prepare, .units = units, .run = run, .release = release,
};
