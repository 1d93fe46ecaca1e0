-- A line a requantization mode, all else being one recipe: that which was measured with most modes.
-- empty: no network ran in integer arithmetic
WITH
one AS (
	SELECT *, replace(label, ' ' || rounding || ' ' || requantization || ' ',
	                  ' ' || rounding || ' * ') AS rule,
	       calibration_scale <> 1 OR calibration_shift <> 0 OR calibration_dropped <> ''
	               AS unusual
	FROM drift WHERE step_gap_local IS NOT NULL
),
family AS (
	SELECT rule, row_number() OVER (PARTITION BY network
	               ORDER BY count(DISTINCT requantization) DESC, policy <> 'all', unusual,
	                        max(weight_bits) DESC, max(activation_bits) DESC,
	                        weight_granularity <> 'channel', weight_calibration <> 'minmax',
	                        activation_calibration <> 'minmax', calibration_samples DESC,
	                        length(rule), rule) AS place
	FROM one GROUP BY rule
)
SELECT network || ' (weights ' || weight_bits || ' bits per ' || weight_granularity || ', '
       || weight_calibration || '; activations ' || activation_bits || ' bits, '
       || activation_calibration || ')' AS panel,
       requantization AS series, layer_index, layer, 100 * differing_fraction_local AS percent,
       step_gap_local AS steps, step_gap AS steps_whole
FROM one WHERE rule IN (SELECT rule FROM family WHERE place = 1)
ORDER BY network, requantization <> 'float', requantization, layer_index
