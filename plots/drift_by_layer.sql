-- A line a width of weights, all else being one rule: of the plain ones (all layers, requantization
-- float, as many bits of activations as there are) that which was measured with most widths.  Of
-- more than three the greatest.
-- empty: no network was measured layer by layer
WITH
one AS (
	SELECT *, replace(label, ' w=int' || weight_bits || '.', ' w=*.') AS rule,
	       calibration_scale <> 1 OR calibration_shift <> 0 OR calibration_dropped <> ''
	               AS unusual
	FROM drift WHERE cumulative_sqnr_db IS NOT NULL
),
family AS (
	SELECT rule, row_number() OVER (PARTITION BY network
	               ORDER BY policy <> 'all', requantization <> 'float', unusual,
	                        activation_format = 'float', activation_bits DESC,
	                        count(DISTINCT weight_bits) DESC, count(integer_sqnr_db) = 0,
	                        weight_granularity <> 'channel', weight_calibration <> 'minmax',
	                        activation_calibration <> 'minmax', activation_range <> 'static',
	                        calibration_samples DESC, length(rule), rule) AS place
	FROM one WHERE weight_format <> 'float' GROUP BY rule
),
shown AS (
	SELECT *, dense_rank() OVER (PARTITION BY network ORDER BY weight_bits DESC) AS nth
	FROM one WHERE rule IN (SELECT rule FROM family WHERE place = 1)
)
SELECT network || ' (weights per ' || weight_granularity || ', ' || weight_calibration
       || '; activations ' || coalesce(activation_bits || ' bits, ' || activation_calibration,
                                       'float') || ')' AS panel,
       'weights ' || weight_bits || ' bits' AS series,
       layer_index, layer, isolated_sqnr_db, cumulative_sqnr_db, integer_sqnr_db,
       100 * isolated_relative_rmse AS isolated_percent,
       100 * cumulative_relative_rmse AS cumulative_percent,
       100 * integer_relative_rmse AS integer_percent
FROM shown WHERE nth <= 3
ORDER BY network, weight_bits, layer_index
