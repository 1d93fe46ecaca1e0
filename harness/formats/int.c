/* SPDX-License-Identifier: MIT
 *
 * Integers of 2 to 16 bits under an affine map: kernels/affine.h.
 *
 * A value is float32(code - zero) * scale.  With a scale near FLT_MAX it may be infinite (a code
 * just past the range); the caller asks.
 */
#include "../../kernels/affine.h"
#include "../axes/tables.h"
#include "../loops/loops.h"

static void int_simulate(const float *x, int64_t count, const struct grid *grid, float scale,
			 enum qs_round round, float *back, struct tally *tally)
{
	const struct loop_grid loop = { scale, grid->zero, grid->low, grid->high, round };
	struct loop_tally counts = { 0 };

	loops_best()->simulate(x, count, &loop, back, &counts);
	tally->saturated += counts.saturated;
	tally->lost_zero += counts.lost_zero;
	tally->nonzero += counts.nonzero;
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
