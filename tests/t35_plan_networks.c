/* SPDX-License-Identifier: MIT
 *
 * Cells of networks: what their recipes are a product of, their layers, what is measured, keys, how many
 * there may be, lack of memory.
 */
#include "planned.h"

#include "../harness/text.h"

#define ARM_NAME "builtin:arm:cal256:eval1000 "
#define W8 "w=int8.symmetric.real.channel.minmax "
#define A8 "a=int8.asymmetric.real.tensor.minmax.static "

/* 4-bit and 8-bit weights with float activations (2 roundings * 2 policies), with 8-bit ones (also
 * 2 modes); float once; and activations alone. */
static void what_has_a_meaning(void **state)
{
	struct fixture f;

	(void)state;
	plan(&f, ARM,
	     "{\"weights\":{\"bits\":[4,8,\"float\"]},\"activations\":{\"bits\":[8,\"float\"]},"
	     "\"rounding\":[\"half_even\",\"half_away\"],"
	     "\"requantization\":[\"float\",\"q31_double\"],"
	     "\"policy\":[\"all\",\"skip_first_last\"],"
	     "\"seed\":[1,2,3],\"kernel\":[\"ref\",\"avx2\"],\"threads\":[1,2],\"batch\":[1,8]}",
	     NO_TIMES);
	assert_int_equal(f.plan.skip_count, 0);
	assert_int_equal(f.plan.race_count, 0);
	assert_int_equal(f.plan.accuracy_count, 2 * (2 * 2 + 2 * 2 * 2) + 2 * 2 + 1);
	assert_int_equal(f.plan.choice_count, f.plan.accuracy_count);
	assert_label(&f.plan, ARM_NAME W8 A8 "half_away q31_double skip_first_last none s1");
	assert_label(&f.plan, ARM_NAME W8 "a=float half_even float skip_first_last none s1");
	assert_label(&f.plan, ARM_NAME "w=float " A8 "half_even float all none s1");
	assert_label(&f.plan, ARM_NAME "w=float a=float s1");
	for (size_t i = 0; i < f.plan.choice_count; i++) {
		assert_true(f.plan.choices[i].timing == NO_TIMING);
		assert_null(f.plan.choices[i].skip);
	}
	/* one job, measured together */
	for (size_t i = 1; i < f.plan.accuracy_count; i++) {
		assert_int_equal(accuracy_compare_slices(&f.plan.accuracies[i - 1],
							 &f.plan.accuracies[i]),
				 0);
		assert_int_equal(f.plan.accuracies[i].recipe.seed, 1);
		assert_true(f.plan.accuracies[i].cost > 0);
	}
	fixture_free(&f);
}

static void the_seed_of_a_network_stands(void **state)
{
	const struct plan_options options = { .has_seed = true, .seed = 9 };
	struct fixture f;
	struct error error;

	(void)state;
	if (make(&f, ARM, "{\"weights\":{},\"activations\":{}}", "", &options, &error))
		fail_msg("%s", error.text);
	assert_label(&f.plan, ARM_NAME W8 A8 "half_even float all none s1");
	fixture_free(&f);
}

/* What is swept for networks multiplies no op: it stands at float and all, without a skip. */
static void ops_beside_networks(void **state)
{
	struct fixture f;
	size_t of_op = 0;

	(void)state;
	plan(&f, GEMM "," ARM,
	     "[{\"weights\":{\"bits\":[4,8]},\"activations\":{},"
	     "\"requantization\":[\"q31_double\",\"float\",\"shift\"],"
	     "\"policy\":[{\"skip\":\"fc1\"},\"all\"]},"
	     "{\"weights\":{\"bits\":[4,8]},\"activations\":{},\"requantization\":\"rndnu\"}]",
	     "\"measure\":\"error\"");
	for (size_t i = 0; i < f.plan.accuracy_count; i++)
		of_op += f.plan.accuracies[i].subject == 0;
	assert_int_equal(of_op, 2);
	assert_label(&f.plan, "gemm:4x8x16:synthetic:relu:synthetic:channel_spread " W8 A8
			      "half_even float all none s1");
	/* of the network: 2 bits * 2 policies * 2 modes and shift skipped, and rndnu */
	assert_int_equal(f.plan.accuracy_count, 2 + 2 * 2 * 2 + 2);
	assert_int_equal(f.plan.skip_count, 2 * 2);
	fixture_free(&f);
}

/* The output channel by its number is the output channel. */
static void the_own_axis_needs_no_number(void **state)
{
	struct fixture f;

	(void)state;
	plan(&f, ARM "," GLYPHS, "{\"weights\":{\"granularity\":[\"channel\",{\"channel\":0}]}}",
	     "");
	assert_int_equal(f.plan.accuracy_count, 2);
	assert_label(&f.plan, ARM_NAME W8 "a=float half_even float all none s1");
	fixture_free(&f);
}

static void layers_of_subjects(void **state)
{
	struct fixture f;

	(void)state;
	plan(&f,
	     GLYPHS "," GEMM ",{\"network\":\"builtin:arm\",\"calibration_data\":{\"samples\":"
		    "[16,64]}}",
	     "{\"weights\":{}}", "");
	const struct layers *layers = f.plan.layers;

	assert_int_equal(f.plan.subjects.count, 4);
	assert_string_equal(layers[0].name, "builtin:glyphs");
	assert_true(layers[0].count > 9);
	assert_int_equal(layers[1].count, 0);
	assert_int_equal(layers[2].count, 9);
	assert_string_equal(layers[2].layers[0].name, "fc1");
	/* lowered once */
	assert_ptr_equal(layers[2].layers, layers[3].layers);
	for (size_t i = 0; i < 4; i += 2) {
		const struct network *network = f.plan.subjects.subjects[i].network;

		assert_int_equal(layers[i].edges[0].elements, network->inputs);
		assert_int_equal(layers[i].edges[layers[i].count].elements, network->outputs);
	}
	fixture_free(&f);
	/* its times alone */
	plan(&f, GLYPHS "," GEMM, "{\"weights\":{},\"activations\":{}}",
	     "\"measure\":\"throughput\"");
	assert_int_equal(f.plan.accuracy_count, 0);
	assert_int_equal(f.plan.choice_count, 0);
	assert_true(f.plan.layers[0].count > 9);
	fixture_free(&f);
}

/* Error, drift and task are one cell, whichever of them is wanted. */
static void measures(void **state)
{
	static const char *const wants[] = { "\"measure\":\"error\"", "\"measure\":\"drift\"",
					     "\"measure\":\"task\"",
					     "\"measure\":[\"task\",\"throughput\"]" };

	(void)state;
	for (size_t i = 0; i < sizeof wants / sizeof *wants; i++) {
		struct fixture f;

		plan(&f, ARM, "{\"weights\":{}}", wants[i]);
		assert_int_equal(f.plan.accuracy_count, 1);
		fixture_free(&f);
	}
}

/* Each part of a recipe and of the data is in the key; the sweep's other axes are not. */
static void keys(void **state)
{
	static const struct {
		const char *subject, *sweep;
	} cases[] = {
		{ ARM, "{\"weights\":{},\"activations\":{}}" },
		{ GLYPHS, "{\"weights\":{},\"activations\":{}}" },
		{ ARM, "{\"weights\":{},\"activations\":{},\"requantization\":\"q31_double\"}" },
		{ ARM, "{\"weights\":{},\"activations\":{},\"policy\":\"skip_first_last\"}" },
		{ ARM, "{\"weights\":{},\"activations\":{},\"policy\":{\"skip\":\"fc1\"}}" },
		{ ARM, "{\"weights\":{},\"activations\":{},\"policy\":{\"skip\":\"fc2\"}}" },
		{ ARM,
		  "{\"weights\":{},\"activations\":{},\"policy\":{\"skip_smaller_than\":1024}}" },
		{ ARM,
		  "{\"weights\":{},\"activations\":{},\"policy\":{\"skip_smaller_than\":1025}}" },
		{ "{\"network\":\"builtin:arm\",\"calibration_data\":{\"samples\":255}}",
		  "{\"weights\":{},\"activations\":{}}" },
		{ "{\"network\":\"builtin:arm\",\"evaluation_data\":{\"seed\":3}}",
		  "{\"weights\":{},\"activations\":{}}" },
	};
	enum { N = sizeof cases / sizeof *cases };
	struct fixture f[N], same;

	(void)state;
	for (size_t i = 0; i < N; i++) {
		plan(&f[i], cases[i].subject, cases[i].sweep, "");
		assert_int_equal(f[i].plan.accuracy_count, 1);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(f[i].plan.accuracies[0].key,
						f[j].plan.accuracies[0].key);
	}
	plan(&same, "{\"network\":\"builtin:arm\",\"evaluation_data\":{\"samples\":1000}}",
	     "{\"weights\":{},\"activations\":{},\"threads\":3,\"seed\":5,\"kernel\":\"ref\"}", "");
	assert_string_equal(same.plan.accuracies[0].key, f[0].plan.accuracies[0].key);
	fixture_free(&same);
	for (size_t i = 0; i < N; i++)
		fixture_free(&f[i]);
}

static void a_plan_has_an_end(void **state)
{
	struct fixture f;
	struct error error;
	char sweep[3000];

	(void)state;
	long_sweep(sweep, sizeof sweep,
		   "\"scale\":[\"real\",\"power_of_two\"]},"
		   "\"requantization\":[\"float\",\"q31_double\",\"q31_single\",\"rndnu\"],"
		   "\"policy\":[\"all\",\"skip_first_last\",\"skip_residual\",{\"skip\":\"fc1\"},"
		   "{\"skip\":\"fc2\"}]}");
	assert_int_equal(make(&f, ARM, sweep, "", &(struct plan_options){ 0 }, &error), -1);
	assert_int_equal(error.status, STATUS_INPUT);
	if (!glob_match("x.json:2: sweep: 1024000 combinations for 'builtin:arm:*', more than *",
			error.text, false))
		fail_msg("%s", error.text);
	fixture_free(&f);
}

static void memory_may_run_out(void **state)
{
	static const char json[] =
		"{\"name\":\"x\",\"subjects\":[" GEMM "," ARM ",{\"network\":\"builtin:arm\","
		"\"calibration_data\":{\"samples\":[16,64]}}],\"sweep\":"
		"{\"weights\":{\"bits\":[4,8]},\"activations\":{},"
		"\"policy\":[\"all\",{\"skip\":[\"fc1\",\"nothing\"]},{\"skip\":\"fc1\"}]}}";

	(void)state;
	plan_without_memory(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_has_a_meaning),
		cmocka_unit_test(the_seed_of_a_network_stands),
		cmocka_unit_test(ops_beside_networks),
		cmocka_unit_test(the_own_axis_needs_no_number),
		cmocka_unit_test(layers_of_subjects),
		cmocka_unit_test(measures),
		cmocka_unit_test(keys),
		cmocka_unit_test(a_plan_has_an_end),
		cmocka_unit_test(memory_may_run_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
