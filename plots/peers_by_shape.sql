-- Of each race the kernel that `best` means, beside the fastest peer that is not wrong: which share of
-- a limit each reaches.  A panel an operation and types, a line a shape.
-- empty: no kernel that `best` means was timed in this study
WITH
t AS MATERIALIZED (
	SELECT *, coalesce(read_loop_fraction, gops / peak_gops,
			CASE WHEN work_ops IS NULL THEN roofline_fraction END) AS share,
	       CASE WHEN read_loop_fraction IS NOT NULL THEN 'read loop'
	            WHEN work_ops IS NULL THEN roofline_bound ELSE 'peak' END AS share_of,
	       operation || ' ' || types
	       || CASE WHEN threads > 1 THEN ', ' || threads || ' threads' ELSE '' END
	       || CASE detail WHEN '' THEN '' ELSE ', ' || detail END
	       || CASE WHEN (SELECT count(DISTINCT machine_id) FROM throughput) > 1
	               THEN ', ' || machine_id ELSE '' END AS panel
	FROM throughput WHERE verdict IN ('exact', 'within') AND median_ns IS NOT NULL
)
SELECT o.panel,
       row_number() OVER (PARTITION BY o.panel ORDER BY o.work_ops, o.work_bytes, o.shape, o.race)
               AS line,
       coalesce(o.share, 0) AS share, coalesce(u.share, 0) AS peer_share,
       CASE WHEN o.work_ops IS NULL THEN replace(o.shape, 'x1x', 'x') ELSE o.shape END AS shape,
       CASE WHEN o.share IS NULL THEN printf('%.4g us', o.median_ns / 1000)
            ELSE printf('%.0f %% of %s', 100 * o.share, o.share_of) END
       || CASE WHEN u.kernel IS NULL THEN ''
               ELSE printf('   %.2f × %s', o.ratio_to_best_peer, u.library)
                    || CASE WHEN o.peer_ratio_low IS NULL THEN ''
                            ELSE printf(' [%.2f, %.2f]', o.peer_ratio_low, o.peer_ratio_high) END
               END AS caption
FROM t o LEFT JOIN t u ON u.race = o.race AND u.set_number = o.set_number AND u.kernel = o.best_peer
WHERE o.best = 1 AND o.panel IN (SELECT panel FROM t WHERE best = 1)
ORDER BY o.operation <> 'gemm', o.panel, line
