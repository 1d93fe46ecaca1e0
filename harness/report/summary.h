/* SPDX-License-Identifier: MIT
 *
 * The words after a run and the first page of the report: one model, filled by queries on view
 * `choice` (and the counts of the run), printed by two writers, so that both show the same numbers.
 *
 * A sheet is a table: its columns stand in one const struct of summary_sheets.c, its query in
 * summary.sql.  A
 * cell that is a number of `choice` knows the row (label) and the column it was read from; a
 * difference knows both rows.  A median of an even count is the lower of the middle two, so that it
 * too is a number of the store.
 */
#ifndef QS_SUMMARY_H
#define QS_SUMMARY_H

#include "report.h"

enum { SUMMARY_COLUMNS = 12 };

enum summary_form {
	FORM_WORDS,
	FORM_SUBJECT,           /* a long name: cut to what room there is                */
	FORM_COUNT,             /* 1,234                                                 */
	FORM_BITS,              /* 4.03                                                  */
	FORM_DECIBEL,           /* 21.3; NULL: exact                                     */
	FORM_GAIN,              /* +3.2                                                  */
	FORM_TIME,              /* nanoseconds, shown as 12.3 µs                         */
	FORM_PLAIN,             /* three digits: 0.0123                                  */
	FORM_SHOWN,             /* the query's words: the unit hangs on the row          */
	FORM_RATIO              /* 5.1x                                                  */
};

struct summary_column {
	const char *heading;
	enum summary_form form;
	const char *source;     /* column of the sheet's query                           */
	/* where a number is one of view `choice`: its column there, and the query's columns with
	 * the label of its row and of the row whose value was taken off */
	const char *choice, *label, *minus;
	const char *choice_of;  /* the query's column that names `choice` for each row; NULL */
	const char *shown;      /* FORM_SHOWN: the query's column with the words         */
	bool report_only;       /* the terminal has no room for it                       */
	bool below;             /* in the terminal on a line of its own                  */
};

/* A query's ?1 is the run_id, or NULL for all runs.  Beside the columns' sources it gives `brief`
 * (1: the row stands in the terminal too) and, where a row can be measured again, `again_label`,
 * `config` and `data`. */
struct summary_sheet {
	const char *id, *title, *note;
	const char *sections[3];         /* of summary.sql, joined to the query          */
	const char *kind;       /* ?2 of the query: "tensor", "op", "network"; NULL: all */
	bool commands;          /* each row's command stands in the terminal too         */
	struct summary_column columns[SUMMARY_COLUMNS];         /* ended by a NULL heading */
	bool report_only;       /* the whole sheet                                       */
	/* numbers are of this view instead of `choice`; `place` is the column of it, and of the
	 * query, that names the row among those of one label */
	const char *view, *place;
};
extern const struct summary_sheet summary_sheets[];              /* ended by a NULL id     */

struct summary_cell {
	char *shown;            /* NULL: nothing to show                                 */
	char *value;            /* as the store gives it: reals by print_double          */
	char *label, *minus;    /* of the rows of `choice`; NULL: not a number of it     */
	char *column;           /* of `choice`, where it is not the same for all rows    */
};

struct summary_row {
	struct summary_cell cells[SUMMARY_COLUMNS];
	char *again;            /* the command that measures it alone; NULL: none        */
	char *place;            /* of a sheet with a view of its own                     */
	bool brief;
};

struct summary_table {
	const struct summary_sheet *sheet;
	size_t count, capacity;
	struct summary_row *rows;
};

struct summary {
	const struct env *env;
	char *headline;         /* name, counts, seconds                                 */
	char *advice;           /* what to do about unfinished or failed cells; may be NULL */
	size_t count;
	struct summary_table *tables;
};

/* run_id NULL: all that is stored.  database: for the commands; NULL where it is the standard one
 * of the config. */
int summary_read(struct summary *summary, struct store *store, const struct env *env,
		 const char *run_id, const char *database, struct error *error);
void summary_free(struct summary *summary);

int summary_write_text(const struct summary *summary, FILE *out, struct error *error);
/* Appends <section> elements. */
void summary_write_html(const struct summary *summary, struct text *out);

/* Appends the command that measures a row's cell alone, by its columns config, data, config_name
 * and the one with the label; database: the file it is in, or NULL. */
void add_again(struct text *out, const struct row *row, const char *label_column,
	       const char *database);
/* Appends a section of summary.sql. */
void add_section(struct text *sql, const char *name);
/* The value of a row's column by its name; NULL where there is none. */
const char *row_value(const struct row *row, const char *column);

#endif
