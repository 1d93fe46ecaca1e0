/* SPDX-License-Identifier: MIT
 *
 * A slice: the values that share a scale, in ascending order, as points.
 *
 * Of a slice in memory a point is one value.  Of a stream that is longer than that a point is a bin
 * of neighbouring floats with the number and the exact sums of its values; a value is then known to
 * the width of its bin.  Everything is asked in points, so that a calibration need not know which.
 *
 * Prefix sums stand before every SUM_EVERY points (every point of bins), as pairs of doubles whose
 * sum is the exact one to about 100 bits, so that a difference of two is good to a double's last
 * digits however small it is beside the total.
 */
#ifndef QS_SLICE_H
#define QS_SLICE_H

#include "../env.h"

#include <stdbool.h>
#include <stdint.h>

enum { SUM_EVERY = 64 };

/* Of all points before some place. */
struct prefix {
	double sum, sum_rest, squares, squares_rest;
};

/* Ranges that calibrations gave for the slice at hand, so that one that asks the others costs none
 * of them twice: see calibration_choose. */
enum { MEMO_RANGES = 192 };
struct memo {
	int count;
	bool has_moments;
	double mean, deviation, absolute;        /* see moments.h                        */
	struct memo_range {
		const void *calibration, *scheme, *scale;
		int bits;
		double parameter, parameter_high, low, high, least_squares;
	} range[MEMO_RANGES];
};

struct slice {
	const float *point;     /* [points] ascending, -0 before +0; finite               */
	const float *head;      /* [points / SUM_EVERY + 1] each SUM_EVERYth point        */
	const struct prefix *prefix;     /* before point 0, every, 2 every ...            */
	const int64_t *through; /* NULL: each point is one value; else [points + 1], values
				 * in the points before each                             */
	int64_t points, every, count;    /* count: values, >= 1                           */
	float least, greatest;  /* exact                                                  */
	/* The values in the order in which they came and how many make a batch, for observers; NULL
	 * of a stream. */
	const float *values;
	int64_t batch;
	void *scratch;          /* a calibration's own, any contents                      */
	uint64_t *visits;       /* points looked at; a calibration adds what it reads     */
	uint64_t *candidates;   /* ranges weighed against each other; it adds them too   */
	struct memo *memo;      /* NULL: nothing is remembered                           */
};

/* What is scratch for: at least so many bytes, more for a long slice: 24 * min(8 * count, 2^20). */
enum { SCRATCH_LEAST = 1 << 17, SCRATCH_MOST = 24 << 20 };

struct sums {
	int64_t count;
	double sum, squares;
};

/* The first point >= edge, or > edge; slice->points: none.  O(log points). */
int64_t slice_first_from(const struct slice *slice, double edge);
int64_t slice_first_above(const struct slice *slice, double edge);
/* The same, looked for from a point on that is known not to lie behind it: quick where near. */
int64_t slice_next_from(const struct slice *slice, int64_t start, double edge);
int64_t slice_next_above(const struct slice *slice, int64_t start, double edge);
/* Values in the points before one. */
static inline int64_t slice_values_before(const struct slice *slice, int64_t point)
{
	return slice->through ? slice->through[point] : point;
}
/* Values below an edge, before which this point is the first that is not: of a bin that the edge
 * cuts, the share that its mean and deviation let expect, rounded. */
int64_t slice_values_below(const struct slice *slice, int64_t point, double edge);
/* Sums over the points before one: at most SUM_EVERY points are read. */
struct prefix slice_before(const struct slice *slice, int64_t point);
/* Of the values between two such places, each said by its point and its prefix. */
struct sums slice_between(const struct slice *slice, int64_t first,
			  const struct prefix *before_first, int64_t last,
			  const struct prefix *before_last);
/* The same from the points alone. */
struct sums slice_sums(const struct slice *slice, int64_t first, int64_t last);
/* The value, or |value|, of a rank from 1 to count in ascending order. */
float slice_value_of_rank(const struct slice *slice, int64_t rank);
float slice_magnitude_of_rank(const struct slice *slice, int64_t rank);
/* Values other than 0. */
int64_t slice_nonzero(const struct slice *slice);
float slice_greatest_magnitude(const struct slice *slice);

/* Room for slices of up to `longest` values; the same room serves one slice after another.  It
 * takes 8.6 bytes a value, and at least SCRATCH_LEAST. */
struct slice_room {
	const struct env *env;
	float *sorted, *head;
	uint32_t *other;        /* of sorting; then scratch                               */
	struct prefix *prefix;
	uint64_t visits, candidates;     /* of all slices so far, sorting included       */
	struct memo memo;
};

int slice_room_new(struct slice_room *room, const struct env *env, int64_t longest,
		   struct error *error);
void slice_room_free(struct slice_room *room);
/* Sorts a copy of values[count], all finite, 1 <= count <= longest.  The slice is valid until the
 * next call, its `values` as long as the caller's. */
struct slice slice_of(struct slice_room *room, const float *values, int64_t count);

#endif
