/* SPDX-License-Identifier: MIT
 *
 * What a layer's output loses where its weights alone are quantized: float inputs, as in the float
 * run, and a float output.  One more run of a layer for each distinct rule of its weights, shared
 * by all cells that have the rule, on the first OUTPUT_SAMPLES evaluation samples, whose float
 * edges are there anyway.
 *
 * The first cell of a wave that has a rule computes its outputs, whatever becomes of the cell, so
 * that the numbers do not hang on which other cells there are.
 */
#include "network_job.h"

#include <math.h>

/* The cells of a wave divide among them what no wave before computed. */
int outputs_divide(struct network_job *job, size_t first, size_t last, struct error *error)
{
	for (size_t i = first; i < last && !job->task_alone; i++) {
		struct network_cell *cell = &job->cells[i];

		if (cell->result.outcome != OUTCOME_PLANNED)
			continue;
		for (size_t l = 0; l < job->layers->count; l++) {
			struct layer_weights *weights = &job->weights[l];
			const size_t index = cell->weight_case[l];

			if (index == NO_CASE)
				continue;
			if (!weights->outputs)
				weights->outputs = env_new(job->env, weights->count,
							   sizeof *weights->outputs, "outputs",
							   error);
			if (!weights->outputs)
				return -1;
			if (weights->outputs[index].owner)
				continue;
			weights->outputs[index].owner = cell;
			cell->owns_outputs = true;
		}
	}
	return 0;
}

int outputs_prepare(struct network_job *job, struct network_cell *cell, struct error *error)
{
	if (!cell->owns_outputs ||
	    !cell_execution(job, cell, PART_WEIGHTS, &cell->outputs_execution, error))
		return 0;
	/* what refuses has no output, whoever asks */
	cell->owns_outputs = false;
	return error->status == STATUS_MACHINE ? -1 : 0;
}

static int run_layer(struct network_job *job, struct network_cell *cell, struct lane *lane,
		     size_t l, int64_t count, struct error *error)
{
	const struct layer *layer = &job->layers->layers[l];
	const struct edge_values *edges = job->float_edges.edges;
	struct edge_values *out = &lane->spare.edges[SPARE_ISOLATED];
	const struct layer_outputs outputs = { .expected = &edges[l + 1], .cumulative = out };
	const struct edge_values *inputs[LAYER_INPUTS_MAX];

	for (size_t i = 0; i < layer->input_count; i++)
		inputs[i] = &edges[layer->inputs[i]];
	if (execution_simulated(&cell->outputs_execution, lane->room, l, inputs, out, count, NULL,
				error))
		return -1;
	cell->result.layer_runs[LAYER_RUNS_OUTPUT] += (uint64_t)count;
	sums_add(&job->weights[l].outputs[cell->weight_case[l]].sums, &outputs,
		 job->layers->edges[l + 1].elements, count);
	return 0;
}

int outputs_run(struct network_job *job, struct network_cell *cell, struct lane *lane,
		int64_t first, int64_t count, struct error *error)
{
	const int64_t left = OUTPUT_SAMPLES - first;

	if (!cell->owns_outputs || left <= 0)
		return 0;
	for (size_t l = 0; l < job->layers->count; l++) {
		const size_t index = cell->weight_case[l];

		if (index != NO_CASE && job->weights[l].outputs[index].owner == cell &&
		    run_layer(job, cell, lane, l, count < left ? count : left, error))
			return -1;
	}
	return 0;
}

void outputs_release(struct network_cell *cell)
{
	execution_free(&cell->outputs_execution);
	cell->owns_outputs = false;
}

void outputs_report(const struct layer_weights *weights, size_t index,
		    struct error_numbers *numbers)
{
	const struct layer_sums *sums;

	if (!weights->outputs)
		return;
	sums = &weights->outputs[index].sums;
	if (!isfinite(sums->signal) || !isfinite(sums->cumulative))
		return;
	numbers->output_sqnr_db = sums_sqnr_db(sums);
	numbers->output_relative_rmse =
		sums->signal > 0 ? sqrt(sums->cumulative / sums->signal) : (double)NAN;
}
