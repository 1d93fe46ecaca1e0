/* SPDX-License-Identifier: MIT */
#include "calibrate.h"

#include <math.h>

struct chosen rule_choose(const struct rule *rule, enum qs_round round, const struct slice *slice)
{
	const struct calibration *calibration = calibration_of(rule->calibration);
	struct chosen chosen = { .least_squares = (double)NAN };
	const struct calibration_task task = {
		.slice = slice, .scheme = (const struct scheme *)rule->scheme,
		.scale = (const struct scale_rule *)rule->scale, .bits = rule->bits,
		.round = round, .parameter = rule->calibration_parameter,
		.parameter_high = rule->calibration_parameter_high,
		.least_squares = &chosen.least_squares,
	};

	if (task.scheme->needs_nonnegative && slice->least < 0)
		chosen.reason = "the observed minimum is below 0";
	else
		chosen.reason = calibration_refuses(calibration, &task);
	if (chosen.reason)
		return chosen;
	if (calibration->warn)
		chosen.warning = calibration->warn(&task);
	chosen.range = calibration->choose(&task);
	chosen.grid = task.scheme->grid(chosen.range.low, chosen.range.high, rule->bits,
					task.scale);
	chosen.scale = stored_scale(chosen.grid.scale);
	return chosen;
}

struct range symmetric_range(const struct scheme *scheme, double bound)
{
	return (struct range){ .low = scheme->unsigned_codes ? 0 : -bound, .high = bound };
}

struct range slice_range(const struct slice *slice, const struct scheme *scheme)
{
	const double least = (double)slice->least, greatest = (double)slice->greatest;

	if (scheme->symmetric)
		return symmetric_range(scheme, (double)slice_greatest_magnitude(slice));
	return (struct range){ .low = least < 0 ? least : 0, .high = greatest > 0 ? greatest : 0 };
}

static double as_it_is(double scale)
{
	return scale;
}

struct range range_of_grid(const struct calibration_task *task, double scale, int32_t zero)
{
	const struct scale_rule real = { .choose = as_it_is };
	const struct grid one = task->scheme->grid(task->scheme->unsigned_codes ? 0 : -1, 1,
						   task->bits, &real);

	/* steps of a symmetric scheme are a multiple of 1/2: the quotient is within an ulp of it */
	if (task->scheme->symmetric)
		return symmetric_range(task->scheme, scale * rint(2 / one.scale) / 2);
	return (struct range){ .low = -scale * zero, .high = scale * (one.high - zero) };
}
