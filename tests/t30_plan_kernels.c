/* SPDX-License-Identifier: MIT
 *
 * Kernels of a plan: words that name them, unknown ones, those that the CPU lacks, types that none takes.
 */
#include "planned.h"

#include "../harness/text.h"

#define QUANTIZE "{\"op\":\"quantize\",\"m\":4,\"k\":16}"
#define DEQUANTIZE "{\"op\":\"dequantize\",\"m\":4,\"k\":16}"

/* Kernels of our library that this CPU runs, or does not. */
static size_t count_ours(const struct plan *plan, enum qs_op op, const char *types, bool runs)
{
	const struct qs_library *ours = plan->libraries->libraries[0].table;
	size_t count = 0;

	for (size_t i = 0; i < ours->count; i++)
		count += kernel_has_types(ours->kernels[i], op, types) &&
			 !(ours->kernels[i]->needs & ~plan->libraries->env->cpu) == runs;
	assert_true(count >= 1);
	return count;
}

static void kernel_words(void **state)
{
	struct fixture f;
	const struct race *race;
	size_t gemms, quantizes;

	(void)state;
	plan(&f, GEMM "," QUANTIZE,
	     "{\"weights\":{},\"activations\":{},"
	     "\"kernel\":[\"quantsweep\",\"avx2\",\"*__avx2\"]}",
	     "");
	assert_whole(&f.plan);
	race = find_race(&f.plan, "gemm:4x8x16 u8s8s32 t1 warm");
	gemms = count_ours(&f.plan, QS_GEMM, "u8s8s32", true);
	assert_int_equal(race->count, gemms + 1);
	race = find_race(&f.plan, "quantize:4x16 f32u8 t1 warm");
	quantizes = count_ours(&f.plan, QS_QUANTIZE, "f32u8", true);
	assert_int_equal(race->count, quantizes);
	/* a library's kernels that this CPU does not run are skips */
	assert_skip(&f.plan, "gemm:4x8x16 | gemm_u8s8s32__avx512vnni t1 b1 warm",
		    "the CPU lacks avx512vnni");
	assert_skip(&f.plan, "quantize:4x16 | quantize_f32u8__avx512bw t1 b1 warm",
		    "the CPU lacks avx512bw");
	assert_int_equal(f.plan.skip_count,
			 count_ours(&f.plan, QS_GEMM, "u8s8s32", false) +
				 count_ours(&f.plan, QS_QUANTIZE, "f32u8", false));
	assert_int_equal(f.plan.choice_count, gemms + quantizes);
	fixture_free(&f);
	/* a word that is known, and that names nothing here */
	plan(&f, QUANTIZE, "{\"activations\":{},\"kernel\":[\"gemm*\",\"neon\",\"ref\"]}", "");
	assert_int_equal(f.plan.skip_count, 2);
	assert_skip(&f.plan, "quantize:4x16 | gemm%2A t1 b1 warm",
		    "'gemm*' names no kernel of quantize_f32u8");
	assert_skip(&f.plan, "quantize:4x16 | quantize_f32u8__neon t1 b1 warm",
		    "the CPU lacks neon");
	assert_int_equal(f.plan.choice_count, 1);
	fixture_free(&f);
}

static void unknown_kernel_words(void **state)
{
	static const struct {
		const char *word, *sentence;
	} cases[] = {
		{ "avx215",
		  "x.json:2: sweep.kernel: unknown kernel 'avx215'; did you mean 'avx2'[?]" },
		{ "bets", "x.json:2: sweep.kernel: unknown kernel 'bets'; did you mean 'best'[?]" },
		{ "gemm_u8s8s32__avx51vnni", "*did you mean 'gemm_u8s8s32__avx512vnni'[?]" },
		{ "*__sse",
		  "*unknown kernel '*__sse'; `quantsweep list kernel` prints the known ones*" },
		{ "onedn", "*unknown kernel 'onedn'; did you mean 'onednn'[?]" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fixture f;
		struct error error = { 0 };
		char sweep[100];

		snprintf(sweep, sizeof sweep, "{\"kernel\":[\"best\",\"%s\"]}", cases[i].word);
		assert_int_equal(make(&f, TENSOR, sweep, "", &(struct plan_options){ 0 }, &error),
				 -1);
		assert_int_equal(error.status, STATUS_INPUT);
		if (!glob_match(cases[i].sentence, error.text, false))
			fail_msg("'%s' gives: %s", cases[i].word, error.text);
		fixture_free(&f);
	}
}

static void a_lesser_cpu(void **state)
{
	struct fixture f;
	struct error error;

	(void)state;
	plan(&f, GEMM,
	     "{\"weights\":{},\"activations\":{},\"kernel\":[\"best\",\"*__avx2\",\"avx512vnni\"]}",
	     "");
	assert_whole(&f.plan);
	assert_int_equal(f.plan.skip_count, 2);
	assert_skip(&f.plan, "gemm:4x8x16 | gemm_u8s8s32__avx512vnni_256 t1 b1 warm",
		    "the CPU lacks avx512vnni");
	assert_skip(&f.plan, "gemm:4x8x16 | gemm_u8s8s32__avx512vnni t1 b1 warm",
		    "the CPU lacks avx512vnni");
	assert_int_equal(f.plan.races[0].count, 3);
	assert_non_null(find_runner(&f.plan, &f.plan.races[0], "gemm_f32f32f32__avx2"));
	plan_free(&f.plan);
	/* nothing that was asked for runs: the error is measured, the time is not */
	f.env.cpu = 0;
	strcpy(f.config.sweeps[0].kernel.settings[0].text, "avx2");
	if (plan_make(&f.plan, &f.config, &f.libraries, &(struct plan_options){ 0 }, &error))
		fail_msg("%s", error.text);
	assert_int_equal(f.plan.race_count, 0);
	assert_int_equal(f.plan.accuracy_count, 1);
	assert_int_equal(f.plan.choice_count, 1);
	assert_true(f.plan.choices[0].timing == NO_TIMING);
	assert_string_equal(f.plan.choices[0].skip, "the CPU lacks avx2");
	fixture_free(&f);
}

static void what_no_kernel_takes(void **state)
{
	struct fixture f;

	(void)state;
	plan(&f, GEMM,
	     "{\"weights\":{\"granularity\":[\"tensor\",{\"group\":4}]},"
	     "\"activations\":{\"granularity\":[\"tensor\",{\"group\":4}]}}",
	     "");
	assert_int_equal(f.plan.accuracy_count, 4);
	assert_int_equal(f.plan.race_count, 1);
	assert_int_equal(f.plan.choice_count, 5);
	assert_skip(&f.plan, "gemm:4x8x16 | gemm_u8s8f32_g4 t1 b1 warm",
		    "no kernel takes gemm_u8s8f32_g4");
	assert_skip(&f.plan, "gemm:4x8x16 | gemm_simulated t1 b1 warm",
		    "group scales on activations and scales along the reduction are simulated, no "
		    "kernel "
		    "has them");
	assert_int_equal(f.plan.skip_count, 2);
	for (size_t i = 0; i < f.plan.choice_count; i++)
		assert_true((f.plan.choices[i].timing == NO_TIMING) ==
			    (f.plan.choices[i].skip != NULL));
	fixture_free(&f);
	plan(&f, QUANTIZE "," DEQUANTIZE "," TENSOR,
	     "{\"weights\":{\"granularity\":{\"channel\":2}}}", "");
	assert_int_equal(f.plan.accuracy_count, 0);
	assert_int_equal(f.plan.skip_count, 3);
	assert_skip(&f.plan, "quantize:4x16:synthetic:relu a=float s1",
		    "quantize of float activations does nothing");
	assert_skip(&f.plan,
		    "synthetic:gaussian:8x64 w=int8.symmetric.real.channel(2).minmax half_even s1",
		    "channel axis 2 of a tensor with 2 axes");
	fixture_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernel_words),
		cmocka_unit_test(unknown_kernel_words),
		cmocka_unit_test(a_lesser_cpu),
		cmocka_unit_test(what_no_kernel_takes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
