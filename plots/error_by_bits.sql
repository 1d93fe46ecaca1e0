-- A line a scheme and granularity: SQNR of the best calibration at each width.  Up to 12 tensors have
-- a panel each; more are told by their median and by the tensor that is worse than nine in ten.
-- empty: no integer cell of a tensor is stored (an exact one has no SQNR)
WITH
best AS (
	SELECT subject, scheme, granularity, bits, max(sqnr_db) AS sqnr_db
	FROM error
	WHERE tensor = 'tensor' AND format = 'int' AND sqnr_db IS NOT NULL
	GROUP BY subject, scheme, granularity, bits
),
many AS (SELECT count(DISTINCT subject) AS subjects FROM best),
ranked AS (
	SELECT *, row_number() OVER line AS place, count(*) OVER whole AS subjects
	FROM best
	WINDOW whole AS (PARTITION BY scheme, granularity, bits),
	       line AS (PARTITION BY scheme, granularity, bits ORDER BY sqnr_db)
)
SELECT panel, series, bits, sqnr_db FROM (
	SELECT subject AS panel, scheme || ', ' || granularity AS series, bits, sqnr_db,
	       1 AS panel_order, granularity
	FROM best, many WHERE many.subjects <= 12
	UNION ALL
	SELECT 'median of ' || many.subjects || ' tensors', scheme || ', ' || granularity, bits,
	       sqnr_db, 1, granularity
	FROM ranked, many WHERE many.subjects > 12 AND place = (ranked.subjects + 1) / 2
	UNION ALL
	SELECT 'worst tenth of ' || many.subjects || ' tensors', scheme || ', ' || granularity, bits,
	       sqnr_db, 2, granularity
	FROM ranked, many WHERE many.subjects > 12 AND place = (ranked.subjects + 9) / 10
)
ORDER BY panel_order, panel, granularity = 'tensor' DESC, granularity = 'channel' DESC,
         length(series), series, bits
