/* SPDX-License-Identifier: MIT
 *
 * Slowdowns accepted on purpose, as text under version control:
 *
 *         label,metric,allowed,commit,reason
 *         gemm:64x512x512 | gemm_u8s8s32__avx2 t1 b1 warm,time,3%,1a2b3c4,checks its sums now
 *
 * label: of the timing cell, as the gate prints it; metric: time; allowed: from 0.01%
 * to 1000%; commit: the one that brought the slowdown; reason: any words.  Fields are quoted as RFC
 * 4180 says.  Once the baseline holds the commit an entry would hide the next slowdown:
 * `quickstart gate`, which knows revisions, refuses it.
 */
#ifndef QS_ACCEPTED_H
#define QS_ACCEPTED_H

#include "../env.h"

#include <stdbool.h>

struct accepted_entry {
	char *label, *commit, *reason;
	double allowed;         /* log of how many times as long it may take              */
	size_t line;
	bool used;              /* a bench has this label                                */
};

struct accepted {
	const struct env *env;
	size_t count, capacity;
	struct accepted_entry *entries;  /* in the file's order, no label twice           */
};

/* What is wrong is STATUS_INPUT with its line. */
int accepted_parse(struct accepted *accepted, const struct env *env, const char *path,
		   const char *bytes, size_t length, struct error *error);
int accepted_read(struct accepted *accepted, const struct env *env, const char *path,
		  struct error *error);
/* NULL: there is no entry.  Marks it as used. */
const struct accepted_entry *accepted_find(struct accepted *accepted, const char *label);
void accepted_free(struct accepted *accepted);

#endif
