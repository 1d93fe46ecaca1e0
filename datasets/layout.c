/* SPDX-License-Identifier: MIT */
#include "layout.h"

#include "tensor.h"

bool layout_elements(int rank, const int64_t *shape, int64_t *elements)
{
	int64_t product = 1;
	bool empty = false;

	for (int i = 0; i < rank; i++) {
		if (shape[i] < 0)
			return false;
		/* an axis of 0 must not hide an overflow that depends on the order of the axes */
		empty |= shape[i] == 0;
		if (shape[i] && __builtin_mul_overflow(product, shape[i], &product))
			return false;
	}
	if (product > INT64_MAX / 16)
		return false;
	*elements = empty ? 0 : product;
	return true;
}

void layout_rows(int rank, const int64_t *shape, int axis, int64_t *rows, int64_t *columns)
{
	*rows = rank < 2 ? 1 : shape[axis];
	*columns = 1;
	for (int i = 0; i < rank; i++)
		if (rank < 2 || i != axis)
			*columns *= shape[i];
}

void layout_strides(int64_t *stride, int rank, const int64_t *shape, bool fortran)
{
	int64_t step = 1;

	for (int i = 0; i < rank; i++) {
		const int axis = fortran ? i : rank - 1 - i;

		stride[axis] = step;
		step *= shape[axis];
	}
}

void layout_order(int *order, int rank, int axis)
{
	int place = 0;

	if (rank)
		order[place++] = axis;
	for (int i = 0; i < rank; i++)
		if (i != axis)
			order[place++] = i;
}

void layout_copy(float *out, const float *in, int rank, const int64_t *shape, const int64_t *stride,
		 const int *order)
{
	int64_t index[RANK_MAX] = { 0 }, count = 1, from = 0;

	for (int i = 0; i < rank; i++)
		count *= shape[i];
	for (int64_t i = 0; i < count; i++) {
		int last = rank - 1;

		out[i] = in[from];
		for (; last >= 0; last--) {
			const int axis = order[last];

			from += stride[axis];
			if (++index[last] < shape[axis])
				break;
			from -= stride[axis] * shape[axis];
			index[last] = 0;
		}
	}
}
