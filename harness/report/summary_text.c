/* SPDX-License-Identifier: MIT
 *
 * The summary for a terminal of 100 columns: the brief rows of each sheet.
 */
#include "summary.h"

#include "../quote.h"
#include "words.h"

#include <errno.h>
#include <string.h>

enum { LINE = 100, GAP = 2, SUBJECT_LEAST = 28 };

/* The numbers stand right, words left. */
static bool is_number(const struct summary_column *column)
{
	return column->form != FORM_WORDS && column->form != FORM_SUBJECT;
}

static bool in_line(const struct summary_column *column)
{
	return !column->report_only && !column->below;
}

static const char *shown(const struct summary_cell *cell)
{
	return cell->shown ? cell->shown : "-";
}

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The widths of the columns in the line; names are cut so that it fits, but not to shreds. */
static void measure_columns(const struct summary_table *table, size_t *widths)
{
	const struct summary_column *columns = table->sheet->columns;
	size_t all = 0, subject = SUMMARY_COLUMNS;

	for (size_t i = 0; columns[i].heading; i++) {
		widths[i] = 0;
		if (!in_line(&columns[i]))
			continue;
		widths[i] = utf8_width(columns[i].heading);
		for (size_t j = 0; j < table->count; j++)
			if (table->rows[j].brief)
				widths[i] = larger(widths[i],
						   utf8_width(shown(&table->rows[j].cells[i])));
		all += widths[i] + GAP;
		if (columns[i].form == FORM_SUBJECT)
			subject = i;
	}
	if (subject < SUMMARY_COLUMNS && all > LINE && widths[subject] > SUBJECT_LEAST)
		widths[subject] -= smaller(all - LINE, widths[subject] - SUBJECT_LEAST);
}

/* Where the name begins when its end is worth more (files), and how much of it there is when its
 * beginning is (operations). */
static void add_cut(struct text *out, const char *name, size_t width, bool keep_end)
{
	size_t skip = utf8_width(name) - width + 1;
	const char *from = name;

	if (!keep_end) {
		for (skip = 0; skip < width - 1; from++)
			skip += ((unsigned char)from[1] & 0xC0) != 0x80;
		text_add_bytes(out, name, (size_t)(from - name));
		text_add(out, "…");
		return;
	}
	text_add(out, "…");
	while (skip--)
		do
			from++;
		while (((unsigned char)*from & 0xC0) == 0x80);
	text_add(out, "%s", from);
}

static void add_padded(struct text *out, const char *words, size_t width, bool right, bool last,
		       bool keep_end)
{
	struct text plain = { .env = out->env };
	size_t wide;

	add_plain(&plain, words);
	wide = utf8_width(plain.bytes ? plain.bytes : "");
	if (right && wide < width)
		text_add(out, "%*s", (int)(width - wide), "");
	if (wide > width && !right && width > 1 && plain.bytes)
		add_cut(out, plain.bytes, width, keep_end);
	else
		text_add(out, "%s", plain.bytes ? plain.bytes : "");
	if (!right && !last && wide < width)
		text_add(out, "%*s", (int)(width - wide), "");
	out->failed |= plain.failed;
	text_free(&plain);
}

/* Words in lines of at most LINE columns, each behind the indent. */
static void add_wrapped(struct text *out, const char *words)
{
	static const char indent[] = "      ";
	struct text plain = { .env = out->env };
	size_t used = 0;

	add_plain(&plain, words);
	for (char *word = plain.bytes, *end; word && *word; word = end + strspn(end, " ")) {
		end = word + strcspn(word, " ");
		const char after = *end;

		*end = '\0';
		if (!used || used + 1 + utf8_width(word) > LINE) {
			text_add(out, "%s%s", used ? "\n" : "", indent);
			used = strlen(indent);
		} else {
			text_add(out, " ");
			used++;
		}
		text_add(out, "%s", word);
		used += utf8_width(word);
		*end = after;
	}
	text_add(out, "\n");
	out->failed |= plain.failed;
	text_free(&plain);
}

static void add_line(struct text *out, const struct summary_table *table, const size_t *widths,
		     const struct summary_row *row)
{
	const struct summary_column *columns = table->sheet->columns;
	size_t last = 0;

	for (size_t i = 0; columns[i].heading; i++)
		if (in_line(&columns[i]))
			last = i;
	for (size_t i = 0; columns[i].heading; i++) {
		if (!in_line(&columns[i]))
			continue;
		text_add(out, "  ");
		add_padded(out, row ? shown(&row->cells[i]) : columns[i].heading, widths[i],
			   is_number(&columns[i]), i == last,
			   columns[i].form == FORM_SUBJECT &&
				   (!table->sheet->kind || strcmp(table->sheet->kind, "op") != 0));
	}
	while (!out->failed && out->length && out->bytes[out->length - 1] == ' ')
		out->length--;
	text_add(out, "\n");
	for (size_t i = 0; row && columns[i].heading; i++)
		if (columns[i].below && row->cells[i].shown)
			add_wrapped(out, row->cells[i].shown);
	if (row && table->sheet->commands && row->again) {
		text_add(out, "      ");
		add_plain(out, row->again);
		text_add(out, "\n");
	}
}

static void add_table(struct text *out, const struct summary_table *table)
{
	size_t widths[SUMMARY_COLUMNS], brief = 0;
	const char *again = NULL;

	for (size_t i = 0; i < table->count; i++) {
		brief += table->rows[i].brief;
		if (table->rows[i].brief && !again)
			again = table->rows[i].again;
	}
	if (!brief || table->sheet->report_only)
		return;
	measure_columns(table, widths);
	text_add(out, "\n%s\n", table->sheet->title);
	add_line(out, table, widths, NULL);
	for (size_t i = 0; i < table->count; i++)
		if (table->rows[i].brief)
			add_line(out, table, widths, &table->rows[i]);
	if (again && !table->sheet->commands) {
		text_add(out, "  the first of these again: ");
		add_plain(out, again);
		text_add(out, "\n");
	}
	if (brief < table->count)
		text_add(out, "  %zu more in the report\n", table->count - brief);
}

int summary_write_text(const struct summary *summary, FILE *out, struct error *error)
{
	struct text text = { .env = summary->env };
	size_t length;
	char *bytes;
	int result = 0;

	add_plain(&text, summary->headline);
	text_add(&text, "\n");
	if (*summary->advice)
		text_add(&text, "%s\n", summary->advice);
	for (size_t i = 0; i < summary->count; i++)
		add_table(&text, &summary->tables[i]);
	length = text.length;
	bytes = text_take(&text, error);
	if (!bytes)
		return -1;
	if (fwrite(bytes, 1, length, out) != length || fflush(out))
		result = fail(error, STATUS_MACHINE, "the summary cannot be printed: %s",
			      strerror(errno));
	env_free(summary->env, bytes);
	return result;
}
