-- A line a pair of bits, all else being one rule: of the plain ones (all layers, requantization
-- float) that which was measured with most pairs.  Of more than three pairs the least, the middle
-- and the greatest.
-- empty: no network was measured layer by layer
WITH
one AS (
	SELECT *, 100 * weight_bits + activation_bits AS pair,
	       replace(replace(label, ' w=int' || weight_bits || '.', ' w=*.'),
	               ' a=int' || activation_bits || '.', ' a=*.') AS rule,
	       calibration_scale <> 1 OR calibration_shift <> 0 OR calibration_dropped <> ''
	               AS unusual
	FROM drift WHERE cumulative_sqnr_db IS NOT NULL
),
family AS (
	SELECT rule, row_number() OVER (PARTITION BY network
	               ORDER BY policy <> 'all', requantization <> 'float', unusual,
	                        count(DISTINCT pair) DESC, count(integer_sqnr_db) = 0,
	                        weight_granularity <> 'channel', weight_calibration <> 'minmax',
	                        activation_calibration <> 'minmax', calibration_samples DESC,
	                        length(rule), rule) AS place
	FROM one GROUP BY rule
),
shown AS (
	SELECT *, dense_rank() OVER (PARTITION BY network ORDER BY pair) AS nth
	FROM one WHERE rule IN (SELECT rule FROM family WHERE place = 1)
),
many AS (SELECT network, max(nth) AS pairs FROM shown GROUP BY network)
SELECT network || ' (weights ' || coalesce('per ' || weight_granularity || ', '
       || weight_calibration, 'float') || coalesce('; activations ' || activation_calibration, '')
       || ')' AS panel,
       'weights ' || CASE weight_format WHEN 'int' THEN weight_bits ELSE weight_format END
       || ', activations ' || CASE activation_format WHEN 'int' THEN activation_bits
                                                     ELSE activation_format END AS series,
       layer_index, layer, isolated_sqnr_db, cumulative_sqnr_db, integer_sqnr_db,
       100 * isolated_relative_rmse AS isolated_percent,
       100 * cumulative_relative_rmse AS cumulative_percent,
       100 * integer_relative_rmse AS integer_percent
FROM shown JOIN many USING (network)
WHERE pairs <= 3 OR nth IN (1, (pairs + 1) / 2, pairs)
ORDER BY network, pair, layer_index
