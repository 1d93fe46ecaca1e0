/* SPDX-License-Identifier: MIT
 *
 * The timed part of a worker: all runners under Google Benchmark, or two in turn.
 */
#include "benchmark_shim.h"
#include "worker_parts.h"

static int run_share(void *self, int64_t first, int64_t last)
{
	const struct workload_call *call = self;

	return call->kernel->run(call->prepared, call->workload->a.data, call->workload->y.data,
				 first, last);
}

static int run_alone(void *self)
{
	return workload_call(self);
}

static int run_in_pool(void *self)
{
	struct runner *runner = self;

	return pool_run(runner->worker->pool, run_share, &runner->call, runner->call.units);
}

struct timed {                  /* the runners that are timed, in the shim's order       */
	struct worker *worker;
	int index[RUNNERS_MAX];
	struct network_call *loop;       /* whose loop of calls began and has not ended   */
};

static void end_loop(struct timed *timed)
{
	if (timed->loop)
		network_loop_end(timed->loop);
	timed->loop = NULL;
}

static void announce(void *self, int which)
{
	struct timed *timed = self;

	end_loop(timed);
	worker_say(timed->worker, "time %d\n", timed->index[which]);
}

static void begin(void *self, int which)
{
	struct timed *timed = self;

	timed->loop = timed->worker->runner[timed->index[which]].network;
	if (timed->loop)
		network_loop_begin(timed->loop);
}

static struct shim_runner runner_of(struct runner *runner)
{
	if (runner->network)
		return (struct shim_runner){ network_call_run, runner->network };
	if (runner->worker->spec.threads > 1)
		return (struct shim_runner){ run_in_pool, runner };
	return (struct shim_runner){ run_alone, &runner->call };
}

/* Calls a runner once that may be slow.  true: it was, and that was its only repetition, the
 * launch's number `order`. */
static bool time_slow(struct worker *worker, int i, int order)
{
	const struct env *env = &worker->env;
	const struct shim_runner runner = runner_of(&worker->runner[i]);

	struct network_call *network = worker->runner[i].network;

	worker_say(worker, "time %d\n", i);
	if (network)
		network_loop_begin(network);
	const uint64_t start = env->now_ns(env);

	if (runner.run(runner.self))
		return true;
	const uint64_t ns = env->now_ns(env) - start;

	if (ns < SLOW_CALL_MS * UINT64_C(1000000))
		return false;
	if (network)
		network_loop_end(network);
	worker_say(worker, "sample %d %d %.17g\n", i, order, (double)ns);
	return true;
}

int worker_time(struct worker *worker, struct error *error)
{
	struct shim_runner runners[RUNNERS_MAX];
	struct shim_sample samples[RUNNERS_MAX * REPETITIONS];
	struct timed timed = { .worker = worker };
	const struct shim_options options = { .repetitions = worker->spec.repetitions,
					      .repetition_ms = worker->spec.repetition_ms,
					      .announce = announce, .begin = begin,
					      .announce_self = &timed };
	int count = 0, slow = 0, sample_count;
	char why[200];

	for (int i = 0; i < worker->spec.runner_count; i++) {
		struct runner *runner = &worker->runner[i];

		if (!runner->ready)
			continue;
		if (runner->slow && time_slow(worker, i, slow)) {
			slow++;
			continue;
		}
		timed.index[count] = i;
		runners[count++] = runner_of(runner);
	}
	if (count && shim_time(runners, count, &options, samples, &sample_count, why, sizeof why))
		return fail(error, STATUS_MACHINE, "%s", why);
	end_loop(&timed);
	for (int s = 0; count && s < sample_count; s++)
		worker_say(worker, "sample %d %d %.17g\n", timed.index[samples[s].runner],
			   slow + s, samples[s].ns);
	for (int i = 0; i < worker->spec.runner_count; i++)
		if (worker->runner[i].network)
			network_say_layers(worker, i);
	return 0;
}

/* The new kernel's call, with the units that a handicap repeats. */
static int run_handicapped(void *self)
{
	const struct runner *runner = self;
	const struct workload_call *call = &runner->call;
	const int64_t again = call->units * runner->worker->spec.handicap / 1000;

	return workload_call(call) ||
	       call->kernel->run(call->prepared, call->workload->a.data, call->workload->y.data, 0,
				 again);
}

int worker_duel(struct worker *worker, struct error *error)
{
	struct runner *const pair = worker->runner;
	struct runner *const new = &pair[worker->spec.runner[0].library ? 1 : 0];
	struct duel_runner runners[2];
	struct duel_result r;

	if (!pair[0].ready || !pair[1].ready)
		return 0;
	for (int i = 0; i < 2; i++) {
		if (&pair[i] == new && worker->spec.handicap)
			runners[i] = (struct duel_runner){ run_handicapped, new };
		else
			runners[i] = (struct duel_runner){ run_alone, &pair[i].call };
	}
	worker_say(worker, "units %lld\n", (long long)new->call.units);
	if (worker->spec.duel == DUEL_CHECKED)
		return 0;
	const struct workload *workload = new->call.workload;

	if (new->call.units * worker->spec.handicap % 1000)
		return fail(error, STATUS_INPUT, "%d per mille of %lld units is no whole number",
			    worker->spec.handicap, (long long)new->call.units);
	worker_say(worker, "time %d\n", (int)(new - pair));
	if (duel_time(&worker->env, &runners[0], &runners[1], worker->spec.seed,
		      workload->a.bytes + workload->y.bytes + pair[0].call.bytes +
			      pair[1].call.bytes,
		      &r, error))
		return -1;
	worker_say(worker,
		   "duel %.17g %.17g %.17g %.17g %.17g %.17g %.17g %.17g %.17g %.17g %lld %d\n",
		   r.r, r.e1, r.e2, r.e3, r.a.least_ns, r.a.tenth_ns, r.a.median_ns, r.b.least_ns,
		   r.b.tenth_ns, r.b.median_ns, (long long)r.calls, r.preempted);
	return 0;
}
