/* SPDX-License-Identifier: MIT
 *
 * A few threads that stay, for kernels timed on more than one: a kernel makes no threads, the
 * harness splits its units.  Thread t of T takes units [count*t/T, count*(t+1)/T); the caller is
 * thread 0.
 *
 * Between two calls a thread watches for work about 50 us before it sleeps, so that in a loop of
 * calls nobody is woken by the kernel; a sleeper costs the next call its waking.  A call of empty
 * units takes 1 us on 2 threads and 2 us on 4 (median of 20,000, virtual machine of 4 cores).
 */
#ifndef QS_RACE_POOL_H
#define QS_RACE_POOL_H

#include "../env.h"

struct pool;

/* Pins the caller and threads - 1 new ones each to a CPU of its own: the last allowed one, the last
 * but one, ...  (around again where there are fewer).  *cpu gets the caller's; -1 where the system
 * refuses, and nothing is pinned then.  threads >= 1. */
int pool_open(struct pool **pool, const struct env *env, int threads, int *cpu,
	      struct error *error);
/* NULL is fine. */
void pool_close(struct pool *pool);

/* One thread's share of a work; other than 0: it failed. */
typedef int pool_work(void *self, int64_t first, int64_t last);
/* Runs all `count` units and comes back when all are done.  0, or what a share gave. */
int pool_run(struct pool *pool, pool_work *work, void *self, int64_t count);

#endif
