/* SPDX-License-Identifier: MIT */
#include "metric.h"

static double mse_score(const float *output, int64_t outputs, const struct metric_truth *truth)
{
	double sum = 0;

	for (int64_t i = 0; i < outputs; i++) {
		const double off = (double)output[i] - (double)truth->target[i];

		sum += off * off;
	}
	return sum / (double)outputs;
}

const struct metric metric_mse = {
	.value = { .name = "mse",
		   .summary = "squared error against the target, the mean over outputs and samples",
		   .source = "the usual loss of a regression" },
	.score = mse_score,
};
