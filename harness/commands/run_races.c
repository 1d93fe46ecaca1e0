/* SPDX-License-Identifier: MIT */
#include "run.h"

#include "../estimate.h"

/* A guest that was refused or wrong is seen in its row; only asked-for cells fail a run. */
static void count_outcomes(struct run *run, const struct race *race,
			   const struct launch_result *result)
{
	for (size_t i = 0; i < race->count; i++) {
		struct timing_cell *cell = &run->plan->timings[race->first + i];
		const struct runner_result *runner = &result->runner[i];

		switch (runner->verdict) {
		case VERDICT_EXACT:
		case VERDICT_WITHIN:
			cell->outcome = OUTCOME_DONE;
			break;
		case VERDICT_REFUSED:
			cell->outcome = OUTCOME_SKIPPED;
			break;
		default:
			cell->outcome = OUTCOME_FAILED;
			run_say(run, cell->label, runner->reason);
		}
		run->done += cell->outcome == OUTCOME_DONE;
		run->skipped += cell->outcome == OUTCOME_SKIPPED;
		run->failed += cell->outcome == OUTCOME_FAILED;
	}
}

static int run_race(struct run *run, const struct race *race, struct launch_result *result,
		    struct error *error)
{
	const double seconds = race_cost_seconds(run->plan, race);
	const struct race_options options = {
		.program = run->program, .seed = run->seed, .repetitions = REPETITIONS,
		.repetition_ms = REPETITION_MS, .time_limit_s = 30 + 20 * seconds,
		.stop = run->stop,
	};

	progress_show(run->progress, race->name);
	if (race_launch(run->plan, race, &options, result, error) ||
	    store_put_launch(run->store, run->plan, race, 0, result, error))
		return -1;
	count_outcomes(run, race, result);
	run->totals.race_seconds += result->seconds;
	progress_step(run->progress, seconds, race->name);
	return 0;
}

int run_races(struct run *run, struct error *error)
{
	struct launch_result *result = env_new(run->env, 1, sizeof *result, "a launch", error);
	int failed = result ? 0 : -1;

	for (size_t i = 0; !failed && !*run->stop && i < run->plan->race_count; i++)
		if (race_is_planned(run->plan, &run->plan->races[i]))
			failed = run_race(run, &run->plan->races[i], result, error);
	env_free(run->env, result);
	return failed;
}
