/* SPDX-License-Identifier: MIT
 *
 * network_measure: numbers by hand, the same result for any jobs, batch, memory and instruction
 * set, what the work costs, islands, recipes that cannot be, warnings, stopping, lack of memory.
 */
#include "support.h"

#include "network_runs.h"

#include "../harness/network/operation.h"
#include "../harness/text.h"

#include <limits.h>

enum { NUMBERS = (sizeof(struct layer_numbers) -
		  offsetof(struct layer_numbers, isolated_sqnr_db)) / sizeof(double) };

#define ARM "{\"network\":\"builtin:arm\",\"calibration_data\":{\"samples\":32}," \
	    "\"evaluation_data\":{\"samples\":100}}"
#define GLYPHS "{\"network\":\"builtin:glyphs\",\"calibration_data\":{\"samples\":6}," \
	       "\"evaluation_data\":{\"samples\":10}}"
#define PLAIN "{\"weights\":{\"bits\":8},\"activations\":{\"bits\":8}}"

static void assert_same_double(const char *label, const char *what, double a, double b)
{
	if (memcmp(&a, &b, sizeof a))
		fail_msg("%s: %s is %.17g and %.17g", label, what, a, b);
}

static void assert_same_task(const char *label, const struct task_numbers *a,
			     const struct task_numbers *b)
{
	assert_int_equal(a->measured, b->measured);
	if (!a->measured)
		return;
	assert_same_double(label, "value", a->value, b->value);
	assert_same_double(label, "difference", a->difference, b->difference);
	assert_same_double(label, "low", a->low, b->low);
	assert_same_double(label, "high", a->high, b->high);
	assert_true(a->lost == b->lost && a->gained == b->gained && a->counted == b->counted);
	assert_true(a->samples_size == b->samples_size);
	assert_memory_equal(a->samples, b->samples, a->samples_size);
}

static void assert_same_result(const char *label, const struct network_result *a,
			       const struct network_result *b)
{
	assert_int_equal(a->outcome, OUTCOME_DONE);
	assert_int_equal(b->outcome, OUTCOME_DONE);
	assert_string_equal(a->integer_hash, b->integer_hash);
	assert_string_equal(a->no_integer, b->no_integer);
	assert_string_equal(a->warning, b->warning);
	assert_same_double(label, "bytes", a->bytes, b->bytes);
	assert_true(a->integer_macs == b->integer_macs && a->float_macs == b->float_macs);
	assert_true(a->layer_count == b->layer_count && a->weight_count == b->weight_count);
	for (size_t l = 0; l < a->layer_count; l++) {
		const double *x = &a->layers[l].isolated_sqnr_db;
		const double *y = &b->layers[l].isolated_sqnr_db;

		assert_int_equal(a->layers[l].island, b->layers[l].island);
		for (int i = 0; i < NUMBERS; i++)
			assert_same_double(label, "a layer's number", x[i], y[i]);
	}
	for (size_t w = 0; w < a->weight_count; w++) {
		assert_same_double(label, "a weight's mse", a->weights[w].mse, b->weights[w].mse);
		assert_same_double(label, "a weight's output", a->weights[w].output_sqnr_db,
				   b->weights[w].output_sqnr_db);
	}
	for (int run = 0; run < RUN_KINDS; run++)
		assert_same_task(label, &a->task[run], &b->task[run]);
}

static void assert_same_runs(const struct runs *a, const struct runs *b)
{
	assert_true(a->plan.accuracy_count == b->plan.accuracy_count);
	for (size_t i = 0; i < a->plan.accuracy_count; i++)
		assert_same_result(a->plan.accuracies[i].label, &a->cells[i].result,
				   &b->cells[i].result);
}

static const char many[] =
	"{\"weights\":{\"bits\":[4,8],\"granularity\":[\"tensor\",{\"group\":32}]},"
	"\"activations\":{\"bits\":8,\"range\":[\"static\",\"dynamic\"]},"
	"\"policy\":[\"all\",\"skip_first_last\"]},"
	"{\"weights\":{\"bits\":8},\"activations\":{\"bits\":[8,\"float\"]},"
	"\"requantization\":[\"float\",\"q31_single\"]},"
	"{\"weights\":{\"bits\":[8,12],\"scheme\":\"asymmetric\"},\"activations\":{\"bits\":8,"
	"\"scheme\":[\"asymmetric\",\"symmetric\"]}},"
	"{\"weights\":{\"bits\":5,\"granularity\":{\"channel\":1}},"
	"\"activations\":{\"bits\":8}},"
	"{\"weights\":{\"bits\":\"float\"},\"activations\":{\"bits\":[8,\"float\"]}}";

static void measure_as(struct runs *runs, uint64_t cpu, const char *sweep,
		       struct network_options options)
{
	struct error error;

	runs_plan(runs, cpu, ARM "," GLYPHS, sweep);
	if (runs_measure(runs, &options, &error))
		fail_msg("%s", error.text);
}

static void same_for_any_jobs_batch_and_memory(void **state)
{
	static const struct network_options others[] = {
		{ .jobs = 3, .memory = (size_t)1 << 30, .batch = 7 },
		{ .jobs = 2, .memory = (size_t)1 << 30, .batch = 64 },
		{ .jobs = 3, .memory = 1 },
	};
	struct runs one, other;

	(void)state;
	measure_as(&one, UINT64_MAX, many,
		   (struct network_options){ .jobs = 1, .memory = (size_t)1 << 30, .batch = 1 });
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		measure_as(&other, UINT64_MAX, many, others[i]);
		assert_same_runs(&one, &other);
		runs_free(&other);
	}
	runs_free(&one);
}

static void same_for_any_instruction_set(void **state)
{
	static const char sweep[] =
		"{\"weights\":{\"bits\":8},\"activations\":{\"bits\":8,\"range\":[\"static\","
		"\"dynamic\"]}},{\"weights\":{\"bits\":4,\"granularity\":{\"group\":16}},"
		"\"activations\":{\"bits\":8}}";
	const struct network_options options = { .jobs = 2, .memory = (size_t)1 << 30 };
	struct runs all, some;
	int sets = 0;

	(void)state;
	measure_as(&all, UINT64_MAX, sweep, options);
	for (const struct value *const *value = isa_values; *value; value++) {
		const uint64_t features = ((const struct isa *)*value)->features;

		if (features & ~all.env.cpu)
			continue;
		measure_as(&some, features, sweep, options);
		assert_same_runs(&all, &some);
		runs_free(&some);
		sets++;
	}
	print_message("# %d instruction sets\n", sets);
	runs_free(&all);
}

static void what_the_runs_cost(void **state)
{
	struct runs runs;
	uint64_t floats = 0;

	(void)state;
	runs_make(&runs, GLYPHS "," ARM, many, 2);
	for (size_t i = 0; i < runs.plan.accuracy_count; i++) {
		const struct accuracy_cell *cell = &runs.plan.accuracies[i];
		const struct subject *subject = &runs.plan.subjects.subjects[cell->subject];
		const struct network_result *result = &runs.cells[i].result;
		const uint64_t pass = result->layer_count * (uint64_t)result->samples;
		const bool is_float = strstr(cell->label, "w=float a=float") != NULL;
		const bool has_integer = !*result->no_integer;
		uint64_t quantized = 0;

		for (size_t l = 0; l < result->layer_count; l++)
			quantized += result->layers[l].island ? 0 : 1;
		quantized *= (uint64_t)result->samples;
		assert_true(result->layer_runs[LAYER_RUNS_ISOLATED] == quantized);
		assert_true(quantized <= pass + pass / 10);
		assert_true(result->layer_runs[LAYER_RUNS_CUMULATIVE] == (is_float ? 0 : pass));
		assert_true(result->layer_runs[LAYER_RUNS_INTEGER] == (has_integer ? pass : 0));
		assert_true(result->layer_runs[LAYER_RUNS_LOCAL] == (has_integer ? quantized : 0));
		/* once for all recipes, calibration included */
		floats += result->layer_runs[LAYER_RUNS_FLOAT];
		if (result->layer_runs[LAYER_RUNS_FLOAT])
			assert_true(result->layer_runs[LAYER_RUNS_FLOAT] ==
				    result->layer_count *
					    (uint64_t)(subject->calibration.samples +
						       subject->evaluation.samples));
	}
	assert_true(floats == 9 * 132 + 14 * 16);
	runs_free(&runs);
}

static uint64_t visits_of(const char *sweep)
{
	struct runs runs;
	uint64_t visits = 0;

	runs_make(&runs, ARM "," GLYPHS, sweep, 2);
	for (size_t i = 0; i < runs.plan.accuracy_count; i++)
		visits += runs.cells[i].result.element_visits;
	runs_free(&runs);
	return visits;
}

static void twice_the_bits_is_not_twice_the_work(void **state)
{
	const uint64_t few = visits_of("{\"weights\":{\"bits\":[4,8]},"
				       "\"activations\":{\"bits\":[6,8]}}");
	const uint64_t twice = visits_of("{\"weights\":{\"bits\":[3,4,6,8]},"
					 "\"activations\":{\"bits\":[5,6,7,8]}}");

	(void)state;
	print_message("# %llu elements visited, %llu with twice the bits\n",
		      (unsigned long long)few, (unsigned long long)twice);
	/* at least each weight and each activation once */
	assert_true(few > 16000 && twice >= few);
	assert_true((double)twice < 1.2 * (double)few);
}

static void a_float_recipe_is_the_float_run(void **state)
{
	struct runs runs;

	(void)state;
	runs_make(&runs, ARM, "{\"weights\":{\"bits\":\"float\"},\"activations\":"
		  "{\"bits\":\"float\"}}", 1);
	const struct network_result *result = &runs.cells[0].result;
	const struct layers *layers = &runs.plan.layers[0];
	double bytes = 0;
	int64_t macs = 0;

	for (size_t l = 0; l < result->layer_count; l++) {
		assert_true(result->layers[l].island);
		assert_true(isnan(result->layers[l].isolated_sqnr_db));
		assert_true(isnan(result->layers[l].cumulative_sqnr_db));
		assert_true(result->layers[l].cumulative_relative_rmse == 0);
		bytes += 4 * (double)(layers->layers[l].weights.rows *
				      (layers->layers[l].weights.columns + 1));
		macs += layers->layers[l].macs;
	}
	assert_true(result->task[RUN_FLOAT].measured);
	assert_false(result->task[RUN_SIMULATED].measured || result->task[RUN_INTEGER].measured);
	assert_true(result->bytes == bytes && result->weight_count == 0);
	assert_true(result->integer_macs == 0 && result->float_macs == macs);
	assert_string_equal(result->integer_hash, "");
	runs_free(&runs);
}

/* Codes of 9 bits have no integer arithmetic: what is only simulated counts as float. */
static void without_an_integer_run_all_is_float(void **state)
{
	struct runs runs;

	(void)state;
	runs_make(&runs, ARM, "{\"weights\":{\"bits\":[8,9]},\"activations\":{\"bits\":8}}", 2);
	const struct network_result *integer = runs_find(&runs, " w=int8.", "");
	const struct network_result *simulated = runs_find(&runs, " w=int9.", "");

	assert_string_equal(integer->no_integer, "");
	assert_true(integer->integer_macs > 0 && integer->float_macs == 0);
	assert_non_null(strstr(simulated->no_integer, "more than 8 bits"));
	assert_true(simulated->integer_macs == 0);
	assert_true(simulated->float_macs == integer->integer_macs);
	runs_free(&runs);
}

static void islands_stay_float(void **state)
{
	struct runs runs;

	(void)state;
	runs_make(&runs, ARM, "{\"weights\":{\"bits\":8},\"activations\":{\"bits\":8},"
		  "\"policy\":[\"all\",\"skip_first_last\"]}", 2);
	const struct network_result *all = runs_find(&runs, " all none", "");
	const struct network_result *spared = runs_find(&runs, " skip_first_last none", "");
	const size_t last = spared->layer_count - 1;

	for (size_t l = 0; l <= last; l++) {
		const struct layer_numbers *numbers = &spared->layers[l];
		const bool island = l == 0 || l == last;

		assert_int_equal(numbers->island, island);
		assert_int_equal(isnan(numbers->isolated_sqnr_db) != 0, island);
		assert_int_equal(isnan(numbers->rmse_over_step) != 0, island);
		assert_int_equal(isnan(numbers->weight_saturated_fraction) != 0, island);
		assert_int_equal(isnan(numbers->step_gap_local) != 0, island);
		assert_true(!isnan(numbers->cumulative_relative_rmse));
		assert_true(!isnan(numbers->integer_relative_rmse));
	}
	/* nothing before the first layer is quantized; the second quantizes its output itself */
	assert_true(spared->layers[0].cumulative_relative_rmse == 0);
	assert_true(spared->layers[1].cumulative_sqnr_db == spared->layers[1].isolated_sqnr_db);
	/* the angle between two vectors has at most the sine of their relative distance */
	for (size_t l = 0; l <= last; l++) {
		const double distance = all->layers[l].cumulative_relative_rmse;

		assert_true(all->layers[l].cosine < 1);
		assert_true(all->layers[l].cosine >= sqrt(1 - distance * distance));
	}
	assert_true(isnan(spared->layers[last].step_gap));
	assert_true(all->float_macs == 0 && spared->float_macs > 0);
	assert_true(all->integer_macs == spared->integer_macs + spared->float_macs);
	assert_true(spared->weight_count == last - 1 && all->weight_count == last + 1);
	assert_string_equal(all->weights[0].tensor, "fc1.weight");
	assert_true(spared->bytes > all->bytes);
	/* the first layer of a quantized network sees the float run's input */
	assert_true(all->layers[0].cumulative_sqnr_db == all->layers[0].isolated_sqnr_db);
	assert_true(all->layers[1].cumulative_sqnr_db < all->layers[1].isolated_sqnr_db);
	runs_free(&runs);
}

/* Equal codes, equal scales: with requantization float a layer's two arithmetics are at most one step
 * apart, whatever its weights' codes and ranges are. */
static void one_layer_parts_by_one_step(void **state)
{
	struct runs runs;
	int with_integers = 0;

	(void)state;
	runs_make(&runs, ARM "," GLYPHS, many, 2);
	for (size_t i = 0; i < runs.plan.accuracy_count; i++) {
		const char *label = runs.plan.accuracies[i].label;
		const struct network_result *result = &runs.cells[i].result;
		const bool one_run = strstr(label, "float") > strstr(label, "half_even") &&
				     !strstr(label, "=int12") && !strstr(label, "channel(1)") &&
				     !strstr(label, "=float");

		if (!strstr(label, "half_even float"))
			continue;
		assert_int_equal(!*result->no_integer, one_run);
		for (size_t l = 0; l < result->layer_count && one_run; l++) {
			const struct layer_numbers *numbers = &result->layers[l];

			assert_false(numbers->step_gap_local > 1);
			assert_false(numbers->differing_fraction_local > 0.01);
			/* ranges of a sample's own differ in the last bit, and values with them */
			assert_false(strstr(label, ".static") && numbers->step_gap_local > 0 &&
				     numbers->differing_fraction_local == 0);
			assert_false(numbers->differing_fraction > 0 && numbers->step_gap < 0.9);
			assert_true(fabs(numbers->integer_relative_rmse -
					 numbers->cumulative_relative_rmse) < 0.01);
		}
		with_integers += one_run;
	}
	assert_int_equal(with_integers, 2 * (2 * 2 * 2 * 2 + 1 + 2));
	runs_free(&runs);
}

/* Powers of two multiply and add exactly, so that both arithmetics round the same number. */
static void shifts_leave_no_gap(void **state)
{
	struct runs runs;

	(void)state;
	runs_make(&runs, ARM, "{\"weights\":{\"bits\":8,\"scale\":\"power_of_two\"},"
		  "\"activations\":{\"bits\":8,\"scale\":\"power_of_two\"},"
		  "\"requantization\":[\"shift\",\"q31_double\"]}", 2);
	const struct network_result *shift = runs_find(&runs, "half_even shift", "");
	const struct network_result *q31 = runs_find(&runs, "half_even q31_double", "");
	double gap = 0;

	for (size_t l = 0; l < shift->layer_count; l++) {
		assert_true(shift->layers[l].step_gap == 0);
		assert_true(shift->layers[l].step_gap_local == 0);
		assert_true(shift->layers[l].differing_fraction == 0);
		assert_true(shift->layers[l].integer_sqnr_db ==
			    shift->layers[l].cumulative_sqnr_db);
		gap = fmax(gap, q31->layers[l].step_gap);
		if (q31->layers[l].differing_fraction > 0)
			assert_true(q31->layers[l].integer_sqnr_db !=
				    q31->layers[l].cumulative_sqnr_db);
	}
	assert_true(gap >= 1);
	assert_true(strcmp(shift->integer_hash, q31->integer_hash) != 0);
	assert_true(shift->task[RUN_INTEGER].value == shift->task[RUN_SIMULATED].value);
	runs_free(&runs);
}

/* A network of two products, 2 x 1 and 1 x 1, on samples that are all alike. */
static int constant_sample(uint64_t seed, uint64_t index, float *x, float *target)
{
	(void)seed, (void)index;
	x[0] = 0.625F;
	x[1] = 1.5F;
	target[0] = 1.25F;
	return 0;
}

extern const struct layer_operation layer_gemm;

struct by_hand {
	struct env env;
	struct libraries libraries;
	float weights[3], bias[1];
	struct edge edges[3];
	struct layer layer[2];
	struct layers layers;
	struct network network;
	struct subject subject;
	struct accuracy_cell cell;
	struct plan plan;
	struct kept *kept;
};

static void make_by_hand(struct by_hand *h, int64_t samples, const char *recipe)
{
	struct error error;

	*h = (struct by_hand){
		.env = env_system(), .weights = { 1, 0.25F, 1 }, .bias = { 0.375F },
		.edges = { { 1, 1, 2, 2 }, { 1, 1, 1, 1 }, { 1, 1, 1, 1 } },
		.network = { .inputs = 2, .outputs = 1, .sample = constant_sample },
	};
	for (int l = 0; l < 2; l++) {
		const int64_t columns = h->edges[l].elements;

		h->layer[l] = (struct layer){
			.name = l ? "second" : "first", .operation = &layer_gemm,
			.input_count = 1, .inputs = { (size_t)l }, .macs = columns,
			.bias = l ? NULL : h->bias,
			.weights = { .env = &h->env, .rank = 2, .shape = { 1, columns },
				     .order = { 0, 1 }, .rows = 1, .columns = columns,
				     .values = h->weights + 2 * l },
			.conv = { .height = 1, .width = 1, .channels = columns, .kernel_h = 1,
				  .kernel_w = 1, .stride_h = 1, .stride_w = 1, .dilation_h = 1,
				  .dilation_w = 1 },
		};
	}
	h->layers = (struct layers){ .env = &h->env, .count = 2, .layers = h->layer,
				     .edges = h->edges };
	h->subject = (struct subject){ .kind = SUBJECT_NETWORK, .network = &h->network,
				       .calibration = { .samples = 1, .scale = 1 },
				       .evaluation = { .samples = samples, .scale = 1 },
				       .metric = value_find(metric_values, "mse") };
	h->cell = (struct accuracy_cell){ .label = (char *)recipe, .cost = 7 };
	if (libraries_open(&h->libraries, &h->env, &error) ||
	    recipe_read(&h->cell.recipe, &h->env, recipe, &error))
		fail_msg("%s", error.text);
	h->plan = (struct plan){ .env = &h->env, .libraries = &h->libraries,
				 .subjects = { .env = &h->env, .count = 1,
					       .subjects = &h->subject },
				 .layers = &h->layers, .accuracy_count = 1,
				 .accuracies = &h->cell };
}

static void free_by_hand(struct by_hand *h)
{
	recipe_free(&h->cell.recipe, &h->env);
	libraries_close(&h->libraries);
}

/* Two bits and powers of two.  Input [0, 1.5]: scale 0.5, zero 0, so (0.625, 1.5) becomes (0.5,
 * 1.5).  Weights (1, 0.25): scale 1, so (1, 0).  First output in float 0.625 + 0.375 + 0.375 =
 * 1.375, scale 0.5 (1.375 / 3 < 0.5), bias 0.375 on the grid 0.5: 0.5.  Simulated 0.5 + 0 + 0.5 =
 * 1.  The second layer has weight 1 and no bias: isolated it reads 1.375 as 1.5 and gives 1.5 for
 * 1.375, cumulative it reads 1 and gives 1. */
static void two_layers_by_hand(void **state)
{
	static const char recipe[] = "w=int2.symmetric.power_of_two.channel.minmax "
				     "a=int2.asymmetric.power_of_two.tensor.minmax.static "
				     "half_even float all none s1";
	const struct network_options options = { .jobs = 1, .memory = 1 << 20 };
	struct kept kept = { 0 };
	struct runs runs = { .cells = &kept };
	struct by_hand h;
	struct error error;

	(void)state;
	make_by_hand(&h, 3, recipe);
	if (network_measure(&h.plan, 0, 1, &options, keep_result, count_step, &runs, &error))
		fail_msg("%s", error.text);
	const struct network_result *result = &kept.result;
	const struct layer_numbers *first = &result->layers[0], *second = &result->layers[1];

	assert_int_equal(result->outcome, OUTCOME_DONE);
	assert_string_equal(result->no_integer, "");
	assert_true(first->isolated_relative_rmse == 0.75 / 2.75);
	assert_true(first->cumulative_relative_rmse == 0.75 / 2.75);
	assert_true(fabs(first->isolated_sqnr_db - 20 * log10(2.75 / 0.75)) < 1e-12);
	assert_true(first->rmse_over_step == 0.75 && first->max_abs == 0.375);
	assert_true(first->cosine == 1);
	assert_true(fabs(second->isolated_relative_rmse - 0.25 / 2.75) < 1e-15);
	assert_true(second->rmse_over_step == 0.25);
	assert_true(second->cumulative_relative_rmse == 0.75 / 2.75);
	assert_true(second->integer_relative_rmse == 0.75 / 2.75);
	assert_true(second->step_gap == 0 && second->step_gap_local == 0);
	assert_true(first->activation_saturated_fraction == 0);
	assert_true(first->weight_saturated_fraction == 0);
	/* float (1.375 - 1.25)^2, quantized (1 - 1.25)^2, three times the same */
	assert_string_equal(result->metric->name, "mse");
	assert_true(result->task[RUN_FLOAT].value == 0.015625);
	assert_true(result->task[RUN_SIMULATED].value == 0.0625);
	assert_true(result->task[RUN_INTEGER].value == 0.0625);
	assert_true(result->task[RUN_INTEGER].difference == 0.046875);
	assert_true(result->task[RUN_INTEGER].low == 0.046875);
	assert_int_equal(result->task[RUN_INTEGER].samples_size, 3 * sizeof(double));
	/* a row of two 2-bit codes and one of one code: a byte each; a power of two: a byte each;
	 * one bias of 4 */
	assert_true(result->bytes == 1 + 1 + 1 + 1 + 4);
	assert_int_equal(result->integer_macs, 3);
	assert_string_equal(result->warning,
			    "3 of 3 evaluation samples are calibration samples too");
	/* sorting 2 + 1 + 1 activations, 2 + 1 weights, and 2 looks at each */
	assert_int_equal(result->element_visits, 4 + 3 * 2 + 3 + 2 * 2);
	runs.plan = h.plan;
	runs_forget(&runs);
	free_by_hand(&h);
}

/* Sample i is right where 3 divides i. */
static int third_sample(uint64_t seed, uint64_t index, float *x, float *target)
{
	(void)seed, (void)target;
	x[0] = x[1] = 1;
	return index % 3 ? 1 : 0;
}

static void answers_are_bits(void **state)
{
	static const char recipe[] = "w=int8.symmetric.real.channel.minmax a=float "
				     "half_even float all none s1";
	static const unsigned char right[] = { 1 | 1 << 3 | 1 << 6, 1 << 1 };
	const struct network_options options = { .jobs = 1, .memory = 1 << 20, .batch = 4 };
	struct kept kept = { 0 };
	struct runs runs = { .cells = &kept };
	struct by_hand h;
	struct error error;

	(void)state;
	make_by_hand(&h, 10, recipe);
	h.network.classes = 2;
	h.subject.metric = value_find(metric_values, "top1");
	h.network.sample = third_sample;
	if (network_measure(&h.plan, 0, 1, &options, keep_result, count_step, &runs, &error))
		fail_msg("%s", error.text);
	const struct task_numbers *task = kept.result.task;

	assert_string_equal(kept.result.metric->name, "top1");
	assert_true(task[RUN_FLOAT].value == 0.4 && task[RUN_SIMULATED].value == 0.4);
	assert_int_equal(task[RUN_FLOAT].samples_size, sizeof right);
	assert_memory_equal(task[RUN_FLOAT].samples, right, sizeof right);
	assert_true(task[RUN_SIMULATED].counted && !task[RUN_FLOAT].counted);
	assert_true(task[RUN_SIMULATED].lost == 0 && task[RUN_SIMULATED].gained == 0);
	assert_true(task[RUN_SIMULATED].low < 0 &&
		    task[RUN_SIMULATED].high == -task[RUN_SIMULATED].low);
	assert_false(task[RUN_INTEGER].measured);
	assert_string_equal(kept.result.no_integer, "layer 'first': its activations are float");
	runs.plan = h.plan;
	runs_forget(&runs);
	free_by_hand(&h);
}

static void samples_of_both_sets_are_told(void **state)
{
	static const char subject[] =
		"{\"network\":\"builtin:arm\",\"calibration_data\":{\"samples\":16,\"seed\":5},"
		"\"evaluation_data\":{\"samples\":20,\"seed\":5}}";
	struct runs runs;

	(void)state;
	runs_make(&runs, subject, "{\"weights\":{\"bits\":8},\"activations\":{\"bits\":8,"
		  "\"range\":[\"static\",\"dynamic\"]}}", 1);
	assert_string_equal(runs_find(&runs, ".static", "")->warning,
			    "16 of 20 evaluation samples are calibration samples too");
	/* no sample was used to calibrate it */
	assert_string_equal(runs_find(&runs, ".dynamic", "")->warning, "");
	runs_free(&runs);
}

static void recipes_that_cannot_be(void **state)
{
	static const struct {
		const char *subject, *activations, *reason;
		enum outcome outcome;
	} cases[] = {
		{ "{\"network\":\"builtin:arm\"}", "\"scheme\":\"symmetric_unsigned\"",
		  "activations of 'input': the observed minimum is below 0", OUTCOME_SKIPPED },
		{ "{\"network\":\"builtin:arm\",\"calibration_data\":{\"samples\":2}}",
		  "\"calibration\":\"entropy\"", "activations of 'input': too few values",
		  OUTCOME_SKIPPED },
		{ "{\"network\":\"builtin:arm\"}",
		  "\"calibration\":\"entropy\",\"range\":\"dynamic\"",
		  "activations of 'input': no range for the 4 values of a sample: too few values; take a "
		  "static range or another calibration", OUTCOME_SKIPPED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct network_options options = { .jobs = 2, .memory = 1 << 30 };
		struct runs runs;
		struct error error;
		char sweep[300];

		snprintf(sweep, sizeof sweep, "{\"weights\":{\"bits\":8},\"activations\":"
			 "{\"bits\":8,%s}},{\"weights\":{\"bits\":8}}", cases[i].activations);
		runs_plan(&runs, UINT64_MAX, cases[i].subject, sweep);
		if (runs_measure(&runs, &options, &error))
			fail_msg("%s", error.text);
		for (size_t j = 0; j < runs.plan.accuracy_count; j++) {
			const bool good = strstr(runs.plan.accuracies[j].label, "a=float") != NULL;
			const struct network_result *result = &runs.cells[j].result;

			assert_true(runs.cells[j].done);
			assert_int_equal(result->outcome, good ? OUTCOME_DONE : cases[i].outcome);
			assert_string_equal(result->reason, good ? "" : cases[i].reason);
		}
		runs_free(&runs);
	}
}

static void infinite_floats_fail(void **state)
{
	static const char recipe[] = "w=int8.symmetric.real.channel.minmax "
				     "a=int8.asymmetric.real.tensor.minmax.static "
				     "half_even float all none s1";
	const struct network_options options = { .jobs = 2, .memory = 1 << 20 };
	struct kept kept = { 0 };
	struct runs runs = { .cells = &kept };
	struct by_hand h;
	struct error error;

	(void)state;
	make_by_hand(&h, 3, recipe);
	h.weights[2] = 3e38F;
	if (network_measure(&h.plan, 0, 1, &options, keep_result, count_step, &runs, &error))
		fail_msg("%s", error.text);
	assert_int_equal(kept.result.outcome, OUTCOME_FAILED);
	assert_non_null(strstr(kept.result.reason, "NaN or infinite values in 'second'"));
	runs.plan = h.plan;
	runs_forget(&runs);
	h.weights[2] = (float)NAN;
	if (network_measure(&h.plan, 0, 1, &options, keep_result, count_step, &runs, &error))
		fail_msg("%s", error.text);
	assert_int_equal(kept.result.outcome, OUTCOME_FAILED);
	assert_non_null(strstr(kept.result.reason, "second.weight"));
	runs_forget(&runs);
	free_by_hand(&h);
}

static void steps_add_up_and_stop(void **state)
{
	const struct network_options options = { .jobs = 2, .memory = 1 << 30, .batch = 10 };
	struct runs runs;
	struct error error;
	double cost = 0;

	(void)state;
	runs_plan(&runs, UINT64_MAX, ARM, PLAIN);
	assert_int_equal(runs_measure(&runs, &options, &error), 0);
	const double all = runs.cost;
	const int steps = runs.steps;

	cost = runs.plan.accuracies[0].cost;
	assert_true(all >= cost);
	assert_true(steps >= 10);
	for (int stop = 1; stop <= steps; stop++) {
		runs_forget(&runs);
		runs.stop_after = stop;
		assert_int_equal(runs_measure(&runs, &options, &error), 0);
		assert_int_equal(runs.steps, stop);
		assert_false(runs.cells[0].done);
	}
	runs_free(&runs);
}

static void no_memory(void **state)
{
	const struct network_options options = { .jobs = 1, .memory = 1 << 30, .batch = 50 };
	struct failing failing = { .fail_at = LONG_MAX };
	struct runs runs;
	struct error error;
	long calls, failures = 0;

	(void)state;
	runs_plan(&runs, UINT64_MAX, ARM, PLAIN);
	runs.env.resize = env_failing(&failing).resize;
	runs.env.self = &failing;
	assert_int_equal(runs_measure(&runs, &options, &error), 0);
	calls = failing.calls;
	for (long at = 0; at < calls; at += at < 60 ? 1 : 5) {
		runs_forget(&runs);
		failing = (struct failing){ .fail_at = at };
		if (!runs_measure(&runs, &options, &error)) /* fewer threads are no error */
			continue;
		assert_int_equal(error.status, STATUS_MACHINE);
		assert_false(runs.cells[0].done);
		failures++;
	}
	print_message("# %ld allocations, %ld of them refused\n", calls, failures);
	assert_true(failures > calls / 10);
	failing.fail_at = -1;
	runs_free(&runs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_layers_by_hand),
		cmocka_unit_test(same_for_any_jobs_batch_and_memory),
		cmocka_unit_test(same_for_any_instruction_set),
		cmocka_unit_test(what_the_runs_cost),
		cmocka_unit_test(twice_the_bits_is_not_twice_the_work),
		cmocka_unit_test(a_float_recipe_is_the_float_run),
		cmocka_unit_test(without_an_integer_run_all_is_float),
		cmocka_unit_test(islands_stay_float),
		cmocka_unit_test(one_layer_parts_by_one_step),
		cmocka_unit_test(shifts_leave_no_gap),
		cmocka_unit_test(answers_are_bits),
		cmocka_unit_test(samples_of_both_sets_are_told),
		cmocka_unit_test(recipes_that_cannot_be),
		cmocka_unit_test(infinite_floats_fail),
		cmocka_unit_test(steps_add_up_and_stop),
		cmocka_unit_test(no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
