/* SPDX-License-Identifier: MIT
 *
 * Edges one after the other along an axis: in memory, runs of each input in turn.  Codes of each
 * input go through a table of their own onto the output's grid, the code of the value that a code
 * means; where a range is dynamic values are decoded and quantized anew.
 */
#include "execute_parts.h"

#include <string.h>

/* Elements of one run of an input. */
static int64_t run_of(const struct layer_run *run, size_t input)
{
	return run->in_edges[input]->elements / run->layer->outer;
}

/* The next run of an input as floats, decoded where it is coded. */
static void decode_run(const struct edge_values *in, int64_t sample, int64_t from, int64_t count,
		       float *y)
{
	const struct sample_grid grid = in->grids[sample];

	for (int64_t i = 0; i < count; i++)
		y[i] = (float)(in->codes[from + i] - grid.zero) * grid.scale;
}

int run_concat_float(struct layer_run *run, struct error *error)
{
	float *y = run->out->values;

	(void)error;
	for (int64_t s = 0; s < run->batch; s++)
		for (int64_t o = 0; o < run->layer->outer; o++)
			for (size_t i = 0; i < run->layer->input_count; i++) {
				const int64_t count = run_of(run, i);
				const int64_t from = s * run->in_edges[i]->elements + o * count;

				memcpy(y, run->in[i]->values + from, (size_t)count * sizeof *y);
				y += count;
			}
	clamp_values(run->layer, run->out->values, run->batch * run->out_edge->elements);
	return 0;
}

int run_concat_integer(struct layer_run *run, struct error *error)
{
	const bool through_float = run->prepared->through_float;
	float *y = run->out->values;
	uint8_t *codes = run->out->codes;

	(void)error;
	for (int64_t s = 0; s < run->batch; s++)
		for (int64_t o = 0; o < run->layer->outer; o++)
			for (size_t i = 0; i < run->layer->input_count; i++) {
				const uint8_t *table = run->prepared->tables + i * 256;
				const int64_t count = run_of(run, i);
				const int64_t from = s * run->in_edges[i]->elements + o * count;

				if (through_float)
					decode_run(run->in[i], s, from, count, y);
				for (int64_t j = 0; !through_float && j < count; j++)
					codes[j] = table[run->in[i]->codes[from + j]];
				y += count;
				codes += count;
			}
	if (through_float)
		clamp_values(run->layer, run->out->values,
			     run->batch * run->out_edge->elements);
	return 0;
}

int prepare_concat_integer(struct layer_preparing *preparing, struct error *error)
{
	const struct layer *layer = preparing->layer;
	struct prepared_layer *p = preparing->prepared;

	if (p->through_float)
		return 0;
	p->tables = env_new(preparing->env, layer->input_count * 256, 1, "tables of codes", error);
	if (!p->tables)
		return -1;
	for (size_t i = 0; i < layer->input_count; i++) {
		const int32_t zero = code_range(&p->in[i].grid, false).zero;

		for (int32_t code = 0; code < 256; code++) {
			const float x = (float)(code - zero) * p->in[i].scale;

			p->tables[i * 256 + (size_t)code] =
				quantize_code(&p->out, clamped(layer, x));
		}
	}
	return 0;
}
