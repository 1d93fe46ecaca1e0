/* SPDX-License-Identifier: MIT
 *
 * The weights of a network's layers: each distinct rule is measured once for all cells; simulated
 * values and codes are made for a wave and shared by its recipes until they are packed.
 */
#include "network_job.h"

#include <string.h>

static int measure_layer(void *self, size_t l, int thread, struct error *error)
{
	struct network_job *job = self;
	struct layer_weights *weights = &job->weights[l];
	const struct tensor *tensor = &job->layers->layers[l].weights;

	(void)thread;
	if (!weights->count)
		return 0;
	if (tensor_check_finite(tensor, weights->name, error))
		return -1;
	return operand_measure_all(tensor, weights->name, weights->cases, weights->count, error);
}

/* The first layer whose weights cannot be quantized so decides the cell. */
static void take_cases(const struct network_job *job, struct network_cell *cell)
{
	for (size_t l = 0; l < job->layers->count; l++) {
		const struct layer_weights *weights = &job->weights[l];
		const struct operand_case *one;

		if (cell->weight_case[l] == NO_CASE)
			continue;
		one = &weights->cases[cell->weight_case[l]];
		if (one->outcome != OUTCOME_DONE) {
			cell_end(cell, one->outcome, "%.100s: %.150s", weights->name, one->reason);
			return;
		}
		if (*one->warning)
			warn(cell, weights->name, one->warning);
	}
}

int job_measure_weights(struct network_job *job, struct error *error)
{
	if (parallel_for(job->env, job->jobs, job->layers->count, measure_layer, job, error))
		return -1;
	for (size_t i = 0; i < job->count; i++)
		if (job->cells[i].result.outcome == OUTCOME_PLANNED)
			take_cases(job, &job->cells[i]);
	for (size_t l = 0; l < job->layers->count; l++) {
		struct layer_weights *weights = &job->weights[l];

		weights->made = env_new(job->env, weights->count, sizeof *weights->made, "weights",
					error);
		if (!weights->made)
			return -1;
	}
	return 0;
}

/* Codes and scales, where the case has them row by row. */
static int make_codes(struct network_job *job, const struct tensor *tensor,
		      const struct operand_case *one, struct quantized_weights *made,
		      struct error *error)
{
	const int64_t groups = operand_groups(tensor, one);
	const size_t rows = (size_t)tensor->rows, scales = rows * (size_t)groups;
	const bool has_codes = one->rule->bits <= 8;
	struct operand_codes codes = { 0 };

	if (!groups)
		return 0;
	made->group = one->rule->granularity.group;
	made->scales = codes.scales = env_new(job->env, scales, sizeof(float), "scales", error);
	made->zeros = codes.zeros = env_new(job->env, scales, sizeof(int32_t), "zero points",
					    error);
	if (has_codes)
		made->codes = codes.codes = env_new(job->env, rows * (size_t)tensor->columns, 1,
						    "codes of weights", error);
	if (!codes.scales || !codes.zeros || (has_codes && !codes.codes))
		return -1;
	return operand_encode(tensor, one, &codes, error);
}

static int make_case(struct network_job *job, size_t l, size_t index, struct error *error)
{
	const struct tensor *tensor = &job->layers->layers[l].weights;
	const struct operand_case *one = &job->weights[l].cases[index];
	struct quantized_weights *made = &job->weights[l].made[index];
	float *simulated = env_new(job->env, (size_t)tensor->rows * (size_t)tensor->columns,
				   sizeof *simulated, "simulated weights", error);

	made->simulated = simulated;
	if (!simulated)
		return -1;
	operand_simulate(tensor, one, simulated);
	return make_codes(job, tensor, one, made, error);
}

struct making {
	struct network_job *job;
	size_t first, last;
};

static int make_layer(void *self, size_t l, int thread, struct error *error)
{
	const struct making *making = self;

	(void)thread;
	for (size_t i = making->first; i < making->last; i++) {
		const struct network_cell *cell = &making->job->cells[i];
		const size_t index = cell->weight_case[l];

		if (cell->result.outcome != OUTCOME_PLANNED || index == NO_CASE ||
		    making->job->weights[l].made[index].simulated)
			continue;
		if (make_case(making->job, l, index, error))
			return -1;
	}
	return 0;
}

int weights_make(struct network_job *job, size_t first, size_t last, struct error *error)
{
	struct making making = { job, first, last };

	return parallel_for(job->env, job->jobs, job->layers->count, make_layer, &making, error);
}

void weights_unmake(struct network_job *job)
{
	for (size_t l = 0; l < job->layers->count; l++) {
		struct layer_weights *weights = &job->weights[l];

		for (size_t i = 0; weights->made && i < weights->count; i++) {
			struct quantized_weights *made = &weights->made[i];

			env_free(job->env, (void *)made->simulated);
			env_free(job->env, (void *)made->codes);
			env_free(job->env, (void *)made->scales);
			env_free(job->env, (void *)made->zeros);
			*made = (struct quantized_weights){ 0 };
		}
	}
}

static double bias_bytes(const struct layer *layer)
{
	return layer->bias ? 4.0 * (double)layer->weights.rows : 0;
}

int weights_report(struct network_job *job, struct network_cell *cell, struct error *error)
{
	struct network_result *result = &cell->result;
	const size_t count = job->layers->count;

	cell->weights = env_new(job->env, count, sizeof *cell->weights, "numbers", error);
	cell->weight_layers = env_new(job->env, count, sizeof *cell->weight_layers, "numbers",
				      error);
	if (!cell->weights || !cell->weight_layers)
		return -1;
	result->weights = cell->weights;
	result->weight_layers = cell->weight_layers;
	for (size_t l = 0; l < count; l++) {
		const struct layer *layer = &job->layers->layers[l];
		struct operand_case *one;

		if (!layer_has_weights(layer))
			continue;
		result->bytes += bias_bytes(layer);
		if (cell->weight_case[l] == NO_CASE) {
			result->bytes += 4.0 * (double)layer->weights.rows *
					 (double)layer->weights.columns;
			continue;
		}
		one = &job->weights[l].cases[cell->weight_case[l]];
		result->bytes += one->numbers.bytes;
		cell->weight_layers[result->weight_count] = l;
		cell->weights[result->weight_count] = one->numbers;
		outputs_report(&job->weights[l], cell->weight_case[l],
			       &cell->weights[result->weight_count++]);
		/* work that cells share is told with the first of them */
		result->element_visits += one->visits;
		result->seconds += one->seconds;
		one->visits = 0;
		one->seconds = 0;
	}
	return 0;
}

void weights_free(struct network_job *job)
{
	if (!job->weights)
		return;
	weights_unmake(job);
	for (size_t l = 0; l < job->layers->count; l++) {
		struct layer_weights *weights = &job->weights[l];

		for (size_t i = 0; weights->cases && i < weights->count; i++)
			env_free(job->env, weights->cases[i].grids);
		env_free(job->env, weights->cases);
		env_free(job->env, weights->made);
		env_free(job->env, weights->outputs);
		env_free(job->env, weights->name);
	}
	env_free(job->env, job->weights);
}
