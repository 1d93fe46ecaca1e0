-- What is clipped against what falls to zero: a point a tensor, scheme and calibration, per
-- tensor; a panel for the width nearest to 4 bits and for the one nearest to 8.  Of more than 7
-- calibrations minmax and 6 others: those blind to order first, then what loses least.
-- empty: no integer cell is stored that has one range for all values of a tensor
WITH
cell AS (
	SELECT subject, scheme, calibration, bits, saturated_fraction, zero_fraction, sqnr_db,
	       max(sqnr_db) OVER (PARTITION BY subject, scheme, bits) - sqnr_db AS behind_db
	FROM error
	WHERE tensor = 'tensor' AND format = 'int' AND granularity = 'tensor' AND exact = 0
		AND saturated_fraction IS NOT NULL AND zero_fraction IS NOT NULL
),
widths AS (
	SELECT bits FROM (SELECT DISTINCT bits FROM cell ORDER BY abs(bits - 4), bits LIMIT 1)
	UNION
	SELECT bits FROM (SELECT DISTINCT bits FROM cell ORDER BY abs(bits - 8), bits LIMIT 1)
),
rule AS (
	SELECT calibration FROM cell JOIN widths USING (bits) GROUP BY calibration
	ORDER BY calibration = 'minmax' DESC, calibration GLOB '*_as_in_*', avg(behind_db),
	         calibration
	LIMIT 7
)
SELECT bits || ' bits, per tensor' AS panel, calibration AS series,
       100 * saturated_fraction AS saturated_percent, 100 * zero_fraction AS zero_percent,
       sqnr_db, subject, scheme
FROM cell JOIN widths USING (bits) JOIN rule USING (calibration)
ORDER BY bits, calibration = 'minmax' DESC, calibration, subject, scheme
