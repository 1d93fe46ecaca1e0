/* SPDX-License-Identifier: MIT */
#include "observe.h"

#include "choose.h"

#include <math.h>

static const struct observer *observer_of(const struct observing *observing)
{
	return calibration_of(observing->rule->calibration)->observer;
}

int observing_new(struct observing *observing, const struct rule *rule, enum qs_round round,
		  const struct env *env, struct error *error)
{
	*observing = (struct observing){ .rule = rule, .env = env,
					 .task = rule_task(rule, round) };
	observing->state = env_new(env, observer_of(observing)->bytes, 1, "a calibration", error);
	return observing->state ? 0 : -1;
}

int observing_add(struct observing *observing, const float *values, int64_t count,
		  struct error *error)
{
	if (!count)
		return 0;
	if (!observing->count)
		observing->least = *values;
	for (int64_t i = 0; i < count; i++) {
		observing->nonzero += values[i] < 0 || values[i] > 0;
		observing->least = values[i] < observing->least ? values[i] : observing->least;
	}
	observing->count += count;
	return observer_of(observing)->observe(observing->state, &observing->task, observing->env,
					       values, count, error);
}

/* A slice knows what observing_add counts. */
int observing_add_slice(struct observing *observing, const struct slice *slice,
			struct error *error)
{
	const uint64_t visits = *slice->visits + (uint64_t)slice->count;
	int failed = 0;

	for (int64_t first = 0; !failed && first < slice->count; first += slice->batch) {
		const int64_t left = slice->count - first;

		failed = observer_of(observing)->observe(
			observing->state, &observing->task, observing->env, slice->values + first,
			left < slice->batch ? left : slice->batch, error);
	}
	observing->count = slice->count;
	observing->nonzero = slice_nonzero(slice);
	observing->least = slice->least;
	*slice->visits = visits;
	return failed;
}

struct chosen observing_choose(const struct observing *observing)
{
	const struct calibration_task *task = &observing->task;
	const char *reason = scheme_refuses(task->scheme, observing->least);

	if (!reason)
		reason = count_refuses(calibration_of(observing->rule->calibration), task->bits,
				       observing->nonzero, observing->count);
	if (reason)
		return (struct chosen){ .reason = reason };
	const struct observer *observer = observer_of(observing);
	struct chosen chosen =
		chosen_of_range(task, observer->choose(observing->state, task));

	if (observer->warn)
		chosen.warning = observer->warn(observing->state, task);
	return chosen;
}

bool observed_alike(const struct rule *a, const struct rule *b)
{
	const struct observer *observer = calibration_of(a->calibration)->observer;

	return a->calibration == b->calibration &&
	       a->calibration_parameter == b->calibration_parameter &&
	       a->calibration_parameter_high == b->calibration_parameter_high &&
	       (a->scheme == b->scheme || !observer->of_scheme) &&
	       (a->bits == b->bits || !observer->of_bits);
}

struct chosen observing_choose_as(const struct observing *observing, const struct rule *rule,
				  enum qs_round round)
{
	struct observing other = *observing;

	other.rule = rule;
	other.task = rule_task(rule, round);
	return observing_choose(&other);
}

void observing_free(struct observing *observing)
{
	const struct observer *observer = observing->state ? observer_of(observing) : NULL;

	if (observer && observer->release)
		observer->release(observing->state, observing->env);
	env_free(observing->env, observing->state);
	observing->state = NULL;
}

int slice_choose(struct chosen *chosen, const struct rule *rule, enum qs_round round,
		 const struct slice *slice, const struct env *env, struct error *error)
{
	struct observing observing;
	int failed;

	if (!rule_is_in_order(rule)) {
		*chosen = rule_choose(rule, round, slice);
		return 0;
	}
	if (observing_new(&observing, rule, round, env, error))
		return -1;
	failed = observing_add_slice(&observing, slice, error);
	if (!failed)
		*chosen = observing_choose(&observing);
	observing_free(&observing);
	return failed;
}
