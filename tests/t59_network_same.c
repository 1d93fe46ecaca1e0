/* SPDX-License-Identifier: MIT
 *
 * network_measure gives the same bits for any jobs, batch, memory and instruction set.
 */
#include "support.h"

#include "network_sweeps.h"

enum { NUMBERS = (sizeof(struct layer_numbers) -
		  offsetof(struct layer_numbers, isolated_sqnr_db)) / sizeof(double) };

static void assert_same_double(const char *label, const char *what, double a, double b)
{
	if (memcmp(&a, &b, sizeof a))
		fail_msg("%s: %s is %.17g and %.17g", label, what, a, b);
}

static void assert_same_task(const char *label, const struct task_numbers *a,
			     const struct task_numbers *b)
{
	assert_int_equal(a->measured, b->measured);
	if (!a->measured)
		return;
	assert_same_double(label, "value", a->value, b->value);
	assert_same_double(label, "difference", a->difference, b->difference);
	assert_same_double(label, "low", a->low, b->low);
	assert_same_double(label, "high", a->high, b->high);
	assert_true(a->lost == b->lost && a->gained == b->gained && a->counted == b->counted);
	assert_true(a->samples_size == b->samples_size);
	assert_memory_equal(a->samples, b->samples, a->samples_size);
}

static void assert_same_result(const char *label, const struct network_result *a,
			       const struct network_result *b)
{
	assert_int_equal(a->outcome, OUTCOME_DONE);
	assert_int_equal(b->outcome, OUTCOME_DONE);
	assert_string_equal(a->integer_hash, b->integer_hash);
	assert_string_equal(a->no_integer, b->no_integer);
	assert_string_equal(a->warning, b->warning);
	assert_same_double(label, "bytes", a->bytes, b->bytes);
	assert_true(a->integer_macs == b->integer_macs && a->float_macs == b->float_macs);
	assert_true(a->layer_count == b->layer_count && a->weight_count == b->weight_count);
	for (size_t l = 0; l < a->layer_count; l++) {
		const double *x = &a->layers[l].isolated_sqnr_db;
		const double *y = &b->layers[l].isolated_sqnr_db;

		assert_int_equal(a->layers[l].island, b->layers[l].island);
		for (int i = 0; i < NUMBERS; i++)
			assert_same_double(label, "a layer's number", x[i], y[i]);
	}
	for (size_t w = 0; w < a->weight_count; w++) {
		assert_same_double(label, "a weight's mse", a->weights[w].mse, b->weights[w].mse);
		assert_same_double(label, "a weight's output", a->weights[w].output_sqnr_db,
				   b->weights[w].output_sqnr_db);
	}
	for (int run = 0; run < RUN_KINDS; run++)
		assert_same_task(label, &a->task[run], &b->task[run]);
}

static void assert_same_runs(const struct runs *a, const struct runs *b)
{
	assert_true(a->plan.accuracy_count == b->plan.accuracy_count);
	for (size_t i = 0; i < a->plan.accuracy_count; i++)
		assert_same_result(a->plan.accuracies[i].label, &a->cells[i].result,
				   &b->cells[i].result);
}

static void measure_as(struct runs *runs, uint64_t cpu, const char *sweep,
		       struct network_options options)
{
	struct error error;

	runs_plan(runs, cpu, ARM "," GLYPHS, sweep);
	if (runs_measure(runs, &options, &error))
		fail_msg("%s", error.text);
}

static void same_for_any_jobs_batch_and_memory(void **state)
{
	static const struct network_options others[] = {
		{ .jobs = 3, .memory = (size_t)1 << 30, .batch = 7 },
		{ .jobs = 2, .memory = (size_t)1 << 30, .batch = 64 },
		{ .jobs = 3, .memory = 1 },
	};
	struct runs one, other;

	(void)state;
	measure_as(&one, UINT64_MAX, many,
		   (struct network_options){ .jobs = 1, .memory = (size_t)1 << 30, .batch = 1 });
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		measure_as(&other, UINT64_MAX, many, others[i]);
		assert_same_runs(&one, &other);
		runs_free(&other);
	}
	runs_free(&one);
}

static void same_for_any_instruction_set(void **state)
{
	static const char sweep[] =
		"{\"weights\":{\"bits\":8},\"activations\":{\"bits\":8,\"range\":[\"static\","
		"\"dynamic\"]}},{\"weights\":{\"bits\":4,\"granularity\":{\"group\":16}},"
		"\"activations\":{\"bits\":8}}";
	const struct network_options options = { .jobs = 2, .memory = (size_t)1 << 30 };
	struct runs all, some;
	int sets = 0;

	(void)state;
	measure_as(&all, UINT64_MAX, sweep, options);
	for (const struct value *const *value = isa_values; *value; value++) {
		const uint64_t features = ((const struct isa *)*value)->features;

		if (features & ~all.env.cpu)
			continue;
		measure_as(&some, features, sweep, options);
		assert_same_runs(&all, &some);
		runs_free(&some);
		sets++;
	}
	print_message("# %d instruction sets\n", sets);
	runs_free(&all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_for_any_jobs_batch_and_memory),
		cmocka_unit_test(same_for_any_instruction_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
