/* SPDX-License-Identifier: MIT
 *
 * What the files of the worker share: worker.c (reads, opens, checks), worker_time.c (times).
 */
#ifndef QS_WORKER_PARTS_H
#define QS_WORKER_PARTS_H

#include "race_pool.h"
#include "race_words.h"

struct runner {
	const struct qs_kernel *kernel;
	size_t workload;
	struct workload_call call;
	bool ready;             /* call is prepared: it may be timed                     */
	bool slow;              /* its check took as long as a slow call                 */
	struct worker *worker;
};

struct worker {
	struct env env;         /* with the race's CPU features                          */
	char *text;
	struct race_spec spec;
	int out;                /* where the words go                                    */
	struct libraries libraries;
	int open[SPEC_LIBRARIES_MAX];    /* index into libraries; -1: could not be opened */
	struct pool *pool;
	struct runner *runner;  /* [runner_count]                                        */
	struct workload *workload;       /* [runner_count]; the first `workloads` are made */
	char (*types)[32];      /* of each workload                                      */
	size_t workloads;
};

/* One line of race_words.h, whole and at once: what was said before a crash must be heard. */
void worker_say(const struct worker *worker, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Times the runners that are ready under Google Benchmark and says the samples. */
int worker_time(struct worker *worker, struct error *error);
/* The two runners against each other; nothing is said where one is not ready. */
int worker_duel(struct worker *worker, struct error *error);

#endif
