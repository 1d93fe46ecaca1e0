/* SPDX-License-Identifier: MIT
 *
 * A function of each element by itself: an activation, or x * factor + shift with constants that
 * repeat along memory.
 *
 * Float: in double, rounded once to float32, then ReLU.  Integer: what code a code gives is worked
 * out once, as the code of that float of the value that the code means, for each pair of constants;
 * many pairs are worked out where they are needed.  Where a range is dynamic the values are
 * quantized anew.
 */
#include "execute_parts.h"

#include "activations.h"

enum { TABLES_MOST = 1 << 12 };  /* of 256 bytes, in one layer                            */

/* One value, as element i of a period. */
static float apply(const struct layer *layer, float x, int64_t i)
{
	const double y = layer->activation ?
		layer->activation->compute((double)x, layer->parameters) :
		(double)x * layer->factors[i] + layer->shifts[i];

	return clamped(layer, (float)y);
}

int run_map_float(struct layer_run *run, struct error *error)
{
	const int64_t count = run->batch * run->out_edge->elements, period = run->layer->period;
	const float *x = run->in[0]->values;
	float *y = run->out->values;

	(void)error;
	for (int64_t e = 0; e < count; e += period)
		for (int64_t i = 0; i < period; i++)
			y[e + i] = apply(run->layer, x[e + i], i);
	return 0;
}

static void map_values(const struct layer_run *run, int64_t sample)
{
	const int64_t elements = run->out_edge->elements, from = sample * elements;
	const struct sample_grid grid = run->in[0]->grids[sample];
	const uint8_t *codes = run->in[0]->codes + from;
	float *y = run->out->values + from;

	for (int64_t e = 0; e < elements; e++)
		y[e] = apply(run->layer, (float)(codes[e] - grid.zero) * grid.scale,
			     e % run->layer->period);
}

/* Of many constants: one code after the other. */
static void map_codes(const struct layer_run *run)
{
	const int64_t count = run->batch * run->out_edge->elements, period = run->layer->period;
	const struct sample_grid grid = run->in[0]->grids[0];
	const uint8_t *codes = run->in[0]->codes;

	for (int64_t e = 0; e < count; e++) {
		const float x = (float)(codes[e] - grid.zero) * grid.scale;

		run->out->codes[e] =
			quantize_code(&run->prepared->out, apply(run->layer, x, e % period));
	}
}

int run_map_integer(struct layer_run *run, struct error *error)
{
	const int64_t count = run->batch * run->out_edge->elements, period = run->layer->period;
	const uint8_t *tables = run->prepared->tables, *codes = run->in[0]->codes;

	(void)error;
	if (run->prepared->through_float) {
		for (int64_t s = 0; s < run->batch; s++)
			map_values(run, s);
		return 0;
	}
	if (!tables) {
		map_codes(run);
		return 0;
	}
	for (int64_t e = 0; e < count; e += period)
		for (int64_t i = 0; i < period; i++)
			run->out->codes[e + i] = tables[i * 256 + codes[e + i]];
	return 0;
}

int prepare_map_integer(struct layer_preparing *preparing, struct error *error)
{
	const struct layer *layer = preparing->layer;
	struct prepared_layer *p = preparing->prepared;
	const int32_t zero = code_range(&p->in[0].grid, false).zero;

	if (p->through_float || layer->period > TABLES_MOST)
		return 0;
	p->tables = env_new(preparing->env, (size_t)layer->period * 256, 1, "tables of codes",
			    error);
	if (!p->tables)
		return -1;
	for (int64_t i = 0; i < layer->period; i++)
		for (int32_t code = 0; code < 256; code++) {
			const float x = (float)(code - zero) * p->in[0].scale;

			p->tables[i * 256 + code] = quantize_code(&p->out, apply(layer, x, i));
		}
	return 0;
}
