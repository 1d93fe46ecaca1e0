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
#include "as_in_aimet.h"

#include "../../kernels/affine.h"

#include <math.h>

enum { BUCKETS = AIMET_BUCKETS, SCALES = 17, OFFSETS = 21, BLOCK = 4096 };

#define LEAST_RANGE 0.01

struct density {
	float left[BUCKETS];
	double share[BUCKETS];
	struct seen seen;
	int64_t batches;        /* averaged                                              */
	bool begun;
	bool beyond;            /* floats cannot tell the buckets apart: min-max         */
	struct aimet_costs costs;        /* not begun after a batch                      */
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

static void count_places(const struct density *density, const float *values, int64_t count,
			 int64_t *histogram)
{
	const float bucket = bucket_of(density), first = density->left[0] / bucket;
	const struct loops *loops = loops_best();
	uint16_t place[BLOCK];

	for (int64_t at = 0; at < count; at += BLOCK) {
		const int64_t block = count - at < BLOCK ? count - at : BLOCK;

		loops->bucket_places(values + at, block, bucket, first, BUCKETS - 1, place);
		for (int64_t i = 0; i < block; i++)
			histogram[place[i]]++;
	}
}

static int density_observe(void *state, const struct calibration_task *task, const struct env *env,
			   const float *values, int64_t count, struct error *error)
{
	struct density *density = state;
	const struct seen batch = seen_of(values, count);

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
	int64_t histogram[BUCKETS + 2] = { 0 };  /* and on each side what lies further out */

	count_places(density, values, count, histogram);
	for (int i = 0; i < BUCKETS; i++)
		if (histogram[i + 1] || density->share[i] > 0)
			density->share[i] = (density->share[i] * (double)density->batches +
					     (double)histogram[i + 1] / (double)count) /
					    (double)(density->batches + 1);
	density->batches++;
	density->costs.begun = false;
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

static void add_symmetric(struct aimet_search *search, float widest, int32_t offset)
{
	for (float f = (float)(1.0 / 100); (double)f <= 1 + 1.0 / 100;
	     f = (float)((double)f + 1.0 / 100))
		aimet_search_add(search, f * widest, offset);
}

struct candidate {
	float delta;
	int32_t offset;         /* of the least code                                     */
};

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
	/* 0 lies between them: the quotient is hardly more than the steps */
	candidate->offset = candidate->delta > 0 ?
		(int32_t)qs_round_small(least / candidate->delta, QS_HALF_AWAY) : 0;
	return true;
}

/* A scale that is cut to what the one before it was at this offset goes on as that one did. */
static void add_asymmetric(struct aimet_search *search, float low, float high)
{
	const float steps = search->steps;
	const struct candidate all = { (high - low) / steps,
				       (int32_t)roundf(low / ((high - low) / steps)) };
	float last[OFFSETS] = { 0 };

	low = all.delta * (float)all.offset;
	high = low + all.delta * steps;
	for (int i = 1; i <= SCALES; i++) {
		struct candidate candidate = { (float)i / 16 * all.delta, 0 };

		for (int j = 0; j < OFFSETS; j++) {
			candidate.offset = (int32_t)((double)-steps + (double)steps / 20 * j);
			if (cut(&candidate, low, high, steps))
				aimet_search_add(search, candidate.delta, candidate.offset);
			if (candidate.delta == last[j])
				break;
			last[j] = candidate.delta;
		}
	}
	aimet_search_add(search, all.delta, all.offset);
}

static struct range density_choose(void *state, const struct calibration_task *task)
{
	struct density *density = state;
	const struct code_range codes = codes_of(task);
	struct aimet_search search;
	float low, high;

	if (density->beyond || !density->begun)
		return seen_range(task, density->seen);
	if (!density->costs.begun)
		aimet_costs_begin(&density->costs, density->left[0], bucket_of(density),
				  density->share);
	aimet_search_begin(&search, &density->costs, (float)((1 << task->bits) - 1));
	observed(density, &low, &high);
	if (!task->scheme->symmetric) {
		add_asymmetric(&search, low, high);
	} else if (task->scheme->unsigned_codes) {
		add_symmetric(&search, high / search.steps, 0);
	} else {
		const float steps = (float)(codes.high - codes.low);

		add_symmetric(&search, 2 * fmaxf(fabsf(high), fabsf(low)) / steps,
			      (int32_t)floorf(-steps / 2));
	}
	const int best = aimet_search_least(&search);

	if (best < 0)
		return seen_range(task, density->seen);
	return range_of_grid(task, (double)search.delta[best],
			     task->scheme->symmetric ? 0 : -search.offset[best]);
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
	.symmetric_cost = { 1, 3, 35 },
	.asymmetric_cost = { 1, 3, 45 },
	.observer = &tf_enhanced,
};
