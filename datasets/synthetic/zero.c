/* SPDX-License-Identifier: MIT
 *
 * Every value 0.
 */
#include "generator.h"

static void fill(float *values, int64_t rows, int64_t columns, uint64_t seed)
{
	(void)seed;
	for (int64_t i = 0; i < rows * columns; i++)
		values[i] = 0;
}

const struct generator generator_zero = {
	.value = { .name = "zero", .summary = "every value 0",
		   .source = "a dead layer, or one that was pruned away" },
	.one_sided = true,
	.fill = fill,
};
