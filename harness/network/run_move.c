/* SPDX-License-Identifier: MIT
 *
 * Layers that move values: an element of the output is one of the input, or the pad.  With a pad of
 * 0 codes stay on the grid of the input, where it is the zero point; nothing is quantized again.
 * With another the output has a grid of its own, and codes go through a table.
 */
#include "execute_parts.h"

static bool shares_grid(const struct layer *layer)
{
	return layer->pad == 0;
}

int run_move_float(struct layer_run *run, struct error *error)
{
	const struct layer *layer = run->layer;
	const int64_t elements = run->out_edge->elements;

	(void)error;
	for (int64_t s = 0; s < run->batch; s++) {
		const float *x = run->in[0]->values + s * run->in_edges[0]->elements;
		float *y = run->out->values + s * elements;

		for (int64_t i = 0; i < elements; i++)
			y[i] = layer->map[i] == MAP_PAD ? layer->pad : x[layer->map[i]];
		clamp_values(layer, y, elements);
	}
	return 0;
}

/* Codes on the sample's own grid, decoded. */
static void move_values(const struct layer_run *run, int64_t sample)
{
	const struct layer *layer = run->layer;
	const int64_t elements = run->out_edge->elements;
	const struct sample_grid grid = run->in[0]->grids[sample];
	const uint8_t *codes = run->in[0]->codes + sample * run->in_edges[0]->elements;
	float *y = run->out->values + sample * elements;

	for (int64_t i = 0; i < elements; i++)
		y[i] = layer->map[i] == MAP_PAD ? layer->pad :
		       (float)(codes[layer->map[i]] - grid.zero) * grid.scale;
	clamp_values(layer, y, elements);
}

static void move_codes(const struct layer_run *run, int64_t sample, const uint8_t *table,
		       uint8_t pad)
{
	const int64_t elements = run->out_edge->elements;
	const uint8_t *x = run->in[0]->codes + sample * run->in_edges[0]->elements;
	const int32_t *map = run->layer->map;
	uint8_t *y = run->out->codes + sample * elements;

	for (int64_t i = 0; i < elements; i++)
		y[i] = map[i] == MAP_PAD ? pad : table ? table[x[map[i]]] : x[map[i]];
}

int run_move_integer(struct layer_run *run, struct error *error)
{
	const struct prepared_layer *p = run->prepared;
	const bool shares = shares_grid(run->layer);
	const uint8_t pad = shares || p->through_float ? 0 :
		quantize_code(&p->out, clamped(run->layer, run->layer->pad));

	(void)error;
	for (int64_t s = 0; s < run->batch; s++)
		if (!shares && p->through_float)
			move_values(run, s);
		else
			move_codes(run, s, p->tables,
				   shares ? (uint8_t)run->in[0]->grids[s].zero : pad);
	if (shares)
		clamp_moved_codes(run);
	return 0;
}

int prepare_move_integer(struct layer_preparing *preparing, struct error *error)
{
	return shares_grid(preparing->layer) ? 0 : prepare_concat_integer(preparing, error);
}

/* A ReLU of codes that lie on each sample's own grid. */
void clamp_moved_codes(struct layer_run *run)
{
	const int64_t elements = run->out_edge->elements;

	for (int64_t s = 0; run->layer->relu && s < run->batch; s++) {
		const uint8_t zero = (uint8_t)run->in[0]->grids[s].zero;
		uint8_t *y = run->out->codes + s * elements;

		for (int64_t i = 0; i < elements; i++)
			y[i] = y[i] < zero ? zero : y[i];
	}
}
