/* SPDX-License-Identifier: MIT
 *
 * The embedded networks: their samples are pure, spread as they say and the same everywhere; their
 * files are those that were described.
 */
#include "support.h"

#include "../datasets/networks/network.h"

#include <math.h>

enum { MOST = 256 };

static void samples_are_pure(void **state)
{
	(void)state;
	for (const struct value *const *v = network_values; *v; v++) {
		const struct network *network = network_of(*v);
		float x[2][MOST], target[2][MOST] = { { 0 } };

		assert_true(network->inputs <= MOST && network->outputs <= MOST);
		const int class = network->sample(1, 5, x[0], target[0]);

		network->sample(1, 4, x[1], target[1]);
		assert_memory_not_equal(x[0], x[1], (size_t)network->inputs * sizeof(float));
		network->sample(2, 5, x[1], target[1]);
		assert_memory_not_equal(x[0], x[1], (size_t)network->inputs * sizeof(float));
		assert_int_equal(network->sample(1, 5, x[1], target[1]), class);
		assert_memory_equal(x[0], x[1], (size_t)network->inputs * sizeof(float));
		assert_memory_equal(target[0], target[1], sizeof target[0]);
		assert_true(*network->onnx_size > 1000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples_are_pure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
