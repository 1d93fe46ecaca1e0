/* SPDX-License-Identifier: MIT
 *
 * Each rule of the verdict at its threshold: made-up numbers of a healthy network, one of them moved
 * just short of where the rule begins, and onto it.  And which rules keep still beside others.
 */
#include "stored_network.h"

#include "../harness/measure/verdict_rules.h"

enum { RANGES = NETWORK_LAYERS + 1 };
enum { INPUT, CONV, ADD, FC };  /* edges; layers are one less                            */

struct made {
	struct stored_network_result made;
	struct range_numbers ranges[RANGES];
	struct accuracy_cell *cell;
};

static struct stored_networks stored;

static struct layer_numbers *layer(struct made *made, int edge)
{
	return &made->made.layers[edge - 1];
}

static void make_healthy(struct made *made)
{
	memset(made, 0, sizeof *made);
	stored_network_result(&made->made, NET_INT8);
	made->cell = &stored.accuracies[NET_INT8];
	made->cell->recipe.weights.granularity.value = value_find(granularity_values, "tensor");
	made->cell->recipe.activations.scheme = value_find(scheme_values, "asymmetric");
	for (int i = 0; i < RUN_KINDS; i++) {
		struct task_numbers *task = &made->made.result.task[i];

		task->difference = 0;
		task->low = -0.1;
		task->high = 0.1;
	}
	for (int e = 0; e < RANGES; e++)
		made->ranges[e] = (struct range_numbers){
			.measured = true, .range_high = 1, .step = 1 / 255.0, .calibrated_high = 1,
			.calibrated_bulk = 0.6, .seen_high = 1, .channel_spread = 2,
			.sqnr_db = e ? (double)NAN : 50,
		};
	made->made.result.ranges = made->ranges;
}

static void tell_apart(struct made *made)
{
	for (int i = 0; i < RUN_KINDS; i++)
		made->made.result.task[i].high = -0.05;
}

static void set_constant(struct made *made, double value)
{
	made->ranges[CONV].calibrated_high = value;
}

static void set_narrow(struct made *made, double value)
{
	made->ranges[INPUT].seen_high = value;
}

static void set_wide(struct made *made, double value)
{
	made->ranges[INPUT].calibrated_bulk = value;
	made->ranges[INPUT].calibrated_high = 1.5 * value;
	made->ranges[INPUT].range_high = 1.5 * value;
}

static void set_outlier(struct made *made, double value)
{
	made->ranges[ADD].calibrated_high = value;
	made->ranges[ADD].range_high = value;
	made->ranges[ADD].calibrated_bulk = 1;
}

static void set_saturated(struct made *made, double value)
{
	made->ranges[FC].saturated_fraction = value;
	made->ranges[FC].seen_high = 1.5;
	layer(made, FC)->rmse_over_step = 1.5;
}

static void set_saturated_error(struct made *made, double value)
{
	set_saturated(made, 0.5);
	layer(made, FC)->rmse_over_step = value;
}

/* Past the range by 10 steps, which is as large an error as clipping can be the cause of. */
static void set_saturated_reach(struct made *made, double value)
{
	set_saturated(made, 0.5);
	made->ranges[FC].seen_high = 1 + 10 / 255.0;
	layer(made, FC)->rmse_over_step = -value;
}

/* Weights that are coarse carry values past a range that nobody clipped. */
static void set_saturated_coarse(struct made *made, double value)
{
	set_saturated(made, 0.5);
	made->made.weights[0].sqnr_db = 5;
	made->ranges[FC].calibrated_high = value;
}

static void set_sign(struct made *made, double value)
{
	made->cell->recipe.activations.scheme = value_find(scheme_values, "symmetric");
	made->ranges[ADD].range_low = -value;
}

static void set_unused(struct made *made, double value)
{
	made->ranges[ADD].range_high = value;
	made->ranges[ADD].calibrated_high = value;
}

static void set_activation_spread(struct made *made, double value)
{
	made->ranges[CONV].channel_spread = value;
}

static void set_input(struct made *made, double value)
{
	made->ranges[INPUT].sqnr_db = -value;
}

static void set_dead(struct made *made, double value)
{
	made->ranges[FC].dead_fraction = value;
}

static void set_weight_spread(struct made *made, double value)
{
	layer(made, FC)->weight_channel_spread = value;
}

static void set_weight_sqnr(struct made *made, double value)
{
	made->made.weights[1].sqnr_db = -value;
}

static void set_bias_units(struct made *made, double value)
{
	layer(made, CONV)->bias_units = value;
}

static void set_bias_error(struct made *made, double value)
{
	layer(made, CONV)->bias_error_steps = value;
}

static void set_weights_dead(struct made *made, double value)
{
	layer(made, CONV)->weight_dead_fraction = value;
}

static void set_gap(struct made *made, double value)
{
	layer(made, ADD)->step_gap_local = value;
}

static void set_differing(struct made *made, double value)
{
	layer(made, ADD)->differing_fraction_local = value;
}

/* The middle one of 40, 30 and the layer's own has 30. */
static void set_alone(struct made *made, double value)
{
	tell_apart(made);
	layer(made, CONV)->isolated_sqnr_db = 40;
	layer(made, ADD)->isolated_sqnr_db = 30;
	layer(made, FC)->isolated_sqnr_db = 30 - value;
}

static void set_alone_high(struct made *made, double value)
{
	tell_apart(made);
	layer(made, FC)->isolated_sqnr_db = -value;
}

static void set_drift(struct made *made, double value)
{
	tell_apart(made);
	layer(made, FC)->cumulative_sqnr_db = -value;
}

static void set_difference(struct made *made, double value)
{
	made->made.result.task[RUN_INTEGER].difference = -value;
}

/* Larger is worse: what should be at most its threshold is set to its negative. */
static const struct {
	const char *rule, *layer;
	void (*set)(struct made *made, double value);
	double silent, speaks;
} cases[] = {
	{ "calibration_constant", "conv1", set_constant, 0.5, 0 },
	{ "calibration_narrow", "input", set_narrow, 1.99, 2 },
	{ "calibration_wide", "input", set_wide, 3.99, 4 },
	{ "outlier", "add", set_outlier, 7.99, 8 },
	{ "saturated", "fc", set_saturated, 0.0019, 0.002 },
	{ "saturated", "fc", set_saturated_error, 1.49, 1.5 },
	{ "saturated", "fc", set_saturated_reach, -10.1, -9.9 },
	{ "saturated", "fc", set_saturated_coarse, 1.4, 1.45 },
	{ "sign_unused", "add", set_sign, 0.666, 0.667 },
	{ "range_unused", "add", set_unused, 3.99, 4 },
	{ "activation_spread", "conv1", set_activation_spread, 31.9, 32 },
	{ "input_coarse", "input", set_input, -20.1, -20 },
	{ "outputs_constant", "fc", set_dead, 0.49, 0.5 },
	{ "weight_spread", "fc", set_weight_spread, 15.9, 16 },
	{ "weight_coarse", "fc", set_weight_sqnr, -12.1, -12 },
	{ "bias_overflow", "conv1", set_bias_units, 2147483647, 2147483648 },
	{ "bias_coarse", "conv1", set_bias_error, 0.49, 0.5 },
	{ "weights_constant", "conv1", set_weights_dead, 0.049, 0.05 },
	{ "integer_wrong", "add", set_gap, 2, 3 },
	{ "requantized", "add", set_differing, 0.0049, 0.005 },
	{ "layer_alone", "fc", set_alone, 7.9, 8 },
	{ "layer_alone", "fc", set_alone_high, -25, -24.9 },
	{ "drift", "all layers", set_drift, -20.1, -20 },
	{ "noise", "task", set_difference, 0.0099, 0.01 },
};

static struct store *put(struct made *made)
{
	const char *path = scratch("rules.db");
	struct store *store;
	struct error error = { 0 };

	remove(path);
	stored_networks_forget(&stored);
	store = stored_open(&stored.base, path);
	stored_networks_begin(&stored, store);
	if (store_put_network(store, &stored.plan, NET_INT8, &made->made.result, &error))
		fail_msg("%s", error.text);
	return store;
}

/* Rule and layer of all that is said, in order. */
#define SAID                                                                                       \
	"SELECT coalesce(group_concat(rule || ' ' || layer, ', '), '') FROM (SELECT * FROM "       \
	"verdict WHERE layer_place = 1 ORDER BY place)"

static void expect_said(struct made *made, const char *expected)
{
	struct store *store = put(made);

	stored_expect(store, SAID, expected);
	store_close(store);
}

static void thresholds(void **state)
{
	struct made made;

	(void)state;
	make_healthy(&made);
	expect_said(&made, "");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char expected[128];

		for (int speaks = 0; speaks < 2; speaks++) {
			struct store *store;
			const char *said;

			make_healthy(&made);
			cases[i].set(&made, speaks ? cases[i].speaks : cases[i].silent);
			store = put(&made);
			said = stored_value(store, SAID);
			snprintf(expected, sizeof expected, "%s %s", cases[i].rule, cases[i].layer);
			if ((strstr(said, expected) != NULL) != speaks)
				fail_msg("%s: at %g '%s' is said", cases[i].rule,
					 speaks ? cases[i].speaks : cases[i].silent, said);
			store_close(store);
		}
	}
}

static void every_rule_has_its_row(void **state)
{
	(void)state;
	for (const struct value *const *value = verdict_values; *value; value++) {
		size_t i = 0;

		while (i < sizeof cases / sizeof *cases && strcmp(cases[i].rule, (*value)->name))
			i++;
		if (i == sizeof cases / sizeof *cases)
			fail_msg("no threshold of '%s' is tested", (*value)->name);
	}
}

static void the_worst_come_first(void **state)
{
	(void)state;
	for (size_t i = 1; verdict_values[i]; i++)
		assert_true(verdict_rule_of(verdict_values[i])->severity <=
			    verdict_rule_of(verdict_values[i - 1])->severity);
}

/* The rules that a rule explains are rules. */
static void explained_rules_exist(void **state)
{
	(void)state;
	for (const struct value *const *value = verdict_values; *value; value++) {
		const struct verdict_rule *rule = verdict_rule_of(*value);
		char *names = strdup(rule->explains ? rule->explains : ""), *rest = NULL;

		for (char *name = strtok_r(names, " ", &rest); name;
		     name = strtok_r(NULL, " ", &rest))
			if (!value_find(verdict_values, name))
				fail_msg("%s explains '%s', which is no rule", (*value)->name, name);
		free(names);
	}
}

static void order(void **state)
{
	struct made made;
	struct store *store;

	(void)state;
	/* in the order of the table */
	make_healthy(&made);
	set_difference(&made, 0.5);
	set_weight_spread(&made, 100);
	set_gap(&made, 5);
	expect_said(&made, "integer_wrong add, weight_spread fc, noise task");
	/* the first layer where later ones follow from it, else the worst */
	make_healthy(&made);
	made.ranges[CONV].channel_spread = 40;
	made.ranges[ADD].channel_spread = 400;
	set_weight_spread(&made, 20);
	layer(&made, CONV)->weight_channel_spread = 30;
	store = put(&made);
	stored_expect(store, SAID, "weight_spread conv1, activation_spread conv1");
	stored_expect(store, "SELECT group_concat(layer || layer_place || layers, ' ') FROM "
			     "(SELECT * FROM verdict ORDER BY place, layer_place)",
		      "conv112 fc22 conv112 add22");
	stored_expect(store, "SELECT group_concat(DISTINCT sentence = seen || ': ' || advice) "
			     "FROM verdict", "1");
	store_close(store);
}

static void one_explains_the_other(void **state)
{
	struct made made;

	(void)state;
	make_healthy(&made);
	set_saturated(&made, 0.1);
	expect_said(&made, "saturated fc");
	set_narrow(&made, 3);
	expect_said(&made, "calibration_narrow input");
	/* a symptom is said where there is no cause but remarks */
	make_healthy(&made);
	set_drift(&made, -10);
	set_weights_dead(&made, 0.5);
	expect_said(&made, "drift all layers, weights_constant conv1");
	set_bias_error(&made, 1);
	expect_said(&made, "bias_coarse conv1, weights_constant conv1");
	/* a symptom of a layer is not explained by a cause two layers before */
	make_healthy(&made);
	set_alone(&made, 9);
	set_bias_error(&made, 1);
	expect_said(&made, "bias_coarse conv1, layer_alone fc");
	set_weight_spread(&made, 100);
	expect_said(&made, "weight_spread fc, bias_coarse conv1");
	/* and not where nothing was lost */
	make_healthy(&made);
	layer(&made, FC)->cumulative_sqnr_db = 5;
	layer(&made, FC)->isolated_sqnr_db = 5;
	expect_said(&made, "");
}

/* A range for each sample has no calibration, and says nothing of one. */
static void dynamic_ranges(void **state)
{
	struct made made;

	(void)state;
	make_healthy(&made);
	for (int e = 0; e < RANGES; e++) {
		struct range_numbers *range = &made.ranges[e];

		range->range_low = range->range_high = range->step = range->calibrated_low =
			range->calibrated_high = range->calibrated_bulk = range->sqnr_db = NAN;
		range->seen_high = 100;
	}
	expect_said(&made, "");
	set_activation_spread(&made, 64);
	expect_said(&made, "activation_spread conv1");
}

static int setup(void **state)
{
	(void)state;
	stored_networks_make(&stored);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	stored_networks_free(&stored);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(thresholds),
		cmocka_unit_test(every_rule_has_its_row),
		cmocka_unit_test(the_worst_come_first),
		cmocka_unit_test(explained_rules_exist),
		cmocka_unit_test(order),
		cmocka_unit_test(one_explains_the_other),
		cmocka_unit_test(dynamic_ranges),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
