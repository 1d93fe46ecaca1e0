/* SPDX-License-Identifier: MIT */
#include "statistics.h"

#include "../harness/sums.h"

#include <math.h>

enum { OUTLIER_DEVIATIONS = 6 };

/* Counts, range and mean. */
static void first_pass(struct statistics *s, const struct tensor *tensor)
{
	struct sum sum = { 0 };

	for (int64_t i = 0; i < tensor->rows * tensor->columns; i++) {
		const double x = (double)tensor->values[i];

		if (isnan(x)) {
			s->nans++;
			continue;
		}
		if (isinf(x)) {
			s->infinities++;
			continue;
		}
		s->least = !s->finite || x < s->least ? x : s->least;
		s->most = !s->finite || x > s->most ? x : s->most;
		s->finite++;
		sum_add(&sum, x);
	}
	s->mean = s->finite ? sum_total(&sum) / (double)s->finite : 0;
}

static void second_pass(struct statistics *s, const struct tensor *tensor)
{
	struct sum power[3] = { { 0 } };
	const double n = (double)s->finite;
	int64_t outliers = 0;
	double variance;

	if (s->least == s->most)
		return;
	for (int64_t i = 0; i < tensor->rows * tensor->columns; i++) {
		const double x = (double)tensor->values[i], d = x - s->mean;

		if (!isfinite(x))
			continue;
		sum_add(&power[0], d * d);
		sum_add(&power[1], d * d * d);
		sum_add(&power[2], d * d * d * d);
	}
	variance = sum_total(&power[0]) / n;
	s->deviation = sqrt(variance);
	s->varied = variance > 0 && sum_total(&power[2]) > 0;
	if (!s->varied)
		return;
	s->skewness = sum_total(&power[1]) / n / (variance * s->deviation);
	s->excess_kurtosis = sum_total(&power[2]) / n / (variance * variance) - 3;
	for (int64_t i = 0; i < tensor->rows * tensor->columns; i++)
		outliers += isfinite(tensor->values[i]) &&
			    fabs((double)tensor->values[i] - s->mean) >
				    OUTLIER_DEVIATIONS * s->deviation;
	s->outlier_share = (double)outliers / n;
}

static void channels(struct statistics *s, const struct tensor *tensor)
{
	double least = INFINITY, most = 0;
	int64_t counted = 0;

	for (int64_t row = 0; row < tensor->rows; row++) {
		const float *values = tensor->values + row * tensor->columns;
		double peak = 0;

		for (int64_t i = 0; i < tensor->columns; i++)
			if (isfinite(values[i]) && fabs((double)values[i]) > peak)
				peak = fabs((double)values[i]);
		if (peak <= 0)
			continue;
		counted++;
		least = peak < least ? peak : least;
		most = peak > most ? peak : most;
	}
	s->spread = counted > 1;
	s->channel_spread = s->spread ? most / least : 0;
}

struct statistics tensor_statistics(const struct tensor *tensor)
{
	struct statistics s = { 0 };

	first_pass(&s, tensor);
	if (s.finite)
		second_pass(&s, tensor);
	channels(&s, tensor);
	return s;
}
