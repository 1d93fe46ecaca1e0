/* SPDX-License-Identifier: MIT */
#include "operand.h"

#include "../fixed_math.h"
#include "chosen_ranges.h"
#include "error_pass.h"

#include <math.h>

#define NO_CHOICE SIZE_MAX

struct work {
	const struct env *env;
	int threads;
	const struct tensor *tensor;
	const struct slicing *slicing;
	struct operand_case *cases;
	size_t count;
	struct chosen_ranges choices;
	size_t *choice_of;      /* [count]; NO_CHOICE: a float rule                      */
	struct pass_grid *grids;         /* [choices][room of a stretch]                 */
	struct stretch stretch;          /* slices with ranges, and not yet with errors  */
	struct error_pass pass;
	struct slice_room room;
	int64_t slices, slices_done, stretch_room;
};

static bool is_per_sample(const struct rule *rule)
{
	return rule->range && ((const struct range_rule *)rule->range)->per_sample;
}

struct slicing slicing_of(const struct rule *rule)
{
	const struct granularity_rule *granularity =
		(const struct granularity_rule *)rule->granularity.value;
	struct slicing slicing = { .kind = PER_TENSOR, .axis = -1 };

	if (rule_is_float(rule))
		return slicing;
	slicing.kind = granularity->kind;
	if (slicing.kind == PER_CHANNEL)
		slicing.axis = rule->granularity.axis;
	slicing.per_sample = slicing.axis >= 0 && is_per_sample(rule);
	if (slicing.kind == PER_GROUP)
		slicing.group = rule->granularity.group;
	if (slicing.kind == PER_TENSOR && is_per_sample(rule))
		slicing.kind = PER_CHANNEL;
	return slicing;
}

bool slicing_equal(const struct slicing *a, const struct slicing *b)
{
	return a->kind == b->kind && a->axis == b->axis && a->group == b->group &&
	       a->per_sample == b->per_sample;
}

static void find_choices(struct work *work)
{
	for (size_t i = 0; i < work->count; i++) {
		const struct operand_case *one = &work->cases[i];
		const struct choice_terms terms = { one->rule, one->round, one->batch };

		work->choice_of[i] = rule_is_float(one->rule)
					     ? NO_CHOICE
					     : chosen_ranges_add(&work->choices, &terms);
	}
}

/* The errors of the stretch at hand. */
static int end_stretch(struct work *work, struct error *error)
{
	struct stretch *stretch = &work->stretch;

	for (size_t i = 0; i < work->count; i++) {
		struct pass_case *pass = &work->pass.cases[i];
		const struct chosen_range *choice;

		if (work->choice_of[i] == NO_CHOICE)
			continue;
		choice = &work->choices.list[work->choice_of[i]];
		pass->left_out = choice->reason;
		pass->grids = work->grids + (int64_t)work->choice_of[i] * work->stretch_room;
		for (int64_t s = 0; work->cases[i].grids && s < stretch->slices; s++)
			work->cases[i].grids[work->slices_done + s] = (struct slice_grid){
				pass->grids[s].scale, pass->grids[s].grid.zero
			};
	}
	if (error_pass_add(&work->pass, stretch, error))
		return -1;
	work->slices_done += stretch->slices;
	stretch->slices = 0;
	return 0;
}

static int measure_slice(struct work *work, const float *values, int64_t length,
			 struct error *error)
{
	struct stretch *stretch = &work->stretch;
	const int64_t at = stretch->slices, before = at ? stretch->end[at - 1] : 0;

	if (!at)
		stretch->values = values;
	if (work->choices.count) {
		const struct slice slice = slice_of(&work->room, values, length);

		if (chosen_ranges_choose(&work->choices, &slice, error))
			return -1;
		for (size_t i = 0; i < work->choices.count; i++) {
			const struct chosen_range *choice = &work->choices.list[i];

			work->grids[(int64_t)i * work->stretch_room + at] =
				(struct pass_grid){ choice->grid, choice->scale };
		}
	}
	stretch->end[stretch->slices++] = before + length;
	if (before + length < STRETCH_VALUES && stretch->slices < work->stretch_room)
		return 0;
	return end_stretch(work, error);
}

static int64_t slice_length(const struct tensor *tensor, const struct slicing *slicing)
{
	if (slicing->kind == PER_TENSOR)
		return tensor->rows * tensor->columns;
	if (slicing->kind == PER_GROUP && slicing->group < tensor->columns)
		return slicing->group;
	return tensor->columns;
}

static int64_t slice_count(const struct tensor *tensor, const struct slicing *slicing)
{
	const int64_t length = slice_length(tensor, slicing);

	return slicing->kind == PER_TENSOR ? 1 :
	       tensor->rows * ((tensor->columns + length - 1) / length);
}

static int measure_slices(struct work *work, struct error *error)
{
	const struct tensor *tensor = work->tensor;
	const int64_t longest = slice_length(tensor, work->slicing);
	const int64_t row = work->slicing->kind == PER_TENSOR ? longest : tensor->columns;
	const int64_t all = tensor->rows * tensor->columns;

	for (int64_t start = 0; start < all;) {
		const int64_t left = row - start % row;
		const int64_t length = left < longest ? left : longest;

		if (measure_slice(work, tensor->values + start, length, error))
			return -1;
		start += length;
	}
	return end_stretch(work, error);
}

/* Packed codes and what is stored beside them; a row of the tensor as it is laid out in a file. */
static double bytes_of(const struct work *work, const struct tensor *tensor,
		       const struct rule *rule)
{
	const int64_t row = format_of(rule->format)->row_bytes(tensor->columns, rule->bits);
	const double codes = (double)tensor->rows * (double)row;

	if (rule_is_float(rule))
		return codes;
	const struct scheme *scheme = (const struct scheme *)rule->scheme;
	const struct scale_rule *scale = (const struct scale_rule *)rule->scale;
	const double zero = scheme->stores_zero ? (rule->bits + 7) / 8 : 0;
	return codes + (double)work->slices * (scale->bytes + zero);
}

/* How far the squared errors are from the least that any range could give, dB. */
static double bound_db(double squared, double least)
{
	if (!(squared > 0) && least <= 0)
		return 0;
	if (!(squared > 0) || !(least > 0))
		return (double)NAN;
	return 10 * fixed_log10(fmax(squared / least, 1));
}

/* The sums of case i become numbers; *tensor as it was given, before any copy by axis. */
static void finish(struct work *work, size_t i, const struct tensor *tensor, const char *name)
{
	struct operand_case *one = &work->cases[i];
	const struct tally *tally = &work->pass.cases[i].tally;
	const bool is_float = work->choice_of[i] == NO_CHOICE;
	const struct chosen_range *choice =
		is_float ? NULL : &work->choices.list[work->choice_of[i]];

	one->outcome = OUTCOME_DONE;
	if (choice && choice->reason) {
		one->outcome = OUTCOME_SKIPPED;
		snprintf(one->reason, sizeof one->reason, "%s", choice->reason);
		return;
	}
	if (!error_sums_numbers(&work->pass.cases[i].sums, !is_float, name, &one->numbers)) {
		one->outcome = OUTCOME_FAILED;
		snprintf(one->reason, sizeof one->reason, "a value of '%s' comes back infinite: "
			 "its codes reach past the end of float32; scale the tensor down", name);
		return;
	}
	error_shape_numbers(&work->pass.cases[i].shape, work->pass.bins, &one->numbers);
	one->numbers.saturated_fraction = (double)tally->saturated / (double)one->numbers.elements;
	one->numbers.zero_fraction =
		tally->nonzero ? (double)tally->lost_zero / (double)tally->nonzero : 0;
	one->numbers.bytes = bytes_of(work, tensor, one->rule);
	if (!choice)
		return;
	if (choice->warning)
		snprintf(one->warning, sizeof one->warning, "%s", choice->warning);
	one->low = choice->grid.low;
	one->high = choice->grid.high;
	if (work->slicing->kind == PER_TENSOR) {
		one->numbers.range_low = choice->range.low;
		one->numbers.range_high = choice->range.high;
		one->numbers.scale = (double)choice->scale;
		one->numbers.zero_point = choice->grid.zero;
	}
	one->numbers.calibration_bound_db =
		bound_db(error_sums_squared(&work->pass.cases[i].sums), choice->least_squares);
}

static void share_visits(struct work *work, double seconds)
{
	uint64_t rest = work->room.visits;

	for (size_t i = 0; i < work->choices.count; i++)
		rest -= work->choices.list[i].visits;
	for (size_t i = 0; i < work->count; i++) {
		struct operand_case *one = &work->cases[i];

		one->visits = rest;
		rest = 0;
		if (work->choice_of[i] != NO_CHOICE) {
			one->visits += work->choices.list[work->choice_of[i]].visits;
			work->choices.list[work->choice_of[i]].visits = 0;
		}
		one->seconds = seconds / (double)work->count;
	}
}

static int work_new(struct work *work, struct error *error)
{
	const struct env *env = work->env;

	work->slices = slice_count(work->tensor, work->slicing);
	work->stretch_room = work->slices < STRETCH_SLICES ? work->slices : STRETCH_SLICES;
	work->choices = (struct chosen_ranges){
		.env = env, .columns = work->tensor->columns,
		.list = env_new(env, work->count, sizeof *work->choices.list, "ranges", error),
	};
	work->choice_of = env_new(env, work->count, sizeof *work->choice_of, "ranges", error);
	if (error_pass_new(&work->pass, env, work->threads, work->count, work->tensor->values,
			   work->tensor->rows * work->tensor->columns, error) ||
	    !work->choices.list || !work->choice_of)
		return -1;
	for (size_t i = 0; i < work->count; i++) {
		struct operand_case *one = &work->cases[i];

		one->grids = NULL;
		if (!one->keep || rule_is_float(one->rule))
			continue;
		one->grids = env_new(env, (size_t)work->slices, sizeof *one->grids, "scales",
				     error);
		if (!one->grids)
			return -1;
	}
	find_choices(work);
	for (size_t i = 0; i < work->count; i++) {
		work->pass.cases[i].format = format_of(work->cases[i].rule->format);
		work->pass.cases[i].round = work->cases[i].round;
	}
	if (!work->choices.count)
		return 0;
	work->grids = env_new(env, work->choices.count * (size_t)work->stretch_room,
			      sizeof *work->grids, "scales", error);
	if (!work->grids)
		return -1;
	return slice_room_new(&work->room, env, slice_length(work->tensor, work->slicing), error);
}

static void work_free(struct work *work)
{
	env_free(work->env, work->choices.list);
	env_free(work->env, work->choice_of);
	env_free(work->env, work->grids);
	error_pass_free(&work->pass);
	slice_room_free(&work->room);
}

static int measure(struct work *work, const struct tensor *tensor, const char *name,
		   struct error *error)
{
	const struct env *env = work->env;
	const uint64_t start = env->now_ns(env);
	const int failed = work_new(work, error) || measure_slices(work, error) ? -1 : 0;

	if (!failed) {
		for (size_t i = 0; i < work->count; i++)
			finish(work, i, tensor, name);
		share_visits(work, (double)(env->now_ns(env) - start) * 1e-9);
	}
	for (size_t i = 0; failed && i < work->count; i++) {
		env_free(env, work->cases[i].grids);
		work->cases[i].grids = NULL;
	}
	work_free(work);
	return failed;
}

static int skip_all(struct operand_case *cases, size_t count, const char *reason)
{
	for (size_t i = 0; i < count; i++) {
		cases[i].outcome = OUTCOME_SKIPPED;
		snprintf(cases[i].reason, REASON_SIZE, "%.*s", REASON_SIZE - 1, reason);
	}
	return 0;
}

int operand_measure(const struct tensor *tensor, const struct slicing *slicing, const char *name,
		    struct operand_case *cases, size_t count, struct error *error)
{
	return operand_measure_on(1, tensor, slicing, name, cases, count, error);
}

int operand_measure_on(int threads, const struct tensor *tensor, const struct slicing *slicing,
		       const char *name, struct operand_case *cases, size_t count,
		       struct error *error)
{
	struct work work = { .env = tensor->env, .threads = threads, .tensor = tensor,
			     .slicing = slicing, .cases = cases, .count = count };
	struct tensor by_axis;
	int failed;

	if (slicing->kind != PER_CHANNEL || slicing->axis < 0 || slicing->axis == tensor->axis)
		return measure(&work, tensor, name, error);
	if (slicing->per_sample)
		return skip_all(cases, count, "a dynamic range is taken per sample, axis 0; it "
					      "cannot be shared along another axis");
	if (tensor_by_axis(&by_axis, tensor, slicing->axis, error))
		return error->status == STATUS_MACHINE ? -1 : skip_all(cases, count, error->text);
	work.tensor = &by_axis;
	failed = measure(&work, tensor, name, error);
	tensor_free(&by_axis);
	return failed;
}
