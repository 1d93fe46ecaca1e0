/* SPDX-License-Identifier: MIT
 *
 * Networks without an integer execution, each with its sentence.
 */
#include "support.h"

#include "hand_network.h"

static void check_no_integer(const struct hand *h, const char *sentence)
{
	struct execution execution = hand_execution(h, 1);
	struct hand_edges all = hand_edges_new(h, 1);
	const struct edge_values *const inputs[] = { &all.edges[0], &all.edges[0] };
	struct execution_room *room;
	struct error error;
	char whole[512];

	assert_string_equal(execution.no_integer, sentence);
	snprintf(whole, sizeof whole, "no integer execution: %s", sentence);
	assert_int_equal(execution_room_new(&room, &h->env, &h->layers, 1, &error), 0);
	assert_int_equal(execution_integer(&execution, room, 0, inputs, &all.edges[1], 1, &error),
			 -1);
	assert_int_equal(error.status, STATUS_FAILED);
	assert_string_equal(error.text, whole);
	execution_room_free(room);
	hand_edges_free(&all);
	execution_free(&execution);
}

static void test_no_integer(void **state)
{
	const struct rule weights = hand_rule(8, "symmetric", "real", 0, "channel", NULL);
	const struct rule activations =
		hand_rule(8, "asymmetric", "real", 0, "tensor", "static");
	struct hand h;
	char sentence[256];

	(void)state;
	hand_residual(&h, 9, 7);
	hand_quantize(&h, weights, activations);
	hand_set_mode(&h, QS_REQUANTIZE_SHIFT);
	for (int i = 0; i <= HAND_LAYERS; i++)
		h.quantizers[i].scale = 0.25F;
	for (int64_t i = 0; i < 8; i++)
		((float *)(uintptr_t)h.weights[0].scales)[i] = 0.5F;
	snprintf(sentence, sizeof sentence, "layer 'conv1': its requantization cannot express the "
		 "scale %.9g of channel 0", (double)h.weights[1].scales[0]);
	check_no_integer(&h, sentence);
	for (size_t l = 0; l < h.layers.count; l++)
		for (int64_t i = 0; i < h.layer[l].weights.rows; i++)
			((float *)(uintptr_t)h.weights[l].scales)[i] = 0.5F;
	check_no_integer(&h, "layer 'average_pool8': its requantization cannot express the scale "
			 "0.05 of a mean over 20 positions");
	h.quantizers[4].scale = 0.3F;
	h.modes[3] = QS_REQUANTIZE_FLOAT;
	check_no_integer(&h, "layer 'add4': its requantization cannot express an addition of the "
			 "scales 0.300000012 and 0.25 to 0.25");
	hand_quantize(&h, weights, hand_rule(8, "asymmetric", "real", 0, "tensor", "dynamic"));
	check_no_integer(&h, "layer 'conv0': only the requantization float has a meaning with a "
			 "range for each sample");
	hand_quantize(&h, hand_rule(8, "symmetric", "real", 8, "group", NULL), activations);
	check_no_integer(&h, "layer 'conv0': only the requantization float has a meaning with "
			 "groups");
	hand_set_mode(&h, QS_REQUANTIZE_FLOAT);
	hand_quantize(&h, weights, activations);
	h.layer[0].bias[3] = 1e9F;
	struct execution execution = hand_execution(&h, 1);
	if (!strstr(execution.no_integer, "layer 'conv0': the bias 1e+09 of channel 3 does not fit "
		    "in 32 bits of "))
		fail_msg("%s", execution.no_integer);
	execution_free(&execution);
	hand_close(&h);
}

/* 150,000 weights of -127 and a zero point near 128: 150,000 * 127 * 128 > 2^31. */
static void test_sums_that_leave_s32(void **state)
{
	struct hand h;

	(void)state;
	hand_open(&h, 1, 1, 150000);
	hand_product(&h, 0, 1, false);
	for (int i = 0; i < 150000; i++)
		h.layer[0].weights.values[i] = -1;
	hand_quantize(&h, hand_rule(8, "symmetric", "real", 0, "channel", NULL),
		      hand_rule(8, "asymmetric", "real", 0, "tensor", "static"));
	check_no_integer(&h, "layer 'gemm0': a sum of products might leave s32");
	hand_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_integer),
		cmocka_unit_test(test_sums_that_leave_s32),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
