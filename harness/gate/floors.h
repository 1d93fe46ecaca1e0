/* SPDX-License-Identifier: MIT
 *
 * Stored times alone: floors of two result files compared, where the evidence carries it.
 *
 * The floor is the least time over all launches of a kernel in a race.  It is compared where both
 * sides come from this machine, one compiler and build, have 5 launches or more spread over 10 s or
 * more, 5 of which reach the floor within 2 %, and where the working set lies within the
 * second-level cache.  All else is refused with its reason, row by row.
 *
 * Measured on least times of single calls: on a machine with little else to do 2 % gave no false
 * alarm in 3,324 comparisons and found every 3 %; beyond the cache 43 % false alarms.  On four
 * processors with fifteen busy processes 77 of 192 comparisons of equal code were above 2 %; asking
 * that 5 launches reach the floor refused them all.  Of a race's repetitions of 10 ms, which are
 * what is stored, 15 of 32 were above it, and none is left.
 */
#ifndef QS_FLOORS_H
#define QS_FLOORS_H

#include "../store/store.h"
#include "speed_report.h"

struct floor_evidence {         /* of one side                                           */
	int launches, reached;  /* reached: those within 2 % of the floor                */
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
