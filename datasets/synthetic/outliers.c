/* SPDX-License-Identifier: MIT
 *
 * A normal tensor with a few loud channels: 1 % of the rows (rounded up, so at least one) are
 * multiplied by a factor of 20 to 60, log-uniform.  The rows are cut into as many stretches as
 * there are loud ones, and each stretch has its loud row at a random place: so the number is exact
 * and each value is found without looking at the others.
 */
#include "../../harness/fixed_math.h"
#include "../../harness/random.h"
#include "generator.h"

enum { STREAM = 0x60, STREAM_PLACE, STREAM_FACTOR };

static double row_factor(int64_t row, int64_t rows, uint64_t seed)
{
	static const double ln_20 = 2.995732273553991, ln_3 = 1.0986122886681098;
	const int64_t loud = (rows + 99) / 100, stretch = row * loud / rows;
	/* the stretch's first row is the least one with row * loud / rows == stretch */
	const int64_t first = (stretch * rows + loud - 1) / loud;
	const int64_t end = ((stretch + 1) * rows + loud - 1) / loud;
	const double u = random_uniform(seed, STREAM_PLACE, (uint64_t)stretch);

	if (row != first + (int64_t)(u * (double)(end - first)))
		return 1;
	return fixed_exp(ln_20 + ln_3 * random_uniform(seed, STREAM_FACTOR, (uint64_t)stretch));
}

static void fill(float *values, int64_t rows, int64_t columns, uint64_t seed)
{
	for (int64_t row = 0; row < rows; row++) {
		const double factor = row_factor(row, rows, seed);

		for (int64_t i = row * columns; i < (row + 1) * columns; i++)
			values[i] =
				(float)(factor * random_normal(seed, STREAM, (uint64_t)i));
	}
}

const struct generator generator_outliers = {
	.value = { .name = "outliers",
		   .summary = "normal, with 1 % of the channels 20 to 60 times louder",
		   .source = "activations of large transformers, a row a feature (LLM.int8, "
			     "Dettmers et al. 2022; SmoothQuant, Xiao et al. 2023)"},
	.stream = STREAM,
	.fill = fill,
};
