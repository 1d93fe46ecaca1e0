/* SPDX-License-Identifier: MIT
 *
 * Ways of looking at an edge: transposed, reshaped or sliced without moving anything.
 */
#include "lowering.h"

#include "../../datasets/layout.h"

#include <stdlib.h>
#include <string.h>

static const int image_order[] = { 0, 2, 3, 1 };
static const int plain_order[RANK_MAX] = { 0, 1, 2, 3, 4, 5, 6, 7 };

const int *canonical_order(int rank)
{
	return rank == 4 ? image_order : plain_order;
}

int64_t lowered_elements(const struct lowered *value)
{
	int64_t elements = 1;

	for (int i = 0; i < value->rank; i++)
		elements *= value->shape[i];
	return elements;
}

void lowered_dense(struct lowered *value, size_t edge, int rank, const int64_t *shape,
		   const int *order)
{
	int64_t stride = 1;

	*value = (struct lowered){ .kind = LOWERED_EDGE, .rank = rank, .edge = edge,
				   .digit_count = rank };
	for (int i = rank; i-- > 0;) {
		const int axis = order[i];

		value->shape[axis] = shape[axis];
		value->digits[axis] = (struct digit){ shape[axis], stride, axis };
		stride *= shape[axis];
	}
}

void lowered_transpose(struct lowered *value, const int *permutation)
{
	const struct lowered from = *value;

	value->digit_count = 0;
	for (int i = 0; i < from.rank; i++) {
		value->shape[i] = from.shape[permutation[i]];
		for (int d = 0; d < from.digit_count; d++) {
			if (from.digits[d].axis != permutation[i])
				continue;
			value->digits[value->digit_count] = from.digits[d];
			value->digits[value->digit_count++].axis = i;
		}
	}
}

/* Digits from the last on: whole ones while they fit, then a part of one. */
struct splitting {
	const struct lowered *from;
	int left;               /* digits of `from` not yet looked at                    */
	struct digit rest;      /* what is left of the one at hand; size 1: nothing      */
	int count;
	struct digit digits[DIGITS_MOST];        /* backwards                            */
};

static bool put(struct splitting *splitting, int64_t size, int64_t stride, int axis)
{
	if (splitting->count == DIGITS_MOST)
		return false;
	splitting->digits[splitting->count++] = (struct digit){ size, stride, axis };
	return true;
}

static bool split_axis(struct splitting *splitting, int axis, int64_t size)
{
	struct digit *rest = &splitting->rest;

	while (size > 1) {
		if (rest->size == 1) {
			if (!splitting->left)
				return false;
			*rest = splitting->from->digits[--splitting->left];
			if (rest->size == 1 && !put(splitting, 1, rest->stride, axis))
				return false;
			continue;
		}
		const int64_t part = rest->size < size ? rest->size : size;

		if (size % part || rest->size % part || !put(splitting, part, rest->stride, axis))
			return false;
		rest->stride *= part;
		rest->size /= part;
		size /= part;
	}
	return true;
}

bool lowered_reshape(struct lowered *value, int rank, const int64_t *shape)
{
	struct splitting splitting = { .from = value, .left = value->digit_count,
				       .rest.size = 1 };

	for (int i = rank; i-- > 0;)
		if (!split_axis(&splitting, i, shape[i]))
			return false;
	value->rank = rank;
	memcpy(value->shape, shape, (size_t)rank * sizeof *shape);
	value->digit_count = splitting.count;
	for (int i = 0; i < splitting.count; i++)
		value->digits[i] = splitting.digits[splitting.count - 1 - i];
	return true;
}

bool lowered_broadcast(struct lowered *value, int rank, const int64_t *shape)
{
	for (int i = 0; i < rank; i++) {
		bool found = false;

		if (value->shape[i] == shape[i])
			continue;
		if (value->shape[i] != 1)
			return false;
		value->shape[i] = shape[i];
		for (int d = 0; d < value->digit_count && !found; d++) {
			found = value->digits[d].axis == i;
			if (found)
				value->digits[d] = (struct digit){ shape[i], 0, i };
		}
		if (found)
			continue;
		if (value->digit_count == DIGITS_MOST)
			return false;

		int at = 0;

		while (at < value->digit_count && value->digits[at].axis < i)
			at++;
		memmove(&value->digits[at + 1], &value->digits[at],
			(size_t)(value->digit_count - at) * sizeof *value->digits);
		value->digits[at] = (struct digit){ shape[i], 0, i };
		value->digit_count++;
	}
	return true;
}

bool lowered_slice(struct lowered *value, int axis, int64_t start, int64_t step, int64_t count)
{
	struct digit *one = NULL;

	for (int d = 0; d < value->digit_count; d++) {
		struct digit *digit = &value->digits[d];

		if (digit->axis != axis || digit->size == 1)
			continue;
		if (one)
			return false;
		one = digit;
	}
	value->shape[axis] = count;
	if (!one)
		return true;
	value->offset += start * one->stride;
	one->size = count;
	one->stride *= step;
	return true;
}

static int by_stride(const void *a, const void *b)
{
	const int64_t x = ((const struct digit *)a)->stride, y = ((const struct digit *)b)->stride;

	return (x > y) - (x < y);
}

static bool is_whole(const struct lowering *lowering, const struct lowered *value)
{
	return !value->offset &&
	       lowered_elements(value) == lowering->layers->edges[value->edge].elements;
}

bool lowered_is_dense(const struct lowering *lowering, const struct lowered *value)
{
	struct digit digits[DIGITS_MOST];
	int64_t stride = 1;
	int count = 0;

	for (int i = 0; i < value->digit_count; i++)
		if (value->digits[i].size > 1)
			digits[count++] = value->digits[i];
	qsort(digits, (size_t)count, sizeof *digits, by_stride);
	for (int i = 0; i < count; i++) {
		if (digits[i].stride != stride)
			return false;
		stride *= digits[i].size;
	}
	return is_whole(lowering, value);
}

bool lowered_is_ordered(const struct lowering *lowering, const struct lowered *value,
			const int *order)
{
	struct lowered turned = *value;
	int64_t stride = 1;

	lowered_transpose(&turned, order);
	for (int i = turned.digit_count; i-- > 0;) {
		if (turned.digits[i].size == 1)
			continue;
		if (turned.digits[i].stride != stride)
			return false;
		stride *= turned.digits[i].size;
	}
	return is_whole(lowering, value);
}

/* The digits without those of 1, neighbours that count on together. */
static int merged(const struct lowered *value, struct digit *out)
{
	int count = 0;

	for (int i = 0; i < value->digit_count; i++) {
		const struct digit *digit = &value->digits[i];
		struct digit *last = &out[count - 1];

		if (digit->size == 1)
			continue;
		if (count && last->stride == digit->stride * digit->size) {
			last->stride = digit->stride;
			last->size *= digit->size;
			continue;
		}
		out[count++] = *digit;
	}
	return count;
}

bool lowered_is_alike(const struct lowered *a, const struct lowered *b)
{
	struct digit x[DIGITS_MOST + 1], y[DIGITS_MOST + 1];
	const int count = merged(a, x + 1);

	if (count != merged(b, y + 1) || a->offset != b->offset || a->rank != b->rank ||
	    memcmp(a->shape, b->shape, (size_t)a->rank * sizeof *a->shape))
		return false;
	for (int i = 1; i <= count; i++)
		if (x[i].size != y[i].size || x[i].stride != y[i].stride)
			return false;
	return true;
}

void lowered_places(const struct lowered *value, int axis, int64_t *out)
{
	int64_t before = 1;

	out[0] = 0;
	for (int d = 0; d < value->digit_count; d++) {
		const struct digit *digit = &value->digits[d];

		if (digit->axis != axis)
			continue;
		/* from the last index on, so that none is read after it is written */
		for (int64_t i = before; i-- > 0;)
			for (int64_t j = digit->size; j-- > 0;)
				out[i * digit->size + j] = out[i] + j * digit->stride;
		before *= digit->size;
	}
}
