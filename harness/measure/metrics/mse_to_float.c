/* SPDX-License-Identifier: MIT */
#include "metric.h"

static double mse_to_float_score(const float *output, int64_t outputs,
				 const struct metric_truth *truth)
{
	return mean_squared_error(output, truth->reference, outputs);
}

const struct metric metric_mse_to_float = {
	.value = { .name = "mse_to_float",
		   .summary =
			   "mean squared error against the float run's outputs: nothing needs to "
			   "be known of what is right",
		   .source = "the usual loss of a regression, with the float network as the "
			     "teacher" },
	.needs = METRIC_FLOAT,
	.less = true,
	.score = mse_to_float_score,
};
