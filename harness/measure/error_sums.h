/* SPDX-License-Identifier: MIT
 *
 * The sums behind error numbers, fed piece by piece in the tensor's memory order.
 */
#ifndef QS_ERROR_SUMS_H
#define QS_ERROR_SUMS_H

#include "../sums.h"
#include "accuracy.h"

struct error_sums {             /* start as {0}                                          */
	struct sum error;       /* back - x                                              */
	struct sum squared;     /* (back - x)^2                                          */
	struct sum steps;       /* (back - x) / step                                     */
	struct sum in_steps;    /* ((back - x) / step)^2                                 */
	struct sum signal, output, product;      /* x^2, back^2, x back                  */
	double max_abs;
	int64_t elements;
};

/* count more elements that share the step; 0: there is no step. */
void error_sums_add(struct error_sums *sums, const float *x, const float *back, int64_t count,
		    double step);
/* mse, rmse, sqnr_db, max_abs, mean_error, cosine, exact and elements of *numbers; rmse_over_step
 * and bias_over_step where there were steps; everything else is NaN.  false where a sum is not
 * finite: a value came back infinite. */
bool error_sums_numbers(const struct error_sums *sums, bool steps, const char *tensor,
			struct error_numbers *numbers);
/* Root of error over signal; NaN where the signal is 0. */
double error_sums_relative(const struct error_sums *sums);

#endif
