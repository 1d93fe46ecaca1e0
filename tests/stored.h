/* SPDX-License-Identifier: MIT
 *
 * A small plan made by hand, and made-up results for it: for the tests of what is stored.
 *
 * Three recipes of a tensor; two of a gemm, one in integers and one in floats; a race of the
 * integer kernels with the float one as a guest, and the float one's own; a skip.
 */
#ifndef QS_STORED_H
#define QS_STORED_H

#include "support.h"

#include "../harness/store/store.h"

#include <math.h>

enum { TENSOR_CELLS = 3, ACCURACY_CELLS = 5, TIMINGS = 4, RACES = 2 };
enum { SYMMETRIC4, CHANNEL8, GROUP8, GEMM_INT, GEMM_FLOAT }; /* accuracy cells */
enum { TIMING_REF, TIMING_AVX2, TIMING_GUEST, TIMING_FLOAT };

struct stored {
	struct env env;
	struct config config;
	struct libraries libraries;
	struct machine machine;
	struct subject subjects[2];
	struct accuracy_cell accuracies[ACCURACY_CELLS];
	struct timing_cell timings[TIMINGS];
	struct race races[RACES];
	struct choice choices[6];
	struct skip skips[1];
	struct plan plan;
	struct run_info run;
};

static inline struct rule stored_rule(const char *format, int bits, const char *scheme,
				      const char *granularity, long group, const char *calibration)
{
	struct rule rule = { .format = value_find(format_values, format), .bits = bits };

	if (!scheme)
		return rule;
	rule.scheme = value_find(scheme_values, scheme);
	rule.scale = value_find(scale_values, "real");
	rule.granularity =
		(struct granularity){ value_find(granularity_values, granularity), -1, group };
	rule.calibration = value_find(calibration_values, calibration);
	assert_non_null(rule.scheme);
	assert_non_null(rule.granularity.value);
	assert_non_null(rule.calibration);
	if (rule.calibration->parameter)
		rule.calibration_parameter = rule.calibration->standard;
	rule.calibration_parameter_high = rule.calibration->pair;        /* [-1, 1]       */
	return rule;
}

static inline void stored_accuracy(struct stored *stored, int index, size_t subject,
				   struct rule weights, struct rule activations)
{
	struct accuracy_cell *cell = &stored->accuracies[index];
	struct label label = { .subject = stored->subjects[subject].name };
	struct error error;

	cell->subject = subject;
	cell->cost = 1000;
	cell->recipe = (struct recipe){ .weights = weights,
					.activations = activations,
					.rounding = value_find(rounding_values, "half_even"),
					.seed = 1 };
	if (subject) {
		cell->recipe.requantization = value_find(requantization_values, "float");
		cell->recipe.policy = value_find(policy_values, "all");
		cell->recipe.recovery = value_find(recovery_values, "none");
		cell->recipe.activations.range =
			activations.scheme ? value_find(range_values, "static") : NULL;
	}
	label.recipe = cell->recipe;
	cell->label = label_write(&label, &stored->env, &error);
	assert_non_null(cell->label);
	hash_text(cell->key, cell->label);
}

static inline void stored_timing(struct stored *stored, int index, size_t race, const char *kernel,
				 bool guest)
{
	struct timing_cell *cell = &stored->timings[index];
	struct label label = { .subject = "gemm:4x8x16",
			       .threads = 1,
			       .batch = 1,
			       .cache = value_find(cache_values, "warm"),
			       .kernel = (char *)kernel };
	struct error error;

	cell->race = race;
	cell->guest = guest;
	cell->library = &stored->libraries.libraries[0];
	cell->kernel = kernel_find(cell->library, kernel);
	assert_non_null(cell->kernel);
	cell->label = label_write(&label, &stored->env, &error);
	assert_non_null(cell->label);
	hash_text(cell->key, cell->label);
}

static inline void stored_subjects(struct stored *stored)
{
	const struct source source = { .hash = "00000000000000000000000000000001" };

	stored->subjects[0] = (struct subject){ .kind = SUBJECT_TENSOR,
						.elements = 4096,
						.w = source,
						.name = (char *)"synthetic:outliers:64x64" };
	stored->subjects[1] = (struct subject){
		.kind = SUBJECT_OP,
		.m = 4,
		.n = 8,
		.k = 16,
		.elements = 192,
		.a = source,
		.w = source,
		.operation = (const struct operation *)value_find(operation_values, "gemm"),
		.name = (char *)"gemm:4x8x16:synthetic:relu:synthetic:channel_spread",
	};
}

static inline void stored_recipes(struct stored *stored)
{
	const struct rule none = { 0 }, real = stored_rule("float", 32, NULL, NULL, 0, NULL);

	stored_accuracy(stored, SYMMETRIC4, 0,
			stored_rule("int", 4, "symmetric", "tensor", 0, "minmax"), none);
	stored_accuracy(stored, CHANNEL8, 0,
			stored_rule("int", 8, "symmetric", "channel", 0, "mse"), none);
	stored_accuracy(stored, GROUP8, 0,
			stored_rule("int", 8, "asymmetric", "group", 32, "percentile"), none);
	stored_accuracy(stored, GEMM_INT, 1,
			stored_rule("int", 8, "symmetric", "channel", 0, "minmax"),
			stored_rule("int", 8, "asymmetric", "tensor", 0, "minmax"));
	stored_accuracy(stored, GEMM_FLOAT, 1, real, real);
}

static inline void stored_races(struct stored *stored)
{
	stored_timing(stored, TIMING_REF, 0, "gemm_u8s8s32__ref", false);
	stored_timing(stored, TIMING_AVX2, 0, "gemm_u8s8s32__avx2", false);
	stored_timing(stored, TIMING_GUEST, 0, "gemm_f32f32f32__ref", true);
	stored_timing(stored, TIMING_FLOAT, 1, "gemm_f32f32f32__ref", false);
	for (size_t i = 0; i < RACES; i++)
		stored->races[i] = (struct race){
			.name = (char *)(i ? "gemm:4x8x16 f32f32f32 t1 b1 warm"
					   : "gemm:4x8x16 u8s8s32 t1 b1 warm"),
			.operation = stored->subjects[1].operation,
			.m = 4, .n = 8, .k = 16, .threads = 1, .batch = 1,
			.cache = value_find(cache_values, "warm"),
			.first = i ? 3 : 0, .count = i ? 1 : 3,
			.launches = 1,
		};
}

/* What a plan holds beside its cells, and the run that measures it. */
static inline void stored_plan(struct stored *stored)
{
	const struct choice choices[6] = {
		{ SYMMETRIC4, NO_TIMING, NULL }, { CHANNEL8, NO_TIMING, NULL },
		{ GROUP8, NO_TIMING, NULL },     { GEMM_INT, TIMING_REF, NULL },
		{ GEMM_INT, TIMING_AVX2, NULL }, { GEMM_FLOAT, TIMING_FLOAT, NULL },
	};

	memcpy(stored->choices, choices, sizeof choices);
	stored->skips[0] = (struct skip){ .label = (char *)"missing.npy",
					  .reason = (char *)"no file matches 'missing.npy'" };
	hash_text(stored->skips[0].key, "missing.npy");
	stored->plan = (struct plan){
		.env = &stored->env, .config = &stored->config, .libraries = &stored->libraries,
		.subjects = { .env = &stored->env, .count = 2, .subjects = stored->subjects },
		.accuracy_count = ACCURACY_CELLS, .accuracies = stored->accuracies,
		.timing_count = TIMINGS, .timings = stored->timings,
		.race_count = RACES, .races = stored->races,
		.choice_count = 6, .choices = stored->choices,
		.skip_count = 1, .skips = stored->skips,
	};
	stored->machine = (struct machine){ .id = "0123456789abcdef0123456789abcdef",
					    .cpu = "a CPU", .features = "avx2",
					    .kernel = "Linux 6", .cores = 4 };
	stored->run = (struct run_info){ .machine = &stored->machine,
					 .config_path = "configs/hand.json",
					 .config_text = "{}",
					 .command = "quantsweep run configs/hand.json",
					 .jobs = 2 };
}

/* The plan; nothing of it is measured yet. */
static inline void stored_make(struct stored *stored)
{
	struct error error;

	*stored = (struct stored){ .env = env_system() };
	stored->config = (struct config){ .name = (char *)"hand",
					  .path = (char *)"configs/hand.json" };
	assert_int_equal(libraries_open(&stored->libraries, &stored->env, &error), 0);
	stored_subjects(stored);
	stored_recipes(stored);
	stored_races(stored);
	stored_plan(stored);
}

/* Nothing is known to be stored. */
static inline void stored_forget(struct stored *stored)
{
	for (int i = 0; i < ACCURACY_CELLS; i++)
		stored->accuracies[i].outcome = OUTCOME_PLANNED;
	for (int i = 0; i < TIMINGS; i++)
		stored->timings[i].outcome = OUTCOME_PLANNED;
}

static inline void stored_free(struct stored *stored)
{
	for (int i = 0; i < ACCURACY_CELLS; i++)
		env_free(&stored->env, stored->accuracies[i].label);
	for (int i = 0; i < TIMINGS; i++)
		env_free(&stored->env, stored->timings[i].label);
	libraries_close(&stored->libraries);
}

/* Numbers that differ from cell to cell and from tensor to tensor; a float recipe is exact. */
static inline struct accuracy_result stored_result(const struct stored *stored, int index)
{
	const bool op = stored->accuracies[index].subject == 1, exact = index == GEMM_FLOAT;
	const char *const tensors[] = { op ? "a" : "tensor", "w", "y" };
	struct accuracy_result result = { .outcome = OUTCOME_DONE,
					  .rows = op ? 3 : 1,
					  .element_visits = 4096,
					  .seconds = 0.001 };

	for (int i = 0; i < result.rows; i++) {
		const double mse = exact ? 0 : 0.1 / (1 + index * 3 + i);
		const bool output = i == 2;

		result.row[i] = (struct error_numbers){
			.tensor = tensors[i],
			.elements = 64 * (i + 1),
			.mse = mse,
			.rmse = sqrt(mse),
			.rmse_over_step = output ? NAN : 0.29,
			.sqnr_db = exact ? NAN : 20.5 + index + i,
			.exact = exact,
			.max_abs = 3 * mse,
			.mean_error = -0.001 * mse,
			.cosine = 1 - mse,
			.saturated_fraction = output ? NAN : 0.25,
			.zero_fraction = output ? NAN : 0.125,
			.bytes = output ? NAN : 100.0 * (index + 1) + i,
			.range_low = -1,
			.range_high = 1,
			.scale = index == SYMMETRIC4 ? 1.0 / 7 : NAN,
			.zero_point = index == SYMMETRIC4 ? 0.0 : NAN,
			.abs_error_p95 = 2 * mse,
			.abs_error_p999 = 2.5 * mse,
			.bias_over_step = output ? NAN : 0.0625,
			.kl_divergence = 0.75 * mse,
			.output_sqnr_db = NAN,
			.output_relative_rmse = NAN,
			.calibration_bound_db = index == CHANNEL8 ? 0.03125 : NAN,
		};
	}
	if (index == GROUP8)
		snprintf(result.warning, sizeof result.warning,
			 "a \"quoted\", warning\nof two lines");
	return result;
}

/* One launch: runner i takes (i + 1) * 1000 * `slower` ns. */
static inline struct launch_result stored_launch(const struct race *race, double slower)
{
	struct launch_result result = {
		.runners = (int)race->count, .seconds = 0.5, .pinned = true, .cpu = 3
	};

	for (int i = 0; i < result.runners; i++) {
		struct runner_result *runner = &result.runner[i];

		*runner = (struct runner_result){ .verdict = VERDICT_EXACT,
						  .order = i,
						  .samples = REPETITIONS };
		for (int j = 0; j < REPETITIONS; j++)
			runner->sample_ns[j] = 1000.0 * (i + 1) * slower + j - REPETITIONS / 2;
		runner->median_ns = 1000.0 * (i + 1) * slower;
		runner->least_ns = runner->sample_ns[0];
		runner->ratio_to_reference = slower / (i + 1);
		runner->ratio_to_float = 2 * slower / (i + 1);
		runner->ratio_to_best_peer = 3 * slower / (i + 1);
	}
	return result;
}

static inline void stored_put(struct stored *stored, struct store *store)
{
	struct error error = { 0 };

	for (int i = 0; i < ACCURACY_CELLS; i++) {
		const struct accuracy_result result = stored_result(stored, i);

		if (stored->accuracies[i].outcome == OUTCOME_PLANNED &&
		    store_put_accuracy(store, &stored->plan, (size_t)i, &result, &error))
			fail_msg("%s", error.text);
	}
	for (size_t i = 0; i < RACES; i++) {
		const struct race *race = &stored->races[i];
		const struct launch_result result = stored_launch(race, 1);

		if (stored->timings[race->first].outcome == OUTCOME_PLANNED &&
		    store_put_launch(store, &stored->plan, race, 0, &result, &error))
			fail_msg("%s", error.text);
	}
}

static inline void stored_end(struct store *store)
{
	const struct run_totals totals = { .seconds = 2,
					   .accuracy_seconds = 1,
					   .race_seconds = 1,
					   .accuracy_cost = 5000,
					   .element_visits = 20480 };
	struct error error = { 0 };

	if (store_end_run(store, &totals, &error))
		fail_msg("%s", error.text);
}

/* A file with one whole run in it. */
static inline void stored_file(struct stored *stored, const char *path)
{
	const struct histogram histogram = {
		.tensor = "tensor", .low = -4, .high = 4, .count = { 1, 2, 3 }
	};
	struct store *store;
	struct error error = { 0 };

	if (store_open(&store, &stored->env, path, &error) ||
	    store_begin_run(store, &stored->run, &stored->plan, &error) ||
	    store_put_histogram(store, &stored->plan, 0, &histogram, &error))
		fail_msg("%s", error.text);
	stored_put(stored, store);
	stored_end(store);
	store_close(store);
}

/* One value of a SELECT as text; "NULL"; "none" without a row.  Rotates over 8 static buffers. */
static inline int stored_keep(void *self, const struct row *row)
{
	snprintf(self, 512, "%s", row->values[0] ? row->values[0] : "NULL");
	return 1;
}

/* Joins the first, or the last, column of all rows with ','. */
static inline int stored_join(void *self, const struct row *row)
{
	text_add(self, "%s,", row->values[0]);
	return 0;
}

static inline int stored_join_last(void *self, const struct row *row)
{
	text_add(self, "%s,", row->values[row->columns - 1]);
	return 0;
}

static inline const char *stored_value(struct store *store, const char *sql)
{
	static char values[8][512];
	static unsigned next;
	char *value = values[next++ % 8];
	struct error error = { 0 };

	strcpy(value, "none");
	if (store_query(store, sql, NULL, 0, stored_keep, value, &error))
		fail_msg("%s: %s", sql, error.text);
	return value;
}

static inline void stored_expect(struct store *store, const char *sql, const char *expected)
{
	const char *value = stored_value(store, sql);

	if (strcmp(value, expected))
		fail_msg("%s\ngives    %s\nexpected %s", sql, value, expected);
}

/* Each run that was begun has all the cells of the plan made by hand: none is half written. */
static inline void stored_expect_whole_runs(struct store *store)
{
	stored_expect(store,
		      "SELECT count(*) FROM run r WHERE (SELECT count(*) FROM planned_cell p "
		      "WHERE p.run_number = r.run_number) <> 10",
		      "0");
}

static inline struct store *stored_open(const struct stored *stored, const char *path)
{
	struct store *store;
	struct error error = { 0 };

	if (store_open(&store, &stored->env, path, &error))
		fail_msg("%s", error.text);
	return store;
}

static inline void stored_begin(struct stored *stored, struct store *store)
{
	struct error error = { 0 };

	if (store_begin_run(store, &stored->run, &stored->plan, &error))
		fail_msg("%s", error.text);
}

#endif
