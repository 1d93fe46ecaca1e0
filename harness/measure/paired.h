/* SPDX-License-Identifier: MIT
 *
 * Two runs of the same samples: what one lost and gained against the other, and the interval of the
 * difference.
 */
#ifndef QS_PAIRED_H
#define QS_PAIRED_H

#include <stdbool.h>
#include <stdint.h>

struct paired {
	int64_t lost, gained;   /* right in the first alone, in the second alone; 0 of losses */
	double difference, low, high;    /* second - first, and its interval of 95 %      */
};

/* Of right (1) and wrong (0) answers.  The true difference is rate * (2 share - 1): how many
 * samples change sides, and which share of those is gained.  Both counts are binomial; Clopper and
 * Pearson's exact limits, 96 % of the share and 99 % of the rate, hold together with at least 95 %,
 * and the interval is all that they allow.  It leaves 0 out just where the share's leave 1/2 out:
 * McNemar's exact test at 4 %. */
struct paired paired_answers(const unsigned char *first, const unsigned char *second,
			     int64_t samples);
/* From the two counts alone; samples 1 .. 2^20, lost + gained at most so many. */
struct paired paired_counts(int64_t lost, int64_t gained, int64_t samples);
/* Of losses: the mean difference +- 1.96 standard errors of the paired differences.  Of one sample
 * there is no standard error: both limits are NaN. */
struct paired paired_losses(const double *first, const double *second, int64_t samples);
/* Nothing shows that the two differ: the interval holds 0, or is not known. */
static inline bool paired_is_open(const struct paired *paired)
{
	return !(paired->low > 0 || paired->high < 0);
}

#endif
