/* SPDX-License-Identifier: MIT
 *
 * Layers computed the plain way, in double, by their geometry and the order of their columns, and
 * as the project computes them in float: both are compared with what others made of a file.
 */
#ifndef QS_TEST_PLAIN_LAYERS_H
#define QS_TEST_PLAIN_LAYERS_H

#include "files.h"

#include "../harness/network/execute.h"
#include "../harness/network/operation.h"

static inline double *plain_product(const struct layer *layer, const double *x, const struct edge *out)
{
	const struct qs_conv *c = &layer->conv;
	double *y = calloc((size_t)out->elements, sizeof *y);

	for (int64_t i = 0; i < out->elements; i++) {
		const int64_t row = i % c->out_channels, place = i / c->out_channels;
		const int64_t top = place / out->width * c->stride_h - c->pad_top;
		const int64_t left = place % out->width * c->stride_w - c->pad_left;
		const float *w = layer->weights.values + row * layer->weights.columns;

		for (int64_t kh = 0; kh < c->kernel_h; kh++)
			for (int64_t kw = 0; kw < c->kernel_w; kw++)
				for (int64_t k = 0; k < c->channels; k++, w++) {
					const int64_t h = top + kh * c->dilation_h;
					const int64_t v = left + kw * c->dilation_w;

					if (h >= 0 && h < c->height && v >= 0 && v < c->width)
						y[i] += (double)*w *
							x[(h * c->width + v) * c->channels + k];
				}
		y[i] += layer->bias ? (double)layer->bias[row] : 0;
	}
	return y;
}

static inline double *plain_layer(const struct layers *layers, size_t index, double *const *edges)
{
	const struct layer *layer = &layers->layers[index];
	const struct edge *in = &layers->edges[layer->inputs[0]], *out = &layers->edges[index + 1];
	const double *x = edges[layer->inputs[0]];
	double *y;

	if (layer->weights.values) {
		y = plain_product(layer, x, out);
	} else {
		y = calloc((size_t)out->elements, sizeof *y);
		for (int64_t i = 0; i < in->elements; i++)
			if (layer->input_count == 2)
				y[i] = x[i] + edges[layer->inputs[1]][i];
			else
				y[i % in->channels] += x[i] / (double)(in->height * in->width);
	}
	for (int64_t i = 0; layer->relu && i < out->elements; i++)
		y[i] = y[i] > 0 ? y[i] : 0;
	return y;
}

/* Channels first to channels last, or back. */
static inline void turn(double *to, const double *from, const struct edge *edge, bool back)
{
	const int64_t places = edge->height * edge->width;

	for (int64_t i = 0; i < edge->elements; i++) {
		const int64_t place = i / edge->channels, channel = i % edge->channels;

		to[back ? channel * places + place : i] =
			from[back ? i : channel * places + place];
	}
}

/* One sample through all layers, in double; both sides channels first. */
static inline void plain_run(const struct layers *layers, const double *x, double *y)
{
	double **edges = calloc(layers->count + 1, sizeof *edges);

	edges[0] = calloc((size_t)layers->edges[0].elements, sizeof **edges);
	turn(edges[0], x, &layers->edges[0], false);
	for (size_t i = 0; i < layers->count; i++)
		edges[i + 1] = plain_layer(layers, i, edges);
	turn(y, edges[layers->count], &layers->edges[layers->count], true);
	for (size_t i = 0; i <= layers->count; i++)
		free(edges[i]);
	free(edges);
}

/* Layers of floats alone, made ready. */
struct float_layers {
	struct libraries libraries;
	struct execution execution;
	struct execution_room *room;
	struct edge_values *edges;
};

static inline void float_open(struct float_layers *f, const struct layers *layers,
			      const struct env *env, int64_t batch)
{
	const size_t count = layers->count;
	bool *islands = calloc(count, sizeof *islands);
	enum qs_requantize *modes = calloc(count, sizeof *modes);
	struct quantizer *quantizers = calloc(count + 1, sizeof *quantizers);
	struct quantized_weights *weights = calloc(count, sizeof *weights);
	struct error error;

	memset(islands, true, count * sizeof *islands);
	assert_int_equal(libraries_open(&f->libraries, env, &error), 0);
	const struct execution_spec spec = { .layers = layers, .libraries = &f->libraries,
					     .islands = islands, .edges = quantizers,
					     .weights = weights, .modes = modes, .batch = batch };

	if (execution_make(&f->execution, env, &spec, &error) ||
	    execution_room_new(&f->room, env, layers, batch, &error))
		fail_msg("%s", error.text);
	f->edges = calloc(count + 1, sizeof *f->edges);
	for (size_t i = 0; i <= count; i++) {
		f->edges[i].values = calloc((size_t)(batch * layers->edges[i].elements),
					    sizeof(float));
		f->edges[i].grids = calloc((size_t)batch, sizeof *f->edges[i].grids);
	}
	free(weights);
	free(quantizers);
	free(modes);
	free(islands);
}

static inline void float_close(struct float_layers *f, const struct layers *layers)
{
	for (size_t i = 0; i <= layers->count; i++) {
		free(f->edges[i].values);
		free(f->edges[i].grids);
	}
	free(f->edges);
	execution_room_free(f->room);
	execution_free(&f->execution);
	libraries_close(&f->libraries);
}

/* By the project's float execution; both sides in the graph's order. */
static inline void float_run_batches(const struct layers *layers, const struct env *env,
				     const float *x, float *y, int64_t samples, int64_t batch)
{
	const size_t last = layers->count;
	const int64_t inputs = layers->edges[0].elements, outputs = layers->edges[last].elements;
	struct float_layers f;
	struct error error;

	float_open(&f, layers, env, batch);
	for (int64_t first = 0; first < samples; first += batch) {
		const int64_t count = samples - first < batch ? samples - first : batch;

		for (int64_t s = 0; s < count; s++)
			edge_axes_put(&layers->input, x + (first + s) * inputs,
				      f.edges[0].values + s * inputs);
		for (size_t i = 0; i < last; i++) {
			const struct edge_values *in[LAYER_INPUTS_MAX];

			for (size_t j = 0; j < layers->layers[i].input_count; j++)
				in[j] = &f.edges[layers->layers[i].inputs[j]];
			if (execution_float(&f.execution, f.room, i, in, &f.edges[i + 1], count,
					    &error))
				fail_msg("%s", error.text);
		}
		for (int64_t s = 0; s < count; s++)
			edge_axes_take(&layers->output, f.edges[last].values + s * outputs,
				       y + (first + s) * outputs);
	}
	float_close(&f, layers);
}

/* The same of doubles, all samples in one batch. */
static inline void float_run(const struct layers *layers, const struct env *env, const double *x,
			     double *y, int64_t samples)
{
	const int64_t inputs = layers->edges[0].elements * samples;
	const int64_t outputs = layers->edges[layers->count].elements * samples;
	float *from = calloc((size_t)inputs, sizeof *from);
	float *to = calloc((size_t)outputs, sizeof *to);

	for (int64_t i = 0; i < inputs; i++)
		from[i] = (float)x[i];
	float_run_batches(layers, env, from, to, samples, samples);
	for (int64_t i = 0; i < outputs; i++)
		y[i] = (double)to[i];
	free(from);
	free(to);
}

/* The layers of an ONNX file. */
static inline void plain_layers(struct layers *layers, const struct env *env, const char *path)
{
	struct graph graph;
	struct error error;
	size_t size;
	char *bytes = (char *)read_bytes(path, &size);

	if (graph_parse_onnx(&graph, env, path, bytes, size, &error) ||
	    layers_make(layers, &graph, env, &error))
		fail_msg("%s", error.text);
	free(bytes);
	graph_free(&graph);
}

#endif
