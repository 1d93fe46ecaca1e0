/* SPDX-License-Identifier: MIT
 *
 * Sums over elements, the same to the last bit for any thread count, instruction set and block size
 * of the caller: double, in fixed blocks of 4,096 counted from the sample's first element.  Element
 * i of a block is added to lane i mod 16; at the block's end the upper half of the lanes is added
 * to the lower one, 8, 4, 2, 1, and what is left to the total: so a processor may add 16 side by
 * side, and the order is one.
 */
#ifndef QS_SUMS_H
#define QS_SUMS_H

#include <stdint.h>
#include <string.h>

enum { SUM_BLOCK = 4096, SUM_LANES = 16 };

struct sum {
	double total, lane[SUM_LANES];   /* start as {0}                                 */
	uint32_t in_block;
};

static inline double sum_of_lanes(const double lane[SUM_LANES])
{
	double left[SUM_LANES];

	memcpy(left, lane, sizeof left);
	for (int half = SUM_LANES / 2; half; half /= 2)
		for (int i = 0; i < half; i++)
			left[i] += left[i + half];
	return left[0];
}

static inline double sum_total(const struct sum *sum)
{
	return sum->total + sum_of_lanes(sum->lane);
}

static inline void sum_add(struct sum *sum, double x)
{
	sum->lane[sum->in_block % SUM_LANES] += x;
	if (++sum->in_block == SUM_BLOCK)
		*sum = (struct sum){ .total = sum_total(sum) };
}

#endif
