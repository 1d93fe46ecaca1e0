/* SPDX-License-Identifier: MIT
 *
 * What counts tell of an error that sums do not: percentiles of its size, and how far the
 * distribution of the quantized values lies from that of the values.  Integers alone are counted,
 * so that the order of the values, their pieces and the threads change nothing; one pass, about
 * 1 ns a value, and memory that does not grow with their number.
 *
 * Percentiles are nearest rank: of n errors the one of rank ceil(0.95 n), or ceil(0.999 n), in
 * ascending order of |back - x|, as float32 subtracts.  Errors are told apart by the upper 16 bits
 * of their float32, which is bins of at most 0.8 % of their error; the c errors of a bin are taken
 * to lie evenly in it, the r-th at (r - 1/2) / c of its width.  The largest is exact; one below
 * 2^-133 counts as 0, one beyond float32 as the largest.
 *
 * kl_divergence is D(P || Q') = sum P ln(P / Q'), nats, Q' = 0.99 Q + 0.01 P, over 32 bins that
 * hold about as many values each: P is the values' histogram, Q the quantized ones'.
 *   Bins of equal numbers   bins of equal width would put nearly all values of a tensor with
 *                           outliers into one, where no rule differs from another.  A float belongs
 *                           to the 32nd part in which the middle rank of all values with its upper
 *                           16 bits falls; where no value has them, to that of the next value
 *                           above, else of the greatest.
 *   32 of them              of 64, half are empty under 6 bits whichever the rule is; of 16, rules
 *                           of 6 bits and more cannot be told apart.
 *   0.01 P                  Q is 0 wherever no code falls into a bin.  The mixture (Lee: Measures
 *                           of Distributional Similarity, ACL 1999) ends there at ln 100 = 4.6
 *                           nats and, unlike a count added to each bin, means the same for few
 *                           values and for many.
 */
#ifndef QS_ERROR_SHAPE_H
#define QS_ERROR_SHAPE_H

#include "../env.h"
#include "accuracy.h"

enum { VALUE_BINS = 32, SHAPE_LANES = 4, SHAPE_PAGES = 256, SHAPE_PAGE = 128 };

struct value_bins {             /* of the values, once for all rules                     */
	uint8_t bin[1 << 16];   /* of a float's upper 16 bits                             */
	uint64_t count[VALUE_BINS];
};

struct error_shape {            /* start as {0}, and free                                */
	uint64_t *pages[SHAPE_PAGES];    /* errors by exponent; NULL: there is none       */
	uint64_t count[SHAPE_LANES][VALUE_BINS]; /* quantized values; lanes only for speed */
};

/* NULL: no memory.  Freed with env_free. */
struct value_bins *value_bins_new(const struct env *env, const float *x, int64_t count,
				  struct error *error);
/* count more values and what they came back as, finite.  -1: no memory. */
int error_shape_add(struct error_shape *shape, const struct env *env, const struct value_bins *bins,
		    const float *x, const float *back, int64_t count, struct error *error);
/* abs_error_p95, abs_error_p999 and kl_divergence; elements and max_abs stand there already. */
void error_shape_numbers(const struct error_shape *shape, const struct value_bins *bins,
			 struct error_numbers *numbers);
void error_shape_free(struct error_shape *shape, const struct env *env);

#endif
