/* SPDX-License-Identifier: MIT
 *
 * Float convolution, plain C: the definition, a chain of fmaf.
 */
#include "conv_f32.h"

#include <math.h>

struct prepared {
	struct qs_task task;
	struct qs_conv conv;
	float w[];              /* [n][k]                                                */
};

static void *prepare(const struct qs_task *task, const void *w, size_t *bytes,
		     const char **reason)
{
	const size_t row = (size_t)task->k * sizeof(float);
	struct prepared *p;
	size_t size, whole;

	*reason = NULL;
	if (__builtin_mul_overflow((size_t)task->n, row, &size) ||
	    __builtin_add_overflow(size, sizeof *p, &whole))
		return NULL;
	p = malloc(whole);
	if (!p)
		return NULL;
	p->task = *task;
	p->conv = *task->conv;
	for (int64_t o = 0; o < task->n; o++)
		memcpy(p->w + o * task->k, (const float *)w + o * task->w.stride, row);
	*bytes = size;
	return p;
}

static int64_t units(const void *prepared)
{
	return ((const struct prepared *)prepared)->task.m;
}

static float chain(const struct prepared *p, const float *a, const struct conv_place *place,
		   int64_t o)
{
	const struct qs_conv *c = &p->conv;
	const int64_t depth = c->channels / c->groups;
	const int64_t channel = o / (c->out_channels / c->groups) * depth;
	const float *w = p->w + o * p->task.k;
	float sum = 0;

	for (int64_t i = 0; i < c->kernel_h; i++)
		for (int64_t j = 0; j < c->kernel_w; j++) {
			const int64_t row = conv_row_of(c, place, i, j);
			const int64_t from = row * p->task.a.stride + channel;

			for (int64_t d = 0; d < depth; d++, w++)
				sum = fmaf(row < 0 ? 0 : a[from + d], *w, sum);
		}
	return sum;
}

static int run(const void *prepared, const void *a, void *y, int64_t first, int64_t last)
{
	const struct prepared *p = prepared;
	const struct qs_task *task = &p->task;

	for (int64_t row = first; row < last; row++) {
		const struct conv_place place = conv_place(&p->conv, row);
		float *out = (float *)y + row * task->y.stride;

		for (int64_t o = 0; o < task->n; o++) {
			const float sum = chain(p, a, &place, o);

			out[o] = task->bias_f32 ? sum + task->bias_f32[o] : sum;
		}
	}
	return 0;
}

const struct qs_kernel conv2d_f32f32f32__ref = {
	.name = "conv2d_f32f32f32__ref",
	.op = QS_CONV2D, .a = QS_F32, .w = QS_F32, .y = QS_F32,
	.tile_m = 1, .tile_n = 1, .tile_k = 1,
	.refuse = conv_f32_refuse, .prepare = prepare, .units = units, .run = run,
	.release = free,
};
