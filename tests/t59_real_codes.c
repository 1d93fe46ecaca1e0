/* SPDX-License-Identifier: MIT
 *
 * The codes of a published network's weights, where its file is: round(w / s) with s = max|w| / 127
 * for each output channel, as TensorFlow Lite's 8-bit specification has it, worked here anew.
 */
#include "support.h"

#include "../datasets/graph.h"
#include "../harness/files.h"
#include "../harness/measure/operand.h"
#include "../harness/network/layers.h"

#include <math.h>

enum { FILE_MOST = 1 << 24 };
enum { WEIGHTS = 77360 };       /* of nine convolutions and a product, biases left out   */

static double greatest(const float *w, int64_t count)
{
	double most = 0;

	for (int64_t i = 0; i < count; i++)
		most = fabs((double)w[i]) > most ? fabs((double)w[i]) : most;
	return most;
}

/* Ties of a quotient as float32 go to even. */
static int64_t expect_codes(const struct layer *layer, const struct operand_codes *codes)
{
	const int64_t columns = layer->weights.columns;

	for (int64_t row = 0; row < layer->weights.rows; row++) {
		const float *w = layer->weights.values + row * columns;
		const float scale = (float)(greatest(w, columns) / 127);

		assert_true(scale == codes->scales[row]);
		assert_int_equal(codes->zeros[row], 0);
		for (int64_t i = 0; i < columns; i++)
			assert_int_equal(codes->codes[row * columns + i], lrintf(w[i] / scale));
	}
	return layer->weights.rows * columns;
}

static int64_t check_layer(const struct env *env, const struct layer *layer,
			   const struct recipe *recipe)
{
	const size_t rows = (size_t)layer->weights.rows, columns = (size_t)layer->weights.columns;
	struct operand_case one = { .rule = &recipe->weights, .round = QS_HALF_EVEN, .keep = true };
	struct operand_codes codes = { .codes = malloc(rows * columns),
				       .scales = malloc(rows * sizeof(float)),
				       .zeros = malloc(rows * sizeof(int32_t)) };
	struct error error;
	int64_t count;

	assert_int_equal(operand_measure_all(&layer->weights, layer->name, &one, 1, &error), 0);
	assert_int_equal(one.outcome, OUTCOME_DONE);
	assert_int_equal(operand_encode(&layer->weights, &one, &codes, &error), 0);
	count = expect_codes(layer, &codes);
	env_free(env, one.grids);
	free(codes.codes);
	free(codes.scales);
	free(codes.zeros);
	return count;
}

static void resnet8(void **state)
{
	const struct env env = env_system();
	struct recipe recipe;
	struct graph graph;
	struct layers layers;
	struct error error;
	char path[1200], *bytes;
	int64_t count = 0;
	size_t size;

	(void)state;
	if (!shared_data()) {
		printf("# no files of real networks: skipped\n");
		return;
	}
	snprintf(path, sizeof path, "%s/onnx/resnet8_fp32.onnx", shared_data());
	bytes = file_read(&env, path, FILE_MOST, &size, &error);
	assert_non_null(bytes);
	assert_int_equal(graph_parse_onnx(&graph, &env, path, bytes, size, &error), 0);
	env_free(&env, bytes);
	assert_int_equal(layers_make(&layers, &graph, &env, &error), 0);
	graph_free(&graph);
	if (recipe_read(&recipe, &env,
			"w=int8.symmetric.real.channel.minmax a=float half_even float all none s1",
			&error))
		fail_msg("%s", error.text);
	for (size_t l = 0; l < layers.count; l++)
		if (layers.layers[l].weights.values)
			count += check_layer(&env, &layers.layers[l], &recipe);
	assert_int_equal(count, WEIGHTS);
	recipe_free(&recipe, &env);
	layers_free(&layers);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(resnet8) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
