/* SPDX-License-Identifier: MIT
 *
 * AIMET's tf_enhanced: a histogram of 512 buckets over three times the range of the first batch
 * that is not all 0, each batch's shares averaged, and the scale and offset of least quantization
 * error plus three times saturation error, both squared.
 *
 * Habits kept: values beyond three times the first range are not counted; a bucket's values lie
 * around its left edge and are taken for its middle; symmetric tries hundredths of the widest
 * scale, up to 100 or 101 of them as their float sum ends; asymmetric 17 scales by 21 offsets,
 * where a scale that was cut to the observed range stays cut for the offsets after it; a range
 * below 0.01 is made 0.01 wide.  Strict symmetry (symmetric_restricted) leaves out one step,
 * symmetric_unsigned is the project's unsigned symmetry.  All in float, as the C++ code has it,
 * without fused products.
 */
#include "as_in.h"

#include <float.h>
#include <math.h>

enum { BUCKETS = 512, SCALES = 17, OFFSETS = 21 };

#define SATURATION 3.0F         /* the weight of saturation error                        */
#define LEAST_RANGE 0.01

struct density {
	float left[BUCKETS];
	double share[BUCKETS];
	struct seen seen;
	int64_t batches;        /* averaged                                              */
	bool begun;
	bool beyond;            /* floats cannot tell the buckets apart: min-max         */
};

struct candidate {
	float delta;
	int32_t offset;         /* of the least code                                     */
};

static void begin(struct density *density, struct seen batch)
{
	float low = batch.least, high = batch.greatest;

	if (low == high)
		high = fmaxf(high, low + (float)LEAST_RANGE);
	const float centre = (high + low) / 2;

	low = centre - 3 * (centre - low);
	high = centre + 3 * (high - centre);
	const float bucket = (high - low) / BUCKETS;

	density->begun = true;
	density->beyond = !isfinite(bucket);
	for (int i = 0; i < BUCKETS; i++)
		density->left[i] = low + (float)i * bucket;
	if (!(density->left[1] > density->left[0]))
		density->beyond = true;
}

static float bucket_of(const struct density *density)
{
	return (float)((double)density->left[1] - (double)density->left[0]);
}

static int density_observe(void *state, const struct calibration_task *task, const struct env *env,
			   const float *values, int64_t count, struct error *error)
{
	struct density *density = state;
	const struct seen batch = seen_of(values, count);
	int64_t histogram[BUCKETS] = { 0 };

	(void)task;
	(void)env;
	(void)error;
	seen_join(&density->seen, batch);
	if (!density->begun && batch.least == 0 && batch.greatest == 0)
		return 0;
	if (!density->begun)
		begin(density, batch);
	if (density->beyond)
		return 0;
	const float bucket = bucket_of(density), first = density->left[0] / bucket;

	for (int64_t i = 0; i < count; i++) {
		const float place = roundf(values[i] / bucket - first);

		if (place >= 0 && place < BUCKETS)
			histogram[(int)place]++;
	}
	for (int i = 0; i < BUCKETS; i++)
		density->share[i] = (density->share[i] * (double)density->batches +
				     (double)histogram[i] / (double)count) /
				    (double)(density->batches + 1);
	density->batches++;
	return 0;
}

/* The observed left edges with 0 between them. */
static void observed(const struct density *density, float *low, float *high)
{
	int first = 0, last = BUCKETS - 1;

	while (first < BUCKETS - 1 && !(density->share[first] > 0))
		first++;
	while (last > 0 && !(density->share[last] > 0))
		last--;
	/* none: the whole histogram */
	*low = density->share[first] > 0 ? density->left[first] : density->left[0];
	*high = last > 0 ? density->left[last] : density->left[BUCKETS - 1];
	*low = fminf(*low, 0);
	*high = fmaxf(*high, 0);
	*high = fmaxf(*high, *low + (float)LEAST_RANGE);
}

static int place_of(float x, float start, float step)
{
	const float place = floorf((x - start) / step);

	return (int)fminf(fmaxf(place, 0), BUCKETS - 1);
}

static float added(float sum, double share, float error)
{
	return (float)((double)sum + share * ((double)error * (double)error));
}

struct search {
	const struct density *density;
	int filled[BUCKETS], count;      /* buckets with a share: the others cost nothing */
	struct candidate best;
	float least, steps;     /* of all codes                                          */
};

static float cost_of(const struct search *search, struct candidate candidate)
{
	const struct density *density = search->density;
	const float start = density->left[0], step = bucket_of(density);
	const float delta = candidate.delta, offset = (float)candidate.offset;
	const float low = delta * offset, high = delta * search->steps + low;
	const int first = place_of(low, start, step), last = place_of(high, start, step);
	const float least = start + (float)first * step + step / 2;
	const float greatest = start + (float)last * step + step / 2;
	float below = 0, above = 0, inside = 0;

	for (int j = 0; j < search->count; j++) {
		const int i = search->filled[j];
		const float x = start + (float)i * step + step / 2;

		if (i < first)
			below = added(below, density->share[i], x - least);
		if (i >= last)
			above = added(above, density->share[i], x - greatest);
		if (i >= first && i < last)
			inside = added(inside, density->share[i],
				       x - delta * (roundf(x / delta - offset) + offset));
	}
	return SATURATION * (below + above) + inside;
}

static void try(struct search *search, struct candidate candidate)
{
	if (!(candidate.delta > 0))
		return;
	const float cost = cost_of(search, candidate);

	if (cost < search->least) {
		search->least = cost;
		search->best = candidate;
	}
}

static void try_symmetric(struct search *search, float widest, int32_t offset)
{
	for (float f = (float)(1.0 / 100); (double)f <= 1 + 1.0 / 100;
	     f = (float)((double)f + 1.0 / 100))
		try(search, (struct candidate){ f * widest, offset });
}

/* Into the observed range, unless it lies around it: then false. */
static bool cut(struct candidate *candidate, float low, float high, float steps)
{
	float least = candidate->delta * (float)candidate->offset;
	float greatest = least + candidate->delta * steps;

	if (least < low && greatest > high)
		return false;
	least = fmaxf(low, least);
	greatest = fminf(high, greatest);
	candidate->delta = (greatest - least) / steps;
	candidate->offset = candidate->delta > 0 ? (int32_t)roundf(least / candidate->delta) : 0;
	return true;
}

static void try_asymmetric(struct search *search, float low, float high)
{
	const float steps = search->steps;
	const struct candidate all = { (high - low) / steps,
				       (int32_t)roundf(low / ((high - low) / steps)) };

	low = all.delta * (float)all.offset;
	high = low + all.delta * steps;
	for (int i = 1; i <= SCALES; i++) {
		struct candidate candidate = { (float)i / 16 * all.delta, 0 };

		for (int j = 0; j < OFFSETS; j++) {
			candidate.offset = (int32_t)((double)-steps + (double)steps / 20 * j);
			if (cut(&candidate, low, high, steps))
				try(search, candidate);
		}
	}
	try(search, all);
}

static struct range density_choose(void *state, const struct calibration_task *task)
{
	const struct density *density = state;
	const struct code_range codes = codes_of(task);
	struct search search = { .density = density, .least = FLT_MAX,
				 .steps = (float)((1 << task->bits) - 1) };
	float low, high;

	if (density->beyond || !density->begun)
		return seen_range(task, density->seen);
	observed(density, &low, &high);
	for (int i = 0; i < BUCKETS; i++)
		if (density->share[i] > 0)
			search.filled[search.count++] = i;
	if (!task->scheme->symmetric) {
		try_asymmetric(&search, low, high);
	} else if (task->scheme->unsigned_codes) {
		try_symmetric(&search, high / search.steps, 0);
	} else {
		const float steps = (float)(codes.high - codes.low);

		try_symmetric(&search, 2 * fmaxf(fabsf(high), fabsf(low)) / steps,
			      (int32_t)floorf(-steps / 2));
	}
	if (!(search.best.delta > 0))
		return seen_range(task, density->seen);
	return range_of_grid(task, (double)search.best.delta,
			     task->scheme->symmetric ? 0 : -search.best.offset);
}

static const struct observer tf_enhanced = {
	.bytes = sizeof(struct density), .observe = density_observe, .choose = density_choose,
};

const struct calibration calibration_tf_enhanced_as_in_aimet = {
	.value = { .name = "tf_enhanced_as_in_aimet",
		   .summary = "AIMET's: 512 buckets, squared error + 3 saturation on its "
			      "own grid; equal bits, symmetric_restricted is its strict symmetry",
		   .source = "AIMET, ModelOptimizations/DlQuantization/src/"
			     "TfEnhancedEncodingAnalyzer.cpp at 096f9988, math_functions.cpp at "
			     "0ab59ea6" },
	.symmetric_cost = { 3, 25, 150 },
	.asymmetric_cost = { 4, 72, 300 },
	.observer = &tf_enhanced,
};
