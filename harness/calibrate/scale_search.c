/* SPDX-License-Identifier: MIT */
#include "lower_bound.h"
#include "scale_search.h"

#include <float.h>
#include <math.h>

/* How many candidates: more of short slices, which are cheap and rough, and of long ones, whose
 * sort costs more than they do, few of wide codes, of which min-max is good. */
enum { CANDIDATES = 36, WIDE = 255, OF_WIDE = 4 };
enum { SHORT = 1024, MORE_OF_SHORT = 40, LONG = 8192, MORE_OF_LONG = 64 };
/* And above a scale that is good already. */
enum { ABOVE = 16, ABOVE_OF_SHORT = 32 };
/* And for the bound as many as read a part of the slice, by codes. */
enum { A_PART = 3, READS_A_CODE = 80, MOST_CANDIDATES = 2000 };
enum { LLOYD_STEPS = 4 };
/* A bound of less than this share of the least cost is looked for in another way as well. */
#define LOOSE 0.7

/* Rounding: of float32 quotients and products beside the values, of sums beside themselves. */
static const double slack_of_norm = 3e-7, slack_of_cost = 1e-6, close_enough = 5e-4;

/* Between two scales. */
struct interval {
	float low, high;
	double root_low, root_high;      /* of their costs                                */
	double key;             /* a root that no scale between them falls below, perhaps */
	int32_t zero;           /* about right                                           */
};

struct search {
	struct squared_error error;
	struct scale_found best;
	double floor;           /* a root that nothing outside the heap falls below       */
	double hope;            /* the share of what E can fall that is looked for; 1: keys
				 * are bounds                                            */
	int64_t candidates;
	struct interval *heap;  /* the least key first                                   */
	int64_t count, room;
};

static double root_of(const struct search *search, double cost)
{
	const double root = sqrt(cost);
	const double less = root - slack_of_cost * root -
			    slack_of_norm * (root + search->error.norm);

	return less > 0 ? less : 0;
}

/* At least what it costs, where that is not less than the best. */
static struct fit try(struct search *search, float scale, int32_t guess, int32_t *zero)
{
	*zero = least_zero(&search->error, scale, guess);
	const struct fit fit = fit_at(&search->error, scale, *zero, search->best.cost);

	search->candidates++;
	++*search->error.slice->candidates;
	if (fit.cost < search->best.cost)
		search->best = (struct scale_found){ .scale = scale, .zero = *zero,
						     .cost = fit.cost };
	return fit;
}

/* To the scale that suits the codes, while that promises more than a thousandth. */
static void follow(struct search *search, struct fit fit, float scale, int32_t zero, double least)
{
	for (int step = 0; step < LLOYD_STEPS && fit.codes > 0; step++) {
		const double move = fit.cross / fit.codes;
		const float next = (float)((double)scale + move);

		if (!(fit.cost - move * fit.cross < least) || !(next > 0) || next == scale)
			return;
		const double before = fit.cost;
		fit = try(search, next, zero, &zero);
		if (!(fit.cost < before))
			return;
		scale = next;
		least = fit.cost * (1 - 1e-6);
	}
}

/* The root of the cost; follows what looks best. */
static double root_at(struct search *search, float scale, int32_t guess, int32_t *zero)
{
	const double least = search->best.cost;
	const struct fit fit = try(search, scale, guess, zero);

	follow(search, fit, scale, *zero, least * (1 - 1e-3));
	return root_of(search, fit.cost);
}

static void sift_down(struct search *search, int64_t at)
{
	struct interval *const heap = search->heap;

	for (int64_t child; (child = 2 * at + 1) < search->count; at = child) {
		if (child + 1 < search->count && heap[child + 1].key < heap[child].key)
			child++;
		if (heap[at].key <= heap[child].key)
			return;
		const struct interval swap = heap[at];
		heap[at] = heap[child];
		heap[child] = swap;
	}
}

static void set_key(const struct search *search, struct interval *one)
{
	const double low = (double)one->low, width = (double)one->high - low;
	const double best = sqrt(search->best.cost);
	const double change = width * (search->error.norm + best) / low / 2;
	const bool holds_best = search->best.scale > one->low && search->best.scale < one->high;

	if (search->hope < 1)
		one->key = fmin(holds_best ? best : one->root_low,
				fmin(one->root_low, one->root_high)) - search->hope * change;
	else    /* of scales that are as good as the best, for the others the best's */
		one->key = fmin((one->root_low + one->root_high) / 2 - change, best);
}

static void push(struct search *search, struct interval one)
{
	struct interval *const heap = search->heap;
	int64_t at = search->count++;

	set_key(search, &one);
	for (; at && heap[(at - 1) / 2].key > one.key; at = (at - 1) / 2)
		heap[at] = heap[(at - 1) / 2];
	heap[at] = one;
}

static struct interval pop(struct search *search)
{
	const struct interval least = search->heap[0];

	search->heap[0] = search->heap[--search->count];
	sift_down(search, 0);
	return least;
}

/* Keys by another hope. */
static void rekey(struct search *search, double hope)
{
	search->hope = hope;
	for (int64_t i = 0; i < search->count; i++)
		set_key(search, &search->heap[i]);
	for (int64_t i = search->count / 2 - 1; i >= 0; i--)
		sift_down(search, i);
}

static void halve(struct search *search, int64_t candidates)
{
	while (search->count && search->count < search->room && search->candidates < candidates) {
		if (search->heap[0].key >= sqrt(search->best.cost) * (1 - close_enough))
			return;
		const struct interval one = pop(search);
		const float middle = (float)sqrt((double)one.low * (double)one.high);
		int32_t zero;

		if (!(middle > one.low) || !(middle < one.high)) {
			search->floor = fmin(search->floor, fmin(one.root_low, one.root_high));
			continue;
		}
		const double root = root_at(search, middle, one.zero, &zero);
		push(search, (struct interval){ one.low, middle, one.root_low, root, 0, zero });
		push(search, (struct interval){ middle, one.high, root, one.root_high, 0, zero });
	}
}

/* From a scale up to where all codes are 0. */
static void cover_above(struct search *search, float scale, double root, int32_t zero)
{
	const double most = 2 * (double)slice_greatest_magnitude(search->error.slice);
	const double norm = search->error.norm;

	if ((double)scale < most && most <= (double)FLT_MAX)
		push(search, (struct interval){ scale, (float)most, root,
						root_of(search, norm * norm), 0, zero });
}

/* That, and down to one that clips too much. */
static void cover(struct search *search, float scale, int64_t candidates)
{
	const double values = sqrt((double)search->error.slice->count);
	int32_t zero;
	const double first_root = root_at(search, scale, 0, &zero);
	struct interval one = { .high = scale, .root_high = first_root, .zero = zero };

	cover_above(search, scale, first_root, zero);
	for (;;) {
		const double clip = one.root_high - (double)one.high * values;

		if (clip >= sqrt(search->best.cost) || one.high <= 2 * FLT_TRUE_MIN ||
		    search->candidates >= candidates) {
			search->floor = fmin(search->floor, fmax(clip, 0));
			return;
		}
		one.low = one.high / 2;
		one.root_low = root_at(search, one.low, one.zero, &one.zero);
		push(search, one);
		one.high = one.low;
		one.root_high = one.root_low;
	}
}

/* All powers of two up to where all codes are 0. */
static void powers_above(struct search *search, float scale, int32_t zero)
{
	const double most = 2 * (double)slice_greatest_magnitude(search->error.slice);

	for (float up = 2 * scale; (double)up < 2 * most && up <= FLT_MAX; up *= 2)
		try(search, up, zero, &zero);
}

/* Those, and down to one that clips too much. */
static void all_powers(struct search *search, float scale)
{
	const double values = sqrt((double)search->error.slice->count);
	int32_t zero = 0;

	powers_above(search, scale, zero);
	for (;; scale /= 2) {
		const double root = root_of(search, try(search, scale, zero, &zero).cost);
		const double clip = root - (double)scale * values;

		if (clip >= sqrt(search->best.cost) || scale <= FLT_TRUE_MIN)
			return;
	}
}

static int64_t budget(const struct squared_error *error)
{
	if (error->high - error->low > WIDE)
		return OF_WIDE;
	return CANDIDATES + (error->slice->count <= SHORT ? MORE_OF_SHORT :
			     error->slice->count >= LONG ? MORE_OF_LONG : 0);
}

static double bound_of(const struct search *search)
{
	const double best = root_of(search, search->best.cost);
	double root = fmin(search->floor, best);

	if (search->count)
		root = fmax(fmin(root, search->heap[0].key), 0);
	if (root * root < search->best.cost * LOOSE) {
		const double lower = squared_error_lower_bound(&search->error, search->best.scale,
							       search->best.cost);

		root = fmax(root, fmin(root_of(search, lower), best));
	}
	return root * root;
}

static struct search search_of(const struct calibration_task *task, double weight)
{
	return (struct search){ .error = squared_error_of(task, weight),
				.best = { .cost = (double)INFINITY },
				.floor = (double)INFINITY,
				.hope = 1 / sqrt((double)slice_nonzero(task->slice) + 3),
				.heap = task->slice->scratch,
				.room = SCRATCH_LEAST / sizeof(struct interval) - 2 };
}

struct scale_found scale_search(const struct calibration_task *task, const struct grid *grids,
				int count, double *costs)
{
	struct search search = search_of(task, 1);
	const int64_t most = budget(&search.error), codes = search.error.high - search.error.low;
	const int64_t more = task->slice->count / A_PART / (codes * READS_A_CODE);
	int32_t zero = grids[0].zero;

	for (int i = 0; i < count; i++) {
		int same = 0;

		while (grids[same].scale < grids[i].scale || grids[same].scale > grids[i].scale)
			same++;
		costs[i] = same < i ? costs[same] :
			   try(&search, stored_scale(grids[i].scale), grids[i].zero, &zero).cost;
	}
	if (task->scale->power_of_two) {
		all_powers(&search, stored_scale(grids[0].scale));
	} else {
		cover(&search, stored_scale(grids[0].scale), most);
		halve(&search, most);
		rekey(&search, 1);
		halve(&search, most + (more < MOST_CANDIDATES ? more : MOST_CANDIDATES));
	}
	search.best.bound = bound_of(&search);
	search.best.norm = search.error.norm;
	return search.best;
}

struct scale_found scale_search_above(const struct calibration_task *task, double weight,
				      const struct grid *low, const struct grid *high,
				      double *cost)
{
	struct search search = search_of(task, weight);
	const bool wide = search.error.high - search.error.low > WIDE;
	const bool is_short = task->slice->count <= SHORT;
	struct interval one = { .low = stored_scale(low->scale),
				.high = stored_scale(high->scale) };

	*cost = try(&search, one.high, high->zero, &one.zero).cost;
	one.root_high = root_of(&search, *cost);
	if (task->scale->power_of_two) {
		try(&search, one.low, low->zero, &one.zero);
		powers_above(&search, one.low, one.zero);
	} else {
		one.root_low = root_at(&search, one.low, low->zero, &one.zero);
		if (one.low < one.high)
			push(&search, one);
		cover_above(&search, one.high, one.root_high, one.zero);
		halve(&search, wide ? OF_WIDE : is_short ? ABOVE_OF_SHORT : ABOVE);
	}
	return search.best;
}
