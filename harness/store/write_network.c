/* SPDX-License-Identifier: MIT
 *
 * What a network's cell brings: its run, its layers, its task, its weights; one transaction.
 */
#include "store_internal.h"

#include "../network/operation.h"

#include <string.h>

enum {
	NETWORK_KEYS = 1,
	NETWORK_COMPARED = 8,
	NETWORK_FIELDS = 16,
	LAYER_KEYS = 2,
	LAYER_FIELDS = 24,
	RANGE_KEYS = 2,
	RANGE_FIELDS = 15,
	TASK_KEYS = 3,
	TASK_FIELDS = 11
};

/* An empty text is none. */
static struct field field_words(const char *name, const char *words)
{
	return field_text(name, *words ? words : NULL);
}

static int put_run(struct store *store, const struct accuracy_cell *cell,
		   const struct network_result *result, struct error *error)
{
	const uint64_t *const runs = result->layer_runs;
	const struct field fields[] = {
		field_text("cell_key", cell->key),
		field_text("metric", result->metric->name),
		field_whole("samples", result->samples),
		field_count("bytes", result->bytes),
		field_whole("integer_macs", result->integer_macs),
		field_whole("float_macs", result->float_macs),
		field_words("integer_hash", result->integer_hash),
		field_words("no_integer", result->no_integer),
		field_words("warning", result->warning),
		field_whole("float_runs", (long long)runs[LAYER_RUNS_FLOAT]),
		field_whole("isolated_runs", (long long)runs[LAYER_RUNS_ISOLATED]),
		field_whole("cumulative_runs", (long long)runs[LAYER_RUNS_CUMULATIVE]),
		field_whole("integer_runs", (long long)runs[LAYER_RUNS_INTEGER]),
		field_whole("local_runs", (long long)runs[LAYER_RUNS_LOCAL]),
		field_whole("output_runs", (long long)runs[LAYER_RUNS_OUTPUT]),
		field_whole("element_visits", (long long)result->element_visits),
	};
	const struct stored_row row = { .put = PUT_NETWORK,
					.get = GET_NETWORK,
					.label = cell->label,
					.what = "metric",
					.name = result->metric->name,
					.fields = fields,
					.keys = NETWORK_KEYS,
					.compared = NETWORK_COMPARED,
					.count = NETWORK_FIELDS };

	_Static_assert(sizeof fields == NETWORK_FIELDS * sizeof *fields, "one field a column");
	return store_put_row(store, &row, error);
}

static int put_layer(struct store *store, const struct accuracy_cell *cell,
		     const struct layer *layer, size_t index, const struct layer_numbers *numbers,
		     struct error *error)
{
	const struct field fields[] = {
		field_text("cell_key", cell->key),
		field_whole("layer_index", (long long)index),
		field_text("layer", layer->name),
		field_text("operation", layer->operation->value.name),
		field_whole("island", numbers->island),
		field_real("isolated_sqnr_db", numbers->isolated_sqnr_db),
		field_real("isolated_relative_rmse", numbers->isolated_relative_rmse),
		field_real("rmse_over_step", numbers->rmse_over_step),
		field_real("cumulative_sqnr_db", numbers->cumulative_sqnr_db),
		field_real("cumulative_relative_rmse", numbers->cumulative_relative_rmse),
		field_real("cosine", numbers->cosine),
		field_real("max_abs", numbers->max_abs),
		field_real("integer_sqnr_db", numbers->integer_sqnr_db),
		field_real("integer_relative_rmse", numbers->integer_relative_rmse),
		field_real("activation_saturated_fraction", numbers->activation_saturated_fraction),
		field_real("weight_saturated_fraction", numbers->weight_saturated_fraction),
		field_real("step_gap_local", numbers->step_gap_local),
		field_real("differing_fraction_local", numbers->differing_fraction_local),
		field_real("step_gap", numbers->step_gap),
		field_real("differing_fraction", numbers->differing_fraction),
		field_real("weight_channel_spread", numbers->weight_channel_spread),
		field_real("weight_dead_fraction", numbers->weight_dead_fraction),
		field_real("bias_units", numbers->bias_units),
		field_real("bias_error_steps", numbers->bias_error_steps),
	};
	const struct stored_row row = { .put = PUT_LAYER,
					.get = GET_LAYER,
					.label = cell->label,
					.what = "layer",
					.name = layer->name,
					.fields = fields,
					.keys = LAYER_KEYS,
					.compared = LAYER_FIELDS,
					.count = LAYER_FIELDS };

	_Static_assert(sizeof fields == LAYER_FIELDS * sizeof *fields, "one field a column");
	return store_put_row(store, &row, error);
}

/* layer_index -1: the network's input. */
static int put_range(struct store *store, const struct accuracy_cell *cell,
		     const struct layers *layers, size_t edge, const struct range_numbers *numbers,
		     struct error *error)
{
	const char *layer = edge ? layers->layers[edge - 1].name : "input";
	const struct field fields[] = {
		field_text("cell_key", cell->key),
		field_whole("layer_index", (long long)edge - 1),
		field_text("layer", layer),
		field_real("range_low", numbers->range_low),
		field_real("range_high", numbers->range_high),
		field_real("step", numbers->step),
		field_real("calibrated_low", numbers->calibrated_low),
		field_real("calibrated_high", numbers->calibrated_high),
		field_real("calibrated_bulk", numbers->calibrated_bulk),
		field_real("seen_low", numbers->seen_low),
		field_real("seen_high", numbers->seen_high),
		field_real("saturated_fraction", numbers->saturated_fraction),
		field_real("sqnr_db", numbers->sqnr_db),
		field_real("channel_spread", numbers->channel_spread),
		field_real("dead_fraction", numbers->dead_fraction),
	};
	const struct stored_row row = { .put = PUT_RANGE,
					.get = GET_RANGE,
					.label = cell->label,
					.what = "range",
					.name = layer,
					.fields = fields,
					.keys = RANGE_KEYS,
					.compared = RANGE_FIELDS,
					.count = RANGE_FIELDS };

	_Static_assert(sizeof fields == RANGE_FIELDS * sizeof *fields, "one field a column");
	return store_put_row(store, &row, error);
}

static int put_samples(struct store *store, const struct task_numbers *task, char key[KEY_SIZE],
		       struct error *error)
{
	hash_bytes(key, task->samples, task->samples_size);
	const struct field fields[] = {
		field_text("sample_key", key),
		field_blob("bytes", task->samples, task->samples_size),
	};

	return store_run(store, PUT_SAMPLES, fields, sizeof fields / sizeof *fields, error);
}

/* Against itself the float run has neither a difference nor lost samples. */
static int put_task(struct store *store, const struct accuracy_cell *cell,
		    const struct network_result *result, enum execution_kind kind,
		    struct error *error)
{
	static const char *const names[] = {
		[RUN_FLOAT] = "float", [RUN_SIMULATED] = "simulated", [RUN_INTEGER] = "integer"
	};
	const struct task_numbers *task = &result->task[kind];
	const bool paired = kind != RUN_FLOAT, counted = paired && task->counted;
	char sample_key[KEY_SIZE];

	if (task->samples_size && put_samples(store, task, sample_key, error))
		return -1;
	const struct field fields[] = {
		field_text("cell_key", cell->key),
		field_text("metric", result->metric->name),
		field_text("execution", names[kind]),
		field_whole("samples", result->samples),
		field_real("value", task->value),
		field_real("difference", paired ? task->difference : NAN),
		field_real("low", paired ? task->low : NAN),
		field_real("high", paired ? task->high : NAN),
		counted ? field_whole("lost", task->lost) : field_null("lost"),
		counted ? field_whole("gained", task->gained) : field_null("gained"),
		field_text("sample_key", task->samples_size ? sample_key : NULL),
	};
	const struct stored_row row = { .put = PUT_TASK,
					.get = GET_TASK,
					.label = cell->label,
					.what = "execution",
					.name = names[kind],
					.fields = fields,
					.keys = TASK_KEYS,
					.compared = TASK_FIELDS,
					.count = TASK_FIELDS };

	_Static_assert(sizeof fields == TASK_FIELDS * sizeof *fields, "one field a column");
	return store_put_row(store, &row, error);
}

static int put_rows(struct store *store, const struct accuracy_cell *cell,
		    const struct layers *layers, const struct network_result *result,
		    struct error *error)
{
	int before, given = 1;

	if (store_count_rows(store, cell->key, &before, error) ||
	    put_run(store, cell, result, error))
		return -1;
	for (size_t i = 0; i < result->layer_count; i++, given++)
		if (put_layer(store, cell, &layers->layers[i], i, &result->layers[i], error))
			return -1;
	for (size_t e = 0; result->ranges && e <= result->layer_count; e++) {
		if (!result->ranges[e].measured)
			continue;
		if (put_range(store, cell, layers, e, &result->ranges[e], error))
			return -1;
		given++;
	}
	for (int i = 0; i < RUN_KINDS; i++) {
		if (!result->task[i].measured)
			continue;
		if (put_task(store, cell, result, (enum execution_kind)i, error))
			return -1;
		given++;
	}
	for (size_t i = 0; i < result->weight_count; i++, given++)
		if (store_put_error(store, cell, (int)result->weight_layers[i], "w",
				    &result->weights[i], "", error))
			return -1;
	if (result->sensitivity && store_put_sensitivity(store, cell, layers, result, error))
		return -1;
	return store_check_count(store, cell, before, given, error);
}

int store_put_network(struct store *store, const struct plan *plan, size_t index,
		      const struct network_result *result, struct error *error)
{
	const struct accuracy_cell *cell = &plan->accuracies[index];
	int failed;

	if (store_begin(store, error))
		return -1;
	if (result->outcome == OUTCOME_DONE)
		failed = put_rows(store, cell, &plan->layers[cell->subject], result, error);
	else
		failed =
			store_check_not_stored(store, cell, result->outcome, result->reason, error);
	if (!failed)
		failed = store_outcome(store, SET_OUTCOME, cell->key, "",
				       outcome_word(result->outcome), result->reason, error);
	return store_commit(store, failed, error);
}
