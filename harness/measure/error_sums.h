/* SPDX-License-Identifier: MIT
 *
 * The sums behind error numbers, fed piece by piece in the tensor's memory order.
 */
#ifndef QS_ERROR_SUMS_H
#define QS_ERROR_SUMS_H

#include "../loops/loops.h"
#include "accuracy.h"

struct error_sums {             /* start as {0}                                          */
	double total[ERROR_SUMS];        /* of full blocks                               */
	struct loop_errors block;        /* of the one at hand                           */
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
/* The sum of squared errors. */
double error_sums_squared(const struct error_sums *sums);
/* Root of error over signal; NaN where the signal is 0. */
double error_sums_relative(const struct error_sums *sums);

#endif
