/* SPDX-License-Identifier: MIT
 *
 * A room for slices and a calibration in one line, for tests.
 */
#ifndef QS_SLICES_H
#define QS_SLICES_H

#include "../harness/calibrate/calibrate.h"
#include "golden.h"

enum { LONGEST = GOLDEN_VALUES };
#define ROOM_FOR LONGEST
#include "slice_room.h"

static float values[LONGEST];

static inline const struct calibration *calibration_named(const char *name)
{
	const struct value *value = value_find(calibration_values, name);

	assert_non_null(value);
	return calibration_of(value);
}

/* The standard second number of a pair: tests take [-1, 1]. */
static inline double high_of(const struct calibration *calibration)
{
	return calibration->value.pair ? 1 : 0;
}

/* An observer has all values in one batch. */
static inline struct range choose(const struct calibration *calibration,
				  const struct scheme *scheme, const struct scale_rule *scale,
				  int bits, double parameter, const float *x, int64_t count)
{
	const struct slice slice = slice_of(&room, x, count);
	const struct calibration_task task = { .slice = &slice, .scheme = scheme, .scale = scale,
					       .bits = bits, .parameter = parameter,
					       .parameter_high = high_of(calibration) };
	const struct rule rule = { .calibration = &calibration->value, .scheme = &scheme->value,
				   .scale = &scale->value, .bits = bits,
				   .calibration_parameter = parameter,
				   .calibration_parameter_high = task.parameter_high };
	struct chosen chosen;
	struct error error;

	if (!calibration->observer)
		return calibration->choose(&task);
	if (slice_choose(&chosen, &rule, QS_HALF_EVEN, &slice, &env, &error))
		fail_msg("%s", error.text);
	return chosen.range;
}

static inline void assert_range(struct range range, double low, double high)
{
	if (range.low != low || range.high != high)
		fail_msg("[%.17g, %.17g] instead of [%.17g, %.17g]", range.low, range.high, low,
			 high);
}

#endif
