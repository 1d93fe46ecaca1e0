/* SPDX-License-Identifier: MIT */
#include "metric.h"

#include "../../fixed_math.h"

/* Of peak^2: an error below it is a double's rounding, and 159.5 dB are the most that is told. */
static const double least_error = 0x1p-53;

static double psnr_score(const float *output, int64_t outputs, const struct metric_truth *truth)
{
	const double error =
		mean_squared_error(output, truth->target, outputs) / (truth->peak * truth->peak);

	return -10 * fixed_log10(error > least_error ? error : least_error);
}

const struct metric metric_psnr = {
	.value = { .name = "psnr",
		   .summary = "peak signal to noise ratio against the target, 10 log10(peak^2 / "
			      "error) dB, a sample's at most 159.5; their mean",
		   .source =
			   "the usual measure of image restoration; \"peak\" is 1, or 255 or 65535 "
			   "for whole targets of 8 or 16 bits" },
	.needs = METRIC_TARGETS,
	.score = psnr_score,
};
