-- What each calibration loses against the best one, per tensor at the width nearest to 4 bits; a
-- panel for each of two schemes.  Of more than 30 tensors, those are taken on which the
-- calibrations differ most.
-- empty: no tensor is stored with one range for all its values and an SQNR
WITH
width AS (
	SELECT bits FROM error
	WHERE tensor = 'tensor' AND format = 'int' AND granularity = 'tensor' AND exact = 0
	ORDER BY abs(bits - 4), bits LIMIT 1
),
-- the other axes (scale, rounding, seed) at their best
cell AS (
	SELECT subject, scheme, calibration, bits, max(sqnr_db) AS sqnr_db, max(exact) AS exact
	FROM error
	WHERE tensor = 'tensor' AND format = 'int' AND granularity = 'tensor'
		AND bits = (SELECT bits FROM width)
	GROUP BY subject, scheme, calibration
),
loss AS (
	SELECT *, max(sqnr_db) OVER (PARTITION BY subject, scheme) - sqnr_db AS loss_db
	FROM cell
	-- where a rule makes no error at all, the others' loss has no number
	WHERE subject NOT IN (SELECT subject FROM cell WHERE exact)
),
schemes AS (
	SELECT scheme FROM loss GROUP BY scheme
	ORDER BY scheme = 'symmetric' DESC, scheme = 'asymmetric' DESC, scheme LIMIT 2
),
subjects AS (
	SELECT subject, max(loss_db) AS most,
	       row_number() OVER (ORDER BY max(loss_db) DESC) AS place,
	       count(*) OVER () AS subjects
	FROM loss JOIN schemes USING (scheme) GROUP BY subject
),
shown AS (
	SELECT subject, subjects, row_number() OVER (ORDER BY most DESC, subject) AS line
	FROM subjects WHERE place <= 30
),
columns AS (
	SELECT calibration, row_number() OVER (ORDER BY avg(loss_db) DESC, calibration) AS rule
	FROM loss JOIN schemes USING (scheme) JOIN shown USING (subject)
	GROUP BY calibration
)
SELECT scheme || ', ' || bits || ' bits, per tensor'
       || CASE WHEN subjects > 30 THEN ': 30 of ' || subjects || ' tensors' ELSE '' END AS panel,
       calibration AS series, rule, line, loss_db, subject,
       row_number() OVER (PARTITION BY line ORDER BY scheme DESC, rule) = 1 AS first
FROM loss JOIN schemes USING (scheme) JOIN shown USING (subject) JOIN columns USING (calibration)
ORDER BY scheme DESC, rule, line
