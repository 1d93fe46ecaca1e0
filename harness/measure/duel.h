/* SPDX-License-Identifier: MIT
 *
 * One launch of A against B: single calls in turn, which Google Benchmark cannot.
 *
 * After a warm-up (at least 2 ms and 2 calls each, 10 calls where the working set exceeds the
 * second-level cache), `quads` quads, each ABBA or BAAB by a drawn coin: whatever drifts through a
 * quad falls on both sides alike.  A sample is one call, or as many as take 50 us.  With the times
 * a1, a2, b1, b2 of a quad, in logs (so that half as long and twice as long are as far from equal):
 *
 *         e1 = median over quads of (ln b1 + ln b2 - ln a1 - ln a2) / 2
 *         e2 = ln(least b / least a)
 *         e3 = ln(tenth percentile of b / that of a), the fifth least of 40
 *         r  = the middle one of the three
 *
 * r above 0: B is slower.  No means anywhere: an interrupt in one sample must not count.
 */
#ifndef QS_DUEL_H
#define QS_DUEL_H

#include "../env.h"

enum { DUEL_QUADS = 20, DUEL_SAMPLES = 2 * DUEL_QUADS };

struct duel_runner {
	int (*run)(void *self);          /* one call; other than 0: it failed            */
	void *self;
};

struct duel_side {
	double least_ns, tenth_ns, median_ns;    /* of one call                          */
};

struct duel_result {
	double r, e1, e2, e3;
	struct duel_side a, b;
	int64_t calls;          /* of one sample                                         */
	int preempted;          /* samples during which the process was put aside        */
};

/* 0; -1 with *error: a call failed, or the clock stands still. */
int duel_time(const struct env *env, const struct duel_runner *a, const struct duel_runner *b,
	      uint64_t seed, size_t working_set, struct duel_result *result, struct error *error);
/* The same with the sides changed. */
struct duel_result duel_turned(const struct duel_result *result);
/* From the samples alone, in the order in which they were taken: a quad is 2i, 2i + 1 of each. */
void duel_estimate(const double a[DUEL_SAMPLES], const double b[DUEL_SAMPLES],
		   struct duel_result *result);

#endif
