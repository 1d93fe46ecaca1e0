/* SPDX-License-Identifier: MIT
 *
 * The order of a plan's cells: what is measured together stands together, and rows of choice
 * follow.
 */
#include "plan_parts.h"

#include <stdlib.h>
#include <string.h>

static int compare_rules(const struct rule *a, const struct rule *b)
{
	const struct granularity_rule *x = (const struct granularity_rule *)a->granularity.value;
	const struct granularity_rule *y = (const struct granularity_rule *)b->granularity.value;

	if (!x || !y)
		return (x != NULL) - (y != NULL);
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (a->granularity.axis != b->granularity.axis)
		return a->granularity.axis < b->granularity.axis ? -1 : 1;
	return (a->granularity.group > b->granularity.group) -
	       (a->granularity.group < b->granularity.group);
}

int accuracy_compare_slices(const struct accuracy_cell *a, const struct accuracy_cell *b)
{
	const struct recipe *x = &a->recipe, *y = &b->recipe;

	if (a->subject != b->subject)
		return a->subject < b->subject ? -1 : 1;
	if (x->seed != y->seed)
		return x->seed < y->seed ? -1 : 1;
	if (x->weights.format && x->activations.format)
		return 0;
	return compare_rules(x->weights.format ? &x->weights : &x->activations,
			     y->weights.format ? &y->weights : &y->activations);
}

struct place {
	const struct accuracy_cell *cell;
	size_t index; /* keeps the plan's own order among equals */
};

static int compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	const int order = accuracy_compare_slices(x->cell, y->cell);

	return order ? order : x->index < y->index ? -1 : x->index > y->index;
}

static int order_accuracies(struct maker *maker)
{
	struct plan *plan = maker->plan;
	const size_t count = plan->accuracy_count;
	struct accuracy_cell *sorted =
		env_new(plan->env, count, sizeof *sorted, "the accuracy cells", maker->error);
	struct place *places =
		env_new(plan->env, count, sizeof *places, "the accuracy cells", maker->error);
	size_t *moved =
		env_new(plan->env, count, sizeof *moved, "the accuracy cells", maker->error);
	const int failed = sorted && places && moved ? 0 : -1;

	if (!failed && count) {
		for (size_t i = 0; i < count; i++)
			places[i] = (struct place){ &plan->accuracies[i], i };
		qsort(places, count, sizeof *places, compare_places);
		for (size_t i = 0; i < count; i++) {
			sorted[i] = *places[i].cell;
			moved[places[i].index] = i;
		}
		memcpy(plan->accuracies, sorted, count * sizeof *sorted);
		for (size_t i = 0; i < plan->choice_count; i++)
			plan->choices[i].accuracy = moved[plan->choices[i].accuracy];
	}
	env_free(plan->env, sorted);
	env_free(plan->env, places);
	env_free(plan->env, moved);
	return failed;
}

/* Puts each race's timing cells beside one another; choices follow them. */
static int gather_races(struct maker *maker)
{
	struct plan *plan = maker->plan;
	struct timing_cell *sorted = env_new(plan->env, plan->timing_count, sizeof *sorted,
					     "the timing cells", maker->error);
	size_t *moved = env_new(plan->env, plan->timing_count, sizeof *moved, "the timing cells",
				maker->error);
	size_t next = 0;

	if (sorted && moved) {
		for (size_t i = 0; i < plan->race_count; i++) {
			plan->races[i].first = next;
			next += plan->races[i].count;
			plan->races[i].count = 0;
		}
		for (size_t i = 0; i < plan->timing_count; i++) {
			struct race *race = &plan->races[plan->timings[i].race];

			moved[i] = race->first + race->count++;
			sorted[moved[i]] = plan->timings[i];
		}
		if (plan->timing_count)
			memcpy(plan->timings, sorted, plan->timing_count * sizeof *sorted);
		for (size_t i = 0; i < plan->choice_count; i++)
			if (plan->choices[i].timing != NO_TIMING)
				plan->choices[i].timing = moved[plan->choices[i].timing];
	}
	env_free(plan->env, sorted);
	env_free(plan->env, moved);
	return sorted && moved ? 0 : -1;
}

int order_plan(struct maker *maker)
{
	return order_accuracies(maker) || gather_races(maker) ? -1 : 0;
}
