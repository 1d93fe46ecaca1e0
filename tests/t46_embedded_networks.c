/* SPDX-License-Identifier: MIT
 *
 * Lowering of the embedded networks.
 */
#include "support.h"

#include "../datasets/networks/network.h"
#include "../harness/network/layers.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(embedded_networks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
