/* SPDX-License-Identifier: MIT
 *
 * The search of AIMET's tf_enhanced: which of some hundred grids costs a histogram least.  A grid
 * costs the squared error of what lies between its ends and three times that of what lies beyond
 * them, each of the three sums a float that is added up bucket after bucket.
 *
 * All is as if each candidate were weighed in turn and a cheaper one were kept, in equal bits, but
 * little is added up: what lies beyond hangs on nothing but the bucket of the end, so that it is
 * kept for all tasks; floats that are not negative never fall as they are added up, so that a sum
 * which is above the least cost ends there; and a likely candidate is weighed first.
 */
#ifndef QS_AS_IN_AIMET_H
#define QS_AS_IN_AIMET_H

#include "../loops/loops.h"

#include <stdbool.h>
#include <stdint.h>

enum { AIMET_BUCKETS = 512, AIMET_CANDIDATES = 358 };

/* A density and what is known of it so far: what lies below each bucket and above it costs.  Starts
 * as zero bytes. */
struct aimet_costs {
	bool begun;
	float start, step;
	int32_t filled;         /* buckets with a share: the others cost nothing          */
	int32_t filled_before[AIMET_BUCKETS + 1];
	float middle[AIMET_BUCKETS], filled_middle[AIMET_BUCKETS];
	double filled_share[AIMET_BUCKETS];
	uint32_t below_known, above_known;       /* a bit for POINT_LANES buckets        */
	float below[AIMET_BUCKETS], above[AIMET_BUCKETS];
};

void aimet_costs_begin(struct aimet_costs *costs, float start, float step, const double *share);

struct aimet_search {
	struct aimet_costs *costs;
	float steps;            /* of all codes                                          */
	int count;
	float delta[AIMET_CANDIDATES];
	int32_t offset[AIMET_CANDIDATES];        /* of the least code                    */
	float penalty[AIMET_CANDIDATES];         /* what lies beyond the ends            */
	int32_t from[AIMET_CANDIDATES], to[AIMET_CANDIDATES];    /* filled, within them  */
};

/* costs: begun. */
void aimet_search_begin(struct aimet_search *search, struct aimet_costs *costs, float steps);
/* One more candidate, of at most AIMET_CANDIDATES; without a delta > 0 it is none. */
void aimet_search_add(struct aimet_search *search, float delta, int32_t offset);
/* The first of those that cost least; -1: none costs less than FLT_MAX. */
int aimet_search_least(struct aimet_search *search);

#endif
