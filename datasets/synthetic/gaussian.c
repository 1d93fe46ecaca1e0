/* SPDX-License-Identifier: MIT
 *
 * Mean 0, standard deviation 1, excess kurtosis 0.
 */
#include "../../harness/random.h"
#include "generator.h"

enum { STREAM = 0x10 };

static void fill(float *values, int64_t rows, int64_t columns, uint64_t seed)
{
	for (int64_t i = 0; i < rows * columns; i++)
		values[i] = (float)random_normal(seed, STREAM, (uint64_t)i);
}

const struct generator generator_gaussian = {
	.value = { .name = "gaussian",
		   .summary = "normal: mean 0, standard deviation 1",
		   .source = "weights of a dense or attention layer after training with weight "
			     "decay" },
	.stream = STREAM,
	.fill = fill,
};
