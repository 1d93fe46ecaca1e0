/* SPDX-License-Identifier: MIT
 *
 * Accuracy rows as text under version control, keyed by label and tensor.
 *
 *         # quantsweep baseline: arithmetic version 1
 *         label,tensor,mse,...
 *         synthetic:relu:64x64 w=int8.symmetric... s1,tensor,1.25e-05,...
 *
 * Sorted by label and tensor, so that a change reads as a diff; numbers by %.17g, which gives the
 * same double back; NULL is empty.  Texts are quoted as RFC 4180 says, lines end in LF.
 */
#ifndef QS_BASELINE_H
#define QS_BASELINE_H

#include "../store/store.h"

enum { METRICS = 11 };

enum better { BETTER_LESS, BETTER_MORE, BETTER_NEAR_ZERO, BETTER_NEVER };

struct metric {
	const char *name;       /* a column of view `error`                              */
	enum better better;     /* NEVER: any change is a regression                     */
};

extern const struct metric metrics[METRICS];

struct baseline_row {
	char *label, *tensor;
	double value[METRICS];  /* NaN: NULL                                             */
	size_t line;            /* of the file; 0: from the store                        */
	/* from the store alone; may be NULL */
	char *choice_label, *config, *data, *config_name;
};

struct baseline {
	const struct env *env;
	int arithmetic;         /* arithmetic version of all rows                        */
	bool has[METRICS];      /* the columns that are there                            */
	size_t count, capacity;
	struct baseline_row *rows;       /* by label, then tensor (strcmp); no doubles    */
};

/* From the file's bytes; path is for messages.  What is wrong is STATUS_INPUT with its line. */
int baseline_parse(struct baseline *baseline, const struct env *env, const char *path,
		   const char *bytes, size_t length, struct error *error);
int baseline_read(struct baseline *baseline, const struct env *env, const char *path,
		  struct error *error);
/* From view `error`: the rows of the latest arithmetic version that is there. */
int baseline_load(struct baseline *baseline, struct store *store, const struct env *env,
		  struct error *error);
/* Through a temporary file beside it, so that `path` is the old file or the new one. */
int baseline_write(const struct baseline *baseline, const char *path, struct error *error);
void baseline_free(struct baseline *baseline);
/* By label, then tensor: for qsort. */
int baseline_order(const void *a, const void *b);

#endif
