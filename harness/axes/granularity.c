/* SPDX-License-Identifier: MIT
 *
 * Granularities: which values share one scale.
 */
#include "tables.h"

static const struct granularity_rule tensor = {
	.value = { .name = "tensor",
		   .summary = "one scale for the whole tensor",
		   .source = "ONNX QuantizeLinear, per-tensor" },
	.kind = PER_TENSOR,
};

static const struct granularity_rule channel = {
	.value = { .name = "channel",
		   .summary = "one scale a channel: a weight's output channel, or the axis named",
		   .source = "ONNX QuantizeLinear, per-axis",
		   .parameter = "AXIS", .standard = -1, .least = 0, .most = 7, .whole = true },
	.kind = PER_CHANNEL,
};

static const struct granularity_rule group = {
	.value = { .name = "group",
		   .summary = "one scale for N neighbours along the reduction; the last may be "
			      "short",
		   .source = "ONNX QuantizeLinear, blocked",
		   .parameter = "N", .standard = 32, .least = 1, .most = 2147483648.0,
		   .whole = true, .needs_parameter = true },
	.kind = PER_GROUP,
};

const struct value *const granularity_values[] = { &tensor.value, &channel.value, &group.value,
						   NULL };
