/* SPDX-License-Identifier: MIT
 *
 * results/accepted.csv: what is understood, and the sentence of everything else.
 */
#include "support.h"

#include "../harness/gate/accepted.h"

#include <math.h>

#define HEAD "label,metric,allowed,commit,reason\n"

static struct error error;

static int parse(struct accepted *accepted, const char *text)
{
	static struct env env;

	env = env_system();
	return accepted_parse(accepted, &env, "a.csv", text, strlen(text), &error);
}

static void good_files(void **state)
{
	struct accepted accepted;
	const struct accepted_entry *entry;

	(void)state;
	assert_int_equal(parse(&accepted, HEAD), 0);
	assert_int_equal(accepted.count, 0);
	accepted_free(&accepted);
	assert_int_equal(parse(&accepted, "label,metric,allowed,commit,reason"), 0);
	accepted_free(&accepted);
	assert_int_equal(parse(&accepted, "label,metric,allowed,commit,reason\r\n"
					  "a | b,time,3%,0123abc,\"so, it is \"\"meant\"\"\"\r\n"
					  "\"c\",time,0.5%,0123456789abcdef,x"),
			 0);
	assert_int_equal(accepted.count, 2);
	assert_null(accepted_find(&accepted, "a"));
	entry = accepted_find(&accepted, "a | b");
	assert_non_null(entry);
	assert_string_equal(entry->reason, "so, it is \"meant\"");
	assert_string_equal(entry->commit, "0123abc");
	assert_true(fabs(entry->allowed - log(1.03)) < 1e-15);
	assert_int_equal(entry->line, 2);
	assert_true(accepted.entries[0].used);
	assert_false(accepted.entries[1].used);
	assert_true(fabs(accepted.entries[1].allowed - log(1.005)) < 1e-15);
	accepted_free(&accepted);
}

static void garbage(void **state)
{
	static const struct {
		const char *text, *sentence;
	} cases[] = {
		{ "", "a.csv:1: has 1 fields, expected label,metric,allowed,commit,reason" },
		{ "label,metric,allowed,reason,commit\n",
		  "a.csv:1: column 4 is 'reason', expected 'commit'; the first line is "
		  "label,metric,allowed,commit,reason" },
		{ HEAD "a,time,3%,0123abc\n",
		  "a.csv:2: has 4 fields, expected label,metric,allowed,commit,reason" },
		{ HEAD "\n", "a.csv:2: has 1 fields, expected label,metric,allowed,commit,reason" },
		{ HEAD "a,time,3%,0123abc,x,y\n",
		  "a.csv:2: has more than 5 fields; a reason with a comma stands in quotes" },
		{ HEAD ",time,3%,0123abc,x\n", "a.csv:2: the label is empty" },
		{ HEAD "a,bytes,3%,0123abc,x\n", "a.csv:2: metric is 'bytes', expected time" },
		{ HEAD "a,time,0.03,0123abc,x\n",
		  "a.csv:2: allowed is '0.03', expected a slowdown from 0.01% to 1000%, "
		  "like 3%" },
		{ HEAD "a,time,0%,0123abc,x\n", "a.csv:2: allowed is '0%'" },
		{ HEAD "a,time,0.0099%,0123abc,x\n", "a.csv:2: allowed is '0.0099%'" },
		{ HEAD "a,time,1001%,0123abc,x\n", "a.csv:2: allowed is '1001%'" },
		{ HEAD "a,time,-3%,0123abc,x\n", "a.csv:2: allowed is '-3%'" },
		{ HEAD "a,time,3%%,0123abc,x\n", "a.csv:2: allowed is '3%%'" },
		{ HEAD "a,time,1.2.3%,0123abc,x\n", "a.csv:2: allowed is '1.2.3%'" },
		{ HEAD "a,time,nan%,0123abc,x\n", "a.csv:2: allowed is 'nan%'" },
		{ HEAD "a,time,%,0123abc,x\n", "a.csv:2: allowed is '%'" },
		{ HEAD "a,time,3%,0123ab,x\n", "a.csv:2: commit is '0123ab', expected the 7 to 64" },
		{ HEAD "a,time,3%,HEAD~1,x\n", "a.csv:2: commit is 'HEAD~1'" },
		{ HEAD "a,time,3%,0123abc, \n",
		  "a.csv:2: there is no reason; say why the slowdown is accepted" },
		{ HEAD "a,time,3%,0123abc,x\nb,time,3%,0123abc,x\na,time,4%,0123abc,y\n",
		  "a.csv:4: the label 'a' stands in line 2 too" },
		{ HEAD "\"a,time,3%,0123abc,x\n", "a.csv:2: a quoted field has no end on its line" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct accepted accepted;

		if (!parse(&accepted, cases[i].text) ||
		    strncmp(error.text, cases[i].sentence, strlen(cases[i].sentence)))
			fail_msg("case %zu: '%s'\nexpected '%s'", i, error.text,
				 cases[i].sentence);
		assert_int_equal(error.status, STATUS_INPUT);
		accepted_free(&accepted);
	}
}

static void no_memory(void **state)
{
	static const char text[] = HEAD "a,time,3%,0123abc,x\nb,time,3%,0123abc,y\n";
	bool done = false;

	(void)state;
	for (long at = 0; !done && at < 100; at++) {
		struct failing failing = { .fail_at = at };
		const struct env env = env_failing(&failing);
		struct accepted accepted;

		done = !accepted_parse(&accepted, &env, "a.csv", text, sizeof text - 1, &error);
		if (!done)
			assert_int_equal(error.status, STATUS_MACHINE);
		accepted_free(&accepted);
	}
	assert_true(done);
}

/* The project's own file is whole. */
static void own_file(void **state)
{
	const struct env env = env_system();
	struct accepted accepted;
	char path[1100];

	(void)state;
	snprintf(path, sizeof path, "%s/results/accepted.csv", source_dir());
	if (accepted_read(&accepted, &env, path, &error))
		fail_msg("%s", error.text);
	accepted_free(&accepted);
	assert_int_equal(accepted_read(&accepted, &env, scratch("none.csv"), &error), -1);
	assert_non_null(strstr(error.text, "none.csv: cannot be read"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_files), cmocka_unit_test(garbage),
		cmocka_unit_test(no_memory), cmocka_unit_test(own_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
