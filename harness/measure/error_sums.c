/* SPDX-License-Identifier: MIT */
#include "error_sums.h"

#include "../fixed_math.h"

#include <math.h>

/* At most one block's rest: the sums stay in registers. */
static void add_piece(struct error_sums *sums, const float *x, const float *back, uint32_t count,
		      double inverse)
{
	double error = sums->error.block, squared = sums->squared.block;
	double in_steps = sums->in_steps.block, signal = sums->signal.block;
	double output = sums->output.block, product = sums->product.block;
	double max_abs = sums->max_abs, bias = sums->steps.block;

	for (uint32_t i = 0; i < count; i++) {
		const double from = (double)x[i], to = (double)back[i], e = to - from;
		const double steps = e * inverse, size = fabs(e);

		error += e;
		squared += e * e;
		bias += steps;
		in_steps += steps * steps;
		signal += from * from;
		output += to * to;
		product += from * to;
		max_abs = size > max_abs ? size : max_abs;
	}
	sums->max_abs = max_abs;
	sum_advance(&sums->error, error, count);
	sum_advance(&sums->squared, squared, count);
	sum_advance(&sums->steps, bias, count);
	sum_advance(&sums->in_steps, in_steps, count);
	sum_advance(&sums->signal, signal, count);
	sum_advance(&sums->output, output, count);
	sum_advance(&sums->product, product, count);
}

void error_sums_add(struct error_sums *sums, const float *x, const float *back, int64_t count,
		    double step)
{
	const double inverse = step > 0 ? 1 / step : 0;

	sums->elements += count;
	while (count > 0) {
		const uint32_t room = sum_room(&sums->error);
		const uint32_t piece = count < room ? (uint32_t)count : room;

		add_piece(sums, x, back, piece, inverse);
		x += piece;
		back += piece;
		count -= piece;
	}
}

bool error_sums_numbers(const struct error_sums *sums, bool steps, const char *tensor,
			struct error_numbers *numbers)
{
	const double count = (double)sums->elements, none = (double)NAN;
	const double squared = sum_total(&sums->squared), signal = sum_total(&sums->signal);
	const double output = sum_total(&sums->output), product = sum_total(&sums->product);
	const double norms = sqrt(signal) * sqrt(output);

	*numbers = (struct error_numbers){
		.tensor = tensor,
		.elements = sums->elements,
		.mse = squared / count,
		.rmse = sqrt(squared / count),
		.rmse_over_step = steps ? sqrt(sum_total(&sums->in_steps) / count) : none,
		.sqnr_db = signal > 0 && squared > 0 ?
			   10 * fixed_log10(signal / squared) : none,
		.max_abs = sums->max_abs,
		.mean_error = sum_total(&sums->error) / count,
		.cosine = norms > 0 ? fmax(-1, fmin(product / norms, 1)) : none,
		.saturated_fraction = none, .zero_fraction = none,
		.exact = !(sums->max_abs > 0),
		.bytes = none,
		.range_low = none, .range_high = none, .scale = none, .zero_point = none,
		.abs_error_p95 = none, .abs_error_p999 = none, 
		.bias_over_step = steps ? sum_total(&sums->steps) / count : none,
		.kl_divergence = none, .output_sqnr_db = none, .output_relative_rmse = none,
		.calibration_bound_db = none,
	};
	return isfinite(squared) && isfinite(output);
}

double error_sums_relative(const struct error_sums *sums)
{
	const double signal = sum_total(&sums->signal);

	return signal > 0 ? sqrt(sum_total(&sums->squared) / signal) : (double)NAN;
}
