/* SPDX-License-Identifier: MIT
 *
 * One launch of a duel: a fresh pinned worker opens both libraries, checks the old and the new
 * kernel of one name against the reference on the same operands, and times them in turn.
 */
#ifndef QS_DUEL_LAUNCH_H
#define QS_DUEL_LAUNCH_H

#include "duel.h"
#include "race.h"

struct duel_task {
	const struct library *old, *new; /* two files; the new one is ours, for the reference too */
	const struct qs_kernel *kernel;  /* of the new library; the old has one of its name */
	int64_t m, n, k;
	struct qs_conv conv;    /* batch 0: the kernel's operation is none                */
	struct race_detail detail;
	int handicap;           /* per mille of the new kernel's units that run twice     */
	bool only_check;        /* nothing is timed: for `units` and whether both are right */
};

enum duel_blame { DUEL_OLD, DUEL_NEW, DUEL_WORKER };

struct duel_launch {
	struct duel_result result;
	char trouble[256];      /* why there is none; "": there is                       */
	enum duel_blame blame;   /* of trouble; WORKER: neither kernel's, or not known whose */
	enum verdict verdict;   /* of that kernel: WRONG, REFUSED or NOT_RUN             */
	int64_t units;          /* of a call of the new kernel; 0: not known             */
	int cpu;                /* -1: not pinned                                        */
	double seconds;
};

/* options: program, seed, time_limit_s (0: 60 s) and stop are read.  A worker that dies, a wrong or
 * a refusing kernel is trouble; -1 only where no process can be made, or *stop. */
int duel_launch(const struct env *env, const struct duel_task *task,
		const struct race_options *options, struct duel_launch *launch,
		struct error *error);

#endif
