/* SPDX-License-Identifier: MIT
 *
 * What a worker that measures limits is told on its standard input,
 *
 *         quantsweep-limits 1
 *         threads 1                       1 .. 1024
 *         samples 9                       of each loop, 1 .. 1000
 *         us 2000                         of one sample, 1 .. 10^6
 *         loop read__avx2 24576           a row of limits/limits.c and the bytes that all threads
 *                                         work on, 0 where it is arithmetic; 1 or more such lines
 *         end
 *
 * and what it says, I being the index of the loop's line:
 *
 *         cpu 3                           it is pinned; -1: it is not
 *         start 0                         loop 0 is about to run
 *         best 0 117.5                    its best sample: 10^9 operations or bytes a second
 *         done                            nothing follows
 */
#ifndef QS_LIMITS_WORDS_H
#define QS_LIMITS_WORDS_H

#include "machine_limits.h"

enum { LIMITS_LOOPS_MOST = 256, LIMITS_SPEC_MOST = 1 << 16 };

struct limits_loop {
	const struct limit *limit;
	int64_t bytes;
};

struct limits_spec {
	int threads, samples, sample_us, count;
	struct limits_loop loop[LIMITS_LOOPS_MOST];
};

/* Reads the text of a spec, which it cuts.  The sentence shows the wrong line. */
int limits_spec_read(struct limits_spec *spec, char *text, struct error *error);

struct limits_words {            /* what was heard                                       */
	int count;
	double *best;            /* [count]; NaN: nothing yet                            */
	int current;             /* the loop that runs; -1: none                         */
	int cpu;                 /* -1: not pinned                                       */
	bool done;
	char strange[64];
	char line[128];
	size_t length;
};

void limits_words_start(struct limits_words *words, double *best, int count);
/* The next bytes, cut anywhere; a line that is none of these is kept as strange. */
void limits_words_hear(void *words, const char *bytes, size_t count);

#endif
