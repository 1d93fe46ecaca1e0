/* SPDX-License-Identifier: MIT */
#include "page.h"

#include "summary.h"
#include "words.h"

#include <stdlib.h>
#include <string.h>

struct rows {                   /* one walk over the rows of a query                     */
	struct text *page;
	const char *database;
	size_t count;
};

static void add_words_cell(struct text *page, const struct row *row, const char *column)
{
	const char *value = row_value(row, column);

	text_add(page, "<td>");
	add_html(page, value ? value : "");
	text_add(page, "</td>");
}

static void add_number_cell(struct text *page, const struct row *row, const char *column,
			    const char *format)
{
	const char *value = row_value(row, column);

	text_add(page, "<td class=n>");
	if (value) {
		char shown[64];

		snprintf(shown, sizeof shown, format, strtod(value, NULL));
		text_add(page, "%s", shown);
	}
	text_add(page, "</td>");
}

static void add_again_cell(struct rows *rows, const struct row *row)
{
	struct text again = { .env = rows->page->env };

	add_again(&again, row, row_value(row, "choice_label") ? "choice_label" : "label",
		  rows->database);
	text_add(rows->page, "<td class=again><details><summary>again</summary><code>");
	add_html(rows->page, again.bytes ? again.bytes : "");
	text_add(rows->page, "</code></details></td>");
	rows->page->failed |= again.failed;
	text_free(&again);
}

static int add_choice(void *self, const struct row *row)
{
	struct rows *rows = self;
	struct text *page = rows->page;
	const char *bytes = row_value(row, "bytes"), *ns = row_value(row, "median_ns");
	const char *sqnr = row_value(row, "sqnr_db"), *exact = row_value(row, "exact");
	char shown[32];

	text_add(page, "<tr>");
	add_words_cell(page, row, "subject");
	add_words_cell(page, row, "recipe");
	text_add(page, "<td class=n>");
	if (bytes) {
		print_count(shown, strtoll(bytes, NULL, 10));
		text_add(page, "%s", shown);
	}
	text_add(page, "</td>");
	add_number_cell(page, row, "bits_per_element", "%.2f");
	if (!sqnr && exact && !strcmp(exact, "1"))
		text_add(page, "<td class=n>exact</td>");
	else
		add_number_cell(page, row, "sqnr_db", "%.2f");
	add_words_cell(page, row, "kernel");
	text_add(page, "<td class=n");
	if (ns) {
		print_time(shown, strtod(ns, NULL));
		text_add(page, " data-v=%s>%s</td>", ns, shown);
	} else {
		text_add(page, "></td>");
	}
	add_number_cell(page, row, "speedup_over_float", "%.2f");
	add_words_cell(page, row, "remark");
	add_again_cell(rows, row);
	text_add(page, "</tr>\n");
	rows->count++;
	return 0;
}

static int count_rows(void *self, const struct row *row)
{
	*(size_t *)self = strtoul(row->values[0], NULL, 10);
	return 0;
}

static int query_choices(struct rows *rows, struct store *store, const char *most,
			 struct error *error)
{
	struct text sql = { .env = rows->page->env };
	char *query;
	int result;

	add_section(&sql, "choices");
	query = text_take(&sql, error);
	if (!query)
		return -1;
	result = store_query(store, query, &most, 1, add_choice, rows, error);
	env_free(rows->page->env, query);
	return result;
}

int page_choices(struct text *page, struct store *store, const char *database, struct error *error)
{
	struct rows rows = { .page = page, .database = database };
	char most[32], all_shown[32], shown[32];
	size_t all = 0;

	if (store_query(store, "SELECT count(*) FROM choice", NULL, 0, count_rows, &all, error))
		return -1;
	snprintf(most, sizeof most, "%d", CHOICES_MOST);
	print_count(all_shown, (long long)all);
	print_count(shown, (long long)(all < CHOICES_MOST ? all : CHOICES_MOST));
	text_add(page,
		 "<section id=choices><h2>Choices</h2>\n<p class=how>Every choice with its error, "
		 "its bytes and its speed; SQNR in dB, time the median of a call.  A click on a "
		 "head sorts.  ");
	if (all > CHOICES_MOST)
		text_add(page,
			 "Of %s rows these are the %s best of their subject and size; "
			 "<code>quantsweep "
			 "show DB --view choice --csv</code> prints all.",
			 all_shown, shown);
	text_add(page,
		 "</p>\n<input id=filter hidden placeholder=\"show rows with these words\" "
		 "aria-label=\"show rows with these words\">\n"
		 "<div class=wide><table "
		 "id=choice-table><thead><tr><th>subject</th><th>recipe</th><th "
		 "class=n>bytes</th><th class=n>bits</th><th class=n>SQNR "
		 "dB</th><th>kernel</th><th class=n>time</th><th class=n>x "
		 "float</th><th>remark</th><th></th></tr></thead>\n<tbody>\n");
	if (query_choices(&rows, store, most, error))
		return -1;
	text_add(page, "</tbody></table></div></section>\n");
	return 0;
}

static int add_listed(void *self, const struct row *row)
{
	struct rows *rows = self;

	text_add(rows->page, "<tr>");
	add_words_cell(rows->page, row, "label");
	add_words_cell(rows->page, row, "words");
	add_again_cell(rows, row);
	text_add(rows->page, "</tr>\n");
	rows->count++;
	return 0;
}

static int add_list(struct text *page, struct store *store, const char *database, const char *id,
		    const char *heading, const char *count_sql, const char *sql,
		    struct error *error)
{
	struct rows rows = { .page = page, .database = database };
	size_t all = 0;
	char shown[32];

	if (store_query(store, count_sql, NULL, 0, count_rows, &all, error))
		return -1;
	print_count(shown, (long long)all);
	text_add(page, "<section id=%s><h2>%s: %s</h2>\n", id, heading, shown);
	if (all) {
		text_add(page, "<details><summary>%s%s</summary>\n<div class=wide><table><tbody>\n",
			 all > LIST_MOST ? "the first 500 of " : "", shown);
		if (store_query(store, sql, NULL, 0, add_listed, &rows, error))
			return -1;
		text_add(page, "</tbody></table></div></details>\n");
	}
	text_add(page, "</section>\n");
	return 0;
}

int page_lists(struct text *page, struct store *store, const char *database, struct error *error)
{
	_Static_assert(LIST_MOST == 500, "the queries and their words say 500");

	if (add_list(page, store, database, "skips", "Skips", "SELECT count(*) FROM skip",
		     "SELECT label, choice_label, reason AS words, config, data, config_name FROM "
		     "skip ORDER BY reason, label LIMIT 500",
		     error))
		return -1;
	return add_list(page, store, database, "warnings", "Warnings",
			"SELECT count(*) FROM warning",
			"SELECT label, choice_label, warning AS words, config, data, config_name "
			"FROM warning ORDER BY warning, label LIMIT 500",
			error);
}
