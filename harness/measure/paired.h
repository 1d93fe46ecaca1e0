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

/* Of right (1) and wrong (0) answers.  Exact: of n = lost + gained samples that changed sides,
 * gained is binomial; Clopper and Pearson's limits p of its share give (2p - 1) n / samples.
 * n = 0 gives [0, 0]. */
struct paired paired_answers(const unsigned char *first, const unsigned char *second,
			     int64_t samples);
/* From the two counts alone; both at most 2^20. */
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
