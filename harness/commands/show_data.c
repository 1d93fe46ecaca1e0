/* SPDX-License-Identifier: MIT
 *
 * Rows for other programs: every column, every digit.
 */
#include "show.h"

#include <string.h>

static void csv_text(FILE *out, const char *text)
{
	if (*text && !strpbrk(text, ",\"\r\n")) {
		fputs(text, out);
		return;
	}
	putc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			putc('"', out);
		putc(*text, out);
	}
	putc('"', out);
}

void csv_column(struct printer *printer, const char *name)
{
	if (printer->columns++)
		putc(',', printer->out);
	csv_text(printer->out, name);
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
			csv_text(printer->out, row->values[i]);
	}
	if (printer->has_again) {
		putc(',', printer->out);
		if (again)
			csv_text(printer->out, again);
	}
	fputs("\r\n", printer->out);
	printer->rows++;
}

/* The bytes of the UTF-8 sequence at `text`; 0 where there is none (Unicode 15, table 3-7). */
static size_t utf8_length(const unsigned char *text)
{
	static const struct {
		unsigned char first, last, low, high;
		size_t length;
	} rows[] = {
		{ 0x00, 0x7f, 0, 0, 1 },       { 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (text[0] < rows[i].first || text[0] > rows[i].last)
			continue;
		if (rows[i].length > 1 && (text[1] < rows[i].low || text[1] > rows[i].high))
			return 0;
		for (size_t j = 2; j < rows[i].length; j++)
			if ((text[j] & 0xc0) != 0x80)
				return 0;
		return rows[i].length;
	}
	return 0;
}

static void json_text(FILE *out, const char *text)
{
	putc('"', out);
	while (*text) {
		const size_t length = utf8_length((const unsigned char *)text);

		if (!length)
			fputs("\\ufffd", out);
		else if (*text == '"' || *text == '\\')
			fprintf(out, "\\%c", *text);
		else if (length == 1 && (unsigned char)*text < ' ')
			fprintf(out, "\\u%04x", (unsigned char)*text);
		else
			fwrite(text, 1, length, out);
		text += length ? length : 1;
	}
	putc('"', out);
}

static void json_value(FILE *out, const char *value, enum cell_type type)
{
	if (!value)
		fputs("null", out);
	else if (type == CELL_TEXT)
		json_text(out, value);
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
		json_text(printer->out, row->names[i]);
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
