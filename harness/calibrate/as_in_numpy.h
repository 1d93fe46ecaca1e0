/* SPDX-License-Identifier: MIT
 *
 * numpy's float32 arithmetic, as far as ONNX Runtime's calibrators use it, and how that project
 * makes a scale of a range.  Source: numpy 2.4, numpy/lib/_histograms_impl.py; checked against that
 * version by tests/golden/make/onnxruntime_calibrators.py.
 */
#ifndef QS_AS_IN_NUMPY_H
#define QS_AS_IN_NUMPY_H

#include "as_in.h"

/* np.linspace(low, high, bins + 1).  false: not each edge is below the next, where np.histogram
 * stops with an error. */
bool numpy_linspace(float *edges, int64_t bins, float low, float high);
/* Adds to counts[bins] what np.histogram counts in equal bins with such edges. */
void numpy_count(int64_t *counts, const float *edges, int64_t bins, const float *values,
		 int64_t count, bool magnitudes);
/* np.sum of float32 x[count]: pairs of blocks of up to 128. */
float numpy_sum(const float *x, int64_t count);

/* The range of quantize_static, whose scale of less than 2^-126 becomes 1. */
struct range onnxruntime_range(const struct calibration_task *task, float low, float high);

/* Counts between edges, grown batch by batch. */
struct numpy_histogram {
	int64_t *count;         /* [bins]                                                */
	float *edge;            /* [bins + 1]                                            */
	size_t count_room, edge_room;
	int64_t bins;
	float reach;            /* of a centred one: T                                   */
	struct seen seen;
	bool beyond;            /* see as_in.h: min-max from here on                     */
};

/* Room for `bins` bins and their edges, new ones 0.  -1: no memory. */
int numpy_histogram_grow(struct numpy_histogram *histogram, const struct env *env, int64_t bins,
			 struct error *error);
/* Counts a batch on [-T, T], T the largest magnitude: the first in `bins` bins; later ones, where T
 * grew, with as many bins of the first width on both sides as hold it. */
int numpy_histogram_centred(struct numpy_histogram *histogram, const struct env *env, int64_t bins,
			    const float *values, int64_t count, struct error *error);
void numpy_histogram_free(struct numpy_histogram *histogram, const struct env *env);

#endif
