/* SPDX-License-Identifier: MIT
 *
 * What network_measure computes: runs of layers, elements visited, steps that are told and where they
 * stop it, lack of memory.
 */
#include "support.h"

#include "network_sweeps.h"

#include <limits.h>

#define PLAIN "{\"weights\":{\"bits\":8},\"activations\":{\"bits\":8}}"

static void what_the_runs_cost(void **state)
{
	struct runs runs;
	uint64_t floats = 0;

	(void)state;
	runs_make(&runs, GLYPHS "," ARM, many, 2);
	for (size_t i = 0; i < runs.plan.accuracy_count; i++) {
		const struct accuracy_cell *cell = &runs.plan.accuracies[i];
		const struct subject *subject = &runs.plan.subjects.subjects[cell->subject];
		const struct network_result *result = &runs.cells[i].result;
		const uint64_t pass = result->layer_count * (uint64_t)result->samples;
		const bool is_float = strstr(cell->label, "w=float a=float") != NULL;
		const bool has_integer = !*result->no_integer;
		uint64_t quantized = 0;

		for (size_t l = 0; l < result->layer_count; l++)
			quantized += result->layers[l].island ? 0 : 1;
		quantized *= (uint64_t)result->samples;
		assert_true(result->layer_runs[LAYER_RUNS_ISOLATED] == quantized);
		assert_true(quantized <= pass + pass / 10);
		assert_true(result->layer_runs[LAYER_RUNS_CUMULATIVE] == (is_float ? 0 : pass));
		assert_true(result->layer_runs[LAYER_RUNS_INTEGER] == (has_integer ? pass : 0));
		assert_true(result->layer_runs[LAYER_RUNS_LOCAL] == (has_integer ? quantized : 0));
		/* once for all recipes, calibration included */
		floats += result->layer_runs[LAYER_RUNS_FLOAT];
		if (result->layer_runs[LAYER_RUNS_FLOAT])
			assert_true(result->layer_runs[LAYER_RUNS_FLOAT] ==
				    result->layer_count *
					    (uint64_t)(subject->calibration.samples +
						       subject->evaluation.samples));
	}
	assert_true(floats == 9 * 132 + 14 * 16);
	runs_free(&runs);
}

static uint64_t visits_of(const char *sweep)
{
	struct runs runs;
	uint64_t visits = 0;

	runs_make(&runs, ARM "," GLYPHS, sweep, 2);
	for (size_t i = 0; i < runs.plan.accuracy_count; i++)
		visits += runs.cells[i].result.element_visits;
	runs_free(&runs);
	return visits;
}

static void twice_the_bits_is_not_twice_the_work(void **state)
{
	const uint64_t few = visits_of("{\"weights\":{\"bits\":[4,8]},"
				       "\"activations\":{\"bits\":[6,8]}}");
	const uint64_t twice = visits_of("{\"weights\":{\"bits\":[3,4,6,8]},"
					 "\"activations\":{\"bits\":[5,6,7,8]}}");

	(void)state;
	print_message("# %llu elements visited, %llu with twice the bits\n",
		      (unsigned long long)few, (unsigned long long)twice);
	/* at least each weight and each activation once */
	assert_true(few > 16000 && twice >= few);
	assert_true((double)twice < 1.2 * (double)few);
}

static void steps_add_up_and_stop(void **state)
{
	const struct network_options options = { .jobs = 2, .memory = 1 << 30, .batch = 10 };
	struct runs runs;
	struct error error;
	double cost = 0;

	(void)state;
	runs_plan(&runs, UINT64_MAX, ARM, PLAIN);
	assert_int_equal(runs_measure(&runs, &options, &error), 0);
	const double all = runs.cost;
	const int steps = runs.steps;

	cost = runs.plan.accuracies[0].cost;
	assert_true(all >= cost);
	assert_true(steps >= 10);
	for (int stop = 1; stop <= steps; stop++) {
		runs_forget(&runs);
		runs.stop_after = stop;
		assert_int_equal(runs_measure(&runs, &options, &error), 0);
		assert_int_equal(runs.steps, stop);
		assert_false(runs.cells[0].done);
	}
	runs_free(&runs);
}

static void no_memory(void **state)
{
	const struct network_options options = { .jobs = 1, .memory = 1 << 30, .batch = 50 };
	struct failing failing = { .fail_at = LONG_MAX };
	struct runs runs;
	struct error error;
	long calls, failures = 0;

	(void)state;
	runs_plan(&runs, UINT64_MAX, ARM, PLAIN);
	runs.env.resize = env_failing(&failing).resize;
	runs.env.self = &failing;
	assert_int_equal(runs_measure(&runs, &options, &error), 0);
	calls = failing.calls;
	for (long at = 0; at < calls; at += at < 60 ? 1 : 5) {
		runs_forget(&runs);
		failing = (struct failing){ .fail_at = at };
		if (!runs_measure(&runs, &options, &error)) /* fewer threads are no error */
			continue;
		assert_int_equal(error.status, STATUS_MACHINE);
		assert_false(runs.cells[0].done);
		failures++;
	}
	print_message("# %ld allocations, %ld of them refused\n", calls, failures);
	assert_true(failures > calls / 10);
	failing.fail_at = -1;
	runs_free(&runs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_runs_cost),
		cmocka_unit_test(twice_the_bits_is_not_twice_the_work),
		cmocka_unit_test(steps_add_up_and_stop),
		cmocka_unit_test(no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
