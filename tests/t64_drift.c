/* SPDX-License-Identifier: MIT
 *
 * What quantization does to the two embedded networks: error that grows on its way, calibration on
 * unlike samples, layers left in float, bits that are too few.  Each recipe is written here; the
 * same numbers of the other network are printed beside the asserted ones.
 */
#include "support.h"

#include "network_runs.h"

/* All of a recipe but the policy is symmetric or asymmetric min-max, half to even, scales as they
 * come, ranges from the calibration samples. */
#define RECIPE(weight_bits, activation_bits, granularity, policy) \
	"{\"weights\":{\"bits\":" weight_bits ",\"scheme\":\"symmetric\",\"scale\":\"real\"," \
	"\"granularity\":\"" granularity "\",\"calibration\":\"minmax\"}," \
	"\"activations\":{\"bits\":" activation_bits ",\"scheme\":\"asymmetric\"," \
	"\"scale\":\"real\",\"granularity\":\"tensor\",\"calibration\":\"minmax\"," \
	"\"range\":\"static\"},\"rounding\":\"half_even\",\"requantization\":\"float\"," \
	"\"policy\":\"" policy "\"}"
#define DATA(calibration) \
	"\"calibration_data\":{" calibration "},\"evaluation_data\":{\"samples\":1000}}"
#define ARM "{\"network\":\"builtin:arm\"," DATA("\"samples\":256")
#define GLYPHS "{\"network\":\"builtin:glyphs\"," DATA("\"samples\":256")

enum { JOBS = 2, POINTS = 3 };

static const struct layer_numbers *last_of(const struct network_result *result)
{
	return &result->layers[result->layer_count - 1];
}

/* Last layer's cumulative relative error less the first layer's. */
static double growth_of(const struct network_result *result)
{
	return last_of(result)->cumulative_relative_rmse -
	       result->layers[0].cumulative_relative_rmse;
}

static void measure_growth(const char *subject, double growth[POINTS])
{
	static const char *const sweeps[POINTS] = { RECIPE("4", "4", "tensor", "all"),
						    RECIPE("6", "6", "tensor", "all"),
						    RECIPE("8", "8", "tensor", "all") };
	struct runs runs;

	for (int i = 0; i < POINTS; i++) {
		runs_make(&runs, subject, sweeps[i], JOBS);
		const struct network_result *result = &runs.cells[0].result;

		growth[i] = growth_of(result);
		print_message("# %s: relative error %.4f after the first layer, %.4f after the "
			      "last\n", runs.plan.accuracies[0].label,
			      result->layers[0].cumulative_relative_rmse,
			      last_of(result)->cumulative_relative_rmse);
		runs_free(&runs);
	}
}

static void error_grows_through_the_arm(void **state)
{
	double growth[POINTS];

	(void)state;
	measure_growth(GLYPHS, growth);
	measure_growth(ARM, growth);
	assert_true(growth[2] > 0);
	assert_true(growth[1] > growth[2]);
	assert_true(growth[0] > growth[1]);
}

static double inherited_db(const char *subject)
{
	struct runs runs;
	double inherited;

	runs_make(&runs, subject, RECIPE("8", "8", "tensor", "all"), JOBS);
	const struct layer_numbers *last = last_of(&runs.cells[0].result);

	inherited = last->isolated_sqnr_db - last->cumulative_sqnr_db;
	print_message("# %s: last layer %.2f dB isolated, %.2f dB cumulative\n",
		      runs.plan.accuracies[0].label, last->isolated_sqnr_db,
		      last->cumulative_sqnr_db);
	runs_free(&runs);
	return inherited;
}

static void the_last_layer_inherits_its_error(void **state)
{
	(void)state;
	inherited_db(GLYPHS);
	assert_true(inherited_db(ARM) >= 3);
}

/* Losses of the integer run on the same samples: second - first. */
static struct paired compare_losses(const struct network_result *first,
				    const struct network_result *second)
{
	const struct task_numbers *a = &first->task[RUN_INTEGER], *b = &second->task[RUN_INTEGER];
	double *losses = malloc(a->samples_size + b->samples_size);
	struct paired paired;

	assert_non_null(losses);
	assert_true(a->samples_size == b->samples_size &&
		    a->samples_size == (size_t)first->samples * sizeof *losses);
	memcpy(losses, a->samples, a->samples_size);
	memcpy(losses + first->samples, b->samples, b->samples_size);
	paired = paired_losses(losses, losses + first->samples, first->samples);
	free(losses);
	return paired;
}

static struct paired compare_answers(const struct task_numbers *first,
				     const struct task_numbers *second, int64_t samples)
{
	const size_t count = (size_t)samples;
	unsigned char *answers = calloc(count, 2);
	struct paired paired;

	assert_non_null(answers);
	for (size_t i = 0; i < count; i++) {
		answers[i] = first->samples[i / 8] >> i % 8 & 1;
		answers[count + i] = second->samples[i / 8] >> i % 8 & 1;
	}
	paired = paired_answers(answers, answers + count, samples);
	free(answers);
	return paired;
}

static void unlike_samples_calibrate_worse_than_few(void **state)
{
	static const char *const subjects[] = {
		"{\"network\":\"builtin:glyphs\"," DATA("\"samples\":256,\"scale\":0.25") ","
		"{\"network\":\"builtin:glyphs\"," DATA("\"samples\":16"),
		"{\"network\":\"builtin:arm\"," DATA("\"samples\":256,\"scale\":0.25") ","
		"{\"network\":\"builtin:arm\"," DATA("\"samples\":16"),
	};
	struct runs runs;

	(void)state;
	for (int i = 0; i < 2; i++) {
		runs_make(&runs, subjects[i], RECIPE("8", "8", "channel", "all"), JOBS);
		const struct network_result *unlike = runs_find(&runs, ":cal256-scale0.25:", "");
		const struct network_result *few = runs_find(&runs, ":cal16:", "");

		print_message("# %s: %.6g after calibration on 256 samples * 0.25, %.6g on 16 good "
			      "ones, %.6g in float\n", runs.plan.accuracies[0].label,
			      unlike->task[RUN_INTEGER].value, few->task[RUN_INTEGER].value,
			      few->task[RUN_FLOAT].value);
		if (i) {
			const struct paired paired = compare_losses(few, unlike);

			assert_true(unlike->task[RUN_INTEGER].value > few->task[RUN_INTEGER].value);
			assert_true(paired.low > 0);
		}
		runs_free(&runs);
	}
}

static void first_and_last_layer_in_float_gain(void **state)
{
	static const char sweep[] = RECIPE("4", "8", "tensor", "all") ","
				    RECIPE("4", "8", "tensor", "skip_first_last");
	struct runs runs;
	struct paired paired;

	(void)state;
	runs_make(&runs, ARM, sweep, JOBS);
	paired = compare_losses(runs_find(&runs, " all none", ""),
				runs_find(&runs, " skip_first_last none", ""));
	print_message("# arm: skip_first_last changes the error by %.6g [%.6g, %.6g]\n",
		      paired.difference, paired.low, paired.high);
	runs_free(&runs);
	runs_make(&runs, GLYPHS, sweep, JOBS);
	const struct network_result *all = runs_find(&runs, " all none", "");
	const struct network_result *spared = runs_find(&runs, " skip_first_last none", "");

	paired = compare_answers(&all->task[RUN_INTEGER], &spared->task[RUN_INTEGER],
				 all->samples);
	print_message("# glyphs: skip_first_last loses %lld and gains %lld, %.6g [%.6g, %.6g]\n",
		      (long long)paired.lost, (long long)paired.gained, paired.difference,
		      paired.low, paired.high);
	assert_true(paired.difference > 0);
	assert_true(paired.low > 0);
	assert_false(paired_is_open(&paired));
	runs_free(&runs);
}

static void print_values(const struct runs *runs)
{
	for (size_t i = 0; i < runs->plan.accuracy_count; i++) {
		const struct task_numbers *task = runs->cells[i].result.task;

		print_message("# %s: %.6g float, %.6g simulated, %.6g integer\n",
			      runs->plan.accuracies[i].label, task[RUN_FLOAT].value,
			      task[RUN_SIMULATED].value, task[RUN_INTEGER].value);
	}
}

static void four_bits_a_tensor_lose_and_eight_a_channel_do_not(void **state)
{
	static const char sweep[] = RECIPE("4", "8", "tensor", "all") ","
				    RECIPE("8", "8", "channel", "all");
	struct runs runs;

	(void)state;
	runs_make(&runs, ARM, sweep, JOBS);
	print_values(&runs);
	runs_free(&runs);
	runs_make(&runs, GLYPHS, sweep, JOBS);
	print_values(&runs);
	const struct task_numbers *four = runs_find(&runs, "w=int4", "")->task;
	const struct task_numbers *eight = runs_find(&runs, "w=int8", "")->task;

	assert_true(four[RUN_FLOAT].value >= 0.97);
	for (int run = RUN_SIMULATED; run < RUN_KINDS; run++) {
		const struct paired paired = compare_answers(&four[RUN_FLOAT], &four[run], 1000);

		assert_true(paired.lost == four[run].lost && paired.gained == four[run].gained);
		assert_true(paired.low == four[run].low && paired.high == four[run].high);
		assert_true(four[RUN_FLOAT].value - four[run].value >= 0.03);
		assert_true(eight[RUN_FLOAT].value - eight[run].value <= 0.005);
	}
	runs_free(&runs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(error_grows_through_the_arm),
		cmocka_unit_test(the_last_layer_inherits_its_error),
		cmocka_unit_test(unlike_samples_calibrate_worse_than_few),
		cmocka_unit_test(first_and_last_layer_in_float_gain),
		cmocka_unit_test(four_bits_a_tensor_lose_and_eight_a_channel_do_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
