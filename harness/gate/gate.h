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
 * better; *size the relative change.  Absent numbers are NaN; `exact`: the new row has no error, so
 * that a ratio to it is absent. */
int number_compare(enum better better, double old, double new, bool exact, double tolerance,
		   double *size);
/* The same of one column of a finding's rows. */
int column_compare(const struct finding *finding, int column, double tolerance, double *size);
/* Which change of the column is better in a row of this tensor; not BETTER_BY_METRIC. */
enum better column_better(int column, const char *tensor);
/* Both have the same integer_hash, or neither has one. */
bool hash_equal(const struct baseline_row *a, const struct baseline_row *b);

/* Compares every column that the baseline has.  Another arithmetic version is STATUS_INPUT. */
int gate_compare(struct findings *findings, const struct baseline *baseline,
		 const struct baseline *measured, double tolerance, struct error *error);
void findings_free(struct findings *findings);

struct gate_words {             /* for the report's sentences                            */
	const char *baseline, *store;
	const char *config, *data, *config_name;         /* of the latest run; may be NULL */
};

/* Worst first, each row with the command that measures it again, then the counts, and what the
 * baseline has no column for. */
int gate_report(FILE *out, const struct findings *findings, const struct baseline *baseline,
		const struct baseline *measured, const struct gate_words *words,
		struct error *error);

#endif
