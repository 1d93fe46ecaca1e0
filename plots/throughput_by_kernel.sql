-- The rate of each kernel at each operation and shape: 2mnk operations in the least time, or bytes
-- read and written where the operation has no such count.  Up to 8 shapes, the largest.
-- empty: no kernel was timed in this study
WITH
runner AS (
	-- a guest of several races is drawn once; one that was asked for goes before it
	SELECT *, row_number() OVER (PARTITION BY operation, shape, threads, batch, cache, kernel,
	                                          library, machine_id,
	                                          CASE operation WHEN 'network' THEN label END
	                             ORDER BY guest, race) AS copy,
	       -- of network:NAME:TYPES:RANGE:POLICY | KERNEL t1 b1 warm REQUANTIZATION
	       CASE operation WHEN 'network'
	            THEN substr(label, 9, instr(label, ':' || types) - 9) END AS network,
	       substr(label, instr(label, ':' || types) + 1,
	              instr(label, ' | ') - instr(label, ':' || types) - 1)
	       || substr(label, instr(label, ' ' || cache) + length(cache) + 1) AS variant
	FROM throughput WHERE verdict IN ('exact', 'within', 'wrong')
		AND NOT (operation = 'network' AND kernel = 'ref' AND guest)
),
drawn AS (
	SELECT operation, coalesce(replace(network, 'builtin:', ''), shape) AS shape, threads, batch,
	       cache, machine_id,
	       kernel || coalesce(' ' || CASE WHEN network IS NOT NULL
	                                      THEN replace(variant, ':', ' ') END, '') AS kernel,
	       library, types, verdict,
	       coalesce(gops, gbytes_per_s) AS rate,
	       max(gops) OVER (PARTITION BY operation) IS NOT NULL AS counts_operations,
	       ratio_to_float, 100 * wrong_fraction AS wrong_percent, median_ns
	FROM runner WHERE copy = 1
),
placed AS (
	SELECT *, dense_rank() OVER (
		ORDER BY counts_operations DESC, operation, max_ns DESC, shape, threads, batch,
		         cache, machine_id) AS panel_number
	FROM (SELECT *, max(median_ns) OVER (PARTITION BY operation, shape) AS max_ns FROM drawn)
)
SELECT operation || ' ' || shape || CASE operation WHEN 'gemm' THEN ' (m x n x k)' ELSE '' END
       || CASE WHEN threads > 1 THEN ', ' || threads || ' threads' ELSE '' END
       || CASE WHEN batch > 1 THEN ', batch ' || batch ELSE '' END
       || CASE WHEN cache <> 'warm' THEN ', cache ' || cache ELSE '' END
       || CASE WHEN (SELECT count(DISTINCT machine_id) FROM drawn) > 1
               THEN ', ' || machine_id ELSE '' END AS panel,
       row_number() OVER (PARTITION BY panel_number
                          ORDER BY verdict = 'wrong', rate DESC, kernel) AS line,
       coalesce(rate, 0) AS rate,
       CASE WHEN verdict = 'wrong' THEN printf('wrong: %.2g %% of its outputs', wrong_percent)
            ELSE printf(CASE WHEN rate < 100 THEN '%.3g' ELSE '%.0f' END, rate)
                 || CASE WHEN counts_operations THEN ' GOPS' ELSE ' GB/s' END
                 || CASE WHEN ratio_to_float IS NULL THEN ''
                         ELSE printf('   %.2g × float', ratio_to_float) END END AS caption,
       CASE WHEN verdict = 'wrong' THEN 'wrong'
            WHEN kernel GLOB '*__ref' THEN 'reference'
            WHEN types GLOB 'f32f32*' THEN 'float' ELSE 'integer' END AS kind,
       -- most peers' kernels are named after their library
       CASE WHEN library = 'quantsweep' OR kernel GLOB '*__' || library || '*' THEN kernel
            ELSE library || ' ' || kernel END AS name
FROM placed WHERE panel_number <= 8
ORDER BY panel_number, line
