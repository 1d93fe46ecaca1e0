/* SPDX-License-Identifier: MIT
 *
 * Arithmetic of a value and a constant: see operations/affine.c.
 */
#ifndef QS_AFFINE_LOWERING_H
#define QS_AFFINE_LOWERING_H

#include "lowering.h"

/* x + c, x - c, c - x, x * c, x / c */
enum affine_kind { AFFINE_PLUS, AFFINE_MINUS, AFFINE_FROM, AFFINE_TIMES, AFFINE_BY };

/* Of the input `edge` and the constant that the other one is. */
int lowering_affine(struct lowering *lowering, size_t edge, enum affine_kind kind);

/* The constant's numbers for a dense value, in the order of memory: *count of them, one, one a
 * channel or one an element; NULL with a sentence. */
double *lowering_numbers(struct lowering *lowering, const struct lowered *constant,
			 const struct lowered *input, int64_t *count);
/* factors and shifts of a layer's own: `period` of each, taken over; fused into such a layer before
 * where it alone is read and has as many. */
int lowering_affine_layer(struct lowering *lowering, size_t edge, double *factors, double *shifts,
			  int64_t period);

#endif
