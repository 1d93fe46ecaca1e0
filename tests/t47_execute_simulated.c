/* SPDX-License-Identifier: MIT
 *
 * Simulated execution of layers against plain loops on quantized edges, bit for bit; what saturates
 * is counted.
 */
#include "plain_execution.h"

/* Onto an edge's grids, sample by sample. */
static void plain_quantize(const struct hand *h, size_t edge, const struct edge_values *held,
			   int64_t sample, const float *x, float *back, struct tally *tally)
{
	const struct quantizer *quantizer = &h->quantizers[edge];
	const struct format *format = format_of(quantizer->rule->format);
	const int64_t count = h->edges[edge].elements;
	struct grid grid = quantizer->grid;
	float scale = quantizer->scale;

	if (quantizer->dynamic) {
		struct slice_room room;
		struct error error;

		assert_int_equal(slice_room_new(&room, &h->env, count, &error), 0);
		const struct slice slice = slice_of(&room, x, count);
		const struct chosen chosen = rule_choose(quantizer->rule, QS_HALF_EVEN, &slice);
		grid = chosen.grid;
		scale = chosen.scale;
		slice_room_free(&room);
	}
	if (!rule_is_float(quantizer->rule) && held) {
		assert_true(held->grids[sample].scale == scale);
		if (quantizer->rule->bits <= 8)
			assert_int_equal(held->grids[sample].zero,
					 grid.zero + (grid.low < 0 ? 128 : 0));
	}
	format->simulate(x, count, &grid, scale, h->round, back, tally);
}

static float bias_on_grid(float bias, float scale_a, float scale_w)
{
	const double unit = (double)scale_a * (double)scale_w;

	return (float)(rint((double)bias / unit) * unit);
}

/* Every layer of the simulated run is: quantize the input where nobody has, the plain loop on
 * simulated weights, quantize. */
static void check_simulated(struct hand *h, int64_t samples, bool bias_has_grid)
{
	struct execution execution = hand_execution(h, 4);
	struct hand_edges all = hand_edges_new(h, samples);

	hand_inputs(h, &all, samples);
	hand_run(h, &execution, HAND_SIMULATED, &all, samples);
	for (size_t l = 0; l < h->layers.count; l++) {
		const struct layer *layer = &h->layer[l];
		const struct quantized_weights *w = &h->weights[l];
		const size_t elements = (size_t)h->edges[l + 1].elements;
		float *y = hand_new(elements, sizeof *y), bias[64] = { 0 };
		float *x = hand_new((size_t)h->edges[0].elements, sizeof *x);
		struct tally tally = { 0 };

		for (int64_t j = 0; layer->bias && j < layer->weights.rows; j++)
			bias[j] = bias_has_grid ?
				bias_on_grid(layer->bias[j], h->quantizers[layer->inputs[0]].scale,
					     w->scales[j]) : layer->bias[j];
		for (int64_t s = 0; s < samples; s++) {
			const float *in = sample_of(h, &all, layer->inputs[0], s);

			if (!layer->inputs[0])
				plain_quantize(h, 0, NULL, s, in, x, &tally);
			plain_layer(h, l, w->simulated ? w->simulated : layer->weights.values, bias,
				    layer->inputs[0] ? in : x,
				    sample_of(h, &all, layer->inputs[1], s), y);
			plain_quantize(h, l + 1, &all.edges[l + 1], s, y, y, &tally);
			if (memcmp(y, sample_of(h, &all, l + 1, s), elements * sizeof *y))
				fail_msg("%s, sample %lld", layer->name, (long long)s);
		}
		free(x);
		free(y);
	}
	hand_edges_free(&all);
	execution_free(&execution);
}

static const struct {
	int weights, activations;
	const char *granularity;
	int64_t group;
	const char *scheme, *range;
	bool bias_has_grid;
	const char *no_integer;
} simulated_cases[] = {
	{ 8, 8, "channel", 0, "asymmetric", "static", true, "" },
	{ 4, 8, "tensor", 0, "symmetric", "static", true, "" },
	{ 3, 5, "group", 16, "asymmetric", "static", false, "" },
	{ 8, 8, "channel", 0, "asymmetric", "dynamic", false, "" },
	{ 8, 12, "channel", 0, "symmetric", "static", true,
	  "layer 'conv0': its activations have 12 bits; codes take at most 8" },
	{ 16, 8, "channel", 0, "asymmetric", "static", true,
	  "layer 'conv0': its weights have more than 8 bits, or scales that change along the "
	  "reduction" },
	{ 8, 32, "channel", 0, NULL, NULL, false, "layer 'conv0': its activations are float" },
	{ 32, 8, "tensor", 0, "asymmetric", "static", false, "layer 'conv0': its weights are float" },
};

static void test_simulated(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof simulated_cases / sizeof *simulated_cases; i++) {
		for (int round = 0; round < QS_ROUNDS; round++) {
			struct hand h;

			hand_residual(&h, 9, 7);
			h.round = (enum qs_round)round;
			hand_quantize(&h, hand_rule(simulated_cases[i].weights, "symmetric", "real",
						    simulated_cases[i].group,
						    simulated_cases[i].granularity, NULL),
				      hand_rule(simulated_cases[i].activations,
						simulated_cases[i].scheme, "real", 0, "tensor",
						simulated_cases[i].range));
			check_simulated(&h, 6, simulated_cases[i].bias_has_grid);
			struct execution execution = hand_execution(&h, 1);
			assert_string_equal(execution.no_integer, simulated_cases[i].no_integer);
			execution_free(&execution);
			hand_close(&h);
		}
	}
}

/* The output's codes 0..15 of scale 1 are counted: 20.2 and 17 lie above, 0.4 is lost, 0 is 0. */
static void test_tally(void **state)
{
	static const float weights[] = { 20.2F, 17, 0.4F, 0, 3 };
	struct hand h;
	struct execution_room *room;
	struct error error;
	struct tally tally = { 0 };

	(void)state;
	hand_open(&h, 1, 1, 1);
	hand_product(&h, 0, 5, false);
	memcpy(h.layer[0].weights.values, weights, sizeof weights);
	memset(h.layer[0].bias, 0, 5 * sizeof(float));
	h.activation_rule = hand_rule(4, "asymmetric", "real", 0, "tensor", "static");
	for (int i = 0; i < 2; i++)
		h.quantizers[i] = (struct quantizer){
			.rule = &h.activation_rule, .scale = 1, .grid = { 1, 0, 0, 15 }
		};
	struct execution execution = hand_execution(&h, 2);
	struct hand_edges all = hand_edges_new(&h, 2);
	const struct edge_values *const in = &all.edges[0];
	all.edges[0].values[0] = all.edges[0].values[1] = 1;
	assert_int_equal(execution_room_new(&room, &h.env, &h.layers, 2, &error), 0);
	assert_int_equal(execution_simulated(&execution, room, 0, &in, &all.edges[1], 2, &tally,
					     &error), 0);
	assert_int_equal(tally.saturated, 4);
	assert_int_equal(tally.lost_zero, 2);
	assert_int_equal(tally.nonzero, 8);
	assert_int_equal(all.edges[1].state, EDGE_ON_GRID);
	assert_true(all.edges[1].values[0] == 15 && all.edges[1].values[9] == 3);
	execution_room_free(room);
	hand_edges_free(&all);
	execution_free(&execution);
	hand_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_simulated),
		cmocka_unit_test(test_tally),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
