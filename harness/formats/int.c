/* SPDX-License-Identifier: MIT
 *
 * Integers of 2 to 16 bits under an affine map: kernels/affine.h.
 *
 * A value is float32(code - zero) * scale.  With a scale near FLT_MAX it may be infinite (a code
 * just past the range); the caller asks.
 */
#include "../../kernels/affine.h"
#include "../axes/tables.h"

enum { BLOCK = 4096 };          /* elements that are counted in 32 bits                  */

/* What lies further out than one code beyond the range is brought there first: it is rounded and
 * clipped to the same, and what is left is small. */
static void simulate_block(const float *x, int64_t count, const struct grid *grid, float scale,
			   enum qs_round round, float *back, struct tally *tally)
{
	const float low = (float)(grid->low - grid->zero), high = (float)(grid->high - grid->zero);
	const float below = low - 1, above = high + 1;
	uint32_t saturated = 0, lost_zero = 0, nonzero = 0;

	for (int64_t i = 0; i < count; i++) {
		const float q = x[i] / scale;
		const float near = q < below ? below : q > above ? above : q;
		const float rounded = qs_round_small(near, round);
		const float clipped = rounded < low ? low : rounded > high ? high : rounded;

		saturated += clipped != rounded;
		nonzero += x[i] != 0;
		lost_zero += (x[i] != 0) & (clipped == 0);
		/* never -0: a negative value that rounds to 0 means +0, as its code does */
		back[i] = clipped * scale;
	}
	tally->saturated += saturated;
	tally->lost_zero += lost_zero;
	tally->nonzero += nonzero;
}

static void int_simulate(const float *x, int64_t count, const struct grid *grid, float scale,
			 enum qs_round round, float *back, struct tally *tally)
{
	for (int64_t i = 0; i < count; i += BLOCK)
		simulate_block(x + i, count - i < BLOCK ? count - i : BLOCK, grid, scale, round,
			       back + i, tally);
}

static void int_encode(const float *x, int64_t count, const struct grid *grid, float scale,
		       enum qs_round round, int32_t *codes)
{
	for (int64_t i = 0; i < count; i++)
		codes[i] = qs_affine_code(x[i], scale, grid->zero, grid->low, grid->high, round);
}

static int64_t int_row_bytes(int64_t columns, int bits)
{
	return columns / 8 * bits + (columns % 8 * bits + 7) / 8;
}

const struct format format_int = {
	.value = { .name = "int",
		   .summary = "integer codes of 2 to 16 bits: value = (code - zero point) * scale",
		   .source = "ONNX QuantizeLinear and DequantizeLinear" },
	.bits_least = 2, .bits_most = 16, .bits_standard = 8,
	.simulate = int_simulate,
	.encode = int_encode,
	.row_bytes = int_row_bytes,
};
