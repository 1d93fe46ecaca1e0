/* SPDX-License-Identifier: MIT
 *
 * Layers with weights, float and integer.
 *
 * Float: the chain of fma over k = (kh, kw, channel) ascending from +0, bias last, then ReLU;
 * padding is +0.0 and takes part in the chain.
 *
 * Integer, static: codes of the sums, each output channel with its own scale.  Else:
 *
 *         acc = 0;  acc = fma((float)sum_g, s_w[g], acc) for the groups g ascending
 *         y = ReLU(fma(acc, s_a, bias))
 *
 * where sum_g is the exact s32 sum of (code - zero)(code_w - zero_w) over the group.  A sample's
 * zero point is not known when weights are packed: it is taken off behind the kernel, modulo 2^32,
 * which is exact because both sums lie in s32.
 */
#include "execute_parts.h"

#include <string.h>

/* A chunk of a's rows, `count` of them, the rest up to the chunk any contents. */
static const void *chunk_rows(const struct layer_run *run, const struct product *product,
			      const void *values, size_t size, const struct sample_grid *grids,
			      int64_t first, int64_t count)
{
	const struct layer *layer = run->layer;
	const size_t row = (size_t)layer->weights.columns * size;
	const unsigned char *from = (const unsigned char *)values + (size_t)first * row;
	const struct patches patches = { .conv = &layer->conv, .in = run->in_edges[0],
					 .out = run->out_edge, .size = size, .grids = grids };

	if (!patches_are_values(layer)) {
		patches_copy(&patches, values, first, count, run->room->patches);
		return run->room->patches;
	}
	if (count == product->task.m && !product->kernel->over_read)
		return from;
	return memcpy(run->room->patches, from, (size_t)count * row);
}

static int multiply(const struct product *product, const void *a, void *y, struct error *error)
{
	const struct qs_kernel *kernel = product->kernel;

	if (kernel->run(product->prepared, a, y, 0, kernel->units(product->prepared)))
		return fail(error, STATUS_MACHINE, "%s failed", kernel->name);
	return 0;
}

static int64_t rows_of(const struct layer_run *run)
{
	return run->batch * run->out_edge->height * run->out_edge->width;
}

/* By a kernel that reads the images. */
static int convolve_float(struct layer_run *run, struct error *error)
{
	const int64_t count = run->batch * run->out_edge->elements;
	float *y = run->out->values;

	if (run_convolution(run, &run->prepared->conv_floats, run->in[0]->values, sizeof *y, y,
			    sizeof *y, error))
		return -1;
	clamp_values(run->layer, y, count);
	return 0;
}

int run_product_float(struct layer_run *run, struct error *error)
{
	const struct product *chain = &run->prepared->chain;
	const int64_t rows = rows_of(run), n = run->layer->weights.rows;

	if (run->prepared->conv_floats.prepared)
		return convolve_float(run, error);
	for (int64_t first = 0; first < rows; first += chain->task.m) {
		const int64_t left = rows - first;
		const bool whole = left >= chain->task.m;
		const int64_t count = whole ? chain->task.m : left;
		const void *a = chunk_rows(run, chain, run->in[0]->values, sizeof(float), NULL,
					   first, count);
		float *y = run->out->values + first * n;

		if (multiply(chain, a, whole ? y : run->room->sums, error))
			return -1;
		if (!whole)
			memcpy(y, run->room->sums, (size_t)(count * n) * sizeof *y);
		clamp_values(run->layer, y, count * n);
	}
	return 0;
}

/* Codes of rows [.., count): steps by channel.  Clipping before rounding is clipping after it, for
 * the bounds are whole; it keeps what is rounded small. */
static void codes_by_float(const struct prepared_layer *p, const int32_t *sums, int64_t count,
			   int64_t n, struct code_range to, uint8_t *codes)
{
	const float least = (float)(to.low - to.zero), most = (float)(to.high - to.zero);
	const float *steps = p->steps;
	const enum qs_round round = p->round;

	for (int64_t i = 0; i < count; i++, sums += n, codes += n) {
		for (int64_t j = 0; j < n; j++) {
			const float q = (float)sums[j] * steps[j];
			const float above = q > least ? q : least;

			codes[j] = (uint8_t)((int32_t)qs_round_small(above < most ? above : most,
								  round) + to.zero);
		}
	}
}

/* `mode` is a constant where this is called, so that no loop asks for it. */
static inline __attribute__((always_inline)) void
codes_by_mode(const struct prepared_layer *p, enum qs_requantize mode, const int32_t *sums,
	      int64_t count, int64_t n, struct code_range to, uint8_t *codes)
{
	for (int64_t i = 0; i < count; i++, sums += n, codes += n) {
		for (int64_t j = 0; j < n; j++) {
			struct qs_requantizer r = p->requantizers[j];

			r.mode = mode;
			codes[j] = (uint8_t)qs_requantize_code(&r, sums[j], to.zero, to.low,
							       to.high);
		}
	}
}

static void codes_of_sums(const struct layer_run *run, const int32_t *sums, int64_t count,
			  uint8_t *codes)
{
	const struct prepared_layer *p = run->prepared;
	const struct code_range to = output_codes(run->layer, &p->out);
	const int64_t n = run->layer->weights.rows;

	switch (p->mode) {
	case QS_REQUANTIZE_Q31_DOUBLE:
		codes_by_mode(p, QS_REQUANTIZE_Q31_DOUBLE, sums, count, n, to, codes);
		return;
	case QS_REQUANTIZE_Q31_SINGLE:
		codes_by_mode(p, QS_REQUANTIZE_Q31_SINGLE, sums, count, n, to, codes);
		return;
	case QS_REQUANTIZE_Q31_TIES_UP:
		codes_by_mode(p, QS_REQUANTIZE_Q31_TIES_UP, sums, count, n, to, codes);
		return;
	case QS_REQUANTIZE_RNDNU:
		codes_by_mode(p, QS_REQUANTIZE_RNDNU, sums, count, n, to, codes);
		return;
	case QS_REQUANTIZE_SHIFT:
		codes_by_mode(p, QS_REQUANTIZE_SHIFT, sums, count, n, to, codes);
		return;
	default:
		codes_by_float(p, sums, count, n, to, codes);
	}
}

/* acc += the sums of one group of scales, for rows [first, first + count). */
static void add_group(const struct layer_run *run, int64_t group, int64_t first, int64_t count)
{
	const struct prepared_layer *p = run->prepared;
	const int64_t n = run->layer->weights.rows;
	const int64_t positions = run->out_edge->height * run->out_edge->width;
	const float *scales = p->scales + group * n;
	const int32_t *weight_sums = p->weight_sums + group * n;
	const int32_t *sums = run->room->sums;
	float *acc = run->room->accumulators;

	for (int64_t i = 0; i < count; i++, sums += n, acc += n)
		loops_best()->accumulate(sums, run->in[0]->grids[(first + i) / positions].zero,
					 weight_sums, scales, !group, n, acc);
}

static void floats_of_sums(const struct layer_run *run, int64_t first, int64_t count)
{
	const struct prepared_layer *p = run->prepared;
	const int64_t n = run->layer->weights.rows;
	const int64_t positions = run->out_edge->height * run->out_edge->width;
	const float *acc = run->room->accumulators;
	float *y = run->out->values + first * n;

	for (int64_t i = 0; i < count; i++, acc += n, y += n) {
		loops_best()->finish(acc, run->in[0]->grids[(first + i) / positions].scale,
				     p->bias, n, y);
		clamp_values(run->layer, y, n);
	}
}

/* By a kernel from codes to codes. */
static int run_direct(struct layer_run *run, struct error *error)
{
	const struct product *direct = &run->prepared->direct;
	const int64_t rows = rows_of(run), n = run->layer->weights.rows, chunk = direct->task.m;

	if (direct->task.op == QS_CONV2D)
		return run_convolution(run, direct, run->in[0]->codes, 1, run->out->codes, 1,
				       error);
	for (int64_t first = 0; first < rows; first += chunk) {
		const bool whole = rows - first >= chunk;
		const int64_t count = whole ? chunk : rows - first;
		const uint8_t *a = chunk_rows(run, direct, run->in[0]->codes, 1,
					      run->in[0]->grids, first, count);
		uint8_t *codes = run->out->codes + first * n;

		if (multiply(direct, a, whole ? codes : run->room->sums, error))
			return -1;
		if (!whole)
			memcpy(codes, run->room->sums, (size_t)(count * n));
	}
	return 0;
}

/* By a kernel from codes to floats. */
static int run_scaled(struct layer_run *run, struct error *error)
{
	const struct product *scaled = &run->prepared->scaled;
	const int64_t rows = rows_of(run), n = run->layer->weights.rows, chunk = scaled->task.m;

	for (int64_t first = 0; first < rows; first += chunk) {
		const bool whole = rows - first >= chunk;
		const int64_t count = whole ? chunk : rows - first;
		const uint8_t *a = chunk_rows(run, scaled, run->in[0]->codes, 1,
					      run->in[0]->grids, first, count);
		float *y = run->out->values + first * n;

		if (multiply(scaled, a, whole ? (void *)y : run->room->sums, error))
			return -1;
		if (!whole)
			memcpy(y, run->room->sums, (size_t)(count * n) * sizeof *y);
		clamp_values(run->layer, y, count * n);
	}
	return 0;
}

/* By a kernel from codes to sums, zero points off, which are written where their floats go. */
static int run_conv_sums(struct layer_run *run, struct error *error)
{
	const struct prepared_layer *p = run->prepared;
	const int64_t rows = rows_of(run), n = run->layer->weights.rows;
	float *y = run->out->values;

	if (run_convolution(run, &p->conv_sums, run->in[0]->codes, 1, y, sizeof *y, error))
		return -1;
	for (int64_t i = 0; i < rows; i++, y += n) {
		memcpy(run->room->sums, y, (size_t)n * sizeof *y);
		loops_best()->accumulate(run->room->sums, 0, p->weight_sums, p->scales, true, n,
					 run->room->accumulators);
		loops_best()->finish(run->room->accumulators, p->in[0].scale, p->bias, n, y);
	}
	clamp_values(run->layer, run->out->values, rows * n);
	return 0;
}

int run_product_integer(struct layer_run *run, struct error *error)
{
	const struct prepared_layer *p = run->prepared;
	const int64_t rows = rows_of(run), n = run->layer->weights.rows;
	const int64_t group = p->sums[0].task.k;

	if (p->direct.prepared)
		return run_direct(run, error);
	if (p->scaled.prepared)
		return run_scaled(run, error);
	if (p->conv_sums.prepared)
		return run_conv_sums(run, error);
	for (int64_t first = 0; first < rows; first += p->chunk) {
		const int64_t count = rows - first < p->chunk ? rows - first : p->chunk;
		const uint8_t *a = chunk_rows(run, &p->sums[0], run->in[0]->codes, 1,
					      run->in[0]->grids, first, count);

		for (int64_t g = 0; g < p->group_count; g++) {
			if (multiply(&p->sums[g], a + g * group, run->room->sums, error))
				return -1;
			if (p->through_float)
				add_group(run, g, first, count);
		}
		if (p->through_float)
			floats_of_sums(run, first, count);
		else
			codes_of_sums(run, run->room->sums, count, run->out->codes + first * n);
	}
	return 0;
}
