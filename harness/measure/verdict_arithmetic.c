/* SPDX-License-Identifier: MIT
 *
 * Rules about integer arithmetic: where it parts from the simulation.
 */
#include "verdict_rules.h"

const struct verdict_rule verdict_requantized = {
	.value = { .name = "requantized",
		   .summary = "fed the same codes, at least 0.5 % of a layer's codes are not the "
			      "simulated ones",
		   .source = "both round the same sums; where `requantization` is float about 1 in "
			     "100,000 codes differ" },
	.severity = VERDICT_LOSS,
	.threshold = 0.005,
	.sql = "SELECT cell_key, layer_index, layer, differing_fraction_local AS value,"
	       " printf('simulation and integer part at %s by up to %g step%s, in %.2g %% of its"
	       " codes', layer, step_gap_local, CASE step_gap_local WHEN 1 THEN '' ELSE 's' END,"
	       " 100 * differing_fraction_local) AS seen,"
	       " printf('that is the rounding of the requantization %s; float has the"
	       " simulation''s', requantization) AS advice"
	       " FROM layers WHERE requantization <> 'float'",
};
