/* SPDX-License-Identifier: MIT
 *
 * One worker as a process: started, listened to, killed when its time is over, reaped.  Nothing is
 * left behind: no zombie, no descriptor, no grandchild of its process group.
 */
#ifndef QS_RACE_PROCESS_H
#define QS_RACE_PROCESS_H

#include "race_words.h"

enum worker_fate {
	FATE_EXITED,            /* number: its exit status                               */
	FATE_SIGNALLED,         /* number: the signal                                    */
	FATE_TIMED_OUT,
	FATE_STRANGE,           /* it was killed because its ear's strange is not empty  */
	FATE_STOPPED            /* *options->stop was set                                */
};

struct worker_end {
	enum worker_fate fate;
	int number;
	char last_words[120];   /* the last line it wrote to standard error, printable   */
};

struct worker_ear {             /* who hears its output, cut anywhere                    */
	void (*hear)(void *self, const char *bytes, size_t count);
	void *self;
	const char *strange;    /* not empty: it said what nobody says, and is killed    */
};

/* Runs `program worker TASK` (NULL: a race) with `spec` as its standard input and gives its output
 * to `ear` until it ends; else as below. */
int worker_task(const struct env *env, const char *program, const char *task, const char *spec,
		size_t spec_bytes, double limit_s, const volatile sig_atomic_t *stop,
		const struct worker_ear *ear, struct worker_end *end, struct error *error);
/* Runs `program worker` with `spec` as its standard input and gives its output to `words` until it
 * ends.  The worker has its own process group, so that a terminal's Ctrl-C reaches it only through
 * this program; the environment is passed on but for BENCHMARK_*, which Google Benchmark reads.
 * -1 only where no process can be made. */
int worker_process(const struct env *env, const char *program, const char *spec, size_t spec_bytes,
		   double limit_s, const volatile sig_atomic_t *stop, struct worker_words *words,
		   struct worker_end *end, struct error *error);

/* "the worker was killed by signal 11 (Segmentation fault) while gemm_x__y was checked". */
void worker_death(char *out, size_t size, const struct race_spec *spec,
		  const struct worker_words *words, const struct worker_end *end, double limit_s);

#endif
