/* SPDX-License-Identifier: MIT
 *
 * What is seen while races are launched, and the warnings it comes to.
 */
#include "run_warnings.h"

#include "../cpu.h"

#include <math.h>

/* The least step between 1,000 readings; NaN: it stands still. */
static double clock_step_ns(const struct env *env)
{
	double least = NAN;
	uint64_t last = env->now_ns(env);

	for (int i = 0; i < 1000; i++) {
		const uint64_t now = env->now_ns(env);

		if (now > last)
			least = fmin((double)(now - last), least);
		last = now;
	}
	return least;
}

int run_watch_open(struct run_watch *watch, const struct run *run, struct error *error)
{
	struct cache caches[CACHE_LEVELS];

	*watch = (struct run_watch){ .run = run, .step_ns = clock_step_ns(run->env) };
	surroundings_start(&watch->around, NULL, NULL);
	caches_read(caches, NULL);
	for (int i = 0; i < CACHE_LEVELS; i++)
		if (caches[i].bytes > watch->last_cache)
			watch->last_cache = caches[i].bytes;
	watch->races = env_new(run->env, run->plan->race_count, sizeof *watch->races, "the races",
			       error);
	return watch->races ? 0 : -1;
}

void run_watch_close(struct run_watch *watch)
{
	env_free(watch->run->env, watch->races);
}

void run_watch_before(struct run_watch *watch)
{
	surroundings_before(&watch->around);
	watch->own_before_s = processor_seconds();
}

void run_watch_after(struct run_watch *watch, const struct race *race,
		     const struct launch_result *result)
{
	struct race_seen *seen = &watch->races[race - watch->run->plan->races];

	surroundings_after(&watch->around, result->seconds,
			   processor_seconds() - watch->own_before_s, result->cpu, race->threads);
	seen->made++;
	seen->unpinned += !result->pinned;
}

/* A repetition is a loop of calls that takes at least REPETITION_MS. */
static struct warning_facts facts_of_race(const struct run_watch *watch, const struct race *race)
{
	const struct race_seen *seen = &watch->races[race - watch->run->plan->races];
	struct warning_facts facts = {
		.of_race = true, .launches = race->launched, .unpinned = seen->unpinned,
		.made = seen->made, .sample_ns = REPETITION_MS * 1e6, .step_ns = watch->step_ns,
		.last_cache = watch->last_cache,
	};

	for (size_t i = race->first; i < race->first + race->count; i++) {
		const int64_t bytes = race_bytes(race, watch->run->plan->timings[i].kernel);

		if (bytes > facts.working_set)
			facts.working_set = bytes;
	}
	return facts;
}

static int put_warnings(const struct run_watch *watch, const struct race *race,
			const struct warning_facts *facts, struct error *error)
{
	for (const struct value *const *value = warning_values; *value; value++) {
		const struct warning *warning = warning_of(*value);
		char seen[200];

		if (warning->of_race == facts->of_race &&
		    warning->sees(facts, seen, sizeof seen) &&
		    store_put_warning(watch->run->store, watch->run->plan, race, warning, seen,
				      error))
			return -1;
	}
	return 0;
}

int run_watch_warn(const struct run_watch *watch, struct error *error)
{
	const struct warning_facts facts = { .around = &watch->around };
	const struct plan *plan = watch->run->plan;
	bool any = false;

	for (size_t i = 0; i < plan->race_count; i++) {
		if (!watch->races[i].made)
			continue;
		const struct warning_facts of_race = facts_of_race(watch, &plan->races[i]);

		if (put_warnings(watch, &plan->races[i], &of_race, error))
			return -1;
		any = true;
	}
	return any ? put_warnings(watch, NULL, &facts, error) : 0;
}
