/* SPDX-License-Identifier: MIT
 *
 * Integer execution of single layers: sums, ties and paddings worked by hand, in every requantization.
 */
#include "support.h"

#include "hand_network.h"

/* An edge of 8-bit codes 0..255 with this scale and zero point. */
static struct quantizer on_codes(const struct rule *rule, float scale, int32_t zero)
{
	return (struct quantizer){ .rule = rule, .scale = scale,
				   .grid = { (double)scale, zero, 0, 255 } };
}

static void put_codes(struct hand *h, struct hand_edges *all, size_t edge, const uint8_t *codes)
{
	const struct quantizer *quantizer = &h->quantizers[edge];

	memcpy(all->edges[edge].codes, codes, (size_t)h->edges[edge].elements);
	all->edges[edge].grids[0] = (struct sample_grid){ quantizer->scale, quantizer->grid.zero };
	all->edges[edge].state = EDGE_CODED;
}

/* The last layer's codes. */
static const uint8_t *run_codes(struct hand *h, struct hand_edges *all, size_t l)
{
	struct execution execution = hand_execution(h, 1);
	const struct edge_values *const inputs[] = { &all->edges[h->layer[l].inputs[0]],
						     &all->edges[h->layer[l].inputs[1]] };
	struct execution_room *room;
	struct error error;

	assert_string_equal(execution.no_integer, "");
	assert_int_equal(execution_room_new(&room, &h->env, &h->layers, 1, &error), 0);
	if (execution_integer(&execution, room, l, inputs, &all->edges[l + 1], 1, &error))
		fail_msg("%s", error.text);
	assert_int_equal(all->edges[l + 1].state, EDGE_CODED);
	execution_room_free(room);
	execution_free(&execution);
	return all->edges[l + 1].codes;
}

/* A value 1/2 below a whole number, -8.5 or -6.5, as each mode rounds it, and one a hair below 8.5,
 * which only the double rounding reaches. */
static const struct {
	enum qs_requantize mode;
	enum qs_round round;
	bool up;                /* -8.5 becomes -8, else -9                              */
	int hair;               /* 8.5 - 5.07e-7; 0: the mode has no such scale          */
} ties[] = {
	{ QS_REQUANTIZE_FLOAT, QS_HALF_EVEN, true, 8 },
	{ QS_REQUANTIZE_FLOAT, QS_HALF_AWAY, false, 8 },
	/* to 17 - 1.0e-6 = 17 first, then 8.5 away from 0; -17 first, then -8.5 */
	{ QS_REQUANTIZE_Q31_DOUBLE, QS_HALF_EVEN, false, 9 },
	{ QS_REQUANTIZE_Q31_TIES_UP, QS_HALF_EVEN, true, 9 },
	{ QS_REQUANTIZE_Q31_SINGLE, QS_HALF_EVEN, true, 8 },
	{ QS_REQUANTIZE_RNDNU, QS_HALF_EVEN, true, 8 },
	{ QS_REQUANTIZE_SHIFT, QS_HALF_EVEN, true, 0 },
	{ QS_REQUANTIZE_SHIFT, QS_HALF_AWAY, false, 0 },
};
enum { TIES = sizeof ties / sizeof *ties };

/* s_a 0.5, z_a 3, a = 7 1: a - z_a = 4 -2.  s_y 0.25, z_y 10.
 *
 *   channel 0   s_w 0.25, w - z_w = 3 1, bias 0.3 / 0.125 = 2.4 = 2:     12 - 2 + 2   =  12, * 0.5
 *               = 6, code 16
 *   channel 1   s_w 0.125, w = -2 5, bias -1 / 0.0625 = -16:            -8 - 10 - 16 = -34, * 0.25
 *               = -8.5, a tie: code 2 or 1; behind a ReLU 10
 *   channel 2   s_w 0.125 (1 - 2^-24), w = 2 -5, bias 16:                 8 + 10 + 16 =  34,
 *               * 0.25 (1 - 2^-24) = 8.5 - 5.07e-7: code 18 or 19
 *
 * z_w of channel 0 is 2, so that its codes are 5 3. */
static void test_product_by_hand(void **state)
{
	static const uint8_t a[] = { 7, 1 };
	static const float bias[] = { 0.3F, -1, 1 };
	static const int8_t w[] = { 5, 3, -2, 5, 2, -5 };
	static const int32_t zeros[] = { 2, 0, 0 };

	(void)state;
	for (int i = 0; i < TIES * 2; i++) {
		const bool has_relu = i >= TIES;
		const float scales[] = { 0.25F, 0.125F, ties[i % TIES].hair ? 0x1.fffffep-4F :
							0.125F };
		const struct rule rule = hand_rule(8, "asymmetric", "real", 0, "tensor", "static");
		struct hand h;

		hand_open(&h, 1, 1, 2);
		hand_product(&h, 0, 3, has_relu);
		memcpy(h.layer[0].bias, bias, sizeof bias);
		h.quantizers[0] = on_codes(&rule, 0.5F, 3);
		h.quantizers[1] = on_codes(&rule, 0.25F, 10);
		h.weights[0] = (struct quantized_weights){ h.layer[0].weights.values, w, scales,
							   zeros, 0 };
		h.round = ties[i % TIES].round;
		hand_set_mode(&h, ties[i % TIES].mode);
		struct hand_edges all = hand_edges_new(&h, 1);
		put_codes(&h, &all, 0, a);
		const uint8_t *codes = run_codes(&h, &all, 0);
		assert_int_equal(codes[0], 16);
		assert_int_equal(codes[1], has_relu ? 10 : ties[i % TIES].up ? 2 : 1);
		if (ties[i % TIES].hair)
			assert_int_equal(codes[2], 10 + ties[i % TIES].hair);
		assert_true(all.edges[1].grids[0].scale == 0.25F);
		assert_int_equal(all.edges[1].grids[0].zero, 10);
		hand_edges_free(&all);
		h.weights[0] = (struct quantized_weights){ 0 };
		hand_close(&h);
	}
}

/* A window of 3 x 3 on a sample of one pixel: 8 of 9 taps are padding and count for nothing.
 * (7 - 3) * 3 = 12, * 0.5 * 0.25 / 0.25 = 6, code 6 + 10; codes of symmetric edges are moved by 128:
 * (-5) * 3 * 0.5 = -7.5, half to even -8. */
static void test_padding_by_hand(void **state)
{
	static const int8_t w[] = { 100, 101, -102, 103, 3, 105, 106, -107, 108 };
	static const int32_t zero = 0;
	static const float scale = 0.25F;
	struct hand h;
	struct hand_edges all;

	(void)state;
	for (int is_signed = 0; is_signed < 2; is_signed++) {
		const uint8_t a = is_signed ? 128 - 5 : 7;
		const struct rule rule = hand_rule(8, is_signed ? "symmetric" : "asymmetric",
						   "real", 0, "tensor", "static");

		hand_open(&h, 1, 1, 1);
		hand_square(&h, 0, 1, 3, 1, false);
		h.layer[0].bias[0] = 0;
		h.quantizers[0] = on_codes(&rule, 0.5F, 3);
		h.quantizers[1] = on_codes(&rule, 0.25F, 10);
		if (is_signed)
			for (int i = 0; i < 2; i++)
				h.quantizers[i].grid = (struct grid){ 0, 0, -128, 127 };
		h.weights[0] = (struct quantized_weights){ h.layer[0].weights.values, w, &scale,
							   &zero, 0 };
		all = hand_edges_new(&h, 1);
		put_codes(&h, &all, 0, &a);
		all.edges[0].grids[0].zero = is_signed ? 128 : 3;
		assert_int_equal(run_codes(&h, &all, 0)[0], is_signed ? 128 - 8 : 16);
		assert_int_equal(all.edges[1].grids[0].zero, is_signed ? 128 : 10);
		hand_edges_free(&all);
		h.weights[0] = (struct quantized_weights){ 0 };
		hand_close(&h);
	}
}

/* s_a 0.5, z_a 13, a = 8 18; s_b 0.25, z_b 10, b = 7 13; s_y 0.5, z_y 20:
 * -5 * 0.5 - 3 * 0.25 = -3.25 = -6.5 steps: code 14 or 13 (behind a ReLU 20), and 6.5 steps.
 *
 *   q31_*   both sides << 20, * 0.5 and * 0.25, together -3407872; * 2^-19: 2^30 / 2^31 gives
 *           -1703936, >> 18 is -6.5
 *   rndnu   ratios 1 and 0.5: multipliers 2^20 and 2^19, shift 20 */
static void test_add_by_hand(void **state)
{
	static const uint8_t a[] = { 8, 18 }, b[] = { 7, 13 };

	(void)state;
	for (int i = 0; i < TIES * 2; i++) {
		const bool has_relu = i >= TIES, up = ties[i % TIES].up;
		const bool even = ties[i % TIES].round == QS_HALF_EVEN &&
				  (ties[i % TIES].mode == QS_REQUANTIZE_FLOAT ||
				   ties[i % TIES].mode == QS_REQUANTIZE_SHIFT);
		const struct rule rule = hand_rule(8, "asymmetric", "real", 0, "tensor", "static");
		struct hand h;

		hand_open(&h, 1, 1, 2);
		hand_product(&h, 0, 2, false);
		hand_add(&h, 0, 1, has_relu);
		h.islands[0] = true;
		h.quantizers[0] = on_codes(&rule, 0.5F, 13);
		h.quantizers[1] = on_codes(&rule, 0.25F, 10);
		h.quantizers[2] = on_codes(&rule, 0.5F, 20);
		h.round = ties[i % TIES].round;
		hand_set_mode(&h, ties[i % TIES].mode);
		struct hand_edges all = hand_edges_new(&h, 1);
		put_codes(&h, &all, 0, a);
		put_codes(&h, &all, 1, b);
		const uint8_t *codes = run_codes(&h, &all, 1);
		assert_int_equal(codes[0], has_relu ? 20 : up ? 14 : 13);
		assert_int_equal(codes[1], even ? 26 : 27);
		hand_edges_free(&all);
		hand_close(&h);
	}
}

/* XNNPACK's multipliers where they are no powers of two.
 *
 *   ratios 0.7f / 0.5f = 1.4 and 0.3f / 0.5f = 0.6: the greater one's exponent is 0, so shift 20;
 *   rint(1.4 * 2^20) = 1468006, rint(0.6 * 2^20) = 629146; 100 and 50: 146800600 + 31457300 =
 *   178257900, + 2^19, >> 20 = 170
 *
 *   ratio 0.39411768f, exponent -2, shift 22: rint(1653049.375) = 1653049; 255 of it: 421527495,
 *   less than 100.5 * 2^22 = 421527552, so 100, though 255 * 0.39411768 = 100.500009 */
static void test_add_rndnu(void **state)
{
	static const struct {
		uint8_t a, b;
		float scale_a, scale_b, scale_y;
		int code;
	} cases[] = {
		{ 100, 50, 0.7F, 0.3F, 0.5F, 170 },
		{ 255, 0, 0.39411768F, 0.3F, 1, 100 },
	};
	const struct rule rule = hand_rule(8, "asymmetric", "real", 0, "tensor", "static");

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct hand h;

		hand_open(&h, 1, 1, 1);
		hand_product(&h, 0, 1, false);
		hand_add(&h, 0, 1, false);
		h.islands[0] = true;
		h.quantizers[0] = on_codes(&rule, cases[i].scale_a, 0);
		h.quantizers[1] = on_codes(&rule, cases[i].scale_b, 0);
		h.quantizers[2] = on_codes(&rule, cases[i].scale_y, 0);
		hand_set_mode(&h, QS_REQUANTIZE_RNDNU);
		struct hand_edges all = hand_edges_new(&h, 1);
		put_codes(&h, &all, 0, &cases[i].a);
		put_codes(&h, &all, 1, &cases[i].b);
		assert_int_equal(run_codes(&h, &all, 1)[0], cases[i].code);
		hand_edges_free(&all);
		hand_close(&h);
	}
}

/* Codes 1 1 2 2 less 10: -34; s 0.5 over 4 positions to steps of 0.5: * 0.25 = -8.5; z_y 20. */
static void test_pool_by_hand(void **state)
{
	static const uint8_t a[] = { 1, 1, 2, 2 };

	(void)state;
	for (int i = 0; i < TIES; i++) {
		const struct rule rule = hand_rule(8, "asymmetric", "real", 0, "tensor", "static");
		struct hand h;

		hand_open(&h, 2, 2, 1);
		hand_pool(&h, 0);
		h.quantizers[0] = on_codes(&rule, 0.5F, 10);
		h.quantizers[1] = on_codes(&rule, 0.5F, 20);
		h.round = ties[i].round;
		hand_set_mode(&h, ties[i].mode);
		struct hand_edges all = hand_edges_new(&h, 1);
		put_codes(&h, &all, 0, a);
		assert_int_equal(run_codes(&h, &all, 0)[0], ties[i].up ? 12 : 11);
		hand_edges_free(&all);
		hand_close(&h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_product_by_hand),
		cmocka_unit_test(test_padding_by_hand),
		cmocka_unit_test(test_add_by_hand),
		cmocka_unit_test(test_add_rndnu),
		cmocka_unit_test(test_pool_by_hand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
