/* SPDX-License-Identifier: MIT
 *
 * quantsweep plan: what would run, what is skipped and why, how long it would take.
 */
#include "../estimate.h"
#include "../report/words.h"
#include "lacking_limits.h"
#include "study.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern const struct command command_plan;

enum { CELLS = STUDY_OPTION_COUNT };

static const struct option options[] = {
	STUDY_OPTIONS,
	[CELLS] = { "--cells", NULL, "print the label of every cell and every skip", false },
	{ 0 },
};

/* --cells is the one option of its own, a flag. */
static int take_cells(void *self, int option, const char *value, struct error *error)
{
	bool *cells = self;

	(void)option, (void)value, (void)error;
	*cells = true;
	return 0;
}

static void print_subjects(const struct plan *plan)
{
	static const char *const names[] = { "tensor", "op", "network" };

	for (int kind = SUBJECT_TENSOR; kind <= SUBJECT_NETWORK; kind++) {
		size_t subjects = 0, cells = 0;

		for (size_t i = 0; i < plan->subjects.count; i++)
			subjects += (int)plan->subjects.subjects[i].kind == kind;
		for (size_t i = 0; i < plan->accuracy_count; i++)
			cells += (int)plan->subjects.subjects[plan->accuracies[i].subject].kind ==
				 kind;
		if (subjects)
			printf("  %-8s %6zu subjects %8zu accuracy cells\n", names[kind], subjects,
			       cells);
	}
}

static int by_reason(const void *a, const void *b)
{
	return strcmp((*(const struct skip *const *)a)->reason,
		      (*(const struct skip *const *)b)->reason);
}

/* A reason quotes names of files, which may hold what moves a terminal's cursor. */
static void print_plain(const struct env *env, const char *words)
{
	struct text text = { .env = env };

	add_plain(&text, words);
	printf("%s\n", text.bytes ? text.bytes : "");
	text_free(&text);
}

static int print_skips(const struct plan *plan, struct error *error)
{
	const struct skip **sorted =
		env_new(plan->env, plan->skip_count, sizeof *sorted, "the skips", error);

	if (!sorted)
		return -1;
	for (size_t i = 0; i < plan->skip_count; i++)
		sorted[i] = &plan->skips[i];
	if (plan->skip_count) {
		qsort(sorted, plan->skip_count, sizeof *sorted, by_reason);
		printf("skipped: %zu\n", plan->skip_count);
	}
	for (size_t i = 0; i < plan->skip_count;) {
		const size_t first = i;

		while (i < plan->skip_count && !strcmp(sorted[i]->reason, sorted[first]->reason))
			i++;
		printf("  %6zu   ", i - first);
		print_plain(plan->env, sorted[first]->reason);
	}
	env_free(plan->env, sorted);
	return 0;
}

static void print_races(const struct plan *plan)
{
	if (plan->race_count)
		printf("races: %zu\n", plan->race_count);
	for (size_t i = 0; i < plan->race_count; i++) {
		const struct race *race = &plan->races[i];
		char duration[32];

		print_duration(duration, sizeof duration,
			       race->launches * race_cost_seconds(plan, race));
		printf("  %s, %zu kernels, %d launches, %s:", race->name, race->count,
		       race->launches, duration);
		for (size_t j = race->first; j < race->first + race->count; j++)
			printf(" %s%s", plan->timings[j].kernel->name,
			       plan->timings[j].guest ? " (guest)" : "");
		putchar('\n');
	}
}

static void print_cells(const struct plan *plan)
{
	for (size_t i = 0; i < plan->accuracy_count; i++)
		printf("%s\n", plan->accuracies[i].label);
	for (size_t i = 0; i < plan->timing_count; i++)
		printf("%s\n", plan->timings[i].label);
	for (size_t i = 0; i < plan->skip_count; i++) {
		printf("skipped: %s: ", plan->skips[i].label);
		print_plain(plan->env, plan->skips[i].reason);
	}
}

static void print_estimate(const struct plan *plan, const struct lacking_limits *lacking, int jobs,
			   double rate, const char *origin)
{
	const struct estimate estimate = estimate_plan(plan, rate, jobs);
	char whole[32], accuracy[32], races[32], limits[32];

	print_duration(whole, sizeof whole,
		       estimate.accuracy_seconds + lacking_seconds(lacking) +
			       estimate.race_seconds);
	print_duration(limits, sizeof limits, lacking_seconds(lacking));
	print_duration(accuracy, sizeof accuracy, estimate.accuracy_seconds);
	print_duration(races, sizeof races, estimate.race_seconds);
	printf("to measure: %zu of %zu accuracy cells (%s with %d jobs), %zu of %zu races (%s for "
	       "%zu launches)",
	       estimate.accuracy_cells, plan->accuracy_count, accuracy, jobs, estimate.races,
	       plan->race_count, races, estimate.launches);
	if (lacking->count)
		printf(", the machine's limits (%s)", limits);
	printf("\nestimate: %s, by %s\n", whole, origin);
}

/* What is stored need not run again; a store that is not there yet says nothing. */
static int ask_store(struct plan *plan, const char *path, const char *machine, double *rate,
		     struct lacking_limits *lacking, struct error *error)
{
	struct store *store;
	int failed;

	*rate = 0;
	if (access(path, F_OK))
		return lacking_limits(lacking, plan, NULL, machine, error);
	if (store_open_read(&store, plan->env, path, error))
		return -1;
	failed = store_mark_reused(store, plan, error) ||
		 store_rate(store, machine, rate, error) ||
		 lacking_limits(lacking, plan, store, machine, error);
	store_close(store);
	return failed ? -1 : 0;
}

static int print_plan(struct study *study, int jobs, bool cells, struct error *error)
{
	struct plan *plan = &study->plan;
	struct lacking_limits lacking;
	char origin[300];
	double rate;

	if (ask_store(plan, study->path, study->machine.id, &rate, &lacking, error))
		return -1;
	snprintf(origin, sizeof origin, "this machine's runs in %.250s", study->path);
	if (!(rate > 0)) {
		snprintf(origin, sizeof origin, "a trial of a quarter second");
		if (trial_rate(plan->env, &rate, error))
			return -1;
	}
	if (cells)
		print_cells(plan);
	printf("plan of %s: %zu accuracy cells, %zu rows of choice\n", plan->config->name,
	       plan->accuracy_count, plan->choice_count);
	print_subjects(plan);
	if (plan->excluded)
		printf("excluded: %zu rows\n", plan->excluded);
	if (print_skips(plan, error))
		return -1;
	print_races(plan);
	print_estimate(plan, &lacking, jobs, rate, origin);
	return 0;
}

static int run_plan(const struct env *env, int argc, char **argv, struct error *error)
{
	struct study_request request;
	struct study study = { 0 };
	bool cells = false;
	const int failed = study_request_read(&request, env, &command_plan, argc, argv, take_cells,
					      &cells, error) ||
			   study_open(&study, &request, error) ||
			   print_plan(&study, request.jobs, cells, error);

	study_close(&study);
	study_request_free(&request);
	return failed ? -1 : 0;
}

const struct command command_plan = {
	.name = "plan",
	.synopsis = "CONFIG [OPTION ...]",
	.summary = "what would run, what is skipped and why, how long it would take",
	.options = options,
	.notes = "Nothing is measured but, where no earlier run tells this machine's rate, a "
		 "quarter\n"
		 "second of trial.",
	.run = run_plan,
};
