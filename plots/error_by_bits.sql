-- A line a scheme and granularity: SQNR at each width with the best of those calibrations that all
-- lines have.  Up to 12 tensors have a panel each; more are told by their median and by the tensor
-- that is worse than nine in ten, and a line that fewer than three in four tensors have is left
-- out.
-- empty: no integer cell of a tensor is stored (an exact one has no SQNR)
WITH
cell AS (
	SELECT subject, scheme || ', ' || granularity AS series, granularity, calibration, bits,
	       sqnr_db
	FROM error
	WHERE tensor = 'tensor' AND format = 'int' AND sqnr_db IS NOT NULL
),
many AS (SELECT count(DISTINCT subject) AS subjects FROM cell),
told AS (
	SELECT series FROM cell GROUP BY series
	HAVING (SELECT subjects FROM many) <= 12
		OR 4 * count(DISTINCT subject) >= 3 * (SELECT subjects FROM many)
),
common AS (
	SELECT calibration FROM cell JOIN told USING (series) GROUP BY calibration
	HAVING count(DISTINCT series) = (SELECT count(*) FROM told)
),
best AS (
	SELECT subject, series, granularity, bits, max(sqnr_db) AS sqnr_db
	FROM cell JOIN told USING (series)
	WHERE calibration IN (SELECT calibration FROM common) OR NOT EXISTS (SELECT * FROM common)
	GROUP BY subject, series, bits
),
words AS (
	SELECT CASE count(*) WHEN 1 THEN ' (' || min(calibration) || ')' ELSE '' END AS words
	FROM common
),
ranked AS (
	SELECT *, row_number() OVER line AS place, count(*) OVER whole AS n
	FROM best
	WINDOW whole AS (PARTITION BY series, bits),
	       line AS (PARTITION BY series, bits ORDER BY sqnr_db)
)
SELECT panel || words AS panel, series, bits, sqnr_db FROM (
	SELECT subject AS panel, series, bits, sqnr_db, 1 AS panel_order, granularity
	FROM best, many WHERE subjects <= 12
	UNION ALL
	SELECT 'median of ' || subjects || ' tensors', series, bits, sqnr_db, 1, granularity
	FROM ranked, many WHERE subjects > 12 AND place = (n + 1) / 2
	UNION ALL
	SELECT 'worst tenth of ' || subjects || ' tensors', series, bits, sqnr_db, 2, granularity
	FROM ranked, many WHERE subjects > 12 AND place = (n + 9) / 10
), words
ORDER BY panel_order, panel, granularity = 'tensor' DESC, granularity = 'channel' DESC,
         length(series), series, bits
