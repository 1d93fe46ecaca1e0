/* SPDX-License-Identifier: MIT
 *
 * Normal with probability 1/10, else exactly 0.
 */
#include "../../harness/random.h"
#include "generator.h"

enum { STREAM = 0x90, STREAM_KEEP };

static void fill(float *values, int64_t rows, int64_t columns, uint64_t seed)
{
	for (int64_t i = 0; i < rows * columns; i++)
		values[i] = random_uniform(seed, STREAM_KEEP, (uint64_t)i) < 0.1
				    ? (float)random_normal(seed, STREAM, (uint64_t)i)
				    : 0;
}

const struct generator generator_sparse = {
	.value = { .name = "sparse", .summary = "90 % exact zeros, the rest normal",
		   .source = "weights pruned by magnitude (Han et al. 2015 keep about a tenth)" },
	.stream = STREAM,
	.fill = fill,
};
