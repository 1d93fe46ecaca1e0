/* SPDX-License-Identifier: MIT
 *
 * What a worker says on its standard output, as lines of text; I is a runner's index in the spec:
 *
 *         cpu 3                           it is pinned (threads: from here down); -1: it is not
 *         library 1                       is about to be opened
 *         reference 0                     of runner 0's types is about to run
 *         check 0                         is about to be prepared, run once and compared
 *         verdict 0 exact 0               or within, wrong, refused, not_run; the share of wrong
 *                                         outputs; then a reason for the last three
 *         time 0                          is about to run, timed or to warm up
 *         sample 0 17 1234.5              a repetition: its place in the launch, ns of one call
 *         layer 0 3 1234.5                of a network's run: a layer's ns of a call
 *         units 64                        of a duel: the pieces of a call of library 0's runner
 *         duel -0.001 0 -0.001 0.002 ...  r e1 e2 e3, then least, tenth and median ns of a and of
 *                                         b, calls of a sample, samples preempted
 *         done                            nothing follows
 *
 * The reader trusts nothing: the first line that is none of these is remembered as `strange`, and
 * nothing is heard after it, so that the stage tells who wrote it.
 */
#ifndef QS_RACE_WORDS_H
#define QS_RACE_WORDS_H

#include "duel.h"
#include "race_spec.h"

enum worker_stage {
	STAGE_START,
	STAGE_LIBRARY,
	STAGE_REFERENCE,
	STAGE_CHECK,
	STAGE_TIME,
	STAGE_DONE
};

struct worker_words {
	int runners, libraries;          /* of the spec                                  */
	struct runner_result *runner;    /* [runners], filled as it speaks               */
	int layers;             /* of a network; 0: of an op                             */
	double *layer_ns;       /* [runners][layers]                                     */
	enum worker_stage stage;
	int current;                     /* the runner or library the stage is about; -1 */
	int cpu;                         /* -1: not pinned                               */
	int64_t units;                   /* of a duel; 0: not said                       */
	bool dueled;                     /* duel is filled                               */
	struct duel_result duel;
	char strange[64];                /* empty: there was none                        */
	char line[512];                  /* the begun line                               */
	size_t length;
};

/* Verdicts start as NOT_RUN without a reason. */
void worker_words_start(struct worker_words *words, struct runner_result *runner, int runners,
			int libraries);
/* The next bytes of its output, cut anywhere. */
void worker_words_hear(struct worker_words *words, const char *bytes, size_t count);
/* The name of a verdict in these lines, or NULL. */
const char *verdict_name(enum verdict verdict);

/* Medians and least times of a launch from its samples.  A runner that is exact or within and has
 * fewer samples than `repetitions` becomes NOT_RUN, unless the first is of a call of SLOW_CALL_MS;
 * a wrong one has then none.  None is NOT_RUN without a reason. */
void runners_finish(struct runner_result *runner, int count, int repetitions);
/* The ratios of medians to runner[reference] and runner[best_float], -1: there is none, and to the
 * fastest of those with peer[i]. */
void runners_compare(struct runner_result *runner, int count, int reference, int best_float,
		     const bool *peer);

#endif
