/* SPDX-License-Identifier: MIT
 *
 * The worker that measures limits: each loop on all threads at once, each thread on bytes of its
 * own that it touched first.
 *
 * A sample runs a loop as often as fills its time; its rate is the work of all threads over the
 * time until the last is done.  Handing out the work takes microseconds of a sample's milliseconds.
 */
#include "limits_words.h"
#include "race_pool.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Between the halves of a copy, so that loads and stores do not meet at equal offsets in a page. */
enum { APART = 2048, PAGE = 4096 };

struct work {                   /* one loop, shared by the threads                       */
	const struct limit *limit;
	struct limit_operands *operands;         /* [threads]                            */
	unsigned char *memory;  /* [threads] of `stride` bytes                           */
	int64_t stride, bytes;  /* bytes: of one thread                                  */
	int64_t times;          /* rounds or passes                                      */
	uint32_t *sums;         /* [threads]: what reading gave                          */
};

static int run_share(void *self, int64_t first, int64_t last)
{
	const struct work *work = self;
	const struct limit *limit = work->limit;

	for (int64_t t = first; t < last; t++) {
		unsigned char *from = work->memory + t * work->stride;

		if (limit->kind == LIMIT_ARITHMETIC)
			limit->multiply(&work->operands[t], work->times);
		else if (limit->kind == LIMIT_COPY)
			work->sums[t] = limit->move(from + work->bytes / 2 + APART, from,
						    work->bytes / 2, work->times);
		else
			work->sums[t] = limit->move(from, from, work->bytes, work->times);
	}
	return 0;
}

static int touch_share(void *self, int64_t first, int64_t last)
{
	const struct work *work = self;

	memset(work->memory + first * work->stride, LIMIT_BYTE,
	       (size_t)((last - first) * work->stride));
	return 0;
}

/* Operations or bytes of one thread and time. */
static double work_amount(const struct work *work)
{
	if (work->limit->kind == LIMIT_ARITHMETIC)
		return (double)limit_operations(work->limit);
	return (double)work->bytes;
}

/* Nanoseconds of one run by all threads; at least 1. */
static double run_once(const struct env *env, struct pool *pool, struct work *work, int threads)
{
	const uint64_t start = env->now_ns(env);

	pool_run(pool, run_share, work, threads);
	return fmax((double)(env->now_ns(env) - start), 1);
}

/* The best rate of `samples`, after the runs that find out how many times fill one. */
static double best_rate(const struct env *env, struct pool *pool, struct work *work,
			const struct limits_spec *spec)
{
	static const int64_t times_most = INT64_C(1) << 40;
	const double wanted = spec->sample_us * 1e3;
	double best = 0, ns;

	work->times = 1;
	while ((ns = run_once(env, pool, work, spec->threads)) < wanted / 2 &&
	       work->times < times_most)
		work->times = (int64_t)((double)work->times * fmin(fmax(wanted / ns, 1.5), 16)) + 1;
	for (int i = 0; i < spec->samples; i++) {
		ns = run_once(env, pool, work, spec->threads);
		best = fmax(best, work_amount(work) * (double)work->times * spec->threads / ns);
	}
	return best;
}

/* Small numbers in each type: sums stay finite for as long as a launch takes. */
static void fill_operands(struct limit_operands *operands)
{
	memset(operands, 0, sizeof *operands);
	memset(operands->a, 1, sizeof operands->a);
	memset(operands->b, 1, sizeof operands->b);
}

static int measure_loop(const struct env *env, struct pool *pool, const struct limits_spec *spec,
			int index, uint32_t *sums, FILE *out, struct error *error)
{
	const struct limits_loop *loop = &spec->loop[index];
	const int64_t each = loop->bytes / spec->threads & ~(int64_t)(2 * MOVE_STEP - 1);
	struct work work = { .limit = loop->limit, .bytes = each, .sums = sums };
	const size_t size = (size_t)spec->threads *
			    (loop->bytes ? (size_t)((each + APART + PAGE - 1) / PAGE * PAGE)
					 : sizeof *work.operands);
	void *memory;

	if (loop->limit->needs & ~cpu_features() || (loop->bytes && !each))
		return fail(error, STATUS_INPUT, "'%s' cannot run here on %lld bytes",
			    loop->limit->value.name, (long long)loop->bytes);
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return fail(error, STATUS_MACHINE, "'%s': no memory for %zu bytes: %s",
			    loop->limit->value.name, size, strerror(errno));
	madvise(memory, size, MADV_HUGEPAGE);
	fprintf(out, "start %d\n", index);
	fflush(out);
	if (loop->bytes) {
		work.memory = memory;
		work.stride = (int64_t)size / spec->threads;
		pool_run(pool, touch_share, &work, spec->threads);
	} else {
		work.operands = memory;
		for (int t = 0; t < spec->threads; t++)
			fill_operands(&work.operands[t]);
	}
	fprintf(out, "best %d %.6g\n", index, best_rate(env, pool, &work, spec));
	fflush(out);
	munmap(memory, size);
	return 0;
}

static int measure_all(const struct env *env, const struct limits_spec *spec, struct error *error)
{
	uint32_t *sums = env_new(env, (size_t)spec->threads, sizeof *sums, "limits", error);
	struct pool *pool = NULL;
	int cpu, failed;

	if (!sums)
		return -1;
	failed = pool_open(&pool, env, spec->threads, &cpu, error);
	if (!failed) {
		printf("cpu %d\n", cpu);
		fflush(stdout);
	}
	for (int i = 0; !failed && i < spec->count; i++)
		failed = measure_loop(env, pool, spec, i, sums, stdout, error);
	if (!failed && (printf("done\n") < 0 || fflush(stdout)))
		failed = fail(error, STATUS_MACHINE, "the result cannot be written: %s",
			      strerror(errno));
	pool_close(pool);
	env_free(env, sums);
	return failed;
}

int limits_worker(const struct env *env, struct error *error)
{
	struct limits_spec *spec = env_new(env, 1, sizeof *spec, "limits", error);
	char *text = spec ? env_new(env, LIMITS_SPEC_MOST, 1, "limits", error) : NULL;
	size_t length;
	int failed = -1;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (text) {
		length = fread(text, 1, LIMITS_SPEC_MOST - 1, stdin);
		text[length] = '\0';
		failed = limits_spec_read(spec, text, error) || measure_all(env, spec, error);
	}
	env_free(env, text);
	env_free(env, spec);
	return failed ? -1 : 0;
}
