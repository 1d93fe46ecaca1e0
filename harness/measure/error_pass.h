/* SPDX-License-Identifier: MIT
 *
 * The pass over the values that all error numbers come from: simulate, sum, count.
 *
 * A stretch of consecutive slices, whose grids are known, is taken by one case after another in
 * chunks that stay in a core's cache beside what the case counts: a tensor that no cache holds is
 * read once for all cases.  A case's numbers hang on the order of the values alone, so that cases
 * may go to as many threads as there are.
 */
#ifndef QS_ERROR_PASS_H
#define QS_ERROR_PASS_H

#include "../axes/tables.h"
#include "error_shape.h"
#include "error_sums.h"

/* Slices of a stretch, values after which it ends, values of a chunk (256 KiB). */
enum { STRETCH_SLICES = 512, STRETCH_VALUES = 1 << 16, CHUNK_VALUES = 1 << 16 };

struct stretch {
	const float *values;
	int64_t slices, end[STRETCH_SLICES];     /* values up to the end of each          */
};

struct pass_grid {
	struct grid grid;
	float scale;            /* as stored                                             */
};

struct pass_case {
	const struct format *format;
	enum qs_round round;
	const struct pass_grid *grids;   /* of the stretch's slices; NULL: a float rule   */
	bool left_out;
	/* of all stretches so far: start as {0} */
	struct error_sums sums;
	struct error_shape shape;
	struct tally tally;
};

struct error_pass {
	const struct env *env;
	int threads;
	struct value_bins *bins;         /* of the tensor                                */
	struct pass_case *cases;         /* [count]                                      */
	size_t count;
	float *back;            /* [threads][SUM_BLOCK]                                  */
};

/* For count cases on the values that stretches will come from.  -1: no memory; free it all the
 * same. */
int error_pass_new(struct error_pass *pass, const struct env *env, int threads, size_t count,
		   const float *values, int64_t elements, struct error *error);
void error_pass_free(struct error_pass *pass);
/* -1: no memory. */
int error_pass_add(struct error_pass *pass, const struct stretch *stretch, struct error *error);

#endif
