/* SPDX-License-Identifier: MIT
 *
 * Integer execution reads no float that it has quantized once; islands in the middle read what codes
 * mean and write floats; codes to values and back.
 */
#include "support.h"

#include "hand_network.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_poison),
		cmocka_unit_test(test_island),
		cmocka_unit_test(test_encode_and_decode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
