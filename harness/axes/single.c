/* SPDX-License-Identifier: MIT
 *
 * The axes that have one value in this build: it is what a config that leaves them out gets.
 */
#include "axis.h"

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
