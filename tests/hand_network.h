/* SPDX-License-Identifier: MIT
 *
 * Small networks made by hand, quantized by rules, and run whole: for tests of their execution.
 */
#ifndef QS_HAND_NETWORK_H
#define QS_HAND_NETWORK_H

#include "../harness/network/execute.h"
#include "../harness/network/run.h"
#include "../harness/random.h"

#include <math.h>

enum { HAND_LAYERS = 12 };
enum hand_kind { HAND_FLOAT, HAND_SIMULATED, HAND_INTEGER, HAND_KINDS };

struct hand {
	struct env env;
	struct libraries libraries;
	struct layers layers;
	struct layer layer[HAND_LAYERS];
	struct edge edges[HAND_LAYERS + 1];
	char names[HAND_LAYERS][16];
	struct rule weight_rule, activation_rule;
	struct quantizer quantizers[HAND_LAYERS + 1];
	struct quantized_weights weights[HAND_LAYERS];
	bool islands[HAND_LAYERS];
	enum qs_requantize modes[HAND_LAYERS];
	enum qs_round round;
	uint64_t seed;          /* of weights and inputs                                 */
};

/* What all edges held, sample after sample. */
struct hand_edges {
	struct edge_values edges[HAND_LAYERS + 1];
};

static inline const struct value *hand_value(const struct value *const *values, const char *name)
{
	const struct value *value = value_find(values, name);

	if (!value)
		fail_msg("no value '%s'", name);
	return value;
}

static inline void *hand_new(size_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size);

	assert_non_null(memory);
	return memory;
}

/* bits 32: float. */
static inline struct rule hand_rule(int bits, const char *scheme, const char *scale, int64_t group,
				    const char *granularity, const char *range)
{
	struct rule rule = { .bits = bits };

	rule.format = hand_value(format_values, bits == 32 ? "float" : "int");
	if (bits == 32)
		return rule;
	rule.scheme = hand_value(scheme_values, scheme);
	rule.scale = hand_value(scale_values, scale);
	rule.granularity = (struct granularity){ hand_value(granularity_values, granularity), -1,
						 group };
	rule.calibration = hand_value(calibration_values, "minmax");
	rule.range = range ? hand_value(range_values, range) : NULL;
	return rule;
}

static inline void hand_open(struct hand *h, int64_t height, int64_t width, int64_t channels)
{
	struct error error;

	*h = (struct hand){ .env = env_system(), .seed = 1 };
	if (libraries_open(&h->libraries, &h->env, &error))
		fail_msg("%s", error.text);
	h->edges[0] = (struct edge){ height, width, channels, height * width * channels };
	h->layers = (struct layers){ .env = &h->env, .layers = h->layer, .edges = h->edges };
}

static inline float hand_normal(const struct hand *h, uint64_t stream, int64_t i)
{
	return (float)random_normal(h->seed, stream, (uint64_t)i);
}

static inline struct layer *hand_layer(struct hand *h, const struct layer_operation *operation,
				       size_t input)
{
	const size_t l = h->layers.count++;
	struct layer *layer = &h->layer[l];

	assert_true(l < HAND_LAYERS);
	snprintf(h->names[l], sizeof h->names[l], "%s%zu", operation->value.name, l);
	*layer = (struct layer){ .name = h->names[l], .operation = operation, .input_count = 1,
				 .inputs = { input } };
	h->edges[l + 1] = h->edges[input];
	return layer;
}

extern const struct layer_operation layer_conv, layer_gemm, layer_add, layer_average_pool;

static inline void hand_weights(struct hand *h, struct layer *layer, int64_t rows, int64_t columns,
				bool has_bias)
{
	const uint64_t stream = 100 + 2 * h->layers.count;
	const float size = (float)(1 / sqrt((double)columns));

	layer->weights = (struct tensor){ .rows = rows, .columns = columns };
	layer->weights.values = hand_new((size_t)(rows * columns), sizeof(float));
	for (int64_t i = 0; i < rows * columns; i++)
		layer->weights.values[i] = hand_normal(h, stream, i) * size;
	if (!has_bias)
		return;
	layer->bias = hand_new((size_t)rows, sizeof(float));
	for (int64_t i = 0; i < rows; i++)
		layer->bias[i] = hand_normal(h, stream + 1, i) * 0.3F;
}

/* conv: its kernel, strides, dilations and pads are taken; the output's edge. */
static inline size_t hand_conv(struct hand *h, size_t input, struct qs_conv conv, bool has_bias,
			       bool relu)
{
	struct layer *layer = hand_layer(h, &layer_conv, input);
	const struct edge *in = &h->edges[input];
	struct edge *out = &h->edges[h->layers.count];

	conv.batch = conv.groups = 1;
	conv.height = in->height;
	conv.width = in->width;
	conv.channels = in->channels;
	out->height = (in->height + conv.pad_top + conv.pad_bottom -
		       conv.dilation_h * (conv.kernel_h - 1) - 1) / conv.stride_h + 1;
	out->width = (in->width + conv.pad_left + conv.pad_right -
		      conv.dilation_w * (conv.kernel_w - 1) - 1) / conv.stride_w + 1;
	out->channels = conv.out_channels;
	out->elements = out->height * out->width * out->channels;
	layer->conv = conv;
	layer->relu = relu;
	hand_weights(h, layer, conv.out_channels, conv.kernel_h * conv.kernel_w * conv.channels,
		     has_bias);
	layer->macs = out->elements * layer->weights.columns;
	return h->layers.count;
}

/* A square kernel with `same` padding. */
static inline size_t hand_square(struct hand *h, size_t input, int64_t channels, int64_t kernel,
				 int64_t stride, bool relu)
{
	const int64_t pad = kernel / 2;

	return hand_conv(h, input, (struct qs_conv){
		.out_channels = channels, .kernel_h = kernel, .kernel_w = kernel,
		.stride_h = stride, .stride_w = stride, .dilation_h = 1, .dilation_w = 1,
		.pad_top = pad, .pad_left = pad, .pad_bottom = pad, .pad_right = pad }, true, relu);
}

static inline size_t hand_product(struct hand *h, size_t input, int64_t n, bool relu)
{
	const int64_t k = h->edges[input].elements;
	struct layer *layer = hand_layer(h, &layer_gemm, input);

	layer->conv = (struct qs_conv){ .batch = 1, .height = 1, .width = 1, .channels = k,
					.out_channels = n, .kernel_h = 1, .kernel_w = 1,
					.stride_h = 1, .stride_w = 1, .dilation_h = 1,
					.dilation_w = 1, .groups = 1 };
	layer->relu = relu;
	h->edges[h->layers.count] = (struct edge){ 1, 1, n, n };
	hand_weights(h, layer, n, k, true);
	layer->macs = n * k;
	return h->layers.count;
}

static inline size_t hand_add(struct hand *h, size_t a, size_t b, bool relu)
{
	struct layer *layer = hand_layer(h, &layer_add, a);

	layer->input_count = 2;
	layer->inputs[1] = b;
	layer->relu = relu;
	return h->layers.count;
}

static inline size_t hand_pool(struct hand *h, size_t input)
{
	struct edge *out;

	hand_layer(h, &layer_average_pool, input);
	out = &h->edges[h->layers.count];
	*out = (struct edge){ 1, 1, out->channels, out->channels };
	return h->layers.count;
}

static inline struct hand_edges hand_edges_new(const struct hand *h, int64_t samples)
{
	struct hand_edges all = { 0 };

	for (size_t i = 0; i <= h->layers.count; i++) {
		const size_t count = (size_t)(samples * h->edges[i].elements);

		all.edges[i].values = hand_new(count, sizeof(float));
		all.edges[i].codes = hand_new(count, 1);
		all.edges[i].grids = hand_new((size_t)samples, sizeof(struct sample_grid));
	}
	return all;
}

static inline void hand_edges_free(struct hand_edges *all)
{
	for (size_t i = 0; i <= HAND_LAYERS; i++) {
		free(all->edges[i].values);
		free(all->edges[i].codes);
		free(all->edges[i].grids);
	}
}

static inline void hand_inputs(const struct hand *h, struct hand_edges *all, int64_t samples)
{
	for (int64_t i = 0; i < samples * h->edges[0].elements; i++)
		all->edges[0].values[i] = hand_normal(h, 7, i);
	all->edges[0].state = EDGE_RAW;
}

static inline struct execution hand_execution(const struct hand *h, int64_t batch)
{
	const struct execution_spec spec = {
		.layers = &h->layers, .libraries = &h->libraries, .islands = h->islands,
		.edges = h->quantizers, .weights = h->weights, .modes = h->modes,
		.round = h->round, .batch = batch,
	};
	struct execution execution;
	struct error error;

	if (execution_make(&execution, &h->env, &spec, &error))
		fail_msg("%s", error.text);
	return execution;
}

/* The part of an edge that belongs to the samples from `first` on. */
static inline struct edge_values hand_part(const struct hand *h, const struct hand_edges *all,
					   size_t edge, int64_t first)
{
	struct edge_values part = all->edges[edge];

	part.values += first * h->edges[edge].elements;
	part.codes += first * h->edges[edge].elements;
	part.grids += first;
	return part;
}

static inline int hand_run_layer(const struct execution *execution, struct execution_room *room,
				 enum hand_kind kind, size_t layer,
				 const struct edge_values *const *inputs, struct edge_values *out,
				 int64_t batch, struct error *error)
{
	if (kind == HAND_FLOAT)
		return execution_float(execution, room, layer, inputs, out, batch, error);
	if (kind == HAND_SIMULATED)
		return execution_simulated(execution, room, layer, inputs, out, batch, NULL, error);
	return execution_integer(execution, room, layer, inputs, out, batch, error);
}

/* Runs all layers on `samples` samples whose inputs are in all->edges[0], `batch` at a time. */
static inline void hand_run(const struct hand *h, const struct execution *execution,
			    enum hand_kind kind, struct hand_edges *all, int64_t samples)
{
	const int64_t batch = execution->batch;
	struct execution_room *room;
	struct error error;

	if (execution_room_new(&room, &h->env, &h->layers, batch, &error))
		fail_msg("%s", error.text);
	for (int64_t first = 0; first < samples; first += batch) {
		const int64_t count = samples - first < batch ? samples - first : batch;

		for (size_t l = 0; l < h->layers.count; l++) {
			const struct layer *layer = &h->layer[l];
			struct edge_values in[LAYER_INPUTS_MAX], out = hand_part(h, all, l + 1,
										first);
			const struct edge_values *inputs[LAYER_INPUTS_MAX] = { &in[0], &in[1] };

			for (size_t i = 0; i < layer->input_count; i++)
				in[i] = hand_part(h, all, layer->inputs[i], first);
			if (hand_run_layer(execution, room, kind, l, inputs, &out, count, &error))
				fail_msg("%s: %s", layer->name, error.text);
			all->edges[l + 1].state = out.state;
		}
	}
	execution_room_free(room);
}

/* The float run: an execution of islands alone. */
static inline struct hand_edges hand_float(struct hand *h, int64_t samples, int64_t batch)
{
	struct hand_edges all = hand_edges_new(h, samples);
	bool kept[HAND_LAYERS];
	struct execution execution;

	memcpy(kept, h->islands, sizeof kept);
	for (size_t l = 0; l < h->layers.count; l++)
		h->islands[l] = true;
	execution = hand_execution(h, batch);
	hand_inputs(h, &all, samples);
	hand_run(h, &execution, HAND_FLOAT, &all, samples);
	execution_free(&execution);
	memcpy(h->islands, kept, sizeof kept);
	return all;
}

static inline void hand_quantize_weights(struct hand *h, size_t l, const struct rule *rule)
{
	const struct tensor *w = &h->layer[l].weights;
	const bool whole = !strcmp(rule->granularity.value->name, "tensor");
	const int64_t k = w->columns, length = rule->granularity.group ? rule->granularity.group : k;
	const int64_t groups = (k + length - 1) / length;
	float *simulated = hand_new((size_t)(w->rows * k), sizeof *simulated);
	int8_t *codes = hand_new((size_t)(w->rows * k), 1);
	float *scales = hand_new((size_t)(w->rows * groups), sizeof *scales);
	int32_t *zeros = hand_new((size_t)(w->rows * groups), sizeof *zeros);
	int32_t *raw = hand_new((size_t)k, sizeof *raw);
	struct slice_room room;
	struct chosen chosen = { 0 };
	struct tally tally = { 0 };
	struct error error;

	assert_int_equal(slice_room_new(&room, &h->env, w->rows * k, &error), 0);
	for (int64_t i = 0; i < w->rows * groups; i++) {
		const int64_t row = i / groups, start = i % groups * length;
		const int64_t count = k - start < length ? k - start : length;
		const float *from = w->values + row * k + start;
		const struct format *format = format_of(rule->format);

		if (!whole || i == 0) {
			const struct slice slice = slice_of(&room, whole ? w->values : from,
							    whole ? w->rows * k : count);

			chosen = rule_choose(rule, QS_HALF_EVEN, &slice);
		}
		const int32_t move = chosen.grid.low < 0 ? 0 : 1 << (rule->bits - 1);
		assert_null(chosen.reason);
		format->simulate(from, count, &chosen.grid, chosen.scale, h->round,
				 simulated + row * k + start, &tally);
		format->encode(from, count, &chosen.grid, chosen.scale, h->round, raw);
		for (int64_t j = 0; j < count && rule->bits <= 8; j++)
			codes[row * k + start + j] = (int8_t)(raw[j] - move);
		scales[i] = chosen.scale;
		zeros[i] = chosen.grid.zero - move;
	}
	slice_room_free(&room);
	free(raw);
	if (rule->bits > 8) {
		free(codes);
		codes = NULL;
	}
	h->weights[l] = (struct quantized_weights){ simulated, codes, scales, zeros,
						    rule->granularity.group };
}

static inline void hand_free_weights(struct hand *h)
{
	for (size_t l = 0; l < h->layers.count; l++) {
		free((float *)(uintptr_t)h->weights[l].simulated);
		free((int8_t *)(uintptr_t)h->weights[l].codes);
		free((float *)(uintptr_t)h->weights[l].scales);
		free((int32_t *)(uintptr_t)h->weights[l].zeros);
		h->weights[l] = (struct quantized_weights){ 0 };
	}
}

/* Weights by their rule; ranges of activations from the float run of some samples. */
static inline void hand_quantize(struct hand *h, struct rule weights, struct rule activations)
{
	const int64_t samples = 8;
	struct hand_edges all = hand_float(h, samples, samples);
	struct slice_room room;
	struct error error;

	hand_free_weights(h);
	h->weight_rule = weights;
	h->activation_rule = activations;
	for (size_t l = 0; l < h->layers.count && !rule_is_float(&weights); l++)
		if (h->layer[l].weights.values)
			hand_quantize_weights(h, l, &h->weight_rule);
	for (size_t i = 0; i <= h->layers.count; i++) {
		const int64_t count = samples * h->edges[i].elements;
		struct quantizer *quantizer = &h->quantizers[i];

		*quantizer = (struct quantizer){ .rule = &h->activation_rule, .round = h->round };
		if (rule_is_float(&activations))
			continue;
		quantizer->dynamic = !strcmp(activations.range->name, "dynamic");
		if (quantizer->dynamic)
			continue;
		assert_int_equal(slice_room_new(&room, &h->env, count, &error), 0);
		const struct slice slice = slice_of(&room, all.edges[i].values, count);
		const struct chosen chosen = rule_choose(&h->activation_rule, QS_HALF_EVEN, &slice);
		assert_null(chosen.reason);
		quantizer->grid = chosen.grid;
		quantizer->scale = chosen.scale;
		slice_room_free(&room);
	}
	hand_edges_free(&all);
}

static inline void hand_set_mode(struct hand *h, enum qs_requantize mode)
{
	for (size_t l = 0; l < HAND_LAYERS; l++)
		h->modes[l] = mode;
}

static inline void hand_close(struct hand *h)
{
	hand_free_weights(h);
	for (size_t l = 0; l < h->layers.count; l++) {
		free(h->layer[l].weights.values);
		free(h->layer[l].bias);
	}
	libraries_close(&h->libraries);
}

/* A conv, a residual block with a projection of stride 2, a second block without, pool and product:
 * all operations, two readers of one edge, every way a kernel is fed. */
static inline void hand_residual(struct hand *h, int64_t height, int64_t width)
{
	size_t edge, skip;

	hand_open(h, height, width, 3);
	edge = hand_square(h, 0, 8, 3, 1, true);
	skip = hand_square(h, edge, 16, 1, 2, false);
	edge = hand_square(h, hand_square(h, edge, 16, 3, 2, true), 16, 3, 1, false);
	edge = hand_add(h, edge, skip, true);
	skip = edge;
	edge = hand_square(h, hand_square(h, edge, 12, 1, 1, true), 16, 3, 1, false);
	edge = hand_add(h, edge, skip, false);
	hand_product(h, hand_pool(h, edge), 10, false);
}

#endif
