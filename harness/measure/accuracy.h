/* SPDX-License-Identifier: MIT
 *
 * Error numbers of accuracy cells.  What they mean:
 *
 *   mse                 mean of (back - x)^2, double
 *   rmse_over_step      sqrt(mean of ((back - x) / own step)^2); healthy is 1/sqrt(12) = 0.289
 *   sqnr_db             10 log10(sum x^2 / sum (back - x)^2); NULL where either is 0 (exact: which)
 *   mean_error          mean of back - x: the bias of the rounding; bias_over_step: each error over
 *                       its own step, so that slices of small scales count as much as others
 *   abs_error_p95, p999 percentiles of |back - x|, kl_divergence: see error_shape.h
 *   output_sqnr_db      of the float op or layer with these weights quantized and nothing else
 *   saturated_fraction  share of values whose rounded code lies outside the code range
 *   zero_fraction       share of values != 0 whose code means 0
 *   bytes               packed codes + 4 a real scale, 1 a power-of-two one, ceil(bits/8) a zero
 *                       point (asymmetric only)
 *
 * The sums run over a tensor in its memory order (for channels of another axis in the order of the
 * tensor laid out by that axis); see sums.h.
 *
 * Odd input: all zero is exact (scale 1).  A constant c has the range [min(c,0), max(c,0)].
 * Denormals have a scale of at least 2^-149.  A NaN or an infinity in a tensor fails its cells,
 * with the count and the first index.  Values near FLT_MAX are measured where they come back
 * finite; where a code means more than FLT_MAX (the zero point or the scale was rounded outwards)
 * the cell fails and says so.  A rule that cannot be applied (too few values for entropy, a
 * negative value under symmetric_unsigned) is a skip with its reason.
 */
#ifndef QS_ACCURACY_H
#define QS_ACCURACY_H

#include "../plan.h"

enum { ERROR_ROWS_MAX = 3, REASON_SIZE = 256, HISTOGRAM_BINS = 128 };

struct error_numbers {          /* a NaN is stored as NULL                               */
	const char *tensor;     /* "tensor"; of an op "a", "w", "y"                      */
	int64_t elements;
	double mse, rmse, rmse_over_step, sqnr_db, max_abs, mean_error, cosine;
	double saturated_fraction, zero_fraction;        /* NaN for y                    */
	bool exact;             /* the error is zero everywhere                          */
	double bytes;           /* NaN for y                                             */
	/* per tensor alone, else NaN: the range that was chosen and what it became */
	double range_low, range_high, scale, zero_point;
	double abs_error_p95, abs_error_p999, bias_over_step, kl_divergence;
	double output_sqnr_db, output_relative_rmse;     /* of weights                   */
	double calibration_bound_db;     /* NaN: the calibration knows none              */
};

struct accuracy_result {
	enum outcome outcome;   /* DONE, SKIPPED or FAILED                               */
	char reason[REASON_SIZE];        /* of SKIPPED and FAILED; never empty then       */
	char warning[REASON_SIZE];       /* empty: none                                   */
	int rows;
	struct error_numbers row[ERROR_ROWS_MAX];
	uint64_t element_visits;         /* elements read to choose ranges                */
	double seconds;
};

/* The distribution of a subject's tensor, for the figure of clipping ranges: equal bins over
 * [low, high] = [min, max] widened to hold 0. */
struct histogram {
	const char *tensor;     /* as in error_numbers                                   */
	double low, high;
	uint64_t count[HISTOGRAM_BINS];
};

/* Measures the accuracy cells first .. first+count-1 of the plan, all of one subject, whose outcome
 * is PLANNED; the others' results stay untouched.  results is [count].  The tensors are loaded and
 * sorted once; the errors of a tensor subject's cells are summed on at most so many threads.
 * histograms (room for 2) gets one for each tensor; *histogram_count how many.
 * done (may be NULL) is called after each cell, from this thread; when it returns other than 0 the
 * rest is left (outcome PLANNED) and accuracy_measure returns 0.  -1 for trouble that is not a
 * cell's (memory): the cells before keep their results. */
typedef int accuracy_done(void *self, size_t cell, const struct accuracy_result *result);
int accuracy_measure(const struct plan *plan, size_t first, size_t count, int threads,
		     struct accuracy_result *results, struct histogram *histograms,
		     int *histogram_count, accuracy_done *done, void *self, struct error *error);

#endif
