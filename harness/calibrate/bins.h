/* SPDX-License-Identifier: MIT
 *
 * Bins: what is kept of a stream of values that is longer than memory.
 *
 * A bin holds the floats of one sign, one exponent and the same first 11 bits of mantissa, so that
 * it is 2^-11 of its octave wide: a 16th or less of the step of 8 bits that reaches as far.  It
 * counts its values and adds up their low 12 bits and the squares of those.  Integers are added
 * exactly: any order, any parting over threads and batches, any merging gives the same bits, and
 * sums over whole bins are those of the values themselves.  What is lost is where inside its bin a
 * value lies, which only bins that a code boundary cuts would need.
 *
 * Up to BINS_VALUES_MOST values nothing can overflow: a bin's count stays below 2^39, its sum below
 * 2^51, its sum of squares below 2^63; more are refused.
 *
 * Memory: BINS_OCTAVE_BYTES for each sign and exponent that came, so at most BINS_BYTES_MOST for
 * any stream of finite floats.  A value costs 1 to 3 ns.
 *
 * A second pass over the stream may look closer at bins that hold what must be known exactly, a
 * percentile: struct closer counts each of their 4,096 floats.
 */
#ifndef QS_BINS_H
#define QS_BINS_H

#include "slice.h"

enum {
	BIN_LOW_BITS = 12,
	BIN_FLOATS = 1 << BIN_LOW_BITS,
	OCTAVE_BITS = 23,       /* a float's bits below its exponent                     */
	OCTAVE_BINS = 1 << (OCTAVE_BITS - BIN_LOW_BITS),
	OCTAVES = 1 << (32 - OCTAVE_BITS),
};

#define BINS_VALUES_MOST ((int64_t)1 << 38)

struct bin {
	uint64_t count, low, low_squares;
};

enum {
	BINS_OCTAVE_BYTES = OCTAVE_BINS * (int)sizeof(struct bin),
	BINS_BYTES_MOST = (OCTAVES - 2) * BINS_OCTAVE_BYTES,
};

struct bins {                   /* starts as { .env = env }                              */
	const struct env *env;
	struct bin *octave[OCTAVES];     /* [OCTAVE_BINS], values ascending; NULL: none came */
	uint64_t zeros[2];      /* +0 and -0; they are in their bins too                 */
	uint32_t least, greatest;        /* as keys, exact, where count > 0               */
	int64_t count;
};

/* Adds finite values; -1: no memory, or too many values. */
int bins_add(struct bins *bins, const float *values, int64_t count, struct error *error);
int bins_merge(struct bins *bins, const struct bins *more, struct error *error);
void bins_free(struct bins *bins);

struct closer {                 /* starts as { .env = env }                              */
	const struct env *env;
	uint32_t *place[OCTAVES];        /* [OCTAVE_BINS] 1 + which of counts; 0: not asked for */
	uint64_t (*counts)[BIN_FLOATS];  /* by low bits                                   */
	size_t count, capacity;
};

/* Asks for the bins of a magnitude, with either sign, that are not empty; -1: no memory. */
int closer_ask(struct closer *closer, const struct bins *bins, double magnitude,
	       struct error *error);
/* The same values once more. */
void closer_add(struct closer *closer, const float *values, int64_t count);
void closer_free(struct closer *closer);

struct bins_room {              /* of one slice at a time; starts as { .env = env }       */
	const struct env *env;
	float *point, *head;
	int64_t *through;
	struct prefix *prefix;
	void *scratch;
	size_t capacity;        /* points                                                */
	uint64_t visits, candidates;     /* of all slices so far                         */
};

/* Bytes of a room at most, were every bin filled. */
enum { BINS_ROOM_BYTES_MOST = 45 * (OCTAVES - 2) * OCTAVE_BINS + SCRATCH_MOST };

/* A slice whose points are the bins that are not empty, each at the mean of its values rounded to
 * float32 (half to even), zeros apart from what shares their bins; of bins that were looked at more
 * closely (closer may be NULL) each float that came is a point.  Prefixes stand before each point
 * and hold the values' own sums.  Valid until the room's next slice; at least one value came. */
int bins_slice(struct slice *slice, struct bins_room *room, const struct bins *bins,
	       const struct closer *closer, struct error *error);
void bins_room_free(struct bins_room *room);

#endif
