/* SPDX-License-Identifier: MIT
 *
 * What else the machine does while races are launched: how busy other work kept its processors,
 * what a hypervisor took, whether the pinned processor's sibling worked, how the clock is governed.
 * Read from Linux's /proc/stat and sysfs; what cannot be read is not known, and no error.
 */
#ifndef QS_SURROUNDINGS_H
#define QS_SURROUNDINGS_H

#include <stdbool.h>
#include <stdint.h>

enum { PROCESSORS_MOST = 1024 };

/* One look at /proc/stat, in its ticks since the machine started. */
struct processor_times {
	bool known;
	int count;              /* processors, at most PROCESSORS_MOST                   */
	int64_t busy, stolen;   /* of all of them; busy: not idle, not waiting, not stolen */
	int64_t busy_of[PROCESSORS_MOST];        /* by number; -1: switched off          */
};

/* Sums over the launches of a run. */
struct surroundings {
	const char *proc, *sys; /* the folders; a test gives its own                     */
	double ticks_per_s;
	double seconds;         /* of launches during which the machine was seen         */
	double other_s;         /* processor seconds of other work                       */
	double stolen_s;        /* processor seconds that a hypervisor gave to others    */
	double sibling_s, sibling_seconds; /* busy, of launches on one processor that has one */
	int processors;
	char governor[32];      /* the first that was not `performance`; "": none was seen */
	struct processor_times before;
};

/* proc, sys: NULL for the machine's own. */
void surroundings_start(struct surroundings *around, const char *proc, const char *sys);
/* Before a launch. */
void surroundings_before(struct surroundings *around);
/* After it.  seconds: by the wall clock; own_s: processor seconds of this program and its workers
 * meanwhile; cpu: where the worker was pinned, -1: nowhere; threads: that it had. */
void surroundings_after(struct surroundings *around, double seconds, double own_s, int cpu,
			int threads);
/* Processor seconds of this process and of its children that have ended. */
double processor_seconds(void);

#endif
