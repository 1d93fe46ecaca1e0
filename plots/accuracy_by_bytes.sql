-- Each recipe of a network by its bytes and what its task is worth, in integers where it ran so.  A
-- series a family of recipes; its best at each number of bits carries the interval of its difference
-- to float.  Calibration on samples unlike the task's is left out, and of several calibration sets
-- all but that which most recipes have.
-- empty: no network with a task was measured
WITH
one AS (
	SELECT *, coalesce(value_integer, value_simulated) AS value,
	       CASE WHEN metric LIKE 'mse%' THEN -1 ELSE 1 END AS sign,
	       CASE WHEN metric IN ('top1', 'top5', 'agreement') THEN 100 ELSE 1 END AS unit,
	       CASE weight_granularity WHEN 'tensor' THEN 'per tensor'
	            WHEN 'channel' THEN 'per channel' ELSE 'per ' || weight_granularity END
	       || CASE policy WHEN 'all' THEN '' ELSE ', ' || policy END AS family
	FROM choice
	WHERE subject_kind = 'network' AND weight_format <> 'float' AND bytes IS NOT NULL
		AND calibration_scale = 1 AND calibration_shift = 0 AND calibration_dropped = ''
		AND coalesce(value_integer, value_simulated) IS NOT NULL
),
usual AS (
	SELECT subject, row_number() OVER (PARTITION BY network
	               ORDER BY count(*) DESC, max(calibration_samples) DESC, subject) AS place
	FROM one GROUP BY subject
),
shown AS (
	SELECT *, row_number() OVER (PARTITION BY subject, family, weight_format, weight_bits
	               ORDER BY sign * value DESC, bytes, label) AS place
	FROM one WHERE subject IN (SELECT subject FROM usual WHERE place = 1)
)
SELECT network || ': ' || CASE metric WHEN 'top1' THEN 'right answers, %'
                                      WHEN 'mse' THEN 'mean squared error' ELSE metric END
       || ' (' || evaluation_samples || ' samples)' AS panel,
       family AS series, bytes / 1000.0 AS kilobytes, unit * value AS value,
       unit * value_float AS value_float,
       unit * (value_float + difference_low) AS low, unit * (value_float + difference_high) AS high,
       CASE WHEN place > 1 THEN 'other'
            WHEN difference_low <= 0 AND difference_high >= 0 THEN 'open' ELSE 'apart' END AS kind,
       sign
FROM shown
ORDER BY network, family LIKE 'per %,%', weight_granularity = 'tensor' DESC,
         weight_granularity = 'channel' DESC, length(family), family, bytes, value
