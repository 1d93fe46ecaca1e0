/* SPDX-License-Identifier: MIT
 *
 * The search for a clip that two calibrations share: the least cost over fractions 1/n, 2/n ... 1
 * of the min-max range.
 *
 * Symmetric: one fraction.  Asymmetric: each bound has its own; the high bound is searched with the
 * low one held, then the low with the high held, and so on until neither moves, from min-max on.
 * Of equal costs the larger range wins.  Each move lowers the cost, or keeps it and widens the
 * range, so the search ends; it is a descent and may end beside the least pair of all.
 */
#ifndef QS_SEARCH_H
#define QS_SEARCH_H

#include "calibrate.h"

struct clip_search {
	int fractions;
	/* The cost of a range, never NaN; INFINITY: chosen only where no other is less. */
	double (*cost)(const void *self, struct range range);
	/* No range inside this one costs less; where that is more than the least cost so far the
	 * rest of a line is left out.  NULL: each candidate is asked. */
	double (*bound)(const void *self, struct range range);
	const void *self;
};

struct range clip_search(const struct clip_search *search, const struct calibration_task *task);

/* The sum of squared errors of a slice on a grid: sum of (back - x)^2 with the float32 division,
 * product and stored scale of kernels/affine.h and ties to even; INFINITY where a value comes back
 * infinite.  Double, in an order of its own.
 * Two ways that agree within rounding: every value, in O(count), or a binary search for each code's
 * first value and prefix sums, in O(codes log count), which is the only one of
 * a stream.  Both add what they look at to the visits. */
double squared_error_of_values(const struct slice *slice, const struct grid *grid, float scale);
double squared_error_of_codes(const struct slice *slice, const struct grid *grid, float scale);

#endif
