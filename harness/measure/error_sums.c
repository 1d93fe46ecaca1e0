/* SPDX-License-Identifier: MIT */
#include "error_sums.h"

#include "../fixed_math.h"

#include <math.h>
#include <string.h>

static void end_block(struct error_sums *sums)
{
	for (int i = 0; i < ERROR_SUMS; i++)
		sums->total[i] += sum_of_lanes(sums->block.lane[i]);
	memset(sums->block.lane, 0, sizeof sums->block.lane);
}

void error_sums_add(struct error_sums *sums, const float *x, const float *back, int64_t count,
		    double step)
{
	const double inverse = step > 0 ? 1 / step : 0;

	while (count > 0) {
		const int64_t first = sums->elements % SUM_BLOCK, room = SUM_BLOCK - first;
		const int64_t piece = count < room ? count : room;

		loops_best()->errors(x, back, first, piece, inverse, &sums->block);
		if (piece == room)
			end_block(sums);
		sums->elements += piece;
		x += piece;
		back += piece;
		count -= piece;
	}
}

static double total(const struct error_sums *sums, int which)
{
	return sums->total[which] + sum_of_lanes(sums->block.lane[which]);
}

bool error_sums_numbers(const struct error_sums *sums, bool steps, const char *tensor,
			struct error_numbers *numbers)
{
	const double count = (double)sums->elements, none = (double)NAN;
	const double squared = total(sums, ERROR_SQUARED), signal = total(sums, ERROR_SIGNAL);
	const double output = total(sums, ERROR_OUTPUT), product = total(sums, ERROR_PRODUCT);
	const double norms = sqrt(signal) * sqrt(output);
	double max_abs = 0;

	for (int i = 0; i < SUM_LANES; i++)
		max_abs = fmax(max_abs, sums->block.most[i]);
	*numbers = (struct error_numbers){
		.tensor = tensor,
		.elements = sums->elements,
		.mse = squared / count,
		.rmse = sqrt(squared / count),
		.rmse_over_step = steps ? sqrt(total(sums, ERROR_STEPS_SQUARED) / count) : none,
		.sqnr_db = signal > 0 && squared > 0 ?
			   10 * fixed_log10(signal / squared) : none,
		.max_abs = max_abs,
		.mean_error = total(sums, ERROR_PLAIN) / count,
		.cosine = norms > 0 ? fmax(-1, fmin(product / norms, 1)) : none,
		.saturated_fraction = none, .zero_fraction = none,
		.exact = !(max_abs > 0),
		.bytes = none,
		.range_low = none, .range_high = none, .scale = none, .zero_point = none,
		.abs_error_p95 = none, .abs_error_p999 = none,
		.bias_over_step = steps ? total(sums, ERROR_STEPS) / count : none,
		.kl_divergence = none, .output_sqnr_db = none, .output_relative_rmse = none,
		.calibration_bound_db = none,
	};
	return isfinite(squared) && isfinite(output);
}

double error_sums_squared(const struct error_sums *sums)
{
	return total(sums, ERROR_SQUARED);
}

double error_sums_relative(const struct error_sums *sums)
{
	const double signal = total(sums, ERROR_SIGNAL);

	return signal > 0 ? sqrt(error_sums_squared(sums) / signal) : (double)NAN;
}
