/* SPDX-License-Identifier: MIT */
#include "calibrate.h"

struct chosen rule_choose(const struct rule *rule, const struct slice *slice)
{
	const struct calibration *calibration = calibration_of(rule->calibration);
	const struct calibration_task task = {
		.slice = slice, .scheme = (const struct scheme *)rule->scheme,
		.scale = (const struct scale_rule *)rule->scale, .bits = rule->bits,
		.parameter = rule->calibration_parameter,
	};
	struct chosen chosen = { 0 };

	if (task.scheme->needs_nonnegative && slice->sorted[0] < 0)
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
