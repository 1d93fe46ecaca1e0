/* SPDX-License-Identifier: MIT
 *
 * One batch of a network's sensitivity: a part's own run, then each layer alone and spared.
 */
#include "sensitivity_job.h"

#include <string.h>

struct sense {
	struct network_job *job;
	struct network_cell *cell;
	struct lane *lane;
	int64_t first, count;   /* samples                                               */
	enum sensitivity_part part;
};

/* `swapped` computes one layer, `rest` all others; under `rest` alone edges hold `base`. */
struct swap {
	const struct execution *swapped, *rest;
	const struct edge_values *base;
	int kind;               /* SENSITIVITY_ONLY, SENSITIVITY_SPARED                  */
};

static const struct execution *execution_of(const struct sense *sense)
{
	return sense->part == PART_BOTH ? &sense->cell->execution
					: &sense->cell->sensing->executions[sense->part];
}

static int run_layer(const struct sense *sense, const struct execution *execution, size_t l,
		     const struct edge_values *const *inputs, struct edge_values *out, int kind,
		     struct error *error)
{
	struct sensing *sensing = sense->cell->sensing;

	sensing->runs[sense->part][kind] += (uint64_t)sense->count;
	sensing->macs[sense->part] +=
		(uint64_t)(sense->job->layers->layers[l].macs * sense->count);
	return execution_simulated(execution, sense->lane->room, l, inputs, out, sense->count, NULL,
				   error);
}

/* Nobody who reads the edge could tell the two runs apart. */
static bool same_edge(const struct edge_values *a, const struct edge_values *b, int64_t elements,
		      int64_t count)
{
	const size_t samples = (size_t)count;

	if (a->state != b->state || a->state == EDGE_CODED)
		return false;
	if (a->state == EDGE_ON_GRID && memcmp(a->grids, b->grids, samples * sizeof *a->grids))
		return false;
	return !memcmp(a->values, b->values, samples * (size_t)elements * sizeof *a->values);
}

/* Adds a run's output; a refusal is the run's alone, lack of memory is the job's. */
static int take_output(const struct sense *sense, int failed, const struct edge_values *output,
		       struct asked *asked, const struct error *error)
{
	const struct network_job *job = sense->job;
	const size_t last = job->layers->count;
	const struct layer_outputs outputs = { .expected = &job->float_edges.edges[last],
					       .cumulative = output };

	if (failed) {
		asked->refused = true;
		return error->status == STATUS_MACHINE ? -1 : 0;
	}
	sums_add(&asked->sums, &outputs, job->layers->edges[last].elements, sense->count);
	task_score(job, output->values, sense->first, sense->count, asked->scores);
	return 0;
}

/* The inputs that one layer reads, changed or as they were; false: none of them is changed. */
static bool find_inputs(const struct sense *sense, const struct swap *swap, size_t l,
			const struct edge_values **inputs)
{
	const struct layer *layer = &sense->job->layers->layers[l];
	bool changed = false;

	for (size_t i = 0; i < layer->input_count; i++) {
		const size_t edge = layer->inputs[i];
		const bool is_changed = sense->lane->is_changed[edge];

		inputs[i] = is_changed ? &sense->lane->changed.edges[edge] : &swap->base[edge];
		changed |= is_changed;
	}
	return changed;
}

/* The run in which layer `at` is the swapped one, from there on and as far as something changes. */
static int run_swapped(const struct sense *sense, const struct swap *swap, size_t at,
		       const struct edge_values **output, struct error *error)
{
	const struct layers *layers = sense->job->layers;
	bool *is_changed = sense->lane->is_changed;
	const struct edge_values *inputs[LAYER_INPUTS_MAX];

	memset(is_changed, 0, (layers->count + 1) * sizeof *is_changed);
	for (size_t l = at; l < layers->count; l++) {
		struct edge_values *out = &sense->lane->changed.edges[l + 1];

		if (!find_inputs(sense, swap, l, inputs) && l != at)
			continue;
		if (run_layer(sense, l == at ? swap->swapped : swap->rest, l, inputs, out,
			      swap->kind, error))
			return -1;
		is_changed[l + 1] = !same_edge(out, &swap->base[l + 1],
					       layers->edges[l + 1].elements, sense->count);
	}
	*output = is_changed[layers->count] ? &sense->lane->changed.edges[layers->count]
					    : &swap->base[layers->count];
	return 0;
}

static int ask(const struct sense *sense, const struct swap *swap, size_t l, struct asked *asked,
	       struct error *error)
{
	const struct edge_values *output = NULL;
	int failed;

	if (asked->refused)
		return 0;
	failed = run_swapped(sense, swap, l, &output, error);
	return take_output(sense, failed, output, asked, error);
}

static int ask_only(const struct sense *sense, struct error *error)
{
	const struct network_job *job = sense->job;
	const struct swap swap = { .swapped = execution_of(sense), .rest = &job->sensitivity_float,
				   .base = job->float_edges.edges, .kind = SENSITIVITY_ONLY };

	for (size_t l = 0; l < job->layers->count; l++)
		if (part_has(sense->cell, sense->part, l) &&
		    !part_is_activations(sense->cell, sense->part, l) &&
		    ask(sense, &swap, l, asked_only(sense->cell->sensing, sense->part, l), error))
			return -1;
	return 0;
}

/* All edges under the part as it is. */
static int run_part(const struct sense *sense, struct error *error)
{
	const struct layers *layers = sense->job->layers;
	struct edge_values *edges = sense->lane->base.edges;
	const struct edge_values *inputs[LAYER_INPUTS_MAX];

	edges[0].values = sense->job->float_edges.edges[0].values;
	edges[0].state = EDGE_RAW;
	for (size_t l = 0; l < layers->count; l++) {
		for (size_t i = 0; i < layers->layers[l].input_count; i++)
			inputs[i] = &edges[layers->layers[l].inputs[i]];
		if (run_layer(sense, execution_of(sense), l, inputs, &edges[l + 1],
			      SENSITIVITY_BASE, error))
			return -1;
	}
	return 0;
}

static int ask_spared(const struct sense *sense, struct error *error)
{
	struct sensing *sensing = sense->cell->sensing;
	struct asked *quantized = asked_quantized(sensing, sense->part);
	const size_t count = sense->job->layers->count;
	const struct swap swap = { .swapped = &sense->job->sensitivity_float,
				   .rest = execution_of(sense), .base = sense->lane->base.edges,
				   .kind = SENSITIVITY_SPARED };

	if (quantized->refused)
		return 0;
	if (take_output(sense, run_part(sense, error), &swap.base[count], quantized, error))
		return -1;
	for (size_t l = 0; l < count; l++) {
		struct asked *asked = asked_spared(sensing, sense->part, l, count);

		/* what the part cannot do no layer of it can be spared in */
		asked->refused |= quantized->refused;
		if (part_has(sense->cell, sense->part, l) && ask(sense, &swap, l, asked, error))
			return -1;
	}
	return 0;
}

int sensing_batch(struct network_job *job, struct network_cell *cell, enum sensitivity_part part,
		  struct lane *lane, int64_t first, int64_t count, struct error *error)
{
	const struct sense sense = { .job = job, .cell = cell, .lane = lane, .first = first,
				     .count = count, .part = part };

	return ask_only(&sense, error) || ask_spared(&sense, error) ? -1 : 0;
}
