/* SPDX-License-Identifier: MIT
 *
 * Shapes, strides and the order of axes in memory.  Shapes come from files: a product is made with
 * a check for overflow once, by layout_elements, and is safe afterwards.
 */
#ifndef QS_LAYOUT_H
#define QS_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

/* The product of the shape (1 for rank 0) into *elements; false where an axis is negative or the
 * product times 16 bytes does not fit 63 bits. */
bool layout_elements(int rank, const int64_t *shape, int64_t *elements);
/* Rows and columns with `axis` as the channel; a scalar or a vector is one row. */
void layout_rows(int rank, const int64_t *shape, int axis, int64_t *rows, int64_t *columns);
/* The strides of row-major (C) order, or of column-major (Fortran) order, in elements. */
void layout_strides(int64_t *stride, int rank, const int64_t *shape, bool fortran);
/* order[0] = axis, the others ascending. */
void layout_order(int *order, int rank, int axis);
/* out, dense, with axis order[0] slowest: the values of `in`, whose axis i has stride[i]. */
void layout_copy(float *out, const float *in, int rank, const int64_t *shape, const int64_t *stride,
		 const int *order);

#endif
