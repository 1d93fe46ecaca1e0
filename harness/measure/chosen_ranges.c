/* SPDX-License-Identifier: MIT */
#include "chosen_ranges.h"

#include "../calibrate/observe.h"

bool same_choice(const struct choice_terms *x, const struct choice_terms *y)
{
	const struct rule *a = x->rule, *b = y->rule;
	const struct calibration *calibration = calibration_of(a->calibration);

	return a->calibration == b->calibration && a->scheme == b->scheme && a->scale == b->scale &&
	       a->bits == b->bits && a->calibration_parameter == b->calibration_parameter &&
	       a->calibration_parameter_high == b->calibration_parameter_high &&
	       (x->round == y->round || !calibration->of_rounding) &&
	       (x->batch == y->batch || !calibration->observer);
}

size_t chosen_ranges_add(struct chosen_ranges *ranges, const struct choice_terms *terms)
{
	size_t with = ranges->count;

	for (size_t i = 0; i < ranges->count; i++)
		if (same_choice(&ranges->list[i].terms, terms))
			return i;
	for (size_t i = 0; rule_is_in_order(terms->rule) && i < with; i++)
		if (ranges->list[i].terms.batch == terms->batch &&
		    observed_alike(ranges->list[i].terms.rule, terms->rule))
			with = i;
	ranges->list[ranges->count] =
		(struct chosen_range){ .terms = *terms, .observed_with = with };
	return ranges->count++;
}

static void take(struct chosen_range *range, const struct chosen *chosen)
{
	range->reason = chosen->reason;
	if (range->reason)
		return;
	if (!range->warning)
		range->warning = chosen->warning;
	range->range = chosen->range;
	range->grid = chosen->grid;
	range->scale = chosen->scale;
	range->least_squares += chosen->least_squares;
}

/* Number i and those behind it that its observation serves.  slice: of any batch. */
static int choose_in_order(struct chosen_ranges *ranges, size_t i, struct slice slice,
			   struct error *error)
{
	const struct choice_terms *terms = &ranges->list[i].terms;
	struct observing observing;

	if (terms->batch)
		slice.batch = terms->batch * ranges->columns;
	if (observing_new(&observing, terms->rule, terms->round, ranges->env, error))
		return -1;
	const int failed = observing_add_slice(&observing, &slice, error);

	for (size_t j = i; !failed && j < ranges->count; j++) {
		struct chosen_range *range = &ranges->list[j];

		if (range->observed_with != i || range->reason)
			continue;
		const struct chosen chosen = observing_choose_as(&observing, range->terms.rule,
								 range->terms.round);
		take(range, &chosen);
	}
	observing_free(&observing);
	return failed;
}

int chosen_ranges_choose(struct chosen_ranges *ranges, const struct slice *slice,
			 struct error *error)
{
	for (size_t i = 0; i < ranges->count; i++) {
		struct chosen_range *range = &ranges->list[i];
		const uint64_t before = *slice->visits;

		if (!rule_is_in_order(range->terms.rule)) {
			if (range->reason)
				continue;
			const struct chosen chosen = rule_choose(range->terms.rule,
								 range->terms.round, slice);
			take(range, &chosen);
		} else if (range->observed_with == i &&
			   choose_in_order(ranges, i, *slice, error)) {
			return -1;
		}
		range->visits += *slice->visits - before;
	}
	return 0;
}
