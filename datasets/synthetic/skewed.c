/* SPDX-License-Identifier: MIT
 *
 * SiLU of a normal with standard deviation 2: y = x / (1 + exp(-x)), from -0.2785 up, most values
 * near 0, a long tail to the right.
 */
#include "../../harness/fixed_math.h"
#include "../../harness/random.h"
#include "generator.h"

enum { STREAM = 0x80 };

static void fill(float *values, int64_t rows, int64_t columns, uint64_t seed)
{
	for (int64_t i = 0; i < rows * columns; i++) {
		const double x = 2 * random_normal(seed, STREAM, (uint64_t)i);

		values[i] = (float)(x / (1 + fixed_exp(-x)));
	}
}

const struct generator generator_skewed = {
	.value = { .name = "skewed",
		   .summary = "SiLU of a normal: least -0.28, a long tail to the right",
		   .source = "activations after SiLU or GELU (EfficientNet, the MLP of a "
			     "transformer)" },
	.stream = STREAM,
	.fill = fill,
};
