/* SPDX-License-Identifier: MIT
 *
 * Google Benchmark 1.7.1 behind a C door.  No exception passes.
 *
 * shim_time: times N runners with the repetitions of all of them in random order, and gives back
 * every repetition.  Nothing is printed, and neither a command line nor a BENCHMARK_* variable of
 * the environment changes what is measured.
 *
 * One repetition is a loop of calls that lasts at least repetition_ms (Google Benchmark finds the
 * count in each runner's first one), after untimed calls until 2 ms have passed, because what ran
 * before has filled the caches.  A runner whose call takes longer than a repetition is not warmed.
 *
 * One thread at a time: Google Benchmark's list of benchmarks is global.  The calls may follow each
 * other in one process.
 */
#ifndef QS_BENCHMARK_SHIM_H
#define QS_BENCHMARK_SHIM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct shim_runner {
	int (*run)(void *self);          /* one call; other than 0: it failed            */
	void *self;
};

struct shim_options {
	int repetitions;                 /* 1 .. 1000                                    */
	int repetition_ms;               /* 1 .. 60000                                   */
	/* Told before each loop of calls, timed or not, which runner is next; may be NULL. */
	void (*announce)(void *self, int runner);
	/* Told behind the untimed calls, before the loop itself; may be NULL. */
	void (*begin)(void *self, int runner);
	void *announce_self;     /* of both                                               */
};

struct shim_sample {                     /* one repetition                               */
	int runner;
	int64_t calls;
	double ns;                       /* real time of one call, mean over the calls   */
};

/* Fills samples (room for count * repetitions) in the order in which they ran; *sample_count how
 * many.  A runner that failed once has none.  0, or -1 with a sentence in `why`. */
int shim_time(const struct shim_runner *runners, int count, const struct shim_options *options,
	      struct shim_sample *samples, int *sample_count, char *why, size_t why_size);

struct shim_benchmark {
	const char *name;
	struct shim_runner runner;
	double operations, bytes;        /* of one call; 0: no such counter               */
};

struct shim_run {
	const struct shim_benchmark *benchmarks;
	int count;
	/* Google Benchmark's own, checked: it ends the program on a bad one.  "--name=value". */
	char *const *flags;
	size_t flag_count;
	const char *const *keys, *const *values;         /* of the context                */
	size_t context_count;
	/* Told before each loop of calls which benchmark is next; may be NULL. */
	void (*announce)(void *self, int benchmark);
	void *announce_self;
};

/* Runs the benchmarks as Google Benchmark's flags say, with its own output on standard output,
 * which is the null device for the runners: what a kernel prints does not get into it.  Counters
 * gops and gbytes_per_s are of real time.  Once in a process.  0, or -1 with a sentence in `why`.
 */
int shim_run_flags(const struct shim_run *run, char *why, size_t why_size);

#ifdef __cplusplus
}
#endif

#endif
