/* SPDX-License-Identifier: MIT
 *
 * A watch over the launches of a run, which ends in the warnings of measure/warnings.h, stored.
 */
#ifndef QS_RUN_WARNINGS_H
#define QS_RUN_WARNINGS_H

#include "run.h"

struct run_watch {
	const struct run *run;
	struct surroundings around;
	double own_before_s, step_ns;    /* step: of the clock                           */
	int64_t last_cache;     /* bytes; 0: not known                                   */
	struct race_seen {
		int made, unpinned;      /* launches of this run                         */
	} *races;               /* [plan->race_count]                                    */
};

/* To be closed also on -1. */
int run_watch_open(struct run_watch *watch, const struct run *run, struct error *error);
void run_watch_close(struct run_watch *watch);
/* Around each launch. */
void run_watch_before(struct run_watch *watch);
void run_watch_after(struct run_watch *watch, const struct race *race,
		     const struct launch_result *result);
/* After the last one. */
int run_watch_warn(const struct run_watch *watch, struct error *error);

#endif
