/* SPDX-License-Identifier: MIT
 *
 * When the range of activations is taken.  A row of the tensor is one sample.
 */
#include "axis.h"

static const struct value static_range = {
	.name = "static",
	.summary = "once, from all samples, before the model runs",
	.source = "ONNX QuantizeLinear with a constant scale",
};

static const struct value dynamic_range = {
	.name = "dynamic",
	.summary = "for each sample (row) anew, while the model runs",
	.source = "ONNX DynamicQuantizeLinear, applied to one sample at a time",
};

const struct value *const range_values[] = { &static_range, &dynamic_range, NULL };
