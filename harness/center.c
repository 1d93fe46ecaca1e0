/* SPDX-License-Identifier: MIT */
#include "center.h"

#include <stdlib.h>
#include <string.h>

static int ascending(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The last rank, from 0, below which a fair coin's count of `count` falls with at most 2.5 %. */
static int outer_rank(int count)
{
	double term = 1, below = 0;
	int rank = 0;

	for (int i = 0; i < count; i++)
		term /= 2;
	for (; rank < count / 2 && below + term <= 0.025; rank++) {
		below += term;
		term *= (double)(count - rank) / (rank + 1);
	}
	return rank ? rank - 1 : 0;
}

struct center center_of(const double *values, int count)
{
	double sorted[LAUNCHES_MOST];
	const int outer = outer_rank(count);

	memcpy(sorted, values, (size_t)count * sizeof *sorted);
	qsort(sorted, (size_t)count, sizeof *sorted, ascending);
	return (struct center){
		.median = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2,
		.low = sorted[outer],
		.high = sorted[count - 1 - outer],
	};
}
