/* SPDX-License-Identifier: MIT
 *
 * The float, simulated and integer runs of network_measure beside each other: where they are one, how
 * far they part, what stays float.
 */
#include "support.h"

#include "network_sweeps.h"

static void a_float_recipe_is_the_float_run(void **state)
{
	struct runs runs;

	(void)state;
	runs_make(&runs, ARM, "{\"weights\":{\"bits\":\"float\"},\"activations\":"
		  "{\"bits\":\"float\"}}", 1);
	const struct network_result *result = &runs.cells[0].result;
	const struct layers *layers = &runs.plan.layers[0];
	double bytes = 0;
	int64_t macs = 0;

	for (size_t l = 0; l < result->layer_count; l++) {
		assert_true(result->layers[l].island);
		assert_true(isnan(result->layers[l].isolated_sqnr_db));
		assert_true(isnan(result->layers[l].cumulative_sqnr_db));
		assert_true(result->layers[l].cumulative_relative_rmse == 0);
		bytes += 4 * (double)(layers->layers[l].weights.rows *
				      (layers->layers[l].weights.columns + 1));
		macs += layers->layers[l].macs;
	}
	assert_true(result->task[RUN_FLOAT].measured);
	assert_false(result->task[RUN_SIMULATED].measured || result->task[RUN_INTEGER].measured);
	assert_true(result->bytes == bytes && result->weight_count == 0);
	assert_true(result->integer_macs == 0 && result->float_macs == macs);
	assert_string_equal(result->integer_hash, "");
	runs_free(&runs);
}

/* Codes of 9 bits have no integer arithmetic: what is only simulated counts as float. */
static void without_an_integer_run_all_is_float(void **state)
{
	struct runs runs;

	(void)state;
	runs_make(&runs, ARM, "{\"weights\":{\"bits\":[8,9]},\"activations\":{\"bits\":8}}", 2);
	const struct network_result *integer = runs_find(&runs, " w=int8.", "");
	const struct network_result *simulated = runs_find(&runs, " w=int9.", "");

	assert_string_equal(integer->no_integer, "");
	assert_true(integer->integer_macs > 0 && integer->float_macs == 0);
	assert_non_null(strstr(simulated->no_integer, "more than 8 bits"));
	assert_true(simulated->integer_macs == 0);
	assert_true(simulated->float_macs == integer->integer_macs);
	runs_free(&runs);
}

static void islands_stay_float(void **state)
{
	struct runs runs;

	(void)state;
	runs_make(&runs, ARM, "{\"weights\":{\"bits\":8},\"activations\":{\"bits\":8},"
		  "\"policy\":[\"all\",\"skip_first_last\"]}", 2);
	const struct network_result *all = runs_find(&runs, " all none", "");
	const struct network_result *spared = runs_find(&runs, " skip_first_last none", "");
	const size_t last = spared->layer_count - 1;

	for (size_t l = 0; l <= last; l++) {
		const struct layer_numbers *numbers = &spared->layers[l];
		const bool island = l == 0 || l == last;

		assert_int_equal(numbers->island, island);
		assert_int_equal(isnan(numbers->isolated_sqnr_db) != 0, island);
		assert_int_equal(isnan(numbers->rmse_over_step) != 0, island);
		assert_int_equal(isnan(numbers->weight_saturated_fraction) != 0, island);
		assert_int_equal(isnan(numbers->step_gap_local) != 0, island);
		assert_true(!isnan(numbers->cumulative_relative_rmse));
		assert_true(!isnan(numbers->integer_relative_rmse));
	}
	/* nothing before the first layer is quantized; the second quantizes its output itself */
	assert_true(spared->layers[0].cumulative_relative_rmse == 0);
	assert_true(spared->layers[1].cumulative_sqnr_db == spared->layers[1].isolated_sqnr_db);
	/* the angle between two vectors has at most the sine of their relative distance */
	for (size_t l = 0; l <= last; l++) {
		const double distance = all->layers[l].cumulative_relative_rmse;

		assert_true(all->layers[l].cosine < 1);
		assert_true(all->layers[l].cosine >= sqrt(1 - distance * distance));
	}
	assert_true(isnan(spared->layers[last].step_gap));
	assert_true(all->float_macs == 0 && spared->float_macs > 0);
	assert_true(all->integer_macs == spared->integer_macs + spared->float_macs);
	assert_true(spared->weight_count == last - 1 && all->weight_count == last + 1);
	assert_string_equal(all->weights[0].tensor, "fc1.weight");
	assert_true(spared->bytes > all->bytes);
	/* the first layer of a quantized network sees the float run's input */
	assert_true(all->layers[0].cumulative_sqnr_db == all->layers[0].isolated_sqnr_db);
	assert_true(all->layers[1].cumulative_sqnr_db < all->layers[1].isolated_sqnr_db);
	runs_free(&runs);
}

/* Equal codes, equal scales: with requantization float a layer's two arithmetics are at most one step
 * apart, whatever its weights' codes and ranges are. */
static void one_layer_parts_by_one_step(void **state)
{
	struct runs runs;
	int with_integers = 0;

	(void)state;
	runs_make(&runs, ARM "," GLYPHS, many, 2);
	for (size_t i = 0; i < runs.plan.accuracy_count; i++) {
		const char *label = runs.plan.accuracies[i].label;
		const struct network_result *result = &runs.cells[i].result;
		const bool one_run = strstr(label, "float") > strstr(label, "half_even") &&
				     !strstr(label, "=int12") && !strstr(label, "channel(1)") &&
				     !strstr(label, "=float");

		if (!strstr(label, "half_even float"))
			continue;
		assert_int_equal(!*result->no_integer, one_run);
		for (size_t l = 0; l < result->layer_count && one_run; l++) {
			const struct layer_numbers *numbers = &result->layers[l];

			assert_false(numbers->step_gap_local > 1);
			assert_false(numbers->differing_fraction_local > 0.01);
			/* ranges of a sample's own differ in the last bit, and values with them */
			assert_false(strstr(label, ".static") && numbers->step_gap_local > 0 &&
				     numbers->differing_fraction_local == 0);
			assert_false(numbers->differing_fraction > 0 && numbers->step_gap < 0.9);
			assert_true(fabs(numbers->integer_relative_rmse -
					 numbers->cumulative_relative_rmse) < 0.01);
		}
		with_integers += one_run;
	}
	assert_int_equal(with_integers, 2 * (2 * 2 * 2 * 2 + 1 + 2));
	runs_free(&runs);
}

/* Powers of two multiply and add exactly, so that both arithmetics round the same number. */
static void shifts_leave_no_gap(void **state)
{
	struct runs runs;

	(void)state;
	runs_make(&runs, ARM, "{\"weights\":{\"bits\":8,\"scale\":\"power_of_two\"},"
		  "\"activations\":{\"bits\":8,\"scale\":\"power_of_two\"},"
		  "\"requantization\":[\"shift\",\"q31_double\"]}", 2);
	const struct network_result *shift = runs_find(&runs, "half_even shift", "");
	const struct network_result *q31 = runs_find(&runs, "half_even q31_double", "");
	double gap = 0;

	for (size_t l = 0; l < shift->layer_count; l++) {
		assert_true(shift->layers[l].step_gap == 0);
		assert_true(shift->layers[l].step_gap_local == 0);
		assert_true(shift->layers[l].differing_fraction == 0);
		assert_true(shift->layers[l].integer_sqnr_db ==
			    shift->layers[l].cumulative_sqnr_db);
		gap = fmax(gap, q31->layers[l].step_gap);
		if (q31->layers[l].differing_fraction > 0)
			assert_true(q31->layers[l].integer_sqnr_db !=
				    q31->layers[l].cumulative_sqnr_db);
	}
	assert_true(gap >= 1);
	assert_true(strcmp(shift->integer_hash, q31->integer_hash) != 0);
	assert_true(shift->task[RUN_INTEGER].value == shift->task[RUN_SIMULATED].value);
	runs_free(&runs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_float_recipe_is_the_float_run),
		cmocka_unit_test(without_an_integer_run_all_is_float),
		cmocka_unit_test(islands_stay_float),
		cmocka_unit_test(one_layer_parts_by_one_step),
		cmocka_unit_test(shifts_leave_no_gap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
