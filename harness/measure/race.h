/* SPDX-License-Identifier: MIT
 *
 * Races in fresh processes.  A worker (`quantsweep worker`) is started pinned, gets one race on its
 * standard input, checks every runner against its reference on that race's own task, times those
 * that are not wrong under Google Benchmark with random interleaving, and writes what it saw to its
 * standard output.  A crash or a hang kills the worker, not the run.
 */
#ifndef QS_RACE_H
#define QS_RACE_H

#include "../plan.h"

enum { REPETITIONS = 9, REPETITION_MS = 10, RUNNERS_MAX = 64, LAUNCHES = 1 };

enum verdict { VERDICT_EXACT, VERDICT_WITHIN, VERDICT_WRONG, VERDICT_REFUSED, VERDICT_NOT_RUN };

struct runner_result {
	enum verdict verdict;
	char reason[256];       /* of WRONG, REFUSED, NOT_RUN                            */
	double wrong_fraction;  /* share of outputs outside the claim                    */
	int order;              /* place of its first repetition in this launch          */
	int samples;            /* 0 unless EXACT or WITHIN                              */
	double sample_ns[REPETITIONS];   /* time of one call, mean within the repetition  */
	double median_ns, least_ns;
	double ratio_to_reference, ratio_to_float;       /* of medians in this launch; NaN */
};

struct launch_result {
	int runners;            /* race.count, in the order of plan.timings              */
	struct runner_result runner[RUNNERS_MAX];
	double seconds;
	bool pinned;
	int cpu;
};

struct race_options {
	const char *program;    /* the path of this executable                           */
	double time_limit_s;    /* a worker that takes longer is killed                  */
	uint64_t seed;
	int repetitions, repetition_ms;
};

/* One launch of one race.  A worker that died gives all runners NOT_RUN with the reason ("the
 * worker was killed by signal 11 while gemm_x__y ran"); -1 only where no process can be made. */
int race_launch(const struct plan *plan, const struct race *race,
		const struct race_options *options, struct launch_result *result,
		struct error *error);

/* The worker's own main: reads the race from standard input. */
int worker_main(const struct env *env, struct error *error);

#endif
