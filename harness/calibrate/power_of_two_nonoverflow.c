/* SPDX-License-Identifier: MIT
 *
 * The least power of two under which no value overflows: see power_of_two.h.  Half a step beyond
 * the last code still rounds to it, so a maximum just above a power of two costs no whole octave.
 */
#include "power_of_two.h"

#include <math.h>

static const struct scale_rule *powers(void)
{
	const struct value *const *value = scale_values;

	while (!((const struct scale_rule *)*value)->power_of_two)
		value++;
	return (const struct scale_rule *)*value;
}

/* Asymmetric: low and high within half a step of a window of codes 0 .. most. */
static bool fit_window(struct range range, double most, struct grid *grid)
{
	const double least = ceil(-range.low / grid->scale - 0.5);
	const double greatest = floor(most + 0.5 - range.high / grid->scale);
	const double zero = fmin(rint(-range.low / grid->scale), fmin(greatest, most));

	grid->zero = (int32_t)fmax(zero, 0);
	return least <= greatest;
}

struct grid power_of_two_nonoverflow(const struct calibration_task *task)
{
	const struct range range = { fmin((double)task->slice->least, 0),
				     fmax((double)task->slice->greatest, 0) };
	struct grid grid = grid_of_range(task, symmetric_range(task->scheme, 1));

	if (task->scheme->symmetric) {
		const double least = fmax(range.high / (grid.high + 0.5),
					  range.low / (grid.low - 0.5));

		grid.scale = powers()->choose(least);
		grid.zero = 0;
		return grid;
	}
	grid.scale = powers()->choose((range.high - range.low) / (grid.high + 1.0));
	if (!fit_window(range, grid.high, &grid) && grid.scale < 0x1p127) {
		grid.scale *= 2;
		fit_window(range, grid.high, &grid);
	}
	return grid;
}

static struct range nonoverflow_choose(const struct calibration_task *task)
{
	const struct range widest = slice_range(task->slice, task->scheme);

	if (!(widest.high > widest.low))
		return widest;
	const struct grid grid = power_of_two_nonoverflow(task);
	return range_of_grid(task, grid.scale, grid.zero);
}

const struct calibration calibration_power_of_two_nonoverflow = {
	.value = { .name = "power_of_two_nonoverflow",
		   .summary = "the least power of two as a scale under which no value lies more "
			      "than half a step beyond the last code",
		   .source = "AMD Vitis AI quantizer, PowerOfTwoMethod.NonOverflow" },
	.of_extremes = true,
	.choose = nonoverflow_choose,
};
