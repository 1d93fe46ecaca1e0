/* SPDX-License-Identifier: MIT
 *
 * Sensitivity in the file: what goes in and comes back through its view, cells that get it later
 * than their other rows or of more samples, and a number that is not what it was.
 */
#include "stored_network.h"

static struct stored_networks stored;

struct made {
	struct stored_network_result base;
	struct sensitivity sensitivity;
	struct sensitivity_layer layers[NETWORK_LAYERS];
};

static struct sensitivity_answer answer(double sqnr_db, double value, int lost, int gained)
{
	return (struct sensitivity_answer){ true, sqnr_db, value, lost, gained };
}

/* Four of eight samples, all right in float.  The part of activations says least; conv1 alone is
 * exact; fc has no number with its weights. */
static void make(struct made *made, int cell, int64_t samples)
{
	const struct sensitivity_answer none = { .sqnr_db = NAN, .value = NAN };
	struct sensitivity *sensitivity = &made->sensitivity;

	stored_network_result(&made->base, cell);
	*sensitivity = (struct sensitivity){
		.samples = samples, .counted = cell != NET_NO_INTEGER, .float_value = 1,
		.has = { true, cell != NET_NO_INTEGER, true }, .layers = made->layers,
		.runs = { 10, 20, 18 }, .macs = 4000,
	};
	memset(made->layers, 0, sizeof made->layers);
	for (int part = 0; part < PARTS; part++) {
		sensitivity->quantized[part] = answer(10 + part, 0.25, 3, 0);
		for (int l = 0; l < NETWORK_LAYERS; l++) {
			made->layers[l].has[part] = part == PART_BOTH || l != 1;
			made->layers[l].only[part] = answer(30 - 5 * l + part, 0.75, 2, 1);
			made->layers[l].spared[part] = answer(12 + part + l, 0.5, 2, 0);
		}
	}
	made->layers[0].only[PART_BOTH].sqnr_db = NAN;
	made->layers[2].only[PART_WEIGHTS] = none;
	made->layers[2].spared[PART_WEIGHTS] = none;
	made->base.result.sensitivity = sensitivity;
}

static int put(struct store *store, const struct made *made, int cell, struct error *error)
{
	*error = (struct error){ 0 };
	return store_put_network(store, &stored.plan, (size_t)cell, &made->base.result, error);
}

static struct store *begin(const char *name)
{
	struct store *store;

	stored_networks_forget(&stored);
	store = stored_open(&stored.base, scratch(name));
	stored_networks_begin(&stored, store);
	return store;
}

static void rows_of_the_view(void **state)
{
	static const char *const cases[][2] = {
		{ "SELECT count(*) FROM sensitivity", "9" },
		{ "SELECT group_concat(layer || ' ' || rank, ', ') FROM (SELECT * FROM sensitivity "
		  "WHERE part = 'both' AND network = 'builtin:hand' ORDER BY rank)",
		  "fc 1, add 2, conv1 3" },
		{ "SELECT layer_index || operation || ' ' || metric || ' ' || samples || ' ' || "
		  "float_metric || ' ' || quantized_sqnr_db || ' ' || quantized_metric || ' ' || "
		  "only_sqnr_db || ' ' || only_metric || ' ' || only_lost_points || ' ' || "
		  "spared_sqnr_db || ' ' || spared_metric || ' ' || spared_gained_db || ' ' || "
		  "spared_gained_points FROM sensitivity WHERE part = 'both' AND layer = 'add'",
		  "1add top1 4 1.0 12.0 0.25 27.0 0.75 25.0 15.0 0.5 3.0 25.0" },
		{ "SELECT only_lost || only_gained || spared_lost || spared_gained || quantized_lost "
		  "|| quantized_gained || ' ' || layer_part FROM sensitivity WHERE layer = 'add'",
		  "212030 add both" },
		/* exact: a value and no SQNR; no range: neither */
		{ "SELECT only_metric || coalesce(only_sqnr_db, ' exact') FROM sensitivity WHERE "
		  "layer = 'conv1' AND part = 'both' AND metric = 'top1'", "0.75 exact" },
		{ "SELECT coalesce(only_metric, only_sqnr_db, only_lost, only_lost_points, "
		  "spared_metric, spared_sqnr_db, spared_gained, spared_gained_points, 'none') || "
		  "rank FROM sensitivity WHERE layer = 'fc' AND part = 'weights'", "none2" },
		/* 48 layers of 3 over 8 samples; 4000 macs of 400 */
		{ "SELECT DISTINCT passes || ' ' || mac_passes FROM sensitivity WHERE metric = "
		  "'top1'", "2.0 1.25" },
		/* a regression of one layer, without right and wrong */
		{ "SELECT count(*) || ' ' || count(only_lost) || ' ' || count(only_lost_points) || ' ' "
		  "|| count(spared_gained_points) || ' ' || count(spared_gained_db) || ' ' || "
		  "count(only_metric) FROM sensitivity WHERE metric = 'mse'", "2 0 0 0 2 2" },
		{ "SELECT DISTINCT s.weight_bits || s.activation_bits || s.config || (s.choice_label "
		  "= s.label) || r.run_number FROM sensitivity s JOIN run r USING (run_id) WHERE "
		  "metric = 'top1'", "88configs/hand.json11" },
	};
	struct store *store = begin("view.db");
	struct made hand, curve, none;
	struct error error;

	(void)state;
	make(&hand, NET_INT8, 4);
	make(&curve, NET_NO_INTEGER, 4);
	stored_network_result(&none.base, NET_INT4);
	if (put(store, &hand, NET_INT8, &error) || put(store, &curve, NET_NO_INTEGER, &error) ||
	    put(store, &none, NET_INT4, &error))
		fail_msg("%s", error.text);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		stored_expect(store, cases[i][0], cases[i][1]);
	store_close(store);
}

static void more_samples_stand_for_the_cell(void **state)
{
	struct store *store = begin("more.db");
	struct made made;
	struct error error;

	(void)state;
	for (int64_t samples = 4; samples <= 8; samples += 4) {
		make(&made, NET_INT8, samples);
		assert_int_equal(put(store, &made, NET_INT8, &error), 0);
	}
	make(&made, NET_INT8, 2);
	assert_int_equal(put(store, &made, NET_INT8, &error), 0);
	stored_expect(store, "SELECT group_concat(samples) FROM sensitivity_run", "2,4,8");
	stored_expect(store, "SELECT DISTINCT samples FROM sensitivity", "8");
	stored_expect(store, "SELECT count(*) FROM sensitivity WHERE part = 'both'", "3");
	store_close(store);
}

static void another_number_is_refused(void **state)
{
	static const char *const words[] = {
		"float_value of sensitivity by metric 'top1' was stored as 1",
		"quantized_value of part 'activations' was stored as 0.25",
		"spared_sqnr_db of sensitivity of layer 'add' was stored as 15",
		"only_lost of sensitivity of layer 'fc' was stored as 2",
	};
	struct store *store = begin("again.db");
	struct made made;
	struct error error;

	(void)state;
	make(&made, NET_INT8, 4);
	assert_int_equal(put(store, &made, NET_INT8, &error), 0);
	/* counters are of the run that stored the row */
	made.sensitivity.runs[SENSITIVITY_ONLY]++;
	assert_int_equal(put(store, &made, NET_INT8, &error), 0);
	for (int i = 0; i < 4; i++) {
		make(&made, NET_INT8, 4);
		if (i == 0)
			made.sensitivity.float_value = 0.75;
		else if (i == 1)
			made.sensitivity.quantized[PART_ACTIVATIONS].value = 0.5;
		else if (i == 2)
			made.layers[1].spared[PART_BOTH].sqnr_db = NAN;
		else
			made.layers[2].only[PART_BOTH].lost = 3;
		assert_int_equal(put(store, &made, NET_INT8, &error), -1);
		assert_int_equal(error.status, STATUS_FAILED);
		if (!strstr(error.text, words[i]))
			fail_msg("'%s', expected '%s'", error.text, words[i]);
	}
	stored_expect(store, "SELECT count(*) FROM sensitivity", "7");
	store_close(store);
}

/* A cell is measured once more where sensitivity is asked for and not there, or of fewer samples. */
static void cells_that_lack_it_are_planned(void **state)
{
	static const struct {
		bool asked;
		int64_t samples;
		enum outcome with, without;
	} cases[] = {
		{ false, 0, OUTCOME_REUSED, OUTCOME_REUSED },
		{ true, 4, OUTCOME_REUSED, OUTCOME_PLANNED },
		{ true, 3, OUTCOME_REUSED, OUTCOME_PLANNED },
		{ true, 5, OUTCOME_PLANNED, OUTCOME_PLANNED },
		/* the standard: 1.8 passes pay for one sample of 8 */
		{ true, 0, OUTCOME_REUSED, OUTCOME_PLANNED },
	};
	struct store *store = begin("lack.db");
	struct made with, without;
	struct error error;

	(void)state;
	make(&with, NET_INT8, 4);
	stored_network_result(&without.base, NET_INT4);
	assert_int_equal(put(store, &with, NET_INT8, &error), 0);
	assert_int_equal(put(store, &without, NET_INT4, &error), 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		stored_networks_forget(&stored);
		stored.subjects[0].measure = MEASURE_TASK |
					     (cases[i].asked ? MEASURE_SENSITIVITY : 0);
		stored.subjects[0].sensitivity_samples = cases[i].samples;
		assert_int_equal(store_mark_reused(store, &stored.plan, &error), 0);
		assert_int_equal(stored.accuracies[NET_INT8].outcome, cases[i].with);
		assert_int_equal(stored.accuracies[NET_INT4].outcome, cases[i].without);
	}
	stored.subjects[0].measure = MEASURE_TASK;
	/* then its other rows are as they were, and it has sensitivity too */
	stored_networks_forget(&stored);
	make(&without, NET_INT4, 8);
	assert_int_equal(put(store, &without, NET_INT4, &error), 0);
	stored_expect(store, "SELECT count(*) FROM sensitivity WHERE weight_bits = 4", "7");
	store_close(store);
}

static int open_plan(void **state)
{
	(void)state;
	stored_networks_make(&stored);
	return 0;
}

static int close_plan(void **state)
{
	(void)state;
	stored_networks_free(&stored);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_of_the_view),
		cmocka_unit_test(more_samples_stand_for_the_cell),
		cmocka_unit_test(another_number_is_refused),
		cmocka_unit_test(cells_that_lack_it_are_planned),
	};

	return cmocka_run_group_tests(tests, open_plan, close_plan);
}
