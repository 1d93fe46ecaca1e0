/* SPDX-License-Identifier: MIT
 *
 * Every value of (-1, 1) alike: mean 0, variance 1/3, excess kurtosis -1.2.
 */
#include "../../harness/random.h"
#include "generator.h"

enum { STREAM = 0x40 };

static void fill(float *values, int64_t rows, int64_t columns, uint64_t seed)
{
	for (int64_t i = 0; i < rows * columns; i++)
		values[i] = (float)(2 * random_uniform(seed, STREAM, (uint64_t)i) - 1);
}

const struct generator generator_uniform = {
	.value = { .name = "uniform", .summary = "every value of (-1, 1) alike",
		   .source = "weights just after Glorot or Kaiming uniform initialization; inputs "
			     "scaled to an interval" },
	.stream = STREAM,
	.fill = fill,
};
