/* SPDX-License-Identifier: MIT
 *
 * When the range of activations is taken.  A row of the tensor is one sample.
 */
#include "tables.h"

static const struct range_rule static_range = {
	.value = { .name = "static",
		   .summary = "once, from all samples, before the model runs",
		   .source = "ONNX QuantizeLinear with a constant scale" },
};

static const struct range_rule dynamic_range = {
	.value = { .name = "dynamic",
		   .summary = "for each sample (row) anew, while the model runs",
		   .source = "ONNX DynamicQuantizeLinear, applied to one sample at a time" },
	.per_sample = true,
};

const struct value *const range_values[] = { &static_range.value, &dynamic_range.value, NULL };
