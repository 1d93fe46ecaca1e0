/* SPDX-License-Identifier: MIT
 *
 * The parts of `quantsweep show`: one query, three ways to print its rows.
 */
#ifndef QS_SHOW_H
#define QS_SHOW_H

#include "../store/store.h"

#include <stdio.h>

/* A printer is told the columns with the first row.  `again` is the command that measures the row
 * alone, NULL where the view has none. */
struct printer {
	const struct env *env;
	FILE *out;
	bool has_again;         /* the view's rows have such commands                    */
	size_t rows, columns;   /* printed                                               */
	struct table *table;    /* of print_table alone                                  */
};

/* Rows are kept until the widths are known.  columns: of the row, without those behind it that made
 * the command.  -1: no memory. */
int table_row(struct printer *printer, const struct row *row, int columns, const char *again,
	      struct error *error);
/* Prints the kept rows: numbers with 4 significant digits, NULL as -, the command last or, where a
 * terminal has less than that width, on a line of its own. */
void table_end(struct printer *printer);
void table_free(struct printer *printer);

/* RFC 4180: lines end in CR LF; NULL is empty, an empty text is "". */
void csv_column(struct printer *printer, const char *name);
void csv_header_end(struct printer *printer);
void csv_row(struct printer *printer, const struct row *row, int columns, const char *again);

/* An array of objects, one a line; a text that is not UTF-8 has U+FFFD in its place; an infinity is
 * 1e999, which every reader takes for one. */
void json_row(struct printer *printer, const struct row *row, int columns, const char *again);
void json_end(struct printer *printer);

#endif
