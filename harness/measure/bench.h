/* SPDX-License-Identifier: MIT
 *
 * One race in one process under Google Benchmark's own flags.  The process is a child, pinned as a
 * worker is: a kernel that crashes does not take the program along.  Each runner is checked against
 * the reference of its types on the race's own task first; one that is wrong, crashes or takes
 * much longer than the reference, and a minute, is not timed.  Timing has no limit: Ctrl-C ends it.
 *
 * It is one launch, and medians change from launch to launch: `run` makes several.
 */
#ifndef QS_BENCH_H
#define QS_BENCH_H

#include "../plan.h"
#include "bench_flags.h"

#include <stdio.h>

enum { BENCH_THREADS_MOST = 1024 };

struct bench_words {            /* as the command line says them                       */
	const char *const *kernels;     /* as a config's "kernel"                      */
	size_t kernel_count;    /* 0: all of the types                                 */
	const char *types;      /* NULL: the operation's usual ones                    */
	int threads;
	struct race_detail detail;
	uint64_t seed;
	const char *filter, *out;       /* NULL: not given                             */
	bool list;              /* names alone                                         */
	char *const *flags;     /* bench_flag_text of all but the filter               */
	size_t flag_count;
};

/* "gemm:64x1024x1024", "quantize:64x1024" into the subject's operation and sizes. */
int bench_shape_read(struct subject *subject, const char *text, struct error *error);

/* What Google Benchmark prints goes to standard output, what is left out and why to `said`.  A
 * kernel that is wrong, fails or dies is STATUS_FAILED. */
int bench_run(const struct libraries *libraries, const struct subject *subject,
	      const struct bench_words *words, FILE *said, struct error *error);

#endif
