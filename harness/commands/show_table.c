/* SPDX-License-Identifier: MIT */
#include "show.h"

#include "../quote.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct table {
	int columns;
	char **cells; /* [rows + 1][columns + 1]: the header first, `again` last */
	size_t count, capacity;
	bool *numbers; /* the column holds numbers alone: right-aligned */
	size_t *widths;
};

/* 4 significant digits; whole from 1000 to 1e9, so that nanoseconds and bytes stay readable. */
static void print_short(char out[32], double value)
{
	if (fabs(value) >= 1000 && fabs(value) < 1e9)
		snprintf(out, 32, "%.0f", value);
	else
		snprintf(out, 32, "%.4g", value);
}

static int add_cell(struct printer *printer, const char *text, struct error *error)
{
	struct table *table = printer->table;
	char *copy;

	if (env_grow(printer->env, &table->cells, &table->capacity, table->count,
		     sizeof *table->cells, "the table", error))
		return -1;
	copy = env_copy_text(printer->env, text, error);
	if (!copy)
		return -1;
	/* a stored text does not command the terminal */
	for (char *c = copy; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	table->cells[table->count++] = copy;
	return 0;
}

static int table_new(struct printer *printer, const struct row *row, int columns,
		     struct error *error)
{
	const struct env *env = printer->env;
	struct table *table = env_new(env, 1, sizeof *table, "the table", error);

	if (!table)
		return -1;
	printer->table = table;
	table->columns = columns;
	table->numbers = env_new(env, (size_t)columns, sizeof *table->numbers, "the table", error);
	if (table->numbers)
		table->widths = env_new(env, (size_t)columns + 1, sizeof *table->widths,
					"the table", error);
	if (!table->widths)
		return -1;
	for (int i = 0; i < columns; i++) {
		table->numbers[i] = true;
		if (add_cell(printer, row->names[i], error))
			return -1;
	}
	return add_cell(printer, "again", error);
}

int table_row(struct printer *printer, const struct row *row, int columns, const char *again,
	      struct error *error)
{
	char number[32];

	if (!printer->table && table_new(printer, row, columns, error))
		return -1;
	for (int i = 0; i < columns; i++) {
		const char *text = row->values[i] ? row->values[i] : "-";

		if (row->types[i] == CELL_REAL) {
			print_short(number, strtod(row->values[i], NULL));
			text = number;
		}
		printer->table->numbers[i] &= row->types[i] != CELL_TEXT;
		if (add_cell(printer, text, error))
			return -1;
	}
	printer->rows++;
	return add_cell(printer, again ? again : "-", error);
}

/* Characters a line of the terminal holds; SIZE_MAX where the output is no terminal. */
static size_t line_width(FILE *out)
{
	struct winsize size;
	const int file = fileno(out);

	if (!isatty(file) || ioctl(file, TIOCGWINSZ, &size) || !size.ws_col)
		return SIZE_MAX;
	return size.ws_col;
}

static void print_cell(FILE *out, const char *text, size_t width, bool right, bool last)
{
	const int padding = (int)(width - utf8_width(text));

	if (right)
		fprintf(out, "%*s%s", padding, "", text);
	else
		fprintf(out, "%s%*s", text, last ? 0 : padding, "");
	fputs(last ? "\n" : "  ", out);
}

void table_end(struct printer *printer)
{
	struct table *table = printer->table;
	size_t total = 0, step;
	int shown;

	if (!table)
		return;
	step = (size_t)table->columns + 1;
	shown = printer->has_again ? table->columns + 1 : table->columns;
	for (size_t i = 0; i < table->count; i++) {
		const size_t width = utf8_width(table->cells[i]);

		if (width > table->widths[i % step])
			table->widths[i % step] = width;
	}
	for (int i = 0; i < shown; i++)
		total += table->widths[i] + 2;
	const bool below = printer->has_again && total > line_width(printer->out);

	shown -= below;
	for (size_t i = 0; i < table->count; i += step) {
		for (int j = 0; j < shown; j++)
			print_cell(printer->out, table->cells[i + (size_t)j], table->widths[j],
				   j < table->columns && table->numbers[j], j == shown - 1);
		if (below && i)
			fprintf(printer->out, "    %s\n", table->cells[i + step - 1]);
	}
}

void table_free(struct printer *printer)
{
	struct table *table = printer->table;

	if (!table)
		return;
	for (size_t i = 0; i < table->count; i++)
		env_free(printer->env, table->cells[i]);
	env_free(printer->env, table->cells);
	env_free(printer->env, table->numbers);
	env_free(printer->env, table->widths);
	env_free(printer->env, table);
	printer->table = NULL;
}
