/* SPDX-License-Identifier: MIT
 *
 * float32 as it is: nothing is rounded, no scale, no code.
 */
#include "../axes/tables.h"

#include <string.h>

static void float_simulate(const float *x, int64_t count, const struct grid *grid, float scale,
			   enum qs_round round, float *back, struct tally *tally)
{
	(void)grid, (void)scale, (void)round;
	for (int64_t i = 0; i < count; i++)
		tally->nonzero += x[i] != 0;
	memcpy(back, x, (size_t)count * sizeof *x);
}

static int64_t float_row_bytes(int64_t columns, int bits)
{
	(void)bits;
	return 4 * columns;
}

const struct format format_float = {
	.value = { .name = "float",
		   .summary = "float32, not quantized; \"bits\": \"float\" is short for it",
		   .source = "IEEE 754 binary32" },
	.bits_least = 32, .bits_most = 32, .bits_standard = 32,
	.is_float = true,
	.simulate = float_simulate,
	.row_bytes = float_row_bytes,
};
