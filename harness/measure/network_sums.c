/* SPDX-License-Identifier: MIT
 *
 * Sums over a layer's outputs: a sample's elements in blocks and lanes as in sums.h, then the
 * samples in order.
 */
#include "network_job.h"

#include "../fixed_math.h"
#include "../loops/loops.h"
#include "../sums.h"

#include <math.h>

struct part_sums {              /* of a sample                                           */
	double total[LAYER_SUMS], max_abs;
};

static void add_block(struct part_sums *to, const float *expected, const float *isolated,
		      const float *cumulative, const float *integer, int64_t count)
{
	struct loop_layer block = { 0 };

	loops_best()->layer(expected, isolated, cumulative, integer, count, &block);
	for (int i = 0; i < LAYER_SUMS; i++)
		to->total[i] += sum_of_lanes(block.lane[i]);
	for (int i = 0; i < SUM_LANES; i++)
		to->max_abs = fmax(to->max_abs, block.most[i]);
}

static void add_sample(struct layer_sums *sums, const struct part_sums *sample, float step)
{
	const double inverse = step > 0 ? 1 / (double)step : 0;

	sums->signal += sample->total[LAYER_SIGNAL];
	sums->isolated += sample->total[LAYER_ISOLATED];
	sums->in_steps += sample->total[LAYER_ISOLATED] * inverse * inverse;
	sums->cumulative += sample->total[LAYER_CUMULATIVE];
	sums->integer += sample->total[LAYER_INTEGER];
	sums->output += sample->total[LAYER_OUTPUT];
	sums->product += sample->total[LAYER_PRODUCT];
	sums->max_abs = sample->max_abs > sums->max_abs ? sample->max_abs : sums->max_abs;
}

void sums_add(struct layer_sums *sums, const struct layer_outputs *outputs, int64_t elements,
	      int64_t count)
{
	const float *expected = outputs->expected->values;
	const float *cumulative = outputs->cumulative->values;
	/* a run that there is not is summed as if it were exact */
	const float *isolated = outputs->isolated ? outputs->isolated->values : expected;
	const float *integer = outputs->integer ? outputs->integer : expected;
	const bool steps = outputs->isolated && outputs->isolated->state == EDGE_ON_GRID;

	for (int64_t s = 0; s < count; s++) {
		const int64_t end = (s + 1) * elements;
		struct part_sums sample = { 0 };

		for (int64_t at = s * elements; at < end; at += SUM_BLOCK)
			add_block(&sample, expected + at, isolated + at, cumulative + at,
				  integer + at, end - at < SUM_BLOCK ? end - at : SUM_BLOCK);
		add_sample(sums, &sample, steps ? outputs->isolated->grids[s].scale : 0);
	}
	sums->elements += elements * count;
}

/* Codes of one grid: their difference is the gap. */
static void add_code_gap(double *gap, uint64_t *differing, const uint8_t *a, const uint8_t *b,
			 int64_t count)
{
	const int most = loops_best()->gap(a, b, count, differing);

	*gap = most > *gap ? most : *gap;
}

/* Ranges of the sample's own that differ: the values' difference in steps of the simulated one. */
static double value_gap(const uint8_t *a, struct sample_grid grid_a, const uint8_t *b,
			struct sample_grid grid_b, int64_t count)
{
	double most = 0;

	for (int64_t i = 0; i < count; i++) {
		const double value_a = (double)(a[i] - grid_a.zero) * (double)grid_a.scale;
		const double value_b = (double)(b[i] - grid_b.zero) * (double)grid_b.scale;

		most = fmax(most, fabs(value_a - value_b));
	}
	return most / (double)grid_b.scale;
}

void sums_add_gap(double *gap, uint64_t *differing, const struct edge_values *integer,
		  const struct edge_values *simulated, int64_t elements, int64_t count)
{
	for (int64_t s = 0; s < count; s++) {
		const struct sample_grid a = integer->grids[s], b = simulated->grids[s];
		const uint8_t *codes_a = integer->codes + s * elements;
		const uint8_t *codes_b = simulated->codes + s * elements;
		double by_codes = 0;

		add_code_gap(&by_codes, differing, codes_a, codes_b, elements);
		if (a.scale == b.scale && a.zero == b.zero)
			*gap = fmax(*gap, by_codes);
		else
			*gap = fmax(*gap, value_gap(codes_a, a, codes_b, b, elements));
	}
}

void sums_add_hash(struct layer_sums *sums, const struct edge_values *integer, int64_t elements,
		   int64_t count)
{
	const size_t size = (size_t)elements;

	for (int64_t s = 0; s < count; s++) {
		const struct sample_grid grid = integer->grids[s];
		const struct {
			float scale;
			int32_t zero;
		} words = { grid.scale, grid.zero };

		if (integer->state != EDGE_CODED) {
			hash_chain_add(&sums->hash, integer->values + (size_t)s * size,
				       size * sizeof(float));
			continue;
		}
		hash_chain_add(&sums->hash, integer->codes + (size_t)s * size, size);
		hash_chain_add(&sums->hash, &words, sizeof words);
	}
}

static double sqnr_db(double signal, double errors)
{
	return signal > 0 && errors > 0 ? 10 * fixed_log10(signal / errors) : (double)NAN;
}

double sums_sqnr_db(const struct layer_sums *sums)
{
	return sqnr_db(sums->signal, sums->cumulative);
}

static double relative_rmse(double signal, double errors)
{
	return signal > 0 ? sqrt(errors / signal) : (double)NAN;
}

static double cosine(const struct layer_sums *sums)
{
	const double norms = sqrt(sums->signal) * sqrt(sums->output);

	return norms > 0 ? fmax(-1, fmin(sums->product / norms, 1)) : (double)NAN;
}

static void report_integer(struct layer_numbers *numbers, const struct layer_sums *sums)
{
	const double count = (double)sums->elements;

	numbers->integer_sqnr_db = sqnr_db(sums->signal, sums->integer);
	numbers->integer_relative_rmse = relative_rmse(sums->signal, sums->integer);
	if (!sums->has_codes)
		return;
	numbers->step_gap = sums->gap;
	numbers->differing_fraction = (double)sums->differing / count;
	if (numbers->island)
		return;
	numbers->step_gap_local = sums->gap_local;
	numbers->differing_fraction_local = (double)sums->differing_local / count;
}

static void report_layer(const struct network_job *job, const struct network_cell *cell, size_t l,
			 struct layer_numbers *numbers)
{
	const struct layer_sums *sums = &cell->sums[l];
	const double none = (double)NAN, count = (double)sums->elements;
	const bool quantized = cell_quantizes(job, cell, l + 1) && !cell->islands[l];

	*numbers = (struct layer_numbers){
		.island = cell->islands[l],
		.isolated_sqnr_db = none, .isolated_relative_rmse = none, .rmse_over_step = none,
		.cumulative_sqnr_db = sqnr_db(sums->signal, sums->cumulative),
		.cumulative_relative_rmse = relative_rmse(sums->signal, sums->cumulative),
		.cosine = cosine(sums), .max_abs = sums->max_abs,
		.integer_sqnr_db = none, .integer_relative_rmse = none,
		.activation_saturated_fraction =
			quantized ? (double)sums->tally.saturated / count : none,
		.weight_saturated_fraction = none,
		.step_gap_local = none, .differing_fraction_local = none,
		.step_gap = none, .differing_fraction = none,
	};
	if (!numbers->island) {
		numbers->isolated_sqnr_db = sqnr_db(sums->signal, sums->isolated);
		numbers->isolated_relative_rmse = relative_rmse(sums->signal, sums->isolated);
		numbers->rmse_over_step = quantized ? sqrt(sums->in_steps / count) : none;
	}
	if (cell->weight_case[l] != NO_CASE)
		numbers->weight_saturated_fraction =
			job->weights[l].cases[cell->weight_case[l]].numbers.saturated_fraction;
	if (cell->scores[RUN_INTEGER])
		report_integer(numbers, sums);
}

bool sums_report(const struct network_job *job, struct network_cell *cell, size_t *layer)
{
	const struct execution *execution =
		cell->is_float ? &job->float_execution : &cell->execution;
	struct network_result *result = &cell->result;
	struct hash_chain all = { 0 };

	for (size_t l = 0; l < job->layers->count; l++) {
		const struct layer_sums *sums = &cell->sums[l];

		*layer = l;
		if (job->task_alone) {
			hash_chain_add(&all, &sums->hash, sizeof sums->hash);
			continue;
		}
		if (!isfinite(sums->isolated) || !isfinite(sums->cumulative) ||
		    !isfinite(sums->integer) || !isfinite(sums->output))
			return false;
		report_layer(job, cell, l, &cell->layers[l]);
		hash_chain_add(&all, &sums->hash, sizeof sums->hash);
	}
	if (cell->scores[RUN_INTEGER])
		hash_chain_key(result->integer_hash, &all);
	/* a recipe that only a simulation runs is float arithmetic throughout */
	result->integer_macs = *execution->no_integer ? 0 : execution->integer_macs;
	result->float_macs = execution->float_macs + execution->integer_macs - result->integer_macs;
	return true;
}
