/* SPDX-License-Identifier: MIT
 *
 * Errors, texts, globs, escapes, nearest names, numbers as text.
 */
#include "support.h"

#include "../harness/text.h"

static void errors_are_sentences(void **state)
{
	struct error error;
	char longer[3000];

	(void)state;
	assert_int_equal(fail(&error, STATUS_INPUT, "a '%s'", "b"), -1);
	assert_string_equal(error.text, "a 'b'");
	fail_prefix(&error, "%s:%d: ", "x.json", 4);
	assert_string_equal(error.text, "x.json:4: a 'b'");
	assert_int_equal(error.status, STATUS_INPUT);
	fail(&error, STATUS_INPUT, "a\nb");
	assert_string_equal(error.text, "a b");
	memset(longer, 'x', sizeof longer);
	longer[sizeof longer - 1] = '\0';
	fail(&error, STATUS_INPUT, "%s", longer);
	assert_int_equal(strlen(error.text), sizeof error.text - 1);
	assert_string_equal(error.text + sizeof error.text - 4, "...");
}

static void the_worst_status_wins(void **state)
{
	(void)state;
	assert_int_equal(status_worse(STATUS_INPUT, STATUS_MACHINE), STATUS_MACHINE);
	assert_int_equal(status_worse(STATUS_INPUT, STATUS_FAILED), STATUS_INPUT);
	assert_int_equal(status_worse(STATUS_INCONCLUSIVE, STATUS_FAILED), STATUS_FAILED);
	assert_int_equal(status_worse(STATUS_DONE, STATUS_INCONCLUSIVE), STATUS_INCONCLUSIVE);
	assert_int_equal(status_worse(STATUS_DONE, STATUS_DONE), STATUS_DONE);
}

static void globs(void **state)
{
	static const struct {
		const char *pattern, *name;
		bool path, match;
	} cases[] = {
		{ "*", "", false, true }, { "a*c", "abbc", false, true }, { "a*c", "abbd", false, false },
		{ "a?c", "abc", false, true }, { "a?c", "ac", false, false },
		{ "[a-c]x", "bx", false, true }, { "[!a-c]x", "bx", false, false },
		{ "[]]x", "]x", false, true }, { "[x", "[x", false, true },
		{ "*/b", "a/b", true, true }, { "*", "a/b", true, false }, { "*", "a/b", false, true },
		{ "**", "a/b", true, true }, { "**/b", "b", true, true }, { "**/b", "x/y/b", true, true },
		{ "a/**/b", "a/b", true, true }, { "a/**/b", "a/x/y/b", true, true },
		{ "a/**/*.onnx", "a/x/y/m.onnx", true, true }, { "a/**/*.onnx", "a/m.onnx", true, true },
		{ "a/**/*.onnx", "b/m.onnx", true, false }, { "a?b", "a/b", true, false },
		{ "**/x/*", "a/x/b/x/c", true, true }, { "**/x/*", "a/x/b/c", true, false },
		{ "*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false, false },
		{ "*.*.*b", "a.b.cb", false, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (glob_match(cases[i].pattern, cases[i].name, cases[i].path) != cases[i].match)
			fail_msg("'%s' against '%s': expected %d", cases[i].pattern, cases[i].name,
				 cases[i].match);
}

static void escapes_come_back(void **state)
{
	const struct env env = env_system();
	struct text text = { .env = &env };
	struct error error;
	char *escaped, bad[] = "a%4", zero[] = "a%00", printed[8];

	(void)state;
	text_add_escaped(&text, "a b=c|d,e%f*g?[h](i)\x01");
	escaped = text_take(&text, &error);
	assert_string_equal(escaped, "a%20b%3Dc%7Cd%2Ce%25f%2Ag%3F%5Bh%5D%28i%29%01");
	assert_true(text_unescape(escaped));
	assert_string_equal(escaped, "a b=c|d,e%f*g?[h](i)\x01");
	env_free(&env, escaped);
	/* cut as snprintf cuts: never within the bounds' end */
	assert_int_equal(print_escaped(printed, sizeof printed, "a b|\xff"), 9);
	assert_string_equal(printed, "a%20b%7");
	assert_int_equal(print_escaped(printed, 0, "*"), 3);
	assert_string_equal(printed, "a%20b%7");
	assert_int_equal(print_escaped(printed, sizeof printed, ""), 0);
	assert_string_equal(printed, "");
	assert_false(text_unescape(bad));
	assert_false(text_unescape(zero));
}

static void nearest_names(void **state)
{
	static const char *const names[] = { "symmetric", "symmetric_full", "asymmetric", "mse" };

	(void)state;
	assert_string_equal(nearest_name("symetric", names, 4), "symmetric");
	assert_string_equal(nearest_name("asymetric", names, 4), "asymmetric");
	assert_string_equal(nearest_name("mes", names, 4), "mse");
	assert_null(nearest_name("banana", names, 4));
	assert_null(nearest_name("", names, 4));
	/* by hand: delete, insert, replace, swap cost one each */
	assert_int_equal(edit_distance("kitten", "sitting", 9), 3);
	assert_int_equal(edit_distance("abcd", "abdc", 9), 1);
	assert_int_equal(edit_distance("abcd", "wxyz", 2), 3);
}

static void doubles_read_back(void **state)
{
	static const double values[] = { 0.1, 1.0 / 3, 1e300, 5e-324, 99.99, 123456789.125, -0.0 };
	char out[32];

	(void)state;
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		print_double(out, values[i]);
		assert_true(strtod(out, NULL) == values[i]);
	}
	print_double(out, 99.99);
	assert_string_equal(out, "99.99");
}

static void running_out_of_memory_is_said(void **state)
{
	struct failing failing = { .fail_at = 0 };
	const struct env env = env_failing(&failing);
	struct text text = { .env = &env };
	struct error error;
	size_t capacity = 0;
	int *items = NULL;

	(void)state;
	text_add(&text, "words");
	assert_null(text_take(&text, &error));
	assert_int_equal(error.status, STATUS_MACHINE);
	assert_null(env_new(&env, SIZE_MAX, 2, "too much", &error));
	assert_int_equal(env_grow(&env, &items, &capacity, 0, sizeof *items, "numbers", &error), -1);
	assert_null(items);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_are_sentences), cmocka_unit_test(the_worst_status_wins),
		cmocka_unit_test(globs), cmocka_unit_test(escapes_come_back),
		cmocka_unit_test(nearest_names), cmocka_unit_test(doubles_read_back),
		cmocka_unit_test(running_out_of_memory_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
