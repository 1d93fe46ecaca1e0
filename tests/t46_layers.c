/* SPDX-License-Identifier: MIT
 *
 * Lowering: shapes, geometry, folding and columns against onnx's reference evaluator and by hand;
 * what is fused and what is not; every sentence; which layers a policy leaves in float.
 */
#include "graphs.h"

#include "../datasets/networks/network.h"
#include "../harness/recipe.h"
#include "../harness/text.h"

#include <math.h>

enum { NUMBERS_MOST = 256 };

static double *plain_product(const struct layer *layer, const double *x, const struct edge *out)
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

static double *plain_layer(const struct layers *layers, size_t index, double *const *edges)
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
static void turn(double *to, const double *from, const struct edge *edge, bool back)
{
	const int64_t places = edge->height * edge->width;

	for (int64_t i = 0; i < edge->elements; i++) {
		const int64_t place = i / edge->channels, channel = i % edge->channels;

		to[back ? channel * places + place : i] =
			from[back ? i : channel * places + place];
	}
}

/* One sample through all layers, in double; both sides channels first. */
static void plain_run(const struct layers *layers, const double *x, double *y)
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

static size_t read_numbers(const char *text, double *numbers)
{
	size_t count = 0;
	char *end;

	for (double x = strtod(text, &end); end != text; x = strtod(text, &end)) {
		assert_true(count < NUMBERS_MOST);
		numbers[count++] = x;
		text = end;
	}
	return count;
}

static void make(struct layers *layers, const struct env *env, const char *name, const char *file)
{
	struct graph graph;
	struct error error;
	char path[1200], *bytes;
	long size;
	FILE *in;

	snprintf(path, sizeof path, "%s/%s", source_dir(), file);
	in = fopen(path, "rb");
	assert_non_null(in);
	bytes = malloc(1 << 20);
	size = (long)fread(bytes, 1, 1 << 20, in);
	fclose(in);
	if (graph_parse_onnx(&graph, env, name, bytes, (size_t)size, &error) ||
	    layers_make(layers, &graph, env, &error))
		fail_msg("%s", error.text);
	free(bytes);
	graph_free(&graph);
}

/* Truth: tests/golden/make/graphs.py, by onnx 1.23.2. */
static void against_the_reference_evaluator(void **state)
{
	static char x_line[8000], y_line[8000];
	const struct env env = env_system();
	char path[1200], file[300], name[100];
	int networks = 0;
	FILE *truth;

	(void)state;
	snprintf(path, sizeof path, "%s/tests/golden/graphs.csv", source_dir());
	truth = fopen(path, "r");
	assert_non_null(truth);
	assert_non_null(fgets(x_line, sizeof x_line, truth));
	while (fgets(x_line, sizeof x_line, truth) && fgets(y_line, sizeof y_line, truth)) {
		double x[NUMBERS_MOST], y[NUMBERS_MOST], found[NUMBERS_MOST], most = 0;
		struct layers layers;
		size_t inputs, outputs;

		assert_int_equal(sscanf(x_line, "%99[^,],", name), 1);
		snprintf(file, sizeof file, "tests/golden/graphs/%s.onnx", name);
		make(&layers, &env, name, file);
		inputs = read_numbers(strrchr(x_line, ',') + 1, x) / 2;
		outputs = read_numbers(strrchr(y_line, ',') + 1, y) / 2;
		assert_int_equal(layers.edges[0].elements, inputs);
		assert_int_equal(layers.edges[layers.count].elements, outputs);
		for (size_t sample = 0; sample < 2; sample++)
			plain_run(&layers, x + sample * inputs, found + sample * outputs);
		for (size_t i = 0; i < 2 * outputs; i++)
			most = fmax(most, fabs(y[i]));
		for (size_t i = 0; i < 2 * outputs; i++)
			if (fabs(found[i] - y[i]) > 2e-6 * most)
				fail_msg("%s: output %zu is %g, expected %g", name, i, found[i],
					 y[i]);
		layers_free(&layers);
		networks++;
	}
	fclose(truth);
	assert_int_equal(networks, 6);
}

static void check_values(const char *what, const float *found, const double *expected, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (found[i] != (float)expected[i])
			fail_msg("%s %zu is %.9g, expected %.9g", what, i, (double)found[i],
				 expected[i]);
}

/* Numbers by hand: 3 / sqrt(4) = 1.5 and 1 / sqrt(0.25) = 2; the third row by Python's doubles,
 * 1.1 / sqrt(0.7 + 1e-5) of float32 values, rounded to float32. */
static void folded_normalization(void **state)
{
	const struct env env = env_system();
	struct layers layers;

	(void)state;
	hand_layers(&layers, &env,
		    "in x N 1 2 2; f w 2 1 1 1 = 2 -3; f b 2 = 1 0.5; f s 2 = 3 1; f t 2 = 0.25 -1;"
		    "f m 2 = 1 2; f v 2 = 4 0.25; Conv x w b > c;"
		    "BatchNormalization c s t m v > n epsilon=0; out n");
	assert_int_equal(layers.count, 1);
	check_values("weight", layers.layers->weights.values, (const double[]){ 3, -6 }, 2);
	check_values("bias", layers.layers->bias, (const double[]){ 0.25, -4 }, 2);
	layers_free(&layers);

	/* no bias before it, the default epsilon, and a product */
	hand_layers(&layers, &env,
		    "in x N 2; f w 2 1 = 0.3 -0.7; f s 1 = 1.1; f t 1 = 0.2; f m 1 = 0.9;"
		    "f v 1 = 0.7; MatMul x w > c; BatchNormalization c s t m v > n; out n");
	check_values("weight", layers.layers->weights.values,
		     (const double[]){ 0.39442265, -0.920319438 }, 2);
	check_values("bias", layers.layers->bias, (const double[]){ -0.983267844 }, 1);
	layers_free(&layers);
}

/* alpha and beta; two biases one after the other; a bias of one number for all. */
static void folded_factors_and_biases(void **state)
{
	const struct env env = env_system();
	struct layers layers;

	(void)state;
	hand_layers(&layers, &env,
		    "in x N 2; f w 2 2; f b 1 2 = 10 20; f c 2 = 1 2; f d 1 1 = 0.5;"
		    "Gemm x w b > g alpha=0.5 beta=-3; Add c g > h; Add h d > i; Relu i > y;"
		    "out y");
	assert_int_equal(layers.count, 1);
	assert_true(layers.layers->relu);
	/* transB is 0: the rows are 1 3 and 2 4 */
	check_values("weight", layers.layers->weights.values, (const double[]){ 0.5, 1.5, 1, 2 },
		     4);
	check_values("bias", layers.layers->bias, (const double[]){ -28.5, -57.5 }, 2);
	layers_free(&layers);
}

struct order_case {
	const char *graph;
	double values[4];
	int rank, axis, order[4];
	int64_t shape[4];
};

/* An image of 2 channels and 1 x 2 places.  As a file has it: c0w0 c0w1 c1w0 c1w1; in memory
 * w0c0 w0c1 w1c0 w1c1. */
static void columns_in_the_order_of_memory(void **state)
{
	static const struct order_case cases[] = {
		{ "in x N 2 1 2; f w 1 2 1 2; Conv x w > y; out y",
		  { 1, 3, 2, 4 }, 4, 0, { 0, 2, 3, 1 }, { 1, 2, 1, 2 } },
		{ "in x N 2 1 2; f w 1 4; Flatten x > z; Gemm z w > y transB=1; out y",
		  { 1, 3, 2, 4 }, 4, 0, { 0, 2, 3, 1 }, { 1, 2, 1, 2 } },
		{ "in x N 2 1 2; f w 4 1; Flatten x > z; Gemm z w > y; out y",
		  { 1, 3, 2, 4 }, 4, 3, { 3, 1, 2, 0 }, { 2, 1, 2, 1 } },
		{ "in x N 2 1 2; f w 4 1; i s = 0 -1; Reshape x s > z; MatMul z w > y; out y",
		  { 1, 3, 2, 4 }, 4, 3, { 3, 1, 2, 0 }, { 2, 1, 2, 1 } },
		/* nothing moves where there is one place, one channel, or no image */
		{ "in x N 4 1 1; f w 4 1; Flatten x > z; MatMul z w > y; out y",
		  { 1, 2, 3, 4 }, 2, 1, { 1, 0 }, { 4, 1 } },
		{ "in x N 1 2 2; f w 1 4; Flatten x > z; Gemm z w > y transB=1; out y",
		  { 1, 2, 3, 4 }, 2, 0, { 0, 1 }, { 1, 4 } },
		{ "in x N 2; f w 2 2; MatMul x w > y; out y",
		  { 1, 3, 2, 4 }, 2, 1, { 1, 0 }, { 2, 2 } },
		/* a vector that is an image again is the same memory */
		{ "in x N 2 1 2; f w 1 2 1 2; i s = -1 4; i t = 0 2 1 2; Reshape x s > z;"
		  "Reshape z t > u; Conv u w > y; out y",
		  { 1, 3, 2, 4 }, 4, 0, { 0, 2, 3, 1 }, { 1, 2, 1, 2 } },
	};
	const struct env env = env_system();

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct order_case *one = &cases[i];
		struct layers layers;

		hand_layers(&layers, &env, one->graph);
		const struct tensor *weights = &layers.layers->weights;

		check_values(one->graph, weights->values, one->values, 4);
		assert_int_equal(weights->rank, one->rank);
		assert_int_equal(weights->axis, one->axis);
		assert_memory_equal(weights->order, one->order,
				    (size_t)one->rank * sizeof *one->order);
		assert_memory_equal(weights->shape, one->shape,
				    (size_t)one->rank * sizeof *one->shape);
		assert_int_equal(weights->rows * weights->columns, 4);
		layers_free(&layers);
	}
}

/* A granularity {"channel": AXIS} finds the axes of the file: here the input channels. */
static void weights_by_another_axis(void **state)
{
	const struct env env = env_system();
	struct layers layers;
	struct tensor turned;
	struct error error;

	(void)state;
	hand_layers(&layers, &env, "in x N 2 1 2; f w 4 1; Flatten x > z; Gemm z w > y; out y");
	assert_int_equal(tensor_by_axis(&turned, &layers.layers->weights, 0, &error), 0);
	assert_int_equal(turned.rows, 2);
	check_values("value", turned.values, (const double[]){ 1, 2, 3, 4 }, 4);
	tensor_free(&turned);
	layers_free(&layers);
}

struct shape_case {
	const char *graph;
	int64_t height, width, channels, macs;   /* of the first layer                    */
	int64_t pads[4];        /* top, left, bottom, right                              */
};

/* By hand: (size + pads - (dilation * (kernel - 1) + 1)) / stride + 1, and of SAME ceil(size /
 * stride); macs are places * output channels * kernel * input channels. */
static void shapes_and_macs(void **state)
{
#define CONV "in x N 2 5 7; f w 3 2 3 2; Conv x w > y "
	static const struct shape_case cases[] = {
		{ CONV "; out y", 3, 6, 3, 18 * 36, { 0 } },
		{ CONV "kernel_shape=3,2; out y", 3, 6, 3, 18 * 36, { 0 } },
		{ CONV "pads=1,2,0,3; out y", 4, 11, 3, 44 * 36, { 1, 2, 0, 3 } },
		{ CONV "strides=2,3 pads=0,1,0,0; out y", 2, 3, 3, 6 * 36, { 0, 1, 0, 0 } },
		{ CONV "dilations=2,6; out y", 1, 1, 3, 36, { 0 } },
		{ CONV "auto_pad=VALID; out y", 3, 6, 3, 18 * 36, { 0 } },
		{ CONV "auto_pad=NOTSET; out y", 3, 6, 3, 18 * 36, { 0 } },
		/* one pad along the width: behind, or before */
		{ CONV "auto_pad=SAME_UPPER; out y", 5, 7, 3, 35 * 36, { 1, 0, 1, 1 } },
		{ CONV "auto_pad=SAME_LOWER; out y", 5, 7, 3, 35 * 36, { 1, 1, 1, 0 } },
		/* (3 - 1) * 2 + 3 - 5 = 2 and (3 - 1) * 3 + 2 - 7 = 1 */
		{ CONV "auto_pad=SAME_UPPER strides=2,3; out y", 3, 3, 3, 9 * 36,
		  { 1, 0, 1, 1 } },
		/* (2 - 1) * 4 + 3 - 5 = 2; the stride steps over the end of the width */
		{ CONV "auto_pad=SAME_UPPER strides=4,9; out y", 2, 1, 3, 2 * 36,
		  { 1, 0, 1, 0 } },
		{ CONV "auto_pad=SAME_LOWER dilations=2,2; out y", 5, 7, 3, 35 * 36,
		  { 2, 1, 2, 1 } },
		{ "in x 1 12; f w 12 7; MatMul x w > y; out y", 1, 1, 7, 84, { 0 } },
		{ "in x N 4 3 2; GlobalAveragePool x > y; out y", 1, 1, 4, 0, { 0 } },
		{ "in x N 4 3 2; Add x x > y; out y", 3, 2, 4, 0, { 0 } },
		{ "in x N 6; f w 2 1 2 2; i s = 0 1 3 2; Reshape x s > z; Conv z w > y; out y",
		  2, 1, 2, 2 * 8, { 0 } },
	};
#undef CONV
	const struct env env = env_system();

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct shape_case *one = &cases[i];
		struct layers layers;

		hand_layers(&layers, &env, one->graph);
		const struct edge *edge = &layers.edges[1];
		const struct qs_conv *conv = &layers.layers->conv;
		const int64_t pads[] = { conv->pad_top, conv->pad_left, conv->pad_bottom,
					 conv->pad_right };

		if (layers.count != 1 || edge->height != one->height ||
		    edge->width != one->width || edge->channels != one->channels ||
		    edge->elements != one->height * one->width * one->channels ||
		    layers.layers->macs != one->macs || memcmp(pads, one->pads, sizeof pads))
			fail_msg("%s: %zu layers, %lld x %lld x %lld, %lld macs, pads %lld %lld "
				 "%lld %lld", one->graph, layers.count, (long long)edge->height,
				 (long long)edge->width, (long long)edge->channels,
				 (long long)layers.layers->macs, (long long)pads[0],
				 (long long)pads[1], (long long)pads[2], (long long)pads[3]);
		layers_free(&layers);
	}
}

/* The layers in words: name:operation(inputs), with + for a ReLU. */
static void write_layers(const struct layers *layers, char *out, size_t size)
{
	size_t used = 0;

	*out = '\0';
	for (size_t i = 0; i < layers->count; i++) {
		const struct layer *layer = &layers->layers[i];

		used += (size_t)snprintf(out + used, size - used, "%s%s:%s(%zu", i ? " " : "",
					 layer->name, layer->operation->value.name,
					 layer->inputs[0]);
		if (layer->input_count == 2)
			used += (size_t)snprintf(out + used, size - used, ",%zu",
						 layer->inputs[1]);
		used += (size_t)snprintf(out + used, size - used, ")%s", layer->relu ? "+" : "");
	}
}

#define IMAGE "in x N 2 4 4; f w 2 2 3 3; f v 2; "
#define NORM(from, to) "BatchNormalization " from " v v v v > " to "; "

static void fusion(void **state)
{
	static const struct { const char *graph, *layers; } cases[] = {
		{ IMAGE "Conv x w > a; " NORM("a", "b") "Relu b > c; Conv c w > d pads=1,1,1,1; out d",
		  "a:conv(0)+ d:conv(1)" },
		{ IMAGE "Conv x w > a; Relu a > b; Relu b > c; out c", "a:conv(0)+" },
		/* the sum may be of the same edge, and takes the relu behind it */
		{ IMAGE "Conv x w > a pads=1,1,1,1; Conv a w > b pads=1,1,1,1; Add a b > c;"
			"Relu c > d; Add d d > e; out e",
		  "a:conv(0) b:conv(1) c:add(1,2)+ e:add(3,3)" },
		{ IMAGE "GlobalAveragePool x > a; Relu a > b; out b", "a:average_pool(0)+" },
		/* behind a view, which alone is read */
		{ IMAGE "Conv x w > a; Flatten a > b; Relu b > c; out c", "a:conv(0)+" },
		{ IMAGE "Conv x w > a; Identity a > b; Dropout b > c; " NORM("c", "d") "out d",
		  "a:conv(0)" },
		/* what nobody needs is not there, known or not, and nobody reads it */
		{ IMAGE "Conv x w > a; Magic a > z; Relu a > u; Conv x w > t; out a",
		  "a:conv(0)" },
		{ IMAGE "Conv x w > a; Dropout a > b mask; Relu b > c; out c", "a:conv(0)+" },
		/* a layer that is finished behind the one after it */
		{ IMAGE "Conv x w > a; Conv x w > b; Relu a > c; Add c b > d; out d",
		  "a:conv(0)+ b:conv(0) d:add(1,2)" },
		/* sums of vectors that lie in the same order */
		{ "in x N 4 1 1; f w 4 4; Flatten x > a; MatMul a w > b; Add a b > c; out c",
		  "b:gemm(0) c:add(0,1)" },
		{ "in x N 2 2 2; f w 8 3; Flatten x > a; Flatten x > b; Add a b > c;"
		  "MatMul c w > d; out d",
		  "c:add(0,0) d:gemm(1)" },
		/* batches of one, or of a number, are batches */
		{ "in x 1 4; f w 4 2; i s = 1 4; Reshape x s > a; MatMul a w > b; out b",
		  "b:gemm(0)" },
		{ "in x 3 4; f w 4 2; i s = 3 4; Reshape x s > a; MatMul a w > b; out b",
		  "b:gemm(0)" },
		{ "in x N 4; f w 4 2; f v 1 8; i s = 4 -1; Reshape v s > u; Identity u > t;"
		  "MatMul x t > b; out b",
		  "b:gemm(0)" },
	};
	const struct env env = env_system();

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct layers layers;
		char words[500];

		hand_layers(&layers, &env, cases[i].graph);
		write_layers(&layers, words, sizeof words);
		if (strcmp(words, cases[i].layers))
			fail_msg("%s\nfound    %s\nexpected %s", cases[i].graph, words,
				 cases[i].layers);
		layers_free(&layers);
	}
}

struct refusal {
	const char *graph, *sentence;
};

static void check_refusals(const struct refusal *cases, size_t count)
{
	const struct env env = env_system();

	for (size_t i = 0; i < count; i++) {
		struct graph graph;
		struct layers layers;
		struct error error;

		hand_graph(&graph, &env, cases[i].graph);
		if (!layers_make(&layers, &graph, &env, &error))
			fail_msg("%s became layers", cases[i].graph);
		assert_int_equal(error.status, STATUS_INPUT);
		if (!glob_match(cases[i].sentence, error.text, false))
			fail_msg("%s\nfound    %s\nexpected %s", cases[i].graph, error.text,
				 cases[i].sentence);
		graph_free(&graph);
	}
}

static void what_cannot_be_fused(void **state)
{
	static const struct refusal cases[] = {
		{ IMAGE "Relu x > a; out a", "hand: node 'a' (Relu): there is no layer before*" },
		{ IMAGE "Conv x w > a; Relu a > b; Conv a w > c; Add b c > d; out d",
		  "hand: node 'b' (Relu): there is no layer before it that it alone reads*" },
		/* the other reader sees it under another shape */
		{ IMAGE "Conv x w > a pads=1,1,1,1; Flatten a > b; Relu b > c; i s = 0 2 4 4;"
			"Reshape c s > e; Add e a > f; out f", "*node 'c' (Relu): there is no*" },
		{ IMAGE "Conv x w > a; " NORM("a", "b") "Add a b > c; out c",
		  "*node 'b' (BatchNormalization): there is no convolution or product*" },
		{ IMAGE "Conv x w > a; Relu a > b; " NORM("b", "c") "out c", "*node 'c'*alone*" },
		{ IMAGE NORM("x", "a") "out a", "*node 'a'*there is no convolution*" },
		{ IMAGE "GlobalAveragePool x > a; " NORM("a", "b") "out b", "*no convolution*" },
		{ IMAGE "Conv x w > a; f b 2 1 1; Add a b > c; Add a c > d; out d",
		  "*node 'c' (Add): there is no convolution or product*" },
		{ IMAGE "Conv x w > a; Relu a > b; f c 2 1 1; Add b c > d; out d",
		  "*node 'd' (Add): there is no convolution or product*" },
		{ IMAGE "f c 2 1 1; Add x c > d; out d", "*node 'd' (Add): there is no*" },
		/* one number a place, or a number a channel of another axis */
		{ IMAGE "Conv x w > a; f c 2; Add a c > d; out d", "*one number for each*" },
		{ IMAGE "Conv x w > a; f c 1 1 2 1 1; Add a c > d; out d", "*one number for*" },
		{ IMAGE "Conv x w > a; Flatten a > b; f c 8; Add b c > d; out d",
		  "*one number for each of the 2 channels" },
		{ "in x N 4; f w 4 2; MatMul x w > a; f c 2 1; Add a c > d; out d",
		  "*one number for each of the 2 channels" },
	};

	(void)state;
	check_refusals(cases, sizeof cases / sizeof *cases);
}

static void refusals_of_operations(void **state)
{
	static const struct refusal cases[] = {
		{ IMAGE "Softmax x > a; out a", "hand: node 'a' (Softmax): this operation is not "
						"known; `quantsweep list layer` names those*" },
		{ IMAGE "Conv x > a; out a", "*'a' (Conv): it has no input 1, which it needs" },
		{ IMAGE "Conv - w > a; out a", "*'a' (Conv): it has no input 0, which it needs" },
		{ IMAGE "Conv w x > a; out a", "*its input 'w' is a constant; the network's*" },
		{ IMAGE "Conv x x > a; out a", "*its input 'x' is made by the network; a constant*" },
		{ IMAGE "i s = 1 2; Conv x s > a; out a", "*its input 's' is one of whole numbers*" },
		{ IMAGE "Conv x w > a group=2; out a", "*it has 2 groups; convolutions of one*" },
		{ IMAGE "Conv x w > a group=0.5; out a", "*its attribute 'group' is 0.5; a whole*" },
		{ IMAGE "Conv x w > a group=nan; out a", "*has 0 groups*" },
		{ IMAGE "Conv x w > a group=1e300; out a", "*'group' is 1e+300; a whole number*" },
		{ IMAGE "Conv x w > a pads=1,1; out a", "*'pads' has 2 numbers; 4 are expected" },
		{ IMAGE "Conv x w > a pads=1; out a", "*'pads' has 0 numbers; 4 are expected" },
		{ IMAGE "Conv x w > a pads=-1,0,0,0; out a", "*it has pads below 0*" },
		{ IMAGE "Conv x w > a strides=0,1; out a", "*a stride or a dilation below 1*" },
		{ IMAGE "Conv x w > a dilations=1,-1; out a", "*a stride or a dilation below 1*" },
		{ IMAGE "Conv x w > a kernel_shape=3,2; out a", "*'kernel_shape' says 2, its "
								"weights 3" },
		{ IMAGE "Conv x w > a auto_pad=SAME; out a", "*'auto_pad' is 'SAME'; NOTSET,*" },
		{ IMAGE "Conv x w > a dilations=2,2; out a",
		  "*its output has 2 channels of 0 x 0; 1 to 2^31 - 1 elements*" },
		{ IMAGE "Conv x w > a pads=2147483647,2147483647,2147483647,2147483647; out a",
		  "*its output has 2 channels of 4294967296 x 4294967296; 1 to 2^31 - 1*" },
		{ IMAGE "f u 2 3 1 1; Conv x u > a; out a", "*are ?2??3??1??1?, its input has 2 "
							    "channels" },
		{ IMAGE "f u 0 2 1 1; Conv x u > a; out a", "*are ?0??2??1??1?, its input has*" },
		{ IMAGE "f u 2 2 3; Conv x u > a; out a", "*its weights have 3 axes, its input 4*" },
		{ "in x N 2; f u 2 2 1 1; Conv x u > a; out a", "*weights have 4 axes, its input 2*" },
		{ IMAGE "Conv x w w > a; out a", "*its bias is not one number for each of the 2*" },
		{ IMAGE "f b 3; Conv x w b > a; out a", "*its bias is not one number for each*" },
		{ IMAGE "Gemm x w > a; out a", "*its weights have 4 axes, its input 4; products*" },
		{ "in x N 4; f w 3 4; Gemm x w > a; out a", "*weights take 3 numbers, its input*4" },
		{ "in x N 4; f w 4 4; Gemm x w > a transA=1; out a", "*(transA), which is not*" },
		{ "in x N 4; f w 4 4; f b 4 1; Gemm x w b > a; out a", "*its bias is not one number*" },
		{ "in x N 4; f w 4 0; Gemm x w > a; out a", "*its output has 0 channels*" },
		{ "in x N 4; f w 4 4; MatMul w x > a; out a", "*its input 'w' is a constant*" },
		{ "in x N 4; f w 4; MatMul x w > a; out a", "*its weights have 1 axes, its input 2*" },
		{ "in x N 4; f w 4 1 = 1 inf 1 1; MatMul x w > a; out a",
		  "hand: layer 'a': a weight is infinite or no number" },
		{ "in x N 2; f w 2 1; f b 1 = nan; Gemm x w b > a; out a",
		  "hand: layer 'a': a bias is infinite or no number" },
		/* a variance below 0 */
		{ "in x N 2; f w 2 1; f b 1 = -1; MatMul x w > a; "
		  "BatchNormalization a b b b b > c; out c", "*'a': a weight is infinite or no*" },
		{ IMAGE "Conv x w > a; BatchNormalization a v v v > b; out b", "*no input 4, which*" },
		{ IMAGE "Conv x w > a; f u 3; BatchNormalization a v v u v > b; out b",
		  "*its input 3 is not one number for each of the 2 channels" },
		{ IMAGE "Conv x w > a; BatchNormalization a v v v v > b training_mode=1; out b",
		  "*it normalizes by its batch*" },
		{ IMAGE "Conv x w > a; BatchNormalization a v v v v > b spatial=0; out b",
		  "*each place by itself*" },
		{ IMAGE "Conv x w > a; Add x a > b; out b",
		  "*its inputs have 2 channels of 4 x 4 and 2 of 2 x 2; sums*" },
		/* the same number of elements, in another order */
		{ "in x N 2 1 2; f w 4 4; Flatten x > a; MatMul a w > b; Add a b > c; out c",
		  "*its inputs have 2 channels of 1 x 2 and 4 of 1 x 1; sums*" },
		{ "in x N 2; f w 2; Add w w > y; out y", "*its input 'w' is a constant; the*" },
		{ "in x N 4; GlobalAveragePool x > a; out a", "*its input is a vector; an image*" },
	};

	(void)state;
	check_refusals(cases, sizeof cases / sizeof *cases);
}

static void refusals_of_views(void **state)
{
	static const struct refusal cases[] = {
		{ IMAGE "Flatten x > a axis=2; out a", "*it flattens at axis 2; samples are parted*" },
		{ IMAGE "Flatten x > a axis=-1; out a", "*it flattens at axis -1; samples*" },
		{ IMAGE "Flatten w > a; out a", "*its input is a constant; that is not computed" },
		{ IMAGE "i s = 0 4 8; Reshape x s > a; out a", "*another shape of 2 axes;*" },
		{ IMAGE "i s = 0 4 4 2; Reshape x s > a; out a", "*another shape of 3 axes;*" },
		{ IMAGE "i s = -1; Reshape x s > a; out a", "*too few or more than 8 axes" },
		{ IMAGE "f s 2; Reshape x s > a; out a", "*its shape is no constant of whole*" },
		{ IMAGE "Reshape x x > a; out a", "*its shape is no constant of whole numbers*" },
		{ IMAGE "i s = 2 16; Reshape x s > a; out a", "*begins with 2, which is not the*" },
		{ IMAGE "i s = 0 32; Reshape x s > a allowzero=1; out a", "*begins with 0, which*" },
		{ IMAGE "i s = 0 33; Reshape x s > a; out a", "*does not have the elements of its*" },
		{ IMAGE "i s = 0 -1 -1; Reshape x s > a; out a", "*does not have the elements*" },
		{ IMAGE "i s = 0 -1 5; Reshape x s > a; out a", "*does not have the elements*" },
		{ IMAGE "i s = 0 -2 16; Reshape x s > a; out a", "*does not have the elements*" },
		{ IMAGE "i s = 0 9223372036854775807 9223372036854775807; Reshape x s > a; out a",
		  "*does not have the elements*" },
		{ IMAGE "i t = 1; Dropout x - t > a; out a", "*it drops values as in training" },
		{ IMAGE "Dropout x - x > a; out a", "*it drops values as in training" },
		{ IMAGE "Conv x w > a; Dropout a > b m; Conv m w > c; out c",
		  "*node 'c' (Conv): it reads 'm', a further output of a node*" },
		{ IMAGE "Conv x w > - b; out b", "*node 'b' (Conv): its first output is left out" },
		{ IMAGE "Conv x w > -; out x", "*output 'x' is made by no layer" },
		{ "in x N 9; f w 9 9; f u 1 1 1 1; i s = 0 1 3 3; MatMul x w > a;"
		  "Reshape a s > b; Conv b u > c; out c",
		  "*node 'c' (Conv): its input is an image that was made of a vector*" },
	};

	(void)state;
	check_refusals(cases, sizeof cases / sizeof *cases);
}

static void refusals_of_networks(void **state)
{
	static const struct refusal cases[] = {
		{ "in x N 2; in y N 2; Add x y > z; out z", "hand: has 2 inputs and 1 outputs;*" },
		{ "in x N 2; Add x x > z; Add x x > y; out z; out y", "*has 1 inputs and 2 outputs;*" },
		{ "f w 2; Identity w > y; out y", "hand: has 0 inputs*" },
		{ "in x N 2; out x", "hand: output 'x' is made by no layer" },
		{ "in x N 2; Identity x > y; out y", "hand: output 'y' is made by no layer" },
		{ "in x N 2; f w 2; Identity w > y; out y", "hand: output 'y' is made by no layer" },
		{ "in x 5; Add x x > y; out y", "hand: input 'x' has 1 axes; batch and numbers,*" },
		{ "in x N 3 N 4; Add x x > y; out y", "*the size of a sample is not known*" },
		{ "in x N 0; Add x x > y; out y", "*the size of a sample is not known, or is not 1*" },
		{ "in x N 4 65536 65536; Add x x > y; out y", "*input 'x'*2^31 - 1 elements*" },
		{ "in x N 4 65536; Add x x > y; out y", "*input 'x' has 3 axes; batch and*" },
	};

	(void)state;
	check_refusals(cases, sizeof cases / sizeof *cases);
}

/* A constant that many layers read is not copied without limit. */
static void shared_weights(void **state)
{
	const struct env env = env_system();
	char text[1000] = "in x N 4; f w 4 4; ";

	(void)state;
	for (int layers = 1; layers <= 5; layers++) {
		char whole[1100];
		struct graph graph;
		struct layers made;
		struct error error;

		sprintf(text + strlen(text), "MatMul %c w > %c; ", 'w' + layers, 'x' + layers);
		snprintf(whole, sizeof whole, "%s out %c", text, 'x' + layers);
		hand_graph(&graph, &env, whole);
		if (layers <= 4) {
			assert_int_equal(layers_make(&made, &graph, &env, &error), 0);
			layers_free(&made);
		} else {
			assert_int_equal(layers_make(&made, &graph, &env, &error), -1);
			assert_non_null(strstr(error.text, "four times the elements"));
		}
		graph_free(&graph);
	}
}

static void embedded_networks(void **state)
{
	const struct env env = env_system();

	(void)state;
	for (const struct value *const *v = network_values; *v; v++) {
		const struct network *network = network_of(*v);
		struct graph graph;
		struct layers layers;
		struct error error;
		size_t weighted = 0;

		assert_int_equal(graph_parse_onnx(&graph, &env, (*v)->name, network->onnx,
						  *network->onnx_size, &error), 0);
		if (layers_make(&layers, &graph, &env, &error))
			fail_msg("%s", error.text);
		graph_free(&graph);
		assert_int_equal(layers.edges[0].elements, network->inputs);
		assert_int_equal(layers.edges[layers.count].elements, network->outputs);
		for (size_t i = 0; i < layers.count; i++) {
			const struct tensor *weights = &layers.layers[i].weights;
			const struct edge *edge = &layers.edges[i + 1];

			weighted += weights->values != NULL;
			assert_true(edge->height * edge->width * edge->channels ==
				    edge->elements);
			assert_int_equal(layers.layers[i].macs, edge->elements * weights->columns);
		}
		assert_true(weighted >= 8);
		layers_free(&layers);
	}
}

struct island_case {
	const char *policy, *patterns;
	double parameter;
	bool float_activations;
	const char *islands;    /* of each layer; "": refused                            */
};

/* Weights of 72, 72, 0 (a sum), 0 (a pool), 24 bytes. */
static void islands(void **state)
{
	static const struct island_case cases[] = {
		{ "all", NULL, 0, false, "00000" },
		{ NULL, NULL, 0, false, "00000" },
		{ "skip_first_last", NULL, 0, false, "10001" },
		{ "skip_smaller_than", NULL, 25, false, "00001" },
		{ "skip_smaller_than", NULL, 24, false, "00000" },
		{ "skip_smaller_than", NULL, 1000, false, "11001" },
		/* then nothing is left of which weights are quantized */
		{ "skip_smaller_than", NULL, 1000, true, "" },
		{ "skip_residual", NULL, 0, false, "00100" },
		{ "skip", "first", 0, false, "10000" },
		{ "skip", "f*", 0, false, "10001" },
		{ "skip", "fc;sum", 0, false, "00101" },
		{ "skip", "fc;summe", 0, false, "" },
		{ "skip", "*", 0, false, "" },
		{ "only", "fc", 0, false, "11110" },
		{ "only", "fc;second", 0, false, "10110" },
		{ "only", "sum", 0, false, "11011" },
		{ "only", "sum", 0, true, "" },
		{ "only", "*x", 0, false, "" },
	};
	const struct env env = env_system();
	struct layers layers;

	(void)state;
	hand_layers(&layers, &env,
		    "in x N 2 2 2; f w 2 2 3 3; f v 2 3; Conv x w > first pads=1,1,1,1;"
		    "Relu first > r; Conv r w > second pads=1,1,1,1; Add r second > sum;"
		    "GlobalAveragePool sum > pool; Flatten pool > flat; MatMul flat v > fc;"
		    "out fc");
	assert_int_equal(layers.count, 5);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct island_case *one = &cases[i];
		const struct value *policy =
			one->policy ? value_find(policy_values, one->policy) : NULL;
		const struct recipe recipe = {
			.policy = policy,
			.policy_parameter = one->parameter,
			.policy_patterns = one->patterns,
			.activations.format = value_find(format_values, one->float_activations
										? "float" : "int"),
		};
		const char *reason = NULL;
		bool found[5];
		char words[6] = "";

		assert_true(policy || !one->policy);
		if (layers_islands(&layers, &recipe, found, &reason))
			for (size_t j = 0; j < 5; j++)
				words[j] = found[j] ? '1' : '0';
		else
			assert_true(reason && *reason);
		if (strcmp(words, one->islands))
			fail_msg("%s %s %g: found '%s', expected '%s'", one->policy,
				 one->patterns, one->parameter, words, one->islands);
	}
	layers_free(&layers);
}

static void memory_runs_out(void **state)
{
	struct failing failing = { .fail_at = -1 };
	const struct env plain = env_system(), env = env_failing(&failing);
	struct graph graph;
	struct layers layers;
	struct error error;
	int status = -1;

	(void)state;
	hand_graph(&graph, &plain,
		   "in x N 1 2 2; f w 2 1 1 1; f b 2; f s 2; f v 8 2; f c 2; Conv x w b > c1;"
		   "BatchNormalization c1 s s s s > n; Add n c > a; Flatten a > f;"
		   "Gemm f v s > g; Add g c > h; out h");
	hand_value(&graph, "c")->shape[0] = 1;
	for (long at = 0; status; at++) {
		failing = (struct failing){ .fail_at = at };
		status = layers_make(&layers, &graph, &env, &error);
		if (status)
			assert_int_equal(error.status, STATUS_MACHINE);
		assert_true(at < 200);
	}
	layers_free(&layers);
	graph_free(&graph);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(against_the_reference_evaluator),
		cmocka_unit_test(folded_normalization),
		cmocka_unit_test(folded_factors_and_biases),
		cmocka_unit_test(columns_in_the_order_of_memory),
		cmocka_unit_test(weights_by_another_axis),
		cmocka_unit_test(shapes_and_macs),
		cmocka_unit_test(fusion),
		cmocka_unit_test(what_cannot_be_fused),
		cmocka_unit_test(refusals_of_operations),
		cmocka_unit_test(refusals_of_views),
		cmocka_unit_test(refusals_of_networks),
		cmocka_unit_test(shared_weights),
		cmocka_unit_test(embedded_networks),
		cmocka_unit_test(islands),
		cmocka_unit_test(memory_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
