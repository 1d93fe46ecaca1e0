/* SPDX-License-Identifier: MIT
 *
 * The mean over all positions of a sample.
 *
 * Float: a double sum in the order of memory, divided by the count, rounded once to float32.
 * Integer: the s32 sum of (code - zero), requantized with s_in / (positions * s_y); through a float
 * where a range is dynamic: (float)(sum * s_in / positions), in double.
 */
#include "execute_parts.h"

static int64_t positions_of(const struct edge *edge)
{
	return edge->height * edge->width;
}

int run_average_pool_float(struct layer_run *run, struct error *error)
{
	const struct edge *in = run->in_edges[0];
	const int64_t positions = positions_of(in), channels = in->channels;

	(void)error;
	for (int64_t s = 0; s < run->batch; s++) {
		const float *x = run->in[0]->values + s * in->elements;
		float *y = run->out->values + s * channels;

		for (int64_t c = 0; c < channels; c++) {
			double sum = 0;

			for (int64_t i = 0; i < positions; i++)
				sum += (double)x[i * channels + c];
			y[c] = (float)(sum / (double)positions);
			if (run->layer->relu)
				y[c] = relu(y[c]);
		}
	}
	return 0;
}

int prepare_average_pool_integer(struct layer_preparing *preparing, struct error *error)
{
	struct prepared_layer *p = preparing->prepared;
	const int64_t positions = positions_of(preparing->in_edge);
	const double scale =
		(double)p->in[0].scale / ((double)positions * (double)p->out.scale);

	if (positions > INT32_MAX / UINT8_MAX)
		return no_integer(preparing, "a sum of %lld codes might leave s32",
				  (long long)positions);
	if (p->through_float)
		return 0;
	p->requantizers = env_new(preparing->env, 1, sizeof *p->requantizers, "a requantizer",
				  error);
	if (!p->requantizers)
		return -1;
	if (!qs_requantizer_make(p->requantizers, p->mode, p->round, scale))
		return no_integer(preparing, "its requantization cannot express the scale %.9g of "
				  "a mean over %lld positions", scale, (long long)positions);
	return 0;
}

int run_average_pool_integer(struct layer_run *run, struct error *error)
{
	const struct prepared_layer *p = run->prepared;
	const struct edge *in = run->in_edges[0];
	const int64_t positions = positions_of(in), channels = in->channels;
	const struct code_range to = code_range(&p->out.grid, run->layer->relu);

	(void)error;
	for (int64_t s = 0; s < run->batch; s++) {
		const uint8_t *codes = run->in[0]->codes + s * in->elements;
		const struct sample_grid from = run->in[0]->grids[s];

		for (int64_t c = 0; c < channels; c++) {
			const int64_t place = s * channels + c;
			int32_t sum = 0;

			for (int64_t i = 0; i < positions; i++)
				sum += codes[i * channels + c] - from.zero;
			if (!p->through_float) {
				run->out->codes[place] = (uint8_t)qs_requantize_code(
					p->requantizers, sum, to.zero, to.low, to.high);
				continue;
			}
			const float y = (float)((double)sum * (double)from.scale /
						(double)positions);
			run->out->values[place] = run->layer->relu ? relu(y) : y;
		}
	}
	return 0;
}
