/* SPDX-License-Identifier: MIT
 *
 * Convolutions of 8-bit codes, plain C: the definition.
 */
#include "conv_int8.h"

struct prepared {
	struct qs_task task;
	struct qs_conv conv;
	int8_t *w;              /* [n][k], behind the requantizers                       */
	struct qs_requantizer requantizers[];    /* [n]; of a requantized y              */
};

static void *conv_prepare(const struct qs_task *task, const void *w, size_t *bytes,
			  const char **reason)
{
	const size_t n = (size_t)task->n, k = (size_t)task->k;
	struct prepared *p;
	size_t size, whole;

	*reason = int8_prove(task, w);
	if (*reason || __builtin_mul_overflow(n, k, &size) ||
	    __builtin_add_overflow(size, sizeof *p + n * sizeof *p->requantizers, &whole))
		return NULL;
	p = malloc(whole);
	if (!p)
		return NULL;
	p->task = *task;
	p->conv = *task->conv;
	p->w = (int8_t *)(p->requantizers + n);
	for (int64_t o = 0; o < task->n; o++)
		memcpy(p->w + o * task->k, (const int8_t *)w + o * task->w.stride, k);
	for (int64_t o = 0; o < task->n && task->y.type != QS_S32; o++)
		if (!qs_requantizer_make(&p->requantizers[o], task->requantize, task->round,
					 int8_scale(task, o))) {
			*reason = "a scale that the requantization cannot express";
			free(p);
			return NULL;
		}
	*bytes = size;
	return p;
}

static void conv_release(void *prepared)
{
	free(prepared);
}

static int64_t conv_units(const void *prepared)
{
	return ((const struct prepared *)prepared)->task.m;
}

static int32_t code_a(const struct qs_task *task, const void *a, int64_t at)
{
	return task->a.type == QS_S8 ? ((const int8_t *)a)[at] : ((const uint8_t *)a)[at];
}

static int32_t sum_of(const struct prepared *p, const void *a, const struct conv_place *place,
		      int64_t o)
{
	const struct qs_task *task = &p->task;
	const struct qs_conv *c = &p->conv;
	const int64_t depth = c->channels / c->groups;
	const int64_t channel = o / (c->out_channels / c->groups) * depth;
	const int32_t zero_a = gemm_zero(&task->a, 0), zero_w = gemm_zero(&task->w, o);
	const int8_t *w = p->w + o * task->k;
	int32_t sum = task->bias ? (int32_t)task->bias[o] : 0;

	for (int64_t i = 0; i < c->kernel_h; i++)
		for (int64_t j = 0; j < c->kernel_w; j++) {
			const int64_t row = conv_row_of(c, place, i, j);
			const int64_t from = row * task->a.stride + channel;

			for (int64_t d = 0; d < depth; d++, w++)
				sum += ((row < 0 ? zero_a : code_a(task, a, from + d)) - zero_a) *
				       (*w - zero_w);
		}
	return sum;
}

static int conv_run(const void *prepared, const void *a, void *y, int64_t first, int64_t last)
{
	const struct prepared *p = prepared;
	const struct qs_task *task = &p->task;
	const int32_t zero_y = gemm_zero(&task->y, 0);

	for (int64_t row = first; row < last; row++) {
		const struct conv_place place = conv_place(&p->conv, row);

		for (int64_t o = 0; o < task->n; o++) {
			const int64_t at = row * task->y.stride + o;
			const int32_t sum = sum_of(p, a, &place, o);

			if (task->y.type == QS_S32)
				((int32_t *)y)[at] = sum;
			else
				((uint8_t *)y)[at] = (uint8_t)qs_requantize_code(
					&p->requantizers[o], sum, zero_y, task->low, task->high);
		}
	}
	return 0;
}

#define refuse_tensor conv_int8_refuse_tensor
#define refuse_channel conv_int8_refuse_channel

CONV_INT8_KERNELS(ref, .tile_m = 1, .tile_n = 1, .tile_k = 1)
