/* SPDX-License-Identifier: MIT
 *
 * Min-max: nothing is clipped.  Constant c gives [min(c, 0), max(c, 0)], all zero gives [0, 0].
 */
#include "calibrate.h"

static struct range minmax_choose(const struct calibration_task *task)
{
	*task->slice->visits += 2;
	return slice_range(task->slice, task->scheme);
}

const struct calibration calibration_minmax = {
	.value = { .name = "minmax",
		   .summary = "the least and the greatest value: nothing is clipped",
		   .source = "ONNX DynamicQuantizeLinear" },
	.of_extremes = true,
	.of_values_alone = true,
	.choose = minmax_choose,
};
