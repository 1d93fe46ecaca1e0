/* SPDX-License-Identifier: MIT */
#include "as_in_aimet.h"

#include <float.h>

#define SATURATION 3.0F         /* the weight of saturation error                        */

void aimet_costs_begin(struct aimet_costs *costs, float start, float step, const double *share)
{
	int32_t filled = 0;

	for (int i = 0; i < AIMET_BUCKETS; i++) {
		costs->middle[i] = start + (float)i * step + step / 2;
		costs->filled_before[i] = filled;
		if (!(share[i] > 0))
			continue;
		costs->filled_middle[filled] = costs->middle[i];
		costs->filled_share[filled++] = share[i];
	}
	costs->filled_before[AIMET_BUCKETS] = costs->filled = filled;
	costs->start = start;
	costs->step = step;
	costs->below_known = costs->above_known = 0;
	costs->begun = true;
}

static struct loop_buckets filled_of(const struct aimet_costs *costs)
{
	return (struct loop_buckets){ costs->filled_middle, costs->filled_share };
}

/* What lies below a bucket, measured from its middle. */
static float below(struct aimet_costs *costs, int bucket)
{
	const int group = bucket / POINT_LANES, first = group * POINT_LANES;
	const struct loop_buckets filled = filled_of(costs);

	if (!(costs->below_known >> group & 1))
		loops_best()->point_errors(&filled, 0, costs->filled_before[first + POINT_LANES],
					   -1, costs->middle + first, costs->below + first);
	costs->below_known |= (uint32_t)1 << group;
	return costs->below[bucket];
}

static float above(struct aimet_costs *costs, int bucket)
{
	const int group = bucket / POINT_LANES, first = group * POINT_LANES;
	const struct loop_buckets filled = filled_of(costs);

	if (!(costs->above_known >> group & 1))
		loops_best()->point_errors(&filled, costs->filled_before[first], costs->filled, 1,
					   costs->middle + first, costs->above + first);
	costs->above_known |= (uint32_t)1 << group;
	return costs->above[bucket];
}

void aimet_search_begin(struct aimet_search *search, struct aimet_costs *costs, float steps)
{
	search->costs = costs;
	search->steps = steps;
	search->count = 0;
}

void aimet_search_add(struct aimet_search *search, float delta, int32_t offset)
{
	const int i = search->count;

	if (!(delta > 0) ||
	    (i && delta == search->delta[i - 1] && offset == search->offset[i - 1]))
		return;
	search->delta[i] = delta;
	search->offset[i] = offset;
	search->count++;
}

/* Clipped first, so that the floor of a float is what is left of it as a whole number. */
static inline int32_t bucket_of(float x, float start, float step)
{
	const float place = (x - start) / step;
	const float not_below = place > 0 ? place : 0;

	return (int32_t)(not_below < AIMET_BUCKETS - 1 ? not_below : AIMET_BUCKETS - 1);
}

/* The buckets of all ends: a loop of its own, of wide instructions. */
static void find_ends(struct aimet_search *search)
{
	const float start = search->costs->start, step = search->costs->step;
	const float steps = search->steps;

	for (int i = 0; i < search->count; i++) {
		const float low = search->delta[i] * (float)search->offset[i];
		const float high = search->delta[i] * steps + low;

		search->from[i] = bucket_of(low, start, step);
		search->to[i] = bucket_of(high, start, step);
	}
}

/* What all ends cost; returns the candidate that is the least by a guess: as if errors within a
 * step were spread evenly. */
static int weigh_ends(struct aimet_search *search)
{
	struct aimet_costs *costs = search->costs;
	float least = FLT_MAX;
	int likely = 0;

	for (int i = 0; i < search->count; i++) {
		const int first = search->from[i], last = search->to[i];
		const float penalty = SATURATION * (below(costs, first) + above(costs, last));
		const float guess = penalty + search->delta[i] * search->delta[i] / 12;

		search->penalty[i] = penalty;
		search->from[i] = costs->filled_before[first];
		search->to[i] = costs->filled_before[last];
		if (guess < least) {
			least = guess;
			likely = i;
		}
	}
	return likely;
}

struct best {
	float cost;
	int index;              /* -1: none                                              */
};

/* Of up to GRID_LANES candidates; the last one is weighed in the lanes that are left. */
static void weigh(const struct aimet_search *search, const int *chosen, int count,
		  struct best *best)
{
	const struct loop_buckets filled = filled_of(search->costs);
	struct loop_bucket_grids grids;
	float costs[GRID_LANES];

	for (int lane = 0; lane < GRID_LANES; lane++) {
		const int i = chosen[lane < count ? lane : count - 1];

		grids.delta[lane] = search->delta[i];
		grids.offset[lane] = (float)search->offset[i];
		grids.penalty[lane] = search->penalty[i];
		grids.from[lane] = search->from[i];
		grids.to[lane] = search->to[i];
	}
	loops_best()->grid_errors(&filled, &grids, best->cost, costs);
	for (int lane = 0; lane < count; lane++) {
		const int i = chosen[lane];

		if (costs[lane] < best->cost || (costs[lane] == best->cost && i < best->index))
			*best = (struct best){ costs[lane], i };
	}
}

/* First the likely one among its neighbours, then what is left and not dear by its ends alone. */
int aimet_search_least(struct aimet_search *search)
{
	find_ends(search);
	const int likely = weigh_ends(search);
	const int from = likely < GRID_LANES / 2 ? 0 : likely - GRID_LANES / 2;
	const int to = search->count - from < GRID_LANES ? search->count : from + GRID_LANES;
	struct best best = { .cost = FLT_MAX, .index = -1 };
	int chosen[GRID_LANES], count = 0;

	for (int i = from; i < to; i++)
		chosen[count++] = i;
	if (count)
		weigh(search, chosen, count, &best);
	count = 0;
	for (int i = 0; i < search->count; i++) {
		if ((i >= from && i < to) || search->penalty[i] > best.cost)
			continue;
		chosen[count++] = i;
		if (count == GRID_LANES) {
			weigh(search, chosen, count, &best);
			count = 0;
		}
	}
	if (count)
		weigh(search, chosen, count, &best);
	return best.index;
}
