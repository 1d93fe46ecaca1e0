/* SPDX-License-Identifier: MIT */
#include "summary.h"

#include "words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

extern const char embedded_summary_sql[];

const char *row_value(const struct row *row, const char *column)
{
	for (int i = 0; column && i < row->columns; i++)
		if (!strcmp(row->names[i], column))
			return row->values[i];
	return NULL;
}

void add_again(struct text *out, const struct row *row, const char *label_column,
	       const char *database)
{
	const char *config = row_value(row, "config"), *label = row_value(row, label_column);

	store_again(out, &(struct again){ .config = config ? config : "CONFIG",
					  .data = row_value(row, "data"),
					  .config_name = row_value(row, "config_name"),
					  .label = label ? label : "",
					  .store = database });
}

void add_section(struct text *sql, const char *name)
{
	const char *at = embedded_summary_sql, *end;
	const size_t length = strlen(name);

	while ((at = strstr(at, "\n-- # ")) != NULL) {
		at += strlen("\n-- # ");
		if (strncmp(at, name, length) || at[length] != '\n')
			continue;
		end = strstr(at, "\n-- # ");
		at += length;
		text_add_bytes(sql, at, end ? (size_t)(end - at) : strlen(at));
		return;
	}
}

/* A number as people read it; NULL stays NULL. */
static char *show_value(const struct env *env, enum summary_form form, const char *value,
			struct error *error)
{
	const double number = value ? strtod(value, NULL) : 0;
	char text[32];

	switch (form) {
	case FORM_COUNT:
		print_count(text, strtoll(value, NULL, 10));
		return env_copy_text(env, text, error);
	case FORM_TIME:
		print_time(text, number);
		return env_copy_text(env, text, error);
	case FORM_BITS:
		return env_print(env, error, "%.2f", number);
	case FORM_DECIBEL:
		return env_print(env, error, "%.1f", number);
	case FORM_GAIN: /* no "-0.0" */
		return env_print(env, error, "%+.1f", fabs(number) < 0.05 ? 0 : number);
	case FORM_PLAIN:
		return env_print(env, error, "%.3g", number);
	case FORM_RATIO:
		return env_print(env, error, "%.3gx", number);
	default:
		return env_copy_text(env, value, error);
	}
}

/* One walk over a sheet's rows. */
struct filling {
	const struct env *env;
	struct error *error;
	struct summary_table *table;
	const char *database;
	bool failed;
};

static int copy_if(struct filling *filling, char **out, const char *value)
{
	*out = value ? env_copy_text(filling->env, value, filling->error) : NULL;
	return value && !*out ? -1 : 0;
}

static int fill_cell(struct filling *filling, struct summary_cell *cell,
		     const struct summary_column *column, const struct row *row)
{
	const char *value = row_value(row, column->source);

	if (copy_if(filling, &cell->value, value) ||
	    copy_if(filling, &cell->label, row_value(row, column->label)) ||
	    copy_if(filling, &cell->minus, row_value(row, column->minus)) ||
	    copy_if(filling, &cell->column, row_value(row, column->choice_of)))
		return -1;
	if (column->form == FORM_SHOWN)
		return copy_if(filling, &cell->shown, row_value(row, column->shown));
	if (!value && column->form != FORM_DECIBEL)
		return 0;
	cell->shown = value ? show_value(filling->env, column->form, value, filling->error)
			    : env_copy_text(filling->env, "exact", filling->error);
	return cell->shown ? 0 : -1;
}

static int fill_again(struct filling *filling, struct summary_row *out, const struct row *row)
{
	struct text again = { .env = filling->env };

	if (!row_value(row, "again_label"))
		return 0;
	add_again(&again, row, "again_label", filling->database);
	out->again = text_take(&again, filling->error);
	return out->again ? 0 : -1;
}

static int fill_row(void *self, const struct row *row)
{
	struct filling *filling = self;
	struct summary_table *table = filling->table;
	const char *brief = row_value(row, "brief");
	struct summary_row *out;

	filling->failed = true;
	if (env_grow(filling->env, &table->rows, &table->capacity, table->count,
		     sizeof *table->rows, "the summary", filling->error))
		return -1;
	out = &table->rows[table->count++];
	*out = (struct summary_row){ .brief = brief && strcmp(brief, "0") != 0 };
	for (int i = 0; table->sheet->columns[i].heading; i++)
		if (fill_cell(filling, &out->cells[i], &table->sheet->columns[i], row))
			return -1;
	if (copy_if(filling, &out->place, row_value(row, table->sheet->place)) ||
	    fill_again(filling, out, row))
		return -1;
	filling->failed = false;
	return 0;
}

static int fill_table(struct filling *filling, struct store *store, const char *run_id)
{
	const struct summary_sheet *sheet = filling->table->sheet;
	const char *const parameters[] = { run_id, sheet->kind };
	struct text sql = { .env = filling->env };
	char *query;
	int result;

	for (size_t i = 0; i < sizeof sheet->sections / sizeof *sheet->sections; i++)
		if (sheet->sections[i])
			add_section(&sql, sheet->sections[i]);
	query = text_take(&sql, filling->error);
	if (!query)
		return -1;
	result = store_query(store, query, parameters, sheet->kind ? 2 : 1, fill_row, filling,
			     filling->error);
	env_free(filling->env, query);
	return filling->failed ? -1 : result;
}

static void add_counted(struct text *out, const struct row *row, const char *column,
			const char *words, bool noun, bool always)
{
	const char *value = row_value(row, column);
	const long long count = value ? strtoll(value, NULL, 10) : 0;
	char shown[32];

	print_count(shown, count);
	if (count || always)
		text_add(out, "%s%s %s%s", out->length ? ", " : "", shown, words,
			 count != 1 && noun ? "s" : "");
}

static int take_headline(void *self, const struct row *row)
{
	struct text *lines = self; /* headline and advice */
	const char *name = row_value(row, "name"), *seconds = row_value(row, "seconds");
	struct text counts = { .env = lines->env };
	char duration[32];

	add_counted(&counts, row, "tensors", "tensor", true, false);
	add_counted(&counts, row, "operations", "operation", true, false);
	add_counted(&counts, row, "networks", "network", true, false);
	add_counted(&counts, row, "cells", "cell", true, true);
	add_counted(&counts, row, "done", "measured", false, true);
	add_counted(&counts, row, "reused", "reused", false, false);
	add_counted(&counts, row, "skipped", "skipped", false, false);
	add_counted(&counts, row, "failed", "failed", false, false);
	add_counted(&counts, row, "unreached", "not reached", false, false);
	text_add(lines, "%s: %s", name ? name : "", counts.bytes ? counts.bytes : "");
	lines->failed |= counts.failed;
	text_free(&counts);
	if (seconds) {
		snprintf(duration, sizeof duration, "%.1f s", strtod(seconds, NULL));
		text_add(lines, ", in %s", duration);
	}
	if (strcmp(row_value(row, "unreached") ? row_value(row, "unreached") : "0", "0"))
		text_add(&lines[1],
			 "not all cells were reached: the same command again measures the rest");
	return 0;
}

static int read_headline(struct summary *summary, struct store *store, const char *run_id,
			 struct error *error)
{
	struct text lines[2] = { { .env = summary->env }, { .env = summary->env } };
	struct text sql = { .env = summary->env };
	char *query;
	int result;

	add_section(&sql, "headline");
	query = text_take(&sql, error);
	if (!query)
		return -1;
	result = store_query(store, query, &run_id, 1, take_headline, lines, error);
	env_free(summary->env, query);
	if (result) {
		text_free(&lines[0]);
		text_free(&lines[1]);
		return -1;
	}
	if (!lines[0].length)
		text_add(&lines[0], "nothing was run yet");
	summary->headline = text_take(&lines[0], error);
	summary->advice = text_take(&lines[1], error);
	return summary->headline && summary->advice ? 0 : -1;
}

int summary_read(struct summary *summary, struct store *store, const struct env *env,
		 const char *run_id, const char *database, struct error *error)
{
	size_t sheets = 0;

	*summary = (struct summary){ .env = env };
	while (summary_sheets[sheets].id)
		sheets++;
	summary->tables = env_new(env, sheets, sizeof *summary->tables, "the summary", error);
	if (!summary->tables || read_headline(summary, store, run_id, error)) {
		summary_free(summary);
		return -1;
	}
	for (summary->count = 0; summary->count < sheets;) {
		struct summary_table *table = &summary->tables[summary->count++];
		struct filling filling = {
			.env = env, .error = error, .table = table, .database = database
		};

		table->sheet = &summary_sheets[summary->count - 1];
		if (fill_table(&filling, store, run_id)) {
			fail_prefix(error, "the summary's sheet '%s': ", table->sheet->id);
			summary_free(summary);
			return -1;
		}
	}
	return 0;
}

void summary_free(struct summary *summary)
{
	const struct env *env = summary->env;

	for (size_t i = 0; i < summary->count; i++) {
		struct summary_table *table = &summary->tables[i];

		for (size_t j = 0; j < table->count; j++) {
			for (int k = 0; k < SUMMARY_COLUMNS; k++) {
				env_free(env, table->rows[j].cells[k].shown);
				env_free(env, table->rows[j].cells[k].value);
				env_free(env, table->rows[j].cells[k].label);
				env_free(env, table->rows[j].cells[k].minus);
				env_free(env, table->rows[j].cells[k].column);
			}
			env_free(env, table->rows[j].again);
			env_free(env, table->rows[j].place);
		}
		env_free(env, table->rows);
	}
	env_free(env, summary->tables);
	env_free(env, summary->headline);
	env_free(env, summary->advice);
	*summary = (struct summary){ .env = env };
}

int summary_print(FILE *out, struct store *store, const struct env *env, const char *run_id,
		  const char *database, struct error *error)
{
	struct summary summary;
	int result;

	if (summary_read(&summary, store, env, run_id, database, error))
		return -1;
	result = summary_write_text(&summary, out, error);
	summary_free(&summary);
	return result;
}
