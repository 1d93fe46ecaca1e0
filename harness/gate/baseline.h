/* SPDX-License-Identifier: MIT
 *
 * Accuracy rows as text under version control, keyed by label and tensor.
 *
 *         # quantsweep baseline: arithmetic version 1
 *         label,tensor,mse,...
 *         synthetic:relu:64x64 w=int8.symmetric... s1,tensor,1.25e-05,...
 *
 * A network's label has a row for each quantized weight (conv1.weight), each layer (layer:conv1),
 * each execution of its task (task:top1:integer) and one for what it is as a whole (network); the
 * float execution has a label of its own.  A row has the columns of its kind, the others are empty;
 * where no network is, its columns are not there.
 *
 * Sorted by label and tensor, so that a change reads as a diff; numbers by %.17g, which gives the
 * same double back; NULL is empty.  Texts are quoted as RFC 4180 says, lines end in LF.
 */
#ifndef QS_BASELINE_H
#define QS_BASELINE_H

#include "../store/store.h"

/* Columns of numbers, in the file's order; behind them stands integer_hash. */
enum { COLUMNS = 30 };

enum row_kind { ROW_TENSOR, ROW_LAYER, ROW_TASK, ROW_NETWORK, ROW_KINDS };

enum better {
	BETTER_LESS, BETTER_MORE, BETTER_NEAR_ZERO,
	BETTER_NEVER,           /* any change is a regression                            */
	BETTER_BY_METRIC        /* the task's metric says which                          */
};

struct gate_column {
	const char *name;       /* of the rows' views                                    */
	enum better better;
	unsigned kinds;         /* 1 << ROW_..., those that have it                      */
	const char *error;      /* where this column is 0 the number is absent because there is no
				 * error, which is better; NULL: absent is never better  */
};

extern const struct gate_column gate_columns[COLUMNS];
extern const char hash_column[];         /* "integer_hash"                               */

struct baseline_row {
	char *label, *tensor;
	double value[COLUMNS];  /* NaN: NULL                                             */
	char *hash;             /* NULL: none                                            */
	size_t line;            /* of the file; 0: from the store                        */
	/* from the store alone; may be NULL */
	char *choice_label, *config, *data, *config_name;
};

struct baseline {
	const struct env *env;
	int arithmetic;         /* arithmetic version of all rows                        */
	bool has[COLUMNS], has_hash;     /* the columns that are there                   */
	size_t count, capacity;
	struct baseline_row *rows;       /* by label, then tensor (strcmp); no doubles    */
};

/* From the file's bytes; path is for messages.  What is wrong is STATUS_INPUT with its line. */
int baseline_parse(struct baseline *baseline, const struct env *env, const char *path,
		   const char *bytes, size_t length, struct error *error);
int baseline_read(struct baseline *baseline, const struct env *env, const char *path,
		  struct error *error);
/* From the views: the rows of the latest arithmetic version that is there. */
int baseline_load(struct baseline *baseline, struct store *store, const struct env *env,
		  struct error *error);
/* Through a temporary file beside it, so that `path` is the old file or the new one. */
int baseline_write(const struct baseline *baseline, const char *path, struct error *error);
void baseline_free(struct baseline *baseline);
/* By label, then tensor: for qsort. */
int baseline_order(const void *a, const void *b);

#endif
