/* SPDX-License-Identifier: MIT
 *
 * A range that the user gives, whatever the values are; those outside saturate.
 *
 * It is widened to hold 0.  Symmetric schemes take the bound that is further from 0, those without
 * codes below 0 the higher one.  A range that says nothing about the values (more than half of them
 * lie outside) or leaves the scheme no code but 0 is what was asked for, with a warning.
 */
#include "calibrate.h"

#include <float.h>
#include <math.h>

/* Nearer to 0 than any float32 is 0: its step would be none in double. */
static double bound(double x)
{
	return fabs(x) < (double)FLT_TRUE_MIN ? 0 : x;
}

static struct range fixed_choose(const struct calibration_task *task)
{
	const double low = fmin(bound(task->parameter), 0);
	const double high = fmax(bound(task->parameter_high), 0);

	if (!task->scheme->symmetric)
		return (struct range){ .low = low, .high = high };
	return symmetric_range(task->scheme,
			       task->scheme->unsigned_codes ? high : fmax(-low, high));
}

static const char *fixed_warn(const struct calibration_task *task)
{
	const struct range range = fixed_choose(task);
	const struct slice *slice = task->slice;
	const int64_t inside = slice_values_before(slice, slice_first_above(slice, range.high)) -
			       slice_values_before(slice, slice_first_from(slice, range.low));

	if (!(range.low < 0) && !(range.high > 0))
		return "the fixed range leaves this scheme no value but 0";
	return slice->count - inside > slice->count / 2
		       ? "more than half of the values lie outside the fixed range"
		       : NULL;
}

const struct calibration calibration_fixed = {
	.value = { .name = "fixed",
		   .summary = "the range that is given, widened to hold 0; symmetric takes the "
			      "bound further from 0",
		   .source = "what is known of the values: images, a sigmoid, a sensor",
		   .parameter = "[LOW, HIGH]", .standard = -1, .least = -1e15, .most = 1e15,
		   .needs_parameter = true, .pair = true },
	.warn = fixed_warn,
	.choose = fixed_choose,
};
