/* SPDX-License-Identifier: MIT
 *
 * Convolutions of several groups that no kernel takes whole: patches of a group's channels times
 * the rows of its weights, one group after the other, as run_product.c says for one.
 */
#include "execute_parts.h"

#include <string.h>

struct group {                  /* one of a convolution                                  */
	int64_t index, rows, first;      /* first: of its output channels                 */
	int64_t channels;       /* of the input                                          */
};

static struct group group_at(const struct layer *layer, int64_t index)
{
	const int64_t rows = layer->weights.rows / layer_groups(layer);

	return (struct group){ index, rows, index * rows,
			       layer->conv.channels / layer_groups(layer) };
}

struct source {                 /* elements of one size                                  */
	const unsigned char *values;
	size_t size;
	const struct sample_grid *grids;         /* NULL: outside is bytes of 0           */
};

/* One patch of the group's channels; what is outside of the sample is the zero point. */
static void copy_patch(const struct layer_run *run, const struct group *group,
		       const struct source *source, int64_t row, unsigned char *out)
{
	const struct qs_conv *c = &run->layer->conv;
	const struct edge *in = run->in_edges[0];
	const int64_t positions = run->out_edge->height * run->out_edge->width;
	const int64_t sample = row / positions, place = row % positions;
	const int64_t top = place / run->out_edge->width * c->stride_h - c->pad_top;
	const int64_t left = place % run->out_edge->width * c->stride_w - c->pad_left;
	const int pad = source->grids ? source->grids[sample].zero : 0;
	const size_t bytes = (size_t)group->channels * source->size;
	const unsigned char *from =
		source->values + (size_t)(sample * in->elements + group->index * group->channels) *
					 source->size;

	for (int64_t i = 0; i < c->kernel_h * c->kernel_w; i++, out += bytes) {
		const int64_t y = top + i / c->kernel_w * c->dilation_h;
		const int64_t x = left + i % c->kernel_w * c->dilation_w;

		if (y >= 0 && y < in->height && x >= 0 && x < in->width)
			memcpy(out, from + (size_t)((y * in->width + x) * in->channels) *
						source->size, bytes);
		else
			memset(out, pad, bytes);
	}
}

static void copy_patches(const struct layer_run *run, const struct group *group,
			 const struct source *source, int64_t first, int64_t count)
{
	const size_t row = (size_t)run->layer->weights.columns * source->size;

	for (int64_t i = 0; i < count; i++)
		copy_patch(run, group, source, first + i,
			   (unsigned char *)run->room->patches + (size_t)i * row);
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

int run_conv_float(struct layer_run *run, struct error *error)
{
	const int64_t n = run->layer->weights.rows, rows = rows_of(run);
	const int64_t chunk = run->prepared->chunk;
	const struct source source = { (const unsigned char *)run->in[0]->values, sizeof(float),
				       NULL };

	if (layer_groups(run->layer) == 1 || run->prepared->conv_floats.prepared)
		return run_product_float(run, error);
	for (int64_t at = 0; at < rows * run->prepared->conv_groups;) {
		const struct group group = group_at(run->layer, at / rows);
		const int64_t first = at % rows;
		const int64_t count = rows - first < chunk ? rows - first : chunk;
		float *y = run->out->values + first * n + group.first;

		copy_patches(run, &group, &source, first, count);
		if (multiply(&run->prepared->chains[group.index], run->room->patches,
			     run->room->sums, error))
			return -1;
		for (int64_t i = 0; i < count; i++)
			memcpy(y + i * n, (float *)run->room->sums + i * group.rows,
			       (size_t)group.rows * sizeof *y);
		at += count;
	}
	clamp_values(run->layer, run->out->values, rows * n);
	return 0;
}

static void write_codes(const struct layer_run *run, const struct group *group, int64_t first,
			int64_t count)
{
	const struct prepared_layer *p = run->prepared;
	const struct code_range to = output_codes(run->layer, &p->out);
	const int64_t n = run->layer->weights.rows;
	const int32_t *sums = run->room->sums;
	uint8_t *codes = run->out->codes + first * n + group->first;

	for (int64_t i = 0; i < count; i++, codes += n)
		for (int64_t j = 0; j < group->rows; j++)
			codes[j] = (uint8_t)qs_requantize_code(&p->requantizers[group->first + j],
							       *sums++, to.zero, to.low, to.high);
}

/* acc += the sums of one group of scales. */
static void add_scales(const struct layer_run *run, const struct group *group, int64_t scales,
		       int64_t first, int64_t count)
{
	const struct prepared_layer *p = run->prepared;
	const int64_t positions = run->out_edge->height * run->out_edge->width;
	const int64_t offset = scales * run->layer->weights.rows + group->first;
	const int32_t *sums = run->room->sums;
	float *acc = run->room->accumulators;

	for (int64_t i = 0; i < count; i++) {
		const int32_t zero = run->in[0]->grids[(first + i) / positions].zero;

		for (int64_t j = 0; j < group->rows; j++, sums++, acc++) {
			const uint32_t moved = (uint32_t)*sums -
				(uint32_t)zero * (uint32_t)p->weight_sums[offset + j];

			*acc = fmaf((float)(int32_t)moved, p->scales[offset + j],
				    scales ? *acc : 0.0F);
		}
	}
}

static void write_floats(const struct layer_run *run, const struct group *group, int64_t first,
			 int64_t count)
{
	const struct prepared_layer *p = run->prepared;
	const int64_t n = run->layer->weights.rows;
	const int64_t positions = run->out_edge->height * run->out_edge->width;
	const float *bias = p->bias ? p->bias + group->first : NULL;
	const float *acc = run->room->accumulators;
	float *y = run->out->values + first * n + group->first;

	for (int64_t i = 0; i < count; i++, y += n) {
		const float scale = run->in[0]->grids[(first + i) / positions].scale;

		for (int64_t j = 0; j < group->rows; j++, acc++)
			y[j] = clamped(run->layer, bias ? fmaf(*acc, scale, bias[j])
							: *acc * scale);
	}
}

static int run_chunk(const struct layer_run *run, const struct group *group, int64_t first,
		     int64_t count, struct error *error)
{
	const struct prepared_layer *p = run->prepared;
	const struct product *products = p->sums + group->index * p->group_count;
	const struct source source = { run->in[0]->codes, 1, run->in[0]->grids };

	copy_patches(run, group, &source, first, count);
	for (int64_t g = 0; g < p->group_count; g++) {
		const uint8_t *a = (const uint8_t *)run->room->patches + g * products->task.k;

		if (multiply(&products[g], a, run->room->sums, error))
			return -1;
		if (p->through_float)
			add_scales(run, group, g, first, count);
	}
	if (p->through_float)
		write_floats(run, group, first, count);
	else
		write_codes(run, group, first, count);
	return 0;
}

int run_conv_integer(struct layer_run *run, struct error *error)
{
	const int64_t rows = rows_of(run), chunk = run->prepared->chunk;

	if (layer_groups(run->layer) == 1 || run->prepared->direct.prepared ||
	    run->prepared->conv_sums.prepared)
		return run_product_integer(run, error);
	for (int64_t i = 0; i < run->prepared->conv_groups; i++) {
		const struct group group = group_at(run->layer, i);

		for (int64_t first = 0; first < rows; first += chunk)
			if (run_chunk(run, &group, first,
				      rows - first < chunk ? rows - first : chunk, error))
				return -1;
	}
	return 0;
}
