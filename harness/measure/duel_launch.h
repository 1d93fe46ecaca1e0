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
	int handicap;           /* per mille of the new kernel's units that run twice     */
};

struct duel_launch {
	struct duel_result result;
	char trouble[256];      /* why there is none; "": there is                       */
	int cpu;                /* -1: not pinned                                        */
	double seconds;
};

/* options: program, seed, time_limit_s (0: 60 s) and stop are read.  A worker that dies, a wrong or
 * a refusing kernel is trouble; -1 only where no process can be made, or *stop. */
int duel_launch(const struct env *env, const struct duel_task *task,
		const struct race_options *options, struct duel_launch *launch,
		struct error *error);

#endif
