/* SPDX-License-Identifier: MIT
 *
 * Which limits of the machine a plan's timings need and the store has not: those of each number of
 * threads, and for a gemm of one row a loop that only reads as many bytes as its weights have.
 */
#ifndef QS_LACKING_LIMITS_H
#define QS_LACKING_LIMITS_H

#include "../store/store.h"

enum { LACKING_MOST = 64 };

struct lacking_limits {
	int count;
	int rounds;             /* of launches that the races lack: each measures limits too */
	struct lacking {
		int threads;
		bool all;       /* none but read loops are stored                        */
		int read_count;
		int64_t reads[READ_LOOPS_MOST];
	} lacking[LACKING_MOST];         /* each number of threads once, as the races come */
};

/* Of the races that are not reused.  store: NULL where there is none yet. */
int lacking_limits(struct lacking_limits *lacking, const struct plan *plan, struct store *store,
		   const char *machine_id, struct error *error);
/* How `run` measures one of them. */
struct limits_options lacking_options(const struct lacking *lacking);
/* Seconds that all of them take. */
double lacking_seconds(const struct lacking_limits *lacking);

#endif
