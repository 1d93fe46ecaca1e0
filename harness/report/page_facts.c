/* SPDX-License-Identifier: MIT */
#include "page.h"

#include "words.h"

#include <string.h>

/* A table of two columns for one row: names and values; absent values are left out. */
static int add_row_facts(void *self, const struct row *row)
{
	struct text *page = self;

	text_add(page, "<div class=wide><table><tbody>\n");
	for (int i = 0; i < row->columns; i++) {
		if (!row->values[i] || !*row->values[i])
			continue;
		text_add(page, "<tr><th>");
		add_html(page, row->names[i]);
		text_add(page, "</th><td>");
		add_html(page, row->values[i]);
		text_add(page, "</td></tr>\n");
	}
	text_add(page, "</tbody></table></div>\n");
	return 0;
}

/* Line ends and tabs of a config are its own. */
static int add_config(void *self, const struct row *row)
{
	struct text *page = self;
	const char *text = row->values[0] ? row->values[0] : "";

	text_add(page, "<details><summary>the config as it was read</summary><pre>");
	while (*text) {
		const size_t length = strcspn(text, "\n\t");
		struct text line = { .env = page->env };

		text_add_bytes(&line, text, length);
		if (line.bytes)
			add_html(page, line.bytes);
		page->failed |= line.failed;
		text_free(&line);
		text += length;
		if (*text)
			text_add_bytes(page, text++, 1);
	}
	text_add(page, "</pre></details>\n");
	return 0;
}

int page_facts(struct text *page, struct store *store, struct error *error)
{
	text_add(page,
		 "<section id=facts><h2>Runs and machines</h2>\n<p class=how>The last 10 runs, "
		 "the latest first.</p>\n");
	if (store_query(store,
			"SELECT run_id, datetime(started, 'unixepoch') || ' UTC' AS started, "
			"state, name, config, data, command, jobs, isa, version, compiler, build, "
			"arithmetic, seconds, accuracy_seconds, race_seconds, element_visits, "
			"machine_id FROM run ORDER BY run_number DESC LIMIT 10",
			NULL, 0, add_row_facts, page, error))
		return -1;
	text_add(page, "<h3>Machines</h3>\n");
	if (store_query(store, "SELECT * FROM machine ORDER BY machine_id", NULL, 0, add_row_facts,
			page, error))
		return -1;
	if (store_query(store, "SELECT config_text FROM run ORDER BY run_number DESC LIMIT 1", NULL,
			0, add_config, page, error))
		return -1;
	text_add(page, "</section>\n");
	return 0;
}
