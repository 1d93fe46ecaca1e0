/* SPDX-License-Identifier: MIT
 *
 * A slice counted in equal bins, with all that lies before each bin summed up, so that a stretch of
 * bins costs two differences.  Values of 0 are left out.
 */
#ifndef QS_HISTOGRAM_H
#define QS_HISTOGRAM_H

#include "slice.h"

#include <stdbool.h>

/* Bin i holds base + i width <= x < base + (i + 1) width; the last one its upper end too. */
struct histogram {
	int64_t bins;
	double base, width;
	int64_t *before;        /* [bins + 1] values in the bins before each              */
	uint32_t *filled;       /* [bins + 1] of these bins, those that are not empty     */
	double *entropy;        /* [bins + 1] their counts' sum of c log c               */
};

enum { HISTOGRAM_BYTES_A_BIN = 20 };

/* Counts x, or |x| (base is 0), into memory of (bins + 1) HISTOGRAM_BYTES_A_BIN bytes, aligned for
 * a double.  base and base + bins width hold all values; bins at most 2^31.  Edges are searched for
 * in the sorted points, so that a long slice is not read whole. */
struct histogram histogram_of(const struct slice *slice, bool magnitudes, double base, double width,
			      int64_t bins, void *memory);

/* The natural logarithm of a whole number from 1 on, to 1e-15 of it, the same everywhere; 0 of 0,
 * where it stands for the limit of x log x. */
enum { LOGS = 2048 };

struct logs {
	double of[LOGS];
};

const struct logs *logs_of_whole_numbers(void);

double log_of_large(const struct logs *logs, int64_t count);

static inline double log_of(const struct logs *logs, int64_t count)
{
	return count < LOGS ? logs->of[count] : log_of_large(logs, count);
}

#endif
