/* SPDX-License-Identifier: MIT
 *
 * Float execution of networks against the test data that came with their files; networks that are
 * quantized already are refused.
 */
#include "model_runs.h"

/* Inputs and outputs that came with a model, raw data last in their files. */
static void stored_test_data(void **state)
{
	static const struct { const char *folder; int sets; int64_t inputs, outputs, classes; } sets[] = {
		{ "mnist_8", 3, 784, 10, 10 },
		{ "super_resolution_10", 1, 224 * 224, 672 * 672, 0 },
	};
	const struct env env = env_system();

	(void)state;
	if (!shared_data()) {
		printf("# SKIP no shared data\n");
		return;
	}
	for (size_t i = 0; i < 2; i++) {
		const struct model model = { .name = sets[i].folder };
		struct numbers x = { 0, NULL }, expected = { 0, NULL }, y;
		struct layers layers;
		char name[200];

		x.values = malloc((size_t)(3 * sets[i].inputs) * sizeof(float));
		expected.values = malloc((size_t)(3 * sets[i].outputs) * sizeof(float));
		for (int set = 0; set < 3; set++) {
			const int from = set % sets[i].sets;

			snprintf(name, sizeof name, "onnx/%s/test_data_set_%d/input_0.pb",
				 sets[i].folder, from);
			struct numbers in = tail(name, sets[i].inputs, 4, read_f32);

			snprintf(name, sizeof name, "onnx/%s/test_data_set_%d/output_0.pb",
				 sets[i].folder, from);
			struct numbers out = tail(name, sets[i].outputs, 4, read_f32);

			memcpy(x.values + x.count, in.values, (size_t)in.count * sizeof(float));
			memcpy(expected.values + expected.count, out.values,
			       (size_t)out.count * sizeof(float));
			x.count += in.count;
			expected.count += out.count;
			free(in.values);
			free(out.values);
		}
		snprintf(name, sizeof name, "%s/model", sets[i].folder);
		open_model(&layers, &env, name);
		y = run(&layers, &x, 64);
		const double worst = compare(model.name, &y, &expected, sets[i].classes);

		printf("# %s: %zu layers, off by at most %.2g of the largest\n", model.name,
		       layers.count, worst);
		assert_true(worst <= 1e-5);
		check_batches(&model, &layers, &x, &y);
		free(x.values);
		free(y.values);
		free(expected.values);
		layers_free(&layers);
	}
}

/* Networks that are quantized already: one sentence that names node and operation. */
static void quantized_networks(void **state)
{
	static const struct { const char *name, *sentence; } cases[] = {
		{ "mobilenet_v2_qlinear", "(QuantizeLinear): this operation is not known" },
		{ "tfc_2w2a", "(onnx.brevitas:Quant): this operation is not known" },
	};
	const struct env env = env_system();

	(void)state;
	for (size_t i = 0; shared_data() && i < 2; i++) {
		struct graph graph;
		struct layers layers;
		struct error error;
		char path[1200];
		size_t size;

		snprintf(path, sizeof path, "%s/onnx/%s.onnx", shared_data(), cases[i].name);
		char *bytes = (char *)read_bytes(path, &size);

		assert_int_equal(graph_parse_onnx(&graph, &env, path, bytes, size, &error), 0);
		assert_int_equal(layers_make(&layers, &graph, &env, &error), -1);
		assert_int_equal(error.status, STATUS_INPUT);
		if (!strstr(error.text, cases[i].sentence))
			fail_msg("%s", error.text);
		free(bytes);
		graph_free(&graph);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stored_test_data),
		cmocka_unit_test(quantized_networks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
