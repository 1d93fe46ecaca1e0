/* SPDX-License-Identifier: MIT */
#include "race_pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

/* About 50 us of looking on a CPU of 2 to 5 GHz, where one pause takes 40 to 140 cycles. */
enum { LOOKS = 2000 };

struct pool_thread {
	struct pool *pool;
	pthread_t id;
	int index, cpu;
};

struct pool {
	const struct env *env;
	int threads, started;    /* started: beside the caller                           */
	struct pool_thread *thread;
	pool_work *work;         /* NULL: end.  Written before `round` is raised         */
	void *self;
	int64_t count;
	atomic_uint round;       /* raised for each work                                 */
	atomic_int busy;         /* threads, without the caller, that are not done       */
	atomic_int failed;
	pthread_mutex_t lock;    /* for sleeping alone: `round` changes under it         */
	pthread_cond_t wake;
};

static void look_away(void)
{
#if defined __x86_64__
	__builtin_ia32_pause();
#endif
}

static void run_share(struct pool *pool, int index)
{
	const int64_t each = pool->count / pool->threads, more = pool->count % pool->threads;
	const int64_t first = each * index + more * index / pool->threads;
	const int64_t last = each * (index + 1) + more * (index + 1) / pool->threads;
	int failed;

	if (first == last)
		return;
	failed = pool->work(pool->self, first, last);
	if (failed)
		atomic_store_explicit(&pool->failed, failed, memory_order_relaxed);
}

static unsigned wait_for_round(struct pool *pool, unsigned seen)
{
	unsigned round;

	for (int i = 0; i < LOOKS; i++) {
		round = atomic_load_explicit(&pool->round, memory_order_acquire);
		if (round != seen)
			return round;
		look_away();
	}
	pthread_mutex_lock(&pool->lock);
	while ((round = atomic_load_explicit(&pool->round, memory_order_acquire)) == seen)
		pthread_cond_wait(&pool->wake, &pool->lock);
	pthread_mutex_unlock(&pool->lock);
	return round;
}

static int pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	return sched_setaffinity(0, sizeof set, &set);
}

static void *pool_thread_main(void *self)
{
	struct pool_thread *thread = self;
	struct pool *pool = thread->pool;
	unsigned round = 0;

	if (thread->cpu >= 0)
		pin(thread->cpu);
	for (;;) {
		round = wait_for_round(pool, round);
		if (!pool->work)
			return NULL;
		run_share(pool, thread->index);
		atomic_fetch_sub_explicit(&pool->busy, 1, memory_order_release);
	}
}

/* Makes `work` known to all threads, asleep or not. */
static void begin_round(struct pool *pool, pool_work *work)
{
	pool->work = work;
	atomic_store_explicit(&pool->busy, pool->started, memory_order_relaxed);
	pthread_mutex_lock(&pool->lock);
	atomic_fetch_add_explicit(&pool->round, 1, memory_order_release);
	pthread_cond_broadcast(&pool->wake);
	pthread_mutex_unlock(&pool->lock);
}

int pool_run(struct pool *pool, pool_work *work, void *self, int64_t count)
{
	if (!pool->started)
		return work(self, 0, count);
	pool->self = self;
	pool->count = count;
	atomic_store_explicit(&pool->failed, 0, memory_order_relaxed);
	begin_round(pool, work);
	run_share(pool, 0);
	for (unsigned i = 1; atomic_load_explicit(&pool->busy, memory_order_acquire); i++) {
		if (i % LOOKS)
			look_away();
		else
			sched_yield();
	}
	return atomic_load_explicit(&pool->failed, memory_order_relaxed);
}

/* The last `wanted` of the CPUs this process may use, the last first, around again where there are
 * fewer; all -1 where the system does not say. */
static void choose_cpus(struct pool_thread *thread, int wanted)
{
	cpu_set_t allowed;
	int chosen = 0;

	for (int i = 0; i < wanted; i++)
		thread[i].cpu = -1;
	if (sched_getaffinity(0, sizeof allowed, &allowed))
		return;
	for (int cpu = CPU_SETSIZE; cpu-- > 0 && chosen < wanted;)
		if (CPU_ISSET((size_t)cpu, &allowed))
			thread[chosen++].cpu = cpu;
	for (int i = chosen; chosen && i < wanted; i++)
		thread[i].cpu = thread[i - chosen].cpu;
}

int pool_open(struct pool **out, const struct env *env, int threads, int *cpu,
	      struct error *error)
{
	struct pool *pool = env_new(env, 1, sizeof *pool, "a pool of threads", error);

	*out = NULL;
	if (!pool)
		return -1;
	pool->env = env;
	pool->threads = threads;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->wake, NULL);
	pool->thread =
		env_new(env, (size_t)threads, sizeof *pool->thread, "a pool of threads", error);
	if (!pool->thread)
		goto failed;
	choose_cpus(pool->thread, threads);
	if (pool->thread[0].cpu >= 0 && pin(pool->thread[0].cpu))
		for (int i = 0; i < threads; i++)
			pool->thread[i].cpu = -1;
	*cpu = pool->thread[0].cpu;
	for (int i = 1; i < threads; i++) {
		pool->thread[i].pool = pool;
		pool->thread[i].index = i;
		if (pthread_create(&pool->thread[i].id, NULL, pool_thread_main, &pool->thread[i])) {
			fail(error, STATUS_MACHINE,
			     "the system gave %d of %d threads; ask for fewer", i, threads);
			goto failed;
		}
		pool->started++;
	}
	*out = pool;
	return 0;
failed:
	pool_close(pool);
	return -1;
}

void pool_close(struct pool *pool)
{
	if (!pool)
		return;
	if (pool->started)
		begin_round(pool, NULL);
	for (int i = 1; i <= pool->started; i++)
		pthread_join(pool->thread[i].id, NULL);
	pthread_cond_destroy(&pool->wake);
	pthread_mutex_destroy(&pool->lock);
	env_free(pool->env, pool->thread);
	env_free(pool->env, pool);
}
