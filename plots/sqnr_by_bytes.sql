-- Every recipe by its size and its accuracy, and those that no other beats in both.  Up to 12
-- tensors have a panel each; of more, a recipe is told by its medians over the tensors that have
-- it.  Where the study has no tensors, its operations stand here with the bytes of their weights.
-- empty: no quantized choice with a size and an SQNR is stored
WITH
cell AS (
	SELECT DISTINCT accuracy_key, subject, subject_kind, weight_format || weight_bits AS format,
	       weight_granularity AS granularity, weight_calibration AS calibration,
	       weight_scheme AS scheme, weight_scale AS scale, rounding,
	       activation_bits, activation_scheme, activation_calibration,
	       bits_per_element AS size, sqnr_db
	FROM choice
	WHERE sqnr_db IS NOT NULL AND bits_per_element IS NOT NULL
),
shown AS (
	SELECT *, dense_rank() OVER (ORDER BY subject) AS subject_number,
	       format || '.' || coalesce(scheme, activation_scheme) || '.' || scale || '.'
	       || granularity || '.' || calibration || '.' || rounding AS recipe
	FROM cell
	WHERE granularity IS NOT NULL
		AND subject_kind = (SELECT max(subject_kind) FROM cell
		                    WHERE granularity IS NOT NULL)
),
many AS (SELECT max(subject_number) AS subjects FROM shown),
by_size AS (
	SELECT recipe, format, granularity, calibration, size, sqnr_db,
	       row_number() OVER (PARTITION BY recipe ORDER BY size) AS size_place,
	       row_number() OVER (PARTITION BY recipe ORDER BY sqnr_db) AS sqnr_place,
	       count(*) OVER (PARTITION BY recipe) AS subjects
	FROM shown
),
point AS (
	SELECT subject AS panel, format, granularity, calibration, size, sqnr_db
	FROM shown, many WHERE many.subjects <= 12
	UNION ALL
	SELECT 'median of ' || many.subjects || ' tensors, one recipe for all', format, granularity,
	       calibration, max(CASE WHEN size_place = (by_size.subjects + 1) / 2 THEN size END),
	       max(CASE WHEN sqnr_place = (by_size.subjects + 1) / 2 THEN sqnr_db END)
	FROM by_size, many
	-- a recipe that a tenth of the tensors lack would be told by the others alone
	WHERE many.subjects > 12 AND 10 * by_size.subjects >= 9 * many.subjects
	GROUP BY recipe
),
ordered AS (
	SELECT *, max(sqnr_db) OVER (
		PARTITION BY panel ORDER BY size, sqnr_db DESC
		ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS smaller_has
	FROM point
)
SELECT panel, series, size, sqnr_db, label FROM (
	SELECT panel, 'per ' || granularity AS series, size, sqnr_db, NULL AS label, 0 AS part,
	       granularity
	FROM point
	UNION ALL
	SELECT panel, 'not beaten in both', size, sqnr_db,
	       CASE row_number() OVER (PARTITION BY panel, round(size) ORDER BY sqnr_db DESC)
	       WHEN 1 THEN format || ' ' || granularity || ' ' || calibration END, 1, ''
	FROM ordered WHERE smaller_has IS NULL OR sqnr_db > smaller_has
)
ORDER BY panel, part, granularity = 'tensor' DESC, granularity = 'channel' DESC,
         length(series), series, size, sqnr_db
