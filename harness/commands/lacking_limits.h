/* SPDX-License-Identifier: MIT
 *
 * Which limits of the machine a plan's timings need and the store has not.
 */
#ifndef QS_LACKING_LIMITS_H
#define QS_LACKING_LIMITS_H

#include "../store/store.h"

enum { LACKING_MOST = 64 };

struct lacking_limits {
	int count;
	int threads[LACKING_MOST];       /* each once, as the races come                 */
};

/* Of the races that are not reused.  store: NULL where there is none yet. */
int lacking_limits(struct lacking_limits *lacking, const struct plan *plan, struct store *store,
		   const char *machine_id, struct error *error);
/* Seconds that `run` takes to measure them. */
double lacking_seconds(const struct lacking_limits *lacking);

#endif
