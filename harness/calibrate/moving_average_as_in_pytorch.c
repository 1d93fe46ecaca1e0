/* SPDX-License-Identifier: MIT
 *
 * The first batch's least and greatest value, moved by a part of the way to those of each batch
 * after it, in float32.
 */
#include "as_in_torch.h"

static int average_observe(void *state, const struct calibration_task *task, const struct env *env,
			   const float *values, int64_t count, struct error *error)
{
	(void)env;
	(void)error;
	seen_move(state, seen_of(values, count), (float)task->parameter);
	return 0;
}

static const struct observer moving_average = {
	.bytes = sizeof(struct seen), .observe = average_observe,
	.choose = torch_seen_choose,
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
