/* SPDX-License-Identifier: MIT
 *
 * The axes that have one value in this build: it is what a config that leaves them out gets.
 */
#include "axis.h"

static const struct value requantization_float = {
	.name = "float",
	.summary = "the sum times the scales in float32, then rounded",
	.source = "ONNX QLinearMatMul: y = round(sum * a_scale * w_scale / y_scale) + zero",
};
const struct value *const requantization_values[] = { &requantization_float, NULL };

static const struct value policy_all = {
	.name = "all",
	.summary = "every layer that can be is quantized",
	.source = "the plain case",
};
const struct value *const policy_values[] = { &policy_all, NULL };

static const struct value recovery_none = {
	.name = "none",
	.summary = "nothing is done after rounding",
	.source = "the plain case",
};
const struct value *const recovery_values[] = { &recovery_none, NULL };

static const struct value cache_warm = {
	.name = "warm",
	.summary = "as the call before left them: what fits in a cache is there",
	.source = "Google Benchmark's plain loop",
};
const struct value *const cache_values[] = { &cache_warm, NULL };
