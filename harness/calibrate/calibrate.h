/* SPDX-License-Identifier: MIT
 *
 * Where to clip.  A calibration turns the values of one slice (a tensor, a channel or a group) into
 * a range; the scheme turns the range into a scale and a zero point.  A calibration's row, struct
 * calibration, stands in axes/tables.h.
 *
 * A slice is sorted once for all recipes that share it.  Results do not depend on the order of the
 * values or on anything but the task; only a calibration with an observer, marked so in `list`,
 * hangs on the order in which values came and on how they were parted into batches.
 */
#ifndef QS_CALIBRATE_H
#define QS_CALIBRATE_H

#include "../axes/tables.h"
#include "../env.h"
#include "../recipe.h"
#include "slice.h"

#include <stdint.h>

/* low <= 0 <= high.  Of a symmetric scheme low is -high, or 0 where it has no codes below 0. */
struct range {
	double low, high;
};

struct calibration_task {
	const struct slice *slice;
	const struct scheme *scheme;
	const struct scale_rule *scale;
	int bits;
	enum qs_round round;    /* how values become codes; a calibration that looks at it says
				 * so by .of_rounding                                    */
	double parameter, parameter_high;        /* the second one of a pair: fixed(-1;1) */
	/* Where not NULL: a calibration of least squares puts a lower bound there on the sum of
	 * squared errors that any range gives this task; others leave it alone. */
	double *least_squares;
};

/* A calibration that looks at values as they come, batch after batch, as its project does. */
struct observer {
	size_t bytes;           /* of its state, which starts as zero bytes               */
	/* What `observe` looks at in the task, beside parameters; where that is equal, one state
	 * serves many tasks, in any order. */
	bool of_scheme, of_bits;
	/* One more batch.  -1: no memory. */
	int (*observe)(void *state, const struct calibration_task *task, const struct env *env,
		       const float *values, int64_t count, struct error *error);
	/* After at least one batch; task->slice is NULL. */
	struct range (*choose)(void *state, const struct calibration_task *task);
	/* What the user should know of the range that `choose` gives, or NULL; likewise.  May be
	 * NULL. */
	const char *(*warn)(const void *state, const struct calibration_task *task);
	void (*release)(void *state, const struct env *env);     /* NULL: nothing to free */
};

/* Why this slice cannot be calibrated so ("too few values"), or NULL. */
const char *calibration_refuses(const struct calibration *calibration,
				const struct calibration_task *task);

/* What calibration->choose says, or said before of this slice. */
struct range calibration_choose(const struct calibration *calibration,
				const struct calibration_task *task);

/* The smallest range with 0 that holds all values, made symmetric where the scheme is. */
struct range slice_range(const struct slice *slice, const struct scheme *scheme);
/* The symmetric range of one bound. */
struct range symmetric_range(const struct scheme *scheme, double bound);
/* What the task's scheme and scale rule make of a range. */
struct grid grid_of_range(const struct calibration_task *task, struct range range);
/* The range from which the scheme makes this scale (> 0) and zero point (0 unless asymmetric). */
struct range range_of_grid(const struct calibration_task *task, double scale, int32_t zero);

/* What a rule makes of a slice: a range, its grid and the scale as it is stored; or the reason why
 * it cannot be applied ("the observed minimum is below 0").  warning may be NULL. */
struct chosen {
	struct range range;
	struct grid grid;
	float scale;
	double least_squares;   /* see calibration_task; NaN: the calibration knows none   */
	const char *reason, *warning;
};

/* Of a rule whose calibration has no observer. */
struct chosen rule_choose(const struct rule *rule, enum qs_round round, const struct slice *slice);
/* Of any rule: an observer is given slice->values in batches of slice->batch, the last may be
 * shorter.  -1: no memory. */
int slice_choose(struct chosen *chosen, const struct rule *rule, enum qs_round round,
		 const struct slice *slice, const struct env *env, struct error *error);

#endif
