/* SPDX-License-Identifier: MIT
 *
 * Every value 0.7, which binary does not hold exactly.
 */
#include "generator.h"

static void fill(float *values, int64_t rows, int64_t columns, uint64_t seed)
{
	(void)seed;
	for (int64_t i = 0; i < rows * columns; i++)
		values[i] = 0.7f;
}

const struct generator generator_constant = {
	.value = { .name = "constant", .summary = "every value 0.7",
		   .source = "a scale or bias that training never moved" },
	.one_sided = true,
	.fill = fill,
};
