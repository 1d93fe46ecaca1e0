/* SPDX-License-Identifier: MIT
 *
 * Rows for other programs: every column, every digit.
 */
#include "show.h"

#include "../quote.h"

#include <string.h>

void csv_column(struct printer *printer, const char *name)
{
	if (printer->columns++)
		putc(',', printer->out);
	print_csv_text(printer->out, name);
}

void csv_header_end(struct printer *printer)
{
	fputs(printer->has_again ? ",command\r\n" : "\r\n", printer->out);
}

void csv_row(struct printer *printer, const struct row *row, int columns, const char *again)
{
	for (int i = 0; i < columns; i++) {
		if (i)
			putc(',', printer->out);
		if (row->values[i])
			print_csv_text(printer->out, row->values[i]);
	}
	if (printer->has_again) {
		putc(',', printer->out);
		if (again)
			print_csv_text(printer->out, again);
	}
	fputs("\r\n", printer->out);
	printer->rows++;
}

static void json_value(FILE *out, const char *value, enum cell_type type)
{
	if (!value)
		fputs("null", out);
	else if (type == CELL_TEXT)
		print_json_text(out, value);
	else if (strstr(value, "inf"))
		fputs(*value == '-' ? "-1e999" : "1e999", out);
	else
		fputs(value, out);
}

void json_row(struct printer *printer, const struct row *row, int columns, const char *again)
{
	fputs(printer->rows ? ",\n" : "[\n", printer->out);
	for (int i = 0; i < columns; i++) {
		putc(i ? ',' : '{', printer->out);
		print_json_text(printer->out, row->names[i]);
		putc(':', printer->out);
		json_value(printer->out, row->values[i], row->types[i]);
	}
	if (printer->has_again) {
		fputs(",\"command\":", printer->out);
		json_value(printer->out, again, CELL_TEXT);
	}
	putc('}', printer->out);
	printer->rows++;
}

void json_end(struct printer *printer)
{
	fputs(printer->rows ? "\n]\n" : "[]\n", printer->out);
}
