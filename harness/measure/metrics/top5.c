/* SPDX-License-Identifier: MIT */
#include "metric.h"

enum { FIRST = 5 };

/* Its place among the outputs from the greatest down, of equal ones the first before the others. */
static double top5_score(const float *output, int64_t outputs, const struct metric_truth *truth)
{
	const int64_t class = truth->class_index;
	int64_t before = 0;

	for (int64_t i = 0; i < outputs; i++)
		before += output[i] > output[class] || (i < class && !(output[i] < output[class]));
	return before < FIRST;
}

static const char *top5_refuse(int64_t outputs, unsigned has)
{
	(void)has;
	return outputs > FIRST ? NULL
			       : "of five outputs or fewer every class is among the first "
				 "five";
}

const struct metric metric_top5 = {
	.value = { .name = "top5",
		   .summary = "share of samples whose class is among the five greatest outputs; of "
			      "equal outputs the first counts",
		   .source = "ImageNet Large Scale Visual Recognition Challenge: top-5" },
	.needs = METRIC_CLASSES,
	.counted = true,
	.score = top5_score,
	.refuse = top5_refuse,
};
