/* SPDX-License-Identifier: MIT */
#include "run_warnings.h"

#include "../estimate.h"
#include "../random.h"

enum { ORDER_STREAM = 5 };      /* of the seed: the order of launches                    */

/* Of the race that is being launched. */
struct turn {
	struct run *run;
	struct race *race;
	struct launch_result *result;
	struct run_watch watch;
	bool left_out[RUNNERS_MAX];
};

/* That a peer is wrong is a finding, and its row shows it. */
static bool has_failed(const struct timing_cell *cell, enum verdict verdict)
{
	return verdict == VERDICT_NOT_RUN || (verdict == VERDICT_WRONG && !cell->kernel->peer);
}

/* Whom a worker died of would cost each further launch a worker, and its time limit. */
static bool is_left_out(const struct timing_cell *cell, enum verdict verdict)
{
	return has_failed(cell, verdict) && !(verdict == VERDICT_WRONG && cell->named);
}

static void take_outcomes(const struct turn *turn)
{
	struct run *run = turn->run;
	const struct race *race = turn->race;
	const bool is_last = race->launched >= race->launches;

	for (size_t i = 0; i < race->count; i++) {
		struct timing_cell *cell = &run->plan->timings[race->first + i];
		const struct runner_result *runner = &turn->result->runner[i];

		cell->left_out |= is_left_out(cell, runner->verdict);
		if (has_failed(cell, runner->verdict) && cell->outcome != OUTCOME_FAILED) {
			cell->outcome = OUTCOME_FAILED;
			run_say(run, cell->label, runner->reason);
		}
		if (!is_last)
			continue;
		if (cell->outcome != OUTCOME_FAILED)
			cell->outcome = runner->verdict > VERDICT_WITHIN && !runner->samples
						? OUTCOME_SKIPPED
						: OUTCOME_DONE;
		run->done += cell->outcome == OUTCOME_DONE;
		run->skipped += cell->outcome == OUTCOME_SKIPPED;
		run->failed += cell->outcome == OUTCOME_FAILED;
	}
}

static void leave_out(struct turn *turn)
{
	const struct race *race = turn->race;

	for (size_t i = 0; i < race->count; i++)
		turn->left_out[i] =
			turn->run->plan->timings[race->first + i].left_out;
}

static int launch_once(struct turn *turn, struct error *error)
{
	struct run *run = turn->run;
	struct race *race = turn->race;
	const double seconds = race_cost_seconds(run->plan, race);
	const struct race_options options = {
		.program = run->program, .seed = run->seed, .repetitions = REPETITIONS,
		.repetition_ms = REPETITION_MS, .time_limit_s = 30 + 20 * seconds,
		.stop = run->stop, .left_out = turn->left_out,
	};

	progress_show(run->progress, race->name);
	leave_out(turn);
	run_watch_before(&turn->watch);
	if (race_launch(run->plan, race, &options, turn->result, error))
		return -1;
	run_watch_after(&turn->watch, race, turn->result);
	const int failed = store_put_launch(run->store, run->plan, race, race->launched,
					    turn->result, error);

	launch_result_free(run->env, turn->result);
	if (failed)
		return -1;
	race->launched++;
	take_outcomes(turn);
	run->totals.race_seconds += turn->result->seconds;
	progress_step(run->progress, seconds, race->name);
	return 0;
}

/* The races that are still short of launches. */
static size_t list_short(const struct plan *plan, size_t *list)
{
	size_t count = 0;

	for (size_t i = 0; i < plan->race_count; i++)
		if (plan->races[i].launched < plan->races[i].launches)
			list[count++] = i;
	return count;
}

static int all_rounds(struct turn *turn, size_t *list, struct error *error)
{
	struct run *run = turn->run;
	uint64_t drawn = 0;
	size_t count;

	while ((count = list_short(run->plan, list)) > 0) {
		if (run_limits(run, error))
			return -1;
		random_shuffle(list, count, run->seed, ORDER_STREAM, &drawn);
		for (size_t i = 0; i < count; i++) {
			turn->race = &run->plan->races[list[i]];
			if (*run->stop)
				return 0;
			if (launch_once(turn, error))
				return -1;
		}
	}
	return 0;
}

int run_races(struct run *run, struct error *error)
{
	struct turn *turn = env_new(run->env, 1, sizeof *turn, "a launch", error);
	size_t *list = env_new(run->env, run->plan->race_count, sizeof *list, "the races", error);
	int failed = -1;

	if (turn && list) {
		turn->run = run;
		turn->result = env_new(run->env, 1, sizeof *turn->result, "a launch", error);
		if (turn->result && !run_limits_open(run, error) &&
		    !run_watch_open(&turn->watch, run, error))
			failed = all_rounds(turn, list, error) ||
				 run_watch_warn(&turn->watch, error);
		run_limits_close(run);
		if (turn->watch.run)
			run_watch_close(&turn->watch);
		env_free(run->env, turn->result);
	}
	env_free(run->env, list);
	env_free(run->env, turn);
	return failed ? -1 : 0;
}
