/* SPDX-License-Identifier: MIT
 *
 * The error of a layer's output under quantized weights alone: against the isolated run of a recipe
 * that quantizes nothing else, on which samples, and how often it is computed.
 */
#include "support.h"

#include "network_runs.h"

#define SUBJECT(name, samples)                                                                     \
	"{\"network\":\"builtin:" name "\",\"calibration_data\":{\"samples\":8},"                    \
	"\"evaluation_data\":{\"samples\":" samples "}}"
#define WEIGHTS "{\"weights\":{\"bits\":4,\"calibration\":[\"minmax\",\"mse\"]},"

static uint64_t output_runs(const struct runs *runs)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < runs->plan.accuracy_count; i++)
		sum += runs->cells[i].result.layer_runs[LAYER_RUNS_OUTPUT];
	return sum;
}

static bool has(const struct runs *runs, size_t cell, const char *words)
{
	return strstr(runs->plan.accuracies[cell].label, words) != NULL;
}

/* The tensor's numbers in the first cell whose label has both. */
static const struct error_numbers *weight_of(const struct runs *runs, const char *calibration,
					     const char *words, const char *tensor)
{
	for (size_t i = 0; i < runs->plan.accuracy_count; i++) {
		const struct network_result *result = &runs->cells[i].result;

		if (!has(runs, i, calibration) || !has(runs, i, words))
			continue;
		for (size_t w = 0; w < result->weight_count; w++)
			if (!strcmp(result->weights[w].tensor, tensor))
				return &result->weights[w];
	}
	return NULL;
}

/* With floats for activations a layer's isolated output is this output: to the last bit. */
static void isolated_of_weights_alone(void **state)
{
	struct runs runs;
	int compared = 0;

	(void)state;
	runs_make(&runs, SUBJECT("glyphs", "10") "," SUBJECT("arm", "40"),
		  WEIGHTS "\"activations\":{\"bits\":[8,\"float\"]}}", 2);
	for (size_t i = 0; i < runs.plan.accuracy_count; i++) {
		const struct network_result *result = &runs.cells[i].result;

		if (!has(&runs, i, " a=float "))
			continue;
		for (size_t w = 0; w < result->weight_count; w++, compared++) {
			const struct error_numbers *one = &result->weights[w];
			const struct layer_numbers *layer =
				&result->layers[result->weight_layers[w]];

			assert_true(one->output_sqnr_db == layer->isolated_sqnr_db);
			assert_true(one->output_relative_rmse == layer->isolated_relative_rmse);
			assert_true(one->output_sqnr_db > 5 && one->output_sqnr_db < 60);
		}
	}
	assert_int_equal(compared, 2 * (10 + 9));
	runs_free(&runs);
}

/* Whichever cell computes it: the number is that of the weights' rule alone. */
static void the_same_in_every_cell(void **state)
{
	static const char sweep[] =
		WEIGHTS "\"activations\":{\"bits\":[8,\"float\"],\"range\":[\"static\",\"dynamic\"]},"
			"\"policy\":[\"skip_first_last\",\"all\"]}";
	struct runs runs, alone;
	struct error error;
	int compared = 0;

	(void)state;
	runs_make(&runs, SUBJECT("arm", "40"), sweep, 3);
	runs_make(&alone, SUBJECT("arm", "40"), WEIGHTS "\"activations\":{\"bits\":8}}", 1);
	for (size_t i = 0; i < runs.plan.accuracy_count; i++) {
		const struct network_result *result = &runs.cells[i].result;

		for (size_t w = 0; w < result->weight_count; w++, compared++) {
			const struct error_numbers *a = &result->weights[w];
			const struct error_numbers *b =
				weight_of(&alone, has(&runs, i, ".mse ") ? ".mse " : "channel.minmax ",
					  " a=int8", a->tensor);

			assert_non_null(b);
			assert_true(a->output_sqnr_db == b->output_sqnr_db);
		}
	}
	assert_int_equal(compared, 2 * 3 * (9 + 7));
	/* more recipes of the same weights, no more runs: 9 layers, two rules, 40 samples */
	assert_int_equal(output_runs(&runs), 2 * 9 * 40);
	assert_int_equal(output_runs(&alone), 2 * 9 * 40);
	runs_free(&alone);
	/* nor where each cell is a wave of its own */
	runs_plan(&alone, UINT64_MAX, SUBJECT("arm", "40"), sweep);
	assert_int_equal(runs_measure(&alone, &(struct network_options){ .jobs = 1, .memory = 1 },
				      &error), 0);
	assert_int_equal(output_runs(&alone), 2 * 9 * 40);
	runs_free(&alone);
	runs_free(&runs);
}

/* On the first 64 samples, however many there are, in whatever batches. */
static void the_first_samples(void **state)
{
	static const char *const subjects[] = { SUBJECT("arm", "63"), SUBJECT("arm", "64"),
						SUBJECT("arm", "150") };
	struct runs runs[3];
	const struct error_numbers *fc1[3];

	(void)state;
	for (int i = 0; i < 3; i++) {
		runs_make(&runs[i], subjects[i], WEIGHTS "\"activations\":{\"bits\":8}}", 2);
		fc1[i] = weight_of(&runs[i], "minmax ", " a=int8", "fc1.weight");
		assert_non_null(fc1[i]);
	}
	assert_true(fc1[0]->output_sqnr_db != fc1[1]->output_sqnr_db);
	assert_true(fc1[1]->output_sqnr_db == fc1[2]->output_sqnr_db);
	assert_int_equal(output_runs(&runs[2]), 2 * 9 * 64);
	for (int i = 0; i < 3; i++)
		runs_free(&runs[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(isolated_of_weights_alone),
		cmocka_unit_test(the_same_in_every_cell),
		cmocka_unit_test(the_first_samples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
