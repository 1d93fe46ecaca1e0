/* SPDX-License-Identifier: MIT
 *
 * What an observer sees once serves all rules that observed_alike names, in any order, with the
 * bits that an observation of their own gives.
 */
#include "support.h"

#include "../harness/calibrate/observe.h"
#include "../harness/measure/chosen_ranges.h"
#include "golden.h"

enum { COUNT = 3000, RULES_MOST = 128 };
#define ROOM_FOR COUNT
#include "slice_room.h"

static const int widths[] = { 8, 2, 5 };

/* Every scheme and width of one calibration. */
static size_t fill_rules(struct rule *rules, const struct value *calibration)
{
	size_t count = 0;

	for (size_t w = 0; w < sizeof widths / sizeof *widths; w++)
		for (const struct value *const *s = scheme_values; *s; s++) {
			assert_true(count < RULES_MOST);
			rules[count++] = (struct rule){
				.format = value_find(format_values, "int"), .bits = widths[w],
				.scheme = *s, .scale = value_find(scale_values, "real"),
				.calibration = calibration,
				.calibration_parameter = calibration->standard,
			};
		}
	return count;
}

static void assert_served(const struct observing *observing, const struct rule *rule,
			  const struct slice *slice)
{
	const struct chosen served = observing_choose_as(observing, rule, QS_HALF_EVEN);
	struct chosen own;
	struct error error;

	assert_int_equal(slice_choose(&own, rule, QS_HALF_EVEN, slice, &env, &error), 0);
	assert_true(!served.reason == !own.reason);
	if (own.reason)
		return;
	if (served.range.low != own.range.low || served.range.high != own.range.high ||
	    served.scale != own.scale || served.grid.zero != own.grid.zero)
		fail_msg("%s %s, %d bits: [%.9g, %.9g] instead of [%.9g, %.9g]",
			 rule->calibration->name, rule->scheme->name, rule->bits, served.range.low,
			 served.range.high, own.range.low, own.range.high);
}

/* How many rules the first one's observation serves; they are asked twice, in two orders. */
static size_t check_first(const struct rule *rules, size_t count, const struct slice *slice)
{
	struct observing observing;
	struct error error;
	size_t served = 0;

	assert_int_equal(observing_new(&observing, rules, QS_HALF_EVEN, &env, &error), 0);
	assert_int_equal(observing_add_slice(&observing, slice, &error), 0);
	for (size_t i = 0; i < 2 * count; i++) {
		const struct rule *rule = &rules[i < count ? i : 2 * count - 1 - i];

		if (observed_alike(rules, rule)) {
			assert_served(&observing, rule, slice);
			served++;
		}
	}
	observing_free(&observing);
	return served / 2;
}

static void served(void **state)
{
	static const char *const shapes[] = { "heavy", "positive", "shifted" };
	static float values[COUNT];
	struct rule rules[RULES_MOST];

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		golden_wave(values, COUNT, i, shapes[i]);
		struct slice slice = slice_of(&room, values, COUNT);

		slice.batch = 1000;
		for (const struct value *const *c = calibration_values; *c; c++) {
			const struct observer *observer = calibration_of(*c)->observer;

			if (!observer)
				continue;
			const size_t count = fill_rules(rules, *c);
			const size_t found = check_first(rules, count, &slice);

			/* the widths, the schemes, or both */
			assert_int_equal(found, (observer->of_scheme ? 1 : count / 3) *
							(observer->of_bits ? 1 : 3));
		}
	}
}

static void assert_chosen(const struct chosen_range *range, const struct rule *rule,
			  const struct slice *slice)
{
	struct chosen own;
	struct error error;

	assert_int_equal(slice_choose(&own, rule, QS_HALF_EVEN, slice, &env, &error), 0);
	assert_true(!own.reason == !range->reason);
	assert_true(own.reason || (range->scale == own.scale && range->grid.zero == own.grid.zero &&
				   range->range.high == own.range.high));
}

/* Choices that share what they observe, and others between them, are what each gives alone; the
 * slice is read no more often than there are things to observe. */
static void ranges_together(void **state)
{
	static const char *const names[] = { "minmax_as_in_pytorch", "sigma",
					     "percentile_as_in_onnxruntime",
					     "least_error_as_in_vitis" };
	static float values[COUNT];
	struct rule rules[4 * RULES_MOST];
	struct chosen_range list[4 * RULES_MOST];
	struct chosen_ranges ranges = { .env = &env, .columns = COUNT, .list = list };
	struct error error;
	size_t count = 0, each = 0;

	(void)state;
	golden_wave(values, COUNT, 9, "heavy");
	for (size_t i = 0; i < 4; i++, count += each)
		each = fill_rules(rules + count, value_find(calibration_values, names[i]));
	for (size_t i = 0; i < 2 * count; i++) {
		const struct choice_terms terms = { &rules[i * 7 % count], QS_HALF_EVEN, 0 };

		chosen_ranges_add(&ranges, &terms);
	}
	assert_int_equal(ranges.count, count);
	const struct slice slice = slice_of(&room, values, COUNT);
	const uint64_t before = room.visits;

	assert_int_equal(chosen_ranges_choose(&ranges, &slice, &error), 0);
	/* once for min-max, for each scheme, for each scheme and width; sigma looks at few */
	assert_int_equal((room.visits - before) / COUNT, 1 + each / 3 + each);
	for (size_t i = 0; i < count; i++)
		assert_chosen(&list[i], list[i].terms.rule, &slice);
}

/* Two parameters see two things. */
static void parameters_part(void **state)
{
	struct rule rules[RULES_MOST];

	(void)state;
	fill_rules(rules, value_find(calibration_values, "moving_average_as_in_pytorch"));
	assert_true(observed_alike(&rules[0], &rules[1]));
	rules[1].calibration_parameter /= 2;
	assert_false(observed_alike(&rules[0], &rules[1]));
	rules[1] = rules[0];
	rules[1].calibration = value_find(calibration_values, "minmax_as_in_pytorch");
	assert_false(observed_alike(&rules[0], &rules[1]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(served), cmocka_unit_test(ranges_together),
		cmocka_unit_test(parameters_part),
	};

	return cmocka_run_group_tests(tests, setup_room, free_room);
}
