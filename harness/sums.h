/* SPDX-License-Identifier: MIT
 *
 * Sums over elements, the same to the last bit for any thread count and any block size of the
 * caller: double, element by element inside fixed blocks of 4,096 counted from the sample's first
 * element, then the blocks in order.
 */
#ifndef QS_SUMS_H
#define QS_SUMS_H

#include <stdint.h>

enum { SUM_BLOCK = 4096 };

struct sum {
	double total, block;    /* start as {0}                                          */
	uint32_t in_block;
};

static inline void sum_add(struct sum *sum, double x)
{
	sum->block += x;
	if (++sum->in_block == SUM_BLOCK) {
		sum->total += sum->block;
		sum->block = 0;
		sum->in_block = 0;
	}
}

/* For loops that keep several sums in registers: elements that still fit into the block at hand,
 * and taking back sum->block after `count` of them, at most so many, were added to a copy of it. */
static inline uint32_t sum_room(const struct sum *sum)
{
	return SUM_BLOCK - sum->in_block;
}

static inline void sum_advance(struct sum *sum, double block, uint32_t count)
{
	sum->block = block;
	sum->in_block += count;
	if (sum->in_block == SUM_BLOCK) {
		sum->total += sum->block;
		sum->block = 0;
		sum->in_block = 0;
	}
}

static inline double sum_total(const struct sum *sum)
{
	return sum->total + sum->block;
}

#endif
