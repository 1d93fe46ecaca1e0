/* SPDX-License-Identifier: MIT
 *
 * The parts of `quantsweep run`: accuracy cells fill all cores first, races run alone, one thread
 * (the caller's) writes the store.
 */
#ifndef QS_RUN_H
#define QS_RUN_H

#include "../progress.h"
#include "../store/store.h"

#include <signal.h>

struct run {
	const struct env *env;
	struct plan *plan;
	struct store *store;
	struct progress *progress;
	enum progress_mode progress_mode;
	int jobs;
	size_t memory;          /* bytes of tensors that are worked on at once           */
	size_t machine_memory;  /* bytes that this machine has                           */
	uint64_t seed;
	double accuracy_rate;   /* cost units a second and job: turns cost into seconds  */
	const char *program;    /* this executable, for workers                          */
	const volatile sig_atomic_t *stop;       /* set by SIGINT and SIGTERM            */
	struct run_totals totals;
	size_t done, reused, failed, skipped;    /* cells of this run                    */
};

/* Measures the plan's accuracy cells that are still PLANNED, run->jobs subjects at a time, the
 * dearest first, and stores each as it comes.  The result does not depend on jobs or order. */
int run_accuracy(struct run *run, struct error *error);

/* One launch of each race that is not reused; a worker that dies is a failed cell, not an end. */
int run_races(struct run *run, struct error *error);

/* A failed cell, at once, on standard error, beside the progress bar. */
void run_say(struct run *run, const char *label, const char *reason);

#endif
