/* SPDX-License-Identifier: MIT
 *
 * Integer execution: layers worked by hand in every mode, every layer of a network against plain
 * loops over codes, groups and ranges of a sample, islands, and that floats are not read again.
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

/* (code - zero) of a tap, 0 in the padding. */
static int32_t tap(const struct layer *layer, const uint8_t *codes, int32_t zero, int64_t line,
		   int64_t column, int64_t k)
{
	const struct qs_conv *c = &layer->conv;
	const int64_t y = line * c->stride_h - c->pad_top +
			  k / c->channels / c->kernel_w * c->dilation_h;
	const int64_t x = column * c->stride_w - c->pad_left +
			  k / c->channels % c->kernel_w * c->dilation_w;

	if (y < 0 || y >= c->height || x < 0 || x >= c->width)
		return 0;
	return codes[(y * c->width + x) * c->channels + k % c->channels] - zero;
}

/* sum over k in [from, to) of (a - z_a)(w - z_w) for output i of a sample. */
static int64_t plain_sum(const struct hand *h, size_t l, const uint8_t *codes, int32_t zero,
			 int64_t i, int64_t from, int64_t to)
{
	const struct layer *layer = &h->layer[l];
	const struct quantized_weights *w = &h->weights[l];
	const struct edge *out = &h->edges[l + 1];
	const int64_t k = layer->weights.columns, n = i % out->channels;
	const int64_t groups = w->group ? (k + w->group - 1) / w->group : 1;
	const int32_t zero_w = w->zeros[n * groups + (w->group ? from / w->group : 0)];
	int64_t sum = 0;

	for (int64_t j = from; j < to; j++)
		sum += (int64_t)tap(layer, codes, zero, i / out->channels / out->width,
				    i / out->channels % out->width, j) *
		       (w->codes[n * k + j] - zero_w);
	return sum;
}

static int32_t clip(int64_t code, int32_t low, int32_t high)
{
	return code < low ? low : code > high ? high : (int32_t)code;
}

/* One output of a static layer, from the codes of its inputs. */
static int32_t plain_code(const struct hand *h, size_t l, const uint8_t *a, const uint8_t *b,
			  int64_t i)
{
	const struct layer *layer = &h->layer[l];
	const struct quantizer *in = &h->quantizers[layer->inputs[0]], *out = &h->quantizers[l + 1];
	const int32_t move_a = in->grid.low < 0 ? 128 : 0, move = out->grid.low < 0 ? 128 : 0;
	const int32_t zero = out->grid.zero + move, zero_a = in->grid.zero + move_a;
	const int32_t low = layer->relu ? zero : out->grid.low + move, high = out->grid.high + move;
	const struct edge *edge = &h->edges[layer->inputs[0]];
	struct qs_requantizer r;
	int64_t sum = 0;
	double scale;

	if (layer->input_count == 2) {
		const struct quantizer *in_b = &h->quantizers[layer->inputs[1]];
		const float m_a = (float)((double)in->scale / (double)out->scale);
		const float m_b = (float)((double)in_b->scale / (double)out->scale);
		const int32_t zero_b = in_b->grid.zero + (in_b->grid.low < 0 ? 128 : 0);
		const float q = fmaf((float)(b[i] - zero_b), m_b, (float)(a[i] - zero_a) * m_a);

		return clip((int64_t)(h->round == QS_HALF_AWAY ? roundf(q) : rintf(q)) + zero, low,
			    high);
	}
	if (layer->weights.values) {
		const int64_t n = i % layer->weights.rows;
		const double unit = (double)in->scale * (double)h->weights[l].scales[n];

		sum = plain_sum(h, l, a, zero_a, i, 0, layer->weights.columns) +
		      (int64_t)rint((double)layer->bias[n] / unit);
		scale = unit / (double)out->scale;
	} else {
		const int64_t positions = edge->height * edge->width;

		for (int64_t j = 0; j < positions; j++)
			sum += a[j * edge->channels + i] - zero_a;
		scale = (double)in->scale / ((double)positions * (double)out->scale);
	}
	assert_true(sum >= INT32_MIN && sum <= INT32_MAX);
	assert_true(qs_requantizer_make(&r, h->modes[l], h->round, scale));
	return qs_requantize_code(&r, (int32_t)sum, zero, low, high);
}

static const uint8_t *codes_of(const struct hand *h, const struct hand_edges *all, size_t edge,
			       int64_t sample)
{
	return all->edges[edge].codes + sample * h->edges[edge].elements;
}

/* Every layer but the first, whose input is no codes. */
static void check_static(const struct hand *h, int64_t samples)
{
	struct execution execution = hand_execution(h, 4);
	struct hand_edges all = hand_edges_new(h, samples);

	assert_string_equal(execution.no_integer, "");
	hand_inputs(h, &all, samples);
	hand_run(h, &execution, HAND_INTEGER, &all, samples);
	for (size_t l = 1; l < h->layers.count; l++) {
		const struct layer *layer = &h->layer[l];

		if (layer->input_count == 2 && h->modes[l] != QS_REQUANTIZE_FLOAT)
			continue;
		for (int64_t s = 0; s < samples; s++) {
			const uint8_t *a = codes_of(h, &all, layer->inputs[0], s);
			const uint8_t *b = codes_of(h, &all, layer->inputs[1], s);
			const uint8_t *found = codes_of(h, &all, l + 1, s);

			for (int64_t i = 0; i < h->edges[l + 1].elements; i++)
				if (found[i] != plain_code(h, l, a, b, i))
					fail_msg("%s, mode %d, output %lld", layer->name,
						 (int)h->modes[l], (long long)i);
		}
	}
	hand_edges_free(&all);
	execution_free(&execution);
}

static const struct {
	int weights, activations;
	const char *weight_scheme, *scheme, *granularity;
} static_cases[] = {
	{ 8, 8, "symmetric", "asymmetric", "channel" },
	{ 4, 8, "symmetric_restricted", "symmetric", "tensor" },
	{ 6, 4, "asymmetric", "asymmetric", "channel" },
	{ 2, 3, "asymmetric", "symmetric_full", "tensor" },
};

static void test_static(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof static_cases / sizeof *static_cases; i++) {
		struct hand h;

		hand_residual(&h, 9, 7);
		for (int mode = 0; mode < QS_REQUANTIZE_SHIFT; mode++) {
			h.round = mode == QS_REQUANTIZE_FLOAT && i % 2 ? QS_HALF_AWAY : QS_HALF_EVEN;
			hand_quantize(&h, hand_rule(static_cases[i].weights,
						    static_cases[i].weight_scheme, "real", 0,
						    static_cases[i].granularity, NULL),
				      hand_rule(static_cases[i].activations, static_cases[i].scheme,
						"real", 0, "tensor", "static"));
			hand_set_mode(&h, (enum qs_requantize)mode);
			check_static(&h, 5);
		}
		hand_close(&h);
	}
}

/* One output as a float: a fma over groups, then the input's scale and the bias. */
static float plain_float(const struct hand *h, size_t l, const struct edge_values *a, int64_t s,
			 int64_t i)
{
	const struct layer *layer = &h->layer[l];
	const struct quantized_weights *w = &h->weights[l];
	const struct edge *in = &h->edges[layer->inputs[0]];
	const uint8_t *codes = a->codes + s * in->elements;
	const int64_t k = layer->weights.columns, length = w->group ? w->group : k;
	const int64_t n = i % h->edges[l + 1].channels;
	float y = 0;

	if (layer->weights.values) {
		const int64_t groups = (k + length - 1) / length;

		for (int64_t g = 0; g < groups; g++) {
			const int64_t end = (g + 1) * length < k ? (g + 1) * length : k;
			const int64_t sum = plain_sum(h, l, codes, a->grids[s].zero, i, g * length,
						      end);

			y = fmaf((float)sum, w->scales[n * groups + g], y);
		}
		y = fmaf(y, a->grids[s].scale, layer->bias[n]);
	} else {
		int64_t sum = 0;

		for (int64_t j = 0; j < in->height * in->width; j++)
			sum += codes[j * in->channels + i] - a->grids[s].zero;
		y = (float)((double)sum * (double)a->grids[s].scale /
			    (double)(in->height * in->width));
	}
	return layer->relu && !(y > 0) ? 0 : y;
}

static float plain_add(const struct hand *h, size_t l, const struct hand_edges *all, int64_t s,
		       int64_t i)
{
	float side[2];

	for (int j = 0; j < 2; j++) {
		const struct edge_values *in = &all->edges[h->layer[l].inputs[j]];

		side[j] = (float)(in->codes[s * h->edges[l + 1].elements + i] - in->grids[s].zero) *
			  in->grids[s].scale;
	}
	const float y = side[0] + side[1];
	return h->layer[l].relu && !(y > 0) ? 0 : y;
}

static void check_through_float(const struct hand *h, int64_t samples)
{
	struct execution execution = hand_execution(h, 4);
	struct hand_edges all = hand_edges_new(h, samples);
	struct error error;

	assert_string_equal(execution.no_integer, "");
	hand_inputs(h, &all, samples);
	hand_run(h, &execution, HAND_INTEGER, &all, samples);
	for (size_t l = 1; l < h->layers.count; l++) {
		const struct layer *layer = &h->layer[l];
		const struct quantizer *quantizer = &h->quantizers[l + 1];
		const int64_t elements = h->edges[l + 1].elements;
		const struct format *format = format_of(quantizer->rule->format);
		float *y = hand_new((size_t)elements, sizeof *y);
		int32_t *codes = hand_new((size_t)elements, sizeof *codes);
		struct slice_room room;

		assert_int_equal(slice_room_new(&room, &h->env, elements, &error), 0);
		for (int64_t s = 0; s < samples; s++) {
			struct grid grid = quantizer->grid;
			float scale = quantizer->scale;

			/* a static layer without groups goes by its sums */
			if (!quantizer->dynamic && !h->weights[l].group)
				break;
			for (int64_t i = 0; i < elements; i++)
				y[i] = layer->input_count == 2 ? plain_add(h, l, &all, s, i) :
				       plain_float(h, l, &all.edges[layer->inputs[0]], s, i);
			if (quantizer->dynamic) {
				const struct slice slice = slice_of(&room, y, elements);
				const struct chosen chosen = rule_choose(quantizer->rule, QS_HALF_EVEN, &slice);

				grid = chosen.grid;
				scale = chosen.scale;
			}
			format->encode(y, elements, &grid, scale, h->round, codes);
			for (int64_t i = 0; i < elements; i++)
				if (codes_of(h, &all, l + 1, s)[i] !=
				    codes[i] + (grid.low < 0 ? 128 : 0))
					fail_msg("%s, sample %lld, output %lld", layer->name,
						 (long long)s, (long long)i);
			assert_true(all.edges[l + 1].grids[s].scale == scale);
		}
		slice_room_free(&room);
		free(codes);
		free(y);
	}
	hand_edges_free(&all);
	execution_free(&execution);
}

static void test_through_float(void **state)
{
	static const struct {
		int64_t group;
		const char *granularity, *scheme, *weight_scheme, *range;
	} cases[] = {
		{ 0, "channel", "asymmetric", "symmetric", "dynamic" },
		{ 16, "group", "symmetric", "asymmetric", "static" },
		{ 10, "group", "asymmetric", "asymmetric", "dynamic" },
		/* those of which kernels scale by groups; where a row is shorter, raw sums */
		{ 32, "group", "asymmetric", "symmetric", "static" },
		{ 32, "group", "symmetric", "asymmetric", "static" },
		{ 64, "group", "asymmetric", "asymmetric", "static" },
		{ 128, "group", "asymmetric", "symmetric", "static" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct hand h;

		hand_residual(&h, 9, 7);
		h.round = i == 2 ? QS_HALF_AWAY : QS_HALF_EVEN;
		hand_quantize(&h, hand_rule(8, cases[i].weight_scheme, "real", cases[i].group,
					    cases[i].granularity, NULL),
			      hand_rule(8, cases[i].scheme, "real", 0, "tensor", cases[i].range));
		check_through_float(&h, 5);
		hand_close(&h);
	}
}

/* Runs an execution; all edges. */
static struct hand_edges integer_run(const struct hand *h, const struct execution *execution,
				     int64_t samples)
{
	struct hand_edges all = hand_edges_new(h, samples);

	hand_inputs(h, &all, samples);
	hand_run(h, execution, HAND_INTEGER, &all, samples);
	return all;
}

static void assert_same_edges(const struct hand *h, const struct hand_edges *a,
			      const struct hand_edges *b, int64_t samples)
{
	for (size_t i = 1; i <= h->layers.count; i++) {
		const size_t count = (size_t)(samples * h->edges[i].elements);

		assert_int_equal(a->edges[i].state, b->edges[i].state);
		if (a->edges[i].state == EDGE_CODED)
			assert_memory_equal(a->edges[i].codes, b->edges[i].codes, count);
		else
			assert_memory_equal(a->edges[i].values, b->edges[i].values,
					    count * sizeof(float));
	}
}

/* Layers' floats become NaN and what was quantized from them garbage: the same bytes. */
static void test_poison(void **state)
{
	static const char *const ranges[] = { "static", "dynamic" };

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct hand h;

		hand_residual(&h, 9, 7);
		hand_quantize(&h, hand_rule(8, "asymmetric", "real", i / 2 ? 16 : 0,
					    i / 2 ? "group" : "channel", NULL),
			      hand_rule(8, "asymmetric", "real", 0, "tensor", ranges[i % 2]));
		h.islands[2] = i == 3;
		struct execution execution = hand_execution(&h, 3);
		struct hand_edges before = integer_run(&h, &execution, 4);
		for (size_t l = 0; l < h.layers.count; l++) {
			const struct tensor *w = &h.layer[l].weights;
			const int64_t count = w->rows * w->columns;

			for (int64_t j = 0; w->values && j < count; j++)
				w->values[j] = NAN;
			for (int64_t j = 0; w->values && j < w->rows; j++)
				h.layer[l].bias[j] = NAN;
			if (!w->values)
				continue;
			memset((void *)(uintptr_t)h.weights[l].simulated, 0xff,
			       (size_t)count * sizeof(float));
			memset((void *)(uintptr_t)h.weights[l].codes, 0x5a, (size_t)count);
			memset((void *)(uintptr_t)h.weights[l].scales, 0xff,
			       (size_t)w->rows * sizeof(float));
			memset((void *)(uintptr_t)h.weights[l].zeros, 0x5a,
			       (size_t)w->rows * sizeof(int32_t));
		}
		struct hand_edges after = integer_run(&h, &execution, 4);
		assert_same_edges(&h, &before, &after, 4);
		hand_edges_free(&before);
		hand_edges_free(&after);
		execution_free(&execution);
		hand_close(&h);
	}
}

/* An island in the middle reads what codes mean and writes floats, which its readers quantize. */
static void test_island(void **state)
{
	enum { ISLAND = 2, READER = 3, SAMPLES = 3 };
	struct hand h;
	struct execution_room *room;
	struct error error;
	struct edge_values decoded, coded;

	(void)state;
	hand_residual(&h, 9, 7);
	hand_quantize(&h, hand_rule(8, "symmetric", "real", 0, "channel", NULL),
		      hand_rule(8, "asymmetric", "real", 0, "tensor", "static"));
	h.islands[ISLAND] = true;
	struct execution execution = hand_execution(&h, SAMPLES);
	assert_int_equal(execution.float_macs, h.layer[ISLAND].macs);
	int64_t macs = 0;
	for (size_t l = 0; l < h.layers.count; l++)
		macs += h.layer[l].macs;
	assert_int_equal(execution.integer_macs, macs - h.layer[ISLAND].macs);
	struct hand_edges all = integer_run(&h, &execution, SAMPLES);
	struct hand_edges again = hand_edges_new(&h, SAMPLES);
	assert_int_equal(execution_room_new(&room, &h.env, &h.layers, SAMPLES, &error), 0);

	/* the float layer on decoded codes */
	decoded = again.edges[h.layer[ISLAND].inputs[0]];
	edge_decode(&all.edges[h.layer[ISLAND].inputs[0]],
		    h.edges[h.layer[ISLAND].inputs[0]].elements, SAMPLES, &decoded);
	const struct edge_values *in = &decoded;
	assert_int_equal(execution_float(&execution, room, ISLAND, &in, &again.edges[ISLAND + 1],
					 SAMPLES, &error), 0);
	assert_int_equal(all.edges[ISLAND + 1].state, EDGE_RAW);
	const int64_t elements = h.edges[ISLAND + 1].elements;
	assert_memory_equal(all.edges[ISLAND + 1].values, again.edges[ISLAND + 1].values,
			    (size_t)(elements * SAMPLES) * sizeof(float));

	/* its reader on codes of that by the format's own encoder */
	const struct quantizer *quantizer = &h.quantizers[ISLAND + 1];
	assert_int_equal(h.layer[READER].inputs[0], ISLAND + 1);
	coded = again.edges[ISLAND + 1];
	for (int64_t i = 0; i < elements * SAMPLES; i++) {
		int32_t code;

		format_of(quantizer->rule->format)->encode(coded.values + i, 1, &quantizer->grid,
							   quantizer->scale, h.round, &code);
		coded.codes[i] = (uint8_t)code;
	}
	for (int s = 0; s < SAMPLES; s++)
		coded.grids[s] = (struct sample_grid){ quantizer->scale, quantizer->grid.zero };
	coded.state = EDGE_CODED;
	in = &coded;
	assert_int_equal(execution_integer(&execution, room, READER, &in, &again.edges[READER + 1],
					   SAMPLES, &error), 0);
	assert_memory_equal(all.edges[READER + 1].codes, again.edges[READER + 1].codes,
			    (size_t)(h.edges[READER + 1].elements * SAMPLES));
	execution_room_free(room);
	hand_edges_free(&all);
	hand_edges_free(&again);
	execution_free(&execution);
	hand_close(&h);
}

/* Codes to values and back: every code of every grid. */
static void test_encode_and_decode(void **state)
{
	static const float scales[] = { 1, 0.1F, 0x1.fffffep-10F, 3e-39F, 0x1p-149F, 1e36F, 7.7e-5F };
	uint8_t codes[256], back_codes[256];
	float values[256];
	struct sample_grid grid, back_grid;
	struct edge_values coded = { NULL, codes, &grid, EDGE_CODED };
	struct edge_values decoded = { values, NULL, &back_grid, EDGE_RAW };
	struct edge_values again = { values, back_codes, &grid, EDGE_RAW };

	(void)state;
	for (int i = 0; i < 256; i++)
		codes[i] = (uint8_t)i;
	for (size_t s = 0; s < sizeof scales / sizeof *scales; s++) {
		for (int32_t zero = 0; zero < 256; zero += 51) {
			grid = (struct sample_grid){ scales[s], zero };
			edge_decode(&coded, 256, 1, &decoded);
			assert_int_equal(decoded.state, EDGE_ON_GRID);
			assert_true(values[0] == (float)(0 - zero) * scales[s]);
			edge_encode(&decoded, 256, 1, &again);
			assert_int_equal(again.state, EDGE_CODED);
			assert_memory_equal(codes, back_codes, sizeof codes);
		}
	}
}

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
		cmocka_unit_test(test_product_by_hand),
		cmocka_unit_test(test_padding_by_hand),
		cmocka_unit_test(test_add_by_hand),
		cmocka_unit_test(test_add_rndnu),
		cmocka_unit_test(test_pool_by_hand),
		cmocka_unit_test(test_static),
		cmocka_unit_test(test_through_float),
		cmocka_unit_test(test_poison),
		cmocka_unit_test(test_island),
		cmocka_unit_test(test_encode_and_decode),
		cmocka_unit_test(test_no_integer),
		cmocka_unit_test(test_sums_that_leave_s32),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
