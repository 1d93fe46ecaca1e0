/* SPDX-License-Identifier: MIT
 *
 * Races of a plan: what parts them, their guests, how many bytes they move.
 */
#include "planned.h"

#include "../harness/plan_parts.h"

/* Requantization, zero points of weights and narrow codes make races of their own; the usual ones
 * have the names they had. */
static void races_of_details(void **state)
{
	struct fixture f;

	(void)state;
	plan(&f, "{\"op\":\"gemm\",\"m\":4,\"n\":8,\"k\":16,\"y\":\"s8\",\"w_bits\":6,\"w_values\":\"normal\"},"
		 "{\"op\":\"gemm\",\"m\":4,\"n\":8,\"k\":16,\"w_bits\":8},"
		 "{\"op\":\"requantize\",\"m\":4,\"k\":16},"
		 "{\"op\":\"dynamicquantize\",\"m\":4,\"k\":16}",
	     "{\"weights\":{\"scheme\":[\"symmetric\",\"asymmetric\"],\"granularity\":\"tensor\"},"
	     "\"activations\":{},\"requantization\":[\"float\",\"rndnu\"]}",
	     "");
	assert_string_equal(f.plan.subjects.subjects[0].name,
			    "gemm:4x8x16:s8:w6:normal:synthetic:relu:synthetic:channel_spread");
	assert_int_equal(f.plan.subjects.subjects[0].measure, MEASURE_THROUGHPUT);
	assert_string_equal(f.plan.subjects.subjects[1].name,
			    "gemm:4x8x16:synthetic:relu:synthetic:channel_spread");
	assert_int_equal(f.plan.subjects.subjects[2].measure, MEASURE_THROUGHPUT);
	assert_int_equal(f.plan.subjects.subjects[3].measure, MEASURE_ERROR | MEASURE_THROUGHPUT);
	assert_label(&f.plan, "dynamicquantize:4x16:synthetic:relu "
			      "a=int8.asymmetric.real.tensor.minmax.dynamic half_even s1");
	find_race(&f.plan, "gemm:4x8x16 u8s8s32 t1 warm");
	assert_true(find_race(&f.plan, "gemm:4x8x16 u8s8s32 t1 warm zeros")->detail.w_zeros);
	assert_non_null(find_runner(&f.plan,
				    find_race(&f.plan, "gemm:4x8x16 u8s8s32 t1 warm zeros"),
				    "gemm_u8s8s32__avx2"));
	for (size_t i = 0; i < f.plan.timing_count; i++)
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(f.plan.timings[i].key, f.plan.timings[j].key);
	if (types_have_kernel(&f.libraries, QS_GEMM, "u8s8s8")) {
		const struct race *race =
			find_race(&f.plan, "gemm:4x8x16:w6:normal u8s8s8 t1 warm rndnu zeros");

		find_race(&f.plan, "gemm:4x8x16:w6:normal u8s8s8 t1 warm");
		find_race(&f.plan, "gemm:4x8x16:w6:normal u8s8s8 t1 warm rndnu");
		assert_int_equal(race->detail.w_bits, 6);
		assert_string_equal(race->detail.w_values->name, "normal");
		assert_string_equal(race->detail.requantization->name, "rndnu");
		assert_string_equal(find_runner(&f.plan, race, "gemm_u8s8s8__ref")->label,
				    "gemm:4x8x16:w6:normal | gemm_u8s8s8__ref t1 b1 warm rndnu zeros");
	}
	if (types_have_kernel(&f.libraries, QS_REQUANTIZE, "s32u8"))
		find_race(&f.plan, "requantize:4x16 s32u8 t1 warm rndnu");
	fixture_free(&f);
}

/* By hand: 4 x 15 activations, 8 x 15 weights; rows of 3 bits are 6 bytes; scales 4, zero points 1. */
static void bytes_of_races(void **state)
{
	static const struct {
		struct qs_kernel kernel;
		bool zeros;
		int64_t weights, all;
	} cases[] = {
		{ { .op = QS_GEMM, .a = QS_U8, .w = QS_S8, .y = QS_S32, .name = "gemm_u8s8s32__x" },
		  false, 120, 60 + 120 + 128 },
		{ { .op = QS_GEMM, .a = QS_U8, .w = QS_S8, .y = QS_S32, .name = "gemm_u8s8s32__x" },
		  true, 120 + 8, 60 + 128 + 128 },
		{ { .op = QS_GEMM, .a = QS_S8, .w = QS_S3, .y = QS_F32,
		    .name = "gemm_s8s3f32_g8__x" }, false, 48 + 64, 60 + 112 + 128 },
		{ { .op = QS_GEMM, .a = QS_S8, .w = QS_S4, .y = QS_F32,
		    .name = "gemm_s8s4f32_channel__x" }, true, 64 + 32 + 8, 60 + 104 + 128 },
		{ { .op = QS_GEMM, .a = QS_F32, .w = QS_F32, .y = QS_F32,
		    .name = "gemm_f32f32f32__x" }, true, 480, 240 + 480 + 128 },
		{ { .op = QS_QUANTIZE, .a = QS_F32, .y = QS_S4, .name = "quantize_f32s4_channel__x" },
		  false, 0, 240 + 32 + 60 },
		{ { .op = QS_DYNAMIC_QUANTIZE, .a = QS_F32, .y = QS_U8,
		    .name = "dynamicquantize_f32u8__x" }, false, 0, 240 + 60 + 32 },
		{ { .op = QS_REQUANTIZE, .a = QS_S32, .y = QS_S8, .name = "requantize_s32s8__x" },
		  false, 0, 240 + 60 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct race race = { .m = 4, .n = 8, .k = 15,
					   .detail.w_zeros = cases[i].zeros };

		if (race_weight_bytes(&race, &cases[i].kernel) != cases[i].weights ||
		    race_bytes(&race, &cases[i].kernel) != cases[i].all)
			fail_msg("%s: %lld, %lld", cases[i].kernel.name,
				 (long long)race_weight_bytes(&race, &cases[i].kernel),
				 (long long)race_bytes(&race, &cases[i].kernel));
	}
}

static void races_have_guests(void **state)
{
	struct fixture f;
	const struct race *race;
	const struct timing_cell *runner;

	(void)state;
	/* 2 weight rules * 2 activation rules of one kind of types share one race */
	plan(&f, GEMM,
	     "{\"weights\":{\"bits\":[7,8]},\"activations\":{\"calibration\":[\"minmax\",\"mse\"]},"
	     "\"kernel\":\"*__avx2\"}",
	     "");
	assert_whole(&f.plan);
	assert_int_equal(f.plan.accuracy_count, 4);
	assert_int_equal(f.plan.race_count, 1);
	race = find_race(&f.plan, "gemm:4x8x16 u8s8s32 t1 warm");
	assert_int_equal(race->count, 3);
	assert_int_equal(race->m, 4);
	assert_int_equal(race->n, 8);
	assert_int_equal(race->k, 16);
	runner = find_runner(&f.plan, race, "gemm_u8s8s32__avx2");
	assert_non_null(runner);
	assert_false(runner->guest);
	assert_string_equal(runner->label, "gemm:4x8x16 | gemm_u8s8s32__avx2 t1 b1 warm");
	runner = find_runner(&f.plan, race, "gemm_u8s8s32__ref");
	assert_non_null(runner);
	assert_true(runner->guest);
	/* `best` f32 is the last row of the table that this CPU runs */
	runner = find_runner(&f.plan, race, "gemm_f32f32f32__avx2");
	assert_non_null(runner);
	assert_true(runner->guest);
	/* one row a recipe and kernel of its types, the reference too; the float guest has none */
	assert_int_equal(f.plan.choice_count, 8);
	fixture_free(&f);
}

static void asked_and_guest_is_no_guest(void **state)
{
	struct fixture f;
	const struct race *race;

	(void)state;
	plan(&f, GEMM,
	     "[{},{\"weights\":{},\"activations\":{},\"kernel\":\"best\"},"
	     "{\"weights\":{},\"activations\":{},\"kernel\":[\"ref\",\"gemm_u8s8s32__avx2\"],"
	     "\"threads\":[1,2]}]",
	     "");
	assert_whole(&f.plan);
	assert_int_equal(f.plan.race_count, 3);
	race = find_race(&f.plan, "gemm:4x8x16 u8s8s32 t1 warm");
	assert_int_equal(race->count, 3);
	assert_false(find_runner(&f.plan, race, "gemm_u8s8s32__ref")->guest);
	assert_false(find_runner(&f.plan, race, "gemm_u8s8s32__avx2")->guest);
	race = find_race(&f.plan, "gemm:4x8x16 f32f32f32 t1 warm");
	assert_int_equal(race->count, 2);
	assert_false(find_runner(&f.plan, race, "gemm_f32f32f32__avx2")->guest);
	assert_true(find_runner(&f.plan, race, "gemm_f32f32f32__ref")->guest);
	assert_int_equal(find_race(&f.plan, "gemm:4x8x16 u8s8s32 t2 warm")->threads, 2);
	assert_int_equal(f.plan.skip_count, 0);
	fixture_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(races_of_details),
		cmocka_unit_test(bytes_of_races),
		cmocka_unit_test(races_have_guests),
		cmocka_unit_test(asked_and_guest_is_no_guest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
