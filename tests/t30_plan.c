/* SPDX-License-Identifier: MIT
 *
 * Plans: products and doubles, axes without meaning, skips with their reasons, races and guests,
 * filters, keys, lack of memory.
 */
#include "planned.h"

#include "choice_rows.h"
#include "../harness/text.h"

#define TENSOR "{\"tensor\":\"synthetic:gaussian\",\"shape\":[8,64]}"
#define RELU "{\"tensor\":\"synthetic:relu\",\"shape\":[8,64],\"as\":\"activations\"}"
#define GEMM "{\"op\":\"gemm\",\"m\":4,\"n\":8,\"k\":16}"
#define QUANTIZE "{\"op\":\"quantize\",\"m\":4,\"k\":16}"
#define DEQUANTIZE "{\"op\":\"dequantize\",\"m\":4,\"k\":16}"

static const struct skip *find_skip(const struct plan *plan, const char *label)
{
	for (size_t i = 0; i < plan->skip_count; i++)
		if (!strcmp(plan->skips[i].label, label))
			return &plan->skips[i];
	return NULL;
}

static void assert_skip(const struct plan *plan, const char *label, const char *reason)
{
	const struct skip *skip = find_skip(plan, label);

	for (size_t i = 0; !skip && i < plan->skip_count; i++)
		print_message("# %s: %s\n", plan->skips[i].label, plan->skips[i].reason);
	if (!skip)
		fail_msg("no skip '%s'", label);
	if (strcmp(skip->reason, reason))
		fail_msg("'%s' is skipped for '%s', not '%s'", label, skip->reason, reason);
}

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

#define A8 "a=int8.asymmetric.real.tensor.minmax.static half_even"
#define S8 "a=int8.symmetric.real.tensor.minmax.static half_even"
#define END " float all none s1"

/* Types hang on which kernels have names that tell of narrow codes. */
static void types_of_recipes(void **state)
{
	static const struct {
		const char *op, *y, *recipe, *types, *narrow; /* narrow NULL: the same        */
	} cases[] = {
		{ "gemm", NULL, "w=int8.symmetric.real.channel.minmax " A8 END, "u8s8s32", NULL },
		{ "gemm", NULL, "w=int8.asymmetric.real.tensor.mse "
		  "a=int8.symmetric.real.tensor.minmax.dynamic half_even" END, "s8s8s32", NULL },
		{ "gemm", NULL, "w=int8.symmetric.real.tensor.minmax a=int5.symmetric_unsigned."
		  "real.channel.minmax.static half_even" END, "u8s8s32", NULL },
		/* 4, 3 and 2 bits: their own width, else 4, else 8 */
		{ "gemm", NULL, "w=int4.symmetric.real.tensor.minmax " A8 END, "u8s8s32",
		  "u8s4f32_channel" },
		{ "gemm", NULL, "w=int4.symmetric.real.channel.minmax " S8 END, "s8s8s32", NULL },
		{ "gemm", NULL, "w=int3.asymmetric.real.channel.minmax " A8 END, "u8s8s32",
		  "u8s4f32_channel" },
		{ "gemm", NULL, "w=int2.symmetric.real.channel.minmax " A8 END, "u8s8s32",
		  "u8s2f32_channel" },
		{ "gemm", NULL, "w=int4.symmetric.real.group32.minmax " A8 END, "u8s8f32_g32",
		  "u8s4f32_g32" },
		{ "gemm", NULL, "w=int3.symmetric.real.group32.minmax " A8 END, "u8s8f32_g32",
		  "u8s3f32_g32" },
		{ "gemm", NULL, "w=int2.symmetric.real.group32.minmax " A8 END, "u8s8f32_g32",
		  "u8s4f32_g32" },
		{ "gemm", NULL, "w=int5.symmetric.real.group32.minmax " A8 END, "u8s8f32_g32",
		  NULL },
		{ "gemm", NULL, "w=int4.symmetric.real.group64.minmax " A8 END, "u8s8f32_g64",
		  NULL },
		/* 16 bits */
		{ "gemm", NULL, "w=int8.symmetric.real.tensor.minmax "
		  "a=int16.asymmetric.real.tensor.minmax.static half_even" END, "s16s8s64", NULL },
		{ "gemm", NULL, "w=int9.symmetric.real.tensor.minmax " S8 END, "s8s16s64", NULL },
		{ "gemm", "s32", "w=int8.symmetric.real.tensor.minmax "
		  "a=int16.symmetric.real.tensor.minmax.static half_even" END, "s16s8s64", NULL },
		/* floats */
		{ "gemm", NULL, "w=float a=float s1", "f32f32f32", NULL },
		{ "gemm", "f32", "w=float a=float s1", "f32f32f32", NULL },
		{ "gemm", NULL, "w=int8.symmetric.real.tensor.minmax a=float half_even" END,
		  "f32s8f32", NULL },
		{ "gemm", NULL, "w=float " A8 END, "u8f32f32", NULL },
		/* what the sums become */
		{ "gemm", "s32", "w=int4.symmetric.real.channel.minmax " A8 END, "u8s8s32", NULL },
		{ "gemm", "s8", "w=int8.symmetric.real.tensor.minmax " A8 END, "u8s8s8", NULL },
		{ "gemm", "u8", "w=int4.symmetric.real.channel.minmax " S8 END, "s8s8u8_channel",
		  NULL },
		{ "gemm", "s8", "w=int8.symmetric.real.group32.minmax " S8 END, "s8s8s8_g32",
		  NULL },
		{ "gemm", "f32", "w=int8.symmetric.real.tensor.minmax " A8 END, "u8s8f32_channel",
		  NULL },
		{ "gemm", "f32", "w=int4.symmetric.real.tensor.minmax " A8 END, "u8s8f32_channel",
		  "u8s4f32_channel" },
		{ "gemm", "f32", "w=int8.symmetric.real.group128.minmax " S8 END, "s8s8f32_g128",
		  NULL },
		/* simulated alone: scales that change within a sum of codes, or that are not known
		 * when it becomes a code */
		{ "gemm", NULL, "w=int8.symmetric.real.tensor.minmax "
		  "a=int8.asymmetric.real.group32.minmax.static half_even" END, "", NULL },
		{ "gemm", NULL, "w=int8.symmetric.real.channel(1).minmax " A8 END, "", NULL },
		{ "gemm", "s8", "w=int8.symmetric.real.tensor.minmax "
		  "a=int8.symmetric.real.channel.minmax.static half_even" END, "", NULL },
		{ "gemm", "s8", "w=int8.symmetric.real.tensor.minmax "
		  "a=int8.symmetric.real.tensor.minmax.dynamic half_even" END, "", NULL },
		/* operations on one operand */
		{ "quantize", NULL, A8 " s1", "f32u8", NULL },
		{ "quantize", NULL, "a=int4.symmetric.real.channel.minmax.static half_even s1",
		  "f32s8", "f32s4" },
		{ "quantize", NULL, "a=int3.asymmetric.real.tensor.minmax.static half_even s1",
		  "f32u8", NULL },
		{ "quantize", NULL, "a=int16.symmetric.real.channel.minmax.static half_even s1",
		  "f32s16", NULL },
		{ "quantize", NULL, "a=int9.asymmetric.real.channel.minmax.static half_even s1",
		  "f32u16", NULL },
		{ "quantize", NULL, "a=int8.symmetric.real.channel(1).minmax.static half_even s1",
		  "f32s8_channel", NULL },
		{ "quantize", NULL, "a=int8.symmetric.real.group32.minmax.static half_even s1",
		  "f32s8_g32", NULL },
		{ "dequantize", NULL, A8 " s1", "u8f32", NULL },
		{ "dequantize", NULL, S8 " s1", "s8f32", NULL },
		{ "dequantize", NULL, "a=int4.asymmetric.real.group64.minmax.static half_even s1",
		  "u8f32_g64", "u4f32_g64" },
		{ "dynamicquantize", NULL, "a=int8.asymmetric.real.tensor.minmax.dynamic half_even "
		  "s1", "f32u8", NULL },
		{ "requantize", NULL, S8 END, "s32s8", NULL },
		{ "requantize", NULL, "a=int8.asymmetric.real.channel(1).minmax.static half_even"
		  END, "s32u8_channel", NULL },
	};
	static const struct qs_kernel kernels[] = {
		{ .op = QS_GEMM, .name = "gemm_u8s4f32_channel__x" },
		{ .op = QS_GEMM, .name = "gemm_u8s2f32_channel__x" },
		{ .op = QS_GEMM, .name = "gemm_u8s4f32_g32__x" },
		{ .op = QS_GEMM, .name = "gemm_u8s3f32_g32__x" },
		{ .op = QS_QUANTIZE, .name = "quantize_f32s4__x" },
		{ .op = QS_DEQUANTIZE, .name = "dequantize_u4f32_g64__x" },
	};
	static const struct qs_kernel *const table[] = { &kernels[0], &kernels[1], &kernels[2],
							 &kernels[3], &kernels[4], &kernels[5] };
	const struct qs_library tables[] = { { .kernels = table, .count = 0 },
					     { .kernels = table, .count = 6 } };
	const struct env env = env_system();

	(void)state;
	for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
		struct library library = { .table = &tables[i & 1] };
		const struct libraries libraries = { .libraries = &library, .count = 1 };
		const struct value *operation = value_find(operation_values, cases[i / 2].op);
		const struct value *y =
			cases[i / 2].y ? value_find(result_values, cases[i / 2].y) : NULL;
		const char *expected = i & 1 && cases[i / 2].narrow ? cases[i / 2].narrow
								    : cases[i / 2].types;
		struct recipe recipe;
		struct error error;
		char types[32];

		if (recipe_read(&recipe, &env, cases[i / 2].recipe, &error))
			fail_msg("%s", error.text);
		assert_int_equal(recipe_types(types, sizeof types, &libraries,
					      (const struct operation *)operation, y, &recipe),
				 strlen(expected));
		assert_string_equal(types, expected);
		/* a network's layers stay as they are, whatever kernels there are */
		if (!strcmp(operation->name, "gemm") && !y) {
			const struct subject network = { .kind = SUBJECT_NETWORK };

			subject_types(types, sizeof types, &libraries, &network, &recipe);
			assert_string_equal(types, cases[i / 2].types);
		}
	}
}

static const struct race *find_race(const struct plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->race_count; i++)
		if (!strcmp(plan->races[i].name, name))
			return &plan->races[i];
	fail_msg("no race '%s'", name);
	return NULL;
}

static const struct timing_cell *find_runner(const struct plan *plan, const struct race *race,
					     const char *kernel)
{
	for (size_t i = race->first; i < race->first + race->count; i++)
		if (!strcmp(plan->timings[i].kernel->name, kernel))
			return &plan->timings[i];
	return NULL;
}

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

/* Each timing cell lies in its race's part, each choice names a timing cell of its own types. */
static void assert_whole(const struct plan *plan)
{
	size_t next = 0;

	for (size_t i = 0; i < plan->race_count; i++) {
		assert_int_equal(plan->races[i].first, next);
		for (; next < plan->races[i].first + plan->races[i].count; next++)
			assert_int_equal(plan->timings[next].race, i);
	}
	assert_int_equal(next, plan->timing_count);
	for (size_t i = 0; i < plan->choice_count; i++) {
		const struct choice *choice = &plan->choices[i];

		if (choice->timing == NO_TIMING)
			continue;
		const struct timing_cell *timing = &plan->timings[choice->timing];
		const struct accuracy_cell *cell = &plan->accuracies[choice->accuracy];
		char types[32];

		recipe_types(types, sizeof types, plan->libraries,
			     plan->subjects.subjects[cell->subject].operation,
			     plan->subjects.subjects[cell->subject].y, &cell->recipe);
		assert_true(kernel_has_types(timing->kernel,
					     plan->races[timing->race].operation->op, types));
		assert_string_equal(types, plan->races[timing->race].types);
	}
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

static void plan_only(struct fixture *f, const char *subjects, const char *sweep, const char *more,
		      const char *const *filters)
{
	struct filter only = { 0 };
	struct error error;

	*f = (struct fixture){ .env = env_system() };
	for (; *filters; filters++)
		assert_int_equal(filter_add(&only, &f->env, *filters, &error), 0);
	if (make(f, subjects, sweep, more, &(struct plan_options){ .only = &only, .machine = "m" },
		 &error))
		fail_msg("%s", error.text);
	only.env = &f->env;
	filter_free(&only);
}

static const char both[] = "{\"weights\":{\"bits\":[7,8]},\"activations\":{},"
			   "\"kernel\":[\"ref\",\"*__avx2\"]}";

/* One recipe a bit width; of the op one row a kernel: ref, avx2.  Its race has the float guest. */
static void filters_choose_rows(void **state)
{
	static const struct {
		const char *more;
		const char *only[3];
		size_t accuracies, choices, timings, excluded;
	} cases[] = {
		{ "", { NULL }, 4, 6, 3, 0 },
		{ "", { "weight_bits=7" }, 2, 3, 3, 0 },
		{ "", { "subject=gemm:*" }, 2, 4, 3, 0 },
		{ "", { "kernel=*avx2" }, 2, 2, 3, 0 },
		{ "", { "kernel=*avx2,weight_bits>7" }, 1, 1, 3, 0 },
		{ "", { "kernel=*avx2,weight_bits>7", "subject=synthetic:*" }, 3, 3, 3, 0 },
		{ "", { "types=u8s8s32,library=quantsweep,threads=1,batch=1" }, 2, 4, 3, 0 },
		{ "", { "weight_bits>8" }, 0, 0, 0, 0 },
		{ "",
		  { "label=gemm:4x8x16:synthetic:relu:synthetic:channel_spread "
		    "w=int7.symmetric.real.channel.minmax "
		    "a=int8.asymmetric.real.tensor.minmax.static "
		    "half_even float all none s1 | gemm_u8s8s32__avx2 t1 b1 warm" },
		  1,
		  1,
		  3,
		  0 },
		/* the label of an accuracy cell measures it without its times */
		{ "",
		  { "label=gemm:4x8x16:synthetic:relu:synthetic:channel_spread "
		    "w=int7.symmetric.real.channel.minmax "
		    "a=int8.asymmetric.real.tensor.minmax.static "
		    "half_even float all none s1" },
		  1,
		  1,
		  0,
		  0 },
		{ "\"exclude\":\"weight_bits=7\"", { NULL }, 2, 3, 3, 3 },
		/* without its times a recipe is still measured */
		{ "\"exclude\":[\"weight_bits=7,kernel=*\",\"subject=synthetic:*\"]",
		  { NULL },
		  2,
		  3,
		  3,
		  4 },
		{ "\"exclude\":\"kernel=*ref\"", { NULL }, 4, 4, 3, 2 },
		{ "\"exclude\":\"weight_bits=7\"", { "weight_bits=7" }, 0, 0, 0, 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fixture f;

		plan_only(&f, TENSOR "," GEMM, both, cases[i].more, cases[i].only);
		assert_whole(&f.plan);
		if (f.plan.accuracy_count != cases[i].accuracies ||
		    f.plan.choice_count != cases[i].choices ||
		    f.plan.timing_count != cases[i].timings || f.plan.excluded != cases[i].excluded)
			fail_msg("case %zu: %zu cells, %zu rows, %zu runners, %zu excluded", i,
				 f.plan.accuracy_count, f.plan.choice_count, f.plan.timing_count,
				 f.plan.excluded);
		fixture_free(&f);
	}
}

/* A block's own filter: the tensor has 4 and 8 bits, the op the row of 2 bits and the reference,
 * beside it the float guest.  What no block wants is not excluded: it was never asked for. */
static void blocks_choose_rows(void **state)
{
	static const char sweep[] =
		"[{\"weights\":{\"bits\":[4,8]},\"only\":\"subject=synthetic:*\"},"
		"{\"weights\":{\"bits\":[2,4]},\"activations\":{},\"kernel\":[\"ref\",\"*__avx2\"],"
		"\"only\":[\"subject=gemm:*,weight_bits=2,kernel=*ref\",\"weight_bits=7\"]}]";
	static const char *const bits[] = { "weight_bits<4", NULL };
	struct fixture f;

	(void)state;
	plan(&f, TENSOR "," GEMM, sweep, "");
	assert_whole(&f.plan);
	assert_int_equal(f.plan.accuracy_count, 3);
	assert_int_equal(f.plan.choice_count, 3);
	assert_int_equal(f.plan.timing_count, 2);
	assert_int_equal(f.plan.excluded, 0);
	fixture_free(&f);
	plan_only(&f, TENSOR "," GEMM, sweep, "", bits);
	assert_int_equal(f.plan.accuracy_count, 1);
	fixture_free(&f);
}

static void filters_choose_skips(void **state)
{
	static const char *const of_bits[] = { "weight_bits=8", NULL };
	static const char *const of_others[] = { "subject=synthetic:*", NULL };
	struct fixture f;

	(void)state;
	plan_only(&f, TENSOR "," GEMM,
		  "{\"weights\":{\"granularity\":{\"group\":7}},\"activations\":{}}", "", of_bits);
	assert_int_equal(f.plan.skip_count, 1);
	fixture_free(&f);
	plan_only(&f, TENSOR "," GEMM,
		  "{\"weights\":{\"granularity\":{\"group\":7}},\"activations\":{}}", "", of_others);
	assert_int_equal(f.plan.skip_count, 0);
	fixture_free(&f);
}

static void only_wants_known_columns(void **state)
{
	struct fixture f;
	struct filter only = { 0 };
	struct error error;
	const struct env env = env_system();

	(void)state;
	assert_int_equal(filter_add(&only, &env, "sqnr_db>20", &error), 0);
	assert_int_equal(
		make(&f, TENSOR, "{}", "", &(struct plan_options){ .only = &only }, &error), -1);
	assert_int_equal(error.status, STATUS_INPUT);
	assert_int_equal(strncmp(error.text, "--only: column 'sqnr_db' is known only after", 43),
			 0);
	fixture_free(&f);
	filter_free(&only);
}

/* Every column that a plan knows, by its name, and none that it does not know. */
static void columns_of_a_choice(void **state)
{
	static const struct {
		const char *column, *tensor, *op;
	} cases[] = {
		{ "subject", "synthetic:gaussian:8x64",
		  "gemm:4x8x16:synthetic:relu:synthetic:channel_spread" },
		{ "seed", "3", "3" },
		{ "weight_format", "int", "float" },
		{ "activation_format", NULL, "float" },
		{ "weight_bits", "4", "32" },
		{ "activation_bits", NULL, "32" },
		{ "weight_scheme", "asymmetric", NULL },
		{ "activation_scheme", NULL, NULL },
		{ "weight_scale", "power_of_two", NULL },
		{ "activation_scale", NULL, NULL },
		{ "weight_granularity", "group16", NULL },
		{ "activation_granularity", NULL, NULL },
		{ "weight_calibration", "percentile(99.5)", NULL },
		{ "activation_calibration", NULL, NULL },
		{ "activation_range", NULL, NULL },
		{ "rounding", "half_away", NULL },
		{ "requantization", NULL, NULL },
		{ "policy", NULL, NULL },
		{ "recovery", NULL, NULL },
		{ "types", NULL, "f32f32f32" },
		{ "kernel", NULL, "gemm_f32f32f32__avx2" },
		{ "library", NULL, "quantsweep" },
		{ "threads", NULL, "2" },
		{ "batch", NULL, "1" },
		{ "label", "a label", "a label" },
	};
	static char label[] = "a label";
	struct fixture tensor, op;

	(void)state;
	plan(&tensor, TENSOR,
	     "{\"weights\":{\"bits\":4,\"scheme\":\"asymmetric\",\"scale\":\"power_of_two\","
	     "\"granularity\":{\"group\":16},\"calibration\":{\"percentile\":99.5}},\"seed\":3,"
	     "\"rounding\":\"half_away\"}",
	     "");
	plan(&op, GEMM, "{\"seed\":3,\"threads\":2}", "");
	struct choice_row rows[2] = {
		{ .plan = &tensor.plan, .choice = &tensor.plan.choices[0], .label = label },
		{ .plan = &op.plan, .choice = &op.plan.choices[0], .label = label },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (int j = 0; j < 2; j++) {
			const char *expected = j ? cases[i].op : cases[i].tensor, *value;

			assert_int_equal(choice_lookup(&rows[j], cases[i].column, &value), 0);
			if (expected && !value)
				fail_msg("%s is NULL", cases[i].column);
			if (expected)
				assert_string_equal(value, expected);
			else
				assert_null(value);
		}
	for (const struct filter_column *c = filter_columns; c->name; c++) {
		const char *value;

		assert_int_equal(choice_lookup(&rows[1], c->name, &value), c->measured ? -1 : 0);
	}
	fixture_free(&tensor);
	fixture_free(&op);
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
	char sweep[3000] = "{\"weights\":{\"bits\":[2,3,4,5,6,7,8,9],\"granularity\":[";
	size_t length = strlen(sweep);

	(void)state;
	for (int i = 1; i <= 100; i++)
		length += (size_t)snprintf(sweep + length, sizeof sweep - length,
					   "%s{\"group\":%d}", i > 1 ? "," : "", i);
	snprintf(sweep + length, sizeof sweep - length,
		 "],\"calibration\":[\"minmax\",\"mse\"]},"
		 "\"activations\":{\"bits\":[2,3,4,5,6,7,8,9],\"scheme\":[\"symmetric\","
		 "\"asymmetric\"],"
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
	const struct env env = env_system();
	struct failing failing = { .fail_at = 0 };
	struct libraries libraries;
	int failed;

	(void)state;
	assert_int_equal(libraries_open(&libraries, &env, &(struct error){ 0 }), 0);
	do {
		struct env failing_env = env_failing(&failing);
		struct config config;
		struct plan plan;
		struct error error = { 0 };

		failing.calls = 0;
		failed = config_parse(&config, &failing_env, "x.json", json, sizeof json - 1,
				      &error);
		if (!failed) {
			failed = plan_make(&plan, &config, &libraries, &(struct plan_options){ 0 },
					   &error);
			if (!failed)
				plan_free(&plan);
			config_free(&config);
		}
		if (failed && error.status != STATUS_MACHINE)
			fail_msg("allocation %ld: %s", failing.fail_at, error.text);
		failing.fail_at++;
	} while (failed);
	assert_true(failing.fail_at > 150);
	libraries_close(&libraries);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tensor_has_weights_alone),
		cmocka_unit_test(the_union_has_no_doubles),
		cmocka_unit_test(seeds_are_for_random_data),
		cmocka_unit_test(types_of_recipes),
		cmocka_unit_test(races_of_details),
		cmocka_unit_test(bytes_of_races),
		cmocka_unit_test(races_have_guests),
		cmocka_unit_test(asked_and_guest_is_no_guest),
		cmocka_unit_test(kernel_words),
		cmocka_unit_test(unknown_kernel_words),
		cmocka_unit_test(a_lesser_cpu),
		cmocka_unit_test(what_no_kernel_takes),
		cmocka_unit_test(missing_and_same),
		cmocka_unit_test(measures),
		cmocka_unit_test(filters_choose_rows),
		cmocka_unit_test(blocks_choose_rows),
		cmocka_unit_test(filters_choose_skips),
		cmocka_unit_test(only_wants_known_columns),
		cmocka_unit_test(columns_of_a_choice),
		cmocka_unit_test(keys),
		cmocka_unit_test(a_plan_has_an_end),
		cmocka_unit_test(memory_may_run_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
