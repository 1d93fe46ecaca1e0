/* SPDX-License-Identifier: MIT
 *
 * Rules about the ranges of activations: what calibration saw, what was chosen, what came.
 */
#include "verdict_rules.h"

const struct verdict_rule verdict_saturated = {
	.value = { .name = "saturated",
		   .summary = "at least 1 % of a layer's codes are cut off",
		   .source = "a min-max range of samples like those that are judged cuts off fewer "
			     "than 0.1 %; a clipped value is off by more than any step" },
	.severity = VERDICT_LOSS,
	.threshold = 0.01,
	.from_first = true,
	.sql = "SELECT cell_key, layer_index, layer, activation_saturated_fraction AS value,"
	       " printf('calibration (%s) cuts off %.2g %% of %s',"
	       " activation_calibration, 100 * activation_saturated_fraction, layer) AS seen,"
	       " CASE activation_calibration WHEN 'minmax' THEN"
	       " 'calibrate with more or other samples, such as are judged'"
	       " ELSE 'calibrate with minmax, or with more samples' END AS advice FROM layers",
};
