/* SPDX-License-Identifier: MIT
 *
 * What the calibrations named ..._as_in_<project> share.  Each gives that project's scale and zero
 * point from values in the order in which they came, with the project's own float32 arithmetic:
 * where a line rounds to float, the project's does.
 *
 * Histograms that a project grows without limit end here at GROWTH_MOST times the bins of the first
 * batch.  Where a batch would need more, or where float32 cannot tell the bins' edges apart (there
 * the projects stop with an error), the rule is min-max over all batches, and warns.
 */
#ifndef QS_AS_IN_H
#define QS_AS_IN_H

#include "calibrate.h"

enum { GROWTH_MOST = 128 };

struct seen {                   /* starts as zero bytes                                  */
	float least, greatest;
	bool any;
};

struct seen seen_of(const float *values, int64_t count);
void seen_join(struct seen *seen, struct seen other);
/* Both ends by a part of the way to the batch's; onto the first batch. */
void seen_move(struct seen *seen, struct seen batch, float part);
/* An observer's `observe` whose state is a struct seen: of all batches. */
int seen_observe(void *state, const struct calibration_task *task, const struct env *env,
		 const float *values, int64_t count, struct error *error);

struct code_range {
	int32_t low, high;
};

struct code_range codes_of(const struct calibration_task *task);
/* Moved apart to hold 0; of a symmetric scheme the larger magnitude on both sides. */
struct range range_of_bounds(const struct calibration_task *task, float low, float high);
static inline struct range seen_range(const struct calibration_task *task, struct seen seen)
{
	return range_of_bounds(task, seen.least, seen.greatest);
}

/* Of a histogram that ended: see above. */
const char *warn_beyond(bool beyond);

/* floor(a / b) by fmod, as Python, numpy and PyTorch divide floats; b > 0. */
float floor_divide(float a, float b);

#endif
