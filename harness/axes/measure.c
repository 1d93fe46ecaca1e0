/* SPDX-License-Identifier: MIT
 *
 * What can be measured; a subject takes those that mean something for it.
 */
#include "tables.h"

static const struct measure_rule error = {
	.value = { .name = "error",
		   .summary = "of a tensor, or of an operation's output, against float",
		   .source = "mean squared error, signal to noise, saturation, cosine" },
	.bit = MEASURE_ERROR,
};

static const struct measure_rule drift = {
	.value = { .name = "drift",
		   .summary = "of a network's layers against float: isolated, cumulative, integer",
		   .source = "signal to noise, relative error, steps between simulation and "
			     "integer" },
	.bit = MEASURE_DRIFT,
};

static const struct measure_rule task = {
	.value = { .name = "task",
		   .summary = "what a network is for: right answers, or mean squared error",
		   .source = "the same samples in float, simulated and integer" },
	.bit = MEASURE_TASK,
};

static const struct measure_rule throughput = {
	.value = { .name = "throughput",
		   .summary = "time of an operation in each kernel that takes its types",
		   .source = "Google Benchmark's loop in a fresh pinned process" },
	.bit = MEASURE_THROUGHPUT,
};

static const struct measure_rule sensitivity = {
	.value = { .name = "sensitivity",
		   .summary = "what each layer of a network costs quantized alone and gains spared "
			      "alone; only where it is named",
		   .source = "signal to noise of the output and the task, on sensitivity_samples "
			     "drawn ones" },
	.bit = MEASURE_SENSITIVITY,
	.asked = true,
};

const struct value *const measure_values[] = { &error.value,      &drift.value,       &task.value,
					      &throughput.value, &sensitivity.value, NULL };
