/* SPDX-License-Identifier: MIT
 *
 * FILTER: what parses, what does not and with which words, and what matches.
 */
#include "support.h"

#include "../harness/filter.h"
#include "../harness/text.h"

/* A row of columns, some of them NULL. */
static const struct {
	const char *column, *value;
} row[] = {
	{ "subject", "synthetic:outliers:256x1024" },
	{ "weight_bits", "4" },
	{ "weight_scheme", "symmetric" },
	{ "weight_calibration", "percentile(99.99)" },
	{ "weight_granularity", "group32" },
	{ "kernel", NULL },
	{ "label",
	  "synthetic:outliers:256x1024 w=int4.symmetric.real.group32.percentile(99.99) s1" },
};

static int lookup(void *self, const char *column, const char **value)
{
	(void)self;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		if (!strcmp(row[i].column, column)) {
			*value = row[i].value;
			return 0;
		}
	return -1;
}

static void matches(void **state)
{
	static const struct {
		const char *filters[3];
		int expected;
	} cases[] = {
		{ { NULL }, 1 },
		{ { "weight_bits=4" }, 1 },
		{ { "weight_bits=5" }, 0 },
		{ { "weight_bits=[2-4]" }, 1 },
		{ { "weight_bits!=4" }, 0 },
		{ { "weight_bits!=8" }, 1 },
		{ { "weight_bits<4" }, 0 },
		{ { "weight_bits<=4" }, 1 },
		{ { "weight_bits>3.5" }, 1 },
		{ { "weight_bits>=4.5" }, 0 },
		{ { "weight_bits > 3 , weight_bits < 5" }, 1 },
		{ { "weight_bits>3,weight_scheme=asym*" }, 0 },
		{ { "weight_bits>3,weight_scheme=asym*", "subject=*outliers*" }, 1 },
		{ { "weight_bits=9", "weight_bits=10", "weight_bits=4" }, 1 },
		{ { "weight_bits=9", "weight_bits=10", "weight_bits=11" }, 0 },
		{ { "subject=synthetic:*:256x????" }, 1 },
		{ { "subject=synthetic" }, 0 },
		{ { "weight_calibration=percentile(99.99)" }, 1 },
		/* NULL matches nothing, as in SQL */
		{ { "kernel=*" }, 0 },
		{ { "kernel!=x" }, 0 },
		{ { "kernel>1" }, 0 },
		/* a text is no number */
		{ { "weight_scheme<5" }, 0 },
		{ { "weight_scheme>=5" }, 0 },
		/* the label, whole, as a row prints it: spaces and signs are part of the pattern */
		{ { "label=synthetic:outliers:256x1024 "
		    "w=int4.symmetric.real.group32.percentile(99.99) s1" },
		  1 },
		{ { "label=* w=int4.*" }, 1 },
		{ { "label=*w=int8*" }, 0 },
	};
	const struct env env = env_system();
	const char *unknown;
	struct error error;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct filter filter = { 0 };

		for (int f = 0; f < 3 && cases[i].filters[f]; f++)
			assert_int_equal(filter_add(&filter, &env, cases[i].filters[f], &error), 0);
		if (filter_match(&filter, lookup, NULL, &unknown) != cases[i].expected)
			fail_msg("case %zu: '%s'", i, cases[i].filters[0]);
		filter_free(&filter);
	}
}

static void unknown_column_is_named(void **state)
{
	const struct env env = env_system();
	struct filter filter = { 0 };
	const char *unknown = NULL;
	struct error error;

	(void)state;
	assert_int_equal(filter_add(&filter, &env, "weight_bits=4,wieght=3", &error), 0);
	assert_int_equal(filter_match(&filter, lookup, NULL, &unknown), -1);
	assert_string_equal(unknown, "wieght");
	filter_free(&filter);
}

static void wrong_filters_have_sentences(void **state)
{
	static const struct {
		const char *text, *sentence;
	} cases[] = {
		{ "", "filter '': found '', expected COLUMN=GLOB*" },
		{ "weight_bits", "*found 'weight_bits', expected COLUMN=GLOB*" },
		{ "=4", "*found '=4', expected COLUMN*" },
		{ "weight_bits=", "*expected a glob right of '=', found ''" },
		{ "weight_bits= ,subject=a", "*expected a glob right of '='*" },
		{ "weight_bits==4", "*expected a glob right of '=', found '=4'" },
		{ "weight_bits<four", "*'<' compares numbers, and 'four' is none" },
		{ "weight_bits<inf", "*'<' compares numbers, and 'inf' is none" },
		{ "weight_bits>=0x10", "*'>=' compares numbers, and '0x10' is none" },
		{ "weight_bits<", "*expected a number right of '<', found ''" },
		{ "weight_bits=4,", "*found '', expected COLUMN=GLOB*" },
		{ "weight_bits=4,,subject=a", "*found '', expected COLUMN=GLOB*" },
		{ "weight-bits=4", "*found 'weight-bits=4', expected COLUMN=GLOB*" },
		{ "weight_bits , =4", "*found 'weight_bits ', expected COLUMN=GLOB*" },
	};
	const struct env env = env_system();
	struct error error;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct filter filter = { 0 };

		assert_int_equal(filter_add(&filter, &env, "subject=kept", &error), 0);
		assert_int_equal(filter_add(&filter, &env, cases[i].text, &error), -1);
		assert_int_equal(error.status, STATUS_INPUT);
		if (!glob_match(cases[i].sentence, error.text, false))
			fail_msg("'%s' gives: %s", cases[i].text, error.text);
		assert_int_equal(filter.count, 1);
		filter_free(&filter);
	}
}

static void columns_are_checked(void **state)
{
	static const struct {
		const char *text, *sentence;
	} cases[] = {
		{ "wieght_bits=4", "unknown column 'wieght_bits'; did you mean 'weight_bits'?" },
		{ "x=4", "unknown column 'x'; the columns are those of view choice*" },
		{ "subject=a,sqnr_db>20", "column 'sqnr_db' is known only after measuring*" },
		{ "median_ns<100", "column 'median_ns' is known only after measuring*" },
		{ "bytes<100", "column 'bytes' is known only after measuring*" },
	};
	const struct env env = env_system();
	struct filter filter = { 0 };
	struct error error;

	(void)state;
	for (const struct filter_column *c = filter_columns; c->name; c++)
		if (!c->measured) {
			char text[64];

			snprintf(text, sizeof text, "%s=*", c->name);
			assert_int_equal(filter_add(&filter, &env, text, &error), 0);
		}
	assert_int_equal(filter_check(&filter, &error), 0);
	filter_free(&filter);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(filter_add(&filter, &env, cases[i].text, &error), 0);
		assert_int_equal(filter_check(&filter, &error), -1);
		assert_int_equal(error.status, STATUS_INPUT);
		if (!glob_match(cases[i].sentence, error.text, false))
			fail_msg("'%s' gives: %s", cases[i].text, error.text);
		filter_free(&filter);
	}
}

static void memory_may_run_out(void **state)
{
	struct failing failing = { .fail_at = 0 };
	int failed;

	(void)state;
	do {
		const struct env env = env_failing(&failing);
		struct filter filter = { 0 };
		struct error error = { 0 };

		failing.calls = 0;
		failed = filter_add(&filter, &env, "weight_bits=4,subject=*x*", &error);
		if (failed)
			assert_int_equal(error.status, STATUS_MACHINE);
		filter_free(&filter);
		failing.fail_at++;
	} while (failed);
	assert_true(failing.fail_at > 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches),
		cmocka_unit_test(unknown_column_is_named),
		cmocka_unit_test(wrong_filters_have_sentences),
		cmocka_unit_test(columns_are_checked),
		cmocka_unit_test(memory_may_run_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
