/* SPDX-License-Identifier: MIT
 *
 * Integer execution of every layer of a network against plain loops over codes: ranges that are given,
 * ranges of a sample's own, groups of weights.
 */
#include "support.h"

#include "hand_network.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_static),
		cmocka_unit_test(test_through_float),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
