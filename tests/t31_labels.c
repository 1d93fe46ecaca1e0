/* SPDX-License-Identifier: MIT
 *
 * Labels: one function writes them, one reads them back, for every cell of every study.
 */
#include "support.h"

#include "choice_rows.h"
#include "../harness/text.h"

#include <dirent.h>

static void comes_back(const struct env *env, const char *text)
{
	struct label label;
	struct error error = { 0 };
	char *again;

	if (label_read(&label, env, text, &error))
		fail_msg("%s", error.text);
	again = label_write(&label, env, &error);
	assert_non_null(again);
	assert_string_equal(again, text);
	env_free(env, again);
	label_free(&label, env);
}

static void the_design_label(void **state)
{
	const struct env env = env_system();
	struct label label;
	struct error error;

	(void)state;
	assert_int_equal(
		label_read(&label, &env,
			   "models/a%20b.onnx#conv1%3D%7C%2C%25 "
			   "w=int4.symmetric.real.group32.mse "
			   "a=int8.asymmetric.real.tensor.minmax.static half_even float all none s1"
			   " | gemm_u8s8s32__avx2 t2 b3 warm",
			   &error),
		0);
	assert_string_equal(label.subject, "models/a b.onnx#conv1=|,%");
	assert_int_equal(label.recipe.weights.bits, 4);
	assert_int_equal(label.recipe.activations.bits, 8);
	assert_string_equal(label.kernel, "gemm_u8s8s32__avx2");
	assert_int_equal(label.threads, 2);
	assert_int_equal(label.batch, 3);
	assert_string_equal(label.cache->name, "warm");
	label_free(&label, &env);
	comes_back(&env, "a%20b#%3D%7C%2C%25 w=float s1 | gemm_u8s8s32__avx2 t2 b3 warm");
	comes_back(&env, "a%20b#%3D%7C%2C%25 w=float s1");
	comes_back(&env, "x w=int8.symmetric.real.tensor.fixed(-1.5;0.25) half_even s1");
	comes_back(&env, "gemm:64x1024x1024 | gemm_u8s8s32__avx2 t1024 b65536 warm");
	comes_back(&env, "gemm:64x1024x1024:w6 | gemm_u8s8s8__avx2 t1 b1 warm rndnu");
	comes_back(&env, "gemm:64x1024x1024:s8:w6:synthetic:relu:synthetic:gaussian w=float s1 | "
			 "gemm_u8s8s8__avx2 t1 b1 warm q31_single zeros");
	comes_back(&env, "gemm:64x1024x1024 | gemm_u8s8s32__avx2 t1 b1 warm zeros");
	comes_back(&env, "x%28%5B%2A%3F%5D%29 a=float s1 | my%20kernel t1 b1 warm");
	comes_back(&env, "x w=int8.symmetric.real.tensor.minmax a=float half_even rndnu skip(%2A_b%7Cc;conv1%20%28d%29;\xc3\xb6) none s1 | "
			 "k t1 b1 warm");
	/* any byte but NUL */
	struct label odd = { .subject = (char[]){ "\t \x01\x7f\xc3\xb6%=|,()[]*?\n" } };

	assert_int_equal(recipe_read(&odd.recipe, &env, "w=float s1", &error), 0);
	char *text = label_write(&odd, &env, &error);

	assert_non_null(text);
	assert_null(strpbrk(text, "\t\n|,*?[]()"));
	assert_int_equal(label_read(&label, &env, text, &error), 0);
	assert_string_equal(label.subject, odd.subject);
	label_free(&label, &env);
	env_free(&env, text);
}

static void wrong_labels_have_sentences(void **state)
{
	static const struct {
		const char *text, *sentence;
	} cases[] = {
		{ "", "label '': found '', expected a name*" },
		{ "a", "label 'a': expected a recipe behind the subject, or ' | ' and a kernel" },
		{ " w=float s1", "*found '', expected a name*" },
		{ "a%2 w=float s1", "*found 'a%2', expected a name, special characters as %XX" },
		{ "a%00 w=float s1", "*found 'a%00', expected a name*" },
		{ "a w=floot s1", "label 'a w=floot s1': recipe 'w=floot s1': *" },
		{ "a w=int8.symmetric.real.tensor.minmax a=float half_even float skip() none s1",
		  "label 'a *: recipe '*: skip(...): expected patterns*" },
		{ "a w=float s1 | ", "*found '', expected a name*" },
		{ "a w=float s1 | k",
		  "*found '', expected t and a number from 1 to 1024, as in t1" },
		{ "a w=float s1 | k t1 b1",
		  "*found 'b1', expected b and a number from 1 to 65536*" },
		{ "a w=float s1 | k t0 b1 warm", "*found 't0 b1 warm', expected t and*" },
		{ "a w=float s1 | k t01 b1 warm", "*found 't01 b1 warm', expected t and*" },
		{ "a w=float s1 | k t1025 b1 warm", "*found 't1025 b1 warm', expected t and*" },
		{ "a w=float s1 | k t1 b1 wram", "*unknown cache 'wram'*" },
		{ "a w=float s1 | k t1 b1 warm ",
		  "*found ' ', expected a requantization other than 'float', 'zeros' behind it, or "
		  "the end" },
		{ "a w=float s1 | k t1 b1 warm float", "*found ' float', expected a*" },
		{ "a w=float s1 | k t1 b1 warm zeros rndnu", "*found ' rndnu', expected a*" },
		{ "a w=float s1 | k t1 b1 warm rndnu zeros ", "*found ' ', expected a*" },
		{ "a w=float s1 | k t1 b1 warm zeross", "*found ' zeross', expected a*" },
		{ "a w=float s1 | k t1 b1 war", "*unknown cache 'war'*" },
		{ "a w=float s1 | k t1 b1  zeros", "*unknown cache ' zeros'*" },
		{ "a w=float s1 | k t1 b99999999999999999999 warm", "*expected b and a number*" },
	};
	const struct env env = env_system();

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct label label;
		struct error error = { 0 };

		if (!label_read(&label, &env, cases[i].text, &error))
			fail_msg("'%s' was taken", cases[i].text);
		assert_int_equal(error.status, STATUS_INPUT);
		if (!glob_match(cases[i].sentence, error.text, false))
			fail_msg("'%s' gives: %s", cases[i].text, error.text);
	}
}

/* Each label is read back, is the same text again, and chooses its own row alone. */
static void check_plan(const struct plan *plan)
{
	struct error error;

	for (size_t i = 0; i < plan->accuracy_count; i++)
		comes_back(plan->env, plan->accuracies[i].label);
	for (size_t i = 0; i < plan->timing_count; i++)
		comes_back(plan->env, plan->timings[i].label);
	for (size_t i = 0; i < plan->choice_count; i++) {
		char *label = choice_label(plan, &plan->choices[i], &error);
		struct choice_row row = { .plan = plan,
					  .choice = &plan->choices[i],
					  .label = label };
		struct filter filter = { 0 };
		const char *unknown;
		char *text;

		assert_non_null(label);
		comes_back(plan->env, label);
		text = env_print(plan->env, &error, "label=%s", label);
		assert_non_null(text);
		assert_int_equal(filter_add(&filter, plan->env, text, &error), 0);
		assert_int_equal(filter_match(&filter, choice_lookup, &row, &unknown), 1);
		filter_free(&filter);
		env_free(plan->env, text);
		env_free(plan->env, label);
	}
}

static size_t check_study(const struct env *env, const char *path)
{
	const char *data = strstr(path, "real-weights") ? shared_data() : NULL;
	struct libraries libraries;
	struct config config;
	struct plan plan;
	struct error error;
	size_t rows;

	if (strstr(path, "real-weights") && !data)
		print_message("# %s: its data are not here, nothing to check\n", path);
	if (libraries_open(&libraries, env, &error) || config_read(&config, env, path, &error) ||
	    plan_make(&plan, &config, &libraries, &(struct plan_options){ .data = data }, &error))
		fail_msg("%s", error.text);
	check_plan(&plan);
	rows = plan.choice_count;
	print_message("# %s: %zu accuracy cells, %zu rows\n", path, plan.accuracy_count, rows);
	plan_free(&plan);
	config_free(&config);
	libraries_close(&libraries);
	return rows;
}

static void labels_of_all_studies(void **state)
{
	const struct env env = env_system();
	const struct dirent *entry;
	char folder[512], path[1024];
	size_t studies = 0, rows = 0;
	DIR *files;

	(void)state;
	snprintf(folder, sizeof folder, "%s/configs", source_dir());
	files = opendir(folder);
	assert_non_null(files);
	while ((entry = readdir(files))) {
		const size_t length = strlen(entry->d_name);

		if (length < 6 || strcmp(entry->d_name + length - 5, ".json"))
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		rows += check_study(&env, path);
		studies++;
	}
	closedir(files);
	assert_true(studies >= 2);
	assert_true(rows > 1000);
}

static void labels_of_networks(void **state)
{
	static const char json[] =
		"{\"name\":\"x\",\"subjects\":[{\"network\":\"builtin:arm\"},"
		"{\"network\":\"builtin:glyphs\",\"calibration_data\":[{\"samples\":[16,256],"
		"\"scale\":[1,0.25,-1e-6],\"shift\":[0,0.1,-3]},{\"drop_classes\":[3,7]}],"
		"\"evaluation_data\":{\"seed\":[2,9007199254740992]}}],"
		"\"sweep\":{\"weights\":{\"bits\":[4,\"float\"],\"granularity\":[\"tensor\","
		"{\"channel\":1},{\"group\":16}]},\"activations\":{\"range\":[\"static\","
		"\"dynamic\"]},\"policy\":[\"all\",{\"skip\":[\"fc[1-3]\",\"*c1\",\"fc*\"]},"
		"{\"only\":\"fc?\"},{\"skip_smaller_than\":100}],"
		"\"requantization\":[\"float\",\"rndnu\"]}}";
	const struct env env = env_system();
	struct libraries libraries;
	struct config config;
	struct plan plan;
	struct error error;

	(void)state;
	if (libraries_open(&libraries, &env, &error) ||
	    config_parse(&config, &env, "x.json", json, sizeof json - 1, &error) ||
	    plan_make(&plan, &config, &libraries, &(struct plan_options){ 0 }, &error))
		fail_msg("%s", error.text);
	assert_true(plan.accuracy_count > 500);
	check_plan(&plan);
	plan_free(&plan);
	config_free(&config);
	libraries_close(&libraries);
}

/* The column of `choice` is the label's word, parameters too, so that one can be typed as the
 * other. */
static void policies_as_columns(void **state)
{
	static const struct {
		const char *policy, *filter;
		int found;
	} cases[] = {
		{ "all", "policy=all", 1 },
		{ "skip_smaller_than(4096)", "policy=skip_smaller_than(4096)", 1 },
		{ "skip_smaller_than(4096)", "policy=skip_smaller_than(409)", 0 },
		{ "skip(a%2A;b%2Cc)", "policy=skip(a%2A;b%2Cc)", 1 },
		{ "skip(a%2A;b%2Cc)", "policy=skip(*;b*)", 1 },
		{ "skip(a%2A;b%2Cc)", "policy=skip", 0 },
		{ "only(a)", "policy!=skip*", 1 },
	};
	const struct env env = env_system();
	const struct subject subject = { .kind = SUBJECT_NETWORK };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct filter filter = { 0 };
		struct error error;
		struct recipe recipe;
		char text[200];
		const char *value, *unknown;

		snprintf(text, sizeof text,
			 "w=int8.symmetric.real.tensor.minmax a=float half_even float %s none s1",
			 cases[i].policy);
		assert_int_equal(recipe_read(&recipe, &env, text, &error), 0);
		struct plan_row row = { .subject = &subject, .recipe = &recipe };

		assert_int_equal(row_lookup(&row, "policy", &value), 0);
		assert_string_equal(value, cases[i].policy);
		assert_int_equal(filter_add(&filter, &env, cases[i].filter, &error), 0);
		assert_int_equal(filter_match(&filter, row_lookup, &row, &unknown), cases[i].found);
		filter_free(&filter);
		recipe_free(&recipe, &env);
	}
	const struct recipe none = { .seed = 1 };
	struct plan_row row = { .subject = &subject, .recipe = &none };
	const char *value;

	assert_int_equal(row_lookup(&row, "policy", &value), 0);
	assert_null(value);
}

static void memory_may_run_out(void **state)
{
	static const char text[] = "a%20b w=int8.symmetric.real.tensor.minmax a=float half_even "
				   "float skip(a;b) none s1 | gemm_u8s8s32__avx2 t1 b1 warm";
	struct failing failing = { .fail_at = 0 };
	int failed;

	(void)state;
	do {
		const struct env env = env_failing(&failing);
		struct label label = { 0 };
		struct error error = { 0 };
		char *again = NULL;

		failing.calls = 0;
		failed = label_read(&label, &env, text, &error);
		if (!failed) {
			again = label_write(&label, &env, &error);
			failed = !again;
			label_free(&label, &env);
			env_free(&env, again);
		}
		if (failed)
			assert_int_equal(error.status, STATUS_MACHINE);
		failing.fail_at++;
	} while (failed);
	assert_true(failing.fail_at > 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_design_label),
		cmocka_unit_test(wrong_labels_have_sentences),
		cmocka_unit_test(labels_of_all_studies),
		cmocka_unit_test(policies_as_columns),
		cmocka_unit_test(labels_of_networks),
		cmocka_unit_test(memory_may_run_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
