/* SPDX-License-Identifier: MIT
 *
 * Where to clip.  A calibration turns the values of one slice (a tensor, a channel or a group) into
 * a range; the scheme turns the range into a scale and a zero point.  A calibration's row, struct
 * calibration, stands in axes/tables.h.
 *
 * A slice is sorted once for all recipes that share it.  Results do not depend on the order of the
 * values, on the rounding (a tie costs the same on both sides), or on anything but the task.
 */
#ifndef QS_CALIBRATE_H
#define QS_CALIBRATE_H

#include "../axes/tables.h"
#include "../env.h"
#include "../recipe.h"

#include <stdint.h>

/* low <= 0 <= high.  Of a symmetric scheme low is -high, or 0 where it has no codes below 0. */
struct range {
	double low, high;
};

struct slice {                  /* what a calibration may look at                        */
	const float *sorted;    /* [count] ascending, -0 before +0; finite               */
	const float *magnitude; /* [count] |x| ascending                                 */
	int64_t count;          /* >= 1                                                  */
	const double *sum, *sum_squares; /* prefix sums of `sorted`, [count + 1]         */
	uint32_t *scratch[2];   /* [count] each, any contents: a calibration's own        */
	double *scratch_sums;   /* [count + 1]                                           */
	uint64_t *visits;       /* elements looked at; a calibration adds what it reads  */
};

struct calibration_task {
	const struct slice *slice;
	const struct scheme *scheme;
	const struct scale_rule *scale;
	int bits;
	double parameter;
};

/* Why this slice cannot be calibrated so ("too few values"), or NULL. */
const char *calibration_refuses(const struct calibration *calibration,
				const struct calibration_task *task);

/* The smallest range with 0 that holds all values, made symmetric where the scheme is. */
struct range slice_range(const struct slice *slice, const struct scheme *scheme);
/* The symmetric range of one bound. */
struct range symmetric_range(const struct scheme *scheme, double bound);

/* What a rule makes of a slice: a range, its grid and the scale as it is stored; or the reason why
 * it cannot be applied ("the observed minimum is below 0").  warning may be NULL. */
struct chosen {
	struct range range;
	struct grid grid;
	float scale;
	const char *reason, *warning;
};

struct chosen rule_choose(const struct rule *rule, const struct slice *slice);

/* Room for slices of up to `longest` values; the same room serves one slice after another. */
struct slice_room {
	const struct env *env;
	float *sorted, *magnitude;
	uint32_t *keys, *other;
	double *sum, *sum_squares, *scratch_sums;
	uint64_t visits;        /* of all slices so far, their sorting included          */
};

int slice_room_new(struct slice_room *room, const struct env *env, int64_t longest,
		   struct error *error);
void slice_room_free(struct slice_room *room);
/* Sorts a copy of values[count], all finite, 1 <= count <= longest.  The slice is valid until the
 * next call. */
struct slice slice_of(struct slice_room *room, const float *values, int64_t count);

#endif
