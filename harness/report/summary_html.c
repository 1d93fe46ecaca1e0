/* SPDX-License-Identifier: MIT
 *
 * The summary as the first page of the report.  A number carries where it was read: data-label and
 * data-column name the row and column of view `choice`, data-value is what `show --json` prints
 * there ("null" where the error is zero); data-minus the row whose value was taken off.  Of another
 * view data-view names it and data-place the row among those of one label.  What is made of several
 * rows (counts, sums) carries its value as data-made.
 */
#include "summary.h"

#include "words.h"

enum { ROWS_AT_A_GLANCE = 30 };

static void add_attribute(struct text *out, const char *name, const char *value)
{
	text_add(out, " %s=\"", name);
	add_html(out, value);
	text_add(out, "\"");
}

static void add_table_cell(struct text *out, const struct summary_sheet *sheet,
			   const struct summary_column *column, const struct summary_row *row,
			   const struct summary_cell *cell)
{
	const bool number = column->form != FORM_WORDS && column->form != FORM_SUBJECT;
	const char *of = cell->column ? cell->column : column->choice;

	text_add(out, "<td%s", number ? " class=n" : column->below ? " class=long" : "");
	if (of && cell->label) {
		if (sheet->view)
			add_attribute(out, "data-view", sheet->view);
		if (row->place)
			add_attribute(out, "data-place", row->place);
		add_attribute(out, "data-label", cell->label);
		if (cell->minus)
			add_attribute(out, "data-minus", cell->minus);
		add_attribute(out, "data-column", of);
		add_attribute(out, "data-value", cell->value ? cell->value : "null");
	} else if (number && cell->value) {
		add_attribute(out, "data-made", cell->value);
	}
	text_add(out, ">");
	add_html(out, cell->shown ? cell->shown : "");
	text_add(out, "</td>");
}

static void add_table_row(struct text *out, const struct summary_table *table,
			  const struct summary_row *row, bool commands)
{
	text_add(out, "<tr>");
	for (int i = 0; table->sheet->columns[i].heading; i++)
		add_table_cell(out, table->sheet, &table->sheet->columns[i], row, &row->cells[i]);
	if (commands) {
		text_add(out, "<td class=again>");
		if (row->again) {
			text_add(out, "<details><summary>again</summary><code>");
			add_html(out, row->again);
			text_add(out, "</code></details>");
		}
		text_add(out, "</td>");
	}
	text_add(out, "</tr>\n");
}

static void add_rows(struct text *out, const struct summary_table *table, bool brief_only)
{
	const struct summary_sheet *sheet = table->sheet;
	bool commands = false;

	for (size_t i = 0; i < table->count; i++)
		commands |= table->rows[i].again != NULL;
	text_add(out, "<div class=wide><table>\n<thead><tr>");
	for (int i = 0; sheet->columns[i].heading; i++) {
		const enum summary_form form = sheet->columns[i].form;

		text_add(out, "<th%s>%s</th>",
			 form != FORM_WORDS && form != FORM_SUBJECT ? " class=n" : "",
			 sheet->columns[i].heading);
	}
	text_add(out, "%s</tr></thead>\n<tbody>\n", commands ? "<th></th>" : "");
	for (size_t i = 0; i < table->count; i++)
		if (!brief_only || table->rows[i].brief)
			add_table_row(out, table, &table->rows[i], commands);
	text_add(out, "</tbody></table></div>");
}

/* More rows than one reads at a glance are folded, below those that the terminal shows. */
static void add_sheet(struct text *out, const struct summary_table *table)
{
	size_t brief = 0;

	text_add(out, "<section id=\"summary-%s\"><h3>%s</h3>\n<p class=how>%s</p>\n",
		 table->sheet->id, table->sheet->title, table->sheet->note);
	for (size_t i = 0; i < table->count; i++)
		brief += table->rows[i].brief;
	if (table->count > ROWS_AT_A_GLANCE) {
		if (brief)
			add_rows(out, table, true);
		text_add(out, "<details><summary>all %zu rows</summary>\n", table->count);
	}
	add_rows(out, table, false);
	text_add(out, "%s</section>\n", table->count > ROWS_AT_A_GLANCE ? "</details>" : "");
}

void summary_write_html(const struct summary *summary, struct text *out)
{
	text_add(out, "<p class=headline>");
	add_html(out, summary->headline);
	text_add(out, "</p>\n");
	if (*summary->advice) {
		text_add(out, "<p class=headline>");
		add_html(out, summary->advice);
		text_add(out, "</p>\n");
	}
	for (size_t i = 0; i < summary->count; i++)
		if (summary->tables[i].count)
			add_sheet(out, &summary->tables[i]);
}
