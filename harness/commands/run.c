/* SPDX-License-Identifier: MIT
 *
 * quantsweep run: plan, measure what is not stored yet, store, summarize.
 */
#include "command.h"
#include "run.h"

#include "../estimate.h"
#include "../report/report.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

extern const struct command command_run;

static const struct option options[] = {
	{ "--data", "DIR", "where relative paths are looked up (default: the config's folder)", false },
	{ "--store", "DB", "the result file (default: results/NAME.db, NAME from the config)", false },
	{ "--jobs", "N", "accuracy cells at once (default: the cores this process may use)", false },
	{ "--only", "FILTER", "measure only these rows: COLUMN=GLOB,COLUMN>=NUMBER,...", true },
	{ "--again", NULL, "measure stored cells again; another number than the stored one fails", false },
	{ "--memory", "BYTES", "tensors worked on at once (default 2 GiB; K, M, G are understood)", false },
	{ "--isa", "NAME", "use no newer instructions than these (`quantsweep list isa`)", false },
	{ "--kernels", "PATH", "one more kernel library, checked and timed like ours", true },
	{ "--seed", "N", "takes the place of the config's seeds", false },
	{ "--progress", "HOW", "auto, bar, plain or none (default auto)", false },
	{ 0 }
};
enum { DATA, STORE, JOBS, ONLY, AGAIN, MEMORY, ISA, KERNELS, SEED, PROGRESS };

struct request {                /* the command line, understood                          */
	struct env env;
	const char *config, *data, *store, *isa;
	struct filter only;
	const char *kernels[16];
	int kernel_count;
	int jobs;
	size_t memory;
	bool again, has_seed;
	uint64_t seed;
	enum progress_mode progress;
	char *command;          /* as typed, stored with the run                         */
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
	(void)number;
	interrupted = 1;
}

static int default_jobs(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof set, &set) ? 1 : CPU_COUNT(&set);
}

/* "512M" and the like. */
static int read_bytes(const char *text, size_t *bytes, struct error *error)
{
	static const char units[] = "KMG";
	const size_t length = strlen(text);
	const char *unit = length ? strchr(units, text[length - 1]) : NULL;
	const int shift = unit && *unit ? 10 * (int)(unit - units + 1) : 0;
	char digits[32];
	long long number;

	snprintf(digits, sizeof digits, "%.*s", (int)(length - (shift > 0)), text);
	if (length >= sizeof digits ||
	    option_whole("--memory", digits, 1, (1ll << 50) >> shift, &number, error))
		return fail(error, STATUS_INPUT, "--memory '%s': expected bytes, like 512M or 2G", text);
	*bytes = (size_t)number << shift;
	return 0;
}

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
	case AGAIN:
		request->again = true;
		return 0;
	case MEMORY:
		return read_bytes(value, &request->memory, error);
	case ISA:
		request->isa = value;
		return option_isa(&request->env, value, error);
	case KERNELS:
		if (request->kernel_count == 16)
			return fail(error, STATUS_INPUT, "--kernels: at most 16 libraries");
		request->kernels[request->kernel_count++] = value;
		return 0;
	case SEED:
		if (option_whole("--seed", value, 0, 1ll << 53, &number, error))
			return -1;
		request->seed = (uint64_t)number;
		request->has_seed = true;
		return 0;
	default:
		return progress_mode_read(&request->progress, value, error);
	}
}

/* The words as a shell would take them back. */
static char *join_command(const struct env *env, int argc, char **argv, struct error *error)
{
	struct text text = { .env = env };

	text_add(&text, "quantsweep");
	for (int i = 0; i < argc; i++) {
		const bool plain = argv[i][0] &&
				   !argv[i][strspn(argv[i], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
							    "0123456789_-./:,=+@%")];

		text_add(&text, plain ? " %s" : " '%s'", argv[i]);
	}
	return text_take(&text, error);
}

static int read_request(struct request *request, const struct env *env, int argc, char **argv,
			struct error *error)
{
	struct option_walk walk = { .command = &command_run, .argc = argc, .argv = argv };
	const char *value;
	int option;

	*request = (struct request){ .env = *env, .jobs = default_jobs(),
				     .memory = (size_t)2 << 30, .progress = PROGRESS_AUTO };
	while ((option = option_next(&walk, &value, error)) != OPTION_END) {
		if (option == OPTION_WRONG)
			return -1;
		if (option == OPTION_WORD && request->config)
			return fail(error, STATUS_INPUT, "run: one config at a time, found '%s' and '%s'",
				    request->config, value);
		if (option == OPTION_WORD)
			request->config = value;
		else if (take_option(request, option, value, error))
			return -1;
	}
	if (!request->config)
		return fail(error, STATUS_INPUT, "run: no config was given: quantsweep run CONFIG");
	request->command = join_command(env, argc, argv, error);
	return request->command ? 0 : -1;
}

static void free_request(struct request *request)
{
	filter_free(&request->only);
	env_free(&request->env, request->command);
}

void run_say(struct run *run, const char *label, const char *reason)
{
	progress_end(run->progress);
	fprintf(stderr, "failed: %s: %s\n", label, reason);
}

/* Accuracy first on all cores, then races alone. */
static int measure(struct run *run, struct error *error)
{
	const struct estimate estimate = estimate_plan(run->plan, run->accuracy_rate, run->jobs);
	int failed;

	progress_start(run->progress, run->env, run->progress_mode, stderr,
		       estimate.accuracy_seconds + estimate.race_seconds,
		       estimate.accuracy_cells + estimate.races);
	failed = run_accuracy(run, error);
	if (!failed && !*run->stop)
		failed = run_races(run, error);
	progress_end(run->progress);
	/* what was asked for is no trouble: conclude() says it in whole words */
	return failed && error->status == STATUS_INTERRUPTED ? 0 : failed;
}

static int find_rate(struct run *run, const char *machine, struct error *error)
{
	if (store_rate(run->store, machine, &run->accuracy_rate, error))
		return -1;
	return run->accuracy_rate > 0 ? 0 : trial_rate(run->env, &run->accuracy_rate, error);
}

/* What the run came to: the summary, then the status as an error where there is one. */
static int conclude(const struct run *run, const struct request *request, const char *run_id,
		    const char *path, struct error *error)
{
	if (*run->stop)
		return fail(error, STATUS_INTERRUPTED,
			    "interrupted after %zu cells; what was measured is stored in %s, and the "
			    "same command goes on from there", run->done, path);
	if (summary_print(stdout, run->store, run->env, run_id, error))
		return -1;
	printf("\n%zu cells measured, %zu reused, %zu skipped, %zu failed; stored in %s\n", run->done,
	       run->reused, run->plan->skip_count + run->skipped, run->failed, path);
	if (run->failed)
		return fail(error, STATUS_FAILED,
			    "%zu cells of %s failed; `quantsweep show %s --view failed` lists them with "
			    "their reasons", run->failed, request->config, path);
	return 0;
}

static size_t count_reused(const struct plan *plan)
{
	size_t count = 0;

	for (size_t i = 0; i < plan->accuracy_count; i++)
		count += plan->accuracies[i].outcome == OUTCOME_REUSED;
	for (size_t i = 0; i < plan->timing_count; i++)
		count += plan->timings[i].outcome == OUTCOME_REUSED;
	return count;
}

/* The plan is made; the store is open. */
static int run_plan(struct run *run, const struct request *request, const struct machine *machine,
		    const char *path, struct error *error)
{
	struct run_info info = { .machine = machine, .config_path = request->config,
				 .config_text = run->plan->config->text, .command = request->command,
				 .data = request->data, .jobs = request->jobs,
				 .isa = request->isa ? request->isa : "" };
	const uint64_t start = run->env->now_ns(run->env);
	int failed;

	if (!request->again && store_mark_reused(run->store, run->plan, error))
		return -1;
	run->reused = count_reused(run->plan);
	if (find_rate(run, machine->id, error) ||
	    store_begin_run(run->store, &info, run->plan, error))
		return -1;
	failed = measure(run, error);
	run->totals.seconds = (double)(run->env->now_ns(run->env) - start) * 1e-9;
	run->totals.interrupted = *run->stop;
	if (failed) {
		struct error second;

		store_end_run(run->store, &run->totals, &second);
		return -1;
	}
	if (store_end_run(run->store, &run->totals, error))
		return -1;
	return conclude(run, request, store_run_id(run->store), path, error);
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

static int run_config(struct request *request, const struct config *config, const char *program,
		      struct error *error)
{
	struct libraries libraries = { 0 };
	struct plan plan = { 0 };
	struct store *store = NULL;
	struct machine machine;
	struct progress progress = { 0 };
	char *path = request->store ? env_copy_text(&request->env, request->store, error)
				    : env_print(&request->env, error, "results/%s.db", config->name);
	struct run run = { .env = &request->env, .plan = &plan, .progress = &progress,
			   .progress_mode = request->progress, .jobs = request->jobs, .memory = request->memory, .program = program,
			   .seed = request->has_seed ? request->seed : 1, .stop = &interrupted };
	struct plan_options plan_options = { .data = request->data, .only = &request->only,
					     .has_seed = request->has_seed, .seed = request->seed };
	int failed = -1;

	if (!path || machine_read(&machine, &request->env, error))
		goto out;
	plan_options.machine = machine.id;
	if (open_libraries(&libraries, request, error) ||
	    plan_make(&plan, config, &libraries, &plan_options, error) ||
	    store_open(&store, &request->env, path, error))
		goto out;
	run.store = store;
	failed = run_plan(&run, request, &machine, path, error);
out:
	store_close(store);
	plan_free(&plan);
	libraries_close(&libraries);
	env_free(&request->env, path);
	return failed;
}

static int run_run(const struct env *env, int argc, char **argv, struct error *error)
{
	const struct sigaction action = { .sa_handler = on_interrupt };
	struct request request;
	struct config config = { 0 };
	char program[4096] = "";
	int failed = -1;

	if (read_request(&request, env, argc, argv, error))
		goto out;
	if (readlink("/proc/self/exe", program, sizeof program - 1) < 0) {
		fail(error, STATUS_MACHINE, "/proc/self/exe cannot be read: %s; is /proc mounted?",
		     strerror(errno));
		goto out;
	}
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	if (!config_read(&config, &request.env, request.config, error))
		failed = run_config(&request, &config, program, error);
	config_free(&config);
out:
	free_request(&request);
	return failed;
}

const struct command command_run = {
	.name = "run",
	.synopsis = "CONFIG [OPTION ...]",
	.summary = "plan, measure what is not stored yet, store, summarize",
	.options = options,
	.notes = "Stored cells are not measured again; a run that was stopped goes on where it was.\n"
		 "FILTER: COLUMN=GLOB, also != and, on numbers, < <= > >=, joined by ',' (and); a repeated\n"
		 "option is \"or\".  Columns are those of `quantsweep show DB`, or label.",
	.run = run_run,
};
