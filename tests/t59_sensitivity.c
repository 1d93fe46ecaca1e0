/* SPDX-License-Identifier: MIT
 *
 * Sensitivity: each number is that of the recipe that it stands for, which network_measure computes
 * by a way of its own (policies and float blocks); the same for any jobs, batch and memory; what it
 * costs; what has no number.
 */
#include "support.h"

#include "network_runs.h"

#include "../harness/network/sensitivity.h"
#include "../harness/random.h"

enum { WAYS = 2 };

#define ARM "{\"network\":\"builtin:arm\",\"calibration_data\":{\"samples\":16}," \
	    "\"evaluation_data\":{\"samples\":30}}"
#define GLYPHS "{\"network\":\"builtin:glyphs\",\"calibration_data\":{\"samples\":6}," \
	       "\"evaluation_data\":{\"samples\":10}}"

/* A way to leave layers in float, around one of them: the config's words and the label's. */
struct way {
	const char *json, *label;
};

static const struct study {
	const char *subject, *weights, *activations, *policy;
	struct way ways[WAYS];  /* it alone quantized, it alone spared                   */
} studies[] = {
	{ GLYPHS, "{\"bits\":4}", "{\"bits\":5}", "all",
	  { { "{\"only\":[\"%s\"]}", " only(%s) " }, { "{\"skip\":[\"%s\"]}", " skip(%s) " } } },
	{ GLYPHS, "{\"bits\":3,\"scheme\":\"asymmetric\",\"granularity\":{\"group\":16}}",
	  "{\"bits\":8,\"range\":\"dynamic\"}", "all",
	  { { "{\"only\":[\"%s\"]}", " only(%s) " }, { "{\"skip\":[\"%s\"]}", " skip(%s) " } } },
	{ ARM, "{\"bits\":3}", "{\"bits\":6}", "skip_first_last",
	  { { "{\"only\":[\"%s\"]}", " only(%s) " },
	    { "{\"skip\":[\"fc1\",\"%s\",\"fc9\"]}", " skip(fc1;%s;fc9) " } } },
};

static void assert_same(const char *what, double a, double b)
{
	if (memcmp(&a, &b, sizeof a))
		fail_msg("%s: %.17g, and its recipe has %.17g", what, a, b);
}

static void plan_sensitivity(struct runs *runs, const char *subject, const char *blocks,
			     const char *samples)
{
	char sweep[1000];

	snprintf(sweep, sizeof sweep, "%s],%s\"measure\":[\"sensitivity\"", blocks, samples);
	runs_plan(runs, UINT64_MAX, subject, sweep);
}

static void measure_with(struct runs *runs, struct network_options options)
{
	struct error error;

	if (runs_measure(runs, &options, &error))
		fail_msg("%s", error.text);
	for (size_t i = 0; i < runs->plan.accuracy_count; i++)
		assert_int_equal(runs->cells[i].result.outcome, OUTCOME_DONE);
}

static void measure_sensitivity(struct runs *runs, const struct study *study,
				struct network_options options)
{
	char blocks[500];

	snprintf(blocks, sizeof blocks, "{\"weights\":%s,\"activations\":%s,\"policy\":\"%s\"}",
		 study->weights, study->activations, study->policy);
	plan_sensitivity(runs, study->subject, blocks, "\"sensitivity_samples\":1000,");
	measure_with(runs, options);
}

/* The recipes that the numbers stand for: each part, each layer, both ways. */
static void measure_recipes(struct runs *runs, const struct study *study,
			    const struct layers *layers)
{
	struct text policies, sweep;
	const struct env env = env_system();

	policies = sweep = (struct text){ .env = &env };
	text_add(&policies, "[\"%s\"", study->policy);
	for (size_t l = 0; l < layers->count; l++)
		for (int way = 0; way < WAYS; way++) {
			char one[200];

			snprintf(one, sizeof one, study->ways[way].json, layers->layers[l].name);
			text_add(&policies, ",%s", one);
		}
	text_add(&policies, "]");
	text_add(&sweep, "{\"weights\":%s,\"policy\":%s},{\"activations\":%s,\"policy\":%s},"
		 "{\"weights\":%s,\"activations\":%s,\"policy\":%s}", study->weights,
		 policies.bytes, study->activations, policies.bytes, study->weights,
		 study->activations, policies.bytes);
	runs_make(runs, study->subject, sweep.bytes, 2);
	text_free(&policies);
	text_free(&sweep);
}

static const struct network_result *find_recipe(const struct runs *runs, const char *policy,
						int part)
{
	for (size_t i = 0; i < runs->plan.accuracy_count; i++) {
		const char *label = runs->plan.accuracies[i].label;
		const bool weights = !strstr(label, " w=float ");
		const bool activations = !strstr(label, " a=float ");

		if (strstr(label, policy) && weights == (part != PART_ACTIVATIONS) &&
		    activations == (part != PART_WEIGHTS))
			return &runs->cells[i].result;
	}
	fail_msg("no recipe has %s and part %d", policy, part);
	return NULL;
}

static void check_answer(const char *what, const struct sensitivity_answer *answer,
			 const struct network_result *recipe)
{
	const struct task_numbers *task = &recipe->task[RUN_SIMULATED];

	assert_true(answer->known);
	assert_same(what, answer->sqnr_db,
		    recipe->layers[recipe->layer_count - 1].cumulative_sqnr_db);
	assert_same(what, answer->value, task->value);
	assert_true(answer->lost == task->lost && answer->gained == task->gained);
}

static int check_part(const struct study *study, const struct runs *runs,
		      const struct sensitivity *sensitivity, const struct layers *layers, int part)
{
	char what[200];
	int count = 0;

	snprintf(what, sizeof what, " %s ", study->policy);
	check_answer(what, &sensitivity->quantized[part], find_recipe(runs, what, part));
	for (size_t l = 0; l < layers->count; l++) {
		const struct sensitivity_layer *layer = &sensitivity->layers[l];

		if (!layer->has[part])
			continue;
		for (int way = 0; way < WAYS; way++) {
			snprintf(what, sizeof what, study->ways[way].label, layers->layers[l].name);
			check_answer(what, way ? &layer->spared[part] : &layer->only[part],
				     find_recipe(runs, what, part));
		}
		count++;
	}
	return count;
}

static void numbers_are_those_of_recipes(void **state)
{
	/* 10 of 14 layers of glyphs have weights; of arm's 9 the first and the last stay float */
	static const int counts[][PARTS] = { { 10, 14, 14 }, { 10, 14, 14 }, { 7, 7, 7 } };

	(void)state;
	for (size_t i = 0; i < sizeof studies / sizeof *studies; i++) {
		const struct study *study = &studies[i];
		struct runs asked, recipes;

		measure_sensitivity(&asked, study,
				    (struct network_options){ .jobs = 1, .memory = 1 << 30 });
		const struct layers *layers = &asked.plan.layers[0];
		const struct sensitivity *sensitivity = asked.cells[0].result.sensitivity;

		assert_non_null(sensitivity);
		assert_int_equal(sensitivity->samples, asked.cells[0].result.samples);
		assert_same("float", sensitivity->float_value,
			    asked.cells[0].result.task[RUN_FLOAT].value);
		measure_recipes(&recipes, study, layers);
		for (int part = 0; part < PARTS; part++)
			assert_int_equal(check_part(study, &recipes, sensitivity, layers, part),
					 counts[i][part]);
		runs_free(&recipes);
		runs_free(&asked);
	}
}

static void assert_same_answers(const struct sensitivity *a, const struct sensitivity *b,
				size_t layers)
{
	assert_true(a->samples == b->samples && a->counted == b->counted);
	assert_same("float", a->float_value, b->float_value);
	for (int part = 0; part < PARTS; part++) {
		assert_int_equal(a->has[part], b->has[part]);
		assert_same("quantized", a->quantized[part].sqnr_db, b->quantized[part].sqnr_db);
		for (size_t l = 0; l < layers; l++) {
			const struct sensitivity_layer *x = &a->layers[l], *y = &b->layers[l];

			assert_int_equal(x->has[part], y->has[part]);
			assert_same("only", x->only[part].sqnr_db, y->only[part].sqnr_db);
			assert_same("only", x->only[part].value, y->only[part].value);
			assert_same("spared", x->spared[part].sqnr_db, y->spared[part].sqnr_db);
			assert_same("spared", x->spared[part].value, y->spared[part].value);
			assert_true(x->only[part].lost == y->only[part].lost &&
				    x->spared[part].gained == y->spared[part].gained);
		}
	}
}

/* Seven samples: the last batch is cut where batches are of 4, and lies in the first of 10. */
static void same_for_any_jobs_batch_and_memory(void **state)
{
	static const char blocks[] =
		"{\"weights\":{\"bits\":[4,8]},\"activations\":{\"bits\":[5,\"float\"],"
		"\"range\":[\"static\",\"dynamic\"]},\"policy\":[\"all\",\"skip_residual\"]},"
		"{\"activations\":{\"bits\":6}}";
	static const struct network_options ways[] = {
		{ .jobs = 1, .memory = 1 << 30, .batch = 1 },
		{ .jobs = 3, .memory = 1 << 30, .batch = 4 },
		{ .jobs = 2, .memory = 1 << 30, .batch = 10 },
		{ .jobs = 3, .memory = 1 },
	};
	struct runs first, other;

	(void)state;
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		struct runs *runs = i ? &other : &first;

		plan_sensitivity(runs, GLYPHS, blocks, "\"sensitivity_samples\":7,");
		measure_with(runs, ways[i]);
		for (size_t c = 0; i && c < first.plan.accuracy_count; c++)
			assert_same_answers(first.cells[c].result.sensitivity,
					    other.cells[c].result.sensitivity,
					    first.plan.layers[0].count);
		if (i)
			runs_free(&other);
	}
	assert_int_equal(first.cells[0].result.sensitivity->samples, 7);
	runs_free(&first);
}

/* A chain of 9 layers with weights, one after the other 45 suffixes' layers.  Sparing the activations
 * of a layer is undone by the next one: two layers; before the first nobody quantizes the input, and
 * after the last nobody the output. */
static void what_a_chain_costs(void **state)
{
	const struct network_options options = { .jobs = 2, .memory = 1 << 30 };
	const uint64_t samples = 30, suffixes = 45;
	struct runs runs;

	(void)state;
	measure_sensitivity(&runs, &(struct study){ .subject = ARM, .weights = "{\"bits\":3}",
						    .activations = "{\"bits\":6}",
						    .policy = "all" }, options);
	const struct sensitivity *sensitivity = runs.cells[0].result.sensitivity;
	const struct layers *layers = &runs.plan.layers[0];
	const uint64_t *counted = sensitivity->runs;
	uint64_t macs = 0, only = 0;

	assert_int_equal(layers->count, 9);
	assert_true(counted[SENSITIVITY_BASE] == 3 * 9 * samples);
	assert_true(counted[SENSITIVITY_ONLY] == 3 * suffixes * samples);
	assert_true(counted[SENSITIVITY_SPARED] == (2 * suffixes + 9 + 7 * 2 + 1) * samples);
	for (size_t l = 0; l < 9; l++) {
		const uint64_t own = (uint64_t)layers->layers[l].macs;

		only += (l + 1) * own;
		/* parts; weights and both spared; activations: the first, and itself and the next */
		macs += (3 + 2 * (l + 1) + 1 + (l > 0) + (l > 1)) * own;
	}
	assert_true(sensitivity->macs == (macs + 3 * only) * samples);
	runs_free(&runs);
}

/* Of fewer samples: those that a shuffle puts first, in their own order.  A regression's recipe keeps
 * each sample's loss. */
static void fewer_samples_are_drawn(void **state)
{
	enum { ALL = 30, DRAWN = 11 };
	static const char blocks[] = "{\"weights\":{\"bits\":4},\"activations\":{\"bits\":8}}";
	bool picked[ALL] = { false };
	size_t order[ALL];
	uint64_t drawn = 0;
	double losses[ALL], sum = 0;
	struct runs runs;

	(void)state;
	plan_sensitivity(&runs, ARM, blocks, "\"sensitivity_samples\":11,");
	measure_with(&runs, (struct network_options){ .jobs = 2, .memory = 1 << 30, .batch = 4 });
	const struct network_result *result = &runs.cells[0].result;

	assert_int_equal(result->task[RUN_SIMULATED].samples_size, sizeof losses);
	memcpy(losses, result->task[RUN_SIMULATED].samples, sizeof losses);
	for (size_t i = 0; i < ALL; i++)
		order[i] = i;
	random_shuffle(order, ALL, 1, 0x5e45, &drawn);
	for (int i = 0; i < DRAWN; i++)
		picked[order[i]] = true;
	for (int i = 0; i < ALL; i++)
		sum += picked[i] ? losses[i] : 0;
	assert_same("drawn", result->sensitivity->quantized[PART_BOTH].value, sum / DRAWN);
	/* not the first ones */
	assert_false(picked[0] && picked[1] && picked[2] && picked[3]);
	runs_free(&runs);
}

/* Of the network as it comes: within 0.6 passes a layer, of the evaluation's samples. */
static void the_standard_keeps_its_price(void **state)
{
	const struct network_options options = { .jobs = 2, .memory = 1 << 30 };
	static const char *const subjects[] = { "builtin:glyphs", "builtin:arm" };
	static const char blocks[] = "{\"weights\":{\"bits\":4},\"activations\":{\"bits\":8,"
				     "\"range\":[\"static\",\"dynamic\"]}}";

	(void)state;
	for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++) {
		char subject[200];
		struct runs runs;

		snprintf(subject, sizeof subject, "{\"network\":\"%s\",\"calibration_data\":"
			 "{\"samples\":8},\"evaluation_data\":{\"samples\":100}}", subjects[i]);
		plan_sensitivity(&runs, subject, blocks, "");
		measure_with(&runs, options);
		for (size_t c = 0; c < runs.plan.accuracy_count; c++) {
			const struct network_result *result = &runs.cells[c].result;
			const struct sensitivity *sensitivity = result->sensitivity;
			const double layers = (double)result->layer_count;
			uint64_t all = 0;

			for (int kind = 0; kind < SENSITIVITY_RUNS; kind++)
				all += sensitivity->runs[kind];
			const double passes = (double)all / layers / 100;
			const double by_macs = (double)sensitivity->macs / 100 /
					       (double)(result->integer_macs + result->float_macs);

			print_message("# %s: %lld samples, %.2f passes a layer, %.2f by macs\n",
				      subjects[i], (long long)sensitivity->samples,
				      passes / layers, by_macs / layers);
			assert_true(passes <= 0.6 * layers && by_macs <= 0.6 * layers);
			assert_true(passes > 0.2 * layers);
		}
		runs_free(&runs);
	}
}

/* Three layers of 1, 1 and 4 macs: suffixes (1 + 2 + 3 * 4) / 6 = 2.5, by layers 2: 3 + 6 * 2.5. */
static void samples_by_hand(void **state)
{
	struct layer three[3] = { { .macs = 1 }, { .macs = 1 }, { .macs = 4 } };
	const struct layers layers = { .count = 3, .layers = three };

	(void)state;
	assert_true(sensitivity_passes(&layers) == 18);
	/* 1.8 / 18 = 0.1 */
	assert_int_equal(sensitivity_samples(&layers, 0, 1005), 100);
	assert_int_equal(sensitivity_samples(&layers, 0, 3), 1);
	assert_int_equal(sensitivity_samples(&layers, 7, 1000), 7);
	assert_int_equal(sensitivity_samples(&layers, 2000, 1000), 1000);
	three[2].macs = three[0].macs = three[1].macs = 0;
	assert_true(sensitivity_passes(&layers) == 15);
}

static void only_parts_that_there_are(void **state)
{
	static const char blocks[] = "{\"weights\":{\"bits\":[4,\"float\"]},"
				     "\"activations\":{\"bits\":\"float\"}}";
	struct runs runs;

	(void)state;
	plan_sensitivity(&runs, GLYPHS, blocks, "");
	measure_with(&runs, (struct network_options){ .jobs = 1, .memory = 1 << 30 });
	const struct sensitivity *weights = runs_find(&runs, "w=int4", "")->sensitivity;
	const struct sensitivity *nothing = runs_find(&runs, "w=float", "")->sensitivity;
	const struct layers *layers = &runs.plan.layers[0];

	assert_true(weights->has[PART_BOTH]);
	assert_false(weights->has[PART_WEIGHTS] || weights->has[PART_ACTIVATIONS]);
	for (size_t l = 0; l < layers->count; l++) {
		assert_int_equal(weights->layers[l].has[PART_BOTH],
				 layers->layers[l].weights.values != NULL);
		assert_false(nothing->layers[l].has[PART_BOTH]);
	}
	assert_true(weights->runs[SENSITIVITY_BASE] ==
		    layers->count * (uint64_t)weights->samples);
	assert_false(nothing->has[PART_BOTH]);
	assert_true(nothing->runs[SENSITIVITY_ONLY] + nothing->macs == 0);
	runs_free(&runs);
	/* left out, it is not measured */
	runs_make(&runs, ARM, "{\"weights\":{\"bits\":8}}", 1);
	assert_null(runs.cells[0].result.sensitivity);
	runs_free(&runs);
}

/* Two products of 2 x 1 and 1 x 1. */
struct two {
	struct env env;
	struct libraries libraries;
	float weights[3];
	struct edge edges[3];
	struct layer layer[2];
	struct layers layers;
	struct network network;
	struct subject subject;
	struct accuracy_cell cell;
	struct kept kept;
	struct runs runs;
};

extern const struct layer_operation layer_gemm;

/* Of class 1 from the third on. */
static int one_sample(uint64_t seed, uint64_t index, float *x, float *target)
{
	(void)seed;
	x[0] = 1;
	x[1] = 0.4F;
	if (target)
		target[0] = 0.25F;
	return index >= 2;
}

static void make_two(struct two *two, const char *metric, int classes, const char *recipe)
{
	*two = (struct two){
		.env = env_system(), .weights = { -0.35F, 1, 1 },
		.edges = { { 1, 1, 2, 2 }, { 1, 1, 1, 1 }, { 1, 1, 1, 1 } },
		.network = { .inputs = 2, .outputs = 1, .classes = classes, .sample = one_sample },
		.subject = { .kind = SUBJECT_NETWORK, .metric = value_find(metric_values, metric),
			     .measure = MEASURE_SENSITIVITY, .sensitivity_samples = 2,
			     .calibration = { .samples = 1, .scale = 1 },
			     .evaluation = { .samples = 4, .scale = 1 } },
		.cell = { .label = (char *)recipe, .cost = 7 },
	};
	two->subject.network = &two->network;
	two->layers = (struct layers){ .env = &two->env, .count = 2, .layers = two->layer,
				       .edges = two->edges };
	for (size_t l = 0; l < 2; l++) {
		const int64_t columns = two->edges[l].elements;

		two->layer[l] = (struct layer){
			.name = l ? "second" : "first", .operation = &layer_gemm,
			.input_count = 1, .inputs = { l }, .macs = columns,
			.weights = { .env = &two->env, .rank = 2, .shape = { 1, columns },
				     .order = { 0, 1 }, .rows = 1, .columns = columns,
				     .values = two->weights + 2 * l },
			.conv = { .height = 1, .width = 1, .channels = columns, .kernel_h = 1,
				  .kernel_w = 1, .stride_h = 1, .stride_w = 1, .dilation_h = 1,
				  .dilation_w = 1 },
		};
	}
}

static const struct sensitivity *measure_two(struct two *two)
{
	const struct network_options options = { .jobs = 1, .memory = 1 << 20 };
	struct error error;

	if (libraries_open(&two->libraries, &two->env, &error) ||
	    recipe_read(&two->cell.recipe, &two->env, two->cell.label, &error))
		fail_msg("%s", error.text);
	two->runs.cells = &two->kept;
	two->runs.plan = (struct plan){ .env = &two->env, .libraries = &two->libraries,
					.subjects = { .env = &two->env, .count = 1,
						      .subjects = &two->subject },
					.layers = &two->layers, .accuracy_count = 1,
					.accuracies = &two->cell };
	if (network_measure(&two->runs.plan, 0, 1, &options, keep_result, count_step, &two->runs,
			    &error))
		fail_msg("%s", error.text);
	if (two->kept.result.outcome != OUTCOME_DONE)
		fail_msg("%s", two->kept.result.reason);
	return two->kept.result.sensitivity;
}

static void free_two(struct two *two)
{
	runs_forget(&two->runs);
	recipe_free(&two->cell.recipe, &two->env);
	libraries_close(&two->libraries);
}

/* Input (1, 0.4), in steps of 1/3: (1, 1/3); weights (-0.35, 1), in steps of 1: (0, 1).  The first
 * output is 0.05 in float, 0.4 or 1/3 with its weights quantized, and with its activations alone
 * 1/3 - 0.35: below 0, which codes without a sign refuse. */
static void a_part_without_a_range_has_no_numbers(void **state)
{
	struct two two;

	(void)state;
	make_two(&two, "mse", 0, "w=int2.symmetric.real.channel.minmax "
		 "a=int2.symmetric_unsigned.real.tensor.minmax.dynamic half_even float all none s1");
	const struct sensitivity *sensitivity = measure_two(&two);
	const struct sensitivity_layer *first = &sensitivity->layers[0];
	const struct sensitivity_layer *second = &sensitivity->layers[1];

	assert_false(sensitivity->counted);
	assert_true(sensitivity->quantized[PART_BOTH].known);
	assert_true(sensitivity->quantized[PART_WEIGHTS].known);
	assert_false(sensitivity->quantized[PART_ACTIVATIONS].known);
	assert_true(isnan(sensitivity->quantized[PART_ACTIVATIONS].value));
	/* float 0.05 becomes 1/3: errors 0.2^2 and (1/12)^2 */
	assert_true(fabs(sensitivity->float_value - 0.04) < 1e-7);
	assert_true(fabs(first->only[PART_BOTH].value - 1.0 / 144) < 1e-7);
	assert_true(fabs(first->only[PART_BOTH].sqnr_db - 20 * log10(0.05 * 60 / 17)) < 1e-4);
	assert_true(fabs(first->only[PART_WEIGHTS].value - 0.0225) < 1e-7);
	assert_false(first->only[PART_ACTIVATIONS].known);
	assert_true(isnan(first->only[PART_ACTIVATIONS].sqnr_db));
	assert_true(second->only[PART_ACTIVATIONS].known);
	/* nobody quantizes the input, and the output of 0.05 is the greatest of its own range */
	assert_true(fabs(first->spared[PART_BOTH].value - 0.04) < 1e-7);
	assert_false(first->spared[PART_ACTIVATIONS].known);
	assert_false(second->spared[PART_ACTIVATIONS].known);
	assert_non_null(strstr(two.kept.result.warning, "first: its sensitivity lacks numbers"));
	free_two(&two);
}

/* One sample is of one class: the area under its curve is none, and the rest of the cell stands. */
static void samples_of_one_class_have_no_area(void **state)
{
	struct two two;

	(void)state;
	make_two(&two, "auc", 2, "w=int2.symmetric.real.channel.minmax a=float half_even float "
		 "all none s1");
	for (int64_t samples = 1; samples <= 4; samples += 3) {
		two.subject.sensitivity_samples = samples;
		const struct sensitivity *sensitivity = measure_two(&two);
		const struct sensitivity_answer *first = &sensitivity->layers[0].only[PART_BOTH];

		assert_int_equal(isnan(sensitivity->float_value) != 0, samples == 1);
		assert_true(first->known && !isnan(first->sqnr_db));
		assert_int_equal(isnan(first->value) != 0, samples == 1);
		/* all samples are alike: half are told apart */
		assert_true(two.kept.result.task[RUN_FLOAT].value == 0.5);
		if (samples == 4)
			assert_true(first->value == 0.5 && sensitivity->float_value == 0.5);
		free_two(&two);
	}
}

static void without_memory(void **state)
{
	static const char blocks[] = "{\"weights\":{\"bits\":4},\"activations\":{\"bits\":8}}";
	const struct network_options options = { .jobs = 1, .memory = 1 << 30 };
	struct failing failing = { 0, -1 };
	struct runs runs;
	struct error error;
	long calls;

	(void)state;
	plan_sensitivity(&runs, ARM, blocks, "");
	runs.env.resize = env_failing(&failing).resize;
	runs.env.self = &failing;
	if (runs_measure(&runs, &options, &error))
		fail_msg("%s", error.text);
	runs_forget(&runs);
	calls = failing.calls;
	for (long at = 0; at < calls; at++) {
		failing = (struct failing){ 0, at };
		assert_int_equal(runs_measure(&runs, &options, &error), -1);
		assert_int_equal(error.status, STATUS_MACHINE);
		assert_false(runs.cells[0].done);
	}
	failing.fail_at = -1;
	runs_free(&runs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_those_of_recipes),
		cmocka_unit_test(same_for_any_jobs_batch_and_memory),
		cmocka_unit_test(fewer_samples_are_drawn),
		cmocka_unit_test(what_a_chain_costs),
		cmocka_unit_test(the_standard_keeps_its_price),
		cmocka_unit_test(samples_by_hand),
		cmocka_unit_test(only_parts_that_there_are),
		cmocka_unit_test(a_part_without_a_range_has_no_numbers),
		cmocka_unit_test(samples_of_one_class_have_no_area),
		cmocka_unit_test(without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
