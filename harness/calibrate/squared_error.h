/* SPDX-License-Identifier: MIT
 *
 * Sums of squared errors of a slice, for the calibrations that make them small.
 *
 * The codes of a scheme under a scale s are the multiples of s in a window of 2^b (2^b - 1 where
 * restricted) neighbours that holds 0.  The scale decides the lattice, the zero point only where
 * the window lies, so it changes what clipping costs and nothing else.
 *
 * A slice with many values is costed by codes, in O(codes log count), else value by value.  Both
 * add what they look at to the visits.
 */
#ifndef QS_SQUARED_ERROR_H
#define QS_SQUARED_ERROR_H

#include "calibrate.h"

struct squared_error {
	const struct slice *slice;
	int32_t low, high;      /* the code range; -zero and 2^b-1-zero are the window's  */
	bool moves;             /* asymmetric: the zero point is free in low .. high     */
	double weight;          /* >= 1: of the squared errors of saturated values, those
				 * more than half a step beyond the last code            */
	struct prefix end;      /* before the end of the slice                           */
	double norm;            /* root of the sum of squares of all values              */
};

struct squared_error squared_error_of(const struct calibration_task *task, double weight);

/* What the grid of this stored scale and zero point costs, and how that changes with the scale
 * while each value keeps its code q: cost(s + d) = cost - 2 d cross + d^2 codes, least at
 * d = cross/codes.  cost: sum of (x - q s)^2; cross: of q (x - q s); codes: of q^2.  Good to about
 * 1e-6.  Where the clipped values alone cost `enough` the others are left out. */
struct fit {
	double cost, cross, codes;
};

struct fit fit_at(const struct squared_error *self, float scale, int32_t zero, double enough);

/* The zero point of least cost under this scale; looked for from the guess on.  The cost is convex
 * in it: from z to z + 1 it grows by 2 s (U - D), U the sum of x - (high - z - 1/2) s over values
 * above that, which grows with z, D the same below (low - z - 1/2) s, which falls. */
int32_t least_zero(const struct squared_error *self, float scale, int32_t guess);

/* The sum of squared errors on a grid as it is measured: sum of (back - x)^2 with the float32
 * division, product and stored scale of kernels/affine.h and ties to even; INFINITY where a value
 * comes back infinite.  Double, in an order of its own.  By codes a bin counts as its point. */
double squared_error_of_values(const struct slice *slice, const struct grid *grid, float scale);
double squared_error_of_codes(const struct slice *slice, const struct grid *grid, float scale);
/* The quicker of the two. */
double squared_error_of_grid(const struct slice *slice, const struct grid *grid, float scale);
/* Whether that is by codes. */
bool squared_error_is_by_codes(const struct slice *slice, int32_t codes);

#endif
