/* SPDX-License-Identifier: MIT
 *
 * A format says how values become codes and what the codes mean.
 *
 * A tensor of rows x columns is cut into slices by granularity; each slice has one `struct grid`
 * (axes/tables.h) whose scale was rounded once to float32 where the scale rule stores it so.
 */
#ifndef QS_FORMAT_H
#define QS_FORMAT_H

#include "../axes/tables.h"
#include "../error.h"
#include "../../kernels/affine.h"

#include <stdint.h>

struct tally {                  /* of one slice                                          */
	uint64_t saturated;     /* rounded codes outside the code range before clipping  */
	uint64_t lost_zero;     /* values != 0 whose code means 0                        */
	uint64_t nonzero;
};

struct format {
	struct value value;     /* int, float, ...                                       */
	int bits_least, bits_most, bits_standard;
	bool is_float;          /* values stay as they are: no scheme, no scale          */
	/* Simulates: back[i] = value of the code of x[i]; tally is added to. count elements that
	 * share one grid.  scale is the stored float32. */
	void (*simulate)(const float *x, int64_t count, const struct grid *grid, float scale,
			 enum qs_round round, float *back, struct tally *tally);
	/* The codes themselves, one int32 each; NULL where is_float. */
	/* NULL where is_float. */
	void (*encode)(const float *x, int64_t count, const struct grid *grid, float scale,
		       enum qs_round round, int32_t *codes);
	/* Bytes of `columns` packed codes of one row: ceil(columns * bits / 8). */
	int64_t (*row_bytes)(int64_t columns, int bits);
};

static inline const struct format *format_of(const struct value *value)
{
	return (const struct format *)value;
}

#endif
