/* SPDX-License-Identifier: MIT
 *
 * Ranges of a sample that cannot be executed say why; memory that runs out.
 */
#include "support.h"

#include "hand_network.h"

/* Runs the one layer of a dynamic range on an input; the error's text. */
static void refused_range(struct hand *h, float first, enum status status, struct error *error)
{
	struct execution execution = hand_execution(h, 1);
	struct hand_edges all = hand_edges_new(h, 1);
	const struct edge_values *const in = &all.edges[0];
	struct execution_room *room;

	hand_inputs(h, &all, 1);
	all.edges[0].values[0] = first;
	assert_int_equal(execution_room_new(&room, &h->env, &h->layers, 1, error), 0);
	assert_int_equal(execution_simulated(&execution, room, 0, &in, &all.edges[1], 1, NULL,
					     error), -1);
	assert_int_equal(error->status, status);
	error->text[0] = 0;
	all.edges[1].state = EDGE_RAW;
	assert_int_equal(execution_integer(&execution, room, 0, &in, &all.edges[1], 1, error), -1);
	assert_int_equal(error->status, status);
	execution_room_free(room);
	hand_edges_free(&all);
	execution_free(&execution);
}

static void test_refused_ranges(void **state)
{
	struct hand h;
	struct error error;

	(void)state;
	hand_open(&h, 1, 1, 600);
	hand_product(&h, 0, 10, false);
	hand_quantize(&h, hand_rule(8, "symmetric", "real", 0, "channel", NULL),
		      hand_rule(8, "asymmetric", "real", 0, "tensor", "dynamic"));
	refused_range(&h, INFINITY, STATUS_FAILED, &error);
	assert_string_equal(error.text, "activations of 'input': 1 of the 600 values of a sample "
			    "are NaN or infinite: they have no range; float32 cannot hold this network's values");
	h.activation_rule.calibration = hand_value(calibration_values, "entropy");
	refused_range(&h, 1, STATUS_INPUT, &error);
	assert_string_equal(error.text, "activations of 'gemm0': no range for the 10 values of a "
			    "sample: too few values; take a static range or another calibration");
	hand_close(&h);
}

/* Every allocation fails once: an error, nothing left behind. */
static void test_memory(void **state)
{
	struct failing failing = { .fail_at = -1 };
	struct hand h;
	struct error error;
	long fail_at = 0;
	int failed;

	(void)state;
	hand_residual(&h, 9, 7);
	hand_quantize(&h, hand_rule(8, "symmetric", "real", 0, "channel", NULL),
		      hand_rule(8, "asymmetric", "real", 0, "tensor", "static"));
	const struct execution_spec spec = {
		.layers = &h.layers, .libraries = &h.libraries, .islands = h.islands,
		.edges = h.quantizers, .weights = h.weights, .modes = h.modes, .batch = 2,
	};
	do {
		const struct env env = env_failing(&failing);
		struct execution execution = { 0 };
		struct execution_room *room = NULL;

		failing = (struct failing){ .fail_at = fail_at++ };
		failed = execution_make(&execution, &env, &spec, &error);
		if (!failed) {
			failed = execution_room_new(&room, &env, &h.layers, 2, &error);
			execution_room_free(room);
			execution_free(&execution);
		}
		if (failed)
			assert_int_equal(error.status, STATUS_MACHINE);
	} while (failed);
	assert_true(fail_at > 60);
	hand_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused_ranges),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
