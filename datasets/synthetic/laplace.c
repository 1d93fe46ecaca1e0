/* SPDX-License-Identifier: MIT
 *
 * Mean 0, mean |x| 1, variance 2, excess kurtosis 3: by the inverse of its distribution.
 */
#include "../../harness/fixed_math.h"
#include "../../harness/random.h"
#include "generator.h"

enum { STREAM = 0x20 };

static void fill(float *values, int64_t rows, int64_t columns, uint64_t seed)
{
	for (int64_t i = 0; i < rows * columns; i++) {
		const double u = random_uniform(seed, STREAM, (uint64_t)i);

		values[i] = (float)(u < 0.5 ? fixed_log(2 * u) : -fixed_log(2 * (1 - u)));
	}
}

const struct generator generator_laplace = {
	.value = { .name = "laplace",
		   .summary = "two-sided exponential: mean 0, mean |x| 1",
		   .source =
			   "activations before a ReLU (ACIQ, Banner et al. 2019, fits a Laplace)" },
	.stream = STREAM,
	.fill = fill,
};
