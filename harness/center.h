/* SPDX-License-Identifier: MIT
 *
 * What several launches say together: their median, and an interval of it that asks nothing of how
 * they are distributed.  The view throughput of results/schema.sql has the same ranks; a test
 * compares.
 */
#ifndef QS_CENTER_H
#define QS_CENTER_H

enum { LAUNCHES_MOST = 63 };

/* The median and its order-statistic interval: the narrowest pair of ranks outside which, on each
 * side, a fair coin's count falls with at most 2.5 %; of fewer than 9 the least and the greatest,
 * which of 7 hold the true median with 98.4 %, of 5 with 93.8 %. */
struct center {
	double median, low, high;
};
/* count 1 .. LAUNCHES_MOST. */
struct center center_of(const double *values, int count);

#endif
