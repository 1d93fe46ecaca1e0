/* SPDX-License-Identifier: MIT
 *
 * How far a run is and how long it still takes, on one stream (standard error).
 *
 * A bar is drawn over itself and vanishes at the end; plain writes whole lines, at most one every
 * few seconds, and none for what ends sooner.  Time left is elapsed * (cost left) / (cost done),
 * the live rate of this phase.  Start one progress for each phase whose costs are in one unit
 * (accuracy cells in cost units, races in seconds).  One thread calls; the texts are pure
 * functions of struct progress, so a false clock makes them exact.
 */
#ifndef QS_PROGRESS_H
#define QS_PROGRESS_H

#include "env.h"

#include <stdbool.h>
#include <stdio.h>

enum progress_mode { PROGRESS_AUTO, PROGRESS_BAR, PROGRESS_PLAIN, PROGRESS_NONE };

struct progress {
	const struct env *env;
	FILE *out;
	enum progress_mode mode;         /* never AUTO once started                      */
	double cost, total_cost;         /* done of all, in any one unit                 */
	size_t cells, total_cells;
	uint64_t start_ns, shown_ns;     /* by env->now_ns                               */
	bool drawn;                      /* a bar stands on the terminal's line          */
};

/* "auto", "bar", "plain", "none"; anything else is an error that lists them. */
int progress_mode_read(enum progress_mode *mode, const char *name, struct error *error);

/* AUTO becomes BAR where `out` is a terminal that can move its cursor (TERM is not dumb), else
 * PLAIN. */
void progress_start(struct progress *progress, const struct env *env, enum progress_mode mode,
		    FILE *out, double total_cost, size_t total_cells);
/* What is being worked on now; counts nothing. */
void progress_show(struct progress *progress, const char *label);
/* Work of this cost, on cells that are not done yet. */
void progress_advance(struct progress *progress, double cost, const char *label);
/* One more cell is done, of this cost. */
void progress_step(struct progress *progress, double cost, const char *label);
/* Where the whole is known only on the way: what is done and what is left of the cost, and how many
 * cells are done. */
void progress_set(struct progress *progress, double cost, double left, size_t cells,
		  const char *label);
/* Takes the bar away; another progress_start may follow. */
void progress_end(struct progress *progress);

/* Seconds left at now_ns; negative while there is nothing to tell it from (no cost done, or less
 * than a second gone). */
double progress_seconds_left(const struct progress *progress, uint64_t now_ns);
/* "37/84 [=======>      ] 12 s, 2 min left  LABEL", at most `columns` characters;
 * control characters of the label become '?'.  Returns the length in bytes. */
size_t progress_bar_text(char *out, size_t size, const struct progress *progress,
			 const char *label, uint64_t now_ns, int columns);
/* "37 of 84 cells, 44 %, 12 s, about 2 min left: LABEL" */
size_t progress_plain_text(char *out, size_t size, const struct progress *progress,
			   const char *label, uint64_t now_ns);

#endif
