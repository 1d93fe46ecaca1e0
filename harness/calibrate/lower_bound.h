/* SPDX-License-Identifier: MIT
 *
 * A lower bound on the squared errors of all grids at once, from one scale s, for where the bound
 * between neighbouring scales (scale_search.h) has too few of them to say anything.
 *
 * A scale below s clips at least what s clips: the sum of squared distances to the window of s, or
 * to the best of its windows, which is convex in the window's place.
 *
 * Under a scale above s all that comes back is a multiple of it.  Cut the sorted values into runs
 * no longer than s.  Seen on a circle of the scale's length a run has one code, so its errors are
 * at least its sum of squares about its mean, the first c values moved up by a turn, for the best
 * c; and that grows with the turn, so s itself gives the least.
 */
#ifndef QS_LOWER_BOUND_H
#define QS_LOWER_BOUND_H

#include "squared_error.h"

/* The best scale costs about `cost`.  0 of bins, of slices too long to be read for it and of such
 * as have too few values. */
double squared_error_lower_bound(const struct squared_error *self, float best, double cost);

#endif
