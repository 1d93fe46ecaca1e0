/* SPDX-License-Identifier: MIT */
#include "search.h"

/* A bound as a fraction of the widest: k of n. */
struct pair {
	int low, high;
};

static struct range range_of(const struct clip_search *search, struct range widest,
			     struct pair pair)
{
	return (struct range){ .low = widest.low * pair.low / search->fractions,
			       .high = widest.high * pair.high / search->fractions };
}

/* Searches the line through *pair along which the members that `low` and `high` name shrink. */
static bool search_line(const struct clip_search *search, struct range widest, bool low, bool high,
			struct pair *pair)
{
	struct pair best = *pair;
	double least = 0;

	for (int k = search->fractions; k >= 1; k--) {
		const struct pair next = { low ? k : pair->low, high ? k : pair->high };
		const struct range range = range_of(search, widest, next);

		/* nothing costs less than nothing, and of equals the widest was found first */
		if (k < search->fractions && search->bound &&
		    (!(least > 0) || search->bound(search->self, range) > least))
			break;
		const double cost = search->cost(search->self, range);
		if (k == search->fractions || cost < least) {
			least = cost;
			best = next;
		}
	}
	const bool moved = best.low != pair->low || best.high != pair->high;
	*pair = best;
	return moved;
}

struct range clip_search(const struct clip_search *search, const struct calibration_task *task)
{
	const struct range widest = slice_range(task->slice, task->scheme);
	struct pair pair = { search->fractions, search->fractions };

	if (task->scheme->symmetric) {
		search_line(search, widest, true, true, &pair);
	} else if (!(widest.low < 0)) {
		search_line(search, widest, false, true, &pair);
	} else if (!(widest.high > 0)) {
		search_line(search, widest, true, false, &pair);
	} else {
		search_line(search, widest, false, true, &pair);
		while (search_line(search, widest, true, false, &pair) &&
		       search_line(search, widest, false, true, &pair))
			continue;
	}
	return range_of(search, widest, pair);
}
