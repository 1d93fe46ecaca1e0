/* SPDX-License-Identifier: MIT
 *
 * A recipe's text: written, read back, refused with a sentence.
 */
#include "support.h"

#include "../harness/recipe.h"

static char *written(const struct env *env, const struct recipe *recipe)
{
	struct text text = { .env = env };
	struct error error;
	char *words;

	recipe_write(&text, recipe);
	words = text_take(&text, &error);
	assert_non_null(words);
	return words;
}

static void texts_come_back(void **state)
{
	static const char *const texts[] = {
		/* a label of harness/recipe.h */
		"w=int4.symmetric.real.group32.mse a=int8.asymmetric.real.tensor.minmax.static "
		"half_even float all none s1",
		"w=int8.symmetric.real.channel.minmax half_even s1",
		"w=int2.symmetric_restricted.power_of_two.channel(2).percentile(99.99) half_away "
		"s0",
		"w=int16.asymmetric.real.group1.entropy half_even s9007199254740992",
		"w=int8.asymmetric.real.tensor.fixed(-1;1) half_even s1",
		"w=int8.asymmetric.real.tensor.fixed(-1e+15;2.5e-09) "
		"a=int8.asymmetric.real.tensor.fixed(0;0.1).dynamic half_even float all none s1",
		"w=float s1",
		"w=float a=float s7",
		"a=int8.symmetric_unsigned.real.tensor.percentile(50).dynamic half_even s1",
		"a=float s3",
		"w=float a=int3.symmetric_full.real.tensor.minmax.static half_even float all none "
		"s1",
		"w=float a=int3.symmetric_full.real.tensor.minmax.static half_even q31_double "
		"skip_smaller_than(4096) none s1",
		"w=float a=int3.symmetric_full.real.tensor.minmax.static half_even shift "
		"only(%20%20;%25;%2A.%2A%2A;/a/b%28c%29;\xc3\xb6%3D%7C%2C) none s1",
		"w=int4.symmetric.real.group2147483648.percentile(99.99999999999999) half_even "
		"s18446744073709551615",
	};
	const struct env env = env_system();

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct recipe recipe, again;
		struct error error = { 0 };
		char *words;

		if (recipe_read(&recipe, &env, texts[i], &error))
			fail_msg("%s", error.text);
		words = written(&env, &recipe);
		assert_string_equal(words, texts[i]);
		assert_int_equal(recipe_read(&again, &env, words, &error), 0);
		assert_true(rule_equal(&recipe.weights, &again.weights));
		assert_true(rule_equal(&recipe.activations, &again.activations));
		assert_true(recipe.policy == again.policy);
		assert_true(recipe.policy_parameter == again.policy_parameter);
		assert_true(!recipe.policy_patterns == !again.policy_patterns);
		if (recipe.policy_patterns)
			assert_string_equal(recipe.policy_patterns, again.policy_patterns);
		env_free(&env, words);
		recipe_free(&recipe, &env);
		recipe_free(&again, &env);
	}
}

static void the_parts_of_a_recipe(void **state)
{
	const struct env env = env_system();
	struct recipe r;
	struct error error;

	(void)state;
	assert_int_equal(
		recipe_read(&r, &env,
			    "w=int4.symmetric.real.group32.mse "
			    "a=int8.asymmetric.power_of_two.channel(1).percentile(99.5).dynamic "
			    "half_away float all none s42",
			    &error),
		0);
	assert_string_equal(r.weights.format->name, "int");
	assert_int_equal(r.weights.bits, 4);
	assert_string_equal(r.weights.scheme->name, "symmetric");
	assert_string_equal(r.weights.scale->name, "real");
	assert_string_equal(r.weights.granularity.value->name, "group");
	assert_int_equal(r.weights.granularity.group, 32);
	assert_int_equal(r.weights.granularity.axis, -1);
	assert_string_equal(r.weights.calibration->name, "mse");
	assert_null(r.weights.range);
	assert_int_equal(r.activations.bits, 8);
	assert_string_equal(r.activations.scale->name, "power_of_two");
	assert_int_equal(r.activations.granularity.axis, 1);
	assert_int_equal(r.activations.granularity.group, 0);
	assert_true(r.activations.calibration_parameter == 99.5);
	assert_string_equal(r.activations.range->name, "dynamic");
	assert_string_equal(r.rounding->name, "half_away");
	assert_string_equal(r.requantization->name, "float");
	assert_string_equal(r.policy->name, "all");
	assert_string_equal(r.recovery->name, "none");
	assert_int_equal(r.seed, 42);
	assert_int_equal(recipe_read(&r, &env, "w=float s1", &error), 0);
	assert_int_equal(r.weights.bits, 32);
	assert_null(r.weights.scheme);
	assert_null(r.rounding);
	assert_null(r.activations.format);
	assert_true(rule_is_float(&r.weights));
	assert_true(rule_is_float(&r.activations));
}

/* Every value of every axis that a recipe has, in its place. */
static void every_value_comes_back(void **state)
{
	static const struct {
		const struct value *const *values;
		const char *before, *after;
	} places[] = {
		{ scheme_values, "w=int4.", ".real.tensor.minmax half_even s1" },
		{ scale_values, "w=int4.symmetric.", ".tensor.minmax half_even s1" },
		{ calibration_values, "w=int4.symmetric.real.tensor.", " half_even s1" },
		{ range_values, "a=int4.symmetric.real.tensor.minmax.", " half_even s1" },
		{ rounding_values, "w=int4.symmetric.real.tensor.minmax ", " s1" },
		{ requantization_values, "w=int4.symmetric.real.tensor.minmax a=float half_even ",
		  " all none s1" },
		{ policy_values, "w=int4.symmetric.real.tensor.minmax a=float half_even float ",
		  " none s1" },
		{ recovery_values,
		  "w=int4.symmetric.real.tensor.minmax a=float half_even float all ", " s1" },
	};
	const struct env env = env_system();

	(void)state;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		for (const struct value *const *v = places[i].values; *v; v++) {
			struct recipe recipe;
			struct error error = { 0 };
			char text[200], parameter[40] = "", *words;

			if ((*v)->parameter)
				snprintf(parameter, sizeof parameter, (*v)->pair ? "(%g;1)" : "(%g)",
					 (*v)->standard);
			if ((*v)->takes_patterns)
				strcpy(parameter, "(%2A_b%7C;conv1;fc%5B1-3%5D)");
			snprintf(text, sizeof text, "%s%s%s%s", places[i].before, (*v)->name,
				 parameter, places[i].after);
			if (recipe_read(&recipe, &env, text, &error))
				fail_msg("%s", error.text);
			words = written(&env, &recipe);
			assert_string_equal(words, text);
			env_free(&env, words);
			recipe_free(&recipe, &env);
		}
}

#define POLICY(word) "w=int8.symmetric.real.tensor.minmax a=float half_even float " word " none s1"

static void wrong_texts_have_sentences(void **state)
{
	static const struct {
		const char *text, *sentence;
	} cases[] = {
		{ "", "recipe '': expected 'w=' or 'a=' at its start" },
		{ "s1", "*expected 'w=' or 'a=' at its start" },
		{ "x=float s1", "*expected 'w=' or 'a=' at its start" },
		{ "w=float", "*expected a space at character 8" },
		{ "w=float ", "*found '', expected the seed, like s1" },
		{ "w=float s", "*found 's', expected a whole number from 0 to*" },
		{ "w=float s01", "*found 's01', expected a whole number*" },
		{ "w=float s-1", "*expected a whole number*" },
		{ "w=float s1 ", "*unknown rounding 's1'*" },
		{ "w=float s18446744073709551616", "*expected a whole number from 0 to "
						   "18446744073709551615" },
		{ "w=float half_even s1", "*a rounding stands there where something is rounded*" },
		{ "w=int8.symmetric.real.tensor.minmax s1", "*a rounding stands there where*" },
		{ "w=int8.symmetric.real.tensor.minmax half_evn s1",
		  "*unknown rounding 'half_evn'; did you mean 'half_even'?" },
		{ "w=int8.symmetric.real.tensor.minmax half_even float s1",
		  "*expected ROUNDING, or ROUNDING REQUANTIZATION POLICY RECOVERY, before the "
		  "seed" },
		{ "w=int8.symmetric.real.tensor.minmax half_even float all none more s1",
		  "*expected the seed, like s1" },
		{ "w=int17.symmetric.real.tensor.minmax half_even s1",
		  "*format 'int' has no 17 bits" },
		{ "w=int1.symmetric.real.tensor.minmax half_even s1",
		  "*format 'int' has no 1 bits" },
		{ "w=int.symmetric.real.tensor.minmax half_even s1",
		  "*found 'int', expected a whole*" },
		{ "w=int08.symmetric.real.tensor.minmax half_even s1",
		  "*expected a whole number*" },
		{ "w=imt8.symmetric.real.tensor.minmax half_even s1",
		  "*unknown format 'imt'; did you mean 'int'?" },
		{ "w=float8 s1", "*format 'float' has no 8 bits" },
		{ "w=int8 half_even s1", "*expected '.' and a scheme at character 7" },
		{ "w=int8.symmetrc.real.tensor.minmax half_even s1",
		  "*unknown scheme 'symmetrc'; did you mean 'symmetric'?" },
		{ "w=int8.symmetric.rael.tensor.minmax half_even s1",
		  "*unknown scale 'rael'; did you mean 'real'?" },
		{ "w=int8.symmetric.real.chanel.minmax half_even s1",
		  "*unknown granularity 'chanel'; did you mean 'channel'?" },
		{ "w=int8.symmetric.real.group.minmax half_even s1",
		  "*granularity 'group' with a wrong number*" },
		{ "w=int8.symmetric.real.group0.minmax half_even s1",
		  "*granularity 'group' with a wrong number*" },
		{ "w=int8.symmetric.real.tensor4.minmax half_even s1",
		  "*granularity 'tensor' with a wrong number*" },
		{ "w=int8.symmetric.real.channel(x).minmax half_even s1",
		  "*expected a whole number*" },
		{ "w=int8.symmetric.real.channel(1.minmax half_even s1",
		  "*the brackets in 'channel(1.minmax half_even s1' do not close at its end" },
		{ "w=int8.symmetric.real.channel(1)2.minmax half_even s1",
		  "*the brackets in 'channel(1)2' do not close at its end" },
		{ "w=int8.symmetric.real.tensor.minmax(1) half_even s1",
		  "*calibration 'minmax' has not a parameter in brackets" },
		{ "w=int8.symmetric.real.tensor.percentile half_even s1",
		  "*calibration 'percentile' needs a parameter in brackets" },
		{ "w=int8.symmetric.real.tensor.percentile(101) half_even s1",
		  "*percentile(101): expected a number from 50 to 100" },
		{ "w=int8.symmetric.real.tensor.percentile(nan) half_even s1",
		  "*percentile(nan): expected a number from 50 to 100" },
		{ "w=int8.symmetric.real.tensor.percentile(99.990) half_even s1",
		  "*calibration 'percentile(99.990)' is spelled 'percentile(99.99)'" },
		{ "w=int8.symmetric.real.tensor.fixed half_even s1",
		  "*calibration 'fixed' needs a parameter in brackets" },
		{ "w=int8.symmetric.real.tensor.fixed() half_even s1", "*fixed(): expected a number*" },
		{ "w=int8.symmetric.real.tensor.fixed(1) half_even s1", "*fixed(): expected a number*" },
		{ "w=int8.symmetric.real.tensor.fixed(1;) half_even s1",
		  "*fixed(): expected a number*" },
		{ "w=int8.symmetric.real.tensor.fixed(;1) half_even s1",
		  "*fixed(): expected a number*" },
		{ "w=int8.symmetric.real.tensor.fixed(-1;0;1) half_even s1",
		  "*fixed(0;1): expected a number from -1e+15 to 1e+15" },
		{ "w=int8.symmetric.real.tensor.fixed(-1;inf) half_even s1",
		  "*fixed(inf): expected a number*" },
		{ "w=int8.symmetric.real.tensor.fixed(-2e15;1) half_even s1",
		  "*fixed(-2e15): expected a number from -1e+15 to 1e+15" },
		{ "w=int8.symmetric.real.tensor.fixed(1;-1) half_even s1",
		  "*fixed(1;-1): expected the lower number first" },
		{ "w=int8.symmetric.real.tensor.fixed(1;1) half_even s1",
		  "*fixed(1;1): expected the lower number first" },
		{ "w=int8.symmetric.real.tensor.fixed(-0;1) half_even s1",
		  "*calibration 'fixed(-0;1)' is spelled 'fixed(0;1)'" },
		{ "w=int8.symmetric.real.tensor.fixed(-1.0;1) half_even s1",
		  "*calibration 'fixed(-1.0;1)' is spelled 'fixed(-1;1)'" },
		{ "w=int8.symmetric.real.tensor.minmax half_even cb32 s1",
		  "*'cb32' stands where a static range of activations hangs on how samples are "
		  "parted into batches, and is 1 or more" },
		{ "w=int8.symmetric.real.tensor.minmax half_even cb0 s1", "*'cb0' stands where*" },
		{ "w=int8.symmetric.real.tensor.minmax half_even cb032 s1",
		  "*found 'cb032', expected a whole number from 0 to 1048576" },
		{ "w=int8.symmetric.real.tensor.minmax half_even cb1048577 s1",
		  "*found 'cb1048577', expected a whole number from 0 to 1048576" },
		{ "w=int8.symmetric.real.tensor.minmax half_even cb s1",
		  "*unknown requantization 'cb'*" },
		{ "w=int8.symmetric.real.tensor.minmax half_even cb32", "*'cb32' stands where*" },
		{ "w=int8.symmetric.real.tensor.minmax.static half_even s1",
		  "*expected a space at character 36" },
		{ "a=int8.symmetric.real.tensor.minmax half_even s1",
		  "*expected '.' and a range at character 36" },
		{ "w=int8..real.tensor.minmax half_even s1", "*expected a word of 1 to*" },
		{ "w=int8.symmetric.real.tensor.minmax  half_even s1",
		  "*expected a word of 1 to*" },
		{ "w=float  s1", "*expected a word of 1 to*" },
		{ POLICY("skip"), "*policy 'skip' needs a parameter in brackets" },
		{ POLICY("all(1)"), "*policy 'all' has not a parameter in brackets" },
		{ POLICY("skip_smaller_than"), "*policy 'skip_smaller_than' needs a parameter*" },
		{ POLICY("skip_smaller_than()"), "*expected a number from 1 to 1073741824" },
		{ POLICY("skip_smaller_than(0)"), "*expected a number from 1 to 1073741824" },
		{ POLICY("skip_smaller_than(a)"), "*expected a number from 1 to 1073741824" },
		{ POLICY("skip_smaller_than(064)"),
		  "*policy 'skip_smaller_than(064)' is spelled 'skip_smaller_than(64)'" },
		{ POLICY("skip_smaller_than(1.5)"), "*found 1.5, expected a whole number" },
		{ POLICY("skip()"), "*skip(...): expected patterns parted by ';' in the order*" },
		{ POLICY("skip(;)"), "*expected patterns*" },
		{ POLICY("skip(a;)"), "*expected patterns*" },
		{ POLICY("skip(;a)"), "*expected patterns*" },
		{ POLICY("skip(a;;b)"), "*expected patterns*" },
		{ POLICY("skip(b;a)"), "*expected patterns*" },
		{ POLICY("skip(a;a)"), "*expected patterns*" },
		{ POLICY("skip(a%2)"), "*expected patterns*" },
		{ POLICY("skip(a%00)"), "*expected patterns*" },
		{ POLICY("skip(a%3Bb)"), "*policy 'skip(a%3Bb)' is spelled 'skip(a;b)'" },
		{ POLICY("skip(a*)"), "*policy 'skip(a?)' is spelled 'skip(a%2A)'" },
		{ POLICY("skip(%2a)"), "*policy 'skip(%2a)' is spelled 'skip(%2A)'" },
		{ POLICY("skip(%61)"), "*policy 'skip(%61)' is spelled 'skip(a)'" },
		{ POLICY("skip(a"), "*brackets in 'skip(a none s1' do not close at its end" },
		{ POLICY("skpi(a)"), "*unknown policy 'skpi'; did you mean 'skip'?" },
	};

	const struct env env = env_system();

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct recipe recipe;
		struct error error = { 0 };

		if (!recipe_read(&recipe, &env, cases[i].text, &error))
			fail_msg("'%s' was taken", cases[i].text);
		assert_int_equal(error.status, STATUS_INPUT);
		/* '?' in the sentence stands for itself or any other character */
		if (!glob_match(cases[i].sentence, error.text, false))
			fail_msg("'%s' gives: %s", cases[i].text, error.text);
	}
}

static void names_of_choice(void **state)
{
	struct granularity granularity = { .value = value_find(granularity_values, "tensor"),
					   .axis = -1 };
	struct rule rule = { .calibration = value_find(calibration_values, "percentile"),
			     .calibration_parameter = 99.99 };
	char name[40];

	(void)state;
	granularity_name(name, sizeof name, &granularity);
	assert_string_equal(name, "tensor");
	granularity.value = value_find(granularity_values, "channel");
	granularity_name(name, sizeof name, &granularity);
	assert_string_equal(name, "channel");
	granularity.axis = 0;
	granularity_name(name, sizeof name, &granularity);
	assert_string_equal(name, "channel(0)");
	granularity.value = value_find(granularity_values, "group");
	granularity.group = 128;
	assert_int_equal(granularity_name(name, sizeof name, &granularity), 8);
	assert_string_equal(name, "group128");
	assert_int_equal(calibration_name(name, sizeof name, &rule), 17);
	assert_string_equal(name, "percentile(99.99)");
	rule.calibration = value_find(calibration_values, "fixed");
	rule.calibration_parameter = -1.7976931348623157e-300;
	rule.calibration_parameter_high = 1.7976931348623157e-300;
	assert_int_equal(calibration_name(NULL, 0, &rule), 8 + 24 + 23);
	assert_true(8 + 24 + 23 < CALIBRATION_NAME_SIZE);
	rule.calibration_parameter = -0.5;
	rule.calibration_parameter_high = 2;
	calibration_name(name, sizeof name, &rule);
	assert_string_equal(name, "fixed(-0.5;2)");
	rule.calibration = value_find(calibration_values, "minmax");
	calibration_name(name, sizeof name, &rule);
	assert_string_equal(name, "minmax");
}

static void names_of_policies(void **state)
{
	struct recipe recipe = { .policy = value_find(policy_values, "all"),
				 .policy_parameter = 64,
				 .policy_patterns = "conv1;fc*" };
	char name[POLICY_NAME_SIZE], most[PATTERNS_MOST + 1], small[6];

	(void)state;
	assert_int_equal(policy_name(name, sizeof name, &recipe), 3);
	assert_string_equal(name, "all");
	recipe.policy = value_find(policy_values, "skip_smaller_than");
	policy_name(name, sizeof name, &recipe);
	assert_string_equal(name, "skip_smaller_than(64)");
	recipe.policy = value_find(policy_values, "only");
	assert_int_equal(policy_name(name, sizeof name, &recipe), 17);
	assert_string_equal(name, "only(conv1;fc%2A)");
	assert_int_equal(policy_name(small, sizeof small, &recipe), 17);
	assert_string_equal(small, "only(");
	/* the longest that there can be fits, and comes back */
	memset(most, '*', PATTERNS_MOST);
	most[PATTERNS_MOST] = '\0';
	recipe.policy_patterns = most;
	assert_int_equal(policy_name(name, sizeof name, &recipe), 6 + 3 * PATTERNS_MOST);

	const struct env env = env_system();
	struct text text = { .env = &env };
	struct recipe again;
	struct error error;

	text_add(&text, "w=int8.symmetric.real.tensor.minmax a=float half_even float %s none s1",
		 name);
	assert_int_equal(recipe_read(&again, &env, text.bytes, &error), 0);
	assert_string_equal(again.policy_patterns, most);
	recipe_free(&again, &env);
	text_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_come_back),
		cmocka_unit_test(the_parts_of_a_recipe),
		cmocka_unit_test(every_value_comes_back),
		cmocka_unit_test(wrong_texts_have_sentences),
		cmocka_unit_test(names_of_choice),
		cmocka_unit_test(names_of_policies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
