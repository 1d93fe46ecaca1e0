-- How far each calibration is behind the best one, over all places where at least two were tried
-- and not all are equal: middle, quarters and the worst, by width; a panel more for whole networks,
-- judged by their output.  A place whose best is exact has no distance and counts as won or lost.
-- empty: no tensor or network is stored under two calibrations that differ
WITH
tried AS (
	SELECT *, CASE WHEN judged_by = 'output' THEN 5 WHEN bits <= 3 THEN 1 WHEN bits = 4 THEN 2
	               WHEN bits <= 7 THEN 3 ELSE 4 END AS width
	FROM calibration_tried WHERE NOT equal
),
ranked AS (
	SELECT *, count(behind_db) OVER same AS n, count(*) OVER same AS places,
	       sum(wins) OVER same AS won,
	       row_number() OVER (same ORDER BY behind_db IS NULL, behind_db) AS place
	FROM tried WINDOW same AS (PARTITION BY width, calibration)
),
box AS (
	SELECT width, calibration, places, won, max(order_dependent) AS ordered,
	       min(bits) AS least, max(bits) AS most,
	       max(CASE WHEN place = (n + 3) / 4 THEN behind_db END) AS quarter,
	       avg(CASE WHEN 2 * place BETWEEN n AND n + 2 THEN behind_db END) AS middle,
	       max(CASE WHEN place = (3 * n + 3) / 4 THEN behind_db END) AS three_quarters,
	       max(behind_db) AS worst
	FROM ranked GROUP BY width, calibration HAVING n > 0
),
widths AS (
	SELECT width, min(least) AS least, max(most) AS most FROM box GROUP BY width
),
-- the rule that is the least behind comes first; one that wins more, of equals
lines AS (
	SELECT calibration, row_number() OVER (ORDER BY avg(middle), -sum(won), calibration) AS line
	FROM box GROUP BY calibration
)
SELECT CASE width WHEN 5 THEN 'networks: their output'
                  ELSE 'tensors, ' || CASE w.least WHEN w.most THEN ''
                       ELSE w.least || ' to ' END || w.most || ' bits' END AS panel,
       calibration || CASE ordered WHEN 1 THEN ' *' ELSE '' END AS rule, line, won, places,
       quarter, middle, three_quarters, worst,
       row_number() OVER (PARTITION BY line ORDER BY width) = 1 AS first
FROM box JOIN widths w USING (width) JOIN lines USING (calibration)
ORDER BY width, line
