/* SPDX-License-Identifier: MIT
 *
 * Float and simulated execution of layers: against plain loops bit for bit; independent of batch,
 * ISA and threads; what cannot be run says why; memory that runs out.
 */
#include "support.h"

#include "hand_network.h"

#include <pthread.h>

/* One sample by the definition: an fma over kh, kw, channel ascending, padding 0.0, bias last. */
static void plain_product(const struct layer *layer, const struct edge *out,
			  const float *x, const float *weights, const float *bias, float *y)
{
	const struct qs_conv *c = &layer->conv;

	for (int64_t i = 0; i < out->elements; i++) {
		const int64_t n = i % out->channels, column = i / out->channels % out->width;
		const int64_t line = i / out->channels / out->width;
		const float *w = weights + n * layer->weights.columns;
		float sum = 0;

		for (int64_t k = 0; k < layer->weights.columns; k++) {
			const int64_t channel = k % c->channels, kx = k / c->channels % c->kernel_w;
			const int64_t ky = k / c->channels / c->kernel_w;
			const int64_t row = line * c->stride_h - c->pad_top + ky * c->dilation_h;
			const int64_t place = column * c->stride_w - c->pad_left + kx * c->dilation_w;
			const bool inside = row >= 0 && row < c->height && place >= 0 &&
					    place < c->width;

			sum = fmaf(inside ? x[(row * c->width + place) * c->channels + channel] : 0,
				   w[k], sum);
		}
		if (bias)
			sum += bias[n];
		y[i] = layer->relu && !(sum > 0) ? 0 : sum;
	}
}

static void plain_pool(const struct edge *in, const float *x, float *y)
{
	for (int64_t c = 0; c < in->channels; c++) {
		double sum = 0;

		for (int64_t i = 0; i < in->height * in->width; i++)
			sum += (double)x[i * in->channels + c];
		y[c] = (float)(sum / (double)(in->height * in->width));
	}
}

static void plain_layer(const struct hand *h, size_t l, const float *weights, const float *bias,
			const float *a, const float *b, float *y)
{
	const struct layer *layer = &h->layer[l];
	const struct edge *in = &h->edges[layer->inputs[0]], *out = &h->edges[l + 1];

	if (layer->weights.values) {
		plain_product(layer, out, a, weights, bias, y);
		return;
	}
	if (layer->input_count == 1) {
		plain_pool(in, a, y);
		return;
	}
	for (int64_t i = 0; i < out->elements; i++) {
		y[i] = a[i] + b[i];
		if (layer->relu && !(y[i] > 0))
			y[i] = 0;
	}
}

static const float *sample_of(const struct hand *h, const struct hand_edges *all, size_t edge,
			      int64_t sample)
{
	return all->edges[edge].values + sample * h->edges[edge].elements;
}

/* Every layer of the float run is the plain loop on the edge before it. */
static void check_float(struct hand *h, int64_t samples, int64_t batch)
{
	struct hand_edges all = hand_float(h, samples, batch);

	for (size_t l = 0; l < h->layers.count; l++) {
		const struct layer *layer = &h->layer[l];
		const size_t elements = (size_t)h->edges[l + 1].elements;
		float *y = hand_new(elements, sizeof *y);

		assert_int_equal(all.edges[l + 1].state, EDGE_RAW);
		for (int64_t s = 0; s < samples; s++) {
			plain_layer(h, l, layer->weights.values, layer->bias,
				    sample_of(h, &all, layer->inputs[0], s),
				    sample_of(h, &all, layer->inputs[1], s), y);
			if (memcmp(y, sample_of(h, &all, l + 1, s), elements * sizeof *y))
				fail_msg("%s, sample %lld of a batch of %lld", layer->name,
					 (long long)s, (long long)batch);
		}
		free(y);
	}
	hand_edges_free(&all);
}

struct conv_case {
	int64_t height, width, channels;
	struct qs_conv conv;
	bool has_bias, relu;
};

/* kernel, strides and dilations: height, width; pads: top, left, bottom, right */
#define CONV(n, kh, kw, sh, sw, dh, dw, pt, pl, pb, pr) \
	{ .out_channels = n, .kernel_h = kh, .kernel_w = kw, .stride_h = sh, .stride_w = sw, \
	  .dilation_h = dh, .dilation_w = dw, .pad_top = pt, .pad_left = pl, .pad_bottom = pb, \
	  .pad_right = pr }

static const struct conv_case conv_cases[] = {
	{ 5, 4, 3, CONV(2, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1), true, true },
	{ 7, 6, 2, CONV(5, 3, 2, 2, 1, 1, 1, 0, 1, 2, 0), true, false },
	{ 9, 11, 1, CONV(17, 3, 3, 2, 3, 1, 1, 1, 1, 0, 2), false, true },
	{ 8, 9, 3, CONV(4, 2, 3, 1, 1, 3, 2, 2, 3, 1, 1), true, false },
	{ 6, 6, 4, CONV(3, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0), true, true },
	{ 6, 5, 4, CONV(3, 1, 1, 2, 2, 1, 1, 0, 0, 0, 0), true, true },
	{ 6, 5, 4, CONV(3, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1), false, false },
	/* the window is wider than the sample, and whole lines lie in the padding */
	{ 2, 2, 3, CONV(3, 5, 5, 1, 1, 1, 1, 6, 6, 3, 3), true, false },
	{ 1, 3, 2, CONV(2, 1, 2, 1, 1, 1, 1, 0, 3, 0, 4), true, false },
	{ 30, 31, 40, CONV(9, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1), true, true },
};

static void test_convolutions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof conv_cases / sizeof *conv_cases; i++) {
		const struct conv_case *one = &conv_cases[i];
		struct hand h;

		hand_open(&h, one->height, one->width, one->channels);
		hand_conv(&h, 0, one->conv, one->has_bias, one->relu);
		check_float(&h, 5, 3);
		hand_close(&h);
	}
}

static void test_products(void **state)
{
	static const int64_t sizes[][2] = { { 1, 1 }, { 3, 5 }, { 100, 33 }, { 1000, 7 }, { 9, 300 } };

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct hand h;

		hand_open(&h, 1, 1, sizes[i][0]);
		hand_product(&h, 0, sizes[i][1], i % 2);
		check_float(&h, 17, 16);
		hand_close(&h);
	}
}

static void test_residual_float(void **state)
{
	struct hand h;

	(void)state;
	hand_residual(&h, 9, 7);
	check_float(&h, 9, 1);
	check_float(&h, 9, 4);
	hand_close(&h);
}

/* A NaN is 0 behind a ReLU and a NaN elsewhere. */
static void test_nan(void **state)
{
	struct hand h;
	struct hand_edges all;
	struct execution execution;

	(void)state;
	for (int relu_too = 0; relu_too < 2; relu_too++) {
		hand_open(&h, 1, 1, 2);
		hand_product(&h, 0, 3, relu_too);
		h.islands[0] = true;
		execution = hand_execution(&h, 1);
		all = hand_edges_new(&h, 1);
		all.edges[0].values[0] = NAN;
		hand_run(&h, &execution, HAND_FLOAT, &all, 1);
		for (int i = 0; i < 3; i++)
			assert_true(relu_too ? all.edges[1].values[i] == 0 :
					       isnan(all.edges[1].values[i]));
		hand_edges_free(&all);
		execution_free(&execution);
		hand_close(&h);
	}
}

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

/* Bytes of all edges of a run. */
static void edges_key(const struct hand *h, const struct hand_edges *all, int64_t samples,
		      char key[KEY_SIZE])
{
	char keys[HAND_LAYERS + 1][3][KEY_SIZE];

	memset(keys, 0, sizeof keys);
	for (size_t i = 1; i <= h->layers.count; i++) {
		const struct edge_values *edge = &all->edges[i];
		const size_t count = (size_t)(samples * h->edges[i].elements);

		if (edge->state == EDGE_CODED)
			hash_bytes(keys[i][0], edge->codes, count);
		else
			hash_bytes(keys[i][1], edge->values, count * sizeof(float));
		if (edge->state != EDGE_RAW)
			hash_bytes(keys[i][2], edge->grids, (size_t)samples * sizeof *edge->grids);
	}
	hash_bytes(key, keys, sizeof keys);
}

static void run_key(struct hand *h, enum hand_kind kind, int64_t batch, int64_t samples,
		    char key[KEY_SIZE])
{
	struct hand_edges all;

	if (kind == HAND_FLOAT) {
		all = hand_float(h, samples, batch);
	} else {
		struct execution execution = hand_execution(h, batch);

		all = hand_edges_new(h, samples);
		hand_inputs(h, &all, samples);
		hand_run(h, &execution, kind, &all, samples);
		execution_free(&execution);
	}
	edges_key(h, &all, samples, key);
	hand_edges_free(&all);
}

/* What gcc 12 on x86-64 gave once: another compiler, processor or C library gives it, too. */
#define FLOAT_KEY "fd2e7a61615cc7be771dee9ce8a2ee01"

static const struct {
	const char *granularity;
	int64_t group;
	const char *range;
	int island;             /* this one, too; -1: none                               */
	const char *keys[HAND_KINDS];
} sameness_cases[] = {
	{ "channel", 0, "static", -1, { FLOAT_KEY,
	  "85c4bdb3abd46db9b5aa9733a4fe689a",
	  "b6444ac65fedf57ac173f1c3f92cc525" } },
	{ "tensor", 0, "static", 4, { FLOAT_KEY,
	  "ba677d037af3b0f85c76c8ab9ff1083d",
	  "02c4d3d0cf9a70cb71fc0d6a15bb1211" } },
	{ "group", 8, "static", -1, { FLOAT_KEY,
	  "298d94ede40814479297935a0c86fcfb",
	  "c40d6132a640ee966faf67c42ee8c084" } },
	{ "channel", 0, "dynamic", -1, { FLOAT_KEY,
	  "9daf54e27f9850b8ba6e4185bf0a558d",
	  "f0a8d97bc478bb63f592be3a1c8ee15a" } },
	{ "group", 32, "dynamic", 0, { FLOAT_KEY,
	  "c68bc6245d56d92a5687bab1d4d44c5e",
	  "e3b95be4c18d776d5f94623529f2e625" } },
};

/* Batches that divide the samples and batches that do not, every ISA: the same bytes. */
static void test_batch_and_isa(void **state)
{
	enum { SAMPLES = 67 };
	static const int64_t batches[] = { 1, 7, 64 };
	const uint64_t cpu = env_system().cpu;

	(void)state;
	for (size_t i = 0; i < sizeof sameness_cases / sizeof *sameness_cases; i++) {
		const char *const *expected = sameness_cases[i].keys;
		char key[KEY_SIZE];
		struct hand h;

		hand_residual(&h, 9, 7);
		hand_quantize(&h, hand_rule(8, "symmetric", "real", sameness_cases[i].group,
					    sameness_cases[i].granularity, NULL),
			      hand_rule(8, "asymmetric", "real", 0, "tensor",
					sameness_cases[i].range));
		if (sameness_cases[i].island >= 0)
			h.islands[sameness_cases[i].island] = true;
		for (int kind = 0; kind < HAND_KINDS; kind++) {
			for (const struct value *const *isa = isa_values; *isa; isa++) {
				h.env.cpu = cpu & ((const struct isa *)*isa)->features;
				for (size_t b = 0; b < sizeof batches / sizeof *batches; b++) {
					run_key(&h, (enum hand_kind)kind, batches[b], SAMPLES, key);
					if (strcmp(key, expected[kind]))
						fail_msg("case %zu, execution %d, %s, batch %lld: "
							 "%s", i, kind, (*isa)->name,
							 (long long)batches[b], key);
				}
			}
		}
		hand_close(&h);
	}
}

struct worker {
	struct hand *h;
	const struct execution *execution;
	char key[KEY_SIZE];
};

static void *work(void *self)
{
	struct worker *worker = self;
	struct hand_edges all = hand_edges_new(worker->h, 8);

	hand_inputs(worker->h, &all, 8);
	hand_run(worker->h, worker->execution, HAND_INTEGER, &all, 8);
	edges_key(worker->h, &all, 8, worker->key);
	hand_edges_free(&all);
	return NULL;
}

/* One execution, a room for each thread. */
static void test_threads(void **state)
{
	struct hand h;
	struct worker workers[3];
	pthread_t threads[3];

	(void)state;
	hand_residual(&h, 9, 7);
	hand_quantize(&h, hand_rule(8, "symmetric", "real", 0, "channel", NULL),
		      hand_rule(8, "asymmetric", "real", 0, "tensor", "dynamic"));
	struct execution execution = hand_execution(&h, 4);
	for (int i = 0; i < 3; i++) {
		workers[i] = (struct worker){ .h = &h, .execution = &execution };
		assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
	}
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	assert_string_equal(workers[0].key, workers[1].key);
	assert_string_equal(workers[0].key, workers[2].key);
	execution_free(&execution);
	hand_close(&h);
}

/* Runs the one layer of a dynamic range on an input; the error's text. */
static void refused_range(struct hand *h, float first, enum status status, struct error *error)
{
	struct execution execution = hand_execution(h, 1);
	struct hand_edges all = hand_edges_new(h, 1);
	const struct edge_values *const in = &all.edges[0];
	struct execution_room *room;

	hand_inputs(h, &all, 1);
	all.edges[0].values[0] = first;
	assert_int_equal(execution_room_new(&room, &h->env, &h->layers, 1, error), 0);
	assert_int_equal(execution_simulated(&execution, room, 0, &in, &all.edges[1], 1, NULL,
					     error), -1);
	assert_int_equal(error->status, status);
	error->text[0] = 0;
	all.edges[1].state = EDGE_RAW;
	assert_int_equal(execution_integer(&execution, room, 0, &in, &all.edges[1], 1, error), -1);
	assert_int_equal(error->status, status);
	execution_room_free(room);
	hand_edges_free(&all);
	execution_free(&execution);
}

static void test_refused_ranges(void **state)
{
	struct hand h;
	struct error error;

	(void)state;
	hand_open(&h, 1, 1, 600);
	hand_product(&h, 0, 10, false);
	hand_quantize(&h, hand_rule(8, "symmetric", "real", 0, "channel", NULL),
		      hand_rule(8, "asymmetric", "real", 0, "tensor", "dynamic"));
	refused_range(&h, INFINITY, STATUS_FAILED, &error);
	assert_string_equal(error.text, "activations of 'input': 1 of the 600 values of a sample "
			    "are NaN or infinite: they have no range; float32 cannot hold this network's values");
	h.activation_rule.calibration = hand_value(calibration_values, "entropy");
	refused_range(&h, 1, STATUS_INPUT, &error);
	assert_string_equal(error.text, "activations of 'gemm0': no range for the 10 values of a "
			    "sample: too few values; take a static range or another calibration");
	hand_close(&h);
}

/* Every allocation fails once: an error, nothing left behind. */
static void test_memory(void **state)
{
	struct failing failing = { .fail_at = -1 };
	struct hand h;
	struct error error;
	long fail_at = 0;
	int failed;

	(void)state;
	hand_residual(&h, 9, 7);
	hand_quantize(&h, hand_rule(8, "symmetric", "real", 0, "channel", NULL),
		      hand_rule(8, "asymmetric", "real", 0, "tensor", "static"));
	const struct execution_spec spec = {
		.layers = &h.layers, .libraries = &h.libraries, .islands = h.islands,
		.edges = h.quantizers, .weights = h.weights, .modes = h.modes, .batch = 2,
	};
	do {
		const struct env env = env_failing(&failing);
		struct execution execution = { 0 };
		struct execution_room *room = NULL;

		failing = (struct failing){ .fail_at = fail_at++ };
		failed = execution_make(&execution, &env, &spec, &error);
		if (!failed) {
			failed = execution_room_new(&room, &env, &h.layers, 2, &error);
			execution_room_free(room);
			execution_free(&execution);
		}
		if (failed)
			assert_int_equal(error.status, STATUS_MACHINE);
	} while (failed);
	assert_true(fail_at > 60);
	hand_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_convolutions),
		cmocka_unit_test(test_products),
		cmocka_unit_test(test_residual_float),
		cmocka_unit_test(test_nan),
		cmocka_unit_test(test_simulated),
		cmocka_unit_test(test_tally),
		cmocka_unit_test(test_batch_and_isa),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_refused_ranges),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
