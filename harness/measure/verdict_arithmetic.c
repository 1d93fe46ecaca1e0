/* SPDX-License-Identifier: MIT
 *
 * Rules about arithmetic, where integers part from the simulation, and about what is left when no
 * other rule gives a cause.
 */
#include "verdict_rules.h"

const struct verdict_rule verdict_integer_wrong = {
	.value = { .name = "integer_wrong",
		   .summary = "fed the same codes, a layer's integer run is off by at least 3 "
			      "steps",
		   .source = "rounding alone moves a code by one step, two roundings by two" },
	.severity = VERDICT_BROKEN,
	.threshold = 3,
	.from_first = true,
	.explains = "requantized",
	.sql = "SELECT cell_key, layer_index, layer, step_gap_local AS value,"
	       " printf('simulation and integer part at %s by up to %.3g steps, which is no"
	       " rounding', layer, step_gap_local) AS seen,"
	       " 'check its kernel (quantsweep check) and its zero points' AS advice FROM layers",
};

const struct verdict_rule verdict_requantized = {
	.value = { .name = "requantized",
		   .summary = "fed the same codes, at least 0.5 % of a layer's codes are not the "
			      "simulated ones",
		   .source = "in the embedded networks 0.006 % differ with float, q31_single "
			     "and rndnu, and 29 % with modes that round twice" },
	.severity = VERDICT_LOSS,
	.threshold = 0.005,
	.sql = "SELECT cell_key, layer_index, layer, differing_fraction_local AS value,"
	       " printf('simulation and integer part at %s by up to %g step%s, in %.2g %% of its"
	       " codes, by the rounding of the requantization (%s)', layer, step_gap_local,"
	       " CASE step_gap_local WHEN 1 THEN '' ELSE 's' END, 100 * differing_fraction_local,"
	       " requantization) AS seen,"
	       " CASE requantization WHEN 'float' THEN 'check the layer''s kernel (quantsweep"
	       " check)' ELSE 'take float, q31_single or rndnu' END AS advice FROM layers",
};

const struct verdict_rule verdict_layer_alone = {
	.value = { .name = "layer_alone",
		   .summary = "by itself a layer under 25 dB loses 8 dB more than the middle one, "
			      "the task changes, and no other rule says why",
		   .source = "in the embedded networks layers lie within 6 dB of the middle one" },
	.severity = VERDICT_LOSS,
	.threshold = 8,
	.symptom = true,
	.explains = "drift",
	.sql = "SELECT cell_key, layer_index, layer, middle - isolated_sqnr_db AS value,"
	       " printf('%s loses most by itself: alone it has %.1f dB, the middle layer %.1f',"
	       " layer, isolated_sqnr_db, middle) AS seen,"
	       " printf('leave it in float (policy {\"skip\": [\"%s\"]})', layer) AS advice"
	       " FROM (SELECT *, max(CASE place WHEN (layers + 1) / 2 THEN isolated_sqnr_db END)"
	       " OVER (PARTITION BY cell_key) AS middle FROM (SELECT *,"
	       " row_number() OVER (PARTITION BY cell_key ORDER BY isolated_sqnr_db) AS place,"
	       " count(*) OVER (PARTITION BY cell_key) AS layers"
	       " FROM layers WHERE isolated_sqnr_db IS NOT NULL)) JOIN outputs USING (cell_key)"
	       " WHERE isolated_sqnr_db < 25 AND told_apart IS NOT 0",
};

const struct verdict_rule verdict_drift = {
	.value = { .name = "drift",
		   .summary = "the network's output has 20 dB or less, the task changes, and no "
			      "other rule says why",
		   .source = "an error of a tenth of the signal" },
	.severity = VERDICT_LOSS,
	.threshold = 20,
	.at_most = true,
	.symptom = true,
	.sql = "SELECT cell_key, NULL AS layer_index, 'all layers' AS layer, sqnr_db AS value,"
	       " printf('the error gathers evenly over %d layers, from %.1f to %.1f dB: no single"
	       " layer is the cause', layers, first_db, sqnr_db) AS seen,"
	       " 'give weights or activations more bits, or scales to smaller groups' AS advice"
	       " FROM outputs WHERE told_apart IS NOT 0",
};

const struct verdict_rule verdict_noise = {
	.value = { .name = "noise",
		   .summary = "at least 1 % of the answers are lost or won, and so few samples do "
			      "not tell it from chance",
		   .source = "the interval (95 %) of the difference holds 0" },
	.severity = VERDICT_REMARK,
	.threshold = 0.01,
	.sql = "SELECT cell_key, NULL AS layer_index, 'task' AS layer, abs(difference) AS value,"
	       " printf('a difference of %+.1f %% is within what %,d samples leave to chance"
	       " (%+.1f to %+.1f)', 100 * difference, samples, 100 * low, 100 * high) AS seen,"
	       " 'evaluate on more samples' AS advice"
	       " FROM outputs WHERE lost IS NOT NULL AND NOT told_apart",
};
