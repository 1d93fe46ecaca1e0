/* SPDX-License-Identifier: MIT */
#include "choose.h"

#include <math.h>

struct calibration_task rule_task(const struct rule *rule, enum qs_round round)
{
	return (struct calibration_task){
		.scheme = (const struct scheme *)rule->scheme,
		.scale = (const struct scale_rule *)rule->scale, .bits = rule->bits,
		.round = round, .parameter = rule->calibration_parameter,
		.parameter_high = rule->calibration_parameter_high,
	};
}

const char *scheme_refuses(const struct scheme *scheme, float least)
{
	return scheme->needs_nonnegative && least < 0 ? "the observed minimum is below 0" : NULL;
}

const char *count_refuses(const struct calibration *calibration, int bits, int64_t nonzero,
			  int64_t count)
{
	/* no clip moves the code of a 0 */
	const int64_t to_clip = nonzero ? nonzero : count;

	return calibration_has_too_few(calibration, bits, (double)to_clip) ? "too few values"
									   : NULL;
}

struct grid grid_of_range(const struct calibration_task *task, struct range range)
{
	return task->scheme->grid(range.low, range.high, task->bits, task->scale);
}

struct chosen chosen_of_range(const struct calibration_task *task, struct range range)
{
	struct chosen chosen = { .range = range, .least_squares = (double)NAN };

	chosen.grid = grid_of_range(task, range);
	chosen.scale = stored_scale(chosen.grid.scale);
	return chosen;
}

const char *calibration_refuses(const struct calibration *calibration,
				const struct calibration_task *task)
{
	const struct slice *slice = task->slice;

	return calibration->values_a_code
		       ? count_refuses(calibration, task->bits, slice_nonzero(slice), slice->count)
		       : NULL;
}

static bool is_of(const struct memo_range *one, const struct calibration *calibration,
		  const struct calibration_task *task)
{
	return one->calibration == calibration && one->scheme == task->scheme &&
	       (calibration->of_values_alone ||
		(one->scale == task->scale && one->bits == task->bits)) &&
	       one->parameter == task->parameter && one->parameter_high == task->parameter_high;
}

struct range calibration_choose(const struct calibration *calibration,
				const struct calibration_task *task)
{
	struct memo *memo = calibration->of_rounding ? NULL : task->slice->memo;

	for (int i = 0; memo && i < memo->count; i++) {
		const struct memo_range *one = &memo->range[i];

		if (!is_of(one, calibration, task))
			continue;
		if (task->least_squares)
			*task->least_squares = one->least_squares;
		return (struct range){ one->low, one->high };
	}
	const struct range range = calibration->choose(task);
	if (memo && memo->count < MEMO_RANGES)
		memo->range[memo->count++] = (struct memo_range){
			calibration, task->scheme, task->scale, task->bits, task->parameter,
			task->parameter_high, range.low, range.high,
			task->least_squares ? *task->least_squares : (double)NAN,
		};
	return range;
}

struct chosen rule_choose(const struct rule *rule, enum qs_round round, const struct slice *slice)
{
	const struct calibration *calibration = calibration_of(rule->calibration);
	struct calibration_task task = rule_task(rule, round);
	struct chosen chosen = { .reason = scheme_refuses(task.scheme, slice->least) };
	double least_squares = (double)NAN;

	task.slice = slice;
	task.least_squares = &least_squares;
	if (!chosen.reason)
		chosen.reason = calibration_refuses(calibration, &task);
	if (chosen.reason)
		return chosen;
	chosen = chosen_of_range(&task, calibration_choose(calibration, &task));
	chosen.least_squares = least_squares;
	if (calibration->warn)
		chosen.warning = calibration->warn(&task);
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
