/* SPDX-License-Identifier: MIT
 *
 * A launch: the spec out of the plan, a worker, and what became of it in words.
 */
#include "../estimate.h"
#include "race_process.h"

#include <math.h>
#include <string.h>

struct launch {
	const struct plan *plan;
	const struct race *race;
	const struct race_options *options;
	struct launch_result *result;
	struct race_spec spec;
	int cell[RUNNERS_MAX];  /* of each runner of the spec: its index in the race     */
	int library[SPEC_LIBRARIES_MAX]; /* of each of the spec: its index in the plan's  */
	bool out[RUNNERS_MAX];  /* of each of the race: it killed a worker               */
	struct runner_result heard[RUNNERS_MAX];         /* by the spec's index          */
	int layers;             /* of a network; 0: of an op                             */
	double *layer_ns;       /* [RUNNERS_MAX][layers], by the spec's index            */
	char *recipe;           /* of a network, as text                                 */
	double limit_s;
	struct worker_words words;
	struct worker_end end;
};

static const struct timing_cell *cell_of(const struct launch *launch, int i)
{
	return &launch->plan->timings[launch->race->first + (size_t)i];
}

/* The index of a library in the spec, which lists those that are needed, ours first. */
static int spec_library(struct launch *launch, const struct library *library)
{
	struct race_spec *spec = &launch->spec;
	const int index = (int)(library - launch->plan->libraries->libraries);

	for (int i = 0; i < spec->library_count; i++)
		if (launch->library[i] == index)
			return i;
	launch->library[spec->library_count] = index;
	spec->library[spec->library_count] = (struct spec_library){ library->hash, library->path };
	return spec->library_count++;
}

static void make_spec(struct launch *launch)
{
	const struct race_options *options = launch->options;
	const struct race *race = launch->race;
	struct race_spec *spec = &launch->spec;

	*spec = (struct race_spec){
		.cpu = launch->plan->env->cpu, .seed = options->seed, .op = race->operation->op,
		.m = race->m, .n = race->n, .k = race->k, .conv = race->conv,
		.threads = race->threads,
		.batch = race->batch, .detail = race->detail,
		.repetitions = options->repetitions ? options->repetitions : REPETITIONS,
		.repetition_ms = options->repetition_ms ? options->repetition_ms : REPETITION_MS,
	};
	if (launch->layers) {
		spec->network =
			race->network->file ? race->network->file : race->layers->name;
		spec->content = race->content;
		spec->recipe = launch->recipe;
		spec->m = spec->n = spec->k = 1;
	}
	spec_library(launch, &launch->plan->libraries->libraries[0]);
	for (int i = 0; i < launch->result->runners; i++) {
		const struct timing_cell *cell = cell_of(launch, i);

		if (launch->out[i])
			continue;
		launch->cell[spec->runner_count] = i;
		spec->runner[spec->runner_count++] = (struct spec_runner){
			spec_library(launch, cell->library), cell->kernel->name, cell->named
		};
	}
}

/* Starts a worker on the spec and hears it to its end. */
static int run_worker(struct launch *launch, struct error *error)
{
	const struct env *env = launch->plan->env;
	const struct race_options *options = launch->options;
	struct text text = { .env = env };
	size_t bytes;
	char *spec;
	int failed;

	if (race_spec_write(&text, &launch->spec, error)) {
		text_free(&text);
		return -1;
	}
	launch->limit_s = options->time_limit_s > 0 ? options->time_limit_s :
			  60 + 10 * race_cost_seconds(launch->plan, launch->race);
	bytes = text.length;
	spec = text_take(&text, error);
	if (!spec)
		return -1;
	worker_words_start(&launch->words, launch->heard, launch->spec.runner_count,
			   launch->spec.library_count);
	launch->words.layers = launch->layers;
	launch->words.layer_ns = launch->layer_ns;
	failed = worker_process(env, options->program ? options->program : "/proc/self/exe", spec,
				bytes, launch->limit_s, options->stop, &launch->words, &launch->end,
				error);
	env_free(env, spec);
	return failed;
}

static bool is_whole(const struct launch *launch)
{
	return launch->words.stage == STAGE_DONE && !*launch->words.strange &&
	       launch->end.fate == FATE_EXITED && !launch->end.number;
}

static void say_death(const struct launch *launch, struct runner_result *result)
{
	worker_death(result->reason, sizeof result->reason, &launch->spec, &launch->words,
		     &launch->end, launch->limit_s);
}

/* Takes out of the race whom the worker was busy with when it died: a runner, or all runners of a
 * user's library.  How many. */
static int take_out_culprits(struct launch *launch)
{
	const struct worker_words *words = &launch->words;
	int taken = 0;

	for (int s = 0; s < launch->spec.runner_count; s++) {
		const bool guilty =
			words->stage == STAGE_LIBRARY
				? words->current > 0 &&
					  launch->spec.runner[s].library == words->current
				: (words->stage == STAGE_CHECK || words->stage == STAGE_TIME) &&
					  words->current == s;

		if (!guilty)
			continue;
		say_death(launch, &launch->result->runner[launch->cell[s]]);
		launch->out[launch->cell[s]] = true;
		taken++;
	}
	return taken;
}

/* Nobody of this worker has a result. */
static void give_up(struct launch *launch)
{
	for (int s = 0; s < launch->spec.runner_count; s++)
		if (!launch->out[launch->cell[s]])
			say_death(launch, &launch->result->runner[launch->cell[s]]);
}

static void take_results(struct launch *launch)
{
	const int layers = launch->layers;

	for (int s = 0; s < launch->spec.runner_count; s++) {
		launch->result->runner[launch->cell[s]] = launch->heard[s];
		for (int l = 0; l < layers && launch->heard[s].samples; l++)
			launch->result->layer_ns[launch->cell[s] * layers + l] =
				launch->layer_ns[s * layers + l];
	}
	launch->result->cpu = launch->words.cpu;
	launch->result->pinned = launch->words.cpu >= 0;
}

/* Where in the table of its library a kernel stands. */
static size_t table_row(const struct timing_cell *cell)
{
	size_t row = 0;

	while (cell->library->table->kernels[row] != cell->kernel)
		row++;
	return row;
}

/* The race's reference: ours, of its types.  -1: it is not in the race. */
static int find_reference(const struct launch *launch)
{
	for (int i = 0; i < launch->result->runners; i++) {
		const struct timing_cell *cell = cell_of(launch, i);

		if (cell->library == launch->plan->libraries->libraries &&
		    (launch->layers ? !strcmp(runner_name(cell->kernel), "ref")
				    : !cell->kernel->needs) &&
		    kernel_has_types(cell->kernel, launch->race->operation->op,
				     launch->race->types))
			return i;
	}
	return -1;
}

/* Our `best` f32 kernel, the last of our table that takes the task; one that failed is still it:
 * the ratio is then NaN, and not that of a slower one. */
static int find_best_float(const struct launch *launch)
{
	int best = -1;

	for (int i = 0; i < launch->result->runners; i++) {
		const struct timing_cell *cell = cell_of(launch, i);
		const struct qs_kernel *kernel = cell->kernel;

		if (launch->layers) {
			if (kernel->a == QS_F32 && !strcmp(runner_name(kernel), "best"))
				return i;
			continue;
		}
		if (cell->library == launch->plan->libraries->libraries && kernel->a == QS_F32 &&
		    kernel->w == QS_F32 && kernel->y == QS_F32 &&
		    launch->result->runner[i].verdict != VERDICT_REFUSED &&
		    (best < 0 || table_row(cell) > table_row(cell_of(launch, best))))
			best = i;
	}
	return best;
}

/* Each further worker goes without those that killed one, so that these cost nobody else: there are
 * no more workers than runners. */
static int launch_run(struct launch *launch, struct error *error)
{
	for (;;) {
		make_spec(launch);
		if (!launch->spec.runner_count)
			return 0;
		if (run_worker(launch, error))
			return -1;
		if (launch->end.fate == FATE_STOPPED)
			return fail(error, STATUS_INTERRUPTED, "interrupted");
		if (is_whole(launch)) {
			take_results(launch);
			return 0;
		}
		if (!take_out_culprits(launch)) {
			give_up(launch);
			return 0;
		}
	}
}

/* What only a network has. */
static int open_network(struct launch *launch, struct error *error)
{
	const struct race *race = launch->race;
	const struct env *env = launch->plan->env;
	struct text text = { .env = env };
	struct launch_result *result = launch->result;

	if (!race_is_of_network(race))
		return 0;
	launch->layers = (int)race->layers->count;
	const size_t count = (size_t)launch->layers;

	launch->layer_ns =
		env_new(env, RUNNERS_MAX * count, sizeof(double), "layers' times", error);
	result->layer_ns =
		env_new(env, race->count * count, sizeof(double), "layers' times", error);
	recipe_write(&text, &race->plain);
	launch->recipe = text_take(&text, error);
	if (!launch->layer_ns || !result->layer_ns || !launch->recipe)
		return -1;
	for (size_t i = 0; i < race->count * count; i++)
		result->layer_ns[i] = (double)NAN;
	return 0;
}

static void close_network(struct launch *launch)
{
	env_free(launch->plan->env, launch->layer_ns);
	env_free(launch->plan->env, launch->recipe);
}

void launch_result_free(const struct env *env, struct launch_result *result)
{
	env_free(env, result->layer_ns);
	result->layer_ns = NULL;
}

int race_launch(const struct plan *plan, const struct race *race,
		const struct race_options *options, struct launch_result *result,
		struct error *error)
{
	const struct env *env = plan->env;
	const uint64_t start = env->now_ns(env);
	struct launch *launch;
	int failed;

	if (race->count < 1 || race->count > RUNNERS_MAX)
		return fail(error, STATUS_INPUT,
			    "race %s has %zu kernels, 1 to %d can be timed together; "
			    "name fewer under \"kernel\"",
			    race->name, race->count, RUNNERS_MAX);
	launch = env_new(env, 1, sizeof *launch, "a race", error);
	if (!launch)
		return -1;
	*result = (struct launch_result){ .runners = (int)race->count, .cpu = -1 };
	for (int i = 0; i < result->runners; i++)
		result->runner[i].verdict = VERDICT_NOT_RUN;
	*launch =
		(struct launch){ .plan = plan, .race = race, .options = options, .result = result };
	for (int i = 0; options->left_out && i < result->runners; i++)
		launch->out[i] = result->runner[i].left_out = options->left_out[i];
	failed = open_network(launch, error) || launch_run(launch, error) ? -1 : 0;
	close_network(launch);
	if (failed)
		launch_result_free(env, result);
	if (!failed) {
		runners_finish(result->runner, result->runners, launch->spec.repetitions);
		bool peer[RUNNERS_MAX];

		for (int i = 0; i < result->runners; i++)
			peer[i] = cell_of(launch, i)->kernel->peer != NULL;
		runners_compare(result->runner, result->runners, find_reference(launch),
				find_best_float(launch), peer);
		result->seconds = (double)(env->now_ns(env) - start) * 1e-9;
	}
	env_free(env, launch);
	return failed;
}
