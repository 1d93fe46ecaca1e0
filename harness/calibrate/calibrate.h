/* SPDX-License-Identifier: MIT
 *
 * Where to clip.  A calibration turns the values of one slice (a tensor, a channel or a group) into
 * a range; the scheme turns the range into a scale and a zero point.
 *
 * A slice is sorted once for all recipes that share it.  Results do not depend on the order of the
 * values.
 */
#ifndef QS_CALIBRATE_H
#define QS_CALIBRATE_H

#include "../axes/tables.h"
#include "../error.h"

#include <stdint.h>

struct range {
	double low, high;       /* low <= 0 <= high                                      */
};

struct slice {                  /* what a calibration may look at                        */
	const float *sorted;    /* [count] ascending; finite                             */
	const float *magnitude; /* [count] |x| ascending                                 */
	int64_t count;          /* >= 1                                                  */
	const double *sum, *sum_squares; /* prefix sums of `sorted`, [count + 1]; see slice.c */
	uint64_t *visits;       /* elements looked at; a calibration adds what it reads  */
};

struct calibration_task {
	const struct slice *slice;
	const struct scheme *scheme;
	const struct scale_rule *scale;
	enum qs_round round;
	int bits;
	double parameter;
};

struct calibration {
	struct value value;
	/* Why this slice cannot be calibrated so, or NULL: "too few values" (the cell is skipped). */
	const char *(*refuse)(const struct calibration_task *task);
	/* What the user should know, or NULL: stored as the cell's warning. */
	const char *(*warn)(const struct calibration_task *task);
	struct range (*choose)(const struct calibration_task *task);
	bool order_dependent;   /* rules named ..._as_in_PROJECT                         */
};

static inline const struct calibration *calibration_of(const struct value *value)
{
	return (const struct calibration *)value;
}

#endif
