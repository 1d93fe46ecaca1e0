/* SPDX-License-Identifier: MIT
 *
 * The first batch's least and greatest value, moved by a part of the way to those of each batch
 * after it, in float32.
 */
#include "as_in_torch.h"

#include <float.h>
#include <math.h>

/* Infinite in the project where the two are further apart than FLT_MAX. */
static float moved(float from, float to, float part)
{
	return fminf(fmaxf(from + part * (to - from), -FLT_MAX), FLT_MAX);
}

static int average_observe(void *state, const struct calibration_task *task, const struct env *env,
			   const float *values, int64_t count, struct error *error)
{
	struct seen *average = state;
	const struct seen batch = seen_of(values, count);
	const float part = (float)task->parameter;

	(void)env;
	(void)error;
	if (!average->any) {
		*average = batch;
		return 0;
	}
	average->least = moved(average->least, batch.least, part);
	average->greatest = moved(average->greatest, batch.greatest, part);
	return 0;
}

static struct range average_choose(void *state, const struct calibration_task *task)
{
	const struct seen *average = state;

	return torch_range(task, average->least, average->greatest);
}

static const struct observer moving_average = {
	.bytes = sizeof(struct seen), .observe = average_observe, .choose = average_choose,
};

const struct calibration calibration_moving_average_as_in_pytorch = {
	.value = { .name = "moving_average_as_in_pytorch",
		   .summary = "PyTorch's MovingAverage[PerChannel]MinMaxObserver: each "
			      "batch moves the range by C of the way to its own; equal bits",
		   .source = "PyTorch 2.15, torch/ao/quantization/observer.py",
		   .parameter = "C", .standard = 0.01, .least = 0, .most = 1 },
	.symmetric_cost = { 1, 1 },
	.asymmetric_cost = { 1, 1 },
	.finest = { PER_CHANNEL, "PyTorch's observers raise NotImplementedError but for a "
				  "qscheme per tensor or per channel" },
	.observer = &moving_average,
};
