-- SPDX-License-Identifier: MIT
--
-- The queries of the summary, in sections.  A sheet of summary_sheets.c names the sections that are
-- joined to its query: first what several sheets share, last its own SELECT.
--
-- ?1 is a run_id, or NULL for all that is stored; ?2 a kind of subject: tensor, op, network, or NULL
-- for all.
-- Where an error is zero the SQNR has no number: such a row counts as better than any other.

-- # rows
-- c: the rows of the run; a: one row an accuracy cell, that of its fastest correct kernel.
WITH
c AS MATERIALIZED (
	SELECT *,
		coalesce(sqnr_db, CASE exact WHEN 1 THEN 1e9 END) AS quality,
		substr(label, instr(label, ' ') + 1) AS recipe,
		weight_format || CASE weight_format WHEN 'int' THEN weight_bits ELSE '' END
			|| coalesce(' ' || weight_scheme, '')
			|| CASE weight_scale WHEN 'power_of_two' THEN ' power_of_two' ELSE '' END
			|| coalesce(' ' || weight_granularity, '')
			|| coalesce(' ' || weight_calibration, '') AS w_words,
		activation_format
			|| CASE activation_format WHEN 'int' THEN activation_bits ELSE '' END
			|| coalesce(' ' || activation_scheme, '')
			|| CASE activation_scale WHEN 'power_of_two' THEN ' power_of_two'
				ELSE '' END
			|| coalesce(' ' || activation_granularity, '')
			|| coalesce(' ' || activation_calibration, '') AS a_words,
		CASE activation_range WHEN 'dynamic' THEN ', dynamic' ELSE '' END
			|| coalesce(', ' || nullif(rounding, 'half_even'), '')
			|| CASE seed WHEN 1 THEN '' ELSE ', seed ' || seed END AS other_words,
		coalesce(verdict IN ('exact', 'within'), 0) AS correct
	FROM choice WHERE (?1 IS NULL OR run_id = ?1) AND (?2 IS NULL OR subject_kind = ?2)
),
a AS MATERIALIZED (
	SELECT * FROM (
		SELECT *, row_number() OVER (PARTITION BY accuracy_key
			ORDER BY correct DESC, median_ns IS NULL, median_ns, label) AS nth
		FROM c
	) WHERE nth = 1
)

-- # front
-- front: those of one kind of subject that no other of the same subject beats in bytes and error;
-- among equals the simplest.  best: front, and which of it stands in the terminal: of up to two
-- subjects the best of each whole number of bits an element, of up to 16 the best within 4.5 and
-- within 8.5 bits an element, scales included (else the smallest).
, ordered AS (
	SELECT *, max(quality) OVER (PARTITION BY subject
		ORDER BY bytes, quality DESC,
			coalesce(weight_scheme, activation_scheme) = 'symmetric' DESC,
			coalesce(weight_calibration, activation_calibration) = 'minmax' DESC,
			activation_range IS 'dynamic', rounding IS NOT 'half_even', label
		ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS smaller_has
	FROM a
	WHERE subject_kind = ?2 AND quality IS NOT NULL AND bytes IS NOT NULL
),
front AS (SELECT * FROM ordered WHERE smaller_has IS NULL OR quality > smaller_has),
many AS (SELECT count(DISTINCT subject) AS subjects FROM front),
placed AS (
	SELECT *,
		row_number() OVER (PARTITION BY subject, round(bits_per_element)
			ORDER BY quality DESC) AS class_place,
		coalesce(max(CASE WHEN bits_per_element <= 4.5 THEN bits_per_element END) OVER same,
			min(bits_per_element) OVER same) AS within_4,
		coalesce(max(CASE WHEN bits_per_element <= 8.5 THEN bits_per_element END) OVER same,
			min(bits_per_element) OVER same) AS within_8
	FROM front
	WINDOW same AS (PARTITION BY subject)
),
best AS (
	SELECT *,
		subjects <= 16 AND CASE WHEN subjects <= 2 THEN class_place = 1
			ELSE bits_per_element IN (within_4, within_8) END AS brief
	FROM placed, many
)

-- # tensor_rows
-- t: tensors with a number; the rule's words without regard to whose rule it is.
, t AS MATERIALIZED (
	SELECT *,
		coalesce(weight_bits, activation_bits) AS bits,
		coalesce(weight_scheme, activation_scheme) AS scheme,
		coalesce(weight_scale, activation_scale) AS scale,
		coalesce(weight_granularity, activation_granularity) AS granularity,
		coalesce(weight_calibration, activation_calibration) AS calibration
	FROM a WHERE subject_kind = 'tensor' AND quality IS NOT NULL
)

-- # one_recipe
-- A recipe for all tensors: the sum of the bytes, the median and the least of the SQNR.  Recipes
-- that some tensor has not are left out: their sums would not compare.
, of_recipe AS (
	SELECT *,
		count(*) OVER whole AS n,
		sum(bytes) OVER whole AS all_bytes,
		8.0 * sum(bytes) OVER whole / sum(elements) OVER whole AS all_bits,
		row_number() OVER (PARTITION BY recipe ORDER BY quality, label) AS place
	FROM t WINDOW whole AS (PARTITION BY recipe)
),
many AS (SELECT count(DISTINCT subject) AS subjects FROM t),
made AS (
	SELECT
		max(CASE place WHEN (n + 1) / 2 THEN quality END) AS quality,
		max(CASE place WHEN (n + 1) / 2 THEN label END) AS middle_label,
		max(CASE place WHEN (n + 1) / 2 THEN sqnr_db END) AS middle,
		max(CASE place WHEN 1 THEN label END) AS worst_label,
		max(CASE place WHEN 1 THEN sqnr_db END) AS worst,
		max(CASE place WHEN 1 THEN subject END) AS worst_subject,
		max(coalesce(w_words, a_words) || other_words) AS words,
		max(scheme = 'symmetric') AS symmetric,
		max(calibration = 'minmax') AS minmax,
		recipe, all_bytes, all_bits
	FROM of_recipe, many WHERE n = subjects AND subjects > 1 GROUP BY recipe
),
ordered AS (
	SELECT *, max(quality) OVER (
		ORDER BY all_bytes, quality DESC, symmetric DESC, minmax DESC, recipe
		ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS smaller_has
	FROM made
),
front AS (
	SELECT *,
		row_number() OVER (PARTITION BY round(all_bits)
			ORDER BY quality DESC) AS class_place
	FROM ordered WHERE smaller_has IS NULL OR quality > smaller_has
)
SELECT *, class_place = 1 AND subjects > 16 AS brief FROM front, many ORDER BY all_bytes

-- # tensors
SELECT subject, bytes, bits_per_element, sqnr_db,
	coalesce(w_words, a_words) || other_words AS words,
	brief, label AS again_label, config, data, config_name
FROM best ORDER BY subject, bytes

-- # hardest
, near AS (
	SELECT *, row_number() OVER (ORDER BY quality, label) AS place, count(*) OVER () AS n
	FROM best WHERE bits_per_element = within_4
)
SELECT subject, bytes, bits_per_element, sqnr_db,
	coalesce(w_words, a_words) || other_words AS words,
	1 AS brief, label AS again_label, config, data, config_name
FROM near WHERE subjects > 16 AND (place <= 3 OR place > n - 3) ORDER BY place

-- # operations
SELECT subject, bytes, bits_per_element, sqnr_db,
	CASE WHEN correct THEN median_ns END AS median_ns,
	CASE WHEN correct THEN speedup_over_float END AS speedup_over_float,
	coalesce(kernel, skip) AS kernel,
	coalesce('w ' || w_words, '')
		|| CASE WHEN w_words IS NOT NULL AND a_words IS NOT NULL THEN ', ' ELSE '' END
		|| coalesce('a ' || a_words, '') || other_words AS words,
	brief, label AS again_label, config, data, config_name
FROM best ORDER BY subject, bytes

-- # fastest
-- pair: how many times as long as the fastest a kernel took, launch by launch.  Where there are 5
-- launches or more, one whose interval holds 1 is named with the fastest; else one within 20 %.
, timed AS (
	SELECT *, row_number() OVER (PARTITION BY timing_key, race ORDER BY label) AS copy
	FROM c WHERE median_ns IS NOT NULL AND correct
),
placed AS (
	SELECT *,
		min(median_ns) OVER same AS least,
		row_number() OVER ordered AS place,
		first_value(timing_key) OVER ordered AS best_key
	FROM timed WHERE copy = 1
	WINDOW same AS (PARTITION BY race, machine_id),
		ordered AS (PARTITION BY race, machine_id ORDER BY median_ns, kernel)
),
pair AS (
	SELECT l.cell_key AS timing_key, l.race, l.median_ns / b.median_ns AS ratio,
		row_number() OVER (one ORDER BY l.median_ns / b.median_ns) AS ratio_rank,
		count(*) OVER one AS launches
	FROM placed p
	JOIN launch l ON l.cell_key = p.timing_key AND l.race = p.race
	JOIN launch b ON b.cell_key = p.best_key AND b.race = l.race
		AND b.set_number = l.set_number AND b.run_number = l.run_number
		AND b.launch = l.launch
	WHERE p.place > 1 AND l.median_ns IS NOT NULL AND b.median_ns IS NOT NULL
		AND l.set_number = (SELECT max(x.set_number) FROM launch x
			WHERE x.cell_key = l.cell_key AND x.race = l.race)
	WINDOW one AS (PARTITION BY l.cell_key, l.race)
),
apart AS (
	SELECT timing_key, race, launches,
		max(CASE ratio_rank WHEN 1 + left_out THEN ratio END) AS low,
		max(CASE ratio_rank WHEN launches - left_out THEN ratio END) AS high
	FROM (SELECT *, (SELECT count(*) FROM rank_left_out WHERE launches >= from_values)
		AS left_out FROM pair)
	WHERE launches >= 5 GROUP BY timing_key, race
),
many AS (SELECT count(*) AS tasks FROM placed WHERE place = 1)
SELECT operation || ' ' || coalesce(replace(network, 'builtin:', '')
			|| coalesce(', ' || nullif(policy, 'all'), '')
			|| CASE activation_range WHEN 'dynamic' THEN ', dynamic' ELSE '' END, shape)
		|| CASE WHEN threads > 1 THEN ', ' || threads || ' threads' ELSE '' END
		|| CASE WHEN batch > 1 THEN ', batch ' || batch ELSE '' END
		|| CASE WHEN cache <> 'warm' THEN ', ' || cache ELSE '' END
		|| coalesce(', ' || nullif(detail, ''), '') AS task,
	types,
	CASE library WHEN 'quantsweep' THEN kernel ELSE library || ' ' || kernel END AS kernel,
	median_ns, speedup_over_float, roofline_fraction, roofline_bound,
	CASE WHEN roofline_fraction IS NOT NULL THEN printf('%.0f %%', 100 * roofline_fraction) END
		AS roof_shown,
	CASE WHEN place = 1 THEN 'fastest' WHEN launches IS NULL THEN 'within 20 %'
		ELSE 'or this' END AS standing,
	CASE WHEN place > 1 THEN printf('%.2f to %.2f', low, high) END AS times_as_long,
	tasks <= 12 AS brief, label AS again_label, config, data, config_name
FROM placed LEFT JOIN apart USING (timing_key, race), many
WHERE place = 1 OR CASE WHEN launches IS NULL THEN median_ns <= 1.2 * least ELSE low <= 1 END
ORDER BY operation, network, shape, threads, batch, cache, policy, activation_range, types, detail,
	place

-- # peers
-- Of each kernel the row of its best peer, or one without; who is wrong there in words.  An AVX2
-- kernel of codes stands beside who needs no VNNI for right sums of bytes.
WITH
p AS (
	SELECT *, row_number() OVER (PARTITION BY cell_key, race, set_number
			ORDER BY kernel GLOB '*__avx2*' AND types GLOB '[us]8*'
				AND peer IN ('gemmlowp', 'xnnpack') DESC,
				best_peer DESC, peer_median_ns IS NULL, peer_median_ns, peer_kernel)
			AS place,
		count(peer) OVER (PARTITION BY race, set_number) AS peers,
		group_concat(CASE WHEN peer_verdict NOT IN ('exact', 'within')
			THEN printf('%s: %.2g %% of outputs', peer_kernel,
				100 * peer_wrong_fraction) END, ', ')
			OVER (PARTITION BY cell_key, race, set_number) AS wrong
	FROM peers WHERE (?1 IS NULL OR run_id = ?1) AND median_ns IS NOT NULL
		AND verdict IN ('exact', 'within') AND kernel NOT GLOB '*__ref'
),
-- alone: the study asked for speed alone, and has no other table
many AS (
	SELECT count(*) AS rows, sum(peers > 0) AS with_peers,
		NOT EXISTS (SELECT 1 FROM choice_row) AS alone
	FROM p WHERE place = 1
)
SELECT operation || ' ' || CASE WHEN work_ops IS NULL THEN replace(shape, 'x1x', 'x') ELSE shape END
		|| ' ' || types
		|| CASE WHEN threads > 1 THEN ', ' || threads || ' threads' ELSE '' END
		|| CASE detail WHEN '' THEN '' ELSE ', ' || detail END AS task,
	substr(kernel, instr(kernel, '__') + 2) AS kernel, median_ns,
	CASE WHEN gops IS NOT NULL
		THEN printf(CASE WHEN gops < 99.5 THEN '%.3g' ELSE '%.0f' END, gops) END AS gops,
	CASE WHEN int16_share IS NOT NULL THEN printf('%.0f %% of int16', 100 * int16_share)
		WHEN share IS NOT NULL THEN printf('%.0f %% of ', 100 * share) || share_of END
		AS share_shown,
	CASE WHEN peer_verdict IN ('exact', 'within')
		THEN substr(peer_kernel, instr(peer_kernel, '__') + 2) END AS peer_kernel,
	CASE WHEN peer_verdict IN ('exact', 'within') THEN printf('%.2f', ratio)
		|| CASE WHEN ratio_low IS NULL THEN ''
			ELSE printf(' [%.2f, %.2f]', ratio_low, ratio_high) END END AS ratio_shown,
	wrong, rows <= 12 OR alone AS brief, choice_label AS again_label, config, data, config_name
FROM p, many WHERE place = 1 AND (with_peers > 0 OR alone)
ORDER BY operation <> 'gemm', operation, types, threads, work_ops, work_bytes, shape, detail,
	best DESC, kernel

-- # effects
-- Pairs of cells that differ in one axis alone, the recipe with its word blotted out being equal.
, one AS MATERIALIZED (
	SELECT 'scheme' AS axis, scheme AS word, scheme <> 'symmetric' AS grade, subject, label,
		sqnr_db, replace(recipe, '.' || scheme || '.', '.*.') AS rest
	FROM t WHERE sqnr_db IS NOT NULL
	UNION ALL
	SELECT 'granularity', granularity,
		CASE WHEN granularity = 'tensor' THEN 0 WHEN granularity GLOB 'group*' THEN 2
			ELSE 1 END,
		subject, label, sqnr_db, replace(recipe, '.' || granularity || '.', '.*.')
	FROM t WHERE sqnr_db IS NOT NULL
	UNION ALL
	SELECT 'scale', scale, scale <> 'real', subject, label, sqnr_db,
		replace(recipe, '.' || scale || '.', '.*.')
	FROM t WHERE sqnr_db IS NOT NULL
),
pair AS (
	SELECT h.axis, h.word AS high, l.word AS low, h.subject, h.sqnr_db - l.sqnr_db AS gain,
		h.label AS high_label, l.label AS low_label
	FROM one h JOIN one l ON h.subject = l.subject AND h.rest = l.rest AND h.axis = l.axis
	WHERE h.grade > l.grade
),
placed AS (
	SELECT *,
		row_number() OVER (PARTITION BY axis, high, low ORDER BY gain, high_label) AS place,
		count(*) OVER (PARTITION BY axis, high, low) AS n
	FROM pair
)
SELECT high || ' over ' || low AS what, n AS pairs, count(DISTINCT subject) AS tensors,
	max(CASE place WHEN (n + 1) / 2 THEN gain END) AS middle,
	max(CASE place WHEN (n + 1) / 2 THEN high_label END) AS middle_high,
	max(CASE place WHEN (n + 1) / 2 THEN low_label END) AS middle_low,
	max(CASE place WHEN 1 THEN gain END) AS least,
	max(CASE place WHEN 1 THEN high_label END) AS least_high,
	max(CASE place WHEN 1 THEN low_label END) AS least_low,
	max(CASE place WHEN n THEN gain END) AS most,
	max(CASE place WHEN n THEN high_label END) AS most_high,
	max(CASE place WHEN n THEN low_label END) AS most_low,
	max(CASE place WHEN n THEN subject END) AS most_subject,
	1 AS brief
FROM placed GROUP BY axis, high, low
ORDER BY axis DESC, low = 'tensor' DESC, length(high), high

-- # calibrations
-- one: of places as in view calibration_tried: the recipe with its calibration blotted out, and the
-- batch of an order-dependent one, which stands behind its name.
, one AS (
	SELECT calibration, bits, quality, max(quality) OVER same AS best,
		min(quality) OVER same AS least
	FROM (
		SELECT calibration || coalesce(' cb' || calibration_batch, '') AS calibration,
			bits, quality, subject,
			replace(replace(replace(recipe || ' ', '.' || calibration || ' ', '.* '),
				'.' || calibration || '.', '.*.'),
				coalesce(' cb' || calibration_batch, '?') || ' ', ' ') AS rest
		FROM t
	)
	WINDOW same AS (PARTITION BY subject, rest)
),
-- what is exact has no distance to others
far AS (
	SELECT *, CASE WHEN best < 1e9 THEN best - quality END AS behind,
		count(CASE WHEN best < 1e9 THEN 1 END) OVER (PARTITION BY calibration) AS n,
		row_number() OVER (PARTITION BY calibration
			ORDER BY best = 1e9, best - quality) AS place
	FROM one WHERE least < best AND calibration IS NOT NULL
)
SELECT calibration,
	sum(quality = best AND bits <= 3) AS to_3,
	sum(quality = best AND bits = 4) AS at_4,
	sum(quality = best AND bits BETWEEN 5 AND 7) AS to_7,
	sum(quality = best AND bits >= 8) AS from_8,
	sum(quality = best) AS wins, count(*) AS tries,
	max(CASE place WHEN (n + 1) / 2 THEN behind END) AS middle, max(behind) AS worst, 1 AS brief
FROM far GROUP BY calibration ORDER BY wins DESC, calibration

-- # network_rows
-- n: networks whose task has a value, that of the integer run where there is one, and the words for
-- it; the words of a recipe leave out what is the plain case.  usual: of each network the data that
-- most recipes were measured with.  whole: its quantized rows.
, worth AS (
	SELECT *,
		coalesce(value_integer, value_simulated) AS value,
		CASE WHEN value_integer IS NULL THEN 'value_simulated' ELSE 'value_integer' END
			AS value_column,
		CASE WHEN metric LIKE 'mse%' THEN -1 ELSE 1 END AS sign,
		CASE WHEN metric IN ('top1', 'top5', 'agreement') THEN 100 ELSE 1 END AS unit,
		CASE WHEN metric IN ('top1', 'top5', 'agreement') THEN '%.2f %%' ELSE '%.3g' END AS form,
		CASE WHEN metric IN ('top1', 'top5', 'agreement') THEN '%+.2f' ELSE '%+.2g' END AS change_form,
		coalesce(calibration_scale <> 1 OR calibration_shift <> 0
			OR calibration_dropped <> '', 0) AS unusual,
		difference_low <= 0 AND difference_high >= 0 AS open,
		replace(network, 'builtin:', '') AS name,
		'w ' || w_words || ', a ' || a_words || coalesce(', ' || nullif(policy, 'all'), '')
			|| coalesce(', ' || nullif(requantization, 'float'), '') || other_words
			|| CASE WHEN value_integer IS NULL THEN ' (simulated alone)' ELSE '' END
			AS words
	FROM a
),
n AS MATERIALIZED (
	SELECT *,
		printf(form, unit * value) AS value_shown,
		printf(form, unit * value_float) AS float_shown,
		printf(form, unit * value_simulated) AS simulated_shown,
		CASE WHEN value_integer IS NOT NULL THEN printf(form, unit * value_integer) END
			AS integer_shown,
		printf(change_form || ' [' || change_form || ', ' || change_form || '] ',
			unit * difference, unit * difference_low, unit * difference_high)
			|| CASE WHEN open
				THEN printf('not told apart by %,d samples', evaluation_samples)
				WHEN sign * difference > 0 THEN 'better' ELSE 'worse' END AS against
	FROM worth WHERE value IS NOT NULL
),
usual AS (
	SELECT subject FROM (
		SELECT subject, row_number() OVER (PARTITION BY network ORDER BY max(unusual),
			count(*) DESC, max(calibration_samples) DESC, max(evaluation_samples) DESC,
			subject) AS place
		FROM n GROUP BY subject
	) WHERE place = 1
),
whole AS MATERIALIZED (
	SELECT *,
		row_number() OVER (PARTITION BY network ORDER BY open IS NOT 1, bytes,
			sign * value DESC, sqnr_db DESC, label) AS cheapness,
		row_number() OVER (PARTITION BY network ORDER BY sign * value, label) AS badness,
		count(*) OVER (PARTITION BY network) AS recipes
	FROM n
	WHERE subject IN (SELECT subject FROM usual) AND bytes IS NOT NULL
		AND NOT (weight_format = 'float' AND activation_format = 'float')
)

-- # cheapest
-- Where none will do, a row that says so.
SELECT name, CASE open WHEN 1 THEN bytes END AS bytes, CASE open WHEN 1 THEN value END AS value,
	CASE open WHEN 1 THEN value_shown END AS value_shown, value_column,
	value_float, float_shown,
	CASE open WHEN 1 THEN against
		ELSE printf('none of %,d recipes: these samples tell each apart', recipes) END AS against,
	CASE open WHEN 1 THEN words END AS words, 1 AS brief,
	label AS value_label, CASE open WHEN 1 THEN label END AS again_label,
	config, data, config_name
FROM whole WHERE cheapness = 1 ORDER BY network

-- # networks
-- The best of each width of weights.
, ordered AS (
	SELECT *, row_number() OVER (PARTITION BY network, weight_format, weight_bits
		ORDER BY sign * value DESC, bytes, sqnr_db DESC, label) AS place
	FROM whole
),
many AS (SELECT count(DISTINCT network) AS networks FROM whole)
SELECT name, bytes, value, value_shown, value_column, value_simulated, simulated_shown,
	value_integer, integer_shown, lost,
	gained, against, words, sqnr_db,
	coalesce(first_layer_below_20_db, 'none') AS first_layer, worst_layer, worst_isolated_db,
	networks <= 4 AS brief, label AS again_label, config, data, config_name
FROM ordered, many WHERE place = 1 ORDER BY network, bytes, label

-- # verdict
-- Of each network the recipe that would be shipped.
, shipped AS (
	SELECT accuracy_key, name, network, words, row_number() OVER (PARTITION BY network
		ORDER BY coalesce(open, 0) DESC, CASE open WHEN 1 THEN cheapness END,
			sign * value DESC, sqnr_db DESC, label) AS turn
	FROM whole
)
SELECT name, v.layer, v.rule, v.seen || CASE v.layers WHEN 1 THEN ''
		WHEN 2 THEN ' (and one layer more)'
		ELSE printf(' (and %d layers more)', v.layers - 1) END || ': ' || v.advice
		AS sentence,
	CASE v.place WHEN 1 THEN words END AS words, 1 AS brief, v.choice_label AS again_label, v.config, v.data, v.config_name
FROM shipped JOIN verdict v ON v.cell_key = accuracy_key
WHERE turn = 1 AND v.place <= 5 AND v.layer_place = 1
ORDER BY shipped.network, v.place

-- # layers
, chosen AS (
	SELECT accuracy_key, 'smallest not told apart' AS what, 0 AS part FROM whole
	WHERE cheapness = 1 AND open
	UNION ALL
	SELECT accuracy_key, 'worst', 1 FROM whole WHERE badness = 1 AND recipes > 1
)
SELECT whole.name, what, whole.words, drift.layer, drift.operation,
	isolated_sqnr_db, cumulative_sqnr_db, integer_sqnr_db,
	CASE WHEN isolated_sqnr_db IS NOT NULL THEN printf('%.1f', isolated_sqnr_db)
		WHEN island THEN 'float' ELSE 'exact' END AS isolated_shown,
	CASE WHEN cumulative_sqnr_db IS NOT NULL THEN printf('%.1f', cumulative_sqnr_db)
		ELSE 'exact' END AS cumulative_shown,
	CASE WHEN integer_sqnr_db IS NOT NULL THEN printf('%.1f', integer_sqnr_db)
		WHEN integer_relative_rmse = 0 THEN 'exact' END AS integer_shown,
	100 * cumulative_relative_rmse AS percent,
	100 * activation_saturated_fraction AS saturated_percent, step_gap_local,
	100 * differing_fraction AS differing_percent, part = 0 AS brief,
	drift.choice_label AS again_label, drift.config, drift.data, drift.config_name
FROM chosen JOIN whole USING (accuracy_key) JOIN drift ON drift.cell_key = accuracy_key
ORDER BY whole.network, part, drift.layer_index

-- # parting
-- Of each network and requantization the layer that, fed the simulated run's codes, is off by most
-- steps.
WITH
placed AS (
	SELECT *, row_number() OVER mode AS place,
		max(step_gap) OVER all_of AS most_steps,
		max(differing_fraction) OVER all_of AS most_differing
	FROM drift
	WHERE step_gap_local IS NOT NULL AND (?1 IS NULL OR run_id = ?1)
	WINDOW all_of AS (PARTITION BY network, requantization),
		mode AS (PARTITION BY network, requantization ORDER BY step_gap_local DESC,
			differing_fraction_local DESC, label, layer_index)
)
SELECT replace(network, 'builtin:', '') AS name, requantization, layer,
	CASE step_gap_local WHEN 0 THEN 'nowhere' ELSE layer END AS where_it_is, step_gap_local,
	100 * differing_fraction_local AS local_percent, most_steps,
	100 * most_differing AS whole_percent,
	(SELECT count(DISTINCT network) FROM placed) <= 4 AS brief,
	choice_label AS again_label, config, data, config_name
FROM placed WHERE place = 1
ORDER BY network, requantization <> 'float', requantization

-- # sensitive
-- Of each network the recipe that plots/sensitivity_by_layer.sql draws, its layers by what they cost.
WITH
recipe AS (
	SELECT cell_key, row_number() OVER (PARTITION BY network
			ORDER BY count(DISTINCT part) DESC, policy <> 'all', weight_bits,
				activation_bits, weight_granularity <> 'channel',
				weight_calibration <> 'minmax', activation_calibration <> 'minmax',
				activation_range <> 'static', length(label), label) AS place
	FROM sensitivity WHERE ?1 IS NULL OR run_id = ?1 GROUP BY cell_key
	HAVING count(only_sqnr_db) > 0 AND count(spared_gained_db) > 0
),
s AS MATERIALIZED (
	SELECT *, CASE WHEN only_metric IS NULL THEN 'no range' WHEN only_sqnr_db IS NULL THEN 'exact'
			ELSE printf('%.1f', only_sqnr_db) END AS only_shown
	FROM sensitivity WHERE cell_key IN (SELECT cell_key FROM recipe WHERE place = 1)
)
SELECT replace(b.network, 'builtin:', '') AS name,
	CASE b.weight_format WHEN 'float' THEN 'wf' ELSE 'w' || b.weight_bits END
		|| CASE b.activation_format WHEN 'float' THEN 'af' ELSE 'a' || b.activation_bits END
		AS bits,
	b.layer, b.operation, b.layer_part, b.only_sqnr_db, b.only_shown,
	w.only_sqnr_db AS weights_db, w.only_shown AS weights_shown,
	a.only_sqnr_db AS activations_db, a.only_shown AS activations_shown, b.only_lost_points,
	b.spared_gained_db, printf('%+.1f', b.spared_gained_db) AS gained_shown,
	b.spared_gained_points, substr(b.label, instr(b.label, ' ') + 1) AS words,
	b.rank <= 3 AS brief, b.choice_label AS again_label, b.config, b.data, b.config_name
FROM s b LEFT JOIN s w ON w.cell_key = b.cell_key AND w.layer = b.layer AND w.part = 'weights'
LEFT JOIN s a ON a.cell_key = b.cell_key AND a.layer = b.layer AND a.part = 'activations'
WHERE b.part = 'both'
ORDER BY b.network, b.rank

-- # damage
-- Recipes that were measured with several calibration sets and the same evaluation; `best` of each is
-- the largest set that is like the task's own data, and each other is compared with it, sample by
-- sample.
, of_recipe AS (
	SELECT *,
		count(*) OVER same AS sets,
		first_value(accuracy_key) OVER best AS best_key,
		row_number() OVER (PARTITION BY network, recipe, evaluation_samples, evaluation_seed,
			unusual ORDER BY calibration_samples) AS from_few,
		row_number() OVER (PARTITION BY network, recipe, evaluation_samples, evaluation_seed,
			unusual ORDER BY calibration_samples DESC) AS from_many,
		(SELECT bytes FROM sample_values JOIN task_value t USING (sample_key)
		 WHERE t.cell_key = accuracy_key AND t.metric = n.metric
			AND t.execution = substr(value_column, 7)) AS samples
	FROM n WHERE activation_format <> 'float'
	WINDOW same AS (PARTITION BY network, recipe, evaluation_samples, evaluation_seed),
		best AS (PARTITION BY network, recipe, evaluation_samples, evaluation_seed
			ORDER BY unusual, calibration_samples DESC, calibration_seed, label)
),
several AS (
	SELECT o.*,
		dense_rank() OVER (PARTITION BY o.network ORDER BY o.sets DESC, o.policy <> 'all',
			o.requantization <> 'float', o.weight_bits DESC, o.activation_bits DESC,
			o.recipe) AS turn,
		CASE WHEN o.accuracy_key <> b.accuracy_key AND NOT b.unusual
			THEN o.value - b.value END AS cost,
		paired_low(b.samples, o.samples, o.evaluation_samples) AS cost_low,
		paired_high(b.samples, o.samples, o.evaluation_samples) AS cost_high
	FROM of_recipe o JOIN of_recipe b ON b.accuracy_key = o.best_key WHERE o.sets > 1
)
SELECT name, 'w' || weight_bits || 'a' || activation_bits AS bits,
	printf('%,d samples', calibration_samples)
	|| CASE calibration_scale WHEN 1 THEN '' ELSE printf(' × %.6g', calibration_scale) END
	|| CASE calibration_shift WHEN 0 THEN ''
		ELSE printf(' %s %.6g', CASE WHEN calibration_shift < 0 THEN '−' ELSE '+' END,
			abs(calibration_shift)) END
	|| CASE calibration_dropped WHEN '' THEN ''
		ELSE printf(' less %d classes', 1 + length(calibration_dropped)
			- length(replace(calibration_dropped, '+', ''))) END AS samples,
	value, value_shown, value_column, against,
	CASE WHEN cost IS NULL THEN NULL
		WHEN cost_low IS NULL OR cost_high IS NULL THEN printf(change_form, unit * cost)
		ELSE printf(change_form || ' [' || change_form || ', ' || change_form || '] ',
			unit * cost, unit * cost_low, unit * cost_high)
			|| CASE WHEN cost_low <= 0 AND cost_high >= 0 THEN 'not told apart'
				WHEN sign * cost > 0 THEN 'better' ELSE 'worse' END
		END AS cost,
	words, turn = 1 AND (unusual OR from_few = 1 OR from_many = 1) AS brief,
	label AS again_label, config, data, config_name
FROM several
ORDER BY network, turn, unusual, calibration_scale <> 1, calibration_scale, calibration_shift,
	calibration_dropped, calibration_samples, label

-- # no_integer
SELECT count(*) AS cells, no_integer AS reason, min(label) AS example,
	row_number() OVER (ORDER BY count(*) DESC, no_integer) <= 3 AS brief
FROM network WHERE no_integer IS NOT NULL AND (?1 IS NULL OR run_id = ?1)
GROUP BY no_integer ORDER BY cells DESC, no_integer

-- # time_warnings
-- Each once: of a run as it was seen last, of races the first and how many.
SELECT CASE WHEN max(label) IS NULL THEN 'all' ELSE printf('%,d', count(DISTINCT label)) END AS races,
	CASE WHEN max(label) IS NULL OR count(DISTINCT seen) = 1 THEN max(seen)
		ELSE 'for example ' || min(seen) END AS seen,
	effect, advice, 1 AS brief
FROM warning WHERE name IS NOT NULL AND (?1 IS NULL OR run_id = ?1)
GROUP BY name ORDER BY max(label) IS NOT NULL, name

-- # skipped
SELECT reason, count(*) AS cells, min(label) AS example,
	row_number() OVER (ORDER BY count(*) DESC) <= 5 AS brief
FROM skip WHERE ?1 IS NULL OR run_id = ?1
GROUP BY reason ORDER BY cells DESC, reason

-- # failed
-- the terminal shows different reasons first
SELECT label, reason, row_number() OVER (ORDER BY nth, label) <= 3 AS brief,
	choice_label AS again_label, config, data, config_name
FROM (SELECT *, row_number() OVER (PARTITION BY reason ORDER BY label) AS nth FROM failed
	WHERE ?1 IS NULL OR run_id = ?1)
ORDER BY label

-- # headline
WITH
r AS (
	SELECT * FROM run
	WHERE run_id = ?1 OR (?1 IS NULL AND run_number = (SELECT max(run_number) FROM run))
),
p AS (SELECT * FROM planned WHERE run_id = (SELECT run_id FROM r)),
c AS (SELECT * FROM choice WHERE ?1 IS NULL OR run_id = ?1)
SELECT name, seconds,
	(SELECT count(*) FROM p) AS cells,
	(SELECT count(*) FROM p WHERE outcome = 'done') AS done,
	(SELECT count(*) FROM p WHERE outcome = 'reused') AS reused,
	(SELECT count(*) FROM p WHERE outcome = 'skipped') AS skipped,
	(SELECT count(*) FROM p WHERE outcome = 'failed') AS failed,
	(SELECT count(*) FROM p WHERE outcome = 'planned') AS unreached,
	(SELECT count(DISTINCT subject) FROM c WHERE subject_kind = 'tensor') AS tensors,
	(SELECT count(DISTINCT subject) FROM c WHERE subject_kind = 'op') AS operations,
	(SELECT count(DISTINCT network) FROM c WHERE subject_kind = 'network') AS networks
FROM r

-- # choices
-- The table of the report: the better of its subject and size a row is, the earlier it is taken, ?1
-- rows at most.
WITH
ranked AS (
	SELECT *,
		row_number() OVER (PARTITION BY subject, round(bits_per_element)
			ORDER BY coalesce(sqnr_db, CASE exact WHEN 1 THEN 1e9 END) DESC, bytes,
				median_ns, label) AS place,
		coalesce(verdict IN ('exact', 'within'), 0) AS correct
	FROM choice
),
taken AS (SELECT * FROM ranked ORDER BY place, label LIMIT ?1)
SELECT label, subject,
	substr(label, instr(label, ' ') + 1, CASE WHEN kernel IS NULL THEN length(label)
		ELSE instr(label, ' | ') - instr(label, ' ') - 1 END) AS recipe,
	bytes, bits_per_element, sqnr_db, exact, kernel,
	CASE WHEN correct THEN median_ns END AS median_ns,
	CASE WHEN correct THEN speedup_over_float END AS speedup_over_float,
	coalesce(skip, warning) AS remark, config, data, config_name
FROM taken ORDER BY subject_kind DESC, subject, bytes, label
