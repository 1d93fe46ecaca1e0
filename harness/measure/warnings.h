/* SPDX-License-Identifier: MIT
 *
 * What to know before trusting a time: one table; each row says what is seen, what it does to the
 * number and what to do about it.  A row judges facts, wherever they come from.
 */
#ifndef QS_WARNINGS_H
#define QS_WARNINGS_H

#include "../axes/axis.h"
#include "surroundings.h"

/* What was seen of a run (of_race false: the first part), or of one race in it. */
struct warning_facts {
	bool of_race;
	const struct surroundings *around;       /* of a run                             */
	int launches;           /* of the race's set                                     */
	int unpinned;           /* of the launches of this run                           */
	int made;               /* launches of this run                                  */
	double sample_ns;       /* the shortest sample, which is one repetition          */
	double step_ns;         /* the least step of the clock; NaN: not known           */
	int64_t working_set;    /* bytes that a call reads and writes, of the largest runner */
	int64_t last_cache;     /* bytes; 0: not known                                   */
};

struct warning {
	struct value value;     /* summary: what is seen, and the effect                 */
	bool of_race;
	const char *effect, *advice;
	/* Fills `out` with what is seen and gives true, or gives false. */
	bool (*sees)(const struct warning_facts *facts, char *out, size_t size);
};

static inline const struct warning *warning_of(const struct value *value)
{
	return (const struct warning *)value;
}

#endif
