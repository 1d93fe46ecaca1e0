/* SPDX-License-Identifier: MIT
 *
 * Roundings: where a quotient that lies in the middle between two codes goes.
 */
#include "tables.h"

static const struct rounding half_even = {
	.value = { .name = "half_even",
		   .summary = "ties go to the even code: 0.5 to 0, 1.5 to 2, -2.5 to -2",
		   .source = "ONNX QuantizeLinear; IEEE 754 roundTiesToEven" },
	.round = QS_HALF_EVEN,
};

static const struct rounding half_away = {
	.value = { .name = "half_away",
		   .summary = "ties go away from 0: 0.5 to 1, 1.5 to 2, -2.5 to -3",
		   .source = "ggml's quantizers (C roundf); IEEE 754 roundTiesToAway" },
	.round = QS_HALF_AWAY,
};

const struct value *const rounding_values[] = { &half_even.value, &half_away.value, NULL };
