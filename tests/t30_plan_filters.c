/* SPDX-License-Identifier: MIT
 *
 * Filters of a plan: the rows and skips that --only, exclude and a block's own filter leave, and the
 * columns that they may name.
 */
#include "planned.h"

#include "choice_rows.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filters_choose_rows),
		cmocka_unit_test(blocks_choose_rows),
		cmocka_unit_test(filters_choose_skips),
		cmocka_unit_test(only_wants_known_columns),
		cmocka_unit_test(columns_of_a_choice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
