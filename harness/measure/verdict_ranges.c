/* SPDX-License-Identifier: MIT
 *
 * Rules about the ranges of activations: what calibration saw, what was chosen, what came.  Where
 * the input was calibrated on other data, every range behind it is wrong as well.
 */
#include "verdict_rules.h"

#define SAME_DATA "calibrate on samples of the task, preprocessed as those that are judged"

const struct verdict_rule verdict_calibration_constant = {
	.value = { .name = "calibration_constant",
		   .summary = "calibration saw one value alone where evaluation sees several",
		   .source = "a range of one value holds no other" },
	.severity = VERDICT_BROKEN,
	.threshold = 1,
	.from_first = true,
	.explains = "calibration_narrow calibration_wide saturated outlier range_unused "
		    "sign_unused bias_overflow bias_coarse integer_wrong",
	.sql = "SELECT cell_key, layer_index, layer, 1 AS value,"
	       " printf('the calibration samples hold one value, %g, at %s, and those that are"
	       " judged reach from %.3g to %.3g', calibrated_low, layer, seen_low, seen_high)"
	       " AS seen, '" SAME_DATA "' AS advice"
	       " FROM ranges WHERE calibrated_low = calibrated_high AND seen_low < seen_high",
};

const struct verdict_rule verdict_calibration_narrow = {
	.value = { .name = "calibration_narrow",
		   .summary = "the input reaches at least twice as far as calibration saw",
		   .source = "twice is another scale: inputs of the embedded networks reach 1.1 "
			     "times as far" },
	.severity = VERDICT_BROKEN,
	.threshold = 2,
	.explains = "saturated outlier range_unused",
	.sql = "SELECT cell_key, layer_index, layer, seen / calibrated AS value,"
	       " printf('calibration samples reach %.4g at the input and those that are judged"
	       " %.4g, %.3g times as far, and %.2g %% of the input is cut off', calibrated, seen,"
	       " seen / calibrated, 100 * saturated_fraction) AS seen, '" SAME_DATA "' AS advice"
	       " FROM ranges WHERE layer_index = -1 AND calibrated > 0",
};

const struct verdict_rule verdict_calibration_wide = {
	.value = { .name = "calibration_wide",
		   .summary = "99.9 % of what calibration saw at the input reach at least 4 times "
			      "as far as evaluation",
		   .source = "2 bits of every code stay unused, and more than outliers are "
			     "other data: 0..255 for 0..1" },
	.severity = VERDICT_BROKEN,
	.threshold = 4,
	.explains = "saturated outlier range_unused",
	.sql = "SELECT cell_key, layer_index, layer, calibrated_bulk / seen AS value,"
	       " printf('calibration samples reach %.4g at the input and those that are judged"
	       " %.4g, and use 1 of %.0f codes', calibrated, seen, reach / seen) AS seen,"
	       " '" SAME_DATA "' AS advice FROM ranges WHERE layer_index = -1 AND seen > 0",
};

const struct verdict_rule verdict_outlier = {
	.value = { .name = "outlier",
		   .summary = "the largest value that calibration saw is at least 8 times as "
			      "large as 99.9 % of them, and the range holds it",
		   .source = "3 bits go to one value in 1,000; in the embedded networks the "
			     "two are at most 2.1 apart" },
	.severity = VERDICT_LOSS,
	.threshold = 8,
	.from_first = true,
	.explains = "range_unused",
	.sql = "SELECT r.cell_key, layer_index, layer, calibrated / calibrated_bulk AS value,"
	       " printf('outliers decide the range of %s: it reaches %.4g, and 99.9 %% of the"
	       " calibration''s values lie within %.4g', layer, calibrated, calibrated_bulk)"
	       " AS seen,"
	       " coalesce((SELECT printf('%s wins %.1f dB at the network''s output',"
	       " b.activation_calibration, b.sqnr_db - o.sqnr_db)"
	       " FROM outputs o JOIN outputs b ON b.rest = o.rest"
	       " WHERE o.cell_key = r.cell_key AND b.sqnr_db > o.sqnr_db"
	       " ORDER BY b.sqnr_db DESC, b.activation_calibration LIMIT 1),"
	       " 'calibrate with a percentile or mse, or look at those samples') AS advice"
	       " FROM ranges r WHERE calibrated_bulk > 0 AND 2 * reach >= calibrated",
};

const struct verdict_rule verdict_saturated = {
	.value = { .name = "saturated",
		   .summary = "at least 0.2 % of a layer's codes are cut off, and its error is at "
			      "least 1.5 steps",
		   .source = "min-max ranges of the embedded networks cut off 0.1 % at most, "
			     "and their errors are under 0.8 steps; 0.5 % cut off cost 17 dB "
			     "there" },
	.severity = VERDICT_LOSS,
	.threshold = 0.002,
	.from_first = true,
	.sql = "SELECT cell_key, layer_index, layer, saturated_fraction AS value,"
	       " printf('calibration (%s) cuts off %.2g %% of %s, and its error is %.2g steps where"
	       " 0.3 to 0.8 are usual', activation_calibration, 100 * saturated_fraction, layer,"
	       " rmse_over_step) AS seen,"
	       " CASE WHEN reach >= 0.99 * calibrated"
	       " THEN 'calibrate with more samples, or others, such as are judged'"
	       " ELSE 'calibrate with minmax, or clip less' END AS advice"
	       /* past the range by more than the error, and no errors of weights that carry values
		* past a range that was not clipped: else others are the cause of both */
	       " FROM ranges r WHERE rmse_over_step >= 1.5"
	       " AND (reach < 0.7 * calibrated OR NOT EXISTS (SELECT 1 FROM layers l"
	       " WHERE l.cell_key = r.cell_key AND l.weight_sqnr_db <= 12))"
	       " AND max(seen_high - range_high, range_low - seen_low) >= rmse_over_step * step",
};

const struct verdict_rule verdict_sign_unused = {
	.value = { .name = "sign_unused",
		   .summary = "at least 40 % of a symmetric range are for a sign that no value has",
		   .source = "half the codes are a bit, 6 dB" },
	.severity = VERDICT_LOSS,
	.threshold = 0.4,
	.from_first = true,
	.explains = "range_unused",
	.sql = "SELECT cell_key, layer_index, layer, 1 - min(seen, reach) / width AS value,"
	       " printf('no value of %s is %s 0, and the %s range keeps half of its codes for"
	       " those, a bit of each', layer, CASE WHEN seen_low >= 0 THEN 'below'"
	       " ELSE 'above' END, activation_scheme) AS seen,"
	       " CASE WHEN seen_low >= 0 THEN 'take asymmetric or symmetric_unsigned activations'"
	       " ELSE 'take asymmetric activations' END AS advice"
	       " FROM ranges WHERE range_low < 0 AND activation_scheme LIKE 'symmetric%'"
	       " AND (min(seen_low, calibrated_low) >= 0 OR max(seen_high, calibrated_high) <= 0)"
	       " AND seen_width > 0",
};

const struct verdict_rule verdict_range_unused = {
	.value = { .name = "range_unused",
		   .summary = "a range is at least 4 times as wide as what comes",
		   .source = "2 bits stay unused" },
	.severity = VERDICT_LOSS,
	.threshold = 4,
	.from_first = true,
	.sql = "SELECT cell_key, layer_index, layer, width / seen_width AS value,"
	       " printf('the range of %s is never exceeded, but its values take %.0f of %d codes',"
	       " layer, seen_width / step + 1, 1 << activation_bits) AS seen,"
	       " 'calibrate on samples such as are judged, or with a percentile or mse' AS advice"
	       " FROM ranges WHERE seen_width > 0",
};

const struct verdict_rule verdict_activation_spread = {
	.value = { .name = "activation_spread",
		   .summary = "the largest channel of what a layer puts out is at least 32 times "
			      "as large as the middle one",
		   .source = "with one scale for all, the middle channel keeps 8 of 256 codes" },
	.severity = VERDICT_LOSS,
	.threshold = 32,
	.from_first = true,
	.sql = "SELECT cell_key, layer_index, layer, channel_spread AS value,"
	       " printf('the channels of %s differ by %.3g times and share one scale, and the"
	       " middle one has %.2g of %d codes', layer, channel_spread,"
	       " (1 << activation_bits) / channel_spread, 1 << activation_bits) AS seen,"
	       " 'divide the large channel by a factor that the next layer''s weights take up, give"
	       " the activations more bits, or leave the layers around it in float' AS advice"
	       " FROM ranges WHERE activation_granularity = 'tensor'",
};

const struct verdict_rule verdict_input_coarse = {
	.value = { .name = "input_coarse",
		   .summary = "the input's own quantizer leaves 20 dB or less",
		   .source = "no layer can mend what is lost before the first; 8 bits of a "
			     "uniform input leave 50" },
	.severity = VERDICT_LOSS,
	.threshold = 20,
	.at_most = true,
	.symptom = true,
	.explains = "layer_alone drift",
	.sql = "SELECT cell_key, layer_index, layer, sqnr_db AS value,"
	       " printf('the error enters at the input: its %d-bit codes leave %.1f dB',"
	       " activation_bits, sqnr_db) AS seen,"
	       " 'give activations more bits, or leave the first layer in float' AS advice"
	       " FROM ranges WHERE layer_index = -1",
};

const struct verdict_rule verdict_outputs_constant = {
	.value = { .name = "outputs_constant",
		   .summary = "at least half of the channels of a layer with weights never change",
		   .source = "of the embedded networks it is at most 15 %" },
	.severity = VERDICT_REMARK,
	.threshold = 0.5,
	.sql = "SELECT r.cell_key, r.layer_index, r.layer, r.dead_fraction AS value,"
	       " printf('%.0f %% of the channels of %s hold one value on all samples',"
	       " 100 * r.dead_fraction, r.layer) AS seen,"
	       " 'they cost time and tell nothing: take them out, or look at the training'"
	       " AS advice"
	       " FROM ranges r JOIN layers l USING (cell_key, layer_index)"
	       " WHERE l.weight_dead_fraction < 0.5",
};
