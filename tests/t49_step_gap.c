/* SPDX-License-Identifier: MIT
 *
 * Simulated against integer execution, fed the same codes: they differ by one step at most, and
 * only where the exact value lies so near a tie that the float chain's own error bound (and what the
 * mode rounds by itself) reaches it.  Exact values are fractions: a float32 scale is m * 2^e with a
 * whole m, sums are whole, so that both sides of a comparison are whole numbers below 2^126.
 */
#include "support.h"

#include "hand_network.h"

__extension__ typedef __int128 wide;

struct exact_float {            /* m * 2^e                                               */
	wide m;
	int e;
};

static struct exact_float exact(float x)
{
	int e;
	const float m = frexpf(x, &e);

	return (struct exact_float){ (wide)ldexpf(m, 24), e - 24 };
}

/* The exact value of an output is value * 2^e; the float chain errs by gamma_K * absolute * 2^e. */
struct exact_output {
	wide value, absolute;
	int e;
	int64_t divisor;        /* of the value: positions of a pool, else 1             */
	int64_t roundings;      /* K                                                     */
	double slack;           /* in steps: what the mode may round by itself           */
};

/* Is the tie between the codes `below` and `below` + 1 (less the zero point) within reach?
 *
 *         |value 2^e - (2 below + 1) m_y 2^(e_y - 1) divisor|
 *                 <= K / (2^24 - K) absolute 2^e + slack m_y 2^e_y divisor */
static bool reaches_tie(const struct exact_output *output, float scale_y, int32_t below)
{
	const struct exact_float y = exact(scale_y);
	const int shift = y.e - 1 - output->e;
	const wide unit = (wide)1 << 24;

	if (shift < 0 || shift > 60)
		fail_msg("a shift of %d is not what this test was made for", shift);
	const wide half = (y.m * output->divisor) << shift;
	const wide distance = output->value - (2 * below + 1) * half;
	const wide slack = (wide)(output->slack * 0x1p40) * ((2 * half) >> 20) >> 20;
	const wide reach = (distance < 0 ? -distance : distance) - slack;

	return reach * (unit - output->roundings) <= output->roundings * output->absolute;
}

/* (code - zero) of a tap, 0 in the padding. */
static int64_t tap(const struct layer *layer, const uint8_t *codes, int32_t zero, int64_t line,
		   int64_t column, int64_t k)
{
	const struct qs_conv *c = &layer->conv;
	const int64_t y = line * c->stride_h - c->pad_top + k / c->channels / c->kernel_w;
	const int64_t x = column * c->stride_w - c->pad_left + k / c->channels % c->kernel_w;

	if (y < 0 || y >= c->height || x < 0 || x >= c->width)
		return 0;
	return codes[(y * c->width + x) * c->channels + k % c->channels] - zero;
}

/* Roundings that a product of the chain may go through: those of a and w to float32, K of the chain,
 * the bias, the division by s_y.  The bias itself goes through fewer. */
static struct exact_output exact_product(const struct hand *h, size_t l, const uint8_t *codes,
					 int32_t zero, int64_t i)
{
	const struct layer *layer = &h->layer[l];
	const struct quantized_weights *w = &h->weights[l];
	const struct edge *out = &h->edges[l + 1];
	const int64_t k = layer->weights.columns, n = i % out->channels;
	const float scale = h->quantizers[layer->inputs[0]].scale;
	const struct exact_float a = exact(scale), b = exact(w->scales[n]);
	const int64_t bias = (int64_t)rint((double)layer->bias[n] /
					   ((double)scale * (double)w->scales[n]));
	int64_t sum = bias, absolute = bias < 0 ? -bias : bias;

	for (int64_t j = 0; j < k; j++) {
		const int64_t product = tap(layer, codes, zero, i / out->channels / out->width,
					    i / out->channels % out->width, j) *
					(w->codes[n * k + j] - w->zeros[n]);

		sum += product;
		absolute += product < 0 ? -product : product;
	}
	return (struct exact_output){ .value = a.m * b.m * sum, .absolute = a.m * b.m * absolute,
				      .e = a.e + b.e, .divisor = 1, .roundings = k + 4 };
}

static struct exact_output exact_add(const struct hand *h, size_t l, int64_t a, int64_t b)
{
	const struct exact_float x = exact(h->quantizers[h->layer[l].inputs[0]].scale);
	const struct exact_float y = exact(h->quantizers[h->layer[l].inputs[1]].scale);
	const int e = (x.e < y.e ? x.e : y.e) - 24;
	const wide left = (x.m << (x.e - e)) * a, right = (y.m << (y.e - e)) * b;

	return (struct exact_output){
		.value = left + right, .e = e, .divisor = 1, .roundings = 4,
		.absolute = (left < 0 ? -left : left) + (right < 0 ? -right : right),
	};
}

static struct exact_output exact_pool(const struct hand *h, size_t l, const uint8_t *codes,
				      int32_t zero, int64_t i)
{
	const struct edge *in = &h->edges[h->layer[l].inputs[0]];
	const struct exact_float a = exact(h->quantizers[h->layer[l].inputs[0]].scale);
	struct exact_output output = { .e = a.e - 24, .divisor = in->height * in->width,
				       .roundings = 4 };

	for (int64_t j = 0; j < output.divisor; j++) {
		const int64_t x = codes[j * in->channels + i] - zero;

		output.value += (a.m << 24) * x;
		output.absolute += (a.m << 24) * (x < 0 ? -x : x);
	}
	return output;
}

/* What a mode rounds before it rounds to steps.  The q31 modes: half a unit of the first rounding.
 * An addition, whose scales are at most twice the output's: in TensorFlow Lite's units of 2^-19 to
 * 2^-18 steps one half each a side and one half of their sum, well below 2^-16; XNNPACK's
 * multipliers are off by 1/2 of 2^-19 at most, times 255, twice: below 2^-11. */
static double slack_of(const struct hand *h, size_t l, int64_t n)
{
	const struct layer *layer = &h->layer[l];
	const double scale_a = (double)h->quantizers[layer->inputs[0]].scale;
	const double scale_y = (double)h->quantizers[l + 1].scale;
	const bool doubly = h->modes[l] == QS_REQUANTIZE_Q31_DOUBLE ||
			    h->modes[l] == QS_REQUANTIZE_Q31_TIES_UP;
	struct qs_requantizer r;

	if (layer->input_count == 2 && h->modes[l] != QS_REQUANTIZE_FLOAT)
		return h->modes[l] == QS_REQUANTIZE_RNDNU ? 0x1p-11 : 0x1p-16;
	if (!doubly || layer->input_count == 2)
		return 0;
	assert_true(qs_requantizer_make(&r, h->modes[l], h->round, layer->weights.values ?
					scale_a * (double)h->weights[l].scales[n] / scale_y :
					scale_a / scale_y /
					(double)(h->edges[layer->inputs[0]].height *
						 h->edges[layer->inputs[0]].width)));
	return r.shift > 0 ? ldexp(0.5, -r.shift) : 0;
}

struct gaps {
	int64_t outputs, differing;
};

static int32_t zero_of(const struct hand *h, size_t edge)
{
	const struct grid *grid = &h->quantizers[edge].grid;

	return grid->zero + (grid->low < 0 ? 128 : 0);
}

/* Layer l on the codes of `coded`, integer in `integer`, simulated as codes in `simulated`. */
static void check_layer(const struct hand *h, size_t l, const struct hand_edges *coded,
			const uint8_t *integer, const uint8_t *simulated, int64_t samples,
			struct gaps *gaps)
{
	const struct layer *layer = &h->layer[l];
	const int64_t elements = h->edges[l + 1].elements;
	const size_t in_a = layer->inputs[0], in_b = layer->inputs[1];

	gaps->outputs += elements * samples;
	for (int64_t place = 0; place < elements * samples; place++) {
		const int64_t s = place / elements, i = place % elements;
		const uint8_t *a = coded->edges[in_a].codes + s * h->edges[in_a].elements;
		const uint8_t *b = coded->edges[in_b].codes + s * h->edges[in_b].elements;
		const int gap = integer[place] - simulated[place];
		struct exact_output output;

		if (!gap)
			continue;
		gaps->differing++;
		if (gap > 1 || gap < -1)
			fail_msg("%s: a gap of %d steps", layer->name, gap);
		if (layer->weights.values)
			output = exact_product(h, l, a, zero_of(h, in_a), i);
		else if (layer->input_count == 2)
			output = exact_add(h, l, a[i] - zero_of(h, in_a), b[i] - zero_of(h, in_b));
		else
			output = exact_pool(h, l, a, zero_of(h, in_a), i);
		output.slack = slack_of(h, l, i % h->edges[l + 1].channels);
		if (!reaches_tie(&output, h->quantizers[l + 1].scale,
				 (gap > 0 ? simulated : integer)[place] - zero_of(h, l + 1)))
			fail_msg("%s, mode %d: output %lld differs far from a tie", layer->name,
				 (int)h->modes[l], (long long)place);
	}
}

/* The simulated run, as values and as codes; and of each layer alone what it gives in integers on
 * those codes. */
struct local_run {
	struct hand_edges simulated, coded, integer;
};

static struct local_run run_local(const struct hand *h, int64_t samples)
{
	struct execution execution = hand_execution(h, samples);
	struct local_run run = { hand_edges_new(h, samples), hand_edges_new(h, samples),
				 hand_edges_new(h, samples) };
	struct execution_room *room;
	struct error error;

	if (*execution.no_integer)
		fail_msg("%s", execution.no_integer);
	hand_inputs(h, &run.simulated, samples);
	format_of(h->activation_rule.format)->simulate(
		run.simulated.edges[0].values, samples * h->edges[0].elements,
		&h->quantizers[0].grid, h->quantizers[0].scale, h->round,
		run.simulated.edges[0].values, &(struct tally){ 0 });
	for (int64_t s = 0; s < samples; s++)
		run.simulated.edges[0].grids[s] =
			(struct sample_grid){ h->quantizers[0].scale, zero_of(h, 0) };
	run.simulated.edges[0].state = EDGE_ON_GRID;
	hand_run(h, &execution, HAND_SIMULATED, &run.simulated, samples);
	for (size_t i = 0; i <= h->layers.count; i++)
		edge_encode(&run.simulated.edges[i], h->edges[i].elements, samples,
			    &run.coded.edges[i]);
	assert_int_equal(execution_room_new(&room, &h->env, &h->layers, samples, &error), 0);
	for (size_t l = 0; l < h->layers.count; l++) {
		const struct edge_values *const in[] = {
			&run.coded.edges[h->layer[l].inputs[0]],
			&run.coded.edges[h->layer[l].inputs[1]],
		};

		if (execution_integer(&execution, room, l, in, &run.integer.edges[l + 1], samples,
				      &error))
			fail_msg("%s", error.text);
	}
	execution_room_free(room);
	execution_free(&execution);
	return run;
}

static void local_run_free(struct local_run *run)
{
	hand_edges_free(&run->simulated);
	hand_edges_free(&run->coded);
	hand_edges_free(&run->integer);
}

static struct gaps check_local(const struct hand *h, int64_t samples)
{
	struct local_run run = run_local(h, samples);
	struct gaps gaps = { 0 };

	for (size_t l = 0; l < h->layers.count; l++)
		check_layer(h, l, &run.coded, run.integer.edges[l + 1].codes,
			    run.coded.edges[l + 1].codes, samples, &gaps);
	local_run_free(&run);
	return gaps;
}

/* The output's scale becomes the power of two times s_a * s_w (or s_a) that is nearest to it: then
 * exact values are a hair from a tie as often as a sum has these last bits. */
static void make_ties(struct hand *h)
{
	for (size_t l = 0; l < h->layers.count; l++) {
		const double unit = (double)h->quantizers[h->layer[l].inputs[0]].scale *
				    (h->weights[l].scales ? (double)h->weights[l].scales[0] : 1);
		float *scale = &h->quantizers[l + 1].scale;
		int exponent;

		frexp((double)*scale / unit, &exponent);
		*scale = (float)ldexp(unit, exponent);
	}
}

enum hand_made { MADE_CONV, MADE_PRODUCT, MADE_ADD, MADE_POOL };

static void make_layers(struct hand *h, enum hand_made made)
{
	switch (made) {
	case MADE_CONV:
		hand_open(h, 14, 14, 16);
		hand_square(h, 0, 16, 3, 1, false);
		return;
	case MADE_PRODUCT:
		hand_open(h, 1, 1, 1000);
		hand_product(h, 0, 400, false);
		return;
	case MADE_ADD:
		hand_open(h, 16, 16, 4);
		hand_add(h, 0, hand_square(h, 0, 4, 1, 1, false), false);
		return;
	case MADE_POOL:
		hand_open(h, 4, 4, 400);
		hand_pool(h, 0);
		return;
	}
}

static const struct {
	enum hand_made made;
	int weights, activations;
	enum qs_requantize mode;
	enum qs_round round;
	bool differs;           /* ties are many enough that some output does            */
} gap_cases[] = {
	{ MADE_CONV, 8, 8, QS_REQUANTIZE_FLOAT, QS_HALF_EVEN, true },
	{ MADE_CONV, 8, 8, QS_REQUANTIZE_FLOAT, QS_HALF_AWAY, true },
	{ MADE_CONV, 8, 4, QS_REQUANTIZE_FLOAT, QS_HALF_EVEN, true },
	{ MADE_PRODUCT, 8, 8, QS_REQUANTIZE_FLOAT, QS_HALF_EVEN, false },
	{ MADE_PRODUCT, 4, 4, QS_REQUANTIZE_FLOAT, QS_HALF_EVEN, true },
	{ MADE_ADD, 8, 8, QS_REQUANTIZE_FLOAT, QS_HALF_EVEN, true },
	{ MADE_POOL, 8, 8, QS_REQUANTIZE_FLOAT, QS_HALF_EVEN, true },
	{ MADE_CONV, 8, 8, QS_REQUANTIZE_Q31_DOUBLE, QS_HALF_EVEN, true },
	{ MADE_CONV, 8, 8, QS_REQUANTIZE_Q31_SINGLE, QS_HALF_EVEN, true },
	{ MADE_CONV, 8, 8, QS_REQUANTIZE_Q31_TIES_UP, QS_HALF_EVEN, true },
	{ MADE_CONV, 8, 8, QS_REQUANTIZE_RNDNU, QS_HALF_EVEN, true },
	{ MADE_ADD, 8, 8, QS_REQUANTIZE_Q31_DOUBLE, QS_HALF_EVEN, true },
	{ MADE_ADD, 8, 8, QS_REQUANTIZE_RNDNU, QS_HALF_EVEN, true },
	{ MADE_POOL, 8, 8, QS_REQUANTIZE_Q31_DOUBLE, QS_HALF_EVEN, true },
};

static void test_gaps_at_ties(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof gap_cases / sizeof *gap_cases; i++) {
		struct hand h;

		make_layers(&h, gap_cases[i].made);
		h.round = gap_cases[i].round;
		hand_quantize(&h, hand_rule(gap_cases[i].weights, "symmetric", "real", 0, "tensor",
					    NULL),
			      hand_rule(8, "asymmetric", "real", 0, "tensor", "static"));
		if (gap_cases[i].activations < 8) {
			/* coarser codes of the input alone: its sums are small, its ties many */
			h.quantizers[0].grid.zero >>= 4;
			h.quantizers[0].grid.high = 15;
			h.quantizers[0].scale *= 17;
		}
		make_ties(&h);
		hand_set_mode(&h, gap_cases[i].mode);
		const struct gaps gaps = check_local(&h, 6);
		assert_true(gaps.outputs >= 2400);
		if (gap_cases[i].differs && gaps.differing < 3)
			fail_msg("case %zu: only %lld of %lld outputs differ", i,
				 (long long)gaps.differing, (long long)gaps.outputs);
		hand_close(&h);
	}
}

/* A network as it comes, in every mode. */
static void test_gaps_of_a_network(void **state)
{
	struct hand h;

	(void)state;
	hand_residual(&h, 16, 16);
	for (int mode = 0; mode < QS_REQUANTIZE_SHIFT; mode++) {
		hand_quantize(&h, hand_rule(8, "symmetric", "real", 0, "channel", NULL),
			      hand_rule(8, "asymmetric", "real", 0, "tensor", "static"));
		hand_set_mode(&h, (enum qs_requantize)mode);
		check_local(&h, 6);
	}
	hand_close(&h);
}

/* Powers of two everywhere and sums below 2^24: the float chain is exact, so is the shift.  No gap,
 * not even from the input on. */
static void test_no_gap_of_shifts(void **state)
{
	enum { SAMPLES = 6 };

	(void)state;
	for (int round = 0; round < QS_ROUNDS; round++) {
		struct hand h;

		hand_residual(&h, 8, 8);
		h.round = (enum qs_round)round;
		hand_quantize(&h, hand_rule(8, "symmetric", "power_of_two", 0, "channel", NULL),
			      hand_rule(8, "asymmetric", "power_of_two", 0, "tensor", "static"));
		hand_set_mode(&h, QS_REQUANTIZE_SHIFT);
		assert_int_equal(check_local(&h, SAMPLES).differing, 0);
		struct local_run run = run_local(&h, SAMPLES);
		struct execution execution = hand_execution(&h, SAMPLES);
		struct hand_edges all = hand_edges_new(&h, SAMPLES);
		hand_inputs(&h, &all, SAMPLES);
		hand_run(&h, &execution, HAND_INTEGER, &all, SAMPLES);
		for (size_t i = 1; i <= h.layers.count; i++)
			assert_memory_equal(all.edges[i].codes, run.coded.edges[i].codes,
					    (size_t)(h.edges[i].elements * SAMPLES));
		hand_edges_free(&all);
		execution_free(&execution);
		local_run_free(&run);
		hand_close(&h);
	}
}

/* TensorFlow Lite's three ways in wide integers, from the definitions of formulas in gemmlowp:
 * (ab + nudge) / 2^31 toward 0, then half away from 0 by remainder and threshold; or ties upward; or
 * all in one. */
static int32_t model_q31(enum qs_requantize mode, int64_t sum, double scale)
{
	int exponent;
	const int64_t m = (int64_t)round(ldexp(frexp(scale, &exponent), 31));
	const int right = -exponent;
	const wide product = (wide)sum * m;

	assert_true(m < INT64_C(1) << 31 && right > 0);
	if (mode == QS_REQUANTIZE_Q31_SINGLE)
		return (int32_t)((product + ((wide)1 << (30 + right))) >> (31 + right));
	const wide nudge = product >= 0 ? (wide)1 << 30 : 1 - ((wide)1 << 30);
	const int64_t high = (int64_t)((product + nudge) / ((wide)1 << 31));
	if (mode == QS_REQUANTIZE_Q31_TIES_UP)
		return (int32_t)((high + (INT64_C(1) << (right - 1))) >> right);
	const int64_t mask = (INT64_C(1) << right) - 1;
	return (int32_t)((high >> right) + ((high & mask) > (mask >> 1) + (high < 0)));
}

static void test_q31_by_model(void **state)
{
	enum { SAMPLES = 6, MODES = 3 };
	static const enum qs_requantize modes[MODES] = {
		QS_REQUANTIZE_Q31_DOUBLE, QS_REQUANTIZE_Q31_SINGLE, QS_REQUANTIZE_Q31_TIES_UP
	};
	struct hand h;
	int64_t differing[MODES] = { 0 };

	(void)state;
	make_layers(&h, MADE_CONV);
	hand_quantize(&h, hand_rule(8, "symmetric", "real", 0, "channel", NULL),
		      hand_rule(8, "asymmetric", "real", 0, "tensor", "static"));
	const struct quantizer *in = &h.quantizers[0], *out = &h.quantizers[1];
	const struct exact_float a = exact(in->scale);
	struct local_run runs[MODES];
	for (int mode = 0; mode < MODES; mode++) {
		hand_set_mode(&h, modes[mode]);
		runs[mode] = run_local(&h, SAMPLES);
	}
	for (int64_t place = 0; place < SAMPLES * h.edges[1].elements; place++) {
		const int64_t i = place % h.edges[1].elements, n = i % 16;
		const struct exact_float w = exact(h.weights[0].scales[n]);
		const struct exact_output output = exact_product(
			&h, 0, runs[0].coded.edges[0].codes +
			place / h.edges[1].elements * h.edges[0].elements, in->grid.zero, i);
		const int64_t sum = (int64_t)(output.value / a.m / w.m);
		const double scale = (double)in->scale * (double)h.weights[0].scales[n] /
				     (double)out->scale;
		int32_t expected[MODES];

		for (int mode = 0; mode < MODES; mode++) {
			const int32_t code = model_q31(modes[mode], sum, scale) + out->grid.zero;

			expected[mode] = code < 0 ? 0 : code > 255 ? 255 : code;
			if (runs[mode].integer.edges[1].codes[place] != expected[mode])
				fail_msg("mode %d, output %lld", (int)modes[mode], (long long)place);
			differing[mode] += expected[mode] != expected[0];
		}
	}
	assert_true(differing[1] > 0);
	assert_true(differing[2] > 0);
	for (int mode = 0; mode < MODES; mode++)
		local_run_free(&runs[mode]);
	hand_close(&h);
}

/* One layer of three in another mode: its local result changes, no other's does. */
static void test_swapped_mode(void **state)
{
	enum { SAMPLES = 6, LAYERS = 3 };
	struct hand h;

	(void)state;
	hand_open(&h, 12, 12, 8);
	hand_square(&h, hand_square(&h, hand_square(&h, 0, 16, 3, 1, true), 16, 3, 1, true), 16, 3,
		    1, false);
	hand_quantize(&h, hand_rule(8, "symmetric", "real", 0, "channel", NULL),
		      hand_rule(8, "asymmetric", "real", 0, "tensor", "static"));
	struct local_run plain = run_local(&h, SAMPLES);
	for (size_t swapped = 0; swapped < LAYERS; swapped++) {
		hand_set_mode(&h, QS_REQUANTIZE_FLOAT);
		h.modes[swapped] = QS_REQUANTIZE_Q31_DOUBLE;
		struct local_run run = run_local(&h, SAMPLES);
		for (size_t l = 0; l < LAYERS; l++) {
			const size_t count = (size_t)(SAMPLES * h.edges[l + 1].elements);
			const uint8_t *before = plain.integer.edges[l + 1].codes;

			assert_int_equal(!memcmp(before, run.integer.edges[l + 1].codes, count),
					 l != swapped);
			assert_memory_equal(plain.coded.edges[l + 1].codes,
					    run.coded.edges[l + 1].codes, count);
		}
		local_run_free(&run);
	}
	local_run_free(&plain);
	hand_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gaps_at_ties),
		cmocka_unit_test(test_gaps_of_a_network),
		cmocka_unit_test(test_no_gap_of_shifts),
		cmocka_unit_test(test_q31_by_model),
		cmocka_unit_test(test_swapped_mode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
