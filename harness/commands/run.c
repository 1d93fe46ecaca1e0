/* SPDX-License-Identifier: MIT
 *
 * quantsweep run: plan, measure what is not stored yet, store, summarize.
 */
#include "model.h"
#include "run.h"
#include "study.h"

#include "../estimate.h"
#include "../report/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern const struct command command_run;

enum {
	AGAIN = STUDY_OPTION_COUNT, MEMORY, PROGRESS, NO_LIMITS, MODEL, CALIBRATION, EVALUATION,
	LABELS, QUICK, FULL
};

static const struct option options[] = {
	STUDY_OPTIONS,
	[AGAIN] = { "--again", NULL,
		    "measure stored cells again; another number than the stored one fails", false },
	[MEMORY] = { "--memory", "BYTES",
		     "tensors worked on at once (default 2 GiB; K, M, G are understood)", false },
	[PROGRESS] = { "--progress", "HOW", "auto, bar, plain or none (default auto)", false },
	[NO_LIMITS] = { "--no-limits", NULL,
			"do not measure the machine's limits before races: no shares of a roof",
			false },
	[MODEL] = { "--model", "FILE", "an ONNX network, instead of a config: writes one", false },
	[CALIBRATION] = { "--calibration", "FILE", "samples that --model is calibrated on", false },
	[EVALUATION] = { "--evaluation", "FILE",
			 "samples that --model is judged on (default: those of --calibration)",
			 false },
	[LABELS] = { "--labels", "FILE",
		     "their classes or targets (default: --model's own float outputs)", false },
	[QUICK] = { "--quick", NULL, "two recipes of --model and float", false },
	[FULL] = { "--full", NULL, "many recipes of --model", false },
	{ 0 },
};

struct request {
	struct study_request study;
	struct model_request model;
	char *config; /* that was made of the model                           */
	size_t memory;
	bool again, no_limits;
	enum progress_mode progress;
	char *command; /* as typed, stored with the run                         */
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
	(void)number;
	interrupted = 1;
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
		return fail(error, STATUS_INPUT, "--memory '%s': expected bytes, like 512M or 2G",
			    text);
	*bytes = (size_t)number << shift;
	return 0;
}

static int take_model_option(struct request *request, int option, const char *value,
			     struct error *error)
{
	struct model_request *model = &request->model;

	request->study.makes_config = true;
	switch (option) {
	case MODEL:
		model->model = value;
		return 0;
	case CALIBRATION:
		model->calibration = value;
		return 0;
	case EVALUATION:
		model->evaluation = value;
		return 0;
	case LABELS:
		model->labels = value;
		return 0;
	default:
		if (model->sweep != MODEL_STANDARD)
			return fail(error, STATUS_INPUT, "run: --quick and --full are two lists; "
							 "choose one");
		model->sweep = option == QUICK ? MODEL_QUICK : MODEL_FULL;
		return 0;
	}
}

static int take_option(void *self, int option, const char *value, struct error *error)
{
	struct request *request = self;

	switch (option) {
	case AGAIN:
		request->again = true;
		return 0;
	case MEMORY:
		return read_bytes(value, &request->memory, error);
	case NO_LIMITS:
		request->no_limits = true;
		return 0;
	case PROGRESS:
		return progress_mode_read(&request->progress, value, error);
	default:
		return take_model_option(request, option, value, error);
	}
}

static int read_request(struct request *request, const struct env *env, int argc, char **argv,
			struct error *error)
{
	*request = (struct request){ .memory = (size_t)2 << 30, .progress = PROGRESS_AUTO };
	if (study_request_read(&request->study, env, &command_run, argc, argv, take_option, request,
			       error))
		return -1;
	request->command = command_as_typed(env, argc, argv, error);
	if (!request->command)
		return -1;
	if (!model_is_asked(&request->model))
		return 0;
	if (request->study.config)
		return fail(error, STATUS_INPUT,
			    "run: '%s' is a config and --model makes one; give one of the two",
			    request->study.config);
	if (request->study.data)
		return fail(error, STATUS_INPUT,
			    "run: --data goes with a config; name the files of --model as they are "
			    "seen from here");
	request->study.config = request->config = model_config(env, &request->model, error);
	return request->config ? 0 : -1;
}

static void free_request(struct request *request)
{
	env_free(&request->study.env, request->config);
	env_free(&request->study.env, request->command);
	study_request_free(&request->study);
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
		       estimate.accuracy_seconds + lacking_seconds(&run->lacking) +
			       estimate.race_seconds,
		       estimate.accuracy_cells + estimate.launches);
	failed = run_accuracy(run, error);
	if (!failed && !*run->stop)
		failed = run_networks(run, error);
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

/* MiB of this process, launches aside; unlike getrusage it does not start from a parent's.  0: not
 * known. */
static long peak_memory(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[200];
	long kib = 0;

	while (file && fgets(line, sizeof line, file))
		if (!strncmp(line, "VmHWM:", 6))
			kib = strtol(line + 6, NULL, 10);
	if (file)
		fclose(file);
	return (kib + 1023) / 1024;
}

/* What the run came to: the summary, then the status as an error where there is one. */
static int conclude(const struct run *run, const struct request *request, const char *path,
		    struct error *error)
{
	if (*run->stop)
		return fail(
			error, STATUS_INTERRUPTED,
			"interrupted after %zu cells; what was measured is stored in %s, and the "
			"same command goes on from there",
			run->done, path);
	if (summary_print(stdout, run->store, run->env, store_run_id(run->store), path, error))
		return -1;
	printf("\n%zu cells measured, %zu reused, %zu skipped, %zu failed; stored in %s; "
	       "peak memory %ld MiB\n",
	       run->done, run->reused, run->plan->skip_count + run->skipped, run->failed, path,
	       peak_memory());
	if (run->failed)
		return fail(error, STATUS_FAILED,
			    "%zu cells of %s failed; `quantsweep show %s --view failed` lists them "
			    "with "
			    "their reasons",
			    run->failed, request->study.config, path);
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
static int run_plan(struct run *run, const struct request *request, const struct study *study,
		    struct error *error)
{
	const struct run_info info = { .machine = &study->machine,
				       .config_path = request->study.config,
				       .config_text = study->config.text,
				       .command = request->command,
				       .data = request->study.data,
				       .jobs = run->jobs,
				       .isa = request->study.isa ? request->study.isa : "" };
	const uint64_t start = run->env->now_ns(run->env);
	int failed;

	if (!request->again && store_mark_reused(run->store, run->plan, error))
		return -1;
	run->reused = count_reused(run->plan);
	if (find_rate(run, study->machine.id, error) ||
	    (!request->no_limits && lacking_limits(&run->lacking, run->plan, run->store,
						   study->machine.id, error)) ||
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
	return conclude(run, request, study->path, error);
}

static size_t physical_memory(void)
{
	return (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE);
}

static int run_study(const struct request *request, const char *program, struct error *error)
{
	struct study study;
	struct progress progress = { 0 };
	struct run run = { .env = &request->study.env,
			   .plan = &study.plan,
			   .progress = &progress,
			   .progress_mode = request->progress,
			   .jobs = request->study.jobs,
			   .memory = request->memory,
			   .machine_memory = physical_memory(),
			   .program = program,
			   .machine = &study.machine,
			   .seed = request->study.has_seed ? request->study.seed : 1,
			   .stop = &interrupted };
	int failed;

	if (study_open(&study, &request->study, error))
		return -1;
	failed = store_open(&run.store, run.env, study.path, error) ||
		 run_plan(&run, request, &study, error);
	store_close(run.store);
	study_close(&study);
	return failed ? -1 : 0;
}

static int run_run(const struct env *env, int argc, char **argv, struct error *error)
{
	const struct sigaction action = { .sa_handler = on_interrupt };
	struct request request;
	char program[4096] = "";
	int failed = read_request(&request, env, argc, argv, error);

	if (!failed && readlink("/proc/self/exe", program, sizeof program - 1) < 0)
		failed = fail(error, STATUS_MACHINE,
			      "/proc/self/exe cannot be read: %s; is /proc mounted?",
			      strerror(errno));
	if (!failed) {
		sigaction(SIGINT, &action, NULL);
		sigaction(SIGTERM, &action, NULL);
		failed = run_study(&request, program, error);
	}
	free_request(&request);
	return failed;
}

const struct command command_run = {
	.name = "run",
	.synopsis = "CONFIG [OPTION ...] | --model FILE --calibration FILE [OPTION ...]",
	.summary = "plan, measure what is not stored yet, store, summarize",
	.options = options,
	.notes = "Stored cells are not measured again; a run that was stopped goes on where it "
		 "was.\n"
		 "FILTER: COLUMN=GLOB, also != and, on numbers, < <= > >=, joined by ',' (and); a "
		 "repeated\n"
		 "option is \"or\".  Columns are those of `quantsweep show DB`, or label.\n"
		 "--model runs weights of 8 bits by channel and of 4 by groups of 32, each with\n"
		 "two calibrations of weights and of activations and two policies, and float.\n"
		 "The config goes to results/NAME.json; running that plans the same cells.",
	.run = run_run,
};
