-- The least time of each kernel over runs, as a share of its first.  Up to 6 races: those with
-- change points first, then those with most runs.
-- empty: no race was run twice; `quantsweep run CONFIG --again` adds a point
WITH
line AS (
	SELECT *, 100 * least_ns / first_value(least_ns) OVER one AS percent,
	       count(*) OVER (PARTITION BY machine_id, race, library, label) AS runs
	FROM trend WINDOW one AS (PARTITION BY machine_id, race, library, label ORDER BY place)
),
panels AS (
	SELECT race, machine_id, row_number() OVER (
		ORDER BY max(change_point) IS 1 DESC, max(runs) DESC, race, machine_id) AS panel_number
	FROM line WHERE runs > 1 GROUP BY race, machine_id
)
SELECT race || CASE WHEN (SELECT count(DISTINCT machine_id) FROM panels) > 1
                    THEN ', ' || machine_id ELSE '' END AS panel,
       CASE WHEN library = 'quantsweep' THEN kernel ELSE library || ' ' || kernel END AS series,
       place, percent, change_point IS 1 AS marked,
       CASE WHEN change_point THEN printf('%+.0f %%', 100 * change - 100) ELSE '' END AS caption
FROM line JOIN panels USING (race, machine_id) WHERE runs > 1 AND panel_number <= 6
ORDER BY panel_number, series, place
