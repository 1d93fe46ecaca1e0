/* SPDX-License-Identifier: MIT
 *
 * network_measure of two layers: numbers by hand, answers as bits, what fails where floats are infinite.
 */
#include "support.h"

#include "network_runs.h"

#include "../harness/network/operation.h"

/* A network of two products, 2 x 1 and 1 x 1, on samples that are all alike. */
static int constant_sample(uint64_t seed, uint64_t index, float *x, float *target)
{
	(void)seed, (void)index;
	x[0] = 0.625F;
	x[1] = 1.5F;
	target[0] = 1.25F;
	return 0;
}

extern const struct layer_operation layer_gemm;

struct by_hand {
	struct env env;
	struct libraries libraries;
	float weights[3], bias[1];
	struct edge edges[3];
	struct layer layer[2];
	struct layers layers;
	struct network network;
	struct subject subject;
	struct accuracy_cell cell;
	struct plan plan;
	struct kept *kept;
};

static void make_by_hand(struct by_hand *h, int64_t samples, const char *recipe)
{
	struct error error;

	*h = (struct by_hand){
		.env = env_system(), .weights = { 1, 0.25F, 1 }, .bias = { 0.375F },
		.edges = { { 1, 1, 2, 2 }, { 1, 1, 1, 1 }, { 1, 1, 1, 1 } },
		.network = { .inputs = 2, .outputs = 1, .sample = constant_sample },
	};
	for (int l = 0; l < 2; l++) {
		const int64_t columns = h->edges[l].elements;

		h->layer[l] = (struct layer){
			.name = l ? "second" : "first", .operation = &layer_gemm,
			.input_count = 1, .inputs = { (size_t)l }, .macs = columns,
			.bias = l ? NULL : h->bias,
			.weights = { .env = &h->env, .rank = 2, .shape = { 1, columns },
				     .order = { 0, 1 }, .rows = 1, .columns = columns,
				     .values = h->weights + 2 * l },
			.conv = { .height = 1, .width = 1, .channels = columns, .kernel_h = 1,
				  .kernel_w = 1, .stride_h = 1, .stride_w = 1, .dilation_h = 1,
				  .dilation_w = 1 },
		};
	}
	h->layers = (struct layers){ .env = &h->env, .count = 2, .layers = h->layer,
				     .edges = h->edges };
	h->subject = (struct subject){ .kind = SUBJECT_NETWORK, .network = &h->network,
				       .calibration = { .samples = 1, .scale = 1 },
				       .evaluation = { .samples = samples, .scale = 1 },
				       .metric = value_find(metric_values, "mse") };
	h->cell = (struct accuracy_cell){ .label = (char *)recipe, .cost = 7 };
	if (libraries_open(&h->libraries, &h->env, &error) ||
	    recipe_read(&h->cell.recipe, &h->env, recipe, &error))
		fail_msg("%s", error.text);
	h->plan = (struct plan){ .env = &h->env, .libraries = &h->libraries,
				 .subjects = { .env = &h->env, .count = 1,
					       .subjects = &h->subject },
				 .layers = &h->layers, .accuracy_count = 1,
				 .accuracies = &h->cell };
}

static void free_by_hand(struct by_hand *h)
{
	recipe_free(&h->cell.recipe, &h->env);
	libraries_close(&h->libraries);
}

/* Two bits and powers of two.  Input [0, 1.5]: scale 0.5, zero 0, so (0.625, 1.5) becomes (0.5,
 * 1.5).  Weights (1, 0.25): scale 1, so (1, 0).  First output in float 0.625 + 0.375 + 0.375 =
 * 1.375, scale 0.5 (1.375 / 3 < 0.5), bias 0.375 on the grid 0.5: 0.5.  Simulated 0.5 + 0 + 0.5 =
 * 1.  The second layer has weight 1 and no bias: isolated it reads 1.375 as 1.5 and gives 1.5 for
 * 1.375, cumulative it reads 1 and gives 1. */
static void two_layers_by_hand(void **state)
{
	static const char recipe[] = "w=int2.symmetric.power_of_two.channel.minmax "
				     "a=int2.asymmetric.power_of_two.tensor.minmax.static "
				     "half_even float all none s1";
	const struct network_options options = { .jobs = 1, .memory = 1 << 20 };
	struct kept kept = { 0 };
	struct runs runs = { .cells = &kept };
	struct by_hand h;
	struct error error;

	(void)state;
	make_by_hand(&h, 3, recipe);
	if (network_measure(&h.plan, 0, 1, &options, keep_result, count_step, &runs, &error))
		fail_msg("%s", error.text);
	const struct network_result *result = &kept.result;
	const struct layer_numbers *first = &result->layers[0], *second = &result->layers[1];

	assert_int_equal(result->outcome, OUTCOME_DONE);
	assert_string_equal(result->no_integer, "");
	assert_true(first->isolated_relative_rmse == 0.75 / 2.75);
	assert_true(first->cumulative_relative_rmse == 0.75 / 2.75);
	assert_true(fabs(first->isolated_sqnr_db - 20 * log10(2.75 / 0.75)) < 1e-12);
	assert_true(first->rmse_over_step == 0.75 && first->max_abs == 0.375);
	assert_true(first->cosine == 1);
	assert_true(fabs(second->isolated_relative_rmse - 0.25 / 2.75) < 1e-15);
	assert_true(second->rmse_over_step == 0.25);
	assert_true(second->cumulative_relative_rmse == 0.75 / 2.75);
	assert_true(second->integer_relative_rmse == 0.75 / 2.75);
	assert_true(second->step_gap == 0 && second->step_gap_local == 0);
	assert_true(first->activation_saturated_fraction == 0);
	assert_true(first->weight_saturated_fraction == 0);
	/* float (1.375 - 1.25)^2, quantized (1 - 1.25)^2, three times the same */
	assert_string_equal(result->metric->name, "mse");
	assert_true(result->task[RUN_FLOAT].value == 0.015625);
	assert_true(result->task[RUN_SIMULATED].value == 0.0625);
	assert_true(result->task[RUN_INTEGER].value == 0.0625);
	assert_true(result->task[RUN_INTEGER].difference == 0.046875);
	assert_true(result->task[RUN_INTEGER].low == 0.046875);
	assert_int_equal(result->task[RUN_INTEGER].samples_size, 3 * sizeof(double));
	/* a row of two 2-bit codes and one of one code: a byte each; a power of two: a byte each;
	 * one bias of 4 */
	assert_true(result->bytes == 1 + 1 + 1 + 1 + 4);
	assert_int_equal(result->integer_macs, 3);
	assert_string_equal(result->warning,
			    "3 of 3 evaluation samples are calibration samples too");
	/* sorting 2 + 1 + 1 activations, 2 + 1 weights, and 2 looks at each */
	assert_int_equal(result->element_visits, 4 + 3 * 2 + 3 + 2 * 2);
	runs.plan = h.plan;
	runs_forget(&runs);
	free_by_hand(&h);
}

/* Sample i is right where 3 divides i. */
static int third_sample(uint64_t seed, uint64_t index, float *x, float *target)
{
	(void)seed, (void)target;
	x[0] = x[1] = 1;
	return index % 3 ? 1 : 0;
}

static void answers_are_bits(void **state)
{
	static const char recipe[] = "w=int8.symmetric.real.channel.minmax a=float "
				     "half_even float all none s1";
	static const unsigned char right[] = { 1 | 1 << 3 | 1 << 6, 1 << 1 };
	const struct network_options options = { .jobs = 1, .memory = 1 << 20, .batch = 4 };
	struct kept kept = { 0 };
	struct runs runs = { .cells = &kept };
	struct by_hand h;
	struct error error;

	(void)state;
	make_by_hand(&h, 10, recipe);
	h.network.classes = 2;
	h.subject.metric = value_find(metric_values, "top1");
	h.network.sample = third_sample;
	if (network_measure(&h.plan, 0, 1, &options, keep_result, count_step, &runs, &error))
		fail_msg("%s", error.text);
	const struct task_numbers *task = kept.result.task;

	assert_string_equal(kept.result.metric->name, "top1");
	assert_true(task[RUN_FLOAT].value == 0.4 && task[RUN_SIMULATED].value == 0.4);
	assert_int_equal(task[RUN_FLOAT].samples_size, sizeof right);
	assert_memory_equal(task[RUN_FLOAT].samples, right, sizeof right);
	assert_true(task[RUN_SIMULATED].counted && !task[RUN_FLOAT].counted);
	assert_true(task[RUN_SIMULATED].lost == 0 && task[RUN_SIMULATED].gained == 0);
	assert_true(task[RUN_SIMULATED].low < 0 &&
		    task[RUN_SIMULATED].high == -task[RUN_SIMULATED].low);
	assert_false(task[RUN_INTEGER].measured);
	assert_string_equal(kept.result.no_integer, "layer 'first': its activations are float");
	runs.plan = h.plan;
	runs_forget(&runs);
	free_by_hand(&h);
}

static void infinite_floats_fail(void **state)
{
	static const char recipe[] = "w=int8.symmetric.real.channel.minmax "
				     "a=int8.asymmetric.real.tensor.minmax.static "
				     "half_even float all none s1";
	const struct network_options options = { .jobs = 2, .memory = 1 << 20 };
	struct kept kept = { 0 };
	struct runs runs = { .cells = &kept };
	struct by_hand h;
	struct error error;

	(void)state;
	make_by_hand(&h, 3, recipe);
	h.weights[2] = 3e38F;
	if (network_measure(&h.plan, 0, 1, &options, keep_result, count_step, &runs, &error))
		fail_msg("%s", error.text);
	assert_int_equal(kept.result.outcome, OUTCOME_FAILED);
	assert_non_null(strstr(kept.result.reason, "NaN or infinite values in 'second'"));
	runs.plan = h.plan;
	runs_forget(&runs);
	h.weights[2] = (float)NAN;
	if (network_measure(&h.plan, 0, 1, &options, keep_result, count_step, &runs, &error))
		fail_msg("%s", error.text);
	assert_int_equal(kept.result.outcome, OUTCOME_FAILED);
	assert_non_null(strstr(kept.result.reason, "second.weight"));
	runs_forget(&runs);
	free_by_hand(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_layers_by_hand),
		cmocka_unit_test(answers_are_bits),
		cmocka_unit_test(infinite_floats_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
