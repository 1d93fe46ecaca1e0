/* SPDX-License-Identifier: MIT
 *
 * Sums kept in two doubles, good to about 100 bits.
 */
#ifndef QS_PAIR_SUM_H
#define QS_PAIR_SUM_H

/* Adds x; returns what the rounded sum lacks, exactly (Knuth, TAOCP 2, 4.2.2, theorem B). */
static inline double pair_add(double *sum, double x)
{
	const double a = *sum, s = a + x, b = s - a;

	*sum = s;
	return (a - (s - b)) + (x - b);
}

#endif
