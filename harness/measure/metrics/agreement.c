/* SPDX-License-Identifier: MIT */
#include "metric.h"

static double agreement_score(const float *output, int64_t outputs,
			      const struct metric_truth *truth)
{
	return greatest_output(output, outputs) == greatest_output(truth->reference, outputs);
}

const struct metric metric_agreement = {
	.value = { .name = "agreement",
		   .summary = "share of samples whose greatest output is the float run's too; of "
			      "equal outputs the first counts",
		   .source = "top-1 accuracy with the float network's answers as labels" },
	.needs = METRIC_FLOAT,
	.counted = true,
	.score = agreement_score,
};
