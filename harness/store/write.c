/* SPDX-License-Identifier: MIT
 *
 * What a run brings, one transaction a cell: a cell is stored whole or not at all.
 */
#include "store_internal.h"

#include "../network/operation.h"

#include <math.h>
#include <string.h>
#include <time.h>

enum { ACCURACY_KEYS = 4, ACCURACY_FIELDS = 29 };

/* Whose rule a tensor followed: 'a', 'w', or NULL for the result of two. */
static const char *operand_of(const struct subject *subject, const char *tensor)
{
	if (subject->kind == SUBJECT_TENSOR)
		return subject->as_activations ? "a" : "w";
	if (!subject->operation->has_weights)
		return "a";
	return !strcmp(tensor, "a") ? "a" : !strcmp(tensor, "w") ? "w" : NULL;
}

static void accuracy_fields(struct field out[ACCURACY_FIELDS], const char *key, int layer,
			    const char *operand, const struct error_numbers *row,
			    const char *warning)
{
	const struct field fields[] = {
		field_text("cell_key", key),
		field_whole("layer_index", layer),
		field_text("tensor", row->tensor),
		field_text("execution", "simulated"),
		field_text("operand", operand),
		field_whole("elements", row->elements),
		field_real("mse", row->mse),
		field_real("rmse", row->rmse),
		field_real("rmse_over_step", row->rmse_over_step),
		field_real("sqnr_db", row->sqnr_db),
		field_whole("exact", row->exact),
		field_real("max_abs", row->max_abs),
		field_real("mean_error", row->mean_error),
		field_real("cosine", row->cosine),
		field_real("saturated_fraction", row->saturated_fraction),
		field_real("zero_fraction", row->zero_fraction),
		field_count("bytes", row->bytes),
		field_real("range_low", row->range_low),
		field_real("range_high", row->range_high),
		field_real("stored_scale", row->scale),
		field_count("zero_point", row->zero_point),
		field_real("abs_error_p95", row->abs_error_p95),
		field_real("abs_error_p999", row->abs_error_p999),
		field_real("bias_over_step", row->bias_over_step),
		field_real("kl_divergence", row->kl_divergence),
		field_real("output_sqnr_db", row->output_sqnr_db),
		field_real("output_relative_rmse", row->output_relative_rmse),
		field_real("calibration_bound_db", row->calibration_bound_db),
		field_text("warning", *warning ? warning : NULL),
	};

	_Static_assert(sizeof fields == ACCURACY_FIELDS * sizeof *fields, "one field a column");
	memcpy(out, fields, sizeof fields);
}

int store_put_error(struct store *store, const struct accuracy_cell *cell, int layer,
		    const char *operand, const struct error_numbers *numbers, const char *warning,
		    struct error *error)
{
	struct field fields[ACCURACY_FIELDS];
	const struct stored_row row = { .put = PUT_ACCURACY,
					.get = GET_ACCURACY,
					.label = cell->label,
					.what = "tensor",
					.name = numbers->tensor,
					.fields = fields,
					.keys = ACCURACY_KEYS,
					.compared = ACCURACY_FIELDS - 1,
					.count = ACCURACY_FIELDS };

	accuracy_fields(fields, cell->key, layer, operand, numbers, warning);
	return store_put_row(store, &row, error);
}

static int put_rows(struct store *store, const struct accuracy_cell *cell,
		    const struct subject *subject, const struct accuracy_result *result,
		    struct error *error)
{
	int before;

	if (store_count_rows(store, cell->key, &before, error))
		return -1;
	for (int i = 0; i < result->rows; i++) {
		const struct error_numbers *row = &result->row[i];

		if (store_put_error(store, cell, -1, operand_of(subject, row->tensor), row,
				    result->warning, error))
			return -1;
	}
	return store_check_count(store, cell, before, result->rows, error);
}

int store_put_accuracy(struct store *store, const struct plan *plan, size_t index,
		       const struct accuracy_result *result, struct error *error)
{
	const struct accuracy_cell *cell = &plan->accuracies[index];
	const struct subject *subject = &plan->subjects.subjects[cell->subject];
	const bool done = result->outcome == OUTCOME_DONE;
	int failed;

	if (store_begin(store, error))
		return -1;
	failed = done ? put_rows(store, cell, subject, result, error)
		      : store_check_not_stored(store, cell, result->outcome, result->reason, error);
	if (!failed)
		failed = store_outcome(store, SET_OUTCOME, cell->key, "",
				       outcome_word(result->outcome), result->reason, error);
	return store_commit(store, failed, error);
}

/* The seed of the subject's cells: a histogram is of one tensor, made from one seed. */
static uint64_t seed_of(const struct plan *plan, size_t subject)
{
	for (size_t i = 0; i < plan->accuracy_count; i++)
		if (plan->accuracies[i].subject == subject)
			return plan->accuracies[i].recipe.seed;
	return 0;
}

int store_put_histogram(struct store *store, const struct plan *plan, size_t subject,
			const struct histogram *histogram, struct error *error)
{
	struct text counts = { .env = store->env };
	char *json;
	int result;

	for (int i = 0; i < HISTOGRAM_BINS; i++)
		text_add(&counts, "%s%llu", i ? "," : "[", (unsigned long long)histogram->count[i]);
	text_add(&counts, "]");
	json = text_take(&counts, error);
	if (!json)
		return -1;
	const struct field fields[] = {
		field_text("subject", plan->subjects.subjects[subject].name),
		field_text("tensor", histogram->tensor),
		field_whole("seed", (long long)seed_of(plan, subject)),
		field_real("low", histogram->low),
		field_real("high", histogram->high),
		field_whole("bins", HISTOGRAM_BINS),
		field_text("counts", json),
	};

	result = store_run(store, PUT_HISTOGRAM, fields, sizeof fields / sizeof *fields, error);
	env_free(store->env, json);
	return result;
}

static const char *verdict_word(enum verdict verdict)
{
	static const char *const words[] = {
		[VERDICT_EXACT] = "exact",     [VERDICT_WITHIN] = "within",
		[VERDICT_WRONG] = "wrong",     [VERDICT_REFUSED] = "refused",
		[VERDICT_NOT_RUN] = "not_run",
	};

	return words[verdict];
}

static char *samples_json(const struct env *env, const struct runner_result *runner,
			  struct error *error)
{
	struct text json = { .env = env };
	char number[32];

	for (int i = 0; i < runner->samples; i++) {
		print_double(number, runner->sample_ns[i]);
		text_add(&json, "%s%s", i ? "," : "[", number);
	}
	text_add(&json, "]");
	return text_take(&json, error);
}

/* What has a good verdict is done with the last launch alone.  A peer that is wrong failed nothing;
 * it has a time where it was asked for by its name. */
static const char *timing_outcome(const struct timing_cell *cell,
				  const struct runner_result *runner, bool is_last)
{
	const bool wrong_peer = runner->verdict == VERDICT_WRONG && cell->kernel->peer;

	if (runner->verdict == VERDICT_REFUSED || (wrong_peer && !runner->samples))
		return "skipped";
	if (runner->verdict > VERDICT_WITHIN && !wrong_peer)
		return "failed";
	return is_last ? "done" : NULL;
}

/* Of days, not of durations: launches of one run and of another are told apart by it. */
static double wall_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static int put_runner(struct store *store, const struct timing_cell *cell, const struct race *race,
		      int launch, const struct launch_result *result,
		      const struct runner_result *runner, struct error *error)
{
	const char *outcome = timing_outcome(cell, runner, launch + 1 >= race->launches);
	const bool timed = runner->samples > 0;
	char *samples = timed ? samples_json(store->env, runner, error) : NULL;
	int failed;

	if (timed && !samples)
		return -1;
	const struct field fields[] = {
		field_text("cell_key", cell->key),
		field_text("race", race->name),
		field_whole("set_number", race->set_number ? race->set_number : store->run_number),
		field_whole("run_number", store->run_number),
		field_whole("launch", launch),
		field_whole("guest", cell->guest),
		field_whole("best", cell->kernel == race->best),
		field_text("verdict", verdict_word(runner->verdict)),
		field_text("reason", *runner->reason ? runner->reason : NULL),
		field_real("wrong_fraction",
			   runner->verdict <= VERDICT_WRONG ? runner->wrong_fraction : NAN),
		timed ? field_whole("order", runner->order) : field_null("order"),
		field_text("samples", samples),
		field_real("median_ns", timed ? runner->median_ns : NAN),
		field_real("least_ns", timed ? runner->least_ns : NAN),
		field_real("ratio_to_reference", timed ? runner->ratio_to_reference : NAN),
		field_real("ratio_to_float", timed ? runner->ratio_to_float : NAN),
		field_real("ratio_to_best_peer", timed ? runner->ratio_to_best_peer : NAN),
		result->pinned ? field_whole("cpu", result->cpu) : field_null("cpu"),
		field_real("ended", wall_clock()),
	};

	failed = store_run(store, PUT_LAUNCH, fields, sizeof fields / sizeof *fields, error);
	env_free(store->env, samples);
	if (failed || !outcome)
		return failed;
	return store_outcome(store, SET_OUTCOME, cell->key, race->name, outcome, runner->reason,
			     error);
}

/* Each layer of a network's run. */
static int put_layers(struct store *store, const struct timing_cell *cell, const struct race *race,
		      int launch, const double *ns, struct error *error)
{
	const struct layers *layers = race->layers;
	int failed = 0;

	for (size_t l = 0; l < layers->count && !failed; l++) {
		const struct field fields[] = {
			field_text("cell_key", cell->key),
			field_text("race", race->name),
			field_whole("set_number",
				    race->set_number ? race->set_number : store->run_number),
			field_whole("run_number", store->run_number),
			field_whole("launch", launch),
			field_whole("layer_index", (long long)l),
			field_text("layer", layers->layers[l].name),
			field_text("operation", layers->layers[l].operation->value.name),
			field_whole("work_ops", 2 * race->batch * layers->layers[l].macs),
			field_real("ns", ns[l]),
		};

		failed = store_run(store, PUT_LAYER_TIME, fields, sizeof fields / sizeof *fields,
				   error);
	}
	return failed;
}

int store_put_launch(struct store *store, const struct plan *plan, const struct race *race,
		     int launch, const struct launch_result *result, struct error *error)
{
	int failed = 0;

	if (store_begin(store, error))
		return -1;
	for (int i = 0; i < result->runners && !failed; i++) {
		const struct timing_cell *cell = &plan->timings[race->first + (size_t)i];

		if (result->runner[i].left_out)
			continue;
		failed = put_runner(store, cell, race, launch, result, &result->runner[i], error);
		if (!failed && race_is_of_network(race) && result->runner[i].samples)
			failed = put_layers(store, cell, race, launch,
					    result->layer_ns + (size_t)i * race->layers->count,
					    error);
	}
	return store_commit(store, failed, error);
}

int store_put_warning(struct store *store, const struct plan *plan, const struct race *race,
		      const struct warning *warning, const char *seen, struct error *error)
{
	const struct field fields[] = {
		field_whole("run_number", store->run_number),
		field_text("warning", warning->value.name),
		field_text("race", race ? race->name : ""),
		field_text("cell_key", race ? plan->timings[race->first].key : ""),
		field_text("seen", seen),
		field_text("effect", warning->effect),
		field_text("advice", warning->advice),
	};

	return store_run(store, PUT_WARNING, fields, sizeof fields / sizeof *fields, error);
}

int store_end_run(struct store *store, const struct run_totals *totals, struct error *error)
{
	const struct field fields[] = {
		field_whole("run_number", store->run_number),
		field_text("state", totals->interrupted ? "interrupted" : "done"),
		field_real("seconds", totals->seconds),
		field_real("accuracy_seconds", totals->accuracy_seconds),
		field_real("race_seconds", totals->race_seconds),
		field_real("accuracy_cost", totals->accuracy_cost),
		field_whole("element_visits", (long long)totals->element_visits),
		field_whole("layer_runs", (long long)totals->layer_runs),
	};

	return store_run(store, END_RUN, fields, sizeof fields / sizeof *fields, error);
}
