/* SPDX-License-Identifier: MIT
 *
 * Float execution of layers against plain loops, bit for bit; NaN.
 */
#include "plain_execution.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_convolutions),
		cmocka_unit_test(test_products),
		cmocka_unit_test(test_residual_float),
		cmocka_unit_test(test_nan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
