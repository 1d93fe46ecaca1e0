/* SPDX-License-Identifier: MIT
 *
 * Plans of calibrations that hang on batches: where calibration_batch has a meaning, where it is
 * dropped, its skips, labels, keys, columns and filters; ranges that are given; and granularities
 * that a rule's project lacks.
 */
#include "planned.h"

#include "choice_rows.h"
#include "../harness/measure/accuracy.h"

#include <math.h>

#define SIX_ROWS "{\"op\":\"gemm\",\"m\":6,\"n\":8,\"k\":16}"
#define GEMM_NAME "gemm:6x8x16:synthetic:relu:synthetic:channel_spread "
#define MOVING "moving_average_as_in_pytorch"
#define AVERAGE MOVING "(0.01)"
#define MINMAX "minmax_as_in_onnxruntime"

/* A slice of weights is one batch, whatever the config says. */
static void weights_have_none(void **state)
{
	struct fixture f;

	(void)state;
	plan(&f, TENSOR,
	     "{\"weights\":{\"calibration\":[\"minmax\",\"" MOVING "\"],\"granularity\":"
	     "[\"tensor\",\"channel\"]},\"calibration_batch\":[1,2,8]}",
	     "");
	assert_int_equal(f.plan.accuracy_count, 4);
	assert_int_equal(f.plan.skip_count, 0);
	assert_label(&f.plan, "synthetic:gaussian:8x64 w=int8.symmetric.real.channel." AVERAGE
			      " half_even s1");
	for (size_t i = 0; i < f.plan.accuracy_count; i++)
		assert_int_equal(f.plan.accuracies[i].recipe.calibration_batch, 0);
	fixture_free(&f);
}

/* Static ranges of the rule alone are multiplied. */
static void activations_have_them(void **state)
{
	struct fixture f;

	(void)state;
	plan(&f, RELU,
	     "{\"activations\":{\"calibration\":[\"minmax\",\"" MOVING "\"],"
	     "\"range\":[\"static\",\"dynamic\"]},\"calibration_batch\":[1,8]}",
	     "");
	assert_int_equal(f.plan.accuracy_count, 2 + 2 + 1);
	assert_label(&f.plan, "synthetic:relu:8x64 a=int8.asymmetric.real.tensor." AVERAGE
			      ".static half_even cb1 s1");
	assert_label(&f.plan, "synthetic:relu:8x64 a=int8.asymmetric.real.tensor." AVERAGE
			      ".static half_even cb8 s1");
	assert_label(&f.plan, "synthetic:relu:8x64 a=int8.asymmetric.real.tensor." AVERAGE
			      ".dynamic half_even s1");
	for (size_t i = 0; i < f.plan.accuracy_count; i++) {
		const struct accuracy_cell *cell = &f.plan.accuracies[i];
		const bool batches = strstr(cell->label, " cb");
		struct label label;
		struct error error;

		assert_true(cell->cost > 0);
		assert_int_equal(cell->recipe.calibration_batch > 0, batches);
		if (label_read(&label, &f.env, cell->label, &error))
			fail_msg("%s", error.text);
		assert_int_equal(label.recipe.calibration_batch, cell->recipe.calibration_batch);
		label_free(&label, &f.env);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(cell->key, f.plan.accuracies[j].key);
	}
	fixture_free(&f);
	/* 32 where the config says nothing */
	plan(&f, RELU, "{\"activations\":{\"calibration\":\"" MOVING "\"}}", "");
	assert_int_equal(f.plan.accuracy_count, 1);
	assert_label(&f.plan, "synthetic:relu:8x64 a=int8.asymmetric.real.tensor." AVERAGE
			      ".static half_even cb32 s1");
	fixture_free(&f);
}

static void products_and_networks(void **state)
{
	static const char *const sweep =
		"{\"weights\":{\"calibration\":\"" MOVING "\"},\"activations\":"
		"{\"calibration\":[\"minmax\",\"" MOVING "\"]},\"calibration_batch\":[2,3]}";
	struct fixture f;

	(void)state;
	plan(&f, SIX_ROWS, sweep, "\"measure\":\"error\"");
	assert_int_equal(f.plan.accuracy_count, 3);
	assert_label(&f.plan, GEMM_NAME "w=int8.symmetric.real.channel." AVERAGE
			      " a=int8.asymmetric.real.tensor." AVERAGE
			      ".static half_even float all none cb3 s1");
	assert_label(&f.plan, GEMM_NAME "w=int8.symmetric.real.channel." AVERAGE
			      " a=int8.asymmetric.real.tensor.minmax.static half_even float all "
			      "none s1");
	fixture_free(&f);
	plan(&f, ARM, sweep, NO_TIMES);
	assert_int_equal(f.plan.accuracy_count, 3);
	assert_int_equal(f.plan.skip_count, 0);
	fixture_free(&f);
}

static void whole_samples_alone(void **state)
{
	struct fixture f;

	(void)state;
	plan(&f, RELU "," SIX_ROWS,
	     "{\"weights\":{},\"activations\":{\"calibration\":\"" MINMAX "\",\"granularity\":"
	     "[\"tensor\",\"channel\",{\"channel\":1},{\"group\":16}],"
	     "\"range\":[\"static\",\"dynamic\"]}}",
	     "\"measure\":\"error\"");
	assert_int_equal(f.plan.skip_count, 2 * 3);
	for (size_t i = 0; i < f.plan.skip_count; i++) {
		const char *reason = f.plan.skips[i].reason;

		assert_non_null(strstr(f.plan.skips[i].label, ".static half_even"));
		if (!glob_match("calibration " MINMAX " takes batches of whole samples: a static "
				"range of activations is one for the tensor, none for each *",
				reason, false))
			fail_msg("%s", reason);
	}
	fixture_free(&f);
}

/* What each project has, read in its sources (they are named in the rules' tables): PyTorch's
 * observers of a histogram, NVIDIA's and ONNX Runtime's calibrators of one and vai_q_onnx's powers of
 * two are of a tensor; PyTorch's other observers have channels, ONNX Runtime and AIMET blocks too. */
static const char *finest_of(const char *calibration)
{
	static const char *const of_tensors[] = {
		"histogram_as_in_pytorch", "entropy_as_in_onnxruntime",
		"percentile_as_in_onnxruntime", "entropy_as_in_tensorrt",
		"nonoverflow_as_in_vitis", "least_error_as_in_vitis",
	};
	static const char *const of_channels[] = { "minmax_as_in_pytorch", MOVING };

	for (size_t i = 0; i < sizeof of_tensors / sizeof *of_tensors; i++)
		if (!strcmp(calibration, of_tensors[i]))
			return "tensor";
	for (size_t i = 0; i < sizeof of_channels / sizeof *of_channels; i++)
		if (!strcmp(calibration, of_channels[i]))
			return "channel";
	return "group";
}

/* A skip of each granularity finer than the project's, with the project's words whole. */
static void assert_lacks(const struct plan *plan, const struct value *calibration, size_t lacks)
{
	static const char *const granularities[] = { "group", "channel" };

	assert_int_equal(plan->accuracy_count, 3 - lacks);
	assert_int_equal(plan->skip_count, lacks);
	for (size_t i = 0; i < lacks; i++) {
		const char *reason = plan->skips[lacks - 1 - i].reason;
		char start[128];

		snprintf(start, sizeof start, "calibration %s has no range for each %s: ",
			 calibration->name, granularities[i]);
		assert_true(!strncmp(reason, start, strlen(start)));
		assert_string_equal(reason + strlen(start),
				    calibration_of(calibration)->finest.words);
	}
}

static void granularities_of_projects(void **state)
{
	static const char *const granularities[] = { "group", "channel", "tensor" };
	struct fixture f;
	char sweep[300];

	(void)state;
	for (const struct value *const *c = calibration_values; *c; c++) {
		size_t lacks = 0;

		while (strcmp(granularities[lacks], finest_of((*c)->name)))
			lacks++;
		if (!value_stands_alone(*c))
			continue;
		for (int weights = 0; weights < 2; weights++) {
			snprintf(sweep, sizeof sweep,
				 "{\"%s\":{\"calibration\":\"%s\",\"bits\":2,\"granularity\":"
				 "[\"tensor\",\"channel\",{\"group\":16}]%s}}",
				 weights ? "weights" : "activations", (*c)->name,
				 weights ? "" : ",\"range\":\"dynamic\"");
			plan(&f, weights ? TENSOR : RELU, sweep, "");
			assert_lacks(&f.plan, *c, lacks);
			fixture_free(&f);
		}
	}
}

/* Filters and the columns of a row. */
static void columns(void **state)
{
	struct fixture f;

	(void)state;
	plan(&f, RELU,
	     "{\"activations\":{\"calibration\":[\"minmax\",\"" MOVING "\",{\"fixed\":[0,2.5]}]},"
	     "\"calibration_batch\":[1,8],\"only\":[\"calibration_batch=8\","
	     "\"activation_calibration=fixed*\"]}",
	     "\"exclude\":\"calibration_batch<8\"");
	assert_int_equal(f.plan.accuracy_count, 2);
	for (size_t i = 0; i < 2; i++) {
		struct choice_row row = { .plan = &f.plan, .choice = &f.plan.choices[i],
					  .label = f.plan.accuracies[i].label };
		const bool fixed = strstr(row.label, "fixed");
		const char *value;

		assert_int_equal(choice_lookup(&row, "calibration_batch", &value), 0);
		if (fixed)
			assert_null(value);
		else
			assert_string_equal(value, "8");
		assert_int_equal(choice_lookup(&row, "activation_calibration", &value), 0);
		assert_string_equal(value, fixed ? "fixed(0;2.5)" : AVERAGE);
	}
	fixture_free(&f);
}

/* A plan has at most so many cells: what batches multiply counts, and nothing else does. */
static void too_many(void **state)
{
	struct fixture f;
	struct error error;
	char sweep[3000];
	size_t length;

	(void)state;
	for (int moving = 0; moving < 2; moving++) {
		length = (size_t)snprintf(sweep, sizeof sweep,
					  "{\"activations\":{\"bits\":[2,3,4,5,6,7,8,9,10,11],"
					  "\"scheme\":[\"asymmetric\",\"symmetric\"],"
					  "\"calibration\":\"%s\"},\"seed\":[1",
					  moving ? MOVING : "minmax");
		for (int i = 2; i <= 200; i++)
			length += (size_t)snprintf(sweep + length, sizeof sweep - length, ",%d", i);
		length += (size_t)snprintf(sweep + length, sizeof sweep - length,
					   "],\"calibration_batch\":[1");
		for (int i = 2; i <= 300; i++)
			length += (size_t)snprintf(sweep + length, sizeof sweep - length, ",%d", i);
		snprintf(sweep + length, sizeof sweep - length, "]}");
		assert_int_equal(make(&f, RELU, sweep, "", &(struct plan_options){ .machine = "m" },
				      &error),
				 -moving);
		if (moving)
			assert_non_null(strstr(error.text, "1200000 combinations"));
		else
			assert_int_equal(f.plan.accuracy_count, 20 * 200);
		fixture_free(&f);
	}
}

static int keep_on(void *self, size_t cell, const struct accuracy_result *result)
{
	(void)self;
	(void)cell;
	(void)result;
	return 0;
}

/* The average of batches hangs on them, their extremes do not. */
static void measured(void **state)
{
	struct accuracy_result results[4];
	struct histogram histograms[2];
	struct fixture f;
	struct error error;
	double high[9] = { 0 };
	int count;

	(void)state;
	plan(&f, RELU,
	     "{\"activations\":{\"calibration\":[\"minmax\",\"" MOVING "\"]},"
	     "\"calibration_batch\":[1,8,4]}",
	     "");
	assert_int_equal(f.plan.accuracy_count, 4);
	assert_int_equal(accuracy_measure(&f.plan, 0, 4, 1, results, histograms, &count, keep_on,
					  NULL, &error),
			 0);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(results[i].outcome, OUTCOME_DONE);
		high[f.plan.accuracies[i].recipe.calibration_batch] = results[i].row[0].range_high;
	}
	/* all in one batch is min-max, but for PyTorch's float32 scale */
	assert_true(fabs(high[8] / high[0] - 1) < 1e-6);
	assert_true(high[1] < high[8] && high[4] < high[8]);
	assert_true(high[1] != high[4]);
	fixture_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(weights_have_none), cmocka_unit_test(activations_have_them),
		cmocka_unit_test(products_and_networks), cmocka_unit_test(whole_samples_alone),
		cmocka_unit_test(granularities_of_projects),
		cmocka_unit_test(columns), cmocka_unit_test(too_many), cmocka_unit_test(measured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
