/* SPDX-License-Identifier: MIT
 *
 * Lowering: shapes, geometry, folding and columns against onnx's reference evaluator and by hand.
 */
#include "graphs.h"
#include "plain_layers.h"

#include "../harness/recipe.h"

#include <math.h>

enum { NUMBERS_MOST = 256 };

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

/* Truth: tests/golden/make/graphs.py, by onnx 1.23.2. */
static void against_the_reference_evaluator(void **state)
{
	static char x_line[8000], y_line[8000];
	const struct env env = env_system();
	char path[1200], file[1400], name[100];
	int networks = 0;
	FILE *truth;

	(void)state;
	snprintf(path, sizeof path, "%s/tests/golden/graphs.csv", source_dir());
	truth = fopen(path, "r");
	assert_non_null(truth);
	assert_non_null(fgets(x_line, sizeof x_line, truth));
	while (fgets(x_line, sizeof x_line, truth) && fgets(y_line, sizeof y_line, truth)) {
		double x[NUMBERS_MOST], y[NUMBERS_MOST], plain[NUMBERS_MOST], most = 0;
		double floats[NUMBERS_MOST];
		struct layers layers;
		size_t inputs, outputs;

		assert_int_equal(sscanf(x_line, "%99[^,],", name), 1);
		snprintf(file, sizeof file, "%s/tests/golden/graphs/%s.onnx",
			 source_dir(), name);
		plain_layers(&layers, &env, file);
		inputs = read_numbers(strrchr(x_line, ',') + 1, x) / 2;
		outputs = read_numbers(strrchr(y_line, ',') + 1, y) / 2;
		assert_int_equal(layers.edges[0].elements, inputs);
		assert_int_equal(layers.edges[layers.count].elements, outputs);
		for (size_t sample = 0; sample < 2; sample++)
			plain_run(&layers, x + sample * inputs, plain + sample * outputs);
		float_run(&layers, &env, x, floats, 2);
		for (size_t i = 0; i < 2 * outputs; i++)
			most = fmax(most, fabs(y[i]));
		for (size_t i = 0; i < 2 * outputs; i++)
			if (fabs(plain[i] - y[i]) > 2e-6 * most ||
			    fabs(floats[i] - y[i]) > 2e-6 * most)
				fail_msg("%s: output %zu is %g, in float %g, expected %g", name, i,
					 plain[i], floats[i], y[i]);
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
		cmocka_unit_test(memory_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
