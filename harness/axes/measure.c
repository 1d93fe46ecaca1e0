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

static const struct measure_rule throughput = {
	.value = { .name = "throughput",
		   .summary = "time of an operation in each kernel that takes its types",
		   .source = "Google Benchmark's loop in a fresh pinned process" },
	.bit = MEASURE_THROUGHPUT,
};

const struct value *const measure_values[] = { &error.value, &throughput.value, NULL };
