-- The values of up to six tensors, and the ranges that the calibrations chose for them per tensor,
-- at the width nearest to 4 bits; those tensors on which the ranges differ most, in dB of SQNR.  Of
-- more than 7 calibrations minmax and 6 others: those blind to order first, then what loses least.
-- Blocks 'values' are the histogram (x: middle of a bin), the others one row with the two ends of
-- a range.
-- empty: no tensor is stored with a histogram and with one range for all its values
WITH
cell AS (
	SELECT subject, seed, bits, scheme, calibration, min(range_low) AS low,
	       max(range_high) AS high, max(sqnr_db) AS sqnr_db
	FROM error
	WHERE tensor = 'tensor' AND format = 'int' AND range_high > range_low
		AND bits = (SELECT bits FROM error
		            WHERE tensor = 'tensor' AND format = 'int' AND range_high > range_low
		            ORDER BY abs(bits - 4), bits LIMIT 1)
	GROUP BY subject, seed, scheme, calibration
),
rule AS (
	SELECT calibration FROM (
		SELECT calibration,
		       max(sqnr_db) OVER (PARTITION BY subject, seed, scheme) - sqnr_db AS behind_db
		FROM cell)
	GROUP BY calibration
	ORDER BY calibration = 'minmax' DESC, calibration GLOB '*_as_in_*', avg(behind_db),
	         calibration
	LIMIT 7
),
-- one scheme a tensor: where two ranges may be chosen, the asymmetric shows more
scheme AS (
	SELECT subject, seed, CASE WHEN max(scheme = 'asymmetric') THEN 'asymmetric'
	                           ELSE min(scheme) END AS scheme
	FROM cell GROUP BY subject
),
chosen AS (
	SELECT subject, seed, bits, scheme, max(sqnr_db) - min(sqnr_db) AS differs
	FROM cell JOIN scheme USING (subject, seed, scheme)
	-- a constant has no shape to show
	WHERE (subject, seed) IN (SELECT subject, seed FROM histogram WHERE tensor = 'tensor'
	                          AND count > 0 GROUP BY subject, seed HAVING count(*) > 1)
	GROUP BY subject, seed
	ORDER BY differs DESC, subject LIMIT 6
),
curve AS (
	SELECT subject, 'values' AS series, 0 AS part, (bin_low + bin_high) / 2 AS x, count,
	       NULL AS low, NULL AS high
	FROM histogram JOIN chosen USING (subject, seed) WHERE tensor = 'tensor'
	UNION ALL
	SELECT subject, calibration, 1, NULL, NULL, low, high
	FROM cell JOIN chosen USING (subject, seed, scheme) JOIN rule USING (calibration)
)
SELECT subject || '  (' || scheme || ', ' || bits || ' bits)' AS panel, series, x, count, low, high
FROM curve JOIN chosen USING (subject)
ORDER BY differs DESC, subject, part, high - low DESC, series, x
