/* SPDX-License-Identifier: MIT
 *
 * What a tensor's values look like: range, moments, spread between channels, outliers.  Two passes,
 * sums by harness/sums.h in memory order, so the numbers are the same everywhere.
 */
#ifndef QS_STATISTICS_H
#define QS_STATISTICS_H

#include "tensor.h"

struct statistics {
	int64_t finite, nans, infinities;
	/* over the finite values; all 0 where there is none */
	double least, most, mean;
	double deviation;       /* sqrt of the mean squared distance from the mean       */
	bool varied;            /* deviation > 0: the next three have a meaning          */
	double skewness;        /* mean of ((x - mean) / deviation)^3                    */
	double excess_kurtosis; /* mean of ((x - mean) / deviation)^4, less 3            */
	double outlier_share;   /* of the values further than 6 deviations from the mean */
	bool spread;            /* at least two channels are not all zero                */
	double channel_spread;  /* largest over smallest channel max|x|, zero channels left out */
};

struct statistics tensor_statistics(const struct tensor *tensor);

#endif
