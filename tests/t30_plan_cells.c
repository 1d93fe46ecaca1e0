/* SPDX-License-Identifier: MIT
 *
 * Cells of a plan: products and doubles, axes without meaning, seeds, what is measured, keys, how many
 * there may be, lack of memory.
 */
#include "planned.h"

#include "../harness/text.h"

/* 2 bits * 2 schemes * 3 granularities * 2 calibrations, and float once however often it is named
 */
static void a_tensor_has_weights_alone(void **state)
{
	struct fixture f;

	(void)state;
	plan(&f, TENSOR,
	     "{\"weights\":{\"bits\":[4,8,\"float\"],\"scheme\":[\"symmetric\",\"asymmetric\"],"
	     "\"granularity\":[\"tensor\",\"channel\",{\"group\":32}],\"calibration\":[\"minmax\","
	     "\"mse\"]},"
	     "\"activations\":{\"bits\":[4,8],\"scheme\":[\"symmetric\",\"asymmetric\"]},"
	     "\"kernel\":[\"ref\",\"avx2\",\"avx512vnni\"],\"threads\":[1,2,3]}",
	     "");
	assert_int_equal(f.plan.accuracy_count, 25);
	assert_int_equal(f.plan.choice_count, 25);
	assert_int_equal(f.plan.skip_count, 0);
	assert_int_equal(f.plan.race_count, 0);
	assert_label(&f.plan,
		     "synthetic:gaussian:8x64 w=int4.symmetric.real.group32.mse half_even s1");
	assert_label(&f.plan, "synthetic:gaussian:8x64 w=float s1");
	for (size_t i = 0; i < f.plan.choice_count; i++) {
		assert_true(f.plan.choices[i].timing == NO_TIMING);
		assert_null(f.plan.choices[i].skip);
	}
	fixture_free(&f);
	plan(&f, RELU,
	     "{\"weights\":{\"bits\":[2,3,4]},"
	     "\"activations\":{\"range\":[\"static\",\"dynamic\"]},\"rounding\":[\"half_even\","
	     "\"half_away\"]}",
	     "");
	assert_int_equal(f.plan.accuracy_count, 4);
	assert_label(&f.plan, "synthetic:relu:8x64 a=int8.asymmetric.real.tensor.minmax.dynamic "
			      "half_away s1");
	fixture_free(&f);
}

static void the_union_has_no_doubles(void **state)
{
	struct fixture f;

	(void)state;
	plan(&f, TENSOR "," TENSOR,
	     "[{\"weights\":{\"bits\":[4,8]}},{\"weights\":{\"bits\":[8,6]}},"
	     "{\"weights\":{\"bits\":8,\"granularity\":[\"channel\",{\"channel\":0},{\"channel\":1}"
	     "]}},"
	     "{},{\"rounding\":[\"half_even\",\"half_away\"]}]",
	     "");
	/* 4, 8, 6 bits; channel axis 1; float once: nothing of it is rounded */
	assert_int_equal(f.plan.accuracy_count, 5);
	assert_int_equal(f.plan.choice_count, 5);
	assert_label(
		&f.plan,
		"synthetic:gaussian:8x64 w=int8.symmetric.real.channel(1).minmax half_even s1");
	assert_int_equal(f.plan.skip_count, 0);
	for (size_t i = 0; i < f.plan.accuracy_count; i++)
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(f.plan.accuracies[i].key, f.plan.accuracies[j].key);
	fixture_free(&f);
}

static void seeds_are_for_random_data(void **state)
{
	const struct plan_options options = { .has_seed = true, .seed = 9 };
	struct fixture f;
	struct error error;
	char path[600], subjects[800];

	(void)state;
	snprintf(path, sizeof path, "%s/datasets/samples/activations.npy", source_dir());
	snprintf(subjects, sizeof subjects, TENSOR ",{\"tensor\":\"%s\"}", path);
	plan(&f, subjects, "{\"weights\":{},\"seed\":[1,2,5]}", "");
	assert_int_equal(f.plan.accuracy_count, 4);
	assert_label(&f.plan,
		     "synthetic:gaussian:8x64 w=int8.symmetric.real.channel.minmax half_even s5");
	assert_int_equal(f.plan.accuracies[3].recipe.seed, 1);
	fixture_free(&f);
	if (make(&f, subjects, "{\"weights\":{},\"seed\":[1,2,5]}", "", &options, &error))
		fail_msg("%s", error.text);
	assert_int_equal(f.plan.accuracy_count, 2);
	assert_int_equal(f.plan.accuracies[0].recipe.seed, 9);
	assert_int_equal(f.plan.accuracies[1].recipe.seed, 1);
	fixture_free(&f);
}

static void missing_and_same(void **state)
{
	struct fixture f;
	char subjects[1000];

	(void)state;
	snprintf(subjects, sizeof subjects,
		 "{\"tensor\":\"nothing "
		 "here/*.npy\"},{\"tensor\":\"%s/datasets/samples/activations.npy\"},"
		 "{\"tensor\":\"%s/datasets/samples/../samples/activations.npy\"}",
		 source_dir(), source_dir());
	plan(&f, subjects, "{\"weights\":{\"bits\":[4,8]}}", "");
	assert_int_equal(f.plan.accuracy_count, 2);
	assert_int_equal(f.plan.skip_count, 2);
	assert_non_null(find_skip(&f.plan, "nothing%20here/%2A.npy"));
	assert_true(
		glob_match("the same values as *, measured there", f.plan.skips[1].reason, false));
	fixture_free(&f);
}

static void measures(void **state)
{
	struct fixture f;

	(void)state;
	plan(&f, TENSOR "," GEMM, "{\"weights\":{},\"activations\":{}}", "\"measure\":\"error\"");
	assert_int_equal(f.plan.accuracy_count, 2);
	assert_int_equal(f.plan.race_count, 0);
	assert_int_equal(f.plan.choice_count, 2);
	assert_null(f.plan.choices[1].skip);
	fixture_free(&f);
	plan(&f, TENSOR "," GEMM, "{\"weights\":{},\"activations\":{}}",
	     "\"measure\":\"throughput\"");
	assert_int_equal(f.plan.accuracy_count, 0);
	assert_int_equal(f.plan.race_count, 1);
	assert_int_equal(f.plan.choice_count, 0);
	fixture_free(&f);
}

/* A key hangs on what decides the number and on nothing else. */
static void keys(void **state)
{
	static const char *const sweeps[] = {
		"{\"weights\":{},\"activations\":{},\"kernel\":\"avx2\"}",
		"{\"weights\":{},\"activations\":{},\"kernel\":[\"ref\",\"avx2\"]}",
		"{\"weights\":{},\"activations\":{},\"kernel\":\"avx2\",\"threads\":2}",
		"{\"weights\":{\"bits\":7},\"activations\":{},\"kernel\":\"avx2\",\"seed\":2}",
	};
	struct fixture f[4], other;
	const struct timing_cell *runner[4];
	struct error error;

	(void)state;
	for (int i = 0; i < 4; i++) {
		plan(&f[i], GEMM, sweeps[i], "");
		assert_int_equal(f[i].plan.race_count, 1);
		runner[i] = find_runner(&f[i].plan, &f[i].plan.races[0], "gemm_u8s8s32__avx2");
		assert_int_equal(strlen(runner[i]->key), KEY_SIZE - 1);
	}
	assert_string_equal(f[0].plan.accuracies[0].key, f[1].plan.accuracies[0].key);
	assert_string_equal(f[0].plan.accuracies[0].key, f[2].plan.accuracies[0].key);
	assert_string_not_equal(f[0].plan.accuracies[0].key, f[3].plan.accuracies[0].key);
	assert_string_equal(runner[0]->key, runner[1]->key);
	assert_string_not_equal(runner[0]->key, runner[2]->key);
	assert_string_equal(runner[0]->key, runner[3]->key);
	if (make(&other, GEMM, sweeps[0], "", &(struct plan_options){ .machine = "another" },
		 &error))
		fail_msg("%s", error.text);
	assert_string_equal(f[0].plan.accuracies[0].key, other.plan.accuracies[0].key);
	assert_string_not_equal(
		runner[0]->key,
		find_runner(&other.plan, &other.plan.races[0], "gemm_u8s8s32__avx2")->key);
	/* a library that was built anew */
	plan_free(&other.plan);
	other.libraries.libraries[0].hash[0] ^= 1;
	if (plan_make(&other.plan, &other.config, &other.libraries,
		      &(struct plan_options){ .machine = "m" }, &error))
		fail_msg("%s", error.text);
	assert_string_equal(f[0].plan.accuracies[0].key, other.plan.accuracies[0].key);
	assert_string_not_equal(
		runner[0]->key,
		find_runner(&other.plan, &other.plan.races[0], "gemm_u8s8s32__avx2")->key);
	for (int i = 0; i < 4; i++)
		fixture_free(&f[i]);
	fixture_free(&other);
}

static void a_plan_has_an_end(void **state)
{
	struct fixture f;
	struct error error;
	char sweep[3000];

	(void)state;
	long_sweep(sweep, sizeof sweep,
		   "\"scale\":[\"real\",\"power_of_two\"],\"range\":[\"static\",\"dynamic\"]},"
		   "\"rounding\":[\"half_even\",\"half_away\"],\"seed\":[1,2,3,4,5,6]}");
	assert_int_equal(make(&f, GEMM, sweep, "", &(struct plan_options){ 0 }, &error), -1);
	assert_int_equal(error.status, STATUS_INPUT);
	assert_true(glob_match(
		"x.json:2: sweep: 1228800 combinations for 'gemm:*', more than the 1000000 *",
		error.text, false));
	fixture_free(&f);
}

static void memory_may_run_out(void **state)
{
	static const char json[] =
		"{\"name\":\"x\",\"subjects\":[" TENSOR "," GEMM
		",{\"tensor\":\"nothing*.npy\"}],\"sweep\":"
		"{\"weights\":{\"bits\":[4,8]},\"activations\":{\"scheme\":[\"asymmetric\","
		"\"symmetric\"]},"
		"\"kernel\":[\"best\",\"ref\",\"neon\"]},\"exclude\":\"kernel=*ref\"}";

	(void)state;
	plan_without_memory(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tensor_has_weights_alone),
		cmocka_unit_test(the_union_has_no_doubles),
		cmocka_unit_test(seeds_are_for_random_data),
		cmocka_unit_test(missing_and_same),
		cmocka_unit_test(measures),
		cmocka_unit_test(keys),
		cmocka_unit_test(a_plan_has_an_end),
		cmocka_unit_test(memory_may_run_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
