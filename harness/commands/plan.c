/* SPDX-License-Identifier: MIT
 *
 * quantsweep plan: what would run, what is skipped and why, how long it would take.
 */
#include "../estimate.h"
#include "../store/store.h"
#include "command.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern const struct command command_plan;

enum { DATA, STORE, JOBS, ONLY, ISA, KERNELS, SEED, CELLS };

static const struct option options[] = {
	[DATA] = { "--data", "DIR",
		   "where relative paths are looked up (default: the config's folder)", false },
	[STORE] = { "--store", "DB", "the result file to reuse (default: results/NAME.db)", false },
	[JOBS] = { "--jobs", "N",
		   "accuracy cells at once (default: the cores this process may use)", false },
	[ONLY] = { "--only", "FILTER", "plan only these rows: COLUMN=GLOB,COLUMN>=NUMBER,...",
		   true },
	[ISA] = { "--isa", "NAME", "use no newer instructions than these (`quantsweep list isa`)",
		  false },
	[KERNELS] = { "--kernels", "PATH", "one more kernel library", true },
	[SEED] = { "--seed", "N", "takes the place of the config's seeds", false },
	[CELLS] = { "--cells", NULL, "print the label of every cell and every skip", false },
	{ 0 },
};

enum { LIBRARIES_MOST = 16 };

struct request { /* the command line, understood */
	struct env env;
	const char *config, *data, *store;
	const char *kernels[LIBRARIES_MOST];
	int kernel_count;
	struct filter only;
	int jobs;
	bool cells, has_seed;
	uint64_t seed;
};

static int take_option(struct request *request, int option, const char *value, struct error *error)
{
	long long number = 0;

	switch (option) {
	case DATA:
		request->data = value;
		return 0;
	case STORE:
		request->store = value;
		return 0;
	case JOBS:
		if (option_whole("--jobs", value, 1, 1024, &number, error))
			return -1;
		request->jobs = (int)number;
		return 0;
	case ONLY:
		return filter_add(&request->only, &request->env, value, error);
	case ISA:
		return option_isa(&request->env, value, error);
	case KERNELS:
		if (request->kernel_count == LIBRARIES_MOST)
			return fail(error, STATUS_INPUT, "--kernels: at most %d libraries",
				    LIBRARIES_MOST);
		request->kernels[request->kernel_count++] = value;
		return 0;
	case SEED:
		if (option_whole("--seed", value, 0, 1ll << 53, &number, error))
			return -1;
		request->seed = (uint64_t)number;
		request->has_seed = true;
		return 0;
	case CELLS:
		request->cells = true;
		return 0;
	default:
		return -1;
	}
}

static int read_request(struct request *request, int argc, char **argv, struct error *error)
{
	struct option_walk walk = { .command = &command_plan, .argc = argc, .argv = argv };
	const char *value;
	int option;

	while ((option = option_next(&walk, &value, error)) != OPTION_END) {
		if (option == OPTION_WORD && request->config)
			return fail(error, STATUS_INPUT,
				    "plan: one config at a time, found '%s' and '%s'",
				    request->config, value);
		if (option == OPTION_WORD)
			request->config = value;
		else if (take_option(request, option, value, error))
			return -1;
	}
	if (!request->config)
		return fail(error, STATUS_INPUT,
			    "plan: no config was given: quantsweep plan CONFIG");
	return 0;
}

static int open_libraries(struct libraries *libraries, const struct request *request,
			  struct error *error)
{
	if (libraries_open(libraries, &request->env, error))
		return -1;
	for (int i = 0; i < request->kernel_count; i++)
		if (libraries_add(libraries, request->kernels[i], error))
			return -1;
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
		printf("  %6zu   %s\n", i - first, sorted[first]->reason);
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

		print_duration(duration, sizeof duration, race_cost_seconds(plan, race));
		printf("  %s, %zu kernels, %s:", race->name, race->count, duration);
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
	for (size_t i = 0; i < plan->skip_count; i++)
		printf("skipped: %s: %s\n", plan->skips[i].label, plan->skips[i].reason);
}

static void print_estimate(const struct plan *plan, const struct request *request, double rate,
			   const char *origin)
{
	const struct estimate estimate = estimate_plan(plan, rate, request->jobs);
	char whole[32], accuracy[32], races[32];

	print_duration(whole, sizeof whole, estimate.accuracy_seconds + estimate.race_seconds);
	print_duration(accuracy, sizeof accuracy, estimate.accuracy_seconds);
	print_duration(races, sizeof races, estimate.race_seconds);
	printf("to measure: %zu of %zu accuracy cells (%s with %d jobs), %zu of %zu races (%s)\n"
	       "estimate: %s, by %s\n",
	       estimate.accuracy_cells, plan->accuracy_count, accuracy, request->jobs,
	       estimate.races, plan->race_count, races, whole, origin);
}

/* What is stored need not run again; a store that is not there yet says nothing. */
static int ask_store(struct plan *plan, const char *path, const char *machine, double *rate,
		     struct error *error)
{
	struct store *store;
	int failed;

	*rate = 0;
	if (access(path, F_OK))
		return 0;
	if (store_open_read(&store, plan->env, path, error))
		return -1;
	failed = store_mark_reused(store, plan, error) || store_rate(store, machine, rate, error);
	store_close(store);
	return failed ? -1 : 0;
}

static int print_plan(struct plan *plan, const struct request *request, const char *path,
		      const char *machine, struct error *error)
{
	char origin[300];
	double rate;

	if (ask_store(plan, path, machine, &rate, error))
		return -1;
	snprintf(origin, sizeof origin, "this machine's runs in %.250s", path);
	if (!(rate > 0)) {
		snprintf(origin, sizeof origin, "a trial of a quarter second");
		if (trial_rate(plan->env, &rate, error))
			return -1;
	}
	if (request->cells)
		print_cells(plan);
	printf("plan of %s: %zu accuracy cells, %zu rows of choice\n", plan->config->name,
	       plan->accuracy_count, plan->choice_count);
	print_subjects(plan);
	if (plan->excluded)
		printf("excluded: %zu rows\n", plan->excluded);
	if (print_skips(plan, error))
		return -1;
	print_races(plan);
	print_estimate(plan, request, rate, origin);
	return 0;
}

static int plan_config(const struct request *request, const struct config *config,
		       struct error *error)
{
	const struct env *env = &request->env;
	struct libraries libraries = { .env = env };
	struct machine machine;
	struct plan plan = { 0 };
	char *path = request->store ? env_copy_text(env, request->store, error)
				    : env_print(env, error, "results/%s.db", config->name);
	const struct plan_options plan_options = { .data = request->data,
						   .only = &request->only,
						   .machine = machine.id,
						   .has_seed = request->has_seed,
						   .seed = request->seed };
	int failed = !path || machine_read(&machine, env, error) ||
		     open_libraries(&libraries, request, error) ||
		     plan_make(&plan, config, &libraries, &plan_options, error) ||
		     print_plan(&plan, request, path, machine.id, error);

	plan_free(&plan);
	libraries_close(&libraries);
	env_free(env, path);
	return failed ? -1 : 0;
}

static int run(const struct env *env, int argc, char **argv, struct error *error)
{
	struct request request = { .env = *env };
	struct config config = { 0 };
	cpu_set_t cores;
	int failed;

	request.jobs = sched_getaffinity(0, sizeof cores, &cores) ? 1 : CPU_COUNT(&cores);
	failed = read_request(&request, argc, argv, error) ||
		 config_read(&config, &request.env, request.config, error) ||
		 plan_config(&request, &config, error);
	config_free(&config);
	filter_free(&request.only);
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
	.run = run,
};
