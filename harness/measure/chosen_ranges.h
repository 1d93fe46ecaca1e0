/* SPDX-License-Identifier: MIT
 *
 * The ranges that the cases of one operand share: each is chosen once a slice, and what observers
 * see of a slice once for all whose rules they serve.
 */
#ifndef QS_CHOSEN_RANGES_H
#define QS_CHOSEN_RANGES_H

#include "../calibrate/calibrate.h"
#include "operand.h"

struct chosen_range {
	struct choice_terms terms;
	size_t observed_with;   /* the first choice whose observation serves this one     */
	struct range range;     /* of the slice at hand                                  */
	struct grid grid;
	float scale;            /* as stored                                             */
	const char *reason, *warning;    /* of the first slice that had one              */
	double least_squares;   /* sum over the slices; NaN: one has none               */
	uint64_t visits;
};

struct chosen_ranges {
	const struct env *env;
	int64_t columns;        /* of a row: batches are counted in rows                 */
	struct chosen_range *list;       /* [count], with room for one a case            */
	size_t count;
};

/* The place of these terms' range; a new one where none is the same. */
size_t chosen_ranges_add(struct chosen_ranges *ranges, const struct choice_terms *terms);
/* All of them for one more slice.  A range with a reason stays as it is. */
int chosen_ranges_choose(struct chosen_ranges *ranges, const struct slice *slice,
			 struct error *error);

#endif
