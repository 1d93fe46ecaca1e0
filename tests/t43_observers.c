/* SPDX-License-Identifier: MIT
 *
 * Calibrations that take values batch after batch: how slices, rows and groups are parted, what they
 * are told, what refuses, lack of memory; what parts two choices.
 */
#include "support.h"

#include "../harness/calibrate/observe.h"
#include "rules.h"

#include <math.h>

enum { BATCHES = 64, LONGEST = GOLDEN_VALUES };

#define ROOM_FOR LONGEST
#include "slice_room.h"

static float values[LONGEST];

/* What the observer of the tests saw: all batches since it was cleared. */
static struct {
	int batches, chosen, released;
	int64_t size[BATCHES];
	float first[BATCHES];
	struct calibration_task task;
} seen;

struct noting {                 /* its range is the last batch's first value, [-v, v]    */
	char *kept;
	float last;
};

static int note(void *self, const struct calibration_task *task, const struct env *from,
		const float *x, int64_t count, struct error *error)
{
	struct noting *state = self;

	if (!state->kept)
		assert_true(state->last == 0);  /* it starts as zero bytes */
	env_free(from, state->kept);
	state->kept = env_new(from, (size_t)count, 1, "a note", error);
	if (!state->kept)
		return -1;
	assert_null(task->slice);
	assert_true(seen.batches < BATCHES);
	seen.size[seen.batches] = count;
	seen.first[seen.batches++] = *x;
	seen.task = *task;
	state->last = *x;
	return 0;
}

static struct range last_first(void *self, const struct calibration_task *task)
{
	const struct noting *state = self;

	seen.chosen++;
	assert_null(task->slice);
	return symmetric_range(task->scheme, fabs((double)state->last));
}

static void release(void *self, const struct env *from)
{
	struct noting *state = self;

	seen.released++;
	env_free(from, state->kept);
}

static const struct observer noter = {
	.bytes = sizeof(struct noting), .observe = note, .choose = last_first, .release = release,
};

static const struct calibration noting_rule = {
	.value = { .name = "noting", .parameter = "[LOW, HIGH]", .pair = true,
		   .needs_parameter = true },
	.observer = &noter,
};

static const struct calibration few_refuse = {
	.value = { .name = "few" }, .values_a_code = 2, .observer = &noter,
};

static struct rule noting(const char *scheme, const char *granularity)
{
	struct rule rule = rule_of(4, scheme, granularity, "minmax");

	rule.calibration = &noting_rule.value;
	rule.calibration_parameter = 3;
	rule.calibration_parameter_high = 5;
	memset(&seen, 0, sizeof seen);
	return rule;
}

static void assert_batches(int batches, const int64_t *sizes)
{
	assert_int_equal(seen.batches, batches);
	for (int i = 0; i < batches; i++)
		if (seen.size[i] != sizes[i])
			fail_msg("batch %d has %lld values, not %lld", i, (long long)seen.size[i],
				 (long long)sizes[i]);
}

static struct chosen chosen_of(const struct rule *rule, int64_t count, int64_t batch)
{
	struct slice slice = slice_of(&room, values, count);
	const uint64_t before = room.visits;
	struct chosen chosen;
	struct error error;

	slice.batch = batch;
	assert_int_equal(slice_choose(&chosen, rule, QS_HALF_AWAY, &slice, &env, &error), 0);
	assert_int_equal(room.visits - before, count);
	return chosen;
}

static void a_slice_in_batches(void **state)
{
	struct rule rule = noting("symmetric", "tensor");

	(void)state;
	for (int i = 0; i < 10; i++)
		values[i] = (float)(10 - i) * (i % 2 ? -1 : 1);
	struct chosen chosen = chosen_of(&rule, 10, 4);

	/* as they came: 10 -9 8 -7 | 6 .. | 2 -1 */
	assert_batches(3, (int64_t[]){ 4, 4, 2 });
	assert_true(seen.first[0] == 10 && seen.first[1] == 6 && seen.first[2] == 2);
	assert_true(chosen.range.low == -2 && chosen.range.high == 2);
	assert_true(chosen.scale == (float)(2.0 / 7));
	assert_true(isnan(chosen.least_squares));
	assert_null(chosen.reason);
	assert_null(chosen.warning);
	assert_int_equal(seen.chosen, 1);
	assert_int_equal(seen.released, 1);
	assert_int_equal(seen.task.round, QS_HALF_AWAY);
	assert_int_equal(seen.task.bits, 4);
	assert_true(seen.task.parameter == 3 && seen.task.parameter_high == 5);
	assert_null(seen.task.least_squares);
	rule = noting("symmetric", "tensor");
	chosen = chosen_of(&rule, 10, 10);
	assert_batches(1, (int64_t[]){ 10 });
	assert_true(chosen.range.high == 10);
	rule = noting("symmetric", "tensor");
	chosen_of(&rule, 10, INT64_C(1) << 51);
	assert_batches(1, (int64_t[]){ 10 });
	rule = noting("symmetric", "tensor");
	chosen_of(&rule, 6, 1);
	assert_batches(6, (int64_t[]){ 1, 1, 1, 1, 1, 1 });
	/* what slice_of makes is one batch */
	assert_int_equal(slice_of(&room, values, 7).batch, 7);
	assert_ptr_equal(slice_of(&room, values, 7).values, values);
}

static void what_refuses(void **state)
{
	struct rule rule = noting("symmetric_unsigned", "tensor");
	struct chosen chosen;

	(void)state;
	memset(values, 0, 40 * sizeof *values);
	values[0] = 5;
	values[39] = -1;
	chosen = chosen_of(&rule, 40, 8);
	assert_string_equal(chosen.reason, "the observed minimum is below 0");
	assert_int_equal(seen.chosen, 0);
	assert_int_equal(seen.released, 1);
	chosen = chosen_of(&rule, 39, 8);
	assert_null(chosen.reason);
	/* 2 * 2^4 values other than 0 in all batches, or of zeros alone that many */
	rule = noting("symmetric", "tensor");
	rule.calibration = &few_refuse.value;
	for (int i = 0; i < 40; i++)
		values[i] = i < 8 ? 0 : (float)i - 20.5F;
	assert_null(chosen_of(&rule, 40, 8).reason);
	assert_string_equal(chosen_of(&rule, 39, 8).reason, "too few values");
	memset(values, 0, 40 * sizeof *values);
	assert_null(chosen_of(&rule, 32, 5).reason);
	assert_string_equal(chosen_of(&rule, 31, 5).reason, "too few values");
}

/* As a network feeds it: batch after batch, none of them kept; an empty one is none. */
static void a_stream(void **state)
{
	const struct rule rule = noting("asymmetric", "tensor");
	struct observing observing;
	struct error error;

	(void)state;
	values[0] = 4;
	values[1] = -3;
	assert_int_equal(observing_new(&observing, &rule, QS_HALF_EVEN, &env, &error), 0);
	assert_int_equal(observing_add(&observing, values, 0, &error), 0);
	assert_int_equal(observing_add(&observing, values, 2, &error), 0);
	assert_int_equal(observing_add(&observing, values + 1, 1, &error), 0);
	assert_batches(2, (int64_t[]){ 2, 1 });
	assert_true(observing.least == -3);
	assert_int_equal(observing.count, 3);
	assert_int_equal(observing.nonzero, 3);
	assert_true(observing_choose(&observing).range.high == 3);
	observing_free(&observing);
	assert_int_equal(seen.released, 1);
}

/* Each allocation fails once: an error, nothing leaked. */
static void without_memory(void **state)
{
	const struct rule rule = noting("symmetric", "tensor");
	const struct slice whole = slice_of(&room, values, 10);
	struct slice slice = whole;
	struct chosen chosen;
	long fail_at = 0;
	int failed = -1;

	(void)state;
	slice.batch = 4;
	for (; failed; fail_at++) {
		struct failing failing = { .fail_at = fail_at };
		const struct env poor = env_failing(&failing);
		struct error error = { 0 };

		failed = slice_choose(&chosen, &rule, QS_HALF_EVEN, &slice, &poor, &error);
		if (failed)
			assert_int_equal(error.status, STATUS_MACHINE);
		assert_true(fail_at < 10);
	}
	/* the state and three notes */
	assert_int_equal(fail_at, 5);
}

static void measured(const struct rule *rule, int64_t batch, int64_t rows, int64_t columns)
{
	const struct tensor tensor = tensor_of(&env, values, rows, columns);
	const struct slicing slicing = slicing_of(rule);
	struct operand_case one = { .rule = rule, .batch = batch };
	struct error error;

	assert_int_equal(operand_measure(&tensor, &slicing, "tensor", &one, 1, &error), 0);
	assert_int_equal(one.outcome, OUTCOME_DONE);
}

/* 7 rows of 6: samples of activations, channels of weights. */
static void rows_and_groups(void **state)
{
	struct rule rule = noting("symmetric", "tensor");

	(void)state;
	golden_wave(values, 42, 3, "cubic");
	measured(&rule, 3, 7, 6);
	assert_batches(3, (int64_t[]){ 18, 18, 6 });
	rule = noting("symmetric", "tensor");
	measured(&rule, 7, 7, 6);
	assert_batches(1, (int64_t[]){ 42 });
	rule = noting("symmetric", "tensor");
	measured(&rule, CALIBRATION_BATCH_MOST, 7, 6);
	assert_batches(1, (int64_t[]){ 42 });
	rule = noting("symmetric", "tensor");
	measured(&rule, 0, 7, 6);
	assert_batches(1, (int64_t[]){ 42 });
	rule = noting("symmetric", "channel");
	measured(&rule, 0, 7, 6);
	assert_batches(7, (int64_t[]){ 6, 6, 6, 6, 6, 6, 6 });
	rule = noting("symmetric", "channel1");
	measured(&rule, 0, 7, 6);
	assert_batches(6, (int64_t[]){ 7, 7, 7, 7, 7, 7 });
	rule = noting("symmetric", "group4");
	measured(&rule, 0, 2, 6);
	assert_batches(4, (int64_t[]){ 4, 2, 4, 2 });
	rule = noting("symmetric", "tensor");
	rule.range = find(range_values, "dynamic");
	measured(&rule, 0, 3, 6);
	assert_batches(3, (int64_t[]){ 6, 6, 6 });
}

/* Each allocation of a tensor's measurement fails once. */
static void a_tensor_without_memory(void **state)
{
	const struct rule rule = noting("symmetric", "tensor");
	const struct slicing slicing = slicing_of(&rule);
	int failed = -1;

	(void)state;
	for (long fail_at = 0; failed; fail_at++) {
		struct failing failing = { .fail_at = fail_at };
		const struct env poor = env_failing(&failing);
		struct tensor tensor = tensor_of(&poor, values, 5, 8);
		struct operand_case one = { .rule = &rule, .batch = 2, .keep = true };
		struct error error = { 0 };

		memset(&seen, 0, sizeof seen);
		failed = operand_measure(&tensor, &slicing, "tensor", &one, 1, &error);
		if (failed) {
			assert_int_equal(error.status, STATUS_MACHINE);
			assert_null(one.grids);
		} else {
			env_free(&poor, one.grids);
		}
		assert_true(fail_at < 100);
	}
	assert_batches(3, (int64_t[]){ 16, 16, 8 });
}

/* Batches part what has an observer, roundings what looks at them, and nothing else. */
static void choices(void **state)
{
	static const struct calibration rounded = { .value = { .name = "rounded" },
						    .of_rounding = true };
	struct rule plain = rule_of(4, "symmetric", "tensor", "minmax"), other = plain;
	struct rule in_order = noting("symmetric", "tensor"), of_rounding = plain;

	(void)state;
	of_rounding.calibration = &rounded.value;
#define SAME(a, round_a, batch_a, b, round_b, batch_b)                                             \
	same_choice(&(struct choice_terms){ &(a), round_a, batch_a },                              \
		    &(struct choice_terms){ &(b), round_b, batch_b })
	assert_true(SAME(plain, QS_HALF_EVEN, 1, plain, QS_HALF_AWAY, 2));
	assert_true(SAME(in_order, QS_HALF_EVEN, 2, in_order, QS_HALF_AWAY, 2));
	assert_false(SAME(in_order, QS_HALF_EVEN, 1, in_order, QS_HALF_EVEN, 2));
	assert_true(SAME(of_rounding, QS_HALF_EVEN, 1, of_rounding, QS_HALF_EVEN, 2));
	assert_false(SAME(of_rounding, QS_HALF_EVEN, 0, of_rounding, QS_HALF_AWAY, 0));
	other.granularity.value = find(granularity_values, "channel");
	assert_true(SAME(plain, QS_HALF_EVEN, 0, other, QS_HALF_EVEN, 0));
	other = plain;
	other.calibration_parameter_high = 1;
	assert_false(SAME(plain, QS_HALF_EVEN, 0, other, QS_HALF_EVEN, 0));
	assert_false(rule_equal(&plain, &other));
	other = plain;
	other.bits = 5;
	assert_false(SAME(plain, QS_HALF_EVEN, 0, other, QS_HALF_EVEN, 0));
	/* cases: a batch is part of them */
	struct operand_case cases[3];
	size_t count = 0;

	assert_int_equal(operand_case_find(cases, &count, &(struct operand_case){ .rule = &in_order, .batch = 1 }), 0);
	assert_int_equal(operand_case_find(cases, &count, &(struct operand_case){ .rule = &in_order, .batch = 2 }), 1);
	assert_int_equal(operand_case_find(cases, &count, &(struct operand_case){ .rule = &in_order, .batch = 1 }), 0);
	assert_int_equal(count, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slice_in_batches),
		cmocka_unit_test(what_refuses),
		cmocka_unit_test(a_stream),
		cmocka_unit_test(without_memory),
		cmocka_unit_test(rows_and_groups),
		cmocka_unit_test(a_tensor_without_memory),
		cmocka_unit_test(choices),
	};

	return cmocka_run_group_tests(tests, setup_room, free_room);
}
