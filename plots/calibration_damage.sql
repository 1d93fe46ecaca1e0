-- What a network's task is worth after calibration on other samples, all else being one recipe: of
-- those that were measured with most calibration sets, one a pair of bits, three at most.  A panel
-- for samples of the task's own data, by how many; `right` of it one for the largest such set and
-- all sets that are scaled, shifted or lack classes.
-- empty: no recipe of a network was calibrated on several sets of samples
WITH
one AS (
	SELECT *, substr(label, instr(label, ' ') + 1) AS recipe,
	       coalesce(value_integer, value_simulated) AS value,
	       calibration_scale <> 1 OR calibration_shift <> 0 OR calibration_dropped <> ''
	               AS unusual,
	       CASE WHEN metric LIKE 'mse%' THEN -1 ELSE 1 END AS sign,
	       CASE WHEN metric IN ('top1', 'top5', 'agreement') THEN 100 ELSE 1 END AS unit,
	       length(calibration_dropped) - length(replace(calibration_dropped, '+', '')) + 1
	               AS dropped
	FROM choice
	WHERE subject_kind = 'network' AND activation_format <> 'float'
		AND coalesce(value_integer, value_simulated) IS NOT NULL
),
family AS (
	SELECT network, evaluation_samples, evaluation_seed, recipe, weight_bits, activation_bits,
	       row_number() OVER (PARTITION BY network, weight_bits, activation_bits
	               ORDER BY count(DISTINCT subject) DESC, policy <> 'all',
	                        requantization <> 'float', recipe) AS place
	FROM one GROUP BY network, evaluation_samples, evaluation_seed, recipe
	HAVING count(DISTINCT subject) > 1
),
taken AS (
	SELECT *, row_number() OVER (PARTITION BY network
	               ORDER BY weight_bits DESC, activation_bits DESC) AS nth
	FROM family WHERE place = 1
),
shown AS (
	SELECT one.*, max(CASE WHEN unusual THEN 0 ELSE calibration_samples END)
	               OVER (PARTITION BY one.network, recipe) AS most
	FROM one JOIN taken USING (network, evaluation_samples, evaluation_seed, recipe)
	WHERE nth <= 3
),
both AS (
	SELECT 0 AS right, calibration_samples AS x,
	       CAST(calibration_samples AS TEXT) AS words, *
	FROM shown WHERE NOT unusual
	UNION ALL
	SELECT 1, dense_rank() OVER (PARTITION BY network ORDER BY unusual,
	               calibration_scale <> 1, calibration_scale, calibration_shift <> 0,
	               calibration_shift, dropped, calibration_dropped, calibration_samples,
	               calibration_seed),
	       calibration_samples
	       || CASE calibration_scale WHEN 1 THEN '' ELSE printf(' × %.6g', calibration_scale) END
	       || CASE calibration_shift WHEN 0 THEN ''
	               ELSE printf(' %s %.6g', CASE WHEN calibration_shift < 0 THEN '−' ELSE '+' END,
	                           abs(calibration_shift)) END
	       || CASE calibration_dropped WHEN '' THEN ''
	               ELSE printf(' less %d classes', dropped) END, *
	FROM shown WHERE unusual OR calibration_samples = most
)
SELECT network || CASE right WHEN 1 THEN ': calibration on other samples' ELSE ': '
       || CASE metric WHEN 'top1' THEN 'right answers, %'
                      WHEN 'mse' THEN 'mean squared error' ELSE metric END
       || ' (' || evaluation_samples || ' samples)' END AS panel,
       'weights ' || CASE weight_format WHEN 'int' THEN weight_bits ELSE weight_format END
       || ', activations ' || activation_bits AS series,
       dense_rank() OVER (ORDER BY network) AS row, right, x, words, unit * value AS value,
       unit * value_float AS value_float, unit * (value_float + difference_low) AS low,
       unit * (value_float + difference_high) AS high, sign
FROM both
ORDER BY network, right, weight_bits, activation_bits, x
