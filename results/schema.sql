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
-- * choice_label: the label of a choice, or of a timing cell that no choice asked for; `quantsweep run
--   CONFIG --again --only 'label=...'` with it measures the row (or, of a skip, says its reason) anew.
--   config, data: of the latest run that planned the row.
-- * A key is 32 hexadecimal digits (XXH3, 128 bits).
-- * user_version is raised when a statement below changes its meaning; quantsweep opens no other.

PRAGMA application_id = 1903392613;     -- "qswe"
PRAGMA user_version = 6;

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
	network     TEXT,               -- builtin:NAME or a file, without its data
	calibration_data TEXT,          -- a file and what was done to it; NULL: drawn by a generator
	calibration_samples INTEGER,    -- that ranges were chosen from, count
	calibration_seed INTEGER,       -- of their generator
	calibration_scale REAL,         -- each value was multiplied by it; 1: as drawn
	calibration_shift REAL,         -- and this added, in the input's unit; 0: as drawn
	calibration_dropped TEXT,       -- classes left out: 3+7; empty: none
	evaluation_data TEXT,           -- as of calibration, with labels and target
	evaluation_samples INTEGER,     -- that drift and task are of, count
	evaluation_seed INTEGER,        -- of their generator
	weight_format TEXT,             -- int, float, ...
	weight_bits INTEGER,            -- a code, bits; 32 for float
	weight_scheme TEXT,             -- symmetric, asymmetric, ...
	weight_scale TEXT,              -- real, power_of_two
	weight_granularity TEXT,        -- tensor, channel, groupN (N elements share a scale)
	weight_calibration TEXT,        -- with its parameter: percentile(99.99)
	weight_order_dependent INTEGER, -- 1: the calibration hangs on the order of the values
	activation_format TEXT,         -- as of weights
	activation_bits INTEGER,        -- a code, bits; 32 for float
	activation_scheme TEXT,         -- as of weights
	activation_scale TEXT,          -- as of weights
	activation_granularity TEXT,    -- as of weights
	activation_calibration TEXT,    -- as of weights
	activation_order_dependent INTEGER,     -- as of weights
	activation_range TEXT,          -- static, dynamic
	calibration_batch INTEGER,      -- samples at once, of an order-dependent one; NULL: none
	rounding    TEXT,               -- to the nearest code: half_even, ...
	requantization TEXT,            -- of sums to codes: float, ...
	policy      TEXT,               -- which layers, with its parameter: all, ...
	recovery    TEXT,               -- what is done against the loss: none, ...
	-- timing; operation, shape and types also where the subject is an op
	operation   TEXT,               -- gemm, quantize, ...; network: a whole one
	shape       TEXT,               -- MxNxK, elements; of conv2d as in 1x56x56x64-64k3s1p1;
					-- of a network's times HxWxC of a sample
	types       TEXT,               -- of a, w, y: u8s8s32
	kernel      TEXT,               -- full name; of a network best, or an instruction set
	library     TEXT,               -- quantsweep, or another library's name
	peer        TEXT,               -- whose code the kernel calls; NULL: its library's own
	library_hash TEXT,              -- key: the library's file
	threads     INTEGER,            -- that share one call, count
	batch       INTEGER,            -- samples a call, count
	cache       TEXT,               -- warm, cold
	machine_id  TEXT REFERENCES machine (machine_id),       -- where it is timed
	work_ops    INTEGER,            -- 2mnk multiplications and additions a call; NULL: none
	work_bytes  INTEGER,            -- of a and w read and y written, each element and scale
					-- once; of a network those of all layers
	weight_bytes INTEGER,           -- those of w alone; NULL: there is none
	peak_bytes  INTEGER             -- of a network: of activations that live at once, planned
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
	layer_index INTEGER NOT NULL,   -- of a network in graph order from 0; else -1
	tensor      TEXT NOT NULL,      -- 'tensor'; of an op 'a', 'w', 'y'; 'LAYER.weight'
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
	abs_error_p95 REAL,             -- 95 % of the |error| are at most this, in its unit
	abs_error_p999 REAL,            -- 99.9 % of them, in the tensor's unit
	bias_over_step REAL,            -- mean of error / own step; fair rounding: near 0
	kl_divergence REAL,             -- of the values' histogram from the quantized ones', nats
	output_sqnr_db REAL,            -- of weights: of their layer's or op's output where they
					-- alone are quantized, dB; NULL where either is 0
	output_relative_rmse REAL,      -- the same as root of error / signal
	calibration_bound_db REAL,      -- SQNR that no range could add to it, dB at most; NULL:
					-- the calibration does not know
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

-- A network under one recipe: once with floats, once simulated, once in integers.
CREATE TABLE network_run (
	cell_key    TEXT NOT NULL PRIMARY KEY   -- network, data, recipe and seed
		REFERENCES cell (cell_key),
	metric      TEXT NOT NULL,      -- what the task is judged by: top1, mse, ...
	samples     INTEGER NOT NULL,   -- evaluated, count
	bytes       INTEGER,            -- packed weights with their scales, and biases
	integer_macs INTEGER NOT NULL,  -- multiply-adds in integers, of one sample, count
	float_macs  INTEGER NOT NULL,   -- multiply-adds in floats, of one sample, count
	integer_hash TEXT,              -- key: all layers' integer outputs; NULL: there are none
	no_integer  TEXT,               -- why there is no integer run; NULL: there is one
	-- words and counters, of the run that stored the row
	warning     TEXT,               -- what to know before trusting the row; NULL: nothing
	float_runs  INTEGER NOT NULL,   -- layers computed with floats, for all recipes, count
	isolated_runs INTEGER NOT NULL, -- layers x samples, each from float inputs, count
	cumulative_runs INTEGER NOT NULL,       -- from the layers before it, simulated, count
	integer_runs INTEGER NOT NULL,  -- from the layers before it, in integers, count
	local_runs  INTEGER NOT NULL,   -- in integers from simulated codes, count
	output_runs INTEGER NOT NULL,   -- from float inputs, the weights alone quantized, count
	element_visits INTEGER NOT NULL -- elements read to choose ranges, count
) STRICT, WITHOUT ROWID;

-- What happens to the error on its way: numbers over all samples and elements of a layer's output.
-- isolated: float inputs; cumulative: inputs from the quantized layers before it, simulated;
-- integer: from the integer layers before it.
CREATE TABLE layer (
	cell_key    TEXT NOT NULL       -- network, data, recipe and seed
		REFERENCES network_run (cell_key),
	layer_index INTEGER NOT NULL,   -- in graph order from 0
	layer       TEXT NOT NULL,      -- name of its first node
	operation   TEXT NOT NULL,      -- conv, gemm, add, ...
	island      INTEGER NOT NULL,   -- 1: stays in floats
	isolated_sqnr_db REAL,          -- 10 log10(signal / error), dB; NULL where either is 0
	isolated_relative_rmse REAL,    -- root of error / signal
	rmse_over_step REAL,            -- isolated: each error over its own step; healthy: 0.289
	cumulative_sqnr_db REAL,        -- dB, as isolated
	cumulative_relative_rmse REAL,  -- as isolated
	cosine      REAL,               -- cumulative: of the angle between output and float output
	max_abs     REAL,               -- cumulative: largest |error|, in the output's unit
	integer_sqnr_db REAL,           -- dB, as isolated
	integer_relative_rmse REAL,     -- as isolated
	activation_saturated_fraction REAL,     -- cumulative: share of output codes cut off
	weight_saturated_fraction REAL, -- share of weight codes cut off
	step_gap_local REAL,            -- largest |integer - simulated|, steps, from equal codes
	differing_fraction_local REAL,  -- share of codes that differ, from equal codes
	step_gap    REAL,               -- largest |integer - simulated|, steps, from the input
	differing_fraction REAL,        -- share of codes that differ, from the input
	weight_channel_spread REAL,     -- largest output channel's max |w| over the middle one's
	weight_dead_fraction REAL,      -- share of output channels whose weights hold one value
	bias_units  REAL,               -- largest |bias| / (input step * weight step), count
	bias_error_steps REAL,          -- most that rounding to such units costs, output steps
	PRIMARY KEY (cell_key, layer_index)
) STRICT, WITHOUT ROWID;

-- What the quantizer of a network's activations was given and what came: a row an edge.  The least
-- and greatest values are those of the float run.
CREATE TABLE calibrated_range (
	cell_key    TEXT NOT NULL       -- network, data, recipe and seed
		REFERENCES network_run (cell_key),
	layer_index INTEGER NOT NULL,   -- of the layer whose output it is; -1: the network's input
	layer       TEXT NOT NULL,      -- its name, or 'input'
	range_low   REAL,               -- chosen, in the edge's unit; NULL: one for each sample
	range_high  REAL,               -- its other end
	step        REAL,               -- from code to code, in the edge's unit; NULL as the range
	calibrated_low REAL,            -- least value of the calibration samples; NULL as the range
	calibrated_high REAL,           -- their greatest
	calibrated_bulk REAL,           -- 99.9 % of their |x| are at most this
	seen_low    REAL,               -- least value of the evaluation samples
	seen_high   REAL,               -- their greatest
	saturated_fraction REAL,        -- share cut off: of the input's values, else as the layer's
	sqnr_db     REAL,               -- of the input's own quantizer, dB; NULL of layers
	channel_spread REAL,            -- largest channel's max |x| over the middle one's
	dead_fraction REAL,             -- share of channels that hold one value
	PRIMARY KEY (cell_key, layer_index)
) STRICT, WITHOUT ROWID;

CREATE TABLE task_value (
	cell_key    TEXT NOT NULL       -- network, data, recipe and seed
		REFERENCES network_run (cell_key),
	metric      TEXT NOT NULL,      -- what value measures
	execution   TEXT NOT NULL       -- how the network was computed
		CHECK (execution IN ('float', 'simulated', 'integer')),
	samples     INTEGER NOT NULL,   -- count
	value       REAL NOT NULL,      -- in the metric's unit
	difference  REAL,               -- value - value of float, in the metric's unit
	low         REAL,               -- the true difference lies above it, and
	high        REAL,               -- below it, with 95 %, in the metric's unit
	lost        INTEGER,            -- samples right in float and wrong here, count
	gained      INTEGER,            -- the reverse, count
	sample_key  TEXT                -- each sample's own value
		REFERENCES sample_values (sample_key),
	PRIMARY KEY (cell_key, metric, execution)
) STRICT, WITHOUT ROWID;

-- Once each, because recipes that change no answer are many.
CREATE TABLE sample_values (
	sample_key  TEXT NOT NULL PRIMARY KEY,  -- key: of the bytes
	bytes       BLOB NOT NULL       -- a bit a sample (1: right; first in bit 0), or a double
) STRICT, WITHOUT ROWID;

-- What each layer of a network costs by itself, simulated, on samples drawn from the evaluation's:
-- where a cell has it of several numbers of samples, the most count.
CREATE TABLE sensitivity_run (
	cell_key    TEXT NOT NULL       -- network, data, recipe and seed
		REFERENCES network_run (cell_key),
	samples     INTEGER NOT NULL,   -- drawn from the evaluation's, count
	metric      TEXT NOT NULL,      -- what values measure
	float_value REAL,               -- of the float run on them, in the metric's unit; NULL: none
	-- counters, of the run that stored the row
	base_runs   INTEGER NOT NULL,   -- layers x samples computed for the parts themselves, count
	only_runs   INTEGER NOT NULL,   -- for one layer quantized alone, count
	spared_runs INTEGER NOT NULL,   -- for one layer spared alone, count
	macs        INTEGER NOT NULL,   -- multiply-adds of all of these, count
	PRIMARY KEY (cell_key, samples)
) STRICT, WITHOUT ROWID;

-- A part of the recipe on all layers that it quantizes: what a spared layer is held against.
CREATE TABLE sensitivity_part (
	cell_key    TEXT NOT NULL,      -- network, data, recipe and seed
	samples     INTEGER NOT NULL,   -- as in sensitivity_run
	part        TEXT NOT NULL       -- what is quantized; weights, activations: the other is float
		CHECK (part IN ('weights', 'activations', 'both')),
	quantized_sqnr_db REAL,         -- of the network's output, dB; NULL where either is 0
	quantized_value REAL,           -- in the metric's unit; NULL: a sample's range was refused
	quantized_lost INTEGER,         -- samples right in float and wrong here, count
	quantized_gained INTEGER,       -- the reverse, count
	PRIMARY KEY (cell_key, samples, part),
	FOREIGN KEY (cell_key, samples) REFERENCES sensitivity_run (cell_key, samples)
) STRICT, WITHOUT ROWID;

-- One layer that the part quantizes: it alone quantized, and it alone left in float.
CREATE TABLE sensitivity_layer (
	cell_key    TEXT NOT NULL,      -- network, data, recipe and seed
	samples     INTEGER NOT NULL,   -- as in sensitivity_run
	part        TEXT NOT NULL,      -- as in sensitivity_part
	layer_index INTEGER NOT NULL,   -- in graph order from 0
	only_sqnr_db REAL,              -- of the network's output, dB; NULL where either is 0
	only_value  REAL,               -- in the metric's unit; NULL: a sample's range was refused
	only_lost   INTEGER,            -- samples right in float and wrong here, count
	only_gained INTEGER,            -- the reverse, count
	spared_sqnr_db REAL,            -- the layer spared: as only_sqnr_db
	spared_value REAL,              -- as only_value
	spared_lost INTEGER,            -- against float: as only_lost
	spared_gained INTEGER,          -- as only_gained
	PRIMARY KEY (cell_key, samples, part, layer_index),
	FOREIGN KEY (cell_key, samples, part)
		REFERENCES sensitivity_part (cell_key, samples, part)
) STRICT, WITHOUT ROWID;

-- One fresh worker process checked and timed the race once; one row a runner.  Launches of one set
-- are shown together: a run takes up the race's latest set where it is good and lacks launches (a
-- run was killed, or fewer were asked for), with the same kernels on the same machine; else, and
-- with --again, it begins one.
CREATE TABLE launch (
	cell_key    TEXT NOT NULL       -- the runner
		REFERENCES cell (cell_key),
	race        TEXT NOT NULL,      -- with whom it was timed
	set_number  INTEGER NOT NULL    -- the run that began its set
		REFERENCES run (run_number),
	run_number  INTEGER NOT NULL    -- the run that made it
		REFERENCES run (run_number),
	launch      INTEGER NOT NULL,   -- 0, 1, ... within the set
	guest       INTEGER NOT NULL,   -- 1: nobody asked for it (reference, best float, peers)
	best        INTEGER NOT NULL DEFAULT 0, -- 1: what `best` means there: the last of our table
	verdict     TEXT NOT NULL       -- of the check; 'not_run': the worker died
		CHECK (verdict IN ('exact', 'within', 'wrong', 'refused', 'not_run')),
	reason      TEXT,               -- of wrong, refused, not_run
	wrong_fraction REAL,            -- share of outputs outside the kernel's claim
	"order"     INTEGER,            -- place of its first repetition in this launch
	samples     TEXT,               -- JSON array: ns a call, mean in each repetition; one alone
					-- where a call takes 200 ms or more
	median_ns   REAL,               -- of the samples, ns a call
	least_ns    REAL,               -- of the samples, ns a call
	ratio_to_reference REAL,        -- times as fast as it, of medians within this launch
	ratio_to_float REAL,            -- times as fast as the best float kernel, likewise
	ratio_to_best_peer REAL,        -- as the fastest peer of this launch that is not wrong
	cpu         INTEGER,            -- the processor it was pinned to; NULL: not pinned
	ended       REAL NOT NULL,      -- when, seconds since 1970-01-01 UTC
	PRIMARY KEY (cell_key, race, set_number, run_number, launch)
) STRICT, WITHOUT ROWID;

-- What each layer of a network's run took of a call, read off the clock between two layers; one row a
-- layer and launch.
CREATE TABLE layer_time (
	cell_key    TEXT NOT NULL       -- the run
		REFERENCES cell (cell_key),
	race        TEXT NOT NULL,      -- with whom it was timed
	set_number  INTEGER NOT NULL    -- as its launch has it
		REFERENCES run (run_number),
	run_number  INTEGER NOT NULL    -- as its launch has it
		REFERENCES run (run_number),
	launch      INTEGER NOT NULL,   -- as its launch has it
	layer_index INTEGER NOT NULL,   -- in graph order from 0
	layer       TEXT NOT NULL,      -- name of its first node
	operation   TEXT NOT NULL,      -- conv, gemm, add, ...
	work_ops    INTEGER NOT NULL,   -- multiplications and additions a call, of all samples, count
	ns          REAL,               -- in the repetition with the middle time, of all samples (of
					-- several threads those of the first), ns; NULL: not told
	PRIMARY KEY (cell_key, race, set_number, run_number, launch, layer_index)
) STRICT, WITHOUT ROWID;

-- What was seen while times were measured: rows of `quantsweep list warning`.
CREATE TABLE time_warning (
	run_number  INTEGER NOT NULL    -- during which
		REFERENCES run (run_number),
	warning     TEXT NOT NULL,      -- name in the list
	race        TEXT NOT NULL,      -- of which race; empty: of the whole run
	cell_key    TEXT NOT NULL,      -- a runner of that race, or empty
	seen        TEXT NOT NULL,      -- with numbers
	effect      TEXT NOT NULL,      -- on the times
	advice      TEXT NOT NULL,      -- what to do
	PRIMARY KEY (run_number, warning, race, cell_key)
) STRICT, WITHOUT ROWID;

-- One fresh worker process of the speed gate: single calls of a new and an old kernel in turn.
CREATE TABLE duel (
	run_number  INTEGER NOT NULL    -- of the gate
		REFERENCES run (run_number),
	cell_key    TEXT NOT NULL       -- the new kernel
		REFERENCES cell (cell_key),
	decision    INTEGER NOT NULL,   -- 0; 1: a second one, where the first says regressed
	launch      INTEGER NOT NULL,   -- 0, 1, ... within the decision
	started     REAL NOT NULL,      -- since the run began, s
	handicap    INTEGER NOT NULL,   -- units of the new kernel that ran twice, per mille
	r           REAL NOT NULL,      -- the middle one of e1, e2, e3: log of new over old
	e1          REAL NOT NULL,      -- log of new over old: median over groups of four calls
	e2          REAL NOT NULL,      -- of the least times
	e3          REAL NOT NULL,      -- of the tenth percentiles
	old_least_ns REAL NOT NULL,     -- of 40 samples, ns a call
	old_tenth_ns REAL NOT NULL,     -- tenth percentile, ns a call
	old_median_ns REAL NOT NULL,    -- ns a call
	new_least_ns REAL NOT NULL,     -- as of the old one
	new_tenth_ns REAL NOT NULL,     -- as of the old one
	new_median_ns REAL NOT NULL,    -- as of the old one
	calls       INTEGER NOT NULL,   -- in a sample, count
	preempted   INTEGER NOT NULL,   -- samples during which the worker was put aside, count
	cpu         INTEGER,            -- the processor it was pinned to; NULL: not pinned
	old_hash    TEXT NOT NULL,      -- key: the old library's file
	new_hash    TEXT NOT NULL,      -- key: the new library's file
	PRIMARY KEY (run_number, cell_key, decision, launch)
) STRICT, WITHOUT ROWID;

-- What the speed gate concluded, of a kernel at one task.
CREATE TABLE speed_verdict (
	run_number  INTEGER NOT NULL    -- of the gate
		REFERENCES run (run_number),
	label       TEXT NOT NULL,      -- of the timing cell; of a kernel that is gone its name
	cell_key    TEXT                -- the new kernel; NULL: it is gone
		REFERENCES cell (cell_key),
	verdict     TEXT NOT NULL       -- in words
		CHECK (verdict IN ('regressed', 'wrong', 'inconclusive', 'accepted', 'gone', 'new',
			'improved', 'unchanged')),
	change      REAL,               -- of the time, median over launches; 0.02: 2 % slower
	change_low  REAL,               -- the true change lies above it, and
	change_high REAL,               -- below it, with at least 95 %
	old_ns      REAL,               -- median over launches of the medians, ns a call
	new_ns      REAL,               -- as of the old one
	launches    INTEGER NOT NULL,   -- of the first decision, count
	confirming_launches INTEGER NOT NULL,   -- of the second, of which change is then, count
	max_regress REAL NOT NULL,      -- a change up to this is none
	allowed     REAL,               -- that was accepted on purpose; NULL: nothing was
	handicap    INTEGER NOT NULL,   -- units of the new kernel that ran twice, per mille
	note        TEXT,               -- what else to know; NULL: nothing
	command     TEXT,               -- that repeats it alone; NULL: there is none
	PRIMARY KEY (run_number, label)
) STRICT, WITHOUT ROWID;

-- What a machine can do at most, as `quantsweep limits` and `run` measure it; measured again, new
-- rows take the place of those of the same name and threads.  Each launch is a fresh process
-- pinned to its processors.
CREATE TABLE machine_limit (
	machine_id  TEXT NOT NULL       -- whose limit
		REFERENCES machine (machine_id),
	threads     INTEGER NOT NULL,   -- that worked at once, count
	name        TEXT NOT NULL,      -- what it is a limit of: int8_dot, l2_read, read_4096, ...
	loop        TEXT NOT NULL,      -- what was run: int8_dot__avx512vnni, read__avx2, ...
	kind        TEXT NOT NULL,      -- int8_dot, read, ...; read_loop: of a size, not a level
	level       TEXT                -- where the bytes lie; NULL: in registers, or a read_loop
		CHECK (level IN ('l1', 'l2', 'l3', 'dram')),
	value       REAL NOT NULL,      -- the best launch, in unit
	unit        TEXT NOT NULL,      -- GOPS: 10^9 multiplications and additions a second; GB/s
	launches    INTEGER NOT NULL,   -- processes that measured it, count
	spread      REAL,               -- (best - worst launch) / best; NULL: one launch
	working_set INTEGER,            -- bytes that all threads worked on; NULL: arithmetic
	capacity    INTEGER,            -- of the level for these threads, bytes; NULL: without end
	quick       INTEGER NOT NULL,   -- 1: short samples, few launches
	measured    INTEGER NOT NULL,   -- seconds since 1970-01-01 UTC
	run_number  INTEGER             -- run that measured it; NULL: `quantsweep limits`
		REFERENCES run (run_number),
	PRIMARY KEY (machine_id, threads, name, loop)
) STRICT, WITHOUT ROWID;

-- ---- views ----

-- Measured peaks of a machine: of each limit the loop that reached most.
CREATE VIEW "limit" AS
SELECT m.machine_id, m.name, m.threads, max(m.value) AS value, m.unit, r.run_id,
	m.loop, m.kind, m.level, m.launches, m.spread, m.working_set, m.capacity, m.quick,
	m.measured
FROM machine_limit m LEFT JOIN run r ON r.run_number = m.run_number
GROUP BY m.machine_id, m.threads, m.name;

-- The interval of a median over launches: the least and the greatest of up to 8, of more the ranks
-- outside which, on each side, a fair coin's count falls with at most 2.5 %.  From each of these
-- counts on, up to 63, it leaves out one more on each side; tests/t71_views.c compares with C.
CREATE VIEW rank_left_out (from_values) AS
VALUES (9), (12), (15), (17), (20), (23), (25), (28), (30), (33), (35), (37), (40), (42), (44),
	(47), (49), (51), (54), (56), (58), (61), (63);

-- The latest set of launches of a timing cell in a race: medians over launches.  A wrong kernel has
-- times where it was asked for by its name, and nobody is measured by it.  ratio_to_best_peer: in each
-- launch to the fastest peer that is not wrong, with its own interval; best_peer: the peer of the
-- race with the least median_ns.  ratio_low and
-- ratio_high: the interval of the ratio to float (to the reference where there is no float), with
-- the ranks of rank_left_out; NULL of one launch.  gops counts 2mnk operations, gbytes_per_s each
-- operand's elements and scales once, both of the least time.  spread: (greatest - least) / median of the
-- launches' medians.  run_id: the latest run that added to the set.
--
-- roofline_fraction: the time that the machine's limits alone would take over the least time, of
-- the same number of threads.  That is work_bytes at the rate of the smallest level that holds them
-- (cold: DRAM), read by a gemm and copied by quantize and dequantize; for a gemm, where that is
-- longer, work_ops at the peak of its types: int8_dot for codes of 8 bits or fewer, int16 for 16,
-- f32.  roofline_bound: the limit whose time it is.  Above 1 where the bytes lie nearer than by
-- their number, or a loop has met a quieter machine than the limit's.  NULL: a limit is missing.
-- read_loop_fraction: of a gemm with m = 1, the best time of a loop that only reads as many bytes as
-- its weights have, over the least time.
CREATE VIEW throughput AS
WITH measured AS (
	SELECT cell_key, race, max(set_number) AS set_number FROM launch
	WHERE verdict IN ('exact', 'within', 'wrong') GROUP BY cell_key, race
), latest AS (
	SELECT l.cell_key, l.race, coalesce(m.set_number, max(l.set_number)) AS set_number
	FROM launch l LEFT JOIN measured m USING (cell_key, race) GROUP BY l.cell_key, l.race
), counted AS (
	SELECT l.*,
		count(*) OVER this AS launches,
		count(median_ns) OVER this AS times,
		count(ratio_to_reference) OVER this AS references_,
		count(ratio_to_float) OVER this AS floats,
		count(ratio_to_best_peer) OVER this AS peers
	FROM launch l JOIN latest USING (cell_key, race, set_number)
	WINDOW this AS (PARTITION BY cell_key, race)
), one_ratio AS (
	SELECT *, CASE WHEN floats THEN ratio_to_float ELSE ratio_to_reference END AS ratio,
		CASE WHEN floats THEN floats ELSE references_ END AS ratios
	FROM counted
), ranked AS (
	-- NULL sorts first: the k-th of c values among n rows has rank n - c + k
	SELECT *,
		row_number() OVER (this ORDER BY median_ns) - launches + times AS time_rank,
		row_number() OVER (this ORDER BY ratio_to_reference) - launches + references_
			AS reference_rank,
		row_number() OVER (this ORDER BY ratio_to_float) - launches + floats AS float_rank,
		row_number() OVER (this ORDER BY ratio) - launches + ratios AS ratio_rank,
		row_number() OVER (this ORDER BY ratio_to_best_peer) - launches + peers AS peer_rank,
		(SELECT count(*) FROM rank_left_out WHERE ratios >= from_values) AS left_out,
		(SELECT count(*) FROM rank_left_out WHERE peers >= from_values) AS peers_left_out
	FROM one_ratio WINDOW this AS (PARTITION BY cell_key, race)
), summed AS MATERIALIZED (
	SELECT cell_key, race, set_number, max(run_number) AS run_number, max(guest) AS guest,
		max(best) AS best, launches, times,
		max(CASE verdict WHEN 'wrong' THEN 5 WHEN 'not_run' THEN 4 WHEN 'refused' THEN 3
			WHEN 'within' THEN 2 ELSE 1 END) AS worst,
		max(reason) AS reason, max(wrong_fraction) AS wrong_fraction,
		min(least_ns) AS least_ns, min(median_ns) AS lowest, max(median_ns) AS highest,
		max(CASE ratio_rank WHEN 1 + left_out THEN ratio END) AS ratio_low,
		max(CASE ratio_rank WHEN ratios - left_out THEN ratio END) AS ratio_high,
		avg(CASE WHEN 2 * time_rank BETWEEN times AND times + 2 THEN median_ns END)
			AS median_ns,
		avg(CASE WHEN 2 * reference_rank BETWEEN references_ AND references_ + 2
			THEN ratio_to_reference END) AS ratio_to_reference,
		avg(CASE WHEN 2 * float_rank BETWEEN floats AND floats + 2 THEN ratio_to_float END)
			AS ratio_to_float,
		avg(CASE WHEN 2 * peer_rank BETWEEN peers AND peers + 2 THEN ratio_to_best_peer END)
			AS ratio_to_best_peer,
		max(CASE peer_rank WHEN 1 + peers_left_out THEN ratio_to_best_peer END) AS peer_low,
		max(CASE peer_rank WHEN peers - peers_left_out THEN ratio_to_best_peer END)
			AS peer_high
	FROM ranked GROUP BY cell_key, race
), asked AS MATERIALIZED (
	SELECT s.race, s.set_number, min(c.label) AS label
	FROM summed s JOIN cell c USING (cell_key) WHERE NOT s.guest GROUP BY s.race, s.set_number
), best_peer AS MATERIALIZED (
	-- the row of the minimum
	SELECT s.race, s.set_number, c.kernel, min(s.median_ns) AS median_ns
	FROM summed s JOIN cell c USING (cell_key)
	WHERE c.peer IS NOT NULL AND s.worst <= 2 AND s.median_ns IS NOT NULL
	GROUP BY s.race, s.set_number
), roof AS MATERIALIZED (
	SELECT machine_id, threads, kind, name, value, coalesce(capacity, 9e18) AS capacity,
		coalesce(lag(capacity) OVER (PARTITION BY machine_id, threads, kind
			ORDER BY coalesce(capacity, 9e18)), 0) AS below
	FROM "limit"
), read_loop AS MATERIALIZED (
	SELECT machine_id, threads, working_set, value FROM "limit" WHERE kind = 'read_loop'
)
SELECT r.run_id, s.cell_key, c.label, s.race, c.operation, c.shape, c.types, c.kernel, c.library,
	c.threads, c.batch, c.cache, c.machine_id,
	CASE worst WHEN 5 THEN 'wrong' WHEN 4 THEN 'not_run' WHEN 3 THEN 'refused'
		WHEN 2 THEN 'within' ELSE 'exact' END AS verdict,
	s.launches, s.median_ns,
	CASE WHEN times > 1 THEN (highest - lowest) / s.median_ns END AS spread,
	c.work_ops / s.least_ns AS gops,
	c.work_bytes / s.least_ns AS gbytes_per_s,
	CASE WHEN c.work_ops IS NULL THEN c.work_bytes / m.value
		ELSE max(c.work_ops / p.value, c.work_bytes / m.value) END / s.least_ns
		AS roofline_fraction,
	s.ratio_to_reference, s.ratio_to_float, s.ratio_to_best_peer,
	CASE WHEN times > 1 THEN ratio_low END AS ratio_low,
	CASE WHEN times > 1 THEN ratio_high END AS ratio_high,
	s.wrong_fraction,
	s.least_ns, s.guest, s.reason,
	CASE WHEN s.least_ns IS NULL OR m.name IS NULL THEN NULL
		WHEN c.work_ops IS NULL OR c.work_ops / p.value < c.work_bytes / m.value THEN m.name
		ELSE p.name END AS roofline_bound,
	c.weight_bytes / d.value / s.least_ns AS read_loop_fraction,
	coalesce((SELECT min(x.label) FROM choice_row x
		  WHERE x.race = s.race AND x.timing_key <> ''
			AND (s.guest OR x.timing_key = s.cell_key)),
		-- speed alone was asked for: the timing cell's own, a guest's those of its race
		CASE s.guest WHEN 0 THEN c.label ELSE a.label END)
		AS choice_label,
	r.config, r.data, r.name AS config_name, s.set_number,
	b.kernel AS best_peer,
	CASE WHEN times > 1 THEN s.peer_low END AS peer_ratio_low,
	CASE WHEN times > 1 THEN s.peer_high END AS peer_ratio_high,
	c.peer, c.work_ops, c.work_bytes, p.value AS peak_gops, c.weight_bytes, s.best,
	c.peak_bytes,
	-- what a race is beside its shape and types: w6 normal rndnu zeros
	trim(CASE WHEN s.race GLOB c.operation || ':' || c.shape || ':*'
			THEN replace(substr(s.race, length(c.operation || c.shape) + 3,
				instr(s.race, ' ') - length(c.operation || c.shape) - 3), ':', ' ')
			ELSE '' END
		|| substr(s.race, coalesce(nullif(instr(s.race, ' ' || c.cache), 0), length(s.race))
			+ length(c.cache) + 2)) AS detail
FROM summed s JOIN cell c ON c.cell_key = s.cell_key JOIN run r ON r.run_number = s.run_number
LEFT JOIN roof p ON p.machine_id = c.machine_id AND p.threads = c.threads AND p.kind =
	CASE WHEN c.types GLOB '[us][48]*' THEN 'int8_dot' WHEN c.types GLOB 's16*' THEN 'int16'
		WHEN c.types GLOB 'f32*' THEN 'f32' WHEN c.types GLOB 'bf16*' THEN 'bf16_dot' END
LEFT JOIN roof m ON m.machine_id = c.machine_id AND m.threads = c.threads
	AND m.kind = CASE WHEN c.work_ops IS NULL THEN 'copy' ELSE 'read' END
	AND CASE c.cache WHEN 'cold' THEN 8e18 ELSE c.work_bytes END > m.below
	AND CASE c.cache WHEN 'cold' THEN 8e18 ELSE c.work_bytes END <= m.capacity
LEFT JOIN asked a ON a.race = s.race AND a.set_number = s.set_number
LEFT JOIN best_peer b ON b.race = s.race AND b.set_number = s.set_number
LEFT JOIN read_loop d ON d.machine_id = c.machine_id AND d.threads = c.threads
	AND d.working_set = c.weight_bytes AND c.operation = 'gemm' AND c.shape GLOB '1x*';

-- Networks layer by layer, of the launches that view throughput shows.  median_ns: over launches;
-- share: of the sum of all layers; layers_over_whole: that sum over the whole run's median_ns, which
-- is of other loops of the same calls.  speedup_over_float: of medians over launches, the layer's in
-- floats over its own.  gops counts the layer's multiplications and additions of all samples.
CREATE VIEW layers AS
WITH ranked AS (
	SELECT l.*, count(ns) OVER one AS times,
		row_number() OVER (one ORDER BY l.ns) - count(*) OVER one + count(ns) OVER one
			AS place
	FROM layer_time l
	WINDOW one AS (PARTITION BY cell_key, race, set_number, layer_index)
), median AS MATERIALIZED (
	SELECT cell_key, race, set_number, layer_index, layer, operation, work_ops,
		avg(CASE WHEN 2 * place BETWEEN times AND times + 2 THEN ns END) AS median_ns,
		min(ns) AS least_ns
	FROM ranked GROUP BY cell_key, race, set_number, layer_index
), whole AS MATERIALIZED (
	SELECT cell_key, race, set_number, sum(median_ns) AS median_ns FROM median
	GROUP BY cell_key, race, set_number
)
SELECT t.run_id, t.cell_key, t.label, t.race, m.layer_index, m.layer, m.operation, t.types, t.kernel,
	t.library, t.threads, t.batch, t.machine_id, m.median_ns, m.median_ns / w.median_ns AS share,
	m.work_ops / m.least_ns AS gops, f.median_ns / m.median_ns AS speedup_over_float,
	w.median_ns / t.median_ns AS layers_over_whole, t.shape, t.cache, t.detail, t.launches,
	m.least_ns, m.work_ops, t.guest, t.choice_label, t.config, t.data, t.config_name,
	t.set_number
FROM throughput t
JOIN median m ON m.cell_key = t.cell_key AND m.race = t.race AND m.set_number = t.set_number
JOIN whole w ON w.cell_key = t.cell_key AND w.race = t.race AND w.set_number = t.set_number
LEFT JOIN throughput u ON u.race = t.race AND u.set_number = t.set_number
	AND u.operation = 'network' AND u.types = 'f32f32f32' AND u.kernel = 'best'
LEFT JOIN median f ON f.cell_key = u.cell_key AND f.race = u.race AND f.set_number = u.set_number
	AND f.layer_index = m.layer_index
WHERE t.operation = 'network';

-- Each kernel of ours (or of a user) that was asked for beside each peer of its race, or alone.
-- ratio: how many times as fast as the peer, median over launches of the ratio within each, with its
-- interval; best_peer: 1 for the fastest peer that is not wrong.  share: of a gemm with m = 1 that of a
-- loop that reads as many bytes as its weights have, of the others that of the peak of its types, of
-- an operation on one operand that of copying; share_of says which.  int16_share: of an AVX2 kernel on
-- codes that of the peak of 16-bit products in AVX2, through which exact sums of bytes go.  All of the
-- least time.
CREATE VIEW peers AS
WITH t AS MATERIALIZED (SELECT * FROM throughput), pair AS (
	SELECT t.cell_key, t.race, t.set_number, u.cell_key AS peer_key,
		p.median_ns / o.median_ns AS ratio,
		row_number() OVER (one ORDER BY p.median_ns / o.median_ns) AS place,
		count(*) OVER one AS ratios
	FROM t JOIN t u ON u.race = t.race AND u.set_number = t.set_number AND u.peer IS NOT NULL
	JOIN launch o ON o.cell_key = t.cell_key AND o.race = t.race AND o.set_number = t.set_number
	JOIN launch p ON p.cell_key = u.cell_key AND p.race = o.race
		AND p.set_number = o.set_number AND p.run_number = o.run_number
		AND p.launch = o.launch
	WHERE NOT t.guest AND t.peer IS NULL AND o.median_ns IS NOT NULL AND p.median_ns IS NOT NULL
	WINDOW one AS (PARTITION BY t.cell_key, t.race, t.set_number, u.cell_key)
), beside AS (
	SELECT cell_key, race, set_number, peer_key,
		avg(CASE WHEN 2 * place BETWEEN ratios AND ratios + 2 THEN ratio END) AS ratio,
		CASE WHEN ratios > 1 THEN max(CASE place WHEN 1 + left_out THEN ratio END) END
			AS ratio_low,
		CASE WHEN ratios > 1 THEN max(CASE place WHEN ratios - left_out THEN ratio END) END
			AS ratio_high
	FROM (SELECT *, (SELECT count(*) FROM rank_left_out WHERE ratios >= from_values) AS left_out
		FROM pair)
	GROUP BY cell_key, race, set_number, peer_key
)
SELECT t.run_id, t.cell_key, t.label, t.race, t.operation, t.shape, t.types, t.threads, t.machine_id,
	t.kernel, t.library, t.best, t.verdict, t.launches, t.median_ns, t.gops, t.gbytes_per_s,
	coalesce(t.read_loop_fraction, t.gops / t.peak_gops,
		CASE WHEN t.work_ops IS NULL THEN t.roofline_fraction END) AS share,
	CASE WHEN t.read_loop_fraction IS NOT NULL THEN 'read loop'
		WHEN t.gops / t.peak_gops IS NOT NULL THEN 'peak'
		WHEN t.work_ops IS NULL AND t.roofline_fraction IS NOT NULL THEN t.roofline_bound END
		AS share_of,
	u.peer, u.kernel AS peer_kernel, u.verdict AS peer_verdict,
	u.wrong_fraction AS peer_wrong_fraction, u.median_ns AS peer_median_ns,
	b.ratio, b.ratio_low, b.ratio_high, coalesce(u.kernel = t.best_peer, 0) AS best_peer,
	t.detail, t.choice_label, t.config, t.data, t.config_name, t.set_number,
	t.gops / i.value AS int16_share, t.work_ops, t.work_bytes
FROM t LEFT JOIN t u ON u.race = t.race AND u.set_number = t.set_number AND u.peer IS NOT NULL
LEFT JOIN beside b ON b.cell_key = t.cell_key AND b.race = t.race AND b.set_number = t.set_number
	AND b.peer_key = u.cell_key
LEFT JOIN machine_limit i ON i.machine_id = t.machine_id AND i.threads = t.threads
	AND i.name = 'int16' AND i.loop = 'int16__avx2' AND t.kernel GLOB '*__avx2*'
	AND t.types GLOB '[us]8*' AND t.read_loop_fraction IS NULL
WHERE NOT t.guest AND t.peer IS NULL;

-- One row a subject x recipe x kernel x machine: what it costs, what it gains.  sqnr_db of a tensor
-- is its own, of an op its output's, of a network that of its last layer, cumulative and simulated;
-- bytes of a tensor are its own, of an op its weights', of a network its weights' and biases'.
-- lost to difference_high are of the integer execution, else of the simulated one.  A row without
-- times gives way to one with.
CREATE VIEW choice AS
SELECT r.run_id, x.accuracy_key, nullif(x.timing_key, '') AS timing_key, x.label, a.subject,
	a.seed, a.weight_format, a.activation_format, a.weight_bits, a.activation_bits,
	a.weight_scheme, a.activation_scheme, a.weight_scale, a.activation_scale,
	a.weight_granularity, a.activation_granularity, a.weight_calibration,
	a.activation_calibration, a.activation_range, a.rounding, a.requantization, a.policy,
	a.recovery, coalesce(t.types, a.types) AS types, t.kernel, t.library, t.threads, t.batch,
	t.machine_id,
	CASE a.subject_kind WHEN 'op' THEN w.bytes WHEN 'network' THEN n.bytes ELSE e.bytes END
		AS bytes,
	coalesce(e.sqnr_db, z.cumulative_sqnr_db) AS sqnr_db,
	n.metric, f.value AS value_float, s.value AS value_simulated, i.value AS value_integer,
	CASE WHEN i.cell_key IS NULL THEN s.lost ELSE i.lost END AS lost,
	CASE WHEN i.cell_key IS NULL THEN s.gained ELSE i.gained END AS gained,
	(SELECT l.layer FROM layer l WHERE l.cell_key = x.accuracy_key
		AND l.cumulative_sqnr_db < 20 ORDER BY l.layer_index LIMIT 1)
		AS first_layer_below_20_db,
	(SELECT l.layer FROM layer l WHERE l.cell_key = x.accuracy_key
		AND l.isolated_sqnr_db IS NOT NULL
		ORDER BY l.isolated_sqnr_db, l.layer_index LIMIT 1) AS worst_layer,
	(SELECT min(l.isolated_sqnr_db) FROM layer l WHERE l.cell_key = x.accuracy_key)
		AS worst_isolated_db,
	p.median_ns, p.ratio_to_float AS speedup_over_float, p.roofline_fraction,
	CASE WHEN n.no_integer IS NULL
		THEN 1.0 * n.integer_macs / nullif(n.integer_macs + n.float_macs, 0) END
		AS integer_mac_fraction,
	e.mse, coalesce(e.exact, z.max_abs = 0) AS exact, p.verdict,
	coalesce(x.skip, CASE WHEN p.verdict NOT IN ('exact', 'within') THEN p.reason END,
		n.no_integer) AS skip,
	coalesce(e.warning, n.warning) AS warning, a.subject_kind, t.operation, t.shape, t.cache,
	x.race, x.label AS choice_label, r.config, r.data, r.name AS config_name,
	-- what `bytes` holds, and its bits an element, scales and zero points included
	CASE a.subject_kind WHEN 'op' THEN w.elements ELSE e.elements END AS elements,
	CASE a.subject_kind WHEN 'op' THEN 8.0 * w.bytes / w.elements
		ELSE 8.0 * e.bytes / e.elements END AS bits_per_element,
	CASE WHEN i.cell_key IS NULL THEN s.difference ELSE i.difference END AS difference,
	CASE WHEN i.cell_key IS NULL THEN s.low ELSE i.low END AS difference_low,
	CASE WHEN i.cell_key IS NULL THEN s.high ELSE i.high END AS difference_high,
	p.roofline_bound,
	a.network, a.calibration_samples, a.calibration_seed, a.calibration_scale,
	a.calibration_shift, a.calibration_dropped, a.evaluation_samples, a.evaluation_seed,
	p.detail, p.peak_bytes, a.calibration_batch
FROM choice_row x
JOIN run r ON r.run_number = x.run_number
JOIN cell a ON a.cell_key = x.accuracy_key
LEFT JOIN accuracy e ON e.cell_key = x.accuracy_key AND e.layer_index = -1
	AND e.execution = 'simulated'
	AND e.tensor = CASE a.subject_kind WHEN 'op' THEN 'y' ELSE 'tensor' END
LEFT JOIN accuracy w ON w.cell_key = x.accuracy_key AND w.layer_index = -1
	AND w.execution = 'simulated' AND w.tensor = 'w'
LEFT JOIN network_run n ON n.cell_key = x.accuracy_key
LEFT JOIN layer z ON z.cell_key = n.cell_key
	AND z.layer_index = (SELECT max(l.layer_index) FROM layer l WHERE l.cell_key = n.cell_key)
LEFT JOIN task_value f ON f.cell_key = n.cell_key AND f.metric = n.metric AND f.execution = 'float'
LEFT JOIN task_value s ON s.cell_key = n.cell_key AND s.metric = n.metric
	AND s.execution = 'simulated'
LEFT JOIN task_value i ON i.cell_key = n.cell_key AND i.metric = n.metric
	AND i.execution = 'integer'
LEFT JOIN cell t ON t.cell_key = nullif(x.timing_key, '')
LEFT JOIN throughput p ON p.cell_key = nullif(x.timing_key, '') AND p.race = x.race
WHERE (e.cell_key IS NOT NULL OR n.cell_key IS NOT NULL)
AND NOT EXISTS (
	SELECT 1 FROM choice_row y LEFT JOIN cell m ON m.cell_key = nullif(y.timing_key, '')
	WHERE y.label = x.label AND y.run_number > x.run_number AND m.machine_id IS t.machine_id)
AND (x.timing_key <> '' OR NOT EXISTS (
	SELECT 1 FROM choice_row y WHERE y.accuracy_key = x.accuracy_key AND y.timing_key <> ''));

-- One row a quantized tensor, of a network each weight: format to rounding are of the rule that the
-- tensor followed, NULL for an op's output y, which has none of its own.
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
	r.config, r.data, r.name AS config_name, c.network, nullif(e.layer_index, -1) AS layer_index,
	e.abs_error_p95, e.abs_error_p999, e.bias_over_step, e.kl_divergence, e.output_sqnr_db,
	e.output_relative_rmse, e.calibration_bound_db,
	CASE e.operand WHEN 'w' THEN weight_order_dependent WHEN 'a' THEN activation_order_dependent
		END AS order_dependent,
	c.calibration_batch, CASE e.operand WHEN 'a' THEN c.activation_range END AS range
FROM accuracy e JOIN cell c ON c.cell_key = e.cell_key JOIN run r ON r.run_number = c.run_number
WHERE e.execution = 'simulated' AND NOT EXISTS (
	SELECT 1 FROM cell n
	WHERE n.label = c.label AND n.kind = 'accuracy' AND n.run_number > c.run_number);

-- Of networks: what each layer's output lost.  The columns isolated_* are NULL of a float island,
-- integer_* and the gaps where there is no integer run.
CREATE VIEW drift AS
SELECT r.run_id, l.cell_key, c.label, c.seed, c.network, l.layer_index, l.layer, l.operation,
	c.weight_bits, c.activation_bits, c.weight_granularity, c.weight_calibration,
	c.activation_calibration, c.rounding, c.policy, c.requantization, l.isolated_sqnr_db,
	l.cumulative_sqnr_db, l.cumulative_relative_rmse, l.integer_sqnr_db, l.cosine, l.max_abs,
	l.activation_saturated_fraction, l.weight_saturated_fraction, l.rmse_over_step,
	l.step_gap_local, l.step_gap, l.differing_fraction,
	l.isolated_relative_rmse, l.integer_relative_rmse, l.differing_fraction_local, l.island,
	c.subject, c.weight_format, c.activation_format, c.weight_scheme, c.activation_scheme,
	c.weight_scale, c.activation_scale, c.activation_granularity, c.activation_range,
	c.recovery, c.calibration_samples, c.calibration_seed, c.calibration_scale,
	c.calibration_shift, c.calibration_dropped, c.evaluation_samples, c.evaluation_seed,
	c.arithmetic, r.run_number,
	coalesce((SELECT min(x.label) FROM choice_row x WHERE x.accuracy_key = c.cell_key), c.label)
		AS choice_label,
	r.config, r.data, r.name AS config_name, c.calibration_batch
FROM layer l JOIN cell c ON c.cell_key = l.cell_key JOIN run r ON r.run_number = c.run_number
WHERE NOT EXISTS (
	SELECT 1 FROM cell n
	WHERE n.label = c.label AND n.kind = 'accuracy' AND n.run_number > c.run_number);

-- Of networks: each quantizer of activations, the network's input (layer_index -1) first: what
-- calibration saw, the range that was chosen, and what the evaluation samples then held.
CREATE VIEW ranges AS
SELECT r.run_id, k.cell_key, c.label, c.seed, c.network, k.layer_index, k.layer, k.range_low,
	k.range_high, k.step, k.calibrated_low, k.calibrated_high, k.calibrated_bulk, k.seen_low,
	k.seen_high, k.saturated_fraction, k.sqnr_db, k.channel_spread, k.dead_fraction,
	c.weight_bits, c.activation_bits, c.activation_scheme, c.activation_calibration,
	c.activation_range, c.policy, c.calibration_samples, c.evaluation_samples, c.subject,
	c.arithmetic, r.run_number,
	coalesce((SELECT min(x.label) FROM choice_row x WHERE x.accuracy_key = c.cell_key), c.label)
		AS choice_label,
	r.config, r.data, r.name AS config_name
FROM calibrated_range k JOIN cell c ON c.cell_key = k.cell_key
JOIN run r ON r.run_number = c.run_number
WHERE NOT EXISTS (
	SELECT 1 FROM cell n
	WHERE n.label = c.label AND n.kind = 'accuracy' AND n.run_number > c.run_number);

-- Each calibration that was tried, beside those it can be held against.  A place is all of a recipe
-- but one calibration: judged_by 'tensor': a tensor, or an operand of an op or a layer's weights,
-- by its own squared error; 'output': the weights or the activations of a network, the rest of the
-- recipe, `beside`, being equal, by the error of the network's output, cumulative and simulated.
-- An order-dependent calibration has its batch behind its name.  behind_db: SQNR of the place's best
-- less its own, 0 of the best; NULL where the best is exact and it is not: no number says how far.
-- equal: all calibrations of the place are as good as each other, as of a constant.
CREATE VIEW calibration_tried AS
WITH latest AS (
	SELECT * FROM cell c WHERE kind = 'accuracy' AND NOT EXISTS (
		SELECT 1 FROM cell n
		WHERE n.label = c.label AND n.kind = 'accuracy' AND n.run_number > c.run_number)
), side AS (
	SELECT 'w' AS operand, *, weight_format AS format, weight_bits AS bits,
		weight_scheme AS scheme, weight_scale AS scale, weight_granularity AS granularity,
		weight_calibration AS rule, weight_order_dependent AS order_dependent,
		NULL AS range,
		'a=' || activation_format || coalesce(activation_bits || '.' || activation_scheme
			|| '.' || activation_scale || '.' || activation_granularity || '.'
			|| activation_calibration || '.' || activation_range, '') AS other
	FROM latest WHERE weight_calibration IS NOT NULL
	UNION ALL
	SELECT 'a', *, activation_format, activation_bits, activation_scheme, activation_scale,
		activation_granularity, activation_calibration, activation_order_dependent,
		activation_range,
		'w=' || weight_format || coalesce(weight_bits || '.' || weight_scheme || '.'
			|| weight_scale || '.' || weight_granularity || '.' || weight_calibration, '')
	FROM latest WHERE activation_calibration IS NOT NULL
), named AS (
	SELECT *, rule || coalesce(CASE WHEN order_dependent THEN ' cb' || calibration_batch END, '')
		AS calibration
	FROM side
), judged AS (
	-- cells that differ in another operand hold the same row
	SELECT 'tensor' AS judged_by, coalesce(s.network, s.subject) AS subject, e.tensor, s.seed, s.format, s.bits, s.scheme,
		s.scale, s.granularity, s.range, s.rounding, NULL AS beside, s.calibration,
		s.order_dependent, min(e.mse) AS error, min(e.sqnr_db) AS sqnr_db,
		min(e.bytes) AS bytes, min(s.label) AS label
	FROM named s JOIN accuracy e ON e.cell_key = s.cell_key AND e.operand = s.operand
		AND e.execution = 'simulated'
	WHERE e.mse IS NOT NULL
	GROUP BY coalesce(s.network, s.subject), e.tensor, s.seed, s.format, s.bits, s.scheme, s.scale, s.granularity,
		s.range, s.rounding, s.calibration
	UNION ALL
	SELECT 'output', s.subject, iif(s.operand = 'w', 'weights', 'activations'), s.seed,
		s.format, s.bits, s.scheme, s.scale, s.granularity, s.range, s.rounding,
		s.other || ' ' || s.requantization || ' ' || s.policy || ' ' || s.recovery,
		s.calibration, s.order_dependent, z.cumulative_relative_rmse,
		z.cumulative_sqnr_db, n.bytes, s.label
	FROM named s JOIN network_run n USING (cell_key)
	JOIN layer z ON z.cell_key = s.cell_key AND z.layer_index = (
		SELECT max(l.layer_index) FROM layer l WHERE l.cell_key = s.cell_key)
	WHERE z.cumulative_relative_rmse IS NOT NULL
), ranked AS (
	SELECT *, count(*) OVER place AS rules, min(error) OVER place AS least,
		max(error) OVER place AS most, max(sqnr_db) OVER place AS best_db
	FROM judged
	WINDOW place AS (PARTITION BY judged_by, subject, tensor, seed, format, bits, scheme, scale,
		granularity, range, rounding, beside)
)
SELECT judged_by, subject, tensor, seed, format, bits, scheme, scale, granularity, range, rounding,
	beside, calibration, order_dependent, sqnr_db, error = least AS wins,
	CASE WHEN error = least THEN 0.0 WHEN least > 0 THEN best_db - sqnr_db END AS behind_db,
	rules, least = most AS equal, error = 0 AS exact, bytes, label
FROM ranked WHERE rules > 1;

-- Which calibration wins where, and by how much.  scope 'all': a calibration over all its places,
-- 'bits': over those of one width; how often it wins (equals win together), the middle and the
-- largest of its distances behind the best, and the place of the largest (choice_label); places
-- where all calibrations are equal are left out.  scope 'place': the winners of one place, whose
-- bytes are equal, the best of the others and how far it is behind, and what minmax loses.
-- Distances, dB, are NULL behind a winner without any error; the middle and the largest are of the
-- others.
CREATE VIEW calibration AS
WITH scoped AS (
	SELECT 'all' AS scope, NULL AS width, * FROM calibration_tried WHERE NOT equal
	UNION ALL
	SELECT 'bits', bits, * FROM calibration_tried WHERE NOT equal
), ordered AS (
	SELECT *, count(behind_db) OVER same AS distances,
		row_number() OVER (same ORDER BY behind_db IS NULL, behind_db, label) AS place
	FROM scoped WINDOW same AS (PARTITION BY scope, width, judged_by, calibration)
), beaten AS (
	SELECT *,
		group_concat(iif(wins, calibration, NULL), ', ') OVER (here ORDER BY calibration
			ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS winners,
		row_number() OVER (here ORDER BY wins DESC, behind_db, calibration) - sum(wins)
			OVER here AS after
	FROM calibration_tried
	WINDOW here AS (PARTITION BY judged_by, subject, tensor, seed, format, bits, scheme, scale,
		granularity, range, rounding, beside)
), told AS (
	SELECT scope, judged_by, NULL AS subject, NULL AS tensor, NULL AS seed, NULL AS format,
		width AS bits, NULL AS scheme, NULL AS scale, NULL AS granularity, NULL AS range,
		NULL AS rounding, NULL AS beside, calibration, max(order_dependent)
			AS order_dependent,
		count(*) AS places, sum(wins) AS wins, NULL AS sqnr_db,
		avg(CASE WHEN 2 * place BETWEEN distances AND distances + 2 THEN behind_db END)
			AS behind_db,
		max(behind_db) AS worst_behind_db, NULL AS rules, NULL AS runner_up,
		NULL AS margin_db, NULL AS minmax_behind_db, NULL AS bytes,
		coalesce(max(CASE WHEN place = distances THEN label END), min(label)) AS label
	FROM ordered GROUP BY scope, width, judged_by, calibration
	UNION ALL
	SELECT 'place', judged_by, subject, tensor, seed, format, bits, scheme, scale, granularity,
		range, rounding, beside, winners, max(iif(wins, order_dependent, 0)), 1, sum(wins),
		max(iif(wins, sqnr_db, NULL)), 0.0, max(behind_db), rules,
		max(iif(after = 1, calibration, NULL)), max(iif(after = 1, behind_db, NULL)),
		max(iif(calibration = 'minmax', behind_db, NULL)), min(bytes),
		min(iif(wins, label, NULL))
	FROM beaten
	GROUP BY judged_by, subject, tensor, seed, format, bits, scheme, scale, granularity, range,
		rounding, beside
)
SELECT t.scope, t.judged_by, t.subject, t.tensor, t.seed, t.format, t.bits, t.scheme, t.scale,
	t.granularity, t.range, t.rounding, t.beside, t.calibration, t.order_dependent, t.places,
	t.wins, t.sqnr_db, t.behind_db, t.worst_behind_db, t.rules, t.runner_up, t.margin_db,
	t.minmax_behind_db, t.bytes, t.label, r.run_id, r.run_number,
	coalesce((SELECT min(x.label) FROM choice_row x WHERE x.accuracy_key = c.cell_key), c.label)
		AS choice_label,
	r.config, r.data, r.name AS config_name
FROM told t JOIN cell c ON c.label = t.label AND c.kind = 'accuracy'
JOIN run r ON r.run_number = c.run_number
WHERE NOT EXISTS (
	SELECT 1 FROM cell n
	WHERE n.label = c.label AND n.kind = 'accuracy' AND n.run_number > c.run_number);

-- What a network's answers are worth.  The float execution stands there once for each network and
-- evaluation set, with their names for a label and no recipe.  told_apart: the interval [low, high]
-- of the difference to float does not hold 0.
CREATE VIEW task AS
WITH v AS (
	SELECT v.*, c.label, c.network, c.subject, c.run_number, c.arithmetic,
		CASE v.execution WHEN 'float'
			THEN c.network || substr(c.subject, instr(c.subject, ':eval')) || ' float'
			END AS float_label,
		c.evaluation_samples, c.evaluation_seed
	FROM task_value v JOIN cell c ON c.cell_key = v.cell_key
	WHERE NOT EXISTS (
		SELECT 1 FROM cell n
		WHERE n.label = c.label AND n.kind = 'accuracy' AND n.run_number > c.run_number)
), once AS (
	SELECT * FROM (
		SELECT *, row_number() OVER (PARTITION BY float_label, metric
			ORDER BY run_number DESC, label) AS place
		FROM v WHERE execution = 'float'
	) WHERE place = 1
	UNION ALL
	SELECT *, 1 FROM v WHERE execution <> 'float'
)
SELECT r.run_id, v.cell_key, coalesce(v.float_label, v.label) AS label, c.seed, v.network,
	c.weight_bits, c.activation_bits, c.weight_granularity, c.weight_calibration,
	c.activation_calibration, c.rounding, c.policy, c.requantization, v.metric, v.execution,
	v.samples, v.value, v.lost, v.gained, v.difference, v.low, v.high,
	v.low > 0 OR v.high < 0 AS told_apart,
	c.subject, c.weight_format,
	c.activation_format, c.weight_scheme, c.activation_scheme, c.weight_scale,
	c.activation_scale, c.activation_granularity, c.activation_range, c.recovery,
	c.calibration_samples, c.calibration_seed, c.calibration_scale, c.calibration_shift,
	c.calibration_dropped, v.evaluation_samples, v.evaluation_seed, v.arithmetic, r.run_number,
	coalesce((SELECT min(x.label) FROM choice_row x WHERE x.accuracy_key = v.cell_key), v.label)
		AS choice_label,
	r.config, r.data, r.name AS config_name, c.calibration_batch
FROM once v JOIN run r ON r.run_number = v.run_number
LEFT JOIN cell c ON c.cell_key = v.cell_key AND v.float_label IS NULL;

-- Of networks: what a cell is beside its layers and its task.
CREATE VIEW network AS
SELECT r.run_id, n.cell_key, c.label, c.seed, c.network, n.metric, n.samples, n.bytes,
	n.integer_macs, n.float_macs, n.integer_hash, n.no_integer, n.warning, n.float_runs,
	n.isolated_runs, n.cumulative_runs, n.integer_runs, n.local_runs, n.element_visits,
	n.output_runs, c.subject, c.arithmetic, r.run_number,
	coalesce((SELECT min(x.label) FROM choice_row x WHERE x.accuracy_key = c.cell_key), c.label)
		AS choice_label,
	r.config, r.data, r.name AS config_name
FROM network_run n JOIN cell c ON c.cell_key = n.cell_key JOIN run r ON r.run_number = c.run_number
WHERE NOT EXISTS (
	SELECT 1 FROM cell m
	WHERE m.label = c.label AND m.kind = 'accuracy' AND m.run_number > c.run_number);

-- What a layer costs when it alone is quantized (only_*), and what it gives back when it alone is
-- spared (spared_*, beside quantized_*, where no layer is), with its weights, its activations or
-- both; simulated, on `samples` drawn from the evaluation's.  Each number is that of a recipe: with
-- the other part float, and policy {"only": [LAYER]} or, beside the recipe's own, {"skip": [LAYER]}.
-- So an edge between two layers stays quantized by the one where the other is spared, and sparing
-- the activations of a layer within the network changes nothing.
-- rank: 1 is the layer that alone leaves the output the least SQNR, of its cell and part; what
-- leaves no error comes last.  points: right answers, %; NULL of a metric without right and wrong.
-- passes: what all rows of the cell took, in runs of all layers over all evaluation samples;
-- mac_passes: the same by multiply-adds.
CREATE VIEW sensitivity AS
SELECT r.run_id, s.cell_key, c.label, c.seed, c.network, s.layer_index, l.layer, l.operation,
	s.part,
	row_number() OVER (PARTITION BY s.cell_key, s.part
		ORDER BY s.only_sqnr_db IS NULL, s.only_sqnr_db, s.layer_index) AS rank,
	n.metric, s.samples, n.float_value AS float_metric,
	p.quantized_sqnr_db, p.quantized_value AS quantized_metric,
	s.only_sqnr_db, s.only_value AS only_metric,
	CASE WHEN s.only_lost IS NOT NULL THEN 100.0 * (s.only_lost - s.only_gained) / s.samples END
		AS only_lost_points,
	s.spared_sqnr_db, s.spared_value AS spared_metric,
	s.spared_sqnr_db - p.quantized_sqnr_db AS spared_gained_db,
	100.0 * (p.quantized_lost - p.quantized_gained - s.spared_lost + s.spared_gained) / s.samples
		AS spared_gained_points,
	s.only_lost, s.only_gained, s.spared_lost, s.spared_gained, p.quantized_lost,
	p.quantized_gained,
	1.0 * (n.base_runs + n.only_runs + n.spared_runs) / c.evaluation_samples /
		(SELECT count(*) FROM layer z WHERE z.cell_key = s.cell_key) AS passes,
	1.0 * n.macs / c.evaluation_samples / nullif(w.integer_macs + w.float_macs, 0)
		AS mac_passes,
	c.weight_bits, c.activation_bits, c.weight_granularity, c.weight_calibration,
	c.activation_calibration, c.rounding, c.policy, c.requantization, c.subject,
	c.weight_format, c.activation_format, c.weight_scheme, c.activation_scheme,
	c.weight_scale, c.activation_scale, c.activation_granularity, c.activation_range,
	c.recovery, c.evaluation_samples, c.evaluation_seed, c.arithmetic, r.run_number,
	coalesce((SELECT min(x.label) FROM choice_row x WHERE x.accuracy_key = c.cell_key), c.label)
		AS choice_label,
	r.config, r.data, r.name AS config_name, l.layer || ' ' || s.part AS layer_part
FROM sensitivity_layer s
JOIN sensitivity_part p USING (cell_key, samples, part)
JOIN sensitivity_run n USING (cell_key, samples)
JOIN network_run w USING (cell_key)
JOIN layer l ON l.cell_key = s.cell_key AND l.layer_index = s.layer_index
JOIN cell c ON c.cell_key = s.cell_key
JOIN run r ON r.run_number = c.run_number
WHERE s.samples = (SELECT max(z.samples) FROM sensitivity_run z WHERE z.cell_key = s.cell_key)
AND NOT EXISTS (
	SELECT 1 FROM cell m
	WHERE m.label = c.label AND m.kind = 'accuracy' AND m.run_number > c.run_number);

-- Times over runs: a row a set of launches of a kernel in a race, in time order; a kernel goes on
-- under its label on one machine, whichever build of its library it is in.  run_id, started, version:
-- of the run that began the set.  place: 1, 2, ... in its line.
--
-- change_point, for looking and never for failing: 1 where, of least_ns, the up to 5 runs before
-- and the up to 5 from here on (3 at least) lie apart.  That is: their ranges do not meet, the gap is
-- at least half of the wider range (a steady drift has no such gap), and their middles differ by more
-- than 3 %; of such neighbours within 4 runs the one with the widest gap.  0: no; NULL: fewer than 3
-- runs on one side.  change: the middle from here on over that before, 1.1: 10 % slower.  The least
-- time is taken because it moves least from run to run on a shared machine.  Of made-up runs of noise
-- alone (1 to 8 %, or one in five 30 % slow) fewer than 1 in 1,000 is marked; a step of 5 % under
-- noise of 1 % is marked in 8 of 10.
CREATE VIEW trend AS
WITH counted AS (
	SELECT l.*, count(*) OVER this AS times, count(ratio_to_reference) OVER this AS ratios
	FROM launch l WHERE median_ns IS NOT NULL AND verdict IN ('exact', 'within')
	WINDOW this AS (PARTITION BY cell_key, race, set_number)
), ranked AS (
	SELECT *, row_number() OVER (this ORDER BY median_ns) AS time_rank,
		row_number() OVER (this ORDER BY ratio_to_reference) - times + ratios AS ratio_rank
	FROM counted WINDOW this AS (PARTITION BY cell_key, race, set_number)
), point AS (
	SELECT cell_key, race, set_number, times AS launches, min(least_ns) AS least_ns,
		avg(CASE WHEN 2 * time_rank BETWEEN times AND times + 2 THEN median_ns END)
			AS median_ns,
		avg(CASE WHEN 2 * ratio_rank BETWEEN ratios AND ratios + 2
			THEN ratio_to_reference END) AS ratio_to_reference
	FROM ranked GROUP BY cell_key, race, set_number
), placed AS (
	SELECT r.run_id, r.started, r.version, p.*, c.label, c.kernel, c.library, c.machine_id,
		c.operation, c.shape, c.types, r.config, r.data, r.name AS config_name,
		row_number() OVER line AS place,
		count(*) OVER before AS runs_before,
		count(*) OVER after AS runs_after,
		min(least_ns) OVER before AS low_before, max(least_ns) OVER before AS high_before,
		min(least_ns) OVER after AS low_after, max(least_ns) OVER after AS high_after
	FROM point p JOIN cell c USING (cell_key) JOIN run r ON r.run_number = p.set_number
	WINDOW line AS (PARTITION BY c.machine_id, race, c.library, c.label
			ORDER BY r.started, p.set_number, p.cell_key),
		before AS (line ROWS BETWEEN 5 PRECEDING AND 1 PRECEDING),
		after AS (line ROWS BETWEEN CURRENT ROW AND 4 FOLLOWING)
), gapped AS (
	SELECT *, (low_after + high_after) / (low_before + high_before) AS change,
		max(low_after / high_before, low_before / high_after) - 1 AS gap,
		max(high_after / low_after, high_before / low_before) - 1 AS width
	FROM placed
), judged AS (
	SELECT *, CASE WHEN runs_before >= 3 AND runs_after >= 3 THEN
		CASE WHEN gap > 0 AND gap >= 0.5 * width AND max(change, 1 / change) > 1.03
			THEN gap ELSE 0 END END AS step
	FROM gapped
)
SELECT run_id, started, version, cell_key, label, race, kernel, machine_id, median_ns,
	ratio_to_reference,
	step > 0 AND step > coalesce(max(step) OVER (line ROWS BETWEEN 4 PRECEDING AND 1 PRECEDING), 0)
		AND step >= coalesce(max(step) OVER (line ROWS BETWEEN 1 FOLLOWING AND 4 FOLLOWING), 0)
		AS change_point,
	change, least_ns, launches, place, library, operation, shape, types, set_number,
	(SELECT min(x.label) FROM choice_row x
	 WHERE x.race = judged.race AND x.timing_key = judged.cell_key) AS choice_label,
	config, data, config_name
FROM judged
WINDOW line AS (PARTITION BY machine_id, race, library, label ORDER BY place);

-- Verdicts of the speed gate, of every run of it.
CREATE VIEW gate AS
SELECT r.run_id, v.label, v.verdict, c.operation, c.shape, c.types, c.kernel, v.change,
	v.change_low, v.change_high, v.old_ns, v.new_ns, v.launches, v.confirming_launches,
	v.max_regress, v.allowed, v.handicap, v.note, r.machine_id, c.library_hash AS new_hash,
	(SELECT d.old_hash FROM duel d WHERE d.run_number = v.run_number
		AND d.cell_key = v.cell_key LIMIT 1) AS old_hash,
	r.started, r.run_number, v.cell_key, v.command
FROM speed_verdict v JOIN run r ON r.run_number = v.run_number
LEFT JOIN cell c ON c.cell_key = v.cell_key;

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

-- Of a number of error: what its cell says.  Of a time: a row of `quantsweep list warning`, with the
-- label of its race, and NULL where it is of a whole run; of a race what the latest run saw that
-- launched it.
CREATE VIEW warning AS
SELECT r.run_id, c.label, e.warning, c.cell_key,
	coalesce((SELECT min(x.label) FROM choice_row x WHERE x.accuracy_key = c.cell_key), c.label)
		AS choice_label,
	r.config, r.data, r.name AS config_name, NULL AS name, NULL AS seen, NULL AS effect,
	NULL AS advice
FROM accuracy e JOIN cell c ON c.cell_key = e.cell_key JOIN run r ON r.run_number = c.run_number
WHERE e.warning IS NOT NULL
GROUP BY e.cell_key, e.warning
UNION ALL
SELECT n.run_id, n.label, n.warning, n.cell_key, n.choice_label, n.config, n.data, n.config_name,
	NULL, NULL, NULL, NULL
FROM network n WHERE n.warning IS NOT NULL
UNION ALL
SELECT r.run_id, nullif(w.race, ''), w.seen || ': ' || w.effect || '; ' || w.advice,
	nullif(w.cell_key, ''),
	(SELECT min(x.label) FROM choice_row x WHERE x.race = w.race AND x.timing_key <> ''),
	r.config, r.data, r.name, w.warning, w.seen, w.effect, w.advice
FROM time_warning w JOIN run r ON r.run_number = w.run_number
WHERE w.race = '' OR w.run_number = (
	SELECT max(l.run_number) FROM launch l WHERE l.cell_key = w.cell_key AND l.race = w.race);

CREATE VIEW histogram AS
SELECT h.subject, h.tensor, h.seed, h.low, h.high, b.key AS bin,
	h.low + b.key * (h.high - h.low) / h.bins AS bin_low,
	h.low + (b.key + 1) * (h.high - h.low) / h.bins AS bin_high,
	b.value AS count
FROM histogram_bins h, json_each(h.counts) b;
