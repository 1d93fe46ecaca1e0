/* SPDX-License-Identifier: MIT
 *
 * Normal with a scale of its own for each row, log-uniform from 1/100 to 1.
 */
#include "../../harness/fixed_math.h"
#include "../../harness/random.h"
#include "generator.h"

enum { STREAM = 0x70, STREAM_SCALE };

static void fill(float *values, int64_t rows, int64_t columns, uint64_t seed)
{
	static const double ln_100 = 4.605170185988092;

	for (int64_t row = 0; row < rows; row++) {
		const double u = random_uniform(seed, STREAM_SCALE, (uint64_t)row);
		const double scale = fixed_exp(-ln_100 * u);

		for (int64_t i = row * columns; i < (row + 1) * columns; i++)
			values[i] = (float)(scale * random_normal(seed, STREAM,
								  (uint64_t)i));
	}
}

const struct generator generator_channel_spread = {
	.value = { .name = "channel_spread",
		   .summary = "normal, each channel with a scale from 1/100 to 1",
		   .source = "convolution weights with a batch normalization folded in, depthwise "
			     "ones above all (Nagel et al. 2019, MobileNetV2)"},
	.stream = STREAM,
	.fill = fill,
};
