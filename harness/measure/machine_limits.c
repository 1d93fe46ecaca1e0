/* SPDX-License-Identifier: MIT
 *
 * What is measured at which size, and what became of it over launches.
 */
#include "limits_words.h"
#include "race_process.h"

#include <math.h>
#include <string.h>

/* How a measurement is cut: launches, samples a launch, microseconds a sample. */
static const struct effort {
	int launches, samples, sample_us;
} efforts[] = { { 7, 9, 4000 }, { 3, 5, 500 } }; /* thorough, quick              */

static const char *const level_names[MEMORY_LEVELS] = { "l1", "l2", "l3", "dram" };

double limits_seconds(const struct limits_options *options)
{
	const double all = options->quick ? 2 : 15;

	return (options->reads_alone ? 0 : all) + all / 20 * options->read_count;
}

double limits_launch_seconds(const struct limits_options *options)
{
	return limits_seconds(options) / efforts[options->quick].launches;
}

/* All threads' share of a cache: as many as it takes so that each thread has a processor. */
static int64_t capacity_of(const struct cache *cache, int threads)
{
	return cache->bytes * ((threads + cache->cpus - 1) / cache->cpus);
}

/* The size of a level's test, or a reason. */
static void choose_size(struct limit_result *result, const struct cache *caches, int threads)
{
	static const int64_t least = 64 << 20; /* where the system names no cache      */
	static const int64_t most = INT64_C(4) << 30;    /* touching takes time          */
	const int64_t room = memory_available() / 2;
	int64_t largest = 0, apart = 0;

	for (int i = 0; i < CACHE_LEVELS; i++) {
		if (capacity_of(&caches[i], threads) > largest)
			largest = capacity_of(&caches[i], threads);
		if (4 * caches[i].bytes * threads > apart)
			apart = 4 * caches[i].bytes * threads;
	}
	if (result->level < DRAM_LEVEL) {
		result->capacity = capacity_of(&caches[result->level], threads);
		result->bytes = result->capacity / 2;
		if (!result->bytes)
			snprintf(result->reason, sizeof result->reason,
				 "the system names no L%d cache", result->level + 1);
		return;
	}
	result->bytes = 4 * largest;
	if (result->bytes < most)
		result->bytes = apart < most ? apart : most;
	if (!largest)
		result->bytes = least;
	if (room && result->bytes > room)
		result->bytes = room;
	if (result->bytes < 2 * largest)
		snprintf(result->reason, sizeof result->reason,
			 "%lld MB of memory are free, and twice the caches takes %lld",
			 (long long)(2 * room >> 20), (long long)(4 * largest >> 20));
}

/* Whether the CPU runs another loop of the same thing that is not plain C. */
static bool has_faster(const struct limit *limit, uint64_t cpu)
{
	const size_t length = (size_t)(limit_isa(limit) - limit->value.name);

	for (const struct value *const *v = limit_values; *v; v++)
		if (limit_of(*v)->needs && !(limit_of(*v)->needs & ~cpu) &&
		    !strncmp((*v)->name, limit->value.name, length))
			return true;
	return false;
}

/* What the CPU does not run, or this measurement leaves out. */
static bool limits_refuse(struct limit_result *result, const struct limits_options *options)
{
	const struct limit *limit = result->limit;
	const uint64_t cpu = cpu_features();

	if (limit->needs & ~cpu)
		snprintf(result->reason, sizeof result->reason, "this CPU does not run %s",
			 limit_isa(limit));
	else if (options->quick && !limit->needs && has_faster(limit, cpu))
		snprintf(result->reason, sizeof result->reason, "plain C is left out when quick");
	return *result->reason;
}

static void plan_result(struct limit_result *result, const struct limit *limit, int level,
			const struct limits_options *options, const struct cache *caches)
{
	char thing[16];

	*result = (struct limit_result){
		.limit = limit, .level = level, .value = NAN, .spread = NAN
	};
	limit_thing(thing, sizeof thing, limit);
	snprintf(result->name, sizeof result->name, "%s%s%s", level < 0 ? "" : level_names[level],
		 level < 0 ? "" : "_", thing);
	if (limits_refuse(result, options))
		return;
	if (level >= 0)
		choose_size(result, caches, options->threads);
}

/* A loop that only reads so many bytes, by every loop that reads. */
static void plan_read(struct limit_result *result, const struct limit *limit, int64_t bytes,
		      const struct limits_options *options)
{
	*result = (struct limit_result){
		.limit = limit, .level = READ_LOOP, .bytes = bytes, .value = NAN, .spread = NAN
	};
	snprintf(result->name, sizeof result->name, "read_%lld", (long long)bytes);
	if (limits_refuse(result, options))
		return;
	if (bytes / options->threads < 2 * MOVE_STEP)
		snprintf(result->reason, sizeof result->reason,
			 "a thread's share of %lld bytes is less than a loop's step",
			 (long long)bytes);
	else if (memory_available() && bytes > memory_available() / 2)
		snprintf(result->reason, sizeof result->reason,
			 "%lld bytes are more than half of the memory that is free",
			 (long long)bytes);
}

int limits_plan(struct machine_limits *limits, const struct env *env,
		const struct limits_options *options, const struct cache *caches,
		struct error *error)
{
	struct cache own[CACHE_LEVELS];

	*limits = (struct machine_limits){ .env = env,
					   .threads = options->threads,
					   .quick = options->quick,
					   .pinned = true,
					   .cpu = -1 };
	limits->results = env_new(env, LIMITS_LOOPS_MOST, sizeof *limits->results, "limits", error);
	if (!limits->results)
		return -1;
	if (!caches)
		caches_read(own, NULL);
	for (const struct value *const *v = limit_values; *v; v++) {
		const struct limit *limit = limit_of(*v);
		const bool moves = limit->kind != LIMIT_ARITHMETIC;
		const int first = !moves ? -1 : limit->past_cache ? DRAM_LEVEL : 0;
		const int last = options->reads_alone ? first : moves ? MEMORY_LEVELS : 0;

		for (int level = first; level < last; level++)
			plan_result(&limits->results[limits->count++], limit, level, options,
				    caches ? caches : own);
		for (int i = 0; i < options->read_count && limit->kind == LIMIT_READ; i++)
			plan_read(&limits->results[limits->count++], limit, options->reads[i],
				  options);
	}
	return 0;
}

void limits_free(struct machine_limits *limits)
{
	if (limits->env)
		env_free(limits->env, limits->results);
	*limits = (struct machine_limits){ 0 };
}

struct launch {
	struct machine_limits *limits;
	const struct limits_options *options;
	const struct effort *effort;
	int count;
	struct limit_result *told[LIMITS_LOOPS_MOST]; /* in the order of the spec     */
	double best[LIMITS_LOOPS_MOST];
	struct limits_words words;
	struct worker_end end;
	double limit_s;
};

/* What is left to do in this launch: all without a reason, from `first` on. */
static char *write_spec(struct launch *launch, size_t first, struct error *error)
{
	struct text text = { .env = launch->limits->env };

	text_add(&text, "quantsweep-limits 1\nthreads %d\nsamples %d\nus %d\n",
		 launch->limits->threads, launch->effort->samples, launch->effort->sample_us);
	launch->count = 0;
	for (size_t i = first; i < launch->limits->count; i++) {
		struct limit_result *result = &launch->limits->results[i];

		if (*result->reason)
			continue;
		launch->told[launch->count++] = result;
		text_add(&text, "loop %s %lld\n", result->limit->value.name,
			 (long long)result->bytes);
	}
	text_add(&text, "end\n");
	return text_take(&text, error);
}

static int run_worker(struct launch *launch, const char *spec, struct error *error)
{
	const struct worker_ear ear = { limits_words_hear, &launch->words, launch->words.strange };
	const struct limits_options *options = launch->options;

	limits_words_start(&launch->words, launch->best, launch->count);
	launch->limit_s = options->time_limit_s > 0 ? options->time_limit_s
						    : 60 + 4 * limits_seconds(options);
	if (worker_task(launch->limits->env, options->program ? options->program : "/proc/self/exe",
			"limits", spec, strlen(spec), launch->limit_s, options->stop, &ear,
			&launch->end, error))
		return -1;
	if (launch->end.fate == FATE_STOPPED)
		return fail(error, STATUS_INTERRUPTED, "interrupted while limits were measured");
	launch->limits->cpu = launch->words.cpu;
	launch->limits->pinned &= launch->words.cpu >= 0;
	return 0;
}

/* Why the worker did not come to its end. */
static void say_death(const struct launch *launch, char *out, size_t size)
{
	const struct worker_end *end = &launch->end;
	char how[120];

	if (*launch->words.strange)
		snprintf(how, sizeof how, "wrote '%s', which is no result", launch->words.strange);
	else if (end->fate == FATE_TIMED_OUT)
		snprintf(how, sizeof how, "took longer than %.0f s and was killed",
			 launch->limit_s);
	else if (end->fate == FATE_SIGNALLED)
		snprintf(how, sizeof how, "was killed by signal %d (%s)", end->number,
			 strsignal(end->number));
	else
		snprintf(how, sizeof how, "ended with status %d", end->number);
	snprintf(out, size, "the worker %s%s%.100s%s", how, *end->last_words ? " (" : "",
		 end->last_words, *end->last_words ? ")" : "");
}

static void keep_best(struct limit_result *result, double best)
{
	if (isnan(best))
		return;
	result->least = result->launches ? fmin(result->least, best) : best;
	result->value = result->launches ? fmax(result->value, best) : best;
	result->launches++;
	if (result->launches > 1)
		result->spread = (result->value - result->least) / result->value;
}

/* One launch: a worker, and another one for what stands behind a loop that killed the first. */
static int run_launch(struct launch *launch, struct error *error)
{
	struct machine_limits *limits = launch->limits;
	size_t first = 0;

	for (;;) {
		char *spec = write_spec(launch, first, error);
		const int failed = !spec || (launch->count && run_worker(launch, spec, error));

		env_free(limits->env, spec);
		if (failed)
			return -1;
		for (int i = 0; i < launch->count; i++)
			keep_best(launch->told[i], launch->best[i]);
		if (!launch->count || launch->words.done)
			return 0;
		/* a worker that died between two loops has no culprit: nobody is asked again */
		if (launch->words.current < 0) {
			for (int i = 0; i < launch->count; i++)
				if (isnan(launch->best[i]))
					say_death(launch, launch->told[i]->reason,
						  sizeof launch->told[i]->reason);
			return 0;
		}
		struct limit_result *culprit = launch->told[launch->words.current];

		say_death(launch, culprit->reason, sizeof culprit->reason);
		first = (size_t)(culprit - limits->results) + 1;
	}
}

int limits_launch(struct machine_limits *limits, const struct limits_options *options,
		  struct error *error)
{
	const struct env *env = limits->env;
	const uint64_t start = env->now_ns(env);
	struct launch *launch = env_new(env, 1, sizeof *launch, "limits", error);
	int failed;

	if (!launch)
		return -1;
	*launch = (struct launch){ .limits = limits, .options = options,
				   .effort = &efforts[options->quick] };
	failed = run_launch(launch, error);
	env_free(env, launch);
	limits->seconds += (double)(env->now_ns(env) - start) * 1e-9;
	for (size_t i = 0; i < limits->count; i++)
		if (*limits->results[i].reason)
			limits->results[i].value = NAN;
	return failed;
}

int limits_measure(struct machine_limits *limits, const struct env *env,
		   const struct limits_options *options, struct error *error)
{
	int failed = limits_plan(limits, env, options, NULL, error);

	if (failed)
		return -1;
	for (int i = 0; !failed && i < efforts[options->quick].launches; i++)
		failed = limits_launch(limits, options, error);
	if (failed)
		limits_free(limits);
	return failed ? -1 : 0;
}
