-- SPDX-License-Identifier: MIT
--
-- The one results file.  Tables hold each fact once; people, figures and CI read the views.
--
-- * The first columns of the views choice, error, drift, task and throughput are a promise: these
--   names in this order.  Others may follow.  The tables run and machine are read like views.
-- * Absent is NULL, never a magic value.  Times are nanoseconds of one call unless a name says
--   otherwise; fractions lie in 0..1; sizes are bytes.
-- * A label stands for one row of choice (on a machine) and of error: where the input, the library
--   or the arithmetic behind it changed, the latest plan's; the tables keep the others.
-- * choice_label: the label of a choice; `quantsweep run CONFIG --again --only 'label=...'` with it
--   measures the row (or, of a skip, says its reason) anew.  config, data: of the latest run that
--   planned the row.
-- * A key is 32 hexadecimal digits (XXH3, 128 bits).
-- * user_version is raised when a statement below changes its meaning; quantsweep opens no other.

PRAGMA application_id = 1903392613;     -- "qswe"
PRAGMA user_version = 1;

CREATE TABLE machine (
	machine_id  TEXT NOT NULL PRIMARY KEY,  -- key: CPU model, features, microcode, cores
	cpu         TEXT NOT NULL,      -- model name, as the kernel prints it
	features    TEXT NOT NULL,      -- the instruction sets that kernels here can use
	microcode   TEXT NOT NULL,      -- revision, empty where the kernel hides it
	cores       INTEGER NOT NULL,   -- logical processors, count
	kernel      TEXT NOT NULL       -- operating system and release, as last seen
) STRICT, WITHOUT ROWID;

CREATE TABLE run (
	run_id      TEXT NOT NULL UNIQUE,       -- 128 random bits, 32 hexadecimal digits
	run_number  INTEGER NOT NULL PRIMARY KEY,       -- 1, 2, ... in this file: later is larger
	machine_id  TEXT NOT NULL REFERENCES machine (machine_id),      -- where it ran
	started     INTEGER NOT NULL,   -- seconds since 1970-01-01 UTC
	state       TEXT NOT NULL       -- 'running' also of a run that was killed
		CHECK (state IN ('running', 'done', 'interrupted')),
	name        TEXT NOT NULL,      -- of the config
	config      TEXT NOT NULL,      -- path of the config, as it was given
	data        TEXT,               -- --data, where it was given
	command     TEXT NOT NULL,      -- the command line
	jobs        INTEGER NOT NULL,   -- accuracy cells measured at once, count
	isa         TEXT,               -- --isa, where it was given
	version     TEXT NOT NULL,      -- of quantsweep
	compiler    TEXT NOT NULL,      -- name and version
	build       TEXT NOT NULL,      -- build type, sanitizers
	arithmetic  INTEGER NOT NULL,   -- arithmetic version; numbers of two do not compare
	seconds     REAL,               -- wall clock of the whole run, s
	accuracy_seconds REAL,          -- wall clock of its accuracy cells, s
	race_seconds REAL,              -- wall clock of its races, s
	accuracy_cost REAL,             -- of those cells, in units of about one element looked at
	element_visits INTEGER,         -- elements read to choose ranges, count
	layer_runs  INTEGER,            -- network layers computed, count
	accuracy_rate REAL GENERATED ALWAYS AS  -- cost units a second and job
		(accuracy_cost / nullif(accuracy_seconds * jobs, 0)) VIRTUAL,
	config_text TEXT NOT NULL       -- the config as it was read
) STRICT;

-- What can be measured.  kind 'accuracy': subject x recipe x seed, the same on every machine;
-- 'timing': operation, shape, types x kernel x threads x batch x cache x machine; 'skip': what the
-- plan left out, with nothing but its label.
CREATE TABLE cell (
	cell_key    TEXT NOT NULL PRIMARY KEY,  -- key: all that decides the numbers
	kind        TEXT NOT NULL       -- which of the columns below have a meaning
		CHECK (kind IN ('accuracy', 'timing', 'skip')),
	label       TEXT NOT NULL,      -- readable; --only 'label=...' finds the cell by it
	run_number  INTEGER NOT NULL    -- latest run that planned it
		REFERENCES run (run_number),
	arithmetic  INTEGER NOT NULL,   -- arithmetic version that its numbers have
	-- accuracy
	subject_kind TEXT CHECK (subject_kind IN ('tensor', 'op', 'network')), -- what is quantized
	subject     TEXT,               -- its name, not escaped
	content     TEXT,               -- key: its values, or what makes them beside the seed
	seed        INTEGER,            -- of random data and of synthetic tensors
	weight_format TEXT,             -- int, float, ...
	weight_bits INTEGER,            -- a code, bits; 32 for float
	weight_scheme TEXT,             -- symmetric, asymmetric, ...
	weight_scale TEXT,              -- real, power_of_two
	weight_granularity TEXT,        -- tensor, channel, groupN (N elements share a scale)
	weight_calibration TEXT,        -- with its parameter: percentile(99.99)
	activation_format TEXT,         -- as of weights
	activation_bits INTEGER,        -- a code, bits; 32 for float
	activation_scheme TEXT,         -- as of weights
	activation_scale TEXT,          -- as of weights
	activation_granularity TEXT,    -- as of weights
	activation_calibration TEXT,    -- as of weights
	activation_range TEXT,          -- static, dynamic
	rounding    TEXT,               -- to the nearest code: half_even, ...
	requantization TEXT,            -- of sums to codes: float, ...
	policy      TEXT,               -- which layers: all, ...
	recovery    TEXT,               -- what is done against the loss: none, ...
	-- timing; operation, shape and types also where the subject is an op
	operation   TEXT,               -- gemm, quantize, ...
	shape       TEXT,               -- MxNxK, elements
	types       TEXT,               -- of a, w, y: u8s8s32
	kernel      TEXT,               -- full name
	library     TEXT,               -- quantsweep, or another library's name
	library_hash TEXT,              -- key: the library's file
	threads     INTEGER,            -- that share one call, count
	batch       INTEGER,            -- samples a call, count
	cache       TEXT,               -- warm, cold
	machine_id  TEXT REFERENCES machine (machine_id),       -- where it is timed
	work_ops    INTEGER,            -- 2mnk multiplications and additions a call; NULL: none
	work_bytes  INTEGER             -- bytes of a and w read and y written, each element once
) STRICT, WITHOUT ROWID;
CREATE INDEX cell_by_label ON cell (label, kind, run_number);

-- What a run planned, and what became of it.
CREATE TABLE planned_cell (
	run_number  INTEGER NOT NULL    -- whose plan
		REFERENCES run (run_number),
	cell_key    TEXT NOT NULL       -- what was planned
		REFERENCES cell (cell_key),
	race        TEXT NOT NULL,      -- of a timing cell; else empty
	outcome     TEXT NOT NULL       -- 'planned': the run ended before it came to this cell
		CHECK (outcome IN ('planned', 'done', 'reused', 'skipped', 'failed')),
	reason      TEXT,               -- of skipped and failed
	PRIMARY KEY (run_number, cell_key, race)
) STRICT, WITHOUT ROWID;

-- Rows of the view choice: an accuracy cell beside a timing cell, or alone.
CREATE TABLE choice_row (
	accuracy_key TEXT NOT NULL      -- what it costs
		REFERENCES cell (cell_key),
	timing_key  TEXT NOT NULL,      -- what it gains; empty: no times
	race        TEXT NOT NULL,      -- in which the timing cell was asked for; empty: no times
	run_number  INTEGER NOT NULL    -- latest run that planned it
		REFERENCES run (run_number),
	label       TEXT NOT NULL,      -- of the accuracy cell and, after ' | ', the timing cell
	skip        TEXT,               -- why there are no times, where they were asked for
	PRIMARY KEY (accuracy_key, timing_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX choice_by_race ON choice_row (race, timing_key) WHERE timing_key <> '';
CREATE INDEX choice_by_timing ON choice_row (timing_key) WHERE timing_key <> '';
CREATE INDEX choice_by_skip ON choice_row (skip) WHERE skip IS NOT NULL;
CREATE INDEX choice_by_label ON choice_row (label, run_number);

CREATE TABLE accuracy (
	cell_key    TEXT NOT NULL       -- subject, recipe and seed
		REFERENCES cell (cell_key),
	layer_index INTEGER NOT NULL,   -- in graph order from 0; -1: the whole
	tensor      TEXT NOT NULL,      -- 'tensor'; of an op 'a', 'w', 'y'
	execution   TEXT NOT NULL       -- 'simulated': in floats with rounding put in
		CHECK (execution IN ('simulated', 'integer')),
	operand     TEXT                -- whose rule it followed; NULL: a result of two
		CHECK (operand IN ('a', 'w')),
	elements    INTEGER NOT NULL,   -- count
	mse         REAL,               -- mean squared error, in the tensor's unit squared
	rmse        REAL,               -- its root, in the tensor's unit
	rmse_over_step REAL,            -- root of the mean of (error / own step)^2; healthy: 0.289
	sqnr_db     REAL,               -- 10 log10(signal / error), dB; NULL where either is 0
	exact       INTEGER NOT NULL,   -- 1: the error is 0 everywhere
	max_abs     REAL,               -- largest |error|, in the tensor's unit
	mean_error  REAL,               -- in the tensor's unit: the bias of the rounding
	cosine      REAL,               -- of the angle between values and quantized values
	saturated_fraction REAL,        -- share whose rounded code lies outside the code range
	zero_fraction REAL,             -- share of values other than 0 whose code means 0
	bytes       INTEGER,            -- packed codes, scales and zero points
	range_low   REAL,               -- chosen range, in the tensor's unit; NULL: one a slice
	range_high  REAL,               -- its other end
	stored_scale REAL,              -- one step, in the tensor's unit; NULL: one a slice
	zero_point  INTEGER,            -- the code that means 0; NULL: one a slice
	warning     TEXT,               -- what to know before trusting the row; NULL: nothing
	PRIMARY KEY (cell_key, layer_index, tensor, execution)
) STRICT, WITHOUT ROWID;

-- Distribution of a subject's tensor: equal bins over [low, high], which holds 0.
CREATE TABLE histogram_bins (
	subject     TEXT NOT NULL,      -- its name, not escaped
	tensor      TEXT NOT NULL,      -- 'tensor'; of an op 'a', 'w'
	seed        INTEGER NOT NULL,   -- of random data
	low         REAL NOT NULL,      -- lower edge of the first bin, in the tensor's unit
	high        REAL NOT NULL,      -- upper edge of the last
	bins        INTEGER NOT NULL,   -- count
	counts      TEXT NOT NULL,      -- JSON array: elements in each bin, count
	PRIMARY KEY (subject, tensor, seed)
) STRICT, WITHOUT ROWID;

CREATE TABLE task_value (
	cell_key    TEXT NOT NULL       -- network, recipe and seed
		REFERENCES cell (cell_key),
	metric      TEXT NOT NULL,      -- what value measures
	execution   TEXT NOT NULL       -- how the network was computed
		CHECK (execution IN ('float', 'simulated', 'integer')),
	samples     INTEGER NOT NULL,   -- count
	value       REAL NOT NULL,      -- in the metric's unit
	lost        INTEGER,            -- samples right in float and wrong here, count
	gained      INTEGER,            -- the reverse, count
	PRIMARY KEY (cell_key, metric, execution)
) STRICT, WITHOUT ROWID;

-- One fresh worker process checked and timed the race once; one row a runner.
CREATE TABLE launch (
	cell_key    TEXT NOT NULL       -- the runner
		REFERENCES cell (cell_key),
	race        TEXT NOT NULL,      -- with whom it was timed
	run_number  INTEGER NOT NULL    -- when
		REFERENCES run (run_number),
	launch      INTEGER NOT NULL,   -- 0, 1, ... within the run
	guest       INTEGER NOT NULL,   -- 1: nobody asked for it (reference, best float kernel)
	verdict     TEXT NOT NULL       -- of the check; 'not_run': the worker died
		CHECK (verdict IN ('exact', 'within', 'wrong', 'refused', 'not_run')),
	reason      TEXT,               -- of wrong, refused, not_run
	wrong_fraction REAL,            -- share of outputs outside the kernel's claim
	"order"     INTEGER,            -- place of its first repetition in this launch
	samples     TEXT,               -- JSON array: ns a call, mean in each repetition
	median_ns   REAL,               -- of the samples, ns a call
	least_ns    REAL,               -- of the samples, ns a call
	ratio_to_reference REAL,        -- times as fast as it, of medians within this launch
	ratio_to_float REAL,            -- times as fast as the best float kernel, likewise
	cpu         INTEGER,            -- the processor it was pinned to; NULL: not pinned
	PRIMARY KEY (cell_key, race, run_number, launch)
) STRICT, WITHOUT ROWID;

-- ---- views ----

-- The latest run that measured a timing cell in a race, and its launches: medians over launches;
-- the interval of the ratio to float (to the reference where there is no float) is their least and
-- greatest.  gops counts 2mnk operations, gbytes_per_s each operand's elements once, both of the
-- least time.  spread: (greatest - least) / median of the launches' medians.
CREATE VIEW throughput AS
WITH measured AS (
	SELECT cell_key, race, max(run_number) AS run_number FROM launch
	WHERE verdict IN ('exact', 'within', 'wrong') GROUP BY cell_key, race
), latest AS (
	SELECT l.cell_key, l.race, coalesce(m.run_number, max(l.run_number)) AS run_number
	FROM launch l LEFT JOIN measured m USING (cell_key, race) GROUP BY l.cell_key, l.race
), ranked AS (
	SELECT l.*, coalesce(ratio_to_float, ratio_to_reference) AS ratio,
		row_number() OVER (this ORDER BY median_ns) AS time_rank,
		count(median_ns) OVER this AS times,
		count(*) OVER this - count(median_ns) OVER this AS no_times,
		row_number() OVER (this ORDER BY ratio_to_reference) AS reference_rank,
		count(ratio_to_reference) OVER this AS references_,
		row_number() OVER (this ORDER BY ratio_to_float) AS float_rank,
		count(ratio_to_float) OVER this AS floats
	FROM launch l JOIN latest USING (cell_key, race, run_number)
	WINDOW this AS (PARTITION BY cell_key, race)
), summed AS (
	-- NULL sorts first: the k-th of c values among n rows has rank n - c + k
	SELECT cell_key, race, run_number, max(guest) AS guest, count(*) AS launches, times,
		max(CASE verdict WHEN 'wrong' THEN 5 WHEN 'not_run' THEN 4 WHEN 'refused' THEN 3
			WHEN 'within' THEN 2 ELSE 1 END) AS worst,
		max(reason) AS reason, max(wrong_fraction) AS wrong_fraction,
		min(least_ns) AS least_ns, min(median_ns) AS lowest, max(median_ns) AS highest,
		min(ratio) AS ratio_low, max(ratio) AS ratio_high,
		avg(CASE WHEN 2 * (time_rank - no_times) BETWEEN times AND times + 2
			THEN median_ns END) AS median_ns,
		avg(CASE WHEN 2 * (reference_rank - no_times - times + references_)
			BETWEEN references_ AND references_ + 2
			THEN ratio_to_reference END) AS ratio_to_reference,
		avg(CASE WHEN 2 * (float_rank - no_times - times + floats)
			BETWEEN floats AND floats + 2 THEN ratio_to_float END) AS ratio_to_float
	FROM ranked GROUP BY cell_key, race
)
SELECT r.run_id, s.cell_key, c.label, s.race, c.operation, c.shape, c.types, c.kernel, c.library,
	c.threads, c.batch, c.cache, c.machine_id,
	CASE worst WHEN 5 THEN 'wrong' WHEN 4 THEN 'not_run' WHEN 3 THEN 'refused'
		WHEN 2 THEN 'within' ELSE 'exact' END AS verdict,
	s.launches, s.median_ns,
	CASE WHEN times > 1 THEN (highest - lowest) / s.median_ns END AS spread,
	c.work_ops / s.least_ns AS gops,
	c.work_bytes / s.least_ns AS gbytes_per_s,
	CAST(NULL AS REAL) AS roofline_fraction,
	s.ratio_to_reference, s.ratio_to_float, CAST(NULL AS REAL) AS ratio_to_best_peer,
	CASE WHEN times > 1 THEN ratio_low END AS ratio_low,
	CASE WHEN times > 1 THEN ratio_high END AS ratio_high,
	s.wrong_fraction,
	s.least_ns, s.guest, s.reason,
	(SELECT min(x.label) FROM choice_row x
	 WHERE x.race = s.race AND x.timing_key <> '' AND (s.guest OR x.timing_key = s.cell_key))
		AS choice_label,
	r.config, r.data, r.name AS config_name
FROM summed s JOIN cell c ON c.cell_key = s.cell_key JOIN run r ON r.run_number = s.run_number;

-- One row a subject x recipe x kernel x machine: what it costs, what it gains.  sqnr_db of a tensor
-- is its own, of an op its output's; bytes of a tensor are its own, of an op its weights'.  A row
-- without times gives way to one with.
CREATE VIEW choice AS
SELECT r.run_id, x.accuracy_key, nullif(x.timing_key, '') AS timing_key, x.label, a.subject,
	a.seed, a.weight_format, a.activation_format, a.weight_bits, a.activation_bits,
	a.weight_scheme, a.activation_scheme, a.weight_scale, a.activation_scale,
	a.weight_granularity, a.activation_granularity, a.weight_calibration,
	a.activation_calibration, a.activation_range, a.rounding, a.requantization, a.policy,
	a.recovery, coalesce(t.types, a.types) AS types, t.kernel, t.library, t.threads, t.batch,
	t.machine_id,
	CASE a.subject_kind WHEN 'op' THEN w.bytes ELSE e.bytes END AS bytes,
	e.sqnr_db,
	CAST(NULL AS TEXT) AS metric, CAST(NULL AS REAL) AS value_float,
	CAST(NULL AS REAL) AS value_simulated, CAST(NULL AS REAL) AS value_integer,
	CAST(NULL AS INTEGER) AS lost, CAST(NULL AS INTEGER) AS gained,
	CAST(NULL AS TEXT) AS first_layer_below_20_db, CAST(NULL AS TEXT) AS worst_layer,
	CAST(NULL AS REAL) AS worst_isolated_db,
	p.median_ns, p.ratio_to_float AS speedup_over_float, p.roofline_fraction,
	CAST(NULL AS REAL) AS integer_mac_fraction,
	e.mse, e.exact, p.verdict,
	coalesce(x.skip, CASE WHEN p.verdict NOT IN ('exact', 'within') THEN p.reason END) AS skip,
	e.warning, a.subject_kind, t.operation, t.shape, t.cache, x.race,
	x.label AS choice_label, r.config, r.data,
	r.name AS config_name,
	-- what `bytes` holds, and its bits an element, scales and zero points included
	CASE a.subject_kind WHEN 'op' THEN w.elements ELSE e.elements END AS elements,
	CASE a.subject_kind WHEN 'op' THEN 8.0 * w.bytes / w.elements
		ELSE 8.0 * e.bytes / e.elements END AS bits_per_element
FROM choice_row x
JOIN run r ON r.run_number = x.run_number
JOIN cell a ON a.cell_key = x.accuracy_key
JOIN accuracy e ON e.cell_key = x.accuracy_key AND e.layer_index = -1
	AND e.execution = 'simulated'
	AND e.tensor = CASE a.subject_kind WHEN 'op' THEN 'y' ELSE 'tensor' END
LEFT JOIN accuracy w ON w.cell_key = x.accuracy_key AND w.layer_index = -1
	AND w.execution = 'simulated' AND w.tensor = 'w'
LEFT JOIN cell t ON t.cell_key = nullif(x.timing_key, '')
LEFT JOIN throughput p ON p.cell_key = nullif(x.timing_key, '') AND p.race = x.race
WHERE NOT EXISTS (
	SELECT 1 FROM choice_row n LEFT JOIN cell m ON m.cell_key = nullif(n.timing_key, '')
	WHERE n.label = x.label AND n.run_number > x.run_number AND m.machine_id IS t.machine_id)
AND (x.timing_key <> '' OR NOT EXISTS (
	SELECT 1 FROM choice_row n WHERE n.accuracy_key = x.accuracy_key AND n.timing_key <> ''));

-- One row a quantized tensor: format to rounding are of the rule that the tensor followed, NULL for
-- an op's output y, which has none of its own.
CREATE VIEW error AS
SELECT r.run_id, e.cell_key, c.label, c.seed, c.subject, e.tensor,
	CASE e.operand WHEN 'w' THEN weight_format WHEN 'a' THEN activation_format END AS format,
	CASE e.operand WHEN 'w' THEN weight_bits WHEN 'a' THEN activation_bits END AS bits,
	CASE e.operand WHEN 'w' THEN weight_scheme WHEN 'a' THEN activation_scheme END AS scheme,
	CASE e.operand WHEN 'w' THEN weight_scale WHEN 'a' THEN activation_scale END AS scale,
	CASE e.operand WHEN 'w' THEN weight_granularity WHEN 'a' THEN activation_granularity END
		AS granularity,
	CASE e.operand WHEN 'w' THEN weight_calibration WHEN 'a' THEN activation_calibration END
		AS calibration,
	c.rounding, e.elements, e.mse, e.rmse, e.rmse_over_step, e.sqnr_db, e.exact, e.max_abs,
	e.mean_error, e.cosine, e.saturated_fraction, e.zero_fraction, e.bytes,
	e.range_low, e.range_high, e.stored_scale, e.zero_point, e.warning, c.subject_kind,
	c.weight_bits, c.activation_bits, c.arithmetic, r.run_number,
	coalesce((SELECT min(x.label) FROM choice_row x WHERE x.accuracy_key = e.cell_key), c.label)
		AS choice_label,
	r.config, r.data, r.name AS config_name
FROM accuracy e JOIN cell c ON c.cell_key = e.cell_key JOIN run r ON r.run_number = c.run_number
WHERE e.layer_index = -1 AND e.execution = 'simulated' AND NOT EXISTS (
	SELECT 1 FROM cell n
	WHERE n.label = c.label AND n.kind = 'accuracy' AND n.run_number > c.run_number);

-- Networks are not measured by this version: no rows.
CREATE VIEW drift AS
SELECT NULL AS run_id, NULL AS cell_key, NULL AS label, NULL AS seed, NULL AS network,
	NULL AS layer_index, NULL AS layer, NULL AS operation, NULL AS weight_bits,
	NULL AS activation_bits, NULL AS weight_granularity, NULL AS weight_calibration,
	NULL AS activation_calibration, NULL AS rounding, NULL AS policy, NULL AS requantization,
	NULL AS isolated_sqnr_db, NULL AS cumulative_sqnr_db, NULL AS cumulative_relative_rmse,
	NULL AS integer_sqnr_db, NULL AS cosine, NULL AS max_abs,
	NULL AS activation_saturated_fraction, NULL AS weight_saturated_fraction,
	NULL AS rmse_over_step, NULL AS step_gap_local, NULL AS step_gap,
	NULL AS differing_fraction
WHERE 0;

CREATE VIEW task AS
SELECT r.run_id, v.cell_key, c.label, c.seed, c.subject AS network, c.weight_bits,
	c.activation_bits, c.weight_granularity, c.weight_calibration, c.activation_calibration,
	c.rounding, c.policy, c.requantization, v.metric, v.execution, v.samples, v.value, v.lost,
	v.gained
FROM task_value v JOIN cell c ON c.cell_key = v.cell_key JOIN run r ON r.run_number = c.run_number;

-- What a layer costs when it alone is quantized, or it alone is spared: no rows in this version.
CREATE VIEW sensitivity AS
SELECT NULL AS run_id, NULL AS cell_key, NULL AS label, NULL AS seed, NULL AS network,
	NULL AS layer_index, NULL AS layer, NULL AS operand, NULL AS mode, NULL AS metric,
	NULL AS value, NULL AS loss, NULL AS sqnr_db, NULL AS sqnr_loss_db
WHERE 0;

-- Measured peaks of a machine: no rows in this version.
CREATE VIEW "limit" AS
SELECT NULL AS machine_id, NULL AS name, NULL AS threads, NULL AS value, NULL AS unit,
	NULL AS run_id
WHERE 0;

-- Times over runs: no rows in this version.
CREATE VIEW trend AS
SELECT NULL AS run_id, NULL AS started, NULL AS version, NULL AS cell_key, NULL AS label,
	NULL AS race, NULL AS kernel, NULL AS machine_id, NULL AS median_ns,
	NULL AS ratio_to_reference, NULL AS change_point
WHERE 0;

CREATE VIEW planned AS
SELECT r.run_id, p.cell_key, nullif(p.race, '') AS race, c.kind, c.label, p.outcome, p.reason,
	p.run_number
FROM planned_cell p JOIN cell c ON c.cell_key = p.cell_key
JOIN run r ON r.run_number = p.run_number;

-- What the latest run that planned a cell left out, and why.
CREATE VIEW skip AS
SELECT r.run_id, c.label, p.reason, c.kind, c.cell_key,
	coalesce((SELECT min(x.label) FROM choice_row x WHERE x.accuracy_key = c.cell_key),
		-- a kernel that is not there: a choice of the same shape that goes without times
		(SELECT min(x.label) FROM choice_row x
		 WHERE x.skip = p.reason AND c.label LIKE '% | %' AND
			x.label LIKE substr(c.label, 1, instr(c.label, ' | ') - 1) || ':%'),
		(SELECT min(x.label) FROM choice_row x
		 WHERE x.timing_key = c.cell_key AND x.timing_key <> ''), c.label) AS choice_label,
	r.config, r.data, r.name AS config_name
FROM cell c JOIN planned_cell p ON p.run_number = c.run_number AND p.cell_key = c.cell_key
JOIN run r ON r.run_number = p.run_number
WHERE p.outcome = 'skipped';

CREATE VIEW failed AS
SELECT r.run_id, c.label, p.reason, c.kind, c.cell_key,
	coalesce((SELECT min(x.label) FROM choice_row x WHERE x.accuracy_key = c.cell_key),
		(SELECT min(x.label) FROM choice_row x
		 WHERE x.timing_key = c.cell_key AND x.timing_key <> ''), c.label) AS choice_label,
	r.config, r.data, r.name AS config_name
FROM cell c JOIN planned_cell p ON p.run_number = c.run_number AND p.cell_key = c.cell_key
JOIN run r ON r.run_number = p.run_number
WHERE p.outcome = 'failed';

CREATE VIEW warning AS
SELECT r.run_id, c.label, e.warning, c.cell_key,
	coalesce((SELECT min(x.label) FROM choice_row x WHERE x.accuracy_key = c.cell_key), c.label)
		AS choice_label,
	r.config, r.data, r.name AS config_name
FROM accuracy e JOIN cell c ON c.cell_key = e.cell_key JOIN run r ON r.run_number = c.run_number
WHERE e.warning IS NOT NULL
GROUP BY e.cell_key, e.warning
UNION ALL
SELECT DISTINCT p.run_id, p.label, 'the worker was not pinned to one processor', p.cell_key,
	p.choice_label, p.config, p.data, p.config_name
FROM throughput p JOIN run r ON r.run_id = p.run_id
JOIN launch l ON l.cell_key = p.cell_key AND l.race = p.race AND l.run_number = r.run_number
WHERE l.cpu IS NULL AND l.verdict IN ('exact', 'within');

CREATE VIEW histogram AS
SELECT h.subject, h.tensor, h.seed, h.low, h.high, b.key AS bin,
	h.low + b.key * (h.high - h.low) / h.bins AS bin_low,
	h.low + (b.key + 1) * (h.high - h.low) / h.bins AS bin_high,
	b.value AS count
FROM histogram_bins h, json_each(h.counts) b;
