/* SPDX-License-Identifier: MIT */
#include "duel.h"

#include "../fixed_math.h"
#include "../random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { WARM_NS = 2000000, SAMPLE_NS = 50000, WARM_CALLS = 2, WARM_CALLS_BEYOND = 10 };
enum { STILL_CALLS = 1 << 20 }; /* after so many without a tick the clock stands still  */

struct duel {
	const struct env *env;
	const struct duel_runner *side[2];
	int64_t calls;
	struct error *error;
};

static int ascending(const void *x, const void *y)
{
	const double a = *(const double *)x, b = *(const double *)y;

	return (a > b) - (a < b);
}

/* Sorts values[count]; the median. */
static double median_of(double *values, int count)
{
	qsort(values, (size_t)count, sizeof *values, ascending);
	return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

static struct duel_side side_of(const double samples[DUEL_SAMPLES])
{
	double sorted[DUEL_SAMPLES];
	struct duel_side side;

	memcpy(sorted, samples, sizeof sorted);
	side.median_ns = median_of(sorted, DUEL_SAMPLES);
	side.least_ns = sorted[0];
	side.tenth_ns = sorted[DUEL_SAMPLES / 10];
	return side;
}

void duel_estimate(const double a[DUEL_SAMPLES], const double b[DUEL_SAMPLES],
		   struct duel_result *result)
{
	double quads[DUEL_QUADS], three[3];

	for (int i = 0; i < DUEL_QUADS; i++)
		quads[i] = (fixed_log(b[2 * i]) + fixed_log(b[2 * i + 1]) - fixed_log(a[2 * i]) -
			    fixed_log(a[2 * i + 1])) / 2;
	result->a = side_of(a);
	result->b = side_of(b);
	result->e1 = three[0] = median_of(quads, DUEL_QUADS);
	result->e2 = three[1] = fixed_log(result->b.least_ns / result->a.least_ns);
	result->e3 = three[2] = fixed_log(result->b.tenth_ns / result->a.tenth_ns);
	result->r = median_of(three, 3);
}

struct duel_result duel_turned(const struct duel_result *result)
{
	return (struct duel_result){
		.r = -result->r, .e1 = -result->e1, .e2 = -result->e2, .e3 = -result->e3,
		.a = result->b, .b = result->a, .calls = result->calls,
		.preempted = result->preempted,
	};
}

/* ns of `calls` calls of a side. */
static int time_calls(struct duel *duel, int side, int64_t calls, double *ns)
{
	const struct duel_runner *runner = duel->side[side];
	const uint64_t start = duel->env->now_ns(duel->env);

	for (int64_t i = 0; i < calls; i++)
		if (runner->run(runner->self))
			return fail(duel->error, STATUS_FAILED, "%s failed while it was timed",
				    side ? "the new kernel" : "the old kernel");
	*ns = (double)(duel->env->now_ns(duel->env) - start);
	return 0;
}

/* Both sides in turn until each has run long and often enough; finds the calls of a sample. */
static int warm_up(struct duel *duel, int64_t least_calls)
{
	double spent[2] = { 0 }, least = INFINITY;

	for (int64_t i = 0; i < least_calls || spent[0] < WARM_NS || spent[1] < WARM_NS; i++) {
		for (int side = 0; side < 2; side++) {
			double ns = 0;

			if (time_calls(duel, side, 1, &ns))
				return -1;
			spent[side] += ns;
			least = ns < least ? ns : least;
		}
		if (i > STILL_CALLS && !(spent[0] > 0))
			return fail(duel->error, STATUS_MACHINE,
				    "the clock stands still: %d calls took no time", STILL_CALLS);
	}
	duel->calls = least >= SAMPLE_NS ? 1 : (int64_t)ceil(SAMPLE_NS / fmax(least, 1));
	return 0;
}

static long switches(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_SELF, &usage) ? 0 : usage.ru_nivcsw;
}

static size_t second_level_bytes(void)
{
	const long bytes = sysconf(_SC_LEVEL2_CACHE_SIZE);

	return bytes > 0 ? (size_t)bytes : (size_t)512 * 1024;
}

int duel_time(const struct env *env, const struct duel_runner *a, const struct duel_runner *b,
	      uint64_t seed, size_t working_set, struct duel_result *result, struct error *error)
{
	struct duel duel = { .env = env, .side = { a, b }, .error = error };
	double samples[2][DUEL_SAMPLES];

	*result = (struct duel_result){ 0 };
	if (warm_up(&duel, working_set > second_level_bytes() ? WARM_CALLS_BEYOND : WARM_CALLS))
		return -1;
	for (int quad = 0; quad < DUEL_QUADS; quad++) {
		const int outer = (int)(random_at(seed, 0, (uint64_t)quad).word[0] & 1);
		const int order[4] = { outer, !outer, !outer, outer };
		int taken[2] = { 0 };

		for (int i = 0; i < 4; i++) {
			const int side = order[i];
			const long before = switches();
			double ns = 0;

			if (time_calls(&duel, side, duel.calls, &ns))
				return -1;
			result->preempted += switches() != before;
			if (!(ns > 0))
				return fail(error, STATUS_MACHINE,
					    "the clock is too coarse: a sample took no time");
			samples[side][2 * quad + taken[side]++] = ns / (double)duel.calls;
		}
	}
	result->calls = duel.calls;
	duel_estimate(samples[0], samples[1], result);
	return 0;
}
