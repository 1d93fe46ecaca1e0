/* SPDX-License-Identifier: MIT
 *
 * From stored rows to words, pictures and one HTML file.  Nothing is measured here and nothing is
 * written to the store: every number is read from a view.
 *
 * Figures are files, not code: plots/NAME.sql selects, plots/NAME.gp draws, and NAME is known by
 * being there (plots/README.md says how the two meet).  gnuplot is started without a shell; where
 * it is missing, or a script of the folder is wrong, the error says what to do.
 */
#ifndef QS_REPORT_H
#define QS_REPORT_H

#include "../store/store.h"

#include <stdio.h>

/* The words after a run, for a terminal of 100 columns, from view `choice` and the counts of the
 * run.  run_id: of this run alone the counts are taken; NULL: of the latest.  database: its path,
 * so that the commands in the words name it where they must. */
int summary_print(FILE *out, struct store *store, const struct env *env, const char *run_id,
		  const char *database, struct error *error);

struct plots_options {
	const char *folder;     /* for the pictures; made where there is none            */
	const char *const *figures;      /* names; an unknown one is answered with the nearest */
	size_t figure_count;    /* 0: all that are there                                 */
	const char *format;     /* "svg" or "png"                                        */
	FILE *say;              /* a line for each picture, and for each that has no data; NULL */
};

/* Draws folder/NAME.svg or .png; a figure without data leaves no file and a line that says why. */
int plots_draw(struct store *store, const struct env *env, const struct plots_options *options,
	       struct error *error);

/* Writes the report as one file that needs no other; `out` appears whole or not at all.
 * database: its path, for the words. */
int report_write(struct store *store, const struct env *env, const char *database,
		 const char *out, struct error *error);

/* DATABASE with its .db taken off and `ending` put on: results/demo.db -> results/demo.html. */
char *report_path(const struct env *env, const char *database, const char *ending,
		  struct error *error);

#endif
