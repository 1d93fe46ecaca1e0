/* SPDX-License-Identifier: MIT
 *
 * The report: one HTML file that asks nothing of a network, holds every figure, and takes no name
 * of a tensor for markup.
 */
#include "reported.h"

#include "../harness/report/page.h"

#include <ctype.h>
#include <unistd.h>

static struct env env;

static size_t count_of(const char *page, const char *words)
{
	size_t count = 0;

	for (; (page = strstr(page, words)); page++)
		count++;
	return count;
}

/* Every address is a place in the page itself. */
static void no_address(const char *page)
{
	static const char *const marks[] = { " src=",   "href=",   "url(",
					     "@import", "srcset=", "action=" };

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		for (const char *at = page; (at = strstr(at, marks[i])); at++) {
			const char *value = at + strlen(marks[i]);

			value += *value == '"' || *value == '\'';
			if (*value != '#')
				fail_msg("an address outside the page: %.60s", at);
		}
	assert_null(strstr(page, "http://"));
	assert_null(strstr(page, "https://"));
}

/* No two elements have one id, and each reference has its element. */
static void ids_are_unique(const char *page)
{
	static char ids[4000][80];
	size_t count = 0;

	for (const char *at = page; (at = strstr(at, " id=")); at++) {
		const char *value = at + 4 + (at[4] == '"' || at[4] == '\'');
		const size_t length = strcspn(value, "\"'> ");

		assert_in_range(length, 1, 79);
		snprintf(ids[count], sizeof *ids, "%.*s", (int)length, value);
		for (size_t i = 0; i < count; i++)
			if (!strcmp(ids[i], ids[count]))
				fail_msg("two elements have the id '%s'", ids[count]);
		assert_true(++count < 4000);
	}
	for (const char *at = page; (at = strstr(at, "href=")); at++) {
		const char *value = at + 7;
		bool found = false;

		for (size_t i = 0; i < count && !found; i++)
			found = !strncmp(ids[i], value, strlen(ids[i])) &&
				!isalnum((unsigned char)value[strlen(ids[i])]);
		if (!found)
			fail_msg("nothing has the id of %.60s", at);
	}
}

static void the_page(void **state)
{
	struct outcome_text outcome;
	int figures;
	char *page;

	(void)state;
	if (!has_gnuplot())
		return;
	outcome = run_shell("$QS report hand.db");
	assert_string_equal(outcome.out, "wrote hand.html\n");
	assert_int_equal(outcome.status, 0);
	outcome_free(&outcome);
	page = read_text(scratch("hand.html"));
	assert_non_null(page);
	no_address(page);
	ids_are_unique(page);
	outcome = run_shell("ls %s/plots/*.sql | wc -l", source_dir());
	figures = atoi(outcome.out);
	outcome_free(&outcome);
	assert_true(figures >= 10);
	assert_non_null(strstr(page, "no race was run twice"));
	assert_int_equal(count_of(page, "<figure "), figures);
	/* the trend of one run has nothing to draw, and says so */
	assert_int_equal(count_of(page, "<svg viewBox="), figures - 1);
	assert_int_equal(count_of(page, "</svg>"), figures - 1);
	/* the one script is ours, and the names that look like one are texts */
	assert_int_equal(count_of(page, "<script"), 1);
	assert_null(strstr(page, "<b>warning"));
	assert_null(strstr(page, "<i>matches"));
	assert_null(strstr(page, "a <CPU>"));
	assert_non_null(strstr(page, "a &lt;CPU&gt;"));
	assert_non_null(strstr(page, "a &lt;b&gt;warning&lt;/b&gt;"));
	assert_non_null(strstr(page, "{ &quot;name&quot;: &quot;&lt;hand&gt;&quot;,\n}"));
	/* 25 tensor cells, four kernels for G8, one for G32, 9 of networks, and a head */
	const char *choices = strstr(page, "<table id=choice-table>");
	const char *end = strstr(choices, "</table>");
	size_t rows = 0;

	for (const char *at = choices; (at = strstr(at, "<tr>")) && at < end; at++)
		rows++;
	assert_int_equal(rows, 25 + 4 + 1 + 9 + 1);
	/* a wrong kernel has no time, and the reason stands beside it */
	assert_null(strstr(page, "80.0 ns"));
	assert_non_null(strstr(choices, "1 of 6 outputs is wrong"));
	assert_non_null(
		strstr(page, "quantsweep run configs/hand.json --store hand.db --again --only"));
	free(page);
}

static void many_rows(void **state)
{
	sqlite3 *db;
	char *page, name[64];

	(void)state;
	if (!has_gnuplot())
		return;
	db = reported_open(scratch("many.db"));
	for (int t = 0; t < 260; t++) {
		snprintf(name, sizeof name, "w.npy#%d", t);
		for (int r = 0; r < REPORTED_RECIPES; r++)
			reported_tensor(db, name, &reported_recipes[r],
					reported_recipes[r].sqnr_db[0]);
	}
	reported_close(db);
	struct outcome_text outcome = run_shell("$QS report many.db --out 'x y.html'");

	assert_int_equal(outcome.status, 0);
	outcome_free(&outcome);
	page = read_text(scratch("x y.html"));
	assert_non_null(strstr(page, "Of 2,080 rows these are the 2,000 best"));
	free(page);
}

static void wrong_requests(void **state)
{
	static const struct {
		const char *command, *words;
		int status;
	} cases[] = {
		{ "$QS report", "report: no database was given", 2 },
		{ "$QS report a.db b.db", "found 'a.db' and 'b.db'", 2 },
		{ "$QS report nowhere.db", "nowhere.db", 2 },
		{ "$QS report hand.db --out nowhere/x.html", "nowhere/x.html: cannot be written", 4 },
		{ "printf x >x.db; $QS report x.db", "x.db", 4 },
		{ "QUANTSWEEP_PLOTS=/nowhere $QS report hand.db --out y.html; s=$?; "
		  "test ! -e y.html -a ! -e y.html.part || exit 9; exit $s",
		  "QUANTSWEEP_PLOTS", 2 },
		{ "PATH=/nowhere $QS report hand.db --out y.html", "gnuplot-nox", 4 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct outcome_text outcome = run_shell("%s", cases[i].command);

		if (outcome.status != cases[i].status || !strstr(outcome.err, cases[i].words))
			if (strcmp(cases[i].words, "nowhere/x.html: cannot be written") || has_gnuplot())
				fail_msg("%s: status %d, %s", cases[i].command, outcome.status,
					 outcome.err);
		outcome_free(&outcome);
	}
}

static void pictures_in_a_page(void **state)
{
	static const struct {
		const char *svg, *page;
	} cases[] = {
		{ "<?xml version=\"1.0\"?>\n<svg \n width=\"9\" viewBox=\"0 0 9 8\"\n "
		  "xmlns=\"http://a\"\n>\n<title>Gnuplot</title>\n"
		  "<g id=\"p\"><use xlink:href='#q'/><path fill='url(#q)' id='q'/></g></svg>\n",
		  "<svg viewBox=\"0 0 9 8\" role=\"img\" aria-label=\"a &amp; b\">\n\n"
		  "<g id=\"n-p\"><use href='#n-q'/><path fill='url(#n-q)' id='n-q'/></g></svg>\n" },
		/* what stands between the tags is text, whatever it looks like */
		{ "<svg viewBox=\"0\"><text> id='x' url(#y)</text></svg>",
		  "<svg viewBox=\"0\" role=\"img\" aria-label=\"a &amp; b\"><text> id='x' "
		  "url(#y)</text></svg>" },
		/* cut off */
		{ "<svg viewBox=\"0\"><title>x",
		  "<svg viewBox=\"0\" role=\"img\" aria-label=\"a &amp; b\">" },
		{ "<svg viewBox=\"0\"><g id=\"",
		  "<svg viewBox=\"0\" role=\"img\" aria-label=\"a &amp; b\"><g id=\"n-" },
	};
	static const char *const wrong[] = { "", "PNG", "<svg>", "<svg ",
					     "<svg a=\"\"> viewBox=\"0\"" };
	struct error error;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct text page = { .env = &env };

		assert_int_equal(svg_inline(&page, cases[i].svg, "n", "a & b", &error), 0);
		assert_string_equal(page.bytes, cases[i].page);
		text_free(&page);
	}
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct text page = { .env = &env };

		assert_int_equal(svg_inline(&page, wrong[i], "n", "t", &error), -1);
		text_free(&page);
	}
}

static void without_memory(void **state)
{
	struct failing failing = { 0, -1 };
	struct env short_of = env_failing(&failing);
	struct store *store;
	struct error error;
	long calls;

	(void)state;
	if (!has_gnuplot())
		return;
	assert_int_equal(store_open_read(&store, &env, scratch("hand.db"), &error), 0);
	assert_int_equal(report_write(store, &short_of, "hand.db", scratch("m.html"), &error), 0);
	calls = failing.calls;
	assert_int_equal(unlink(scratch("m.html")), 0);
	for (long at = 0; at < calls; at += 1 + at / 4) {
		failing = (struct failing){ 0, at };
		assert_int_equal(
			report_write(store, &short_of, "hand.db", scratch("m.html"), &error), -1);
		assert_int_equal(error.status, STATUS_MACHINE);
		assert_int_equal(access(scratch("m.html"), F_OK), -1);
	}
	store_close(store);
}

static int make(void **state)
{
	char path[1024];

	(void)state;
	env = env_system();
	snprintf(path, sizeof path, "%s/plots", source_dir());
	setenv("QUANTSWEEP_PLOTS", path, 1);
	reported_make(scratch("hand.db"));
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_page),       cmocka_unit_test(many_rows),
		cmocka_unit_test(wrong_requests), cmocka_unit_test(pictures_in_a_page),
		cmocka_unit_test(without_memory),
	};

	return cmocka_run_group_tests(tests, make, NULL);
}
