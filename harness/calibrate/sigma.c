/* SPDX-License-Identifier: MIT
 *
 * K standard deviations on each side of the mean, none of it outside the observed values.
 */
#include "moments.h"

static struct range sigma_choose(const struct calibration_task *task)
{
	const struct moments moments = slice_moments(task->slice);
	const double bound = task->parameter * moments.deviation;

	return range_around_mean(task, moments.mean, bound, 2 * bound);
}

const struct calibration calibration_sigma = {
	.value = { .name = "sigma",
		   .summary = "the mean and K standard deviations on each side of it; symmetric "
			      "|mean| + K of them",
		   .source = "the k-sigma rule of statistics",
		   .parameter = "K", .standard = 4, .least = 0.5, .most = 100 },
	.of_values_alone = true,
	.choose = sigma_choose,
};
