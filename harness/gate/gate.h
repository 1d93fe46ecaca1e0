/* SPDX-License-Identifier: MIT
 *
 * Verdicts on deterministic numbers: a measured row against its baseline row.
 */
#ifndef QS_GATE_H
#define QS_GATE_H

#include "baseline.h"

enum row_verdict { ROW_WORSE, ROW_MISSING, ROW_BETTER, ROW_NEW, ROW_EQUAL, ROW_VERDICTS };

struct finding {
	enum row_verdict verdict;
	const struct baseline_row *old, *new;    /* NULL: not there                      */
	double size;            /* of WORSE and BETTER: the largest relative change      */
};

struct findings {
	const struct env *env;
	double tolerance;
	size_t count, capacity;
	struct finding *findings;        /* worst first, without the equal ones          */
	size_t verdicts[ROW_VERDICTS];   /* how many of each                             */
};

/* How one number changed: -1 worse, 0 equal or within the tolerance (relative to |old|), 1
 * better; *size the relative change.  Absent numbers are NaN; `exact`: the new row has no error. */
int metric_compare(const struct metric *metric, double old, double new, bool exact,
		   double tolerance, double *size);

/* Compares every column that the baseline has.  Another arithmetic version is STATUS_INPUT. */
int gate_compare(struct findings *findings, const struct baseline *baseline,
		 const struct baseline *measured, double tolerance, struct error *error);
void findings_free(struct findings *findings);

struct gate_words {             /* for the report's sentences                            */
	const char *baseline, *store;
	const char *config, *data, *config_name;         /* of the latest run; may be NULL */
};

/* Worst first, each row with the command that measures it again, then the counts. */
int gate_report(FILE *out, const struct findings *findings, const struct baseline *baseline,
		const struct gate_words *words, struct error *error);

#endif
