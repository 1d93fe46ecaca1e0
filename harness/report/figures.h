/* SPDX-License-Identifier: MIT
 *
 * The figures that are there: each is NAME.sql beside NAME.gp in the folder of plots, and drawing
 * one.  How the two files meet stands in plots/README.md.
 *
 * The folder is $QUANTSWEEP_PLOTS, else `plots` beside the folder of the executable.
 */
#ifndef QS_FIGURES_H
#define QS_FIGURES_H

#include "report.h"

struct figure {
	char *name;
	char *sql_path, *script_path;
	char *sql;
	char *question;         /* first comment line of the script: the figure's title  */
	char *reading;          /* the comment lines below it: how to read it            */
	char *empty;            /* why there may be no rows, from a comment of the SQL   */
};

struct figures {
	const struct env *env;
	char *folder;
	size_t count, capacity;
	struct figure *figures; /* by name                                               */
};

int figures_open(struct figures *figures, const struct env *env, struct error *error);
void figures_free(struct figures *figures);
/* NULL with *error, which names the nearest. */
const struct figure *figures_find(const struct figures *figures, const char *name,
				  struct error *error);

/* A folder for the files that stand between the store and gnuplot. */
struct workshop {
	char folder[256];
};
int workshop_open(struct workshop *workshop, struct error *error);
void workshop_close(struct workshop *workshop);

struct drawing {
	const char *format;     /* "svg" or "png"                                        */
	const char *out;        /* written by gnuplot in place                           */
	bool titled;            /* the question stands in the picture                    */
};
/* Asks the store, writes the data and lets gnuplot draw.  *rows 0: nothing to draw, no file. */
int figure_draw(const struct figures *figures, const struct figure *figure, struct store *store,
		const struct workshop *workshop, const struct drawing *drawing, size_t *rows,
		struct error *error);

/* The first stage of figure_draw: what gnuplot reads. */
int figure_write_data(const struct figure *figure, struct store *store, const struct env *env,
		      const struct drawing *drawing, const char *data_path,
		      const char *start_path, size_t *rows, struct error *error);
/* A text of gnuplot or of the folder of plots, NUL-ended; sizes above 64 MiB are refused. */
char *read_whole(const struct env *env, const char *path, struct error *error);

#endif
