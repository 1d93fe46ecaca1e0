/* SPDX-License-Identifier: MIT
 *
 * One recipe on one batch, layer by layer: isolated from the float run's edges, simulated and
 * integer each from its own, and integer once more from the simulated run's codes.
 */
#include "network_job.h"

struct batch {
	struct network_job *job;
	struct network_cell *cell;
	struct lane *lane;
	int64_t count;
};

/* A layer's inputs among the edges of a set. */
static void inputs_of(const struct layer *layer, const struct edge_values *edges,
		      const struct edge_values **inputs)
{
	for (size_t i = 0; i < layer->input_count; i++)
		inputs[i] = &edges[layer->inputs[i]];
}

static int run_isolated(const struct batch *batch, size_t l, struct error *error)
{
	const struct network_job *job = batch->job;
	const struct edge_values *inputs[LAYER_INPUTS_MAX];

	inputs_of(&job->layers->layers[l], job->float_edges.edges, inputs);
	batch->cell->result.layer_runs[LAYER_RUNS_ISOLATED] += (uint64_t)batch->count;
	return execution_simulated(&batch->cell->execution, batch->lane->room, l, inputs,
				   &batch->lane->spare.edges[SPARE_ISOLATED], batch->count, NULL,
				   error);
}

static int run_cumulative(const struct batch *batch, size_t l, struct error *error)
{
	struct edge_values *edges = batch->lane->simulated.edges;
	const struct edge_values *inputs[LAYER_INPUTS_MAX];

	inputs_of(&batch->job->layers->layers[l], edges, inputs);
	batch->cell->result.layer_runs[LAYER_RUNS_CUMULATIVE] += (uint64_t)batch->count;
	return execution_simulated(&batch->cell->execution, batch->lane->room, l, inputs,
				   &edges[l + 1], batch->count, &batch->cell->sums[l].tally, error);
}

/* The integer layer on the simulated run's codes, against the simulated output's. */
static int run_local(const struct batch *batch, size_t l, struct error *error)
{
	const struct layer *layer = &batch->job->layers->layers[l];
	const struct edge_values *simulated = batch->lane->simulated.edges;
	const struct edge_values *coded = batch->lane->coded.edges;
	struct edge_values *out = &batch->lane->spare.edges[SPARE_LOCAL];
	struct layer_sums *sums = &batch->cell->sums[l];
	const struct edge_values *inputs[LAYER_INPUTS_MAX];

	for (size_t i = 0; i < layer->input_count; i++) {
		const size_t edge = layer->inputs[i];

		/* an island's floats are what both runs quantize */
		inputs[i] = simulated[edge].state == EDGE_RAW ? &simulated[edge] : &coded[edge];
	}
	batch->cell->result.layer_runs[LAYER_RUNS_LOCAL] += (uint64_t)batch->count;
	if (execution_integer(&batch->cell->execution, batch->lane->room, l, inputs, out,
			      batch->count, error))
		return -1;
	sums_add_gap(&sums->gap_local, &sums->differing_local, out, &coded[l + 1],
		     batch->job->layers->edges[l + 1].elements, batch->count);
	return 0;
}

/* The whole integer run's step; its output decoded into a spare edge. */
static int run_integer(const struct batch *batch, size_t l, struct error *error)
{
	const int64_t elements = batch->job->layers->edges[l + 1].elements;
	struct edge_values *edges = batch->lane->integer.edges, *out = &edges[l + 1];
	struct layer_sums *sums = &batch->cell->sums[l];
	const struct edge_values *inputs[LAYER_INPUTS_MAX];

	inputs_of(&batch->job->layers->layers[l], edges, inputs);
	batch->cell->result.layer_runs[LAYER_RUNS_INTEGER] += (uint64_t)batch->count;
	if (execution_integer(&batch->cell->execution, batch->lane->room, l, inputs, out,
			      batch->count, error))
		return -1;
	sums_add_hash(sums, out, elements, batch->count);
	if (out->state == EDGE_CODED)
		sums_add_gap(&sums->gap, &sums->differing, out, &batch->lane->coded.edges[l + 1],
			     elements, batch->count);
	edge_decode(out, elements, batch->count, &batch->lane->spare.edges[SPARE_DECODED]);
	return 0;
}

/* Everything of one layer. */
static int run_layer(const struct batch *batch, size_t l, struct error *error)
{
	const struct network_job *job = batch->job;
	const struct network_cell *cell = batch->cell;
	struct lane *lane = batch->lane;
	const int64_t elements = job->layers->edges[l + 1].elements;
	const struct edge_values *out = &lane->simulated.edges[l + 1];
	const bool has_integer = !*cell->execution.no_integer;
	struct layer_outputs outputs = { .expected = &job->float_edges.edges[l + 1],
					 .cumulative = out };

	if (!cell->islands[l]) {
		if (run_isolated(batch, l, error))
			return -1;
		outputs.isolated = &lane->spare.edges[SPARE_ISOLATED];
	}
	if (run_cumulative(batch, l, error))
		return -1;
	if (has_integer) {
		if (out->state == EDGE_ON_GRID) {
			cell->sums[l].has_codes = true;
			edge_encode(out, elements, batch->count, &lane->coded.edges[l + 1]);
		}
		if (run_integer(batch, l, error) ||
		    (!cell->islands[l] && run_local(batch, l, error)))
			return -1;
		outputs.integer = lane->spare.edges[SPARE_DECODED].values;
	}
	sums_add(&cell->sums[l], &outputs, elements, batch->count);
	return 0;
}

/* A recipe that quantizes nothing is the float run itself. */
static void take_float(const struct batch *batch)
{
	const struct network_job *job = batch->job;

	for (size_t l = 0; l < job->layers->count; l++) {
		const struct edge_values *out = &job->float_edges.edges[l + 1];
		const struct layer_outputs outputs = { .expected = out, .cumulative = out };

		sums_add(&batch->cell->sums[l], &outputs, job->layers->edges[l + 1].elements,
			 batch->count);
	}
}

/* The recipe once: in integers where it can be, else simulated. */
static int run_task(const struct batch *batch, int64_t first, struct error *error)
{
	const struct network_job *job = batch->job;
	struct network_cell *cell = batch->cell;
	struct lane *lane = batch->lane;
	const size_t last = job->layers->count;
	const bool integer = cell->scores[RUN_INTEGER] != NULL;
	struct edge_values *edges = integer ? lane->integer.edges : lane->simulated.edges;

	for (size_t l = 0; l < last; l++) {
		const struct edge_values *inputs[LAYER_INPUTS_MAX];

		if (!integer && run_cumulative(batch, l, error))
			return -1;
		if (!integer)
			continue;
		inputs_of(&job->layers->layers[l], edges, inputs);
		cell->result.layer_runs[LAYER_RUNS_INTEGER] += (uint64_t)batch->count;
		if (execution_integer(&cell->execution, lane->room, l, inputs, &edges[l + 1],
				      batch->count, error))
			return -1;
		sums_add_hash(&cell->sums[l], &edges[l + 1], job->layers->edges[l + 1].elements,
			      batch->count);
	}
	edge_decode(&edges[last], job->layers->edges[last].elements, batch->count,
		    &lane->spare.edges[SPARE_DECODED]);
	task_score(job, lane->spare.edges[SPARE_DECODED].values, first, batch->count,
		   cell->scores[integer ? RUN_INTEGER : RUN_SIMULATED]);
	return 0;
}

int batch_run(struct network_job *job, struct network_cell *cell, struct lane *lane, int64_t first,
	      int64_t count, struct error *error)
{
	const struct batch batch = { job, cell, lane, count };
	const size_t last = job->layers->count;

	if (cell->is_float) {
		if (!job->task_alone)
			take_float(&batch);
		return 0;
	}
	lane->simulated.edges[0].values = job->float_edges.edges[0].values;
	lane->integer.edges[0].values = job->float_edges.edges[0].values;
	lane->simulated.edges[0].state = lane->integer.edges[0].state = EDGE_RAW;
	if (job->task_alone)
		return run_task(&batch, first, error);
	facts_add_input(job, cell, lane, count);
	for (size_t l = 0; l < last; l++)
		if (run_layer(&batch, l, error))
			return -1;
	task_score(job, lane->simulated.edges[last].values, first, count,
		   cell->scores[RUN_SIMULATED]);
	if (cell->scores[RUN_INTEGER])
		task_score(job, lane->spare.edges[SPARE_DECODED].values, first, count,
			   cell->scores[RUN_INTEGER]);
	return 0;
}
