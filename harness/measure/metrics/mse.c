/* SPDX-License-Identifier: MIT */
#include "metric.h"

static double mse_score(const float *output, int64_t outputs, const struct metric_truth *truth)
{
	return mean_squared_error(output, truth->target, outputs);
}

const struct metric metric_mse = {
	.value = { .name = "mse",
		   .summary = "mean squared error against the target, or against the input with "
			      "\"target\": \"input\"; over outputs and samples",
		   .source = "the usual loss of a regression" },
	.needs = METRIC_TARGETS,
	.less = true,
	.score = mse_score,
};
