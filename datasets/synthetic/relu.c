/* SPDX-License-Identifier: MIT
 *
 * max(0, normal): one-sided, half of the values exactly 0, mean 0.399, mean square 1/2.
 */
#include "../../harness/random.h"
#include "generator.h"

enum { STREAM = 0x50 };

static void fill(float *values, int64_t rows, int64_t columns, uint64_t seed)
{
	for (int64_t i = 0; i < rows * columns; i++) {
		const double x = random_normal(seed, STREAM, (uint64_t)i);

		values[i] = x > 0 ? (float)x : 0;
	}
}

const struct generator generator_relu = {
	.value = { .name = "relu", .summary = "one-sided: a normal with its negative half set to 0",
		   .source = "activations after a ReLU that follows a normalization" },
	.one_sided = true,
	.stream = STREAM,
	.fill = fill,
};
