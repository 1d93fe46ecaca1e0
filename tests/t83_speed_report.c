/* SPDX-License-Identifier: MIT
 *
 * What the speed gate says, from rows by hand: text, Markdown, JUnit XML, JSON; also of texts that
 * would break a form that does not escape them.
 */
#include "support.h"

#include "../harness/gate/speed_report.h"

#include <cJSON.h>
#include <math.h>

#define NASTY "a | b <c> & \"d\" \\ * ` \x01 \xff"

static struct accepted_entry entries[] = {
	{ .label = "used", .reason = "why", .allowed = 0.03, .line = 2, .used = true },
	{ .label = NASTY, .reason = "why", .line = 3 },
};
static const struct accepted accepted = { .count = 2, .entries = entries };

static struct speed_row rows[] = {
	{ .word = WORD_UNCHANGED, .label = (char *)"t | same t1 b1 warm", .kernel = "same",
	  .task = (char *)"t", .launches = { 7 }, .effect = { 0, -0.001, 0.001 }, .old_ns = 999,
	  .new_ns = 1000, .seconds = 0.5, .again = (char *)"quantsweep again same" },
	{ .word = WORD_REGRESSED, .label = (char *)"t | less t1 b1 warm", .kernel = "less",
	  .task = (char *)"t", .launches = { 11, 15 }, .effect = { 0.02, 0.01, 0.03 },
	  .old_ns = 1e6, .new_ns = 1.02e6, .again = (char *)"quantsweep again 'less' <&>" },
	{ .word = WORD_REGRESSED, .label = (char *)"t | more t1 b1 warm", .kernel = "more",
	  .task = (char *)"t", .launches = { 11, 11 }, .effect = { 0.5, 0.4, 0.6 }, .old_ns = 5e9,
	  .new_ns = 8e9, .note = NASTY },
	{ .word = WORD_WRONG, .label = (char *)"t | wrong t1 b1 warm", .kernel = "wrong",
	  .task = (char *)"t", .launches = { 3 }, .note = "the new kernel: wrong: y[0][0]" },
	{ .word = WORD_GONE, .label = (char *)NASTY, .kernel = NASTY },
	{ .word = WORD_ACCEPTED, .label = (char *)"t | used t1 b1 warm", .kernel = "used",
	  .task = (char *)"t", .launches = { 7 }, .effect = { 0.02, 0.01, 0.03 }, .old_ns = 1,
	  .new_ns = 1, .accepted = &entries[0] },
	{ .word = WORD_INCONCLUSIVE, .label = (char *)"t | maybe t1 b1 warm", .kernel = "maybe",
	  .task = (char *)"t", .note = "the time was over" },
	{ .word = WORD_UNCHANGED, .label = (char *)"t | floor t1 b1 warm", .kernel = "floor",
	  .task = (char *)"t", .launches = { 7 }, .effect = { 0.001, NAN, NAN }, .old_ns = 10,
	  .new_ns = 10 },
};

static struct speed_report report = {
	.count = sizeof rows / sizeof *rows, .rows = rows, .config = NASTY, .library = "old.so",
	.old_hash = "0", .new_hash = "1", .max_regress = 0.01, .seconds = 12.25, .launches = 99,
	.accepted = &accepted, .accepted_path = "accepted.csv",
};

static char *printed(void (*print)(FILE *, const struct speed_report *))
{
	const char *path = scratch("printed");
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	print(out, &report);
	fclose(out);
	return read_text(path);
}

static void text(void **state)
{
	static const char *const lines[] = {
		"REGRESSED    t | more t1 b1 warm  +64.87 % [+49.18, +82.21], 5 s -> 8 s, 11 + 11 "
		"launches; " NASTY "\n",
		"REGRESSED    t | less t1 b1 warm  +2.02 % [+1.01, +3.05], 1 ms -> 1.02 ms, 11 + 15 "
		"launches\n             quantsweep again 'less' <&>\n",
		"WRONG        t | wrong t1 b1 warm  the new kernel: wrong: y[0][0]\n",
		"INCONCLUSIVE t | maybe t1 b1 warm  the time was over\n",
		"accepted     t | used",
		"gone         " NASTY "\n",
		"unchanged    t | floor t1 b1 warm  +0.10 %, 10 ns -> 10 ns, 7 launches\n",
		"unchanged    t | same t1 b1 warm  +0.00 % [-0.10, +0.10], 999 ns -> 1 us, 7 "
		"launches\n             quantsweep again same\n",
		"unused: accepted.csv:3: no bench here is '",
		"8 benches: 2 regressed, 1 wrong, 1 inconclusive, 1 accepted, 1 gone, 2 unchanged (at "
		"most 1 % slower; 99 launches, 12 s)\n",
	};
	char *found, *at;

	(void)state;
	speed_report_sort(&report);
	at = found = printed(speed_print_text);
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		at = strstr(at, lines[i]);
		if (!at)
			fail_msg("line %zu '%s' is not there or out of order in\n%s", i, lines[i],
				 found);
	}
	free(found);
}

static void markdown(void **state)
{
	char *found = printed(speed_print_markdown);

	(void)state;
	assert_non_null(strstr(found, "### Speed gate: 8 benches: 2 regressed, 1 wrong, "));
	assert_non_null(strstr(found, "| **regressed** | `less` | t | +2.02 % | +1.01 .. +3.05 % | "
				      "1 ms | 1.02 ms | 11 + 15 |  |\n"));
	assert_non_null(strstr(found, "| **wrong** | `wrong` | t | | | | | | the new kernel"));
	assert_non_null(strstr(found, "a \\| b \\<c> & \"d\" \\\\ \\* \\` ? "));
	assert_non_null(strstr(found, "<details><summary>2 more</summary>\n\n| verdict |"));
	assert_non_null(strstr(found, "| unchanged | `floor` | t | +0.10 % |  | 10 ns | 10 ns |"));
	/* every row has as many bars as its head */
	for (char *line = strtok(found, "\n"); line; line = strtok(NULL, "\n")) {
		int bars = 0;

		if (*line != '|')
			continue;
		for (const char *c = line; *c; c++)
			bars += *c == '|' && c[-1] != '\\';
		assert_int_equal(bars, 10);
	}
	free(found);
}

/* Tags open and close in order, and no bare sign stands between them. */
static void check_xml(const char *xml)
{
	char open[16][32];
	int depth = 0;

	for (const char *at = xml; *at; at++) {
		char name[32];
		const char *end;

		if (*at == '&')
			assert_true(!strncmp(at, "&amp;", 5) || !strncmp(at, "&lt;", 4) ||
				    !strncmp(at, "&gt;", 4) || !strncmp(at, "&quot;", 6));
		assert_true((unsigned char)*at >= 32 || *at == '\n');
		if (*at != '<' || at[1] == '?')
			continue;
		end = strchr(at, '>');
		assert_non_null(end);
		if (at[1] == '/') {
			snprintf(name, sizeof name, "%.*s", (int)(end - at - 2), at + 2);
			assert_true(depth > 0);
			assert_string_equal(name, open[--depth]);
		} else if (end[-1] != '/') {
			snprintf(open[depth++], 32, "%.*s", (int)strcspn(at + 1, " >"), at + 1);
		}
	}
	assert_int_equal(depth, 0);
}

static void junit(void **state)
{
	char *found = printed(speed_print_junit);

	(void)state;
	check_xml(found);
	assert_non_null(strstr(found, "<testsuite name=\"quantsweep gate\" tests=\"8\" "
				      "failures=\"3\" errors=\"0\" skipped=\"2\" time=\"12.250\">"));
	assert_non_null(strstr(found, "name=\"t | less t1 b1 warm\" time=\"0.000\">\n      "
				      "<failure message=\"regressed: +2.02 % [+1.01, +3.05] of the "
				      "time before, 26 launches\" type=\"regressed\">quantsweep again "
				      "'less' &lt;&amp;&gt;</failure>"));
	assert_non_null(strstr(found, "<skipped message=\"inconclusive: the time was over\"/>"));
	assert_non_null(strstr(found, "a | b &lt;c&gt; &amp; &quot;d&quot; \\ * ` ? ?"));
	free(found);
}

static void json(void **state)
{
	char *found = printed(speed_print_json);
	cJSON *root = cJSON_Parse(found);
	const cJSON *row;

	(void)state;
	assert_non_null(root);
	assert_true(cJSON_GetObjectItem(root, "max_regress")->valuedouble == 0.01);
	assert_int_equal(cJSON_GetObjectItem(cJSON_GetObjectItem(root, "counts"), "regressed")
				 ->valueint,
			 2);
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(root, "unused")), 1);
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(root, "rows")), 8);
	row = cJSON_GetArrayItem(cJSON_GetObjectItem(root, "rows"), 0);
	assert_string_equal(cJSON_GetObjectItem(row, "kernel")->valuestring, "more");
	assert_true(fabs(cJSON_GetObjectItem(row, "change")->valuedouble - expm1(0.5)) < 1e-12);
	assert_true(cJSON_IsNull(cJSON_GetObjectItem(row, "command")));
	row = cJSON_GetArrayItem(cJSON_GetObjectItem(root, "rows"), 2);
	assert_string_equal(cJSON_GetObjectItem(row, "verdict")->valuestring, "wrong");
	assert_true(cJSON_IsNull(cJSON_GetObjectItem(row, "change")));
	row = cJSON_GetArrayItem(cJSON_GetObjectItem(root, "rows"), 6);
	assert_true(cJSON_IsNumber(cJSON_GetObjectItem(row, "change")));
	assert_true(cJSON_IsNull(cJSON_GetObjectItem(row, "change_low")));
	cJSON_Delete(root);
	free(found);
}

/* A library that cannot be compared: a warning and no row. */
static void warning(void **state)
{
	const struct speed_report all = report;
	static void (*const print[])(FILE *, const struct speed_report *) = {
		speed_print_text, speed_print_markdown, speed_print_junit, speed_print_json
	};

	(void)state;
	report = (struct speed_report){ .config = "c", .library = "l", .max_regress = 0.01,
					.warning = "the interface differs" };
	for (int i = 0; i < 4; i++) {
		char *found = printed(print[i]);

		assert_non_null(strstr(found, "the interface differs"));
		if (print[i] == speed_print_junit)
			check_xml(found);
		if (print[i] == speed_print_json) {
			cJSON *root = cJSON_Parse(found);

			assert_non_null(root);
			cJSON_Delete(root);
		}
		free(found);
	}
	report = all;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text),  cmocka_unit_test(markdown), cmocka_unit_test(junit),
		cmocka_unit_test(json), cmocka_unit_test(warning),
	};

	scratch_dir();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
