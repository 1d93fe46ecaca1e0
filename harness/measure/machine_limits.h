/* SPDX-License-Identifier: MIT
 *
 * The limits of this machine, measured: every loop of limits/limits.c that the CPU runs, the moving
 * ones once for each level of memory.
 *
 * A launch is a fresh pinned worker (`quantsweep worker limits`) that runs all of them; of each the
 * best sample counts, and over launches the best launch: a limit is what the machine can do, and
 * neighbours only take from it.  A loop that kills its worker has a reason instead of a value; the
 * others get another worker.
 *
 * Sizes: half of L1, half of L2 (each thread has its own unless the system says that several
 * processors share one), half of L3.  For DRAM four times the largest cache for each thread, as a
 * virtual machine may say that processors share a cache which have one each; at most 4 GiB, unless
 * the threads are said to have a quarter of that, and at most half of the memory that is free.  A
 * copy reads one half of its bytes and writes the other.  A read loop of a size that is asked for,
 * that of a gemm's weights, takes this size, wherever it lies.
 */
#ifndef QS_MACHINE_LIMITS_H
#define QS_MACHINE_LIMITS_H

#include "../cpu.h"
#include "../env.h"
#include "limits/limit.h"

#include <signal.h>

enum { DRAM_LEVEL = CACHE_LEVELS, MEMORY_LEVELS, READ_LOOP = MEMORY_LEVELS };   /* 0: L1 */
enum { READ_LOOPS_MOST = 32 };

struct limit_result {
	const struct limit *limit;
	char name[24];          /* what it is a limit of: "int8_dot", "l2_read", "read_4096" */
	int level;              /* 0 .. DRAM_LEVEL, READ_LOOP; -1: arithmetic            */
	int64_t bytes;          /* worked on by all threads together; 0: arithmetic      */
	int64_t capacity;       /* of the level, for all threads; 0: no end, or arithmetic */
	double value;           /* 10^9 operations or bytes a second; NaN: see reason    */
	double least;           /* of the launches' values                               */
	double spread;          /* (greatest - least) / value over launches; NaN: one launch */
	int launches;           /* that gave a value                                     */
	char reason[240];       /* why there is no value                                 */
};

struct machine_limits {
	const struct env *env;
	int threads;
	size_t count;
	struct limit_result *results;
	bool quick;
	bool pinned;            /* in every launch                                       */
	int cpu;                /* of the last worker's first thread; -1: not pinned     */
	double seconds;
};

struct limits_options {
	int threads;            /* 1 .. 1024                                             */
	bool quick;             /* short samples, few launches, no plain C where there is other */
	int read_count;         /* at most READ_LOOPS_MOST                               */
	const int64_t *reads;   /* sizes of read loops to be measured too, bytes         */
	bool reads_alone;       /* nothing else is measured                              */
	const char *program;    /* NULL: /proc/self/exe                                  */
	double time_limit_s;    /* of a launch; 0: the usual one                         */
	const volatile sig_atomic_t *stop;       /* as of races; may be NULL             */
};

/* What is to be measured and what cannot be, with reasons; no value yet.  caches: NULL: this
 * machine's. */
int limits_plan(struct machine_limits *limits, const struct env *env,
		const struct limits_options *options, const struct cache *caches,
		struct error *error);
/* One more launch into what was planned with these options: the best launch counts. -1: no process
 * can be made, or *stop. */
int limits_launch(struct machine_limits *limits, const struct limits_options *options,
		  struct error *error);
/* limits_plan and all launches; nothing is left to free on -1. */
int limits_measure(struct machine_limits *limits, const struct env *env,
		   const struct limits_options *options, struct error *error);
void limits_free(struct machine_limits *limits);
/* Seconds that limits_measure takes, and one launch, about; each read loop adds a share. */
double limits_seconds(const struct limits_options *options);
double limits_launch_seconds(const struct limits_options *options);

/* The task's own main: reads what to measure from standard input. */
int limits_worker(const struct env *env, struct error *error);

#endif
