/* SPDX-License-Identifier: MIT
 *
 * What is known of a slice without looking at its values again: from prefix sums, in O(log count).
 */
#ifndef QS_MOMENTS_H
#define QS_MOMENTS_H

#include "calibrate.h"

struct moments {
	double mean;
	double deviation;       /* standard: sqrt(mean of (x - mean)^2)                  */
	double absolute;        /* mean of |x - mean|                                    */
};

struct moments slice_moments(const struct slice *slice);

/* The range of a bound around the mean, none of it outside the observed values and 0: symmetric
 * |mean| + bound; asymmetric from mean - bound on, `width` wide.  Where that leaves nothing, though
 * some value is not 0, it is min-max. */
struct range range_around_mean(const struct calibration_task *task, double mean, double bound,
			       double width);

#endif
