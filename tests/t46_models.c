/* SPDX-License-Identifier: MIT
 *
 * Lowering of whole networks: the embedded ones, and real files against what ONNX Runtime 1.20.1
 * made of the same inputs.
 */
#include "plain_layers.h"

#include "../datasets/networks/network.h"

#include <math.h>

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

static float *load(const char *name, int64_t *count)
{
	const struct env env = env_system();
	struct tensor_file file;
	struct tensor tensor;
	struct error error;
	char path[1200];
	float *values;

	snprintf(path, sizeof path, "%s/%s", shared_data(), name);
	assert_int_equal(tensor_file_open(&file, &env, path, &error), 0);
	assert_int_equal(tensor_file_load(&file, file.tensors, &tensor, &error), 0);
	tensor_file_close(&file);
	*count = tensor.rows * tensor.columns;
	values = malloc((size_t)*count * sizeof *values);
	memcpy(values, tensor.values, (size_t)*count * sizeof *values);
	tensor_free(&tensor);
	return values;
}

/* x[samples]: one after the other, channels first. */
static void compare(const char *name, const double *x, int64_t samples)
{
	const struct env env = env_system();
	struct layers layers;
	int64_t count, inputs, outputs;
	double most = 0, worst = 0, worst_float = 0, *plain, *floats;
	char path[1200];

	snprintf(path, sizeof path, "%s/onnx/%s.onnx", shared_data(), name);
	plain_layers(&layers, &env, path);
	snprintf(path, sizeof path, "expected/%s_y.npy", name);

	float *expected = load(path, &count);

	inputs = layers.edges[0].elements;
	outputs = layers.edges[layers.count].elements;
	assert_int_equal(count, samples * outputs);
	plain = malloc((size_t)count * sizeof *plain);
	floats = malloc((size_t)count * sizeof *floats);
	for (int64_t s = 0; s < samples; s++)
		plain_run(&layers, x + s * inputs, plain + s * outputs);
	float_run(&layers, &env, x, floats, samples);
	for (int64_t i = 0; i < count; i++) {
		const double y = (double)expected[i];

		most = fmax(most, fabs(y));
		worst = fmax(worst, fabs(plain[i] - y));
		worst_float = fmax(worst_float, fabs(floats[i] - y));
	}
	printf("# %s: %lld numbers, off by at most %.2g of the largest, in float %.2g\n", name,
	       (long long)count, worst / most, worst_float / most);
	assert_true(worst <= 1e-5 * most && worst_float <= 1e-5 * most);
	free(plain);
	free(floats);
	free(expected);
	layers_free(&layers);
}

static void regression_of_one_number(void **state)
{
	int64_t count;
	double *x;

	(void)state;
	if (!shared_data()) {
		printf("# SKIP no shared data\n");
		return;
	}
	float *values = load("expected/lindex_x.npy", &count);

	x = malloc((size_t)count * sizeof *x);
	for (int64_t i = 0; i < count; i++)
		x[i] = (double)values[i];
	compare("lindex_deep", x, count);
	free(values);
	free(x);
}

enum { IMAGES = 50, PIXELS = 32 * 32, CHANNELS = 3 };

/* (x / 255 - mean) / deviation by channel, of lines `label,R,G,B,R,...`. */
static double *images(const double *mean, const double *deviation)
{
	double *x = malloc(sizeof *x * IMAGES * PIXELS * CHANNELS);
	char path[1200], *text, *at;

	snprintf(path, sizeof path, "%s/data/eran_cifar10_test_even.csv", shared_data());
	text = at = read_text(path);
	assert_non_null(text);
	for (int image = 0; image < IMAGES; image++) {
		strtol(at, &at, 10);
		for (int i = 0; i < PIXELS * CHANNELS; i++) {
			const int channel = i % CHANNELS, pixel = i / CHANNELS;

			assert_int_equal(*at, ',');
			x[(image * CHANNELS + channel) * PIXELS + pixel] =
				((double)strtol(at + 1, &at, 10) / 255 - mean[channel]) /
				deviation[channel];
		}
	}
	free(text);
	return x;
}

static void convolutions(void **state)
{
	double *x;

	(void)state;
	if (!shared_data()) {
		printf("# SKIP no shared data\n");
		return;
	}
	x = images((const double[]){ 0.485, 0.456, 0.406 }, (const double[]){ 0.225, 0.225, 0.225 });
	compare("cifar_base_kw", x, IMAGES);
	free(x);
	x = images((const double[]){ 0.4914, 0.4822, 0.4465 },
		   (const double[]){ 0.2471, 0.2435, 0.2616 });
	compare("cifar_resnet_2b", x, IMAGES);
	free(x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(embedded_networks),
		cmocka_unit_test(regression_of_one_number),
		cmocka_unit_test(convolutions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
