/* SPDX-License-Identifier: MIT */
#include "metric.h"

static double top1_score(const float *output, int64_t outputs, const struct metric_truth *truth)
{
	return greatest_output(output, outputs) == truth->class_index;
}

const struct metric metric_top1 = {
	.value = { .name = "top1",
		   .summary = "share of samples whose greatest output is their class; of equal "
			      "outputs the first counts",
		   .source = "ImageNet's top-1 accuracy; MLPerf Inference, image classification" },
	.needs = METRIC_CLASSES,
	.counted = true,
	.score = top1_score,
};
