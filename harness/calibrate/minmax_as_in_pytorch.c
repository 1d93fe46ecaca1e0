/* SPDX-License-Identifier: MIT
 *
 * The least and the greatest value of all batches, and the scale as PyTorch computes it in float32:
 * never below 2^-23, so that a tensor of zeros has that scale.
 */
#include "as_in_torch.h"

static const struct observer minmax = {
	.bytes = sizeof(struct seen), .observe = seen_observe,
	.choose = torch_seen_choose,
};

const struct calibration calibration_minmax_as_in_pytorch = {
	.value = { .name = "minmax_as_in_pytorch",
		   .summary = "PyTorch's MinMaxObserver and PerChannelMinMaxObserver: "
			      "scale and zero point in float32, scale at least 2^-23; equal bits",
		   .source = "PyTorch 2.15, torch/ao/quantization/observer.py, "
			     "_calculate_qparams" },
	.symmetric_cost = { 1, 1 },
	.asymmetric_cost = { 1, 1 },
	.finest = { PER_CHANNEL, "PyTorch's observers raise NotImplementedError but for a "
				  "qscheme per tensor or per channel" },
	.observer = &minmax,
};
