/* SPDX-License-Identifier: MIT
 *
 * Configs: what they mean, and what is left out.
 */
#include "configs.h"

static void the_design_example(void **state)
{
	struct config config;

	(void)state;
	read_ok(&config,
		"\xef\xbb\xbf{\n"
		"  // a comment with \"quotes\" and { brackets\n"
		"  \"name\": \"first-look\",\n"
		"  \"subjects\": [\n"
		"    { \"tensor\": \"synthetic:outliers\", \"shape\": [256, 1024] },\n"
		"\t// { \"tensor\": \"left out\" },\r\n"
		"    { \"tensor\": \"model.onnx#conv1.weight\", \"as\": \"activations\" },\n"
		"    { \"op\": \"gemm\", \"m\": 64, \"n\": 512, \"k\": 1024, \"a\": \"x.npy\" },\n"
		"    { \"op\": \"quantize\", \"m\": 2, \"k\": 3 }\n"
		"  ],\n"
		"  \"sweep\": {\n"
		"    \"weights\":     { \"bits\": [2, 3, 4, 5, 6, 8], \"scheme\": "
		"[\"symmetric\"],\n"
		"                     \"granularity\": [\"tensor\", \"channel\", { \"group\": 32 "
		"},\n"
		"                                     { \"channel\": 1 }],\n"
		"                     \"calibration\": [\"minmax\", \"percentile\"] },\n"
		"    \"activations\": { \"bits\": [8, \"float\"], \"scheme\": [\"asymmetric\", "
		"\"symmetric\"],\n"
		"                     \"calibration\": [\"minmax\", { \"percentile\": 99.5 }] },\n"
		"    \"rounding\": [\"half_even\"], \"kernel\": [\"ref\", \"avx2\", \"*vnni\"],\n"
		"    \"threads\": [1, 2], \"seed\": 7,\n"
		"    \"only\": [\"subject=gemm:*\", \"subject!=gemm:*,weight_bits>2\"]\n"
		"  },\n"
		"  \"measure\": [\"error\", \"throughput\"],\n"
		"  \"exclude\": [\"weight_bits=2,kernel=*avx2\", \"weight_bits=3\"]\n"
		"}\n");
	assert_string_equal(config.name, "first-look");
	assert_string_equal(config.path, "folder/x.json");
	assert_string_equal(config.folder, "folder");
	assert_int_equal(config.subject_count, 4);
	const struct subject_spec *s = config.subjects;

	assert_int_equal(s[0].kind, SUBJECT_TENSOR);
	assert_int_equal(s[0].line, 5);
	assert_string_equal(s[0].tensor, "synthetic:outliers");
	assert_int_equal(s[0].rank, 2);
	assert_int_equal(s[0].shape[1], 1024);
	assert_int_equal(s[0].measure, MEASURE_ERROR);
	assert_false(s[0].as_activations);
	assert_int_equal(s[1].line, 7);
	assert_true(s[1].as_activations);
	assert_int_equal(s[2].kind, SUBJECT_OP);
	assert_string_equal(s[2].operation->value.name, "gemm");
	assert_int_equal(s[2].n, 512);
	assert_string_equal(s[2].a, "x.npy");
	assert_string_equal(s[2].w, "synthetic:channel_spread");
	assert_int_equal(s[2].measure, MEASURE_ERROR | MEASURE_THROUGHPUT);
	assert_int_equal(s[3].n, 1);
	assert_string_equal(s[3].a, "synthetic:relu");
	assert_null(s[3].w);
	assert_int_equal(config.sweep_count, 1);
	const struct sweep *sweep = config.sweeps;

	assert_int_equal(sweep->line, 11);
	assert_int_equal(sweep->weights.format.count, 6);
	assert_string_equal(sweep->weights.format.settings[5].value->name, "int");
	assert_true(sweep->weights.format.settings[5].number == 8);
	assert_int_equal(sweep->weights.format.settings[5].line, 12);
	assert_int_equal(sweep->weights.granularity.count, 4);
	assert_true(sweep->weights.granularity.settings[1].number == -1);
	assert_true(sweep->weights.granularity.settings[2].number == 32);
	assert_int_equal(sweep->weights.granularity.settings[3].line, 14);
	assert_true(sweep->weights.granularity.settings[3].number == 1);
	assert_true(sweep->weights.calibration.settings[1].number == 99.99);
	assert_int_equal(sweep->activations.format.count, 2);
	assert_string_equal(sweep->activations.format.settings[1].value->name, "float");
	assert_true(sweep->activations.format.settings[1].number == 32);
	assert_true(sweep->activations.calibration.settings[1].number == 99.5);
	assert_int_equal(sweep->kernel.count, 3);
	assert_string_equal(sweep->kernel.settings[2].text, "*vnni");
	assert_int_equal(sweep->kernel.settings[2].line, 18);
	assert_int_equal(sweep->threads.count, 2);
	assert_true(sweep->seed.settings[0].number == 7);
	assert_int_equal(sweep->only.groups, 2);
	assert_int_equal(sweep->only.count, 3);
	assert_int_equal(config.measure, MEASURE_ERROR | MEASURE_THROUGHPUT);
	assert_int_equal(config.exclude.groups, 2);
	assert_int_equal(config.exclude.count, 3);
	config_free(&config);
}

static void is_one(const struct setting_list *list, const char *name, double number)
{
	assert_int_equal(list->count, 1);
	if (name)
		assert_string_equal(list->settings[0].value->name, name);
	assert_true(list->settings[0].number == number);
}

/* The README says the same, under "Axes". */
static void omitted_keys(void **state)
{
	struct config config;

	(void)state;
	read_ok(&config,
		"{\"name\":\"x\"," TENSOR ",\"sweep\":{\"weights\":{},\"activations\":{}}}");
	const struct sweep *s = config.sweeps;

	is_one(&s->weights.format, "int", 8);
	is_one(&s->weights.scheme, "symmetric", 0);
	is_one(&s->weights.scale, "real", 0);
	is_one(&s->weights.granularity, "channel", -1);
	is_one(&s->weights.calibration, "minmax", 0);
	assert_int_equal(s->weights.range.count, 0);
	is_one(&s->activations.format, "int", 8);
	is_one(&s->activations.scheme, "asymmetric", 0);
	is_one(&s->activations.scale, "real", 0);
	is_one(&s->activations.granularity, "tensor", 0);
	is_one(&s->activations.calibration, "minmax", 0);
	is_one(&s->activations.range, "static", 0);
	is_one(&s->rounding, "half_even", 0);
	is_one(&s->requantization, "float", 0);
	is_one(&s->policy, "all", 0);
	is_one(&s->recovery, "none", 0);
	is_one(&s->threads, NULL, 1);
	is_one(&s->batch, NULL, 1);
	is_one(&s->cache, "warm", 0);
	is_one(&s->calibration_batch, NULL, 32);
	is_one(&s->seed, NULL, 1);
	assert_int_equal(s->kernel.count, 1);
	assert_string_equal(s->kernel.settings[0].text, "best");
	assert_int_equal(config.measure, MEASURE_ERROR | MEASURE_DRIFT | MEASURE_TASK | MEASURE_THROUGHPUT);
	assert_int_equal(config.exclude.count, 0);
	config_free(&config);
	read_ok(&config, "{\"name\":\"x\"," TENSOR ",\"sweep\":{}}");
	is_one(&config.sweeps[0].weights.format, "float", 32);
	is_one(&config.sweeps[0].activations.format, "float", 32);
	config_free(&config);
}

static void scalars_lists_and_doubles(void **state)
{
	struct config config;

	(void)state;
	read_ok(&config, "{\"name\":\"x\"," TENSOR ",\"sweep\":[{\"weights\":{\"bits\":4}},"
			 "{\"weights\":{\"bits\":[4,8,4,8,\"float\",\"float\"],"
			 "\"granularity\":[{\"group\":32},{\"group\":16},{\"group\":32}]}},"
			 "{\"weights\":{\"format\":[\"int\",\"float\"]},\"kernel\":[\"best\","
			 "\"ref\",\"best\"]},"
			 "{\"weights\":{\"format\":\"float\"}}]}");
	assert_int_equal(config.sweep_count, 4);
	is_one(&config.sweeps[0].weights.format, "int", 4);
	assert_int_equal(config.sweeps[1].weights.format.count, 3);
	assert_int_equal(config.sweeps[1].weights.granularity.count, 2);
	assert_int_equal(config.sweeps[2].weights.format.count, 2);
	assert_int_equal(config.sweeps[2].kernel.count, 2);
	is_one(&config.sweeps[3].weights.format, "float", 32);
	config_free(&config);
}

/* A parameter of two numbers; which one differs tells two values apart. */
static void pairs(void **state)
{
	static const double expected[][2] = { { 0, 0 }, { -1, 1 }, { -1, 2 }, { 0, 2 }, { -2e-7, 1e15 } };
	struct config config;

	(void)state;
	read_ok(&config, "{\"name\":\"x\"," TENSOR ",\"sweep\":{\"weights\":{\"calibration\":[\"minmax\","
			 "{\"fixed\":[-1,1]},{\"fixed\":[-1,2]},{\"fixed\":[-0.0,2]},{\"fixed\":[-1.0,1e0]},"
			 "{\"fixed\":[0,2]},{\"fixed\":[-2e-7,1e15]}]},"
			 "\"calibration_batch\":[1,1048576,1]}}");
	const struct setting_list *list = &config.sweeps[0].weights.calibration;

	assert_int_equal(list->count, sizeof expected / sizeof *expected);
	for (size_t i = 0; i < list->count; i++) {
		assert_string_equal(list->settings[i].value->name, i ? "fixed" : "minmax");
		assert_true(list->settings[i].number == expected[i][0]);
		assert_false(signbit(list->settings[i].number) && expected[i][0] >= 0);
		assert_true(list->settings[i].high == expected[i][1]);
	}
	assert_int_equal(config.sweeps[0].calibration_batch.count, 2);
	assert_true(config.sweeps[0].calibration_batch.settings[1].number == 1048576);
	config_free(&config);
}

static void is_data(const struct data_spec *spec, int64_t samples, uint64_t seed, double scale,
		    double shift, uint64_t dropped)
{
	assert_int_equal(spec->samples, samples);
	assert_int_equal(spec->seed, seed);
	assert_true(spec->scale == scale && spec->shift == shift);
	assert_int_equal(spec->dropped, dropped);
}

/* "y", "w_bits" and "w_values" of a product; what becomes codes has no error. */
static void results_of_products(void **state)
{
	struct config config;

	(void)state;
	read_ok(&config, "{\"name\":\"x\",\"subjects\":["
			 "{\"op\":\"gemm\",\"m\":1,\"n\":2,\"k\":3,\"y\":\"s32\",\"w_bits\":2,\"w_values\":\"normal\"},"
			 "{\"op\":\"gemm\",\"m\":1,\"n\":2,\"k\":3,\"y\":\"u8\",\"w_bits\":8,\"w_values\":\"uniform\"},"
			 "{\"op\":\"gemm\",\"m\":1,\"n\":2,\"k\":3},"
			 "{\"op\":\"requantize\",\"m\":1,\"k\":3},"
			 "{\"op\":\"dynamicquantize\",\"m\":1,\"k\":3}],\"sweep\":{}}");
	const struct subject_spec *s = config.subjects;

	assert_int_equal(result_of(s[0].y)->type, QS_S32);
	assert_int_equal(s[0].w_bits, 2);
	assert_string_equal(s[0].w_values->name, "normal");
	assert_int_equal(s[0].measure, MEASURE_ERROR | MEASURE_THROUGHPUT);
	assert_int_equal(result_of(s[1].y)->type, QS_U8);
	assert_int_equal(s[1].w_bits, 0);        /* 8 is all of them */
	assert_null(s[1].w_values);
	assert_int_equal(s[1].measure, MEASURE_THROUGHPUT);
	assert_null(s[2].y);
	assert_int_equal(s[2].w_bits, 0);
	assert_null(s[2].w_values);
	assert_int_equal(s[3].measure, MEASURE_THROUGHPUT);
	assert_int_equal(s[4].measure, MEASURE_ERROR | MEASURE_THROUGHPUT);
	config_free(&config);
}

static void networks_and_their_data(void **state)
{
	struct config config;

	(void)state;
	read_ok(&config,
		"{\"name\":\"x\",\"subjects\":[{\"network\":\"builtin:arm\"},\n"
		"{\"network\":\"builtin:glyphs\",\"calibration_data\":[{\"samples\":[16,64],\n"
		"\"seed\":3,\"scale\":[1,-0.25],\"shift\":0.5,\"drop_classes\":[3,7,3]},\n"
		"{\"samples\":64,\"seed\":3,\"shift\":0.5,\"drop_classes\":[7,3]},\n"
		"{\"drop_classes\":[],\"shift\":-0.0}, {\"drop_classes\":19}],\n"
		"\"evaluation_data\":{\"samples\":[2000,2000],\"seed\":[0,5]}}],\"sweep\":{}}");
	const struct subject_spec *s = config.subjects;

	assert_int_equal(config.subject_count, 2);
	assert_int_equal(s[0].kind, SUBJECT_NETWORK);
	assert_int_equal(s[0].measure, MEASURE_ERROR | MEASURE_DRIFT | MEASURE_TASK | MEASURE_THROUGHPUT);
	assert_string_equal(s[0].network->value.name, "arm");
	assert_int_equal(s[0].calibration.count, 1);
	assert_int_equal(s[0].evaluation.count, 1);
	is_data(s[0].calibration.specs, 256, 1, 1, 0, 0);
	is_data(s[0].evaluation.specs, 1000, 2, 1, 0, 0);
	/* the block of line 4 is in the product of the one before */
	assert_int_equal(s[1].calibration.count, 6);
	is_data(&s[1].calibration.specs[0], 16, 3, 1, 0.5, 1 << 3 | 1 << 7);
	is_data(&s[1].calibration.specs[1], 16, 3, -0.25, 0.5, 1 << 3 | 1 << 7);
	is_data(&s[1].calibration.specs[2], 64, 3, 1, 0.5, 1 << 3 | 1 << 7);
	is_data(&s[1].calibration.specs[3], 64, 3, -0.25, 0.5, 1 << 3 | 1 << 7);
	is_data(&s[1].calibration.specs[4], 256, 1, 1, 0, 0);
	is_data(&s[1].calibration.specs[5], 256, 1, 1, 0, 1 << 19);
	assert_int_equal(s[1].calibration.specs[3].line, 2);
	assert_int_equal(s[1].calibration.specs[4].line, 5);
	assert_int_equal(s[1].evaluation.count, 2);
	is_data(&s[1].evaluation.specs[0], 2000, 0, 1, 0, 0);
	is_data(&s[1].evaluation.specs[1], 2000, 5, 1, 0, 0);
	config_free(&config);
}

static void patterns_are_a_set(void **state)
{
	static const char *const expected[] = { NULL, "conv1", "a b;conv1;fc*", "*;[!a]?,|", "conv1",
						NULL };
	struct config config;

	(void)state;
	read_ok(&config,
		"{\"name\":\"x\"," TENSOR ",\"sweep\":{\"requantization\":[\"float\",\"rndnu\","
		"\"shift\",\"q31_double\",\"float\"],\"policy\":[\"all\",{\"skip\":\"conv1\"},"
		"{\"skip\":[\"fc*\",\"conv1\",\"a b\",\"fc*\"]},{\"skip\":[\"conv1\"]},"
		"{\"only\":[\"[!a]?,|\",\"*\"]},{\"skip\":[\"a b\",\"conv1\",\"fc*\"]},"
		"{\"only\":\"conv1\"},{\"skip_smaller_than\":1},{\"skip_smaller_than\":1}]}}");
	const struct setting_list *policy = &config.sweeps[0].policy;

	assert_int_equal(config.sweeps[0].requantization.count, 4);
	assert_int_equal(policy->count, sizeof expected / sizeof *expected);
	for (size_t i = 0; i < policy->count; i++) {
		assert_true(!policy->settings[i].text == !expected[i]);
		if (expected[i])
			assert_string_equal(policy->settings[i].text, expected[i]);
	}
	assert_string_equal(policy->settings[4].value->name, "only");
	assert_true(policy->settings[5].number == 1);
	config_free(&config);
}

static void the_largest_whole_number(void **state)
{
	struct config config;

	(void)state;
	read_ok(&config, "{\"name\":\"x\"," TENSOR ",\"sweep\":{\"seed\":9007199254740992}}");
	assert_true(config.sweeps[0].seed.settings[0].number == 9007199254740992.0);
	config_free(&config);
	read_wrong("{\"name\":\"x\"," TENSOR ",\"sweep\":{\"seed\":-1}}",
		   "x.json:1: sweep.seed: found -1, expected a whole number from 0 to "
		   "9007199254740992");
	read_wrong("{\"name\":\"x\"," TENSOR ",\"sweep\":{\"seed\":-9007199254740993}}",
		   "x.json:1: found -9007199254740993, expected no number above 2^53*");
}

static void sizes_of_a_convolution(void **state)
{
	static const struct {
		const char *subject, *shape;     /* or the sentence                       */
	} cases[] = {
		{ "\"height\": 56, \"channels\": 64, \"kernel\": 3, \"pad\": 1", "1x56x56x64-64k3s1p1" },
		{ "\"batch\": 2, \"height\": 9, \"width\": 8, \"channels\": 6, \"out_channels\": 4, "
		  "\"kernel\": [3, 1], \"stride\": [1, 2], \"pad\": [1, 0, 2, 3], \"dilation\": 2, "
		  "\"groups\": 2",
		  "2x9x8x6-4k3x1s1x2p1x0x2x3d2g2" },
		{ "\"height\": 5, \"channels\": 4, \"kernel\": 3, \"pad\": [0, 1]", "1x5x5x4-4k3s1p0x1" },
		{ "\"height\": 5, \"channels\": 4", "*key 'kernel' is missing*" },
		{ "\"height\": 5, \"channels\": 4, \"kernel\": 3, \"m\": 4", "*unknown key 'm' in an op 'conv2d'*" },
		{ "\"height\": 2, \"channels\": 4, \"kernel\": 3", "*larger than the image*" },
		{ "\"height\": 5, \"channels\": 4, \"kernel\": 3, \"groups\": 3", "*3 groups, but they must divide*" },
		{ "\"height\": 5, \"channels\": 4, \"kernel\": [3, 3, 3]", "*found 3 numbers*" },
		{ "\"height\": 5, \"channels\": 4, \"kernel\": 3, \"pad\": [1, 1, 1]", "*found 3 numbers*" },
		{ "\"height\": 5, \"channels\": 4, \"kernel\": 3, \"pad\": -1", "*pad*" },
		{ "\"height\": 65536, \"channels\": 65536, \"kernel\": 1", "*2^31*" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char json[512], shape[CONV_TEXT_SIZE];
		struct config config;

		snprintf(json, sizeof json,
			 "{ \"name\": \"x\", \"subjects\": [{ \"op\": \"conv2d\", %s }], "
			 "\"sweep\": { \"weights\": {} } }",
			 cases[i].subject);
		if (*cases[i].shape == '*') {
			read_wrong(json, cases[i].shape);
			continue;
		}
		read_ok(&config, json);
		conv_print(shape, sizeof shape, &config.subjects[0].conv);
		assert_string_equal(shape, cases[i].shape);
		config_free(&config);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_of_a_convolution),
		cmocka_unit_test(the_design_example),
		cmocka_unit_test(omitted_keys),
		cmocka_unit_test(scalars_lists_and_doubles),
		cmocka_unit_test(pairs),
		cmocka_unit_test(results_of_products),
		cmocka_unit_test(networks_and_their_data),
		cmocka_unit_test(patterns_are_a_set),
		cmocka_unit_test(the_largest_whole_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
