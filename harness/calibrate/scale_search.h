/* SPDX-License-Identifier: MIT
 *
 * The search for the scale, and with it the zero point, of least squared error, over all scales
 * that float32 holds, and a lower bound on what any of them costs.
 *
 * Under a scale s the best zero point is known (squared_error.h): E(s) is its cost.  With q the
 * codes that s2 gives, clipped to its window, the codes of s1 in the same window cost no more than
 * |x - s1 q|, so
 *
 *         root E(s2) >= root E(s1) - |s2 - s1| |q|,    s2 |q| <= |x| + root E(s2)
 *
 * which bounds E between two scales whose cost is known (Piyavskii, with a constant of its own for
 * each interval).  And E(s2) >= (root E(s1) - s1 root n)^2 for all s2 < s1: what the clip of s1
 * alone costs.  Above 2 max|x| every code is 0.
 *
 * The scales between the min-max scale and one that is too small by that bound, then the rest up
 * to 2 max|x|, are halved again and again, the interval of least bound first; at first with one
 * part in root n of the constant, n the values other than 0, which looks where the cost is low,
 * then with the whole of it, as long as the budget lasts or until the bound is within 1/1000 of
 * the least cost.  Between that, a scale that is good is followed to its fixed point: the least-
 * squares scale of its codes, the codes of that scale, and so on (Lloyd).
 *
 * Powers of two are few: all are tried.
 */
#ifndef QS_SCALE_SEARCH_H
#define QS_SCALE_SEARCH_H

#include "squared_error.h"

struct scale_found {
	float scale;
	int32_t zero;
	double cost;            /* good to about 1e-6                                    */
	double bound;           /* no grid of these codes costs less                     */
	double norm;            /* root of the sum of squares of all values              */
};

/* The scales of the grids, at least one, are tried first, each with its best zero point: that costs
 * costs[i]. */
struct scale_found scale_search(const struct calibration_task *task, const struct grid *grids,
				int count, double *costs);

/* Where saturated values weigh more, of no scale below that of the first grid and without a bound.
 * *cost is what the second grid's scale costs, which saturates nothing. */
struct scale_found scale_search_above(const struct calibration_task *task, double weight,
				      const struct grid *low, const struct grid *high,
				      double *cost);

/* The range of least squared error among those of scale_search and of all rules but those that ask
 * this one (after_least_squares); task->parameter means nothing. */
struct range least_squares_choose(const struct calibration_task *task);

#endif
