/* SPDX-License-Identifier: MIT
 *
 * Softmax and its logarithm along one axis, in double, rounded once to float32; the largest value
 * is taken off first, so that nothing is infinite:
 *
 *   softmax      exp(x - m) / sum of exp(x - m)
 *   logarithm    x - m - log(sum of exp(x - m))
 *
 * Sums in the order of memory.
 */
#include "execute_parts.h"

#include "../fixed_math.h"

static void one_axis(const struct layer *layer, const float *x, int64_t size, float *y)
{
	const int64_t step = layer->inner;
	float most = x[0];
	double sum = 0;

	for (int64_t i = 1; i < size; i++)
		most = x[i * step] > most ? x[i * step] : most;
	for (int64_t i = 0; i < size; i++)
		sum += fixed_exp((double)x[i * step] - (double)most);
	const double logarithm = layer->logarithm ? fixed_log(sum) : 0;

	for (int64_t i = 0; i < size; i++) {
		const double from = (double)x[i * step] - (double)most;

		y[i * step] = (float)(layer->logarithm ? from - logarithm : fixed_exp(from) / sum);
	}
}

int run_softmax_float(struct layer_run *run, struct error *error)
{
	const struct layer *layer = run->layer;
	const int64_t size = run->out_edge->elements / (layer->outer * layer->inner);
	const float *x = run->in[0]->values;
	float *y = run->out->values;

	(void)error;
	for (int64_t o = 0; o < run->batch * layer->outer; o++)
		for (int64_t i = 0; i < layer->inner; i++)
			one_axis(layer, x + o * size * layer->inner + i, size,
				 y + o * size * layer->inner + i);
	clamp_values(layer, y, run->batch * run->out_edge->elements);
	return 0;
}
