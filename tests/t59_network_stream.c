/* SPDX-License-Identifier: MIT
 *
 * Static ranges of edges with more values than are kept: the same for any threads, batches and
 * memory, percentiles those of all values sorted, squared errors next to theirs, order-dependent
 * rules given their own batches; what a second pass costs; lack of memory.
 */
#include "support.h"

#include "network_runs.h"

#include "../harness/measure/network_stream.h"
#include "../harness/network/operation.h"
#include "../harness/random.h"

enum { INPUTS = 2048, HIDDEN = 1600, SAMPLES = 700, BATCH = 32, EDGES = 3 };
enum { ALL = SAMPLES * INPUTS };

extern const struct layer_operation layer_gemm;

static const char *const recipes[] = {
	"a=int8.asymmetric.real.tensor.minmax.static",
	"a=int8.symmetric.real.tensor.percentile(99.9).static",
	"a=int8.asymmetric.real.tensor.percentile(99.9).static",
	"a=int4.asymmetric.real.tensor.percentile(99.999).static",
	"a=int4.symmetric.real.tensor.mse.static",
	"a=int8.asymmetric.real.tensor.mse.static",
	"a=int8.symmetric.real.tensor.sigma(3).static",
	"a=int4.asymmetric.real.tensor.aciq_laplace.static",
};
enum { RECIPES = sizeof recipes / sizeof *recipes, ORDERED = RECIPES, CELLS };

static float all[ALL];

/* Many small values, some large, each third is 0. */
static int cubed_sample(uint64_t seed, uint64_t index, float *x, float *target)
{
	for (uint64_t i = 0; i < INPUTS; i++) {
		const uint32_t word = random_at(seed, index, i).word[0];
		const float u = (float)(int32_t)word * 0x1p-31F;

		x[i] = word % 3 ? u * u * u * 5 + 0.01F * u : 0;
	}
	if (target)
		*target = 0;
	return 0;
}

/* Which hangs on order: a moving average of each batch's greatest |x|, and the number of batches. */
struct average {
	double bound;
	int64_t batches, values;
};

static int observe_average(void *state, const struct calibration_task *task, const struct env *env,
			   const float *values, int64_t count, struct error *error)
{
	struct average *average = state;
	double bound = 0;

	(void)task, (void)env, (void)error;
	for (int64_t i = 0; i < count; i++)
		bound = fmax(bound, fabs((double)values[i]) * (double)(1 + i % 7));
	average->bound = average->batches ? average->bound * 0.75 + bound * 0.25 : bound;
	average->batches++;
	average->values += count;
	return 0;
}

static struct range choose_average(void *state, const struct calibration_task *task)
{
	const struct average *average = state;

	return symmetric_range(task->scheme, average->bound + (double)average->batches);
}

static const struct observer averaging = { .bytes = sizeof(struct average),
					   .observe = observe_average, .choose = choose_average };
static const struct calibration averages = { .value = { .name = "averages" },
					     .observer = &averaging };

struct made {
	struct env env;
	struct libraries libraries;
	float *weights[2];
	struct edge edges[EDGES];
	struct layer layer[EDGES - 1];
	struct layers layers;
	struct network network;
	struct subject subject;
	struct accuracy_cell cells[CELLS];
	char labels[CELLS][120];
	struct plan plan;
};

static void make_layer(struct made *made, int l)
{
	const int64_t columns = made->edges[l].elements, rows = made->edges[l + 1].elements;
	float *weights = calloc((size_t)(rows * columns), sizeof *weights);

	assert_non_null(weights);
	for (int64_t i = 0; i < rows * columns; i++)
		weights[i] = (float)(int32_t)random_at(5, (uint64_t)l, (uint64_t)i).word[0] *
			     0x1p-36F;
	made->weights[l] = weights;
	made->layer[l] = (struct layer){
		.name = l ? "second" : "first", .operation = &layer_gemm, .input_count = 1,
		.inputs = { (size_t)l }, .macs = rows * columns,
		.weights = { .env = &made->env, .rank = 2, .shape = { rows, columns },
			     .order = { 0, 1 }, .rows = rows, .columns = columns,
			     .values = weights },
		.conv = { .height = 1, .width = 1, .channels = columns, .kernel_h = 1,
			  .kernel_w = 1, .stride_h = 1, .stride_w = 1, .dilation_h = 1,
			  .dilation_w = 1 },
	};
}

static void make_cell(struct made *made, int i)
{
	struct accuracy_cell *cell = &made->cells[i];
	struct error error;

	snprintf(made->labels[i], sizeof made->labels[i],
		 "w=float %s half_even float all none s1", recipes[i < RECIPES ? i : 1]);
	*cell = (struct accuracy_cell){ .label = made->labels[i], .cost = 1 };
	if (recipe_read(&cell->recipe, &made->env, made->labels[i], &error))
		fail_msg("%s", error.text);
	if (i == ORDERED) {
		cell->recipe.activations.calibration = &averages.value;
		cell->recipe.calibration_batch = BATCH;
	}
}

static void make_network(struct made *made)
{
	struct error error;

	*made = (struct made){
		.env = env_system(),
		.edges = { { 1, 1, INPUTS, INPUTS }, { 1, 1, HIDDEN, HIDDEN }, { 1, 1, 1, 1 } },
		.network = { .inputs = INPUTS, .outputs = 1, .sample = cubed_sample },
		.subject = { .kind = SUBJECT_NETWORK,
			     .calibration = { .samples = SAMPLES, .seed = 1, .scale = 1 },
			     .evaluation = { .samples = 64, .seed = 2, .scale = 1 },
			     .metric = value_find(metric_values, "mse") },
	};
	for (int l = 0; l < EDGES - 1; l++)
		make_layer(made, l);
	made->layers = (struct layers){ .env = &made->env, .count = EDGES - 1,
					.layers = made->layer, .edges = made->edges };
	made->subject.network = &made->network;
	if (libraries_open(&made->libraries, &made->env, &error))
		fail_msg("%s", error.text);
	for (int i = 0; i < CELLS; i++)
		make_cell(made, i);
	made->plan = (struct plan){ .env = &made->env, .libraries = &made->libraries,
				    .subjects = { .env = &made->env, .count = 1,
						  .subjects = &made->subject },
				    .layers = &made->layers, .accuracy_count = CELLS,
				    .accuracies = made->cells };
}

static void free_network(struct made *made)
{
	for (int i = 0; i < CELLS; i++)
		recipe_free(&made->cells[i].recipe, &made->env);
	for (int l = 0; l < EDGES - 1; l++)
		free(made->weights[l]);
	libraries_close(&made->libraries);
}

struct seen {                   /* of all cells                                          */
	struct range_numbers ranges[CELLS][EDGES];
	uint64_t float_runs;
	char reasons[CELLS][REASON_SIZE];
};

static int see(void *self, size_t cell, const struct network_result *result)
{
	struct seen *seen = self;

	memcpy(seen->reasons[cell], result->reason, REASON_SIZE);
	seen->float_runs += result->layer_runs[LAYER_RUNS_FLOAT];
	if (result->outcome == OUTCOME_DONE)
		memcpy(seen->ranges[cell], result->ranges, sizeof seen->ranges[cell]);
	return 0;
}

static void measure_network(struct made *made, struct seen *seen,
			    struct network_options options)
{
	struct error error;

	*seen = (struct seen){ 0 };
	if (network_measure(&made->plan, 0, CELLS, &options, see, NULL, seen, &error))
		fail_msg("%s", error.text);
}

static struct made made;
static struct seen first;

static void same_for_any_jobs_batch_and_memory(void **state)
{
	static const struct network_options others[] = {
		{ .jobs = 3, .memory = (size_t)1 << 30, .batch = 7 },
		{ .jobs = 2, .memory = (size_t)1 << 30, .batch = 64 },
		{ .jobs = 3, .memory = 1, .batch = 50 },
	};
	static struct seen other;

	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		measure_network(&made, &other, others[i]);
		assert_memory_equal(first.ranges, other.ranges, sizeof first.ranges);
	}
}

/* The sum of squared errors of all inputs with this range, as codes of a rule. */
static double squared_error_of(const struct rule *rule, struct range range)
{
	const struct scheme *scheme = (const struct scheme *)rule->scheme;
	const struct grid grid = scheme->grid(range.low, range.high, rule->bits,
					      (const struct scale_rule *)rule->scale);
	static float back[ALL];
	struct tally tally = { 0 };
	double sum = 0;

	format_of(rule->format)->simulate(all, ALL, &grid, stored_scale(grid.scale), QS_HALF_EVEN,
					  back, &tally);
	for (int i = 0; i < ALL; i++)
		sum += ((double)back[i] - (double)all[i]) * ((double)back[i] - (double)all[i]);
	return sum;
}

/* The input's values are the samples'. */
static void next_to_sorted_values(void **state)
{
	struct slice_room room;
	struct error error;

	(void)state;
	assert_int_equal(slice_room_new(&room, &made.env, ALL, &error), 0);
	const struct slice slice = slice_of(&room, all, ALL);

	for (int i = 0; i < RECIPES; i++) {
		const struct rule *rule = &made.cells[i].recipe.activations;
		const struct chosen exact = rule_choose(rule, QS_HALF_EVEN, &slice);
		const struct range_numbers *range = &first.ranges[i][0];
		const struct range binned = { range->range_low, range->range_high };

		assert_string_equal(first.reasons[i], "");
		assert_true(range->calibrated_low == (double)slice.least);
		assert_true(range->calibrated_high == (double)slice.greatest);
		if (!i || calibration_of(rule->calibration)->exact_ends) {
			if (binned.low != exact.range.low || binned.high != exact.range.high)
				fail_msg("%s: [%.9g, %.9g] instead of [%.9g, %.9g]", recipes[i],
					 binned.low, binned.high, exact.range.low,
					 exact.range.high);
			continue;
		}
		/* 0.0005 dB */
		assert_true(squared_error_of(rule, binned) <=
			    squared_error_of(rule, exact.range) * 1.0001);
	}
	slice_room_free(&room);
}

static void batches_in_order(void **state)
{
	const struct rule *rule = &made.cells[ORDERED].recipe.activations;
	struct observing observing;
	struct error error;

	(void)state;
	assert_int_equal(observing_new(&observing, rule, QS_HALF_EVEN, &made.env, &error), 0);
	for (int at = 0; at < SAMPLES; at += BATCH)
		assert_int_equal(observing_add(&observing, all + at * INPUTS,
					       (SAMPLES - at < BATCH ? SAMPLES - at : BATCH) *
						       (int64_t)INPUTS, &error), 0);
	const struct chosen chosen = observing_choose(&observing);

	assert_int_equal(((const struct average *)observing.state)->batches, 22);
	assert_true(chosen.range.high == first.ranges[ORDERED][0].range_high);
	observing_free(&observing);
}

/* A second run over the calibration samples where a percentile asks for it, and no third. */
static void passes(void **state)
{
	(void)state;
	/* the written limit */
	assert_true(stream_is_kept(1048576) && !stream_is_kept(1048577));
	assert_int_equal(first.float_runs, 2 * (2 * SAMPLES + 64));
	made.plan.accuracy_count = 1;
	struct seen one = { 0 };
	struct error error;

	assert_int_equal(network_measure(&made.plan, 0, 1,
					 &(struct network_options){ .jobs = 2, .memory = 1 << 30 },
					 see, NULL, &one, &error), 0);
	made.plan.accuracy_count = CELLS;
	assert_int_equal(one.float_runs, 2 * (SAMPLES + 64));
}

static void a_batch_beyond_the_machine_is_refused(void **state)
{
	const struct network_options options = { .jobs = 2, .memory = 1 << 30,
						 .machine_memory = BATCH * INPUTS * 4 - 1 };
	static struct seen seen;

	(void)state;
	measure_network(&made, &seen, options);
	assert_string_equal(seen.reasons[ORDERED],
			    "a calibration batch of 32 samples takes 0 GiB of memory in 'input', "
			    "and this machine has 0; take a smaller one");
	for (int i = 0; i < RECIPES; i++)
		assert_string_equal(seen.reasons[i], "");
}

static void more_than_bins_count_is_refused(void **state)
{
	static struct seen seen;

	(void)state;
	made.subject.calibration.samples = BINS_VALUES_MOST / INPUTS + 1;
	measure_network(&made, &seen, (struct network_options){ .jobs = 1, .memory = 1 << 30 });
	made.subject.calibration.samples = SAMPLES;
	for (int i = 0; i < CELLS; i++)
		assert_string_equal(seen.reasons[i],
				    "134217729 calibration samples have more than 2^38 values in "
				    "'input'; take fewer samples");
}

/* A stream alone, of which only a few samples come. */
static int run_stream(struct network_job *job, const struct env *env)
{
	struct stream stream = { 0 };
	struct stream_room room = { .binned.env = env };
	struct error error;
	int failed = slice_room_new(&room.sorted, env, 1, &error) ||
		     stream_new(&stream, job, 0, SAMPLES, 2, &error);

	for (int at = 0; at < 80 && !failed; at += 40)
		for (int lane = 0; lane < 2 && !failed; lane++)
			failed = stream_add(&stream, lane, at, 40, all + at * INPUTS, &error);
	failed = failed || stream_choose(&stream, &room, &error);
	if (!failed) {
		assert_true(stream_wants_more(&stream));
		stream_add_again(&stream, 80, all);
		failed = stream_choose_again(&stream, &room, &error);
	}
	stream_free(&stream);
	bins_room_free(&room.binned);
	slice_room_free(&room.sorted);
	if (failed)
		assert_int_equal(error.status, STATUS_MACHINE);
	return failed;
}

static void no_memory(void **state)
{
	struct choice_terms terms[CELLS];
	bool needed[CELLS * EDGES];
	struct chosen chosen[CELLS * EDGES];
	uint64_t visits[CELLS * EDGES];
	struct edge_facts facts[EDGES];

	(void)state;
	memset(needed, true, sizeof needed);
	for (int i = 0; i < CELLS; i++)
		terms[i] = (struct choice_terms){ &made.cells[i].recipe.activations, QS_HALF_EVEN,
						  made.cells[i].recipe.calibration_batch };
	for (long fail_at = 0;; fail_at++) {
		struct failing failing = { .fail_at = fail_at };
		const struct env env = env_failing(&failing);
		struct network_job job = { .env = &env, .layers = &made.layers, .rules = terms,
					   .rule_count = CELLS, .needed = needed, .chosen = chosen,
					   .visits = visits, .facts = facts };

		if (!run_stream(&job, &env))
			break;
		assert_true(fail_at < 300);
	}
}

static int setup(void **state)
{
	(void)state;
	make_network(&made);
	for (uint64_t i = 0; i < SAMPLES; i++)
		cubed_sample(1, i, all + i * INPUTS, NULL);
	measure_network(&made, &first, (struct network_options){ .jobs = 1, .batch = 1,
								 .memory = (size_t)1 << 30 });
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free_network(&made);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_for_any_jobs_batch_and_memory),
		cmocka_unit_test(next_to_sorted_values),
		cmocka_unit_test(batches_in_order),
		cmocka_unit_test(passes),
		cmocka_unit_test(a_batch_beyond_the_machine_is_refused),
		cmocka_unit_test(more_than_bins_count_is_refused),
		cmocka_unit_test(no_memory),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
