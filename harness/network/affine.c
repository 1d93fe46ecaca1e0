/* SPDX-License-Identifier: MIT */
#include "affine.h"

#include <string.h>

extern const struct layer_operation layer_affine;

static double factor_of(enum affine_kind kind, double number)
{
	return kind == AFFINE_TIMES ? number : kind == AFFINE_BY ? 1 / number :
	       kind == AFFINE_FROM ? -1 : 1;
}

static double shift_of(enum affine_kind kind, double number)
{
	return kind == AFFINE_PLUS || kind == AFFINE_FROM ? number :
	       kind == AFFINE_MINUS ? -number : 0;
}

/* Into weights and bias, each rounded once. */
static int fold(struct lowering *lowering, struct layer *layer, enum affine_kind kind,
		const double *numbers)
{
	if (lowering_bias(lowering, layer))
		return -1;
	for (int64_t row = 0; row < layer->weights.rows; row++) {
		const double factor = factor_of(kind, numbers[row]);
		float *weights = layer->weights.values + row * layer->weights.columns;

		for (int64_t i = 0; factor != 1 && i < layer->weights.columns; i++)
			weights[i] = (float)((double)weights[i] * factor);
		layer->bias[row] = (float)((double)layer->bias[row] * factor +
					   shift_of(kind, numbers[row]));
	}
	return 0;
}

/* 1: folded; 0: it cannot be. */
static int fold_into_weights(struct lowering *lowering, size_t edge,
			     const struct lowered *constant, enum affine_kind kind)
{
	struct layer *layer = lowering_weighted_before(lowering, edge);
	const struct lowered *input = &lowering->values[lowering->node->inputs[edge]];
	double *numbers;
	bool fits;
	int failed = 0;

	if (!layer || lowering->layers->edges[input->edge].channels != layer->weights.rows)
		return 0;
	numbers = env_new(lowering->env, (size_t)layer->weights.rows, sizeof *numbers, layer->name,
			  lowering->error);
	if (!numbers)
		return -1;
	fits = lowered_by_channel(lowering, constant, input, numbers);
	if (fits)
		failed = fold(lowering, layer, kind, numbers);
	env_free(lowering->env, numbers);
	return failed ? -1 : fits;
}

/* Into an affine layer before: y * factor + shift of y = x * f + s. */
static bool compose(struct layer *before, const double *factors, const double *shifts,
		    int64_t period)
{
	if (!before || !before->factors || before->relu ||
	    (before->period != period && period != 1))
		return false;
	for (int64_t i = 0; i < before->period; i++) {
		const int64_t from = period == 1 ? 0 : i;

		before->shifts[i] = before->shifts[i] * factors[from] + shifts[from];
		before->factors[i] *= factors[from];
	}
	return true;
}

int lowering_affine_layer(struct lowering *lowering, size_t edge, double *factors, double *shifts,
			  int64_t period)
{
	const struct lowered *input = &lowering->values[lowering->node->inputs[edge]];
	struct layer *layer = NULL;
	const bool fused = compose(lowering_before(lowering, edge), factors, shifts, period);

	if (!fused)
		layer = lowering_add_like(lowering, &layer_affine, edge);
	if (layer) {
		layer->factors = factors;
		layer->shifts = shifts;
		layer->period = period;
		return 0;
	}
	env_free(lowering->env, factors);
	env_free(lowering->env, shifts);
	return fused ? lowering_set(lowering, input) : -1;
}

double *lowering_numbers(struct lowering *lowering, const struct lowered *constant,
			 const struct lowered *input, int64_t *count)
{
	const struct edge *edge = &lowering->layers->edges[input->edge];
	const int64_t elements = constant->constant->elements;
	double *numbers;

	*count = elements == 1 ? 1 : edge->channels;
	if (*count > elements)
		*count = edge->elements;
	if (*count == edge->elements && elements != 1)
		return lowering_spread(lowering, constant, input);
	numbers = env_new(lowering->env, (size_t)*count, sizeof *numbers, "constants",
			  lowering->error);
	if (!numbers)
		return NULL;
	if (elements == 1) {
		*numbers = (double)*constant->constant->floats;
		return numbers;
	}
	if (lowered_by_channel(lowering, constant, input, numbers))
		return numbers;
	env_free(lowering->env, numbers);
	*count = edge->elements;
	return lowering_spread(lowering, constant, input);
}

static int add_own_layer(struct lowering *lowering, size_t edge, const struct lowered *constant,
			 enum affine_kind kind)
{
	const struct lowered *input = lowering_densed(lowering, edge);
	double *factors, *shifts;
	int64_t count;

	if (!input)
		return -1;
	factors = lowering_numbers(lowering, constant, input, &count);
	shifts = factors ? env_new(lowering->env, (size_t)count, sizeof *shifts, "constants",
				   lowering->error) : NULL;
	if (!shifts) {
		env_free(lowering->env, factors);
		return -1;
	}
	for (int64_t i = 0; i < count; i++) {
		shifts[i] = shift_of(kind, factors[i]);
		factors[i] = factor_of(kind, factors[i]);
	}
	return lowering_affine_layer(lowering, edge, factors, shifts, count);
}

/* The input under the shape that it and the constant make together. */
static int widen(struct lowering *lowering, size_t edge, const struct lowered *constant)
{
	struct lowered *input = &lowering->values[lowering->node->inputs[edge]];
	const int rank = constant->rank > input->rank ? constant->rank : input->rank;
	int64_t own[RANK_MAX], shape[RANK_MAX];
	struct lowered wide = *input;
	bool same = rank == input->rank;

	for (int i = 0; i < rank; i++) {
		const int mine = i - (rank - input->rank), other = i - (rank - constant->rank);
		const int64_t its = other < 0 ? 1 : constant->shape[other];

		own[i] = mine < 0 ? 1 : input->shape[mine];
		shape[i] = own[i] == 1 ? its : own[i];
		same &= shape[i] == own[i];
		if (its != 1 && its != shape[i])
			return lowering_refuse(lowering, "its constant has %lld numbers along an "
							 "axis of %lld",
					       (long long)its, (long long)shape[i]);
	}
	if (same)
		return 0;
	if (lowering->batched && (rank > input->rank || shape[0] != 1))
		return lowering_refuse(lowering, "its constant has an axis for the batch, which "
						 "parts samples");
	if (!lowered_reshape(&wide, rank, own) || !lowered_broadcast(&wide, rank, shape))
		return lowering_refuse(lowering, "its constant has more axes than can be made");
	wide.shared |= lowering->readers[lowering->node->inputs[edge]] > 1;
	*input = wide;
	return 0;
}

int lowering_affine(struct lowering *lowering, size_t edge, enum affine_kind kind)
{
	const struct lowered *input = lowering_edge(lowering, edge);
	const struct lowered *constant = input ? lowering_floats(lowering, 1 - edge) : NULL;
	int folded;

	if (!constant || widen(lowering, edge, constant))
		return -1;
	folded = fold_into_weights(lowering, edge, constant, kind);
	if (folded)
		return folded < 0 ? -1 : lowering_set(lowering, input);
	return add_own_layer(lowering, edge, constant, kind);
}
