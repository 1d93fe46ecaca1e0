/* SPDX-License-Identifier: MIT
 *
 * What the verdict asks about weights and ranges: how far channels lie apart, which hold nothing,
 * what calibration saw and what came, what a bias loses on its grid.
 *
 * What evaluation holds is looked at once a network: the least and greatest of each channel are the
 * same for any batch and thread.  A spread is the largest channel's largest |x| over that of the
 * middle channel (of an even count the lower one), channels of zeros left out; NaN of fewer than
 * two.
 */
#include "network_job.h"

#include "../fixed_math.h"
#include "../sums.h"

#include <math.h>
#include <stdlib.h>

enum { BULK_PER_MILLE = 999 };

static size_t edge_count(const struct network_job *job)
{
	return job->layers->count + 1;
}

static size_t channels_of(const struct network_job *job, size_t edge)
{
	return (size_t)job->layers->edges[edge].channels;
}

int facts_new(struct network_job *job, struct error *error)
{
	const struct env *env = job->env;
	size_t channels = 0;

	for (size_t e = 0; e < edge_count(job); e++)
		channels += channels_of(job, e);
	job->facts = env_new(env, edge_count(job), sizeof *job->facts, "facts", error);
	job->seen = env_new(env, 2 * channels, sizeof *job->seen, "facts", error);
	job->weight_facts = env_new(env, job->layers->count, sizeof *job->weight_facts, "facts",
				    error);
	if (!job->facts || !job->seen || !job->weight_facts)
		return -1;
	for (size_t e = 0, at = 0; e < edge_count(job); at += 2 * channels_of(job, e++)) {
		struct edge_facts *facts = &job->facts[e];

		facts->low = job->seen + at;
		facts->high = facts->low + channels_of(job, e);
		facts->calibrated_low = facts->calibrated_high = facts->calibrated_bulk =
			(double)NAN;
		for (size_t c = 0; c < channels_of(job, e); c++) {
			facts->low[c] = INFINITY;
			facts->high[c] = -INFINITY;
		}
	}
	return 0;
}

void facts_free(struct network_job *job)
{
	env_free(job->env, job->facts);
	env_free(job->env, job->seen);
	env_free(job->env, job->weight_facts);
}

void facts_of_calibration(struct network_job *job, size_t edge, const struct slice *slice)
{
	struct edge_facts *facts = &job->facts[edge];
	const int64_t within = slice->count / 1000 * BULK_PER_MILLE +
			       (slice->count % 1000 * BULK_PER_MILLE + 999) / 1000;

	facts->calibrated_low = (double)slice->least;
	facts->calibrated_high = (double)slice->greatest;
	facts->calibrated_bulk = (double)slice_magnitude_of_rank(slice, within);
}

struct facts_batch {
	struct network_job *job;
	int64_t count;
};

static int see_edge(void *self, size_t edge, int thread, struct error *error)
{
	const struct facts_batch *batch = self;
	const struct network_job *job = batch->job;
	const struct edge_facts *facts = &job->facts[edge];
	const int64_t channels = job->layers->edges[edge].channels;
	const int64_t places = batch->count * job->layers->edges[edge].elements / channels;
	const float *x = job->float_edges.edges[edge].values;
	float *low = facts->low, *high = facts->high;

	(void)thread;
	(void)error;
	for (int64_t i = 0; i < places; i++, x += channels) {
		for (int64_t c = 0; c < channels; c++) {
			low[c] = x[c] < low[c] ? x[c] : low[c];
			high[c] = x[c] > high[c] ? x[c] : high[c];
		}
	}
	return 0;
}

int facts_add(struct network_job *job, int64_t count, struct error *error)
{
	struct facts_batch batch = { job, count };

	return parallel_for(job->env, job->jobs, edge_count(job), see_edge, &batch, error);
}

static int by_size(const void *a, const void *b)
{
	const float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

/* sizes[count] come sorted. */
static double spread_of(float *sizes, size_t count)
{
	size_t first = 0;

	qsort(sizes, count, sizeof *sizes, by_size);
	while (first < count && !(sizes[first] > 0))
		first++;
	if (count - first < 2)
		return (double)NAN;
	return (double)sizes[count - 1] / (double)sizes[first + (count - first - 1) / 2];
}

static void finish_edge(const struct network_job *job, size_t edge, float *sizes)
{
	struct edge_facts *facts = &job->facts[edge];
	const size_t channels = channels_of(job, edge);
	size_t constant = 0;

	/* + 0.0 makes a zero positive, whichever came first */
	facts->seen_low = (double)facts->low[0];
	facts->seen_high = (double)facts->high[0];
	for (size_t c = 0; c < channels; c++) {
		const float low = facts->low[c], high = facts->high[c];

		constant += low == high;
		sizes[c] = -low > high ? -low : high;
		facts->seen_low = fmin(facts->seen_low, (double)low) + 0.0;
		facts->seen_high = fmax(facts->seen_high, (double)high) + 0.0;
	}
	facts->dead_fraction = (double)constant / (double)channels;
	facts->channel_spread = spread_of(sizes, channels);
}

/* A row that holds one value tells nothing of its inputs; of one column it may be a factor. */
static void finish_weights(const struct tensor *weights, struct weight_facts *facts, float *sizes)
{
	int64_t constant = 0;

	for (int64_t n = 0; n < weights->rows; n++) {
		const float *row = weights->values + n * weights->columns;
		bool same = weights->columns > 1 || !(fabsf(*row) > 0);

		sizes[n] = 0;
		for (int64_t k = 0; k < weights->columns; k++) {
			sizes[n] = fabsf(row[k]) > sizes[n] ? fabsf(row[k]) : sizes[n];
			same = same && row[k] == *row;
		}
		constant += same;
	}
	facts->dead_fraction = (double)constant / (double)weights->rows;
	facts->channel_spread = spread_of(sizes, (size_t)weights->rows);
}

int facts_finish(struct network_job *job, struct error *error)
{
	size_t most = 1;
	float *sizes;

	for (size_t e = 0; e < edge_count(job); e++)
		most = channels_of(job, e) > most ? channels_of(job, e) : most;
	for (size_t l = 0; l < job->layers->count; l++)
		if ((size_t)job->layers->layers[l].weights.rows > most)
			most = (size_t)job->layers->layers[l].weights.rows;
	sizes = env_new(job->env, most, sizeof *sizes, "facts", error);
	if (!sizes)
		return -1;
	for (size_t e = 0; e < edge_count(job); e++)
		finish_edge(job, e, sizes);
	for (size_t l = 0; l < job->layers->count; l++)
		if (layer_has_weights(&job->layers->layers[l]))
			finish_weights(&job->layers->layers[l].weights, &job->weight_facts[l],
				       sizes);
	env_free(job->env, sizes);
	return 0;
}

/* The quantizer of an edge under a cell's static rule. */
static const struct chosen *chosen_of(const struct network_job *job,
				      const struct network_cell *cell, size_t edge)
{
	return &job->chosen[cell->choice * edge_count(job) + layers_grid_of(job->layers, edge)];
}

/* As execute_prepare.c puts it on the grid s_a * s_w. */
static void facts_of_bias(const struct network_job *job, const struct network_cell *cell, size_t l)
{
	const struct layer *layer = &job->layers->layers[l];
	struct bias_facts *facts = &cell->bias[l];
	const float *scales;
	double input;

	*facts = (struct bias_facts){ (double)NAN, (double)NAN };
	if (!layer->bias || cell->weight_case[l] == NO_CASE || cell->choice == NO_CASE ||
	    !cell_quantizes(job, cell, layer->inputs[0]) || !cell_quantizes(job, cell, l + 1) ||
	    job->weights[l].made[cell->weight_case[l]].group)
		return;
	scales = job->weights[l].made[cell->weight_case[l]].scales;
	if (!scales)
		return;
	input = (double)chosen_of(job, cell, layer->inputs[0])->scale;
	*facts = (struct bias_facts){ 0, 0 };
	for (int64_t n = 0; n < layer->weights.rows; n++) {
		const double bias = (double)layer->bias[n], unit = input * (double)scales[n];
		const double units = rint(bias / unit), error = fabs(units * unit - bias);

		facts->units = fmax(facts->units, fabs(units));
		facts->error = fmax(facts->error, error);
	}
	facts->error /= (double)chosen_of(job, cell, l + 1)->scale;
}

int facts_of_biases(const struct network_job *job, struct network_cell *cell, struct error *error)
{
	cell->bias = env_new(job->env, job->layers->count, sizeof *cell->bias, "facts", error);
	for (size_t l = 0; cell->bias && l < job->layers->count; l++)
		facts_of_bias(job, cell, l);
	return cell->bias ? 0 : -1;
}

void facts_add_input(const struct network_job *job, struct network_cell *cell, struct lane *lane,
		     int64_t count)
{
	const struct recipe *recipe = cell->recipe;
	const int64_t elements = job->layers->edges[0].elements;
	const struct chosen *chosen;
	float *back = lane->spare.edges[SPARE_ISOLATED].values;

	if (cell->choice == NO_CASE || !cell_quantizes(job, cell, 0))
		return;
	chosen = chosen_of(job, cell, 0);
	for (int64_t s = 0; s < count; s++) {
		const float *x = job->float_edges.edges[0].values + s * elements;
		double signal = 0, errors = 0;

		format_of(recipe->activations.format)
			->simulate(x, elements, &chosen->grid, chosen->scale,
				   recipe_round(recipe), back, &cell->input.tally);
		for (int64_t at = 0; at < elements; at += SUM_BLOCK) {
			const int64_t end = elements - at < SUM_BLOCK ? elements : at + SUM_BLOCK;
			double block_signal = 0, block_errors = 0;

			for (int64_t i = at; i < end; i++) {
				const double error = (double)back[i] - (double)x[i];

				block_signal += (double)x[i] * (double)x[i];
				block_errors += error * error;
			}
			signal += block_signal;
			errors += block_errors;
		}
		cell->input.signal += signal;
		cell->input.errors += errors;
	}
	cell->input.elements += elements * count;
}

static void report_range(const struct network_job *job, const struct network_cell *cell,
			 size_t edge, struct range_numbers *out)
{
	const struct edge_facts *facts = &job->facts[edge];
	const double none = (double)NAN;

	*out = (struct range_numbers){
		.measured = cell_quantizes(job, cell, edge),
		.range_low = none, .range_high = none, .step = none,
		.calibrated_low = none, .calibrated_high = none, .calibrated_bulk = none,
		.seen_low = facts->seen_low, .seen_high = facts->seen_high,
		.saturated_fraction = none, .sqnr_db = none,
		.channel_spread = facts->channel_spread, .dead_fraction = facts->dead_fraction,
	};
	if (edge)
		out->saturated_fraction = cell->layers[edge - 1].activation_saturated_fraction;
	if (cell->choice == NO_CASE || !out->measured)
		return;
	out->range_low = chosen_of(job, cell, edge)->range.low + 0.0;
	out->range_high = chosen_of(job, cell, edge)->range.high + 0.0;
	out->step = (double)chosen_of(job, cell, edge)->scale;
	out->calibrated_low = facts->calibrated_low + 0.0;
	out->calibrated_high = facts->calibrated_high + 0.0;
	out->calibrated_bulk = facts->calibrated_bulk;
	if (edge || !cell->input.elements)
		return;
	out->saturated_fraction = (double)cell->input.tally.saturated /
				  (double)cell->input.elements;
	if (cell->input.signal > 0 && cell->input.errors > 0)
		out->sqnr_db = 10 * fixed_log10(cell->input.signal / cell->input.errors);
}

int facts_report(struct network_job *job, struct network_cell *cell, struct error *error)
{
	cell->ranges = env_new(job->env, edge_count(job), sizeof *cell->ranges, "numbers", error);
	if (!cell->ranges)
		return -1;
	for (size_t e = 0; e < edge_count(job); e++)
		report_range(job, cell, e, &cell->ranges[e]);
	for (size_t l = 0; l < job->layers->count; l++) {
		struct layer_numbers *numbers = &cell->layers[l];
		const bool weighted = layer_has_weights(&job->layers->layers[l]);

		numbers->weight_channel_spread =
			weighted ? job->weight_facts[l].channel_spread : (double)NAN;
		numbers->weight_dead_fraction =
			weighted ? job->weight_facts[l].dead_fraction : (double)NAN;
		numbers->bias_units = cell->bias ? cell->bias[l].units : (double)NAN;
		numbers->bias_error_steps = cell->bias ? cell->bias[l].error : (double)NAN;
	}
	cell->result.ranges = cell->ranges;
	return 0;
}
