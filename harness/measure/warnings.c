/* SPDX-License-Identifier: MIT
 *
 * The table of warnings about times.  The limits stand here, once: in the text and in the test.
 */
#include "warnings.h"

#include <stdio.h>

enum { FEW_LAUNCHES = 5, STEPS_LEAST = 1000 };
static const double other_most = 0.2;   /* processors, on average                        */
static const double stolen_most = 0.005;         /* of all processors' time              */
static const double sibling_most = 0.05;         /* of the launches' time                */

#define WORDS(name_, seen_, effect_, advice_, source_)                                             \
	.value = { .name = name_, .summary = seen_ ": " effect_, .source = source_ },              \
	.effect = effect_, .advice = advice_

static bool sees_governor(const struct warning_facts *facts, char *out, size_t size)
{
	const char *governor = facts->around->governor;

	snprintf(out, size, "the frequency governor is %s, not performance", governor);
	return *governor;
}

static const struct warning governor = {
	WORDS("governor", "the processor's frequency governor is not `performance`",
	      "the clock rises while a kernel runs, times hang on what ran before",
	      "set it: cpupower frequency-set -g performance",
	      "Linux cpufreq, scaling_governor of the pinned processor"),
	.sees = sees_governor,
};

static bool sees_neighbours(const struct warning_facts *facts, char *out, size_t size)
{
	const struct surroundings *around = facts->around;
	const double other = around->other_s / around->seconds;
	const double stolen = around->stolen_s / (around->seconds * around->processors);

	if (!(around->seconds > 0) || !around->processors)
		return false;
	if (stolen > stolen_most) {
		snprintf(out, size, "the hypervisor took %.1f %% of the processors' time",
			 100 * stolen);
		return true;
	}
	snprintf(out, size, "other work kept %.1f of %d processors busy meanwhile", other,
		 around->processors);
	return other > other_most;
}

static const struct warning neighbours = {
	WORDS("neighbours",
	      "other work kept over 0.2 processors busy, or a hypervisor took 0.5 %",
	      "times are too long and spread, intervals wider",
	      "measure again on a quiet machine (run: --again, or more --launches)",
	      "Linux /proc/stat before and after each launch, less what the launch used"),
	.sees = sees_neighbours,
};

static bool sees_sibling(const struct warning_facts *facts, char *out, size_t size)
{
	const struct surroundings *around = facts->around;
	const double busy = around->sibling_s / around->sibling_seconds;

	if (!(around->sibling_seconds > 0))
		return false;
	snprintf(out, size, "the sibling of the pinned processor was busy %.0f %% of the time",
		 100 * busy);
	return busy > sibling_most;
}

static const struct warning sibling = {
	WORDS("sibling", "the pinned core's other thread was busy over 5 % of the time",
	      "the two share its units, and a kernel may take twice as long",
	      "stop the other work, or switch simultaneous multithreading off",
	      "Linux sysfs, topology/thread_siblings_list; /proc/stat"),
	.sees = sees_sibling,
};

static bool sees_few(const struct warning_facts *facts, char *out, size_t size)
{
	snprintf(out, size, "%d launch%s", facts->launches, facts->launches == 1 ? "" : "es");
	return facts->launches < FEW_LAUNCHES;
}

static const struct warning few_launches = {
	WORDS("few_launches", "fewer than 5 launches",
	      "differences under 20 % say nothing, and an interval holds too rarely",
	      "add some: --launches 7",
	      "the median of one process is off by 7 to 44 % from launch to launch"),
	.of_race = true,
	.sees = sees_few,
};

static bool sees_clock(const struct warning_facts *facts, char *out, size_t size)
{
	snprintf(out, size, "a sample of %.3g ns on a clock of %.3g ns steps", facts->sample_ns,
		 facts->step_ns);
	return facts->sample_ns < STEPS_LEAST * facts->step_ns;
}

static const struct warning clock_steps = {
	WORDS("clock", "a sample is shorter than 1,000 steps of the clock",
	      "a step is more than 0.1 % of the time",
	      "use a machine with a finer clock (see current_clocksource in sysfs)",
	      "the least step between readings of CLOCK_MONOTONIC"),
	.of_race = true,
	.sees = sees_clock,
};

static bool sees_cache(const struct warning_facts *facts, char *out, size_t size)
{
	snprintf(out, size, "%.1f MiB are worked on, the last cache has %.1f MiB",
		 (double)facts->working_set / (1 << 20), (double)facts->last_cache / (1 << 20));
	return facts->last_cache > 0 && facts->working_set > facts->last_cache;
}

static const struct warning cache = {
	WORDS("cache", "a call works on more bytes than the last cache has",
	      "the time is the memory's, which all processors share",
	      "compare ratios of one launch alone, never stored times",
	      "Linux sysfs, cpu0/cache; operands and result of the largest kernel"),
	.of_race = true,
	.sees = sees_cache,
};

static bool sees_unpinned(const struct warning_facts *facts, char *out, size_t size)
{
	snprintf(out, size, "the worker was not pinned in %d of %d launches", facts->unpinned,
		 facts->made);
	return facts->unpinned > 0;
}

static const struct warning unpinned = {
	WORDS("unpinned", "the worker was not pinned to one processor",
	      "times spread about twice as far while it moves from one to another",
	      "allow sched_setaffinity, which a sandbox may refuse",
	      "a kernel of 50 us: 0.38 % from launch to launch pinned, 0.80 % not"),
	.of_race = true,
	.sees = sees_unpinned,
};

const struct value *const warning_values[] = { &governor.value,	     &neighbours.value,
					       &sibling.value,	     &few_launches.value,
					       &clock_steps.value,   &cache.value,
					       &unpinned.value,	     NULL };
