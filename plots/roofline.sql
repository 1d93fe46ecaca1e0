-- Multiplications and additions a byte against GOPS, of each kernel and peer at each shape, in its best
-- race; then the roofs: reading from each level, and the peaks.  A panel a number of threads.
-- empty: no kernel that multiplies was timed in this study
WITH
t AS MATERIALIZED (
	SELECT *, 1.0 * work_ops / work_bytes AS intensity,
	       threads || CASE threads WHEN 1 THEN ' thread' ELSE ' threads' END
	       || CASE WHEN (SELECT count(DISTINCT machine_id) FROM throughput) > 1
	               THEN ', ' || machine_id ELSE '' END AS panel,
	       CASE WHEN verdict = 'wrong' THEN 'wrong'
	            WHEN peer IS NOT NULL THEN peer
	            WHEN kernel GLOB '*__ref' THEN 'reference'
	            WHEN library <> 'quantsweep' THEN library
	            WHEN types GLOB 'f32*' THEN 'ours, f32'
	            WHEN types GLOB '*s[234]f32*' THEN 'ours, 2 to 4 bits'
	            ELSE 'ours, 8 bits and more' END AS series,
	       row_number() OVER (PARTITION BY kernel, library, shape, threads, machine_id, detail
	                          ORDER BY least_ns) AS copy
	FROM throughput
	WHERE verdict IN ('exact', 'within', 'wrong') AND gops IS NOT NULL
),
point AS (SELECT * FROM t WHERE copy = 1),
span AS (
	SELECT panel, machine_id, threads, min(intensity) / 1.6 AS low, max(intensity) * 1.6 AS high
	FROM point GROUP BY panel
),
peak AS (
	SELECT s.panel, s.low, s.high, l.name, max(l.value) AS value
	FROM span s JOIN "limit" l USING (machine_id, threads)
	WHERE l.kind IN ('int8_dot', 'int16', 'f32') GROUP BY s.panel, l.name
),
slope AS (
	SELECT s.panel, s.low, s.high, l.name, l.value,
	       (SELECT max(p.value) FROM peak p WHERE p.panel = s.panel) AS top
	FROM span s JOIN "limit" l USING (machine_id, threads) WHERE l.kind = 'read'
),
steepest AS (SELECT panel, max(value) AS value FROM slope GROUP BY panel),
drawn AS (
	SELECT panel, series, 1 AS turn, intensity, gops,
	       kernel || ' ' || shape || CASE detail WHEN '' THEN '' ELSE ' ' || detail END AS name,
	       0 AS line
	FROM point
	UNION ALL
	SELECT p.panel, 'roof ' || p.name, 2, max(p.low, p.value / coalesce(s.value, 1e9)), p.value, '', 1
	FROM peak p LEFT JOIN steepest s USING (panel)
	UNION ALL
	SELECT panel, 'roof ' || name, 2, high, value, printf('%s %.0f GOPS', name, value), 2 FROM peak
	UNION ALL
	SELECT panel, 'roof ' || name, 3, low, low * value, printf('%s %.0f GB/s', name, value), 1
	FROM slope
	UNION ALL
	SELECT panel, 'roof ' || name, 3, min(high, coalesce(top / value, high)),
	       min(high * value, coalesce(top, high * value)), '', 2
	FROM slope
)
SELECT panel, series, intensity, gops, name, line FROM drawn
ORDER BY panel, turn, series, line, intensity, gops, name
