/* SPDX-License-Identifier: MIT
 *
 * The parts of `quantsweep run`: accuracy cells fill all cores first, networks after tensors and
 * operations, races run alone; one thread (the caller's) writes the store.
 */
#ifndef QS_RUN_H
#define QS_RUN_H

#include "../progress.h"
#include "../store/store.h"
#include "lacking_limits.h"

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
	const struct machine *machine;
	struct lacking_limits lacking;   /* of the machine, to be measured with the races */
	struct machine_limits *limits;   /* [lacking.count], while races run             */
	const volatile sig_atomic_t *stop;       /* set by SIGINT and SIGTERM            */
	struct run_totals totals;
	size_t done, reused, failed, skipped;    /* cells of this run                    */
};

/* Measures the plan's accuracy cells that are still PLANNED, those of networks left out, run->jobs
 * subjects at a time, the dearest first, and stores each as it comes.  The result does not depend
 * on jobs or order. */
int run_accuracy(struct run *run, struct error *error);

/* The accuracy cells of networks, one network after the other, run->jobs threads inside each. */
int run_networks(struct run *run, struct error *error);

/* Counts a cell that was given to the store and says its failure; `failed` is what the store
 * returned.  A stored number that differs is a failed cell, and 0; any other trouble is -1. */
int run_count_cell(struct run *run, size_t cell, int failed, enum outcome outcome,
		   const char *reason, struct error *error);

/* Plans what is measured of run->lacking; close in any case. */
int run_limits_open(struct run *run, struct error *error);
void run_limits_close(struct run *run);
/* One more launch of each, stored. */
int run_limits(struct run *run, struct error *error);

/* The launches that races lack, in rounds: a round is one launch of each race that is still short,
 * in an order drawn from the seed, so that what disturbs the machine a while disturbs all alike,
 * and one of the limits that they lack.
 * Each launch is stored as it comes.  A worker that dies is a failed cell, not an end; whom it died
 * of stays out of that race's further launches. */
int run_races(struct run *run, struct error *error);

/* A failed cell, at once, on standard error, beside the progress bar. */
void run_say(struct run *run, const char *label, const char *reason);

#endif
