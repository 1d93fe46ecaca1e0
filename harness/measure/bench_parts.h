/* SPDX-License-Identifier: MIT
 *
 * What the files of a bench share: bench.c (who runs, and what became of it), bench_child.c (the
 * process that checks and times).
 */
#ifndef QS_BENCH_PARTS_H
#define QS_BENCH_PARTS_H

#include "../library_check.h"
#include "bench.h"
#include "workload.h"

struct bench_runner {
	const struct qs_kernel *kernel;
	const struct library *library;
	char name[KERNEL_NAME_MAX + 400];       /* KERNEL/M/N/K                        */
};

enum bench_phase { BENCH_CHECKING, BENCH_TIMING, BENCH_FINISHED };

/* What the child tells, in memory that both see; a child that dies leaves it as it was. */
struct bench_report {
	enum bench_phase phase;
	int at;                 /* the runner that is being checked or timed           */
	struct {
		bool judged;
		enum verdict verdict;
		bool failed;    /* run() said so while it was timed                    */
		char reason[256];
	} runner[RUNNERS_MAX];
	struct error error;     /* status STATUS_DONE: none                            */
};

struct bench {
	const struct libraries *libraries;
	const struct subject *subject;
	const struct bench_words *words;
	FILE *said;
	char types[32];
	struct bench_runner *runners;   /* [RUNNERS_MAX]                               */
	int count;
	struct bench_report *report;
};

/* The child's whole life.  Runners that are judged already are not checked again. */
_Noreturn void bench_child(struct bench *bench);

#endif
