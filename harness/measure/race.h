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
#include "workload.h"

#include <signal.h>

struct runner_result {
	enum verdict verdict;
	char reason[256];       /* of WRONG, REFUSED, NOT_RUN                            */
	double wrong_fraction;  /* share of outputs outside the claim                    */
	int order;              /* place of its first repetition in this launch          */
	int samples;            /* 0 unless EXACT or WITHIN, or WRONG and named          */
	double sample_ns[REPETITIONS];   /* time of one call, mean within the repetition  */
	bool left_out;          /* NOT_RUN because options->left_out says so             */
	double median_ns, least_ns;
	/* How many times as fast, of medians in this launch: as the reference of the race's types,
	 * as our `best` f32 kernel (1 for itself), and as the fastest peer that is not wrong; NaN
	 * where one of the two has no samples. */
	double ratio_to_reference, ratio_to_float, ratio_to_best_peer;
};

struct launch_result {
	int runners;            /* race.count, in the order of plan.timings              */
	struct runner_result runner[RUNNERS_MAX];
	double seconds;
	bool pinned;
	int cpu;
	/* Of a network: ns of each layer of a call, in the repetition that took the middle of
	 * all times and in the first thread: [runners][layers], NaN where the runner has no
	 * samples; else NULL.  The caller's, by launch_result_free. */
	double *layer_ns;
};
void launch_result_free(const struct env *env, struct launch_result *result);

struct race_options {
	const char *program;    /* the path of this executable; NULL: /proc/self/exe     */
	double time_limit_s;    /* a worker that takes longer is killed; 0: by the race  */
	uint64_t seed;
	int repetitions, repetition_ms;  /* at most REPETITIONS; 0: the usual ones       */
	const bool *left_out;   /* [race.count], or NULL: runners that are not started   */
	/* NULL, or a flag that a signal handler sets: the worker is then killed and the launch ends
	 * with -1 and STATUS_INTERRUPTED. */
	const volatile sig_atomic_t *stop;
};

/* One launch of one race, from the thread that started the program or one that outlives the call
 * (the worker dies with it).
 *
 * A worker that died while it checked or timed a runner gives that runner NOT_RUN with the reason
 * ("the worker was killed by signal 11 (Segmentation fault) while gemm_x__y was checked"), and the
 * others one more worker without it, so that they keep their numbers.  Where that one dies too, or
 * no runner can be named, the rest is NOT_RUN.  A wrong runner has no samples.
 *
 * -1 only where no process can be made, the race has more than RUNNERS_MAX runners, or *stop. */
int race_launch(const struct plan *plan, const struct race *race,
		const struct race_options *options, struct launch_result *result,
		struct error *error);

/* The worker's own main: reads the race from standard input. */
int worker_main(const struct env *env, struct error *error);

#endif
